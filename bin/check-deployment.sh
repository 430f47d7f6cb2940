#!/usr/bin/env bash
# check-deployment.sh: check a deployment from outside, as a student and as its owner would see it.
#
# Usage: check-deployment.sh [--local] [--stage NAME] [--json]
#
#   --local       Check the local cloud instead of AWS. Some checks only AWS can answer.
#   --stage NAME  The stage (default: the one in group_vars/all.yml).
#   --json        Print the results as JSON.
#
# Each check is `ok`, `wrong` (with what to do) or `not checked` (with the reason).
#
# For a minute or two, the check adds a student and a test that no one else can see: it takes the test through the API
# and has it scored. The emails about it go to Amazon SES's simulator. Everything is removed at the end, also after
# Ctrl-C; if the check is killed, the next check removes what it has left. Only the entries in logs and the name of its
# run in Step Functions remain. Nothing of the class is changed, and you can publish it at the same time. Check a stage
# only once at a time.
#
# Exit codes: 0 nothing is wrong; 1 error; 2 wrong usage; 3 something is wrong.
set -euo pipefail
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/trainer.sh"

options=()
while [ $# -gt 0 ]; do
  take_common_option "$@"
  case $taken$1 in
    0--json) options+=(--json) taken=1 ;;
    0*) usage_error "unknown argument '$1'" ;;
  esac
  shift "$taken"
done
ensure_venv
use_cloud "$is_local"
run_cli check_deployment ${stage:+--stage "$stage"} ${options[@]+"${options[@]}"}
