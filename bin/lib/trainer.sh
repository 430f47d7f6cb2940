# shellcheck shell=bash
# shellcheck disable=SC2034  # the scripts read what is set here
# What the trainer's scripts have in common: options, checking the files, running a playbook. To be sourced, not run.

# shellcheck source=bin/lib/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

is_local=no is_check=no is_verbose=no is_confirmed=no stage=''
# Messages that name a command to run next repeat the options with which it finds the same deployment.
export TEST_TIME_OPTIONS=''

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
      [ $# -gt 1 ] && [ -n "$2" ] && [ "${2#-}" = "$2" ] || usage_error "--stage needs a name"
      stage=$2 taken=2
      ;;
    *) taken=0 ;;
  esac
  [ "$taken" -eq 0 ] || TEST_TIME_OPTIONS="${TEST_TIME_OPTIONS:+$TEST_TIME_OPTIONS }${*:1:taken}"
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

# invite_students: at the end of a publication, what the parameter `invitations` says.
invite_students() {
  local code=0
  [ "$is_check" = no ] || return 0
  run_cli students --stage "$stage" after-publication || code=$?
  [ "$code" -eq 0 ] || fail "the class is published, but not every student is invited: correct the problem shown above, then run ./bin/students.sh invite${TEST_TIME_OPTIONS:+ $TEST_TIME_OPTIONS}" 3
}

# run_playbook NAME FAILURE: runs a playbook of the collection on the stage. FAILURE is the message if it fails. If it stops
# because so much of the published class would be lost that it may be a mistake, asks and runs it again.
run_playbook() {
  local code=0 token question=$ROOT/.build/confirm-$$ confirmed=''
  [ "$is_confirmed" = no ] || confirmed=yes
  while :; do
    code=0
    rm -f "$question"
    start_playbook "$1" "$question" "$confirmed" || code=$?
    [ -f "$question" ] || break
    token=$(<"$question")
    rm -f "$question"
    confirm_losses
    confirmed=$token
  done
  case $code in
    0) ;;
    4) fail "nothing was changed" ;; # Ansible's exit code if a machine, here the cloud, cannot be reached
    *) fail "$2: correct the problem shown above, then run $PROGRAM again" 3 ;;
  esac
}

# start_playbook NAME QUESTION CONFIRMED: runs a playbook once. QUESTION is the file in which it leaves the token of what
# has to be confirmed, CONFIRMED such a token or yes.
start_playbook() {
  local options=(-i "$ROOT/inventory.yml" --limit "$stage")
  [ "$is_check" = no ] || options+=(--check)
  [ "$is_verbose" = no ] || options+=(--verbose)
  [ -z "$3" ] || options+=(--extra-vars "class_content_confirmed=$3")
  use_ansible
  export ANSIBLE_STDOUT_CALLBACK=training.test_time.progress TEST_TIME_CONFIRM_FILE=$2
  PYTHONPATH=$CLI_PATH "${ENDING_WITH_SCRIPT[@]}" cli.playbook "${options[@]}" "training.test_time.$1"
}

# confirm_losses: asks whether to lose what the playbook has shown. Without a terminal, nobody can answer.
confirm_losses() {
  local answer=''
  [ -t 0 ] || fail "not confirmed; nothing was changed. To publish anyway, use --yes" 4
  printf 'To publish anyway, type yes or the name of the stage (%s): ' "$stage" >&2
  read -r answer || printf '\n' >&2
  case $answer in
    yes | "$stage") ;;
    *) fail "not confirmed; nothing was changed" 4 ;;
  esac
}
