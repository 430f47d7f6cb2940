# shellcheck shell=bash
# shellcheck disable=SC2034  # the scripts read what is set here
# What the trainer's scripts have in common: options, the check of the files, the run of a playbook. Sourced, never run.

# shellcheck source=bin/lib/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

is_local=no is_check=no stage=''

# take_common_option ARGUMENT...: takes --help, --local or --stage NAME. Sets `taken`, the number of arguments that were
# taken: 0 where it is none of these.
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

# check_files all|parameters: all that is wrong with the parameters and the class, before anything is touched. Sets
# `stage`, where it was not given, and `region`.
check_files() {
  local checked options=(--root "$ROOT")
  step "Checking the parameters and the class"
  [ "$1" = all ] || options+=(--parameters-only)
  [ -z "$stage" ] || options+=(--stage "$stage")
  checked=$(run_cli validate "${options[@]}") ||
    fail "correct what is listed above; nothing was touched"
  read -r stage region <<<"$checked"
}

# run_playbook NAME FAILURE: runs a playbook of the collection on the stage. FAILURE is what is told where it fails.
run_playbook() {
  local code=0 options=(-i "$ROOT/inventory.yml" --extra-vars "stage=$stage")
  [ "$is_check" = no ] || options+=(--check)
  use_ansible
  export ANSIBLE_STDOUT_CALLBACK=training.test_time.progress TEST_TIME_PROGRAM=$PROGRAM
  "$VENV/bin/ansible-playbook" "${options[@]}" "training.test_time.$1" || code=$?
  case $code in
    0) ;;
    4) fail "nothing was touched" ;; # how Ansible ends where a machine, here the cloud, cannot be reached
    *) fail "$2: see above, then start it again, it goes on by itself" 3 ;;
  esac
}
