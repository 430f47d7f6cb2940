# shellcheck shell=bash
# A script's messages: errors and progress on stderr, and its header comment as its help. Needs PROGRAM.

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  BOLD=$'\033[1m' DIM=$'\033[2m' PLAIN=$'\033[0m'
else
  BOLD='' DIM='' PLAIN=''
fi

# fail MESSAGE [EXIT CODE]: prints an error and exits.
fail() {
  printf '%s: %s\n' "$PROGRAM" "$1" >&2
  exit "${2:-1}"
}

# usage_error MESSAGE: reports that the command line is wrong, and exits.
usage_error() {
  fail "$1 (see $PROGRAM --help)" 2
}

# step MESSAGE: shows progress, on stderr so that a script's stdout contains only its output.
step() {
  printf '%s==>%s %s\n' "$BOLD" "$PLAIN" "$1" >&2
}

# show_help: prints the script's header comment.
show_help() {
  sed -n '2,/^[^#]/{ /^#/!q; s/^# \{0,1\}//p; }' "$0"
}

# show_seconds: shows how long something has been running since `started`, and sets `next` to when to do so again: after
# 3 seconds, later after a quarter of the time, so that lines stay few.
show_seconds() {
  local passed=$((SECONDS - started))
  printf '    %d s\n' "$passed" >&2
  next=$((passed + (passed > 12 ? passed / 4 : 3)))
}

# run_quietly MESSAGE LOG COMMAND...: runs a long command with its output in LOG and shows how long it has been running.
# If it fails, shows the end of LOG. Returns the command's exit code.
run_quietly() {
  local message=$1 log=$2 started=$SECONDS pid code=0 next=3
  shift 2
  step "$message"
  "$@" >"$log" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    if [ -t 2 ]; then
      printf '\r%s    %d s%s' "$DIM" $((SECONDS - started)) "$PLAIN" >&2
    elif [ $((SECONDS - started)) -ge "$next" ]; then
      show_seconds
    fi
  done
  [ ! -t 2 ] || printf '\r\033[K' >&2
  wait "$pid" || code=$?
  [ "$code" -eq 0 ] || tail -n 20 "$log" >&2
  return "$code"
}
