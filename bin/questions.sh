#!/usr/bin/env bash
# questions.sh: question banks: take them into the class, and take the class's questions along.
#
# Usage: questions.sh import FILE... --subject SUBJECT [--test NEW_ID] [--format gift|aiken|moodle-xml|qti12] [--check]
#                            [--stage NAME]
#        questions.sh export SUBJECT[/TEST] --format gift|aiken|moodle-xml|qti12 [--output FILE] [--stage NAME]
#
# The formats are Moodle's GIFT, Aiken and Moodle XML, and QTI 1.2, which Canvas exports as a ZIP file.
#
# import writes a new test for each file, for you to read and complete, and says of each question that cannot come in, or
# not as a whole, what is lost and why. Nothing is published. Questions with options, for a number or a text, with pairs
# and with an order come in; essays and texts with gaps do not.
#
#   --subject SUBJECT  The subject that gets the tests. It may be new.
#   --test NEW_ID      The new test's ID (default: made of the file's name).
#   --format ...       The file's format (default: found by its content).
#   --check            Show what would be imported, without writing anything.
#
# export writes the questions of a test, or of all tests of a subject, for another system, and says what is lost there.
#
#   --output FILE      The new file (default: standard output).
#
#   --stage NAME       The stage whose class it is (default: the first one in inventory.yml).
#
# Exit codes: 0 all questions were imported or exported; 1 error, or none was; 2 wrong usage; 3 some were.
set -euo pipefail
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/trainer.sh"

options=()
while [ $# -gt 0 ]; do
  [ "$1" != --local ] || usage_error "unknown argument '--local'"
  take_common_option "$@"
  [ "$taken" -gt 0 ] || options+=("$1")
  shift $((taken > 0 ? taken : 1))
done
case ${options[0]-} in
  import | export) ;;
  '') usage_error "a command is missing" ;;
  *) usage_error "unknown command '${options[0]}'" ;;
esac
ensure_venv
run_cli questions ${stage:+--stage "$stage"} "${options[@]}"
