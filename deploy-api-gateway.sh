#!/usr/bin/env bash
# deploy-api-gateway.sh: deploy Test time and publish the class, or remove a deployment.
#
# Usage: deploy-api-gateway.sh [--local] [--stage NAME] [--check] [--verbose] [--destroy] [--yes]
#
#   --local       Deploy to the local cloud on this computer, which is started if necessary. Without this option, deploy
#                 to AWS with the credentials that the AWS SDK finds (AWS_PROFILE, `aws configure`, ...).
#   --stage NAME  The stage (default: the first one in inventory.yml). Stages are independent of each other.
#   --check       Show what would change, without changing anything.
#   --verbose     Show each resource that changes, not only how many.
#   --destroy     Remove the stage's stacks, API keys and schedules after asking for confirmation. The class's data is
#                 kept.
#   --yes         Do not ask for confirmation, neither of --destroy nor if another class is published in this stage, or more
#                 than 20% of its students, and more than two, would be removed.
#
# A stage is a host of inventory.yml. Its parameters are in group_vars/all.yml and host_vars/<stage>.yml, and are checked
# before anything is changed. LOCAL_CLOUD_PORT sets the port of the local cloud (default: 4566). If NO_COLOR is set, the
# output has no colours.
#
# Exit codes: 0 done; 1 the parameters or the class's files are invalid, or the cloud cannot be used, and nothing was
# changed; 2 wrong usage; 3 the deployment or removal failed: run it again, and it continues where it stopped; 4 not
# confirmed, and nothing was changed.
set -euo pipefail
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/bin/lib/trainer.sh"

is_destroy=no

parse_arguments() {
  while [ $# -gt 0 ]; do
    take_common_option "$@"
    case $taken$1 in
      0--check) is_check=yes taken=1 ;;
      0--verbose) is_verbose=yes taken=1 ;;
      0--yes) is_confirmed=yes taken=1 ;;
      0--destroy) is_destroy=yes taken=1 ;;
      0*) usage_error "unknown argument '$1'" ;;
    esac
    shift "$taken"
  done
}

# start_local_cloud: a check must leave no trace, so a cloud that was started only for the check is removed afterwards.
start_local_cloud() {
  local existed=yes code=0
  [ -d "$ROOT/.local-cloud/$LOCAL_CLOUD_PORT" ] || existed=no
  "$ROOT/bin/local-cloud.sh" status >/dev/null || code=$?
  case $code in
    0) return ;;
    3) ;; # not running
    *) exit 1 ;;
  esac
  [ "$is_check" = no ] || trap 'stop_local_cloud '"$existed" EXIT
  "$ROOT/bin/local-cloud.sh" start || exit 1
}

stop_local_cloud() {
  "$ROOT/bin/local-cloud.sh" stop || true
  [ "$1" = yes ] || rm -rf "$ROOT/.local-cloud/$LOCAL_CLOUD_PORT"
}

confirm_removal() {
  local answer=''
  [ "$is_confirmed" = no ] && [ "$is_check" = no ] || return 0
  printf 'This removes the API, the functions, the weekly run and every API key of stage "%s".\n' "$stage" >&2
  printf 'Answers and scores stay in the data bucket. To continue, type yes or the name of the stage: ' >&2
  read -r answer || printf '\n' >&2
  case $answer in
    yes | "$stage") ;;
    *) fail "not confirmed; nothing was changed" 4 ;;
  esac
}

parse_arguments "$@"
ensure_venv
if [ "$is_destroy" = yes ]; then
  check_files parameters
  confirm_removal
else
  begin_layer
  check_files all
fi
[ "$is_local" = no ] || start_local_cloud
use_cloud "$is_local" "$region"
if [ "$is_destroy" = yes ]; then
  run_playbook destroy "the removal failed"
else
  run_playbook deploy "the deployment failed"
  invite_students
fi
