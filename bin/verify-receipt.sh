#!/usr/bin/env bash
# verify-receipt.sh: show what a student's receipt proves: whose it is, for which test, when it was issued by the
# server's clock, whether that was in time, and whether this attempt is the one that counts. Changes nothing. On AWS, it
# needs the rights of docs/people-policy.json besides those to deploy.
#
# Usage: verify-receipt.sh [--local] [--stage NAME] RECEIPT
#
#   --local       Use the local cloud instead of AWS.
#   --stage NAME  The stage (default: the first one in inventory.yml).
#   RECEIPT       The receipt, for example R-3f9a0c5be1d24786, or draft-3f9a0c5be1d24786 of a draft that was handed in
#                 automatically.
#
# Deadlines are those that are published now. "In time" is one of:
#   on time         by the student's deadline, or in the minutes of grace after it
#   late            in the time for late work, which earns only a part of the points
#   after the time  the server accepted it, but the deadline was moved to an earlier time afterwards
#   unknown         the test is no longer published, or the student is no longer enrolled
#
# A receipt contains digits that say for which student and test it can be, so the search takes one request to S3 for
# each subject, and one for each attempt of this student at this test. If it finds nothing, it reads the receipts of all
# submissions that are stored, which takes one request for each of them, 16 at a time: a student or test was removed, an
# earlier version issued the receipt, or nobody did.
#
# Exit codes: 0 the receipt was found; 1 error; 2 wrong usage, or RECEIPT does not have the form of a receipt; 3 no
# submission has this receipt.
set -euo pipefail
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/trainer.sh"

receipt=''
while [ $# -gt 0 ]; do
  take_common_option "$@"
  case $taken$1 in
    0-*) usage_error "unknown argument '$1'" ;;
    0*)
      [ -z "$receipt" ] || usage_error "only one receipt can be given"
      receipt=$1 taken=1
      ;;
  esac
  shift "$taken"
done
[ -n "$receipt" ] || usage_error "a receipt is needed"
ensure_venv
use_cloud "$is_local"
run_cli verify_receipt ${stage:+--stage "$stage"} -- "$receipt"
