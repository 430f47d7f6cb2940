#!/usr/bin/env bash
# verify-receipt.sh: tell whose a receipt is, for which test, when it was issued, and whether the submission counts.
#
# Usage: verify-receipt.sh [--local] [--stage NAME] RECEIPT
#
#   --local       Use the local cloud instead of AWS.
#   --stage NAME  The stage (default: the first one in inventory.yml).
#   RECEIPT       As the student got it, for example R-3f9a0c5be1d24786.
#
# A receipt contains nothing but a random number, so all submissions are searched: one request for each at most, 16 at a
# time, and one for every 1,000 to list them. Answers are not read.
#
# Exit codes: 0 found, 1 error, 2 wrong usage, 3 no stored submission has this receipt.
set -euo pipefail
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/trainer.sh"

receipt=''
while [ $# -gt 0 ]; do
  take_common_option "$@"
  case $taken$1 in
    0-*) usage_error "unknown argument '$1'" ;;
    0*)
      [ -z "$receipt" ] || usage_error "only one receipt can be checked at a time"
      receipt=$1 taken=1
      ;;
  esac
  shift "$taken"
done
[ -n "$receipt" ] || usage_error "a receipt is needed"
ensure_venv
use_cloud "$is_local"
run_cli verify_receipt ${stage:+--stage "$stage"} "$receipt"
