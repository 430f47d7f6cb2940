#!/usr/bin/env bash
# estimate-cost.sh: estimate what AWS charges for a month. Asks nothing of AWS.
#
# Usage: estimate-cost.sh --students N [--tests-per-week N] [--stage NAME] [--region REGION] [--json]
#
#   --students N        How many students there are.
#   --tests-per-week N  How many tests each of them takes in a week (default: 1).
#   --stage NAME        The stage whose parameters are used (default: the first one in inventory.yml).
#   --region REGION     The Region (default: that of the stage).
#   --json              Print JSON instead of a table.
#
# The prices and their sources are in cli/aws_prices.json; for a Region that is not there, those of another one are used.
# docs/scaling.md says what is measured, what is estimated, and what is left out.
#
# Exit codes: 0 done, 1 error, 2 wrong usage.
set -euo pipefail
# shellcheck source=bin/lib/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/environment.sh"

options=() students=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      show_help
      exit
      ;;
    --json)
      options+=(--json)
      shift
      ;;
    --students | --tests-per-week | --stage | --region)
      [ $# -gt 1 ] && [ -n "$2" ] || usage_error "$1 needs a value"
      case $1=$2 in
        --stage=* | --region=*) ;;
        *=*[!0-9]* | *=0* | *=????????*) usage_error "$1 must be a whole number from 1 to 9999999, not '$2'" ;;
        --students=*) students=$2 ;;
      esac
      options+=("$1=$2")
      shift 2
      ;;
    *) usage_error "unknown argument '$1'" ;;
  esac
done
[ -n "$students" ] || usage_error "--students is needed"
ensure_venv
run_cli estimate_cost "${options[@]}"
