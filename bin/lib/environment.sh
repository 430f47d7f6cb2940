# shellcheck shell=bash
# What the project's scripts share, one file for each subject. To be sourced, not run.
# Sets ROOT (the project's folder), VENV and PROGRAM.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
VENV=$ROOT/.venv
PROGRAM=${0##*/}

# shellcheck source=bin/lib/messages.sh
. "$ROOT/bin/lib/messages.sh"
# shellcheck source=bin/lib/locale.sh
. "$ROOT/bin/lib/locale.sh"
# shellcheck source=bin/lib/lock.sh
. "$ROOT/bin/lib/lock.sh"
# shellcheck source=bin/lib/virtual_environment.sh
. "$ROOT/bin/lib/virtual_environment.sh"
# shellcheck source=bin/lib/python.sh
. "$ROOT/bin/lib/python.sh"
# shellcheck source=bin/lib/cloud.sh
. "$ROOT/bin/lib/cloud.sh"
