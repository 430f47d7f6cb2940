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
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/bin/lib/trainer.sh"

while [ $# -gt 0 ]; do
  take_common_option "$@"
  case $taken$1 in
    0--check) is_check=yes taken=1 ;;
    0*) usage_error "unknown argument '$1'" ;;
  esac
  shift "$taken"
done

ensure_venv
check_files all
use_cloud "$is_local" "$region"
run_playbook update "the class is not published, or only in part"
