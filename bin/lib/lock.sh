# shellcheck shell=bash
# The lock under which .venv is made, so that several scripts may begin at once.

# A folder is a lock on every file system; it holds the owner's process ID, so that a dead owner's lock is taken over.
lock_venv() {
  local owner waited=0
  mkdir -p "$ROOT/.build"
  while ! mkdir "$ROOT/.build/venv.lock" 2>/dev/null; do
    owner=$(cat "$ROOT/.build/venv.lock/pid" 2>/dev/null || true)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
      rm -rf "$ROOT/.build/venv.lock"
      continue
    fi
    [ "$waited" -lt 900 ] || fail "another run did not finish .venv within 15 minutes; if there is none, remove $ROOT/.build/venv.lock"
    [ $((waited % 10)) -ne 0 ] || step "Waiting for another run to finish .venv"
    sleep 1
    waited=$((waited + 1))
  done
  printf '%s\n' "$$" >"$ROOT/.build/venv.lock/pid"
  trap unlock_venv EXIT
}

unlock_venv() {
  rm -rf "$ROOT/.build/venv.lock"
  trap - EXIT
}
