# shellcheck shell=bash
# The lock that a script holds while it creates .venv, so that several scripts can start at the same time. Needs ROOT
# and messages.sh.

# The lock is a folder, because creating one is atomic on every file system. In it, `pid` holds the owner's process ID,
# so that the lock of a dead process can be taken over. The owner writes its ID at once: a lock that has none for
# 5 seconds, or an empty one, is that of a process that died before it could, or of a computer that lost power.
lock_venv() {
  local lock=$ROOT/.build/venv.lock error owner waited_for waited=0 ownerless=0 refused=0
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
    if [ "$ownerless" -gt 5 ] || { [ -n "$owner" ] && ! is_alive "$owner"; }; then
      ! take_lock_over "$owner" "$waited" || break
    fi
    [ -n "$owner" ] && waited_for="process $owner" || waited_for="another script"
    [ "$ownerless" -le 10 ] || fail "cannot write to $lock: check its permissions and the free space"
    [ "$waited" -lt 900 ] || fail "$waited_for has not finished creating .venv within 15 minutes; if it is not running, remove $lock"
    [ $((waited % 10)) -ne 0 ] || step "Waiting for $waited_for to finish creating .venv; its lock is $lock"
    sleep 1
    waited=$((waited + 1))
  done
  trap unlock_venv EXIT
}

# is_alive PID: whether the process is running. kill also fails with another user's process, ps does not.
is_alive() {
  kill -0 "$1" 2>/dev/null || [ -n "$(ps -o pid= -p "$1" 2>/dev/null)" ]
}

# claim_lock: becomes the owner of a lock that this process has just created, unless it was so slow that another process
# has taken it over.
claim_lock() {
  local lock=$ROOT/.build/venv.lock error
  if ! error=$({ set -o noclobber && printf '%s\n' "$$" >"$lock/pid"; } 2>&1); then
    [ -z "$(cat "$lock/pid" 2>/dev/null || true)" ] || return 1
    rm -rf "$lock"
    fail "cannot write $lock/pid: $error"
  fi
  [ "$(cat "$lock/pid" 2>/dev/null || true)" = "$$" ]
}

# take_lock_over OWNER WAITED: becomes the owner of the lock of a dead process (OWNER is empty if it wrote no ID). Of
# several processes, the one that can create a second folder looks whether the lock is still the dead one's. One that
# dies while it has that folder loses it a few seconds later.
take_lock_over() {
  local lock=$ROOT/.build/venv.lock error=''
  if ! error=$(mkdir "$lock/takeover" 2>&1); then
    if [ -d "$lock/takeover" ]; then
      [ $(($2 % 10)) -ne 9 ] || rm -rf "$lock/takeover"
    elif [ -e "$lock" ] && [ "$(cat "$lock/pid" 2>/dev/null || true)" = "$1" ]; then
      fail "cannot take over $lock from process ${1:-unknown}, which has ended: $error"
    fi
    return 1
  fi
  if [ "$(cat "$lock/pid" 2>/dev/null || true)" != "$1" ]; then
    rm -rf "$lock/takeover"
    return 1
  fi
  error=$({ printf '%s\n' "$$" >"$lock/$$" && mv -f "$lock/$$" "$lock/pid"; } 2>&1) ||
    fail "cannot take over $lock from process ${1:-unknown}, which has ended: $error"
  rm -rf "$lock/takeover"
}

# unlock_venv: gives the lock up, at once with all that is in it.
unlock_venv() {
  mv -f "$ROOT/.build/venv.lock" "$ROOT/.build/venv.lock.$$"
  rm -rf "$ROOT/.build/venv.lock.$$"
  trap - EXIT
}
