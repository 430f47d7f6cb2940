# shellcheck shell=bash
# Runs Ansible and the Python modules of cli/. Needs ROOT, VENV and PROGRAM.

# use_ansible: the project's folder is the collection training.test_time; a link lets Ansible and Python find it.
# Ansible writes nothing to the home of the user, which may not be writable.
use_ansible() {
  local folder=$ROOT/.build/collections/ansible_collections/training
  export TEST_TIME_PROGRAM=$PROGRAM ANSIBLE_CONFIG=$ROOT/ansible.cfg ANSIBLE_HOME=$ROOT/.build/ansible ANSIBLE_REMOTE_TMP=$ROOT/.build/ansible/tmp
  [ ! -e "$folder/test_time/galaxy.yml" ] || return 0
  mkdir -p "$folder"
  ln -sfn ../../../.. "$folder/test_time"
}

# How to run a Python module that ends when this script has died: "${ENDING_WITH_SCRIPT[@]}" MODULE [ARGUMENT...]. Run
# it directly, not in a function in the background: it watches the process that has started it.
ENDING_WITH_SCRIPT=("$VENV/bin/python" -P "$ROOT/cli/end_with_parent.py")

# lambda_src: the commands use the rules of the functions.
CLI_PATH=$ROOT:$ROOT/lambda_src:$ROOT/.build/collections

# run_cli MODULE [ARGUMENT...]: runs a Python module of cli/.
run_cli() {
  local module=$1
  shift
  use_ansible
  PYTHONPATH=$CLI_PATH "$VENV/bin/python" -m "cli.$module" "$@"
}

# begin_layer: before a first deployment, have pip install the functions' dependencies while the rest continues.
begin_layer() {
  [ ! -d "$ROOT/.build/bundles" ] || return 0
  use_ansible
  PYTHONPATH=$CLI_PATH "${ENDING_WITH_SCRIPT[@]}" cli.build_layer >/dev/null 2>&1 &
}
