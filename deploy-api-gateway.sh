#!/usr/bin/env bash
# deploy-api-gateway.sh: deploy Test time and publish the class, or remove it again.
#
# Usage: deploy-api-gateway.sh [--local] [--stage NAME] [--check] [--destroy [--yes]]
#
#   --local       Deploy to the local cloud on this machine, which is started where it does not run. Without it: to
#                 AWS, with the credentials that the AWS SDK finds (AWS_PROFILE, `aws configure`, ...).
#   --stage NAME  The stage (default: the one in group_vars/all.yml). Stages live side by side.
#   --check       Show what would change, and change nothing.
#   --destroy     Remove the stage's stacks, API keys and schedules. Asks first. The class's data is kept.
#     --yes       Do not ask.
#
# Every parameter is in group_vars/all.yml and is checked before anything is touched. LOCAL_CLOUD_PORT moves the local
# cloud from port 4566. NO_COLOR is honoured.
#
# Exit codes: 0 done, 1 the parameters or the class's files are wrong (nothing was touched) or there is no cloud to
# deploy to, 2 wrong usage, 3 the deployment failed (start it again: it goes on by itself), 4 not confirmed.
set -euo pipefail
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/bin/lib/trainer.sh"

is_destroy=no is_confirmed=no

parse_arguments() {
  local options=()
  while [ $# -gt 0 ]; do
    take_common_option "$@"
    case $taken$1 in
      0--check) is_check=yes taken=1 ;;
      0--destroy) is_destroy=yes taken=1 ;;
      0--yes) is_confirmed=yes taken=1 ;;
      0*) usage_error "unknown argument '$1'" ;;
      *) options+=("${@:1:taken}") ;;
    esac
    shift "$taken"
  done
  [ "$is_confirmed" = no ] || [ "$is_destroy" = yes ] || usage_error "--yes goes with --destroy alone"
  # The next steps repeat the options that tell the other scripts of this deployment.
  export TEST_TIME_OPTIONS="${options[*]-}"
}

# start_local_cloud: a check must leave no trace, so a cloud that was started for it alone goes again.
start_local_cloud() {
  local existed=yes
  [ -d "$ROOT/.local-cloud/$LOCAL_CLOUD_PORT" ] || existed=no
  if "$ROOT/bin/local-cloud.sh" status >/dev/null; then
    return
  fi
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
  printf 'Answers and scores stay in the data bucket. To go on, type yes or the name of the stage: ' >&2
  read -r answer || printf '\n' >&2
  case $answer in
    yes | "$stage") ;;
    *) fail "not confirmed; nothing was touched" 4 ;;
  esac
}

parse_arguments "$@"
ensure_venv
if [ "$is_destroy" = yes ]; then
  check_files parameters
  confirm_removal
else
  check_files all
fi
[ "$is_local" = no ] || start_local_cloud
use_cloud "$is_local" "$region"
if [ "$is_destroy" = yes ]; then
  run_playbook destroy "the removal failed"
else
  run_playbook deploy "the deployment failed"
fi
