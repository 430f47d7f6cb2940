#!/usr/bin/env bash
# pull-api-config.sh: print the API's endpoint and students' API keys.
#
# Usage: pull-api-config.sh [--local] [--stage NAME] [--student ID] [--show] [--format text|env|json]
#
#   --local         Use the local cloud instead of AWS.
#   --stage NAME    The stage (default: the first one in inventory.yml).
#   --student ID    The student whose key to print. Without this option: all students who have a key.
#   --show          Print keys in full. Without this option, the format text masks them.
#   --format FORMAT text (default), for people; env, for the client of the student named by --student; or json. env and
#                   json contain the keys in full: send students only their own key, and over a private channel.
#
# A student's configuration file:
#   ./bin/pull-api-config.sh --student s001 --format env > s001.config
#
# Exit codes: 0 done, 1 error, 2 wrong usage.
set -euo pipefail
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/trainer.sh"

options=() student='' format=text
while [ $# -gt 0 ]; do
  take_common_option "$@"
  case $taken$1 in
    0--show) options+=(--show) taken=1 ;;
    0--student | 0--format)
      [ $# -gt 1 ] && [ -n "$2" ] || usage_error "$1 needs a value"
      case $1=$2 in
        --format=text | --format=env | --format=json) format=$2 ;;
        --student=*) student=$2 ;;
        *) usage_error "--format must be text, env or json, not '$2'" ;;
      esac
      options+=("$1=$2") taken=2
      ;;
    0*) usage_error "unknown argument '$1'" ;;
  esac
  shift "$taken"
done
[ "$format" != env ] || [ -n "$student" ] || usage_error "--format env needs --student ID: it is one student's file"
ensure_venv
use_cloud "$is_local"
run_cli api_config ${stage:+--stage "$stage"} ${options[@]+"${options[@]}"}
