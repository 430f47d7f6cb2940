#!/usr/bin/env bash
# Usage: ./run-tests.sh [lint|unit|e2e|browser|bench] [test file or pytest option ...]
#
# Checks the project. Without an argument, runs lint, then unit, then e2e and browser at the same time.
#
#   lint     ruff, mypy, shellcheck, yamllint, ansible-lint, cfn-lint, checkov; and on the packaged templates statelint,
#            parliament, openapi-spec-validator and cfn-lint
#   unit     the unit tests, with AWS simulated in the test process (moto); they do not use the network
#   e2e      the real scripts against a separate local cloud that enforces IAM policies
#   browser  the students' page in Chromium
#   bench    the benchmarks, which print measurements and neither pass nor fail
#
# Missing dependencies are installed into .venv and .venv-checkov. If the e2e and browser tests do not find Chromium, it
# is installed with apt-get, provided that this script runs as root on Debian or Ubuntu.
#
# Exit codes: 0 all passed, 1 something failed, 2 wrong usage.
set -euo pipefail
# shellcheck source=bin/lib/environment.sh
. "$(dirname "$0")/bin/lib/environment.sh"
cd "$ROOT"

ensure_checkov() {
  local stamp=.venv-checkov/.installed python
  cmp -s tests/requirements-checkov.txt "$stamp" && return
  python=$(find_python) || exit
  "$python" -m venv --clear .venv-checkov
  run_quietly "Installing checkov into .venv-checkov, because it needs a different version of boto3" .build/checkov.log \
    .venv-checkov/bin/python -m pip install --disable-pip-version-check --no-compile -r tests/requirements-checkov.txt
  cp tests/requirements-checkov.txt "$stamp"
}

ensure_chromium() {
  local name
  for name in ${CHROMIUM:-} chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && return
  done
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    run_quietly "Installing Chromium, which the tests open the page in" .build/chromium.log \
      sh -c 'apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium'
  else
    fail "these tests need Chromium: install it (on Debian and Ubuntu: sudo apt install chromium), or set CHROMIUM to its command"
  fi
}

shell_scripts() {
  git ls-files -co --exclude-standard -- '*.sh' '*.bash' .ci/run
}

lint() {
  # Not joined by &&: set -e only considers the last command of a list, so a failed check would pass.
  step "ruff";         ruff check .; ruff format --check .
  step "mypy";         mypy lambda_src plugins cli tests
  step "shellcheck";   shell_scripts | xargs shellcheck
  step "yamllint";     yamllint --strict .
  step "ansible-lint"; ansible-lint --offline --strict --profile production
  step "cfn-lint";     cfn-lint
  step "packaged templates"; PYTHONPATH=tests:lambda_src:.build/collections python -W ignore -m gates
  ensure_checkov
  step "checkov";      .venv-checkov/bin/checkov --config-file .checkov.yml
}

# run_pytest FOLDER [argument ...]: run the tests in FOLDER, or only those in it that an argument names.
run_pytest() {
  local folder=$1 argument
  shift
  for argument in "$@"; do
    case $argument in "$folder"/*) folder='' ;; esac
  done
  pytest ${folder:+"$folder"} "$@"
}

unit()    { step "unit tests";    run_pytest tests/unit -n 2 "$@"; }
e2e()     { ensure_chromium; step "end-to-end tests"; run_pytest tests/e2e "$@"; }
browser() { ensure_chromium; step "browser tests"; run_pytest tests/browser -n 2 "$@"; }
bench()   { step "benchmarks"; local script; for script in tests/benchmarks/*.py; do python "$script"; done; }

# The end-to-end tests wait for the local cloud much of the time, so the browser tests run beside them.
e2e_beside_browser() {
  local log=.build/e2e.log pid status=0
  ensure_chromium
  e2e "$@" >"$log" 2>&1 &
  pid=$!
  # shellcheck disable=SC2064 # this process
  trap "kill $pid 2>/dev/null || true" EXIT
  browser "$@" || status=$?
  wait "$pid" || status=$?
  cat "$log"
  return "$status"
}

case ${1:-all} in
  -h | --help) show_help; exit ;;
  all | lint | unit | e2e | browser | bench) ;;
  *) usage_error "unknown argument '$1'" ;;
esac
ensure_venv requirements-dev.txt
use_ansible
export PATH="$VENV/bin:$PATH"
part=${1:-all}
[ $# -eq 0 ] || shift
if [ "$part" = all ]; then
  for each in lint unit e2e_beside_browser; do "$each"; done
else
  "$part" "$@"
fi
step "passed: $part"
