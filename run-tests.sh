#!/usr/bin/env bash
# Usage: ./run-tests.sh [lint|unit|e2e|browser|bench] [pytest option ...]
#
# Checks the project. Without an argument: lint, unit, e2e and browser, in this order.
#
#   lint     ruff, mypy, shellcheck, yamllint, ansible-lint, cfn-lint, checkov
#   unit     the unit tests, with AWS simulated in the process (moto); no network
#   e2e      the real scripts against a local cloud of their own, with IAM enforced
#   browser  the students' page in a real Chromium
#   bench    the benchmarks; they print ratios and pass no judgement
#
# What is needed and missing is installed into .venv and .venv-checkov; Chromium, where the
# e2e and browser tests do not find it, by apt-get when this runs as root on Debian or Ubuntu.
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
  run_quietly "Installing checkov, which wants another boto3, into .venv-checkov" .build/checkov.log \
    .venv-checkov/bin/python -m pip install --disable-pip-version-check --no-compile -r tests/requirements-checkov.txt
  cp tests/requirements-checkov.txt "$stamp"
}

ensure_chromium() {
  local name
  for name in ${CHROMIUM:-} chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && return
  done
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    run_quietly "Installing Chromium, in which the tests open the page" .build/chromium.log \
      sh -c 'apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium'
  else
    fail "these tests need Chromium: install it (on Debian and Ubuntu: sudo apt install chromium), or name it in CHROMIUM"
  fi
}

shell_scripts() {
  git ls-files -co --exclude-standard -- '*.sh' .ci/run
}

lint() {
  # Not joined by &&: set -e looks at the last of a list alone, so a failed check would pass.
  step "ruff";         ruff check .; ruff format --check .
  step "mypy";         mypy lambda_src plugins cli tests
  step "shellcheck";   shell_scripts | xargs shellcheck
  step "yamllint";     yamllint --strict .
  step "ansible-lint"; ansible-lint --offline --strict --profile production
  step "cfn-lint";     cfn-lint
  ensure_checkov
  step "checkov";      .venv-checkov/bin/checkov --config-file .checkov.yml
}

unit()    { step "unit tests";    pytest -n 2 tests/unit "$@"; }
e2e()     { ensure_chromium; step "end-to-end tests"; pytest tests/e2e "$@"; }
browser() { ensure_chromium; step "browser tests"; pytest -n 2 tests/browser "$@"; }
bench()   { step "benchmarks"; local script; for script in tests/benchmarks/*.py; do python "$script"; done; }

case ${1:-all} in
  -h | --help) show_help; exit ;;
  all | lint | unit | e2e | browser | bench) ;;
  *) usage_error "$1 is no part of the checks" ;;
esac
ensure_venv requirements-dev.txt
use_ansible
export PATH="$VENV/bin:$PATH"
part=${1:-all}
[ $# -eq 0 ] || shift
if [ "$part" = all ]; then
  for each in lint unit e2e browser; do "$each"; done
else
  "$part" "$@"
fi
step "passed: $part"
