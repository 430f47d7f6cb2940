# shellcheck shell=bash
# The lock that a script holds while it creates .venv, so that several scripts can start at the same time. Needs ROOT
# and messages.sh.

# The lock is a folder, because creating one is atomic on every file system. In it, `pid` holds the owner's process ID,
# so that the lock of a dead process can be taken over. The owner writes its ID at once: a lock that has none for
# 5 seconds is that of a process that died before it could.
lock_venv() {
  local lock=$ROOT/.build/venv.lock error owner waited=0 ownerless=0 refused=0
  error=$(mkdir -p "$ROOT/.build" 2>&1) || fail "cannot create $ROOT/.build: $error"
  while :; do
    if error=$(mkdir "$lock" 2>&1); then
      ! claim_lock || break
    elif [ ! -e "$lock" ]; then
      # Its owner may have removed it at this moment, but not again and again.
      refused=$((refused + 1))
      [ "$refused" -lt 10 ] || fail "cannot create $lock: $error"
      continue
    fi
    refused=0
    owner=$(cat "$lock/pid" 2>/dev/null || true)
    [ -n "$owner" ] && ownerless=0 || ownerless=$((ownerless + 1))
    if [ "$ownerless" -gt 5 ] || { [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; }; then
      ! take_lock_over "$owner" || break
    fi
    [ "$waited" -lt 900 ] || fail "another script has not finished creating .venv within 15 minutes; if none is running, remove $lock"
    [ $((waited % 10)) -ne 0 ] || step "Waiting for another script to finish creating .venv"
    sleep 1
    waited=$((waited + 1))
  done
  trap unlock_venv EXIT
}

# claim_lock: becomes the owner of a lock that has none. Of several processes, one succeeds: the others do not replace
# its file.
claim_lock() {
  (set -o noclobber && printf '%s\n' "$$" >"$ROOT/.build/venv.lock/pid") 2>/dev/null
}

# take_lock_over OWNER: becomes the owner of the lock of a dead process (empty: of one that wrote no ID). Of several
# processes, one moves the dead one's ID away. One that comes late moves the new owner's, and puts it back.
take_lock_over() {
  local lock=$ROOT/.build/venv.lock error
  if [ -n "$1" ]; then
    if ! error=$(mv -f "$lock/pid" "$lock/$$" 2>&1); then
      [ "$(cat "$lock/pid" 2>/dev/null || true)" != "$1" ] ||
        fail "cannot take over $lock from process $1, which has ended: $error"
      return 1
    fi
    if [ "$(cat "$lock/$$" 2>/dev/null || true)" != "$1" ]; then
      mv -f "$lock/$$" "$lock/pid" 2>/dev/null || true
      return 1
    fi
  fi
  claim_lock
}

# unlock_venv: gives the lock up, at once with all that is in it.
unlock_venv() {
  mv -f "$ROOT/.build/venv.lock" "$ROOT/.build/venv.lock.$$"
  rm -rf "$ROOT/.build/venv.lock.$$"
  trap - EXIT
}
