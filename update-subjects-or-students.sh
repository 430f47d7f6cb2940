#!/usr/bin/env bash
# update-subjects-or-students.sh: publish the class: subjects, tests and students, as its files say.
#
# Usage: update-subjects-or-students.sh [--local] [--stage NAME] [--check]
#
#   --local       Publish to the local cloud, not to AWS.
#   --stage NAME  The stage (default: the one in group_vars/all.yml).
#   --check       Show what would change, and change nothing.
#
# Checks all of the class's files first and tells everything that is wrong, with file and line; then shows what
# changes, on stdout, and publishes it. New students get an API key (see bin/pull-api-config.sh), former students
# lose theirs. After an interruption, start it again: it goes on by itself.
#
# Exit codes: 0 published, or nothing to do; 1 the files or parameters are wrong, or the cloud cannot be reached,
# and nothing was touched; 2 wrong usage; 3 not published, or only in part.
set -euo pipefail
# shellcheck source=bin/lib/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/bin/lib/environment.sh"

is_local=no is_check=no stage=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      show_help
      exit
      ;;
    --local) is_local=yes ;;
    --check) is_check=yes ;;
    --stage)
      [ $# -gt 1 ] && [ -n "$2" ] || usage_error "--stage needs a name"
      stage=$2
      shift
      ;;
    *) usage_error "unknown argument '$1'" ;;
  esac
  shift
done

ensure_venv
step "Checking the parameters and the class"
validation=(--root "$ROOT")
[ -z "$stage" ] || validation+=(--stage "$stage")
run_cli validate "${validation[@]}" || fail "correct what is listed above; nothing was touched"

use_cloud "$is_local"
problem=$(run_cli cloud_access 2>&1) || fail "$problem; nothing was touched"

playbook=(training.test_time.update -i "$ROOT/inventory.yml")
[ -z "$stage" ] || playbook+=(--extra-vars "stage=$stage")
[ "$is_check" = no ] || playbook+=(--check)
use_ansible
export ANSIBLE_STDOUT_CALLBACK=training.test_time.progress TEST_TIME_PROGRAM=$PROGRAM
"$VENV/bin/ansible-playbook" "${playbook[@]}" ||
  fail "the class is not published, or only in part: see above, then start it again, it goes on by itself" 3
