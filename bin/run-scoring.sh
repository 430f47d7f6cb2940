#!/usr/bin/env bash
# run-scoring.sh: start the weekly run now, follow it and print what came of it.
#
# Usage: run-scoring.sh [--local] [--stage NAME] [--as-of TIME] [--resend-uncertain] [--regrade SUBJECT/TEST]
#        run-scoring.sh [--local] [--stage NAME] --status
#
#   --local             Use the local cloud, not AWS.
#   --stage NAME        The stage (default: the one in group_vars/all.yml).
#   --as-of TIME        Do what is due at this time, for example 2026-11-23T22:00:00Z (default: now). A time to come
#                       is a rehearsal: it scores and mails what is there now, and the real run scores again.
#   --resend-uncertain  Send again the mails that may or may not have gone out, and those that were rejected.
#   --regrade SUBJECT/TEST
#                       Score this test again, also where nothing changed, and print whose score is another now.
#   --status            Print the last runs, and links to the reports of the last one that has any.
#
# Starting a run twice is harmless: scores come out the same, and no mail goes out twice.
#
# Exit codes: 0 all done, or nothing was due; 1 error, or the run failed; 2 wrong usage; 3 the run ended, but a result
# or a mail failed or is uncertain: the table says which.
set -euo pipefail
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/trainer.sh"

options=()
while [ $# -gt 0 ]; do
  take_common_option "$@"
  case $taken$1 in
    0--resend-uncertain | 0--status) options+=("$1") taken=1 ;;
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
run_cli run_scoring ${stage:+--stage "$stage"} ${options[@]+"${options[@]}"}
