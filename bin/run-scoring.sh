#!/usr/bin/env bash
# run-scoring.sh: start the weekly run now, follow it and print its results.
#
# Usage: run-scoring.sh [--local] [--stage NAME] [--as-of TIME] [--resend-uncertain] [--regrade SUBJECT/TEST]
#                       [--rehearsal]
#        run-scoring.sh [--local] [--stage NAME] --status
#
#   --local             Use the local cloud instead of AWS.
#   --stage NAME        The stage (default: the first one in inventory.yml).
#   --as-of TIME        Do what is due at this time, for example 2026-11-23T22:00:00Z (default: now). A time in the
#                       future needs --rehearsal or --local. On the local cloud, it scores what has been submitted so
#                       far, and "sends" the emails that are due at that time. The regular run scores again.
#   --rehearsal         Show what a run would do, without sending or storing anything in the cloud: the emails, reports
#                       and gradebooks are saved under .build/rehearsal/. With --as-of, what a run at that time would do.
#                       On AWS, it needs the rights of docs/people-policy.json besides those to deploy.
#   --resend-uncertain  Send emails again that may or may not have been sent, or that were rejected.
#   --regrade SUBJECT/TEST
#                       Score this test again even if nothing has changed, and print the students whose score
#                       has changed.
#   --status            Print the latest runs, and links to the reports of the latest run that has any.
#
# Starting a run twice is harmless: the scores are the same and, without --resend-uncertain, no email is sent twice.
#
# Exit codes: 0 all done, or nothing was due; 1 error, or the run failed; 2 wrong usage; 3 the run ended, but a result
# or an email failed or is uncertain: the table shows which.
set -euo pipefail
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/trainer.sh"

options=()
while [ $# -gt 0 ]; do
  take_common_option "$@"
  case $taken$1 in
    0--rehearsal | 0--resend-uncertain | 0--status) options+=("$1") taken=1 ;;
    0--as-of | 0--regrade)
      [ $# -gt 1 ] && [ -n "$2" ] || usage_error "$1 needs a value"
      options+=("$1=$2") taken=2
      ;;
    0*) usage_error "unknown argument '$1'" ;;
  esac
  shift "$taken"
done
ensure_venv
use_cloud "$is_local"
[ "$is_local" = no ] || options+=(--local)
run_cli run_scoring ${stage:+--stage "$stage"} ${options[@]+"${options[@]}"}
