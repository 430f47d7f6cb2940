#!/usr/bin/env bash
# students.sh: the class's people.
#
# Usage: students.sh import FILE.csv [--subjects A,B] [--remove-missing] [--check]
#        students.sh invite [--student ID ...] [--again] [--check] [--output FILE.csv] [--local] [--stage NAME]
#        students.sh rotate-key ID [--local] [--stage NAME]
#        students.sh export ID --output FILE.zip [--local] [--stage NAME]
#        students.sh erase ID [--yes] [--local] [--stage NAME]
#
#   --local       Use the local cloud instead of AWS.
#   --stage NAME  The stage (default: the first one in inventory.yml).
#
# import brings students.yml up to date with a list of participants, and prints what it changes. It reads the files that
# Moodle, Canvas and Google Classroom export, and any CSV file with the columns name and email (and, if you like, id and
# external_id). Students are matched by their addresses; new ones get an ID. Publish afterwards.
#
#   --subjects A,B    The list has the students of these subjects: they are enrolled in them. Without this option, new
#                     students are enrolled in all subjects, and others stay as they are.
#   --remove-missing  Remove the students who are not in the list; with --subjects, only from these subjects.
#   --check           Show what would change, without changing anything.
#
# invite emails each student who has not been invited yet a link with which they get their API key from the class's page or
# the terminal. The link works once, for 14 days.
#
#   --student ID       Only this student. Can be repeated.
#   --again            Also those who have been invited. Their earlier link stops working.
#   --check            Show who would be invited, without inviting anybody.
#   --output FILE.csv  Write the links into a new file, which only you can read, instead of sending emails. On a new AWS
#                      account, SES sends emails only to addresses that are verified, so this is the way there.
#
# rotate-key gives a student a new API key, for example because the old one has leaked. The old one is refused within
# authorizer_ttl_seconds, and a link to it stops working. Receipts stay valid. If it is interrupted, run it again.
#
# export collects everything that is stored about a current or former student in a ZIP file, with a page to read.
#
# erase deletes everything that is stored about a former student, with all versions, and prints a certificate. The
# student must not be in students.yml nor published any more, and no run may be at work. If it is interrupted, run it
# again.
#
#   --yes  Do not ask for confirmation.
#
# Exit codes: 0 done, or nothing to do; 1 error: import has changed nothing, other commands can be run again; 2 wrong
# usage; 3 somebody could not be invited: the output says why.
set -euo pipefail
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/trainer.sh"

options=()
while [ $# -gt 0 ]; do
  take_common_option "$@"
  [ "$taken" -gt 0 ] || options+=("$1")
  shift $((taken > 0 ? taken : 1))
done
case ${options[0]-} in
  import) needs_cloud=no ;;
  invite | after-publication | rotate-key | export | erase) needs_cloud=yes ;;
  '') usage_error "a command is missing" ;;
  *) usage_error "unknown command '${options[0]}'" ;;
esac
ensure_venv
[ "$needs_cloud" = no ] || use_cloud "$is_local"
run_cli students ${stage:+--stage "$stage"} "${options[@]}"
