#!/usr/bin/env bash
# results.sh: show who has submitted which test and who scored what. Emails nobody. On AWS, it needs the rights of
# docs/people-policy.json besides those to deploy.
#
# Usage: results.sh [--local] [--stage NAME] [--test SUBJECT/TEST] [--student ID]
#                   [--format text|json|csv|xlsx|moodle|canvas] [--output FILE]
#
#   --local              Use the local cloud instead of AWS.
#   --stage NAME         The stage (default: the first one in inventory.yml).
#   --test SUBJECT/TEST  Only this test.
#   --student ID         Only this student.
#   --format FORMAT      text (default): a table for each test, and one of all students and tests.
#                        json: for other programs.
#                        csv: a row for each test and student.
#                        xlsx: a workbook with both tables. It needs --output.
#                        moodle: a CSV file for Moodle's gradebook (Grades, Import, CSV file).
#                        canvas: a CSV file for Canvas's gradebook (Grades, Import).
#                        Both have only what has been scored.
#   --output FILE        Write to this file, which only you can read, instead of to stdout.
#
# A student's status for a test is one of these:
#   open       they have time and have not done anything yet
#   begun      they have time and a draft on the server
#   submitted  their answers are stored, but not scored yet
#   missing    their time is over, and they have not submitted anything
#   scored     their answers have been scored
#
# Exit codes: 0 done, 1 error, 2 wrong usage.
set -euo pipefail
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/trainer.sh"

options=() format=text output=''
while [ $# -gt 0 ]; do
  take_common_option "$@"
  case $taken$1 in
    0--test | 0--student | 0--format | 0--output)
      [ $# -gt 1 ] && [ -n "$2" ] || usage_error "$1 needs a value"
      case $1 in
        --format) format=$2 ;;
        --output) output=$2 ;;
      esac
      options+=("$1=$2") taken=2
      ;;
    0*) usage_error "unknown argument '$1'" ;;
  esac
  shift "$taken"
done
case $format in
  text | json | csv | moodle | canvas) ;;
  xlsx) [ -n "$output" ] || usage_error "--format xlsx needs --output FILE" ;;
  *) usage_error "--format must be text, json, csv, xlsx, moodle or canvas, not '$format'" ;;
esac
ensure_venv
use_cloud "$is_local"
run_cli results ${stage:+--stage "$stage"} ${options[@]+"${options[@]}"}
