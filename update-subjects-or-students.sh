#!/usr/bin/env bash
# Publishes the class: subjects, tests and students, as the files in class/ say.
#
# Usage: update-subjects-or-students.sh [--local] [--stage NAME] [--check]
#
# Checks all of the class's files first and tells everything that is wrong, with file and line; then
# shows what changes and publishes it. Students get an API key each (see bin/pull-api-config.sh); former
# students lose theirs. Run it again after an interruption: it goes on where it was.
#
#   --local       publish to the local cloud (its port: LOCAL_CLOUD_PORT, 4566)
#   --stage NAME  publish to this stage instead of the one in group_vars/all.yml
#   --check       show what would change, and change nothing
#   --help        show this help
#
# What changes goes to stdout, progress and errors to stderr. NO_COLOR is honoured.
#
# Exit codes: 0 published, or nothing to do; 1 the files or parameters are wrong, nothing was touched;
# 2 wrong usage; 3 publishing failed, run it again for the rest.

set -euo pipefail

# shellcheck source=bin/lib/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/bin/lib/environment.sh"

local_cloud=no
stage=''
check=no
while [ $# -gt 0 ]; do
  case $1 in
    --local) local_cloud=yes ;;
    --check) check=yes ;;
    --stage)
      [ $# -ge 2 ] || usage_error "--stage needs a name"
      stage=$2
      shift
      ;;
    --stage=*) stage=${1#--stage=} ;;
    --help | -h)
      show_help
      exit 0
      ;;
    *) usage_error "unknown option: $1" ;;
  esac
  shift
done

ensure_venv
use_ansible

step "Checking the class's files"
validation=("$VENV/bin/python" -m cli.validate)
[ -z "$stage" ] || validation+=(--stage "$stage")
(cd "$ROOT" && PYTHONPATH=$ROOT/.build/collections "${validation[@]}") ||
  fail "correct the lines above and run it again; nothing was published"

use_cloud "$local_cloud"

playbook=("$VENV/bin/ansible-playbook" training.test_time.update -i "$ROOT/inventory.yml")
[ -z "$stage" ] || playbook+=(-e "stage=$stage")
[ "$check" = no ] || playbook+=(--check)
export ANSIBLE_STDOUT_CALLBACK=training.test_time.progress TEST_TIME_PROGRAM=$PROGRAM
(cd "$ROOT" && "${playbook[@]}") || fail "the class is not published, or only in part; run it again for the rest" 3
