#!/usr/bin/env bash
# pull-api-config.sh: print the API's endpoint and students' API keys, or the trainer's own.
#
# Usage: pull-api-config.sh [--local] [--stage NAME] [--student ID | --trainer [--rotate]] [--show]
#                           [--format text|env|json]
#
#   --local         Use the local cloud instead of AWS.
#   --stage NAME    The stage (default: the first one in inventory.yml).
#   --student ID    The student whose key to print. Without this option: all students who have a key.
#   --trainer       Print the trainer's own key instead. With it, the web page shows the class.
#     --rotate      First make a new one. The old one is deleted; for up to authorizer_ttl_seconds it may still work.
#   --show          Print keys in full. Without this option, the format text masks them.
#   --format FORMAT text (default), for people; env, for the client of the student named by --student, or of the
#                   trainer; or json. env and json contain the keys in full: send students only their own key, and over a
#                   private channel.
#
# A student's configuration file:
#   ./bin/pull-api-config.sh --student s001 --format env > s001.config
#
# Exit codes: 0 done, 1 error, 2 wrong usage.
set -euo pipefail
# shellcheck source=bin/lib/trainer.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/trainer.sh"

options=() student='' format=text is_trainer=no is_rotation=no
while [ $# -gt 0 ]; do
  take_common_option "$@"
  case $taken$1 in
    0--show) options+=(--show) taken=1 ;;
    0--trainer) options+=(--trainer) is_trainer=yes taken=1 ;;
    0--rotate) options+=(--rotate) is_rotation=yes taken=1 ;;
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
[ "$is_trainer" = no ] || [ -z "$student" ] || usage_error "--trainer and --student cannot be used together"
[ "$is_rotation" = no ] || [ "$is_trainer" = yes ] || usage_error "--rotate can only be used with --trainer"
[ "$format$is_trainer" != envno ] || [ -n "$student" ] ||
  usage_error "--format env needs --student ID or --trainer: it is one person's file"
ensure_venv
use_cloud "$is_local"
run_cli api_config ${stage:+--stage "$stage"} ${options[@]+"${options[@]}"}
