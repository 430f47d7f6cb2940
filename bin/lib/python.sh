# shellcheck shell=bash
# Runs Ansible and the Python modules of cli/. Needs ROOT and VENV.

# use_ansible: the project's folder is the collection training.test_time; a link lets Ansible and Python find it.
# Ansible writes nothing to the home of the user, which may not be writable.
use_ansible() {
  local folder=$ROOT/.build/collections/ansible_collections/training
  export ANSIBLE_CONFIG=$ROOT/ansible.cfg ANSIBLE_HOME=$ROOT/.build/ansible ANSIBLE_REMOTE_TMP=$ROOT/.build/ansible/tmp
  [ ! -e "$folder/test_time/galaxy.yml" ] || return 0
  mkdir -p "$folder"
  ln -sfn ../../../.. "$folder/test_time"
}

# run_cli MODULE [ARGUMENT...]: runs a Python module of cli/.
run_cli() {
  local module=$1
  shift
  use_ansible
  PYTHONPATH=$ROOT:$ROOT/.build/collections "$VENV/bin/python" -m "cli.$module" "$@"
}
