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
# shellcheck source=bin/lib/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/bin/lib/environment.sh"

is_local=no is_check=no is_destroy=no is_confirmed=no stage=''

parse_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      -h | --help)
        show_help
        exit
        ;;
      --local) is_local=yes ;;
      --check) is_check=yes ;;
      --destroy) is_destroy=yes ;;
      --yes) is_confirmed=yes ;;
      --stage)
        [ $# -gt 1 ] && [ -n "$2" ] || usage_error "--stage needs a name"
        stage=$2
        shift
        ;;
      *) usage_error "unknown argument '$1'" ;;
    esac
    shift
  done
  [ "$is_confirmed" = no ] || [ "$is_destroy" = yes ] || usage_error "--yes goes with --destroy alone"
}

# check_files: all that is wrong with the parameters and the class, before anything is touched.
check_files() {
  local options=(--root "$ROOT")
  step "Checking the parameters and the class"
  [ -z "$stage" ] || options+=(--stage "$stage")
  [ "$is_destroy" = no ] || options+=(--parameters-only)
  run_cli validate "${options[@]}" || fail "correct what is listed above; nothing was touched"
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

run_playbook() {
  local options=(-i "$ROOT/inventory.yml" --extra-vars "stage=$stage")
  [ "$is_check" = no ] || options+=(--check)
  use_ansible
  "$VENV/bin/ansible-playbook" "${options[@]}" "training.test_time.$1"
}

parse_arguments "$@"
ensure_venv
check_files
[ -n "$stage" ] || stage=$(run_cli parameter stage) || exit
[ "$is_destroy" = no ] || confirm_removal
[ "$is_local" = no ] || start_local_cloud
use_cloud "$is_local"
problem=$(run_cli cloud_access 2>&1) || fail "$problem; nothing was touched"
if [ "$is_destroy" = yes ]; then
  run_playbook destroy || fail "the removal failed: see above, then start it again, it goes on by itself" 3
else
  run_playbook deploy || fail "the deployment failed: see above, then start it again, it goes on by itself" 3
  [ "$is_check" = yes ] || run_cli next_steps --stage "$stage"
fi
