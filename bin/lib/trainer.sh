# shellcheck shell=bash
# shellcheck disable=SC2034  # the scripts read what is set here
# What the trainer's scripts have in common: options, checking the files, running a playbook. To be sourced, not run.

# shellcheck source=bin/lib/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

is_local=no is_check=no is_verbose=no stage=''

# take_common_option ARGUMENT...: handles --help, --local or --stage NAME. Sets `taken` to the number of arguments that
# it used: 0 if the first one is none of these.
take_common_option() {
  taken=1
  case $1 in
    -h | --help)
      show_help
      exit
      ;;
    --local) is_local=yes ;;
    --stage)
      [ $# -gt 1 ] && [ -n "$2" ] || usage_error "--stage needs a name"
      stage=$2 taken=2
      ;;
    *) taken=0 ;;
  esac
}

# check_files all|parameters: reports every problem in the parameters and the class before anything is changed. Sets
# `stage` (if it was not given) and `region`. A stage that does not exist is wrong usage.
check_files() {
  local checked code=0 options=(--root "$ROOT")
  step "Checking the parameters and the class"
  [ "$1" = all ] || options+=(--parameters-only)
  [ -z "$stage" ] || options+=(--stage "$stage")
  checked=$(run_cli validate "${options[@]}") || code=$?
  case $code in
    0) ;;
    2) exit 2 ;;
    *) fail "correct the problems listed above; nothing was changed" ;;
  esac
  read -r stage region <<<"$checked"
}

# run_playbook NAME FAILURE: runs a playbook of the collection on the stage. FAILURE is the message if it fails.
run_playbook() {
  local code=0 options=(-i "$ROOT/inventory.yml" --limit "$stage")
  [ "$is_check" = no ] || options+=(--check)
  [ "$is_verbose" = no ] || options+=(--verbose)
  use_ansible
  export ANSIBLE_STDOUT_CALLBACK=training.test_time.progress
  PYTHONPATH=$CLI_PATH "${ENDING_WITH_SCRIPT[@]}" cli.playbook "${options[@]}" "training.test_time.$1" || code=$?
  case $code in
    0) ;;
    4) fail "nothing was changed" ;; # Ansible's exit code if a machine, here the cloud, cannot be reached
    *) fail "$2: correct the problem shown above, then run $PROGRAM again" 3 ;;
  esac
}
