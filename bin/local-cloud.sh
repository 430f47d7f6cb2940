#!/usr/bin/env bash
# local-cloud.sh: run the local cloud, an AWS emulator (MiniStack) that only this computer can reach.
#
# Usage: local-cloud.sh start|stop|status|logs|mail [--json]
#
#   start         Start it and wait until it responds. Does nothing if it is already running.
#   stop          Stop it and wait until its state is on disk.
#   status        Show whether it is running, and where.
#   logs          Print its log.
#   mail          Print the emails that it would have sent since it started, newest last. No email leaves this computer.
#     --json      Print them as a JSON list of objects with from, to, subject, date, text and html.
#
# It listens on 127.0.0.1:4566; to change the port, set LOCAL_CLOUD_PORT in the environment. Its state, its log and its
# random credentials are in .local-cloud/<port>/ and are kept when it is stopped. It writes its state when it stops:
# after a crash, remove that folder and deploy again.
#
# Exit codes: 0 done (status: it is running), 1 error, 2 wrong usage, 3 it is not running (status only).
set -euo pipefail
# shellcheck source=bin/lib/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/environment.sh"

HOME_DIR=$ROOT/.local-cloud/$LOCAL_CLOUD_PORT
URL=http://127.0.0.1:$LOCAL_CLOUD_PORT
START_SECONDS=60
STOP_SECONDS=60

# start_time PID: prints when the process started, which distinguishes it from a later process with the same ID. Prints
# nothing if it has ended, even if its parent has not yet collected its exit code (state Z). The same in every time zone
# and language, because another shell may ask.
start_time() {
  TZ=UTC0 LC_ALL=C ps -o stat= -o lstart= -p "$1" 2>/dev/null | sed -n 's/^ *[^Z ][^ ]* *//p' || true
}

# running_pid: prints the process ID of this folder's local cloud; fails if it is not running.
running_pid() {
  local pid started
  [ -f "$HOME_DIR/pid" ] || return 1
  { read -r pid && read -r started; } <"$HOME_DIR/pid" || return 1
  [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] || return 1
  printf '%s\n' "$pid"
}

# answers: whether the local cloud answers within 2 seconds that it is ready. Needs only bash: curl may be missing, and
# Python takes long to start.
answers() (
  exec 3<>"/dev/tcp/127.0.0.1/$LOCAL_CLOUD_PORT" || exit
  printf 'GET /_ministack/ready HTTP/1.0\r\n\r\n' >&3
  read -r -t 2 reply <&3 && [[ $reply == HTTP/*' 200'* ]]
) 2>/dev/null

# need_ps: without ps, it is not known whether the local cloud is running.
need_ps() {
  command -v ps >/dev/null 2>&1 || fail "ps is missing. To install it on Debian or Ubuntu: sudo apt install procps"
}

port_is_free() {
  "$VENV/bin/python" -c '
import socket, sys
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", int(sys.argv[1])))' "$LOCAL_CLOUD_PORT" 2>/dev/null
}

# make_credentials: creates random root credentials for the local cloud, which only this user can read.
make_credentials() {
  [ ! -f "$HOME_DIR/credentials" ] || return 0
  (umask 077 && "$VENV/bin/python" -c '
import secrets, string
print("AWS_ACCESS_KEY_ID=AKIA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16)))
print("AWS_SECRET_ACCESS_KEY=" + secrets.token_hex(20))' >"$HOME_DIR/credentials.new")
  mv "$HOME_DIR/credentials.new" "$HOME_DIR/credentials"
}

start() {
  local pid
  ensure_venv
  if pid=$(running_pid); then
    step "The local cloud is already running on $URL (process $pid)"
  else
    port_is_free || fail "port $LOCAL_CLOUD_PORT is in use by another program. Stop that program, or set LOCAL_CLOUD_PORT to a free port"
    step "Starting the local cloud on $URL"
    launch
  fi
  wait_until_it_answers
}

launch() {
  local region
  region=$(run_cli parameter region) || exit
  mkdir -p "$HOME_DIR"
  chmod 700 "$HOME_DIR"
  make_credentials
  (
    # shellcheck disable=SC1091  # written by make_credentials
    . "$HOME_DIR/credentials"
    export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    export GATEWAY_PORT="$LOCAL_CLOUD_PORT" BIND_HOST=127.0.0.1 AUTH=true MINISTACK_REGION="$region"
    export PERSIST_STATE=1 STATE_DIR="$HOME_DIR/state" S3_PERSIST=1 S3_DATA_DIR="$HOME_DIR/s3"
    export IOT_MTLS_ENABLED=0 SFTP_ENABLED=0
    unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL
    cd "$HOME_DIR"
    exec nohup env PYTHONPATH="$ROOT" "$VENV/bin/python" -m cli.local_cloud.server >"$HOME_DIR/log" 2>&1 </dev/null
  ) &
  printf '%s\n%s\n' "$!" "$(start_time "$!")" >"$HOME_DIR/pid"
}

wait_until_it_answers() {
  local started=$SECONDS next=3
  until answers; do
    if ! running_pid >/dev/null; then
      tail -n 20 "$HOME_DIR/log" >&2
      fail "the local cloud stopped unexpectedly: see the lines above, or $HOME_DIR/log"
    fi
    [ $((SECONDS - started)) -lt "$START_SECONDS" ] || fail "the local cloud did not answer within $START_SECONDS s: see $HOME_DIR/log"
    [ $((SECONDS - started)) -lt "$next" ] || show_seconds
    sleep 0.3
  done
}

stop() {
  local pid started=$SECONDS
  if ! pid=$(running_pid); then
    step "The local cloud is not running on port $LOCAL_CLOUD_PORT"
    return
  fi
  step "Stopping the local cloud on port $LOCAL_CLOUD_PORT"
  kill "$pid"
  while running_pid >/dev/null; do
    [ $((SECONDS - started)) -lt "$STOP_SECONDS" ] || fail "the local cloud (process $pid) did not stop within $STOP_SECONDS s: see $HOME_DIR/log"
    sleep 0.2
  done
  rm -f "$HOME_DIR/pid"
}

status() {
  local pid
  if pid=$(running_pid) && answers; then
    printf 'The local cloud is running on %s (process %s); its state is in %s\n' "$URL" "$pid" "$HOME_DIR"
  else
    printf 'The local cloud is not running on port %s\n' "$LOCAL_CLOUD_PORT"
    exit 3
  fi
}

logs() {
  [ -f "$HOME_DIR/log" ] || fail "the local cloud has never run on port $LOCAL_CLOUD_PORT, so there is no log"
  cat "$HOME_DIR/log"
}

mail() {
  running_pid >/dev/null || fail "the local cloud is not running on port $LOCAL_CLOUD_PORT: start it with ./bin/local-cloud.sh start"
  ensure_venv
  run_cli local_mail "$URL" "$@"
}

[ $# -gt 0 ] || usage_error "a command is needed: start, stop, status, logs or mail"
command=$1
shift
case $command in
  -h | --help) show_help ;;
  start | stop | status | logs)
    [ $# -eq 0 ] || usage_error "unknown argument '$1'"
    [ "$command" = logs ] || need_ps
    "$command"
    ;;
  mail)
    case "$*" in
      '' | --json)
        need_ps
        mail "$@"
        ;;
      *) usage_error "unknown argument '$*'" ;;
    esac
    ;;
  *) usage_error "unknown command '$command'" ;;
esac
