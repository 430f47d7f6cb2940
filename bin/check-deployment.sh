#!/usr/bin/env bash
# check-deployment.sh: check a deployment from outside, as a student and as its owner would see it.
#
# Usage: check-deployment.sh [--local] [--stage NAME] [--json]
#
#   --local       Check the local cloud instead of AWS. Some checks only AWS can answer.
#   --stage NAME  The stage (default: the first one in inventory.yml).
#   --json        Print the results as JSON.
#
# Each check is `ok`, `wrong` (with what to do) or `not checked` (with the reason).
#
# For a minute or two, the check adds a student and a test that no one else can see: it takes the test through the API
# and has it scored. The emails about it go to Amazon SES's simulator. Everything is removed at the end, also after
# Ctrl-C: if the run that scores the test is still at work, the check first waits for it. Only the entries in logs, the
# name of its run in Step Functions, and its requests and results in the metrics and the dashboard remain. If something
# is wrong, the check may set off the alarm about it. Nothing of the class is changed, and you can publish it at the same
# time.
#
# Start only one check of a stage at a time: a second one ends with an error, unless both begin at once. If a check is
# killed, the next one removes what it has left, from 20 minutes after it began. What could not be removed is listed by
# the check `removal`.
#
# Exit codes: 0 nothing is wrong; 1 error, also if others were already found wrong; 2 wrong usage; 3 something is wrong;
# 129, 130 or 143 stopped by a signal, such as Ctrl-C.
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
