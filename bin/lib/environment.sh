# shellcheck shell=bash
# What the trainer's scripts share: messages, the virtual environment, and which cloud they talk to.
# Sourced, never run. Sets ROOT (the project's folder), VENV, LOCAL_CLOUD_PORT and PROGRAM.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
VENV=$ROOT/.venv
PROGRAM=$(basename "$0")
LOCAL_CLOUD_PORT=${LOCAL_CLOUD_PORT:-4566}
export LOCAL_CLOUD_PORT

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  BOLD=$'\033[1m' DIM=$'\033[2m' PLAIN=$'\033[0m'
else
  BOLD='' DIM='' PLAIN=''
fi

# fail MESSAGE [EXIT CODE]: one error, then the end.
fail() {
  printf '%s: %s\n' "$PROGRAM" "$1" >&2
  exit "${2:-1}"
}

# usage_error MESSAGE: the command line itself is wrong.
usage_error() {
  fail "$1 (see $PROGRAM --help)" 2
}

case $LOCAL_CLOUD_PORT in
  0* | *[!0-9]* | ??????*) is_port=no ;;
  *) [ "$LOCAL_CLOUD_PORT" -le 65535 ] && is_port=yes || is_port=no ;;
esac
[ "$is_port" = yes ] || usage_error "LOCAL_CLOUD_PORT is no port from 1 to 65535: '$LOCAL_CLOUD_PORT'"

# step MESSAGE: progress, on stderr, so that a script's output stays clean.
step() {
  printf '%s==>%s %s\n' "$BOLD" "$PLAIN" "$1" >&2
}

# show_help: the script's header comment is its help.
show_help() {
  sed -n '2,/^[^#]/{ /^#/!q; s/^# \{0,1\}//p; }' "$0"
}

# run_quietly MESSAGE LOG COMMAND...: runs a long command with its output in LOG, shows that it is alive,
# and shows the end of LOG where it fails. Returns the command's exit code.
run_quietly() {
  local message=$1 log=$2 started=$SECONDS pid code=0
  shift 2
  step "$message"
  "$@" >"$log" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    if [ -t 2 ]; then
      printf '\r%s    %d s%s' "$DIM" $((SECONDS - started)) "$PLAIN" >&2
    elif [ $(((SECONDS - started) % 10)) -eq 0 ]; then
      printf '    %d s\n' $((SECONDS - started)) >&2
    fi
  done
  [ ! -t 2 ] || printf '\r\033[K' >&2
  wait "$pid" || code=$?
  [ "$code" -eq 0 ] || tail -n 20 "$log" >&2
  return "$code"
}

# find_python: prints a Python that is new enough and can make virtual environments.
find_python() {
  local candidate found=''
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    found=$candidate
    if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  if [ -n "$found" ]; then
    fail "$found cannot make virtual environments: its venv module is missing. Install it, on Debian and Ubuntu with: sudo apt install $("$found" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"
  fi
  fail "Python 3.11 or newer is needed and was not found. Install it, on Debian and Ubuntu with: sudo apt install python3 python3-venv; on macOS with: brew install python@3.13"
}

# ensure_venv [FILE]: makes .venv from the pinned requirements in FILE (requirements.txt), or refreshes it where
# they changed since. Several scripts may do so at once.
ensure_venv() {
  local requirements=${1:-requirements.txt} stamp wanted
  stamp=$VENV/.installed-$requirements
  wanted="$ROOT
$(<"$ROOT/$requirements")"
  if venv_is_current "$stamp" "$wanted"; then
    return
  fi
  lock_venv
  if ! venv_is_current "$stamp" "$wanted"; then
    make_venv "$requirements"
    printf '%s\n' "$wanted" >"$stamp"
  fi
  unlock_venv
}

# venv_is_current STAMP CONTENT: scripts in a virtual environment know its path, so a moved one is not current.
venv_is_current() {
  [ -f "$1" ] && [ "$(<"$1")" = "$2" ] && "$VENV/bin/python" -c '' 2>/dev/null
}

# venv_works: its activate script names the folder it was made for; another one means that the project was moved.
venv_works() {
  [ -f "$VENV/bin/activate" ] || return 1
  case $(<"$VENV/bin/activate") in
    *"$VENV"*) "$VENV/bin/python" -c 'import pip' 2>/dev/null ;;
    *) return 1 ;;
  esac
}

make_venv() {
  local python log=$ROOT/.build/venv.log
  mkdir -p "$ROOT/.build"
  if ! venv_works; then
    python=$(find_python) || exit
    run_quietly "Making the virtual environment .venv" "$log" "$python" -m venv --clear "$VENV" ||
      fail "could not make $VENV"
  fi
  # Compiling all of Ansible's modules takes longer than using the few that are needed.
  run_quietly "Installing the pinned requirements ($1)" "$log" \
    "$VENV/bin/python" -m pip install --disable-pip-version-check --no-compile -r "$ROOT/$1" ||
    fail "could not install the requirements: see the lines above, or $log"
}

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

# use_cloud yes|no: the cloud that every AWS call of this script goes to: the local one, or AWS itself.
# Reads the Region from group_vars/all.yml.
use_cloud() {
  local region
  region=$(run_cli parameter region) || exit
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  [ "$1" = yes ] || return 0
  local credentials=$ROOT/.local-cloud/$LOCAL_CLOUD_PORT/credentials
  [ -f "$credentials" ] || fail "no local cloud was started on port $LOCAL_CLOUD_PORT: run ./deploy-api-gateway.sh --local"
  # shellcheck disable=SC1090  # two assignments, written by local-cloud.sh
  . "$credentials"
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_ENDPOINT_URL="http://127.0.0.1:$LOCAL_CLOUD_PORT"
  export AWS_EC2_METADATA_DISABLED=true NO_PROXY="127.0.0.1${NO_PROXY:+,$NO_PROXY}"
  unset AWS_PROFILE AWS_SESSION_TOKEN AWS_SECURITY_TOKEN
}

# use_ansible: the project is itself the collection training.test_time; a link puts it where Ansible and Python look.
use_ansible() {
  local folder=$ROOT/.build/collections/ansible_collections/training
  export ANSIBLE_CONFIG=$ROOT/ansible.cfg ANSIBLE_HOME=$ROOT/.build/ansible
  [ ! -e "$folder/test_time/galaxy.yml" ] || return 0
  mkdir -p "$folder"
  ln -sfn ../../../.. "$folder/test_time"
}

# run_cli MODULE [ARGUMENT...]: runs a Python module of cli/.
run_cli() {
  local module=$1
  shift
  use_ansible
  PYTHONPATH=$ROOT:$ROOT/.build/collections "$VENV/bin/python" -m "cli.$module" "$@"
}
