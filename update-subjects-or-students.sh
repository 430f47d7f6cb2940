#!/usr/bin/env bash
# update-subjects-or-students.sh: publish the class (its subjects, tests and students) from its files.
#
# Usage: update-subjects-or-students.sh [--local] [--stage NAME] [--check [--verbose] [--json]] [--yes]
#
#   --local       Publish to the local cloud instead of AWS.
#   --stage NAME  The stage (default: the first one in inventory.yml).
#   --check       Show what would change, without changing anything, also in the scores of what has been submitted if you
#                 have the rights of docs/people-policy.json.
#   --verbose     With --check: name the students whose score would change.
#   --json        With --check: print only the effect on the scores, as JSON on stdout.
#   --yes         Do not ask for confirmation if another class is published in this stage, or if more than 20% of its
#                 students, and more than two, would be removed.
#
# Checks all of the class's files first and reports every problem with its file and line. If there is none, prints what
# changes on stdout and publishes it. New students get an API key (see bin/pull-api-config.sh); former students lose
# theirs. If the script is interrupted, run it again: it continues where it stopped.
#
# If a parameter that only deploy-api-gateway.sh applies, such as the deadline, has not been deployed yet, nothing is
# published: deploy first.
#
# Exit codes: 0 published, or nothing to do; 1 the files or parameters are invalid, or the cloud cannot be used, and
# nothing was changed; 2 wrong usage; 3 not published, or only partly; 4 not confirmed, and nothing was changed.
set -euo pipefail
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/bin/lib/trainer.sh"

effect_options=() is_json=no
while [ $# -gt 0 ]; do
  take_common_option "$@"
  case $taken$1 in
    0--check) is_check=yes taken=1 ;;
    0--yes) is_confirmed=yes taken=1 ;;
    0--verbose) effect_options+=("$1") taken=1 ;;
    0--json) effect_options+=("$1") is_json=yes taken=1 ;;
    0*) usage_error "unknown argument '$1'" ;;
  esac
  shift "$taken"
done

[ "$is_check" = yes ] || [ ${#effect_options[@]} -eq 0 ] || usage_error "${effect_options[0]} can only be used with --check"
ensure_venv
check_files all
use_cloud "$is_local" "$region"
if [ "$is_json" = yes ]; then
  run_playbook update "publishing failed" >&2
else
  run_playbook update "publishing failed"
fi
if [ "$is_check" = yes ]; then
  step "Scoring what has been submitted by what would be published"
  run_cli correction_effect --stage "$stage" ${effect_options[@]+"${effect_options[@]}"}
fi
invite_students
