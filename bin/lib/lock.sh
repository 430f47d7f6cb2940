# shellcheck shell=bash
# The lock that a script holds while it creates .venv, so that several scripts can start at the same time.

# The lock is a folder, because creating one is atomic on every file system. It holds the owner's process ID, so that
# the lock of a dead process can be taken over. The owner writes its ID at once: a lock that has none for 5 seconds is
# that of a process that died before it could.
lock_venv() {
  local owner waited=0 ownerless=0
  mkdir -p "$ROOT/.build"
  while ! mkdir "$ROOT/.build/venv.lock" 2>/dev/null; do
    owner=$(cat "$ROOT/.build/venv.lock/pid" 2>/dev/null || true)
    [ -n "$owner" ] && ownerless=0 || ownerless=$((ownerless + 1))
    if [ "$ownerless" -gt 5 ] || { [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; }; then
      ownerless=0
      rm -rf "$ROOT/.build/venv.lock"
      continue
    fi
    [ "$waited" -lt 900 ] || fail "another script has not finished creating .venv within 15 minutes; if none is running, remove $ROOT/.build/venv.lock"
    [ $((waited % 10)) -ne 0 ] || step "Waiting for another script to finish creating .venv"
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
