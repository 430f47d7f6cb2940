# shellcheck shell=bash
# Completion of the commands' options, subcommands and values in bash, and in zsh after `autoload -U +X bashcompinit;
# bashcompinit`. To be sourced, for example in ~/.bashrc: source <project>/bin/completion.bash
#
# What a command takes is read from the `Usage:` lines of its header comment, which its --help shows.

# _test_time_usage COMMAND: prints the lines of the usage without the command itself and without brackets.
_test_time_usage() {
  sed -n '/^# Usage:/,/^#$/{ /^#$/d; s/^# \(Usage:\)\{0,1\} *//; s|^[^ ]*\.sh *|. |; s/[][]//g; p; }' "$1"
}

# _test_time_words COMMAND: prints its subcommands and options, one a line.
_test_time_words() {
  _test_time_usage "$1" | awk '
    $1 == "." && $2 ~ /^[a-z][a-z0-9|-]*$/ { gsub(/\|/, "\n", $2); print $2 }
    { for (i = 1; i <= NF; i++) if ($i ~ /^--/) print $i }
    END { print "--help" }'
}

# _test_time_argument COMMAND OPTION: prints what the usage calls the option's argument: `NAME`, `text|env|json`, ...
_test_time_argument() {
  _test_time_usage "$1" | awk -v option="$2" '
    { for (i = 1; i < NF; i++) if ($i == option && $(i + 1) !~ /^-/) { print $(i + 1); exit } }'
}

# _test_time_values ARGUMENT ROOT: prints the values that ARGUMENT stands for.
_test_time_values() {
  case $1 in
    *\|*) tr '|' '\n' <<<"$1" ;;
    NAME) sed -n '/^  hosts:/,/^  [a-gi-z]/s/^    \([A-Za-z0-9-]*\):.*/\1/p' "$2/inventory.yml" ;;
    ID) sed -n 's/^ *-\{0,1\} *id: *["'\'']\{0,1\}\([A-Za-z0-9._-]*\).*/\1/p' "$2"/*/students.yml ;;
    SUBJECT/TEST) printf '%s\n' "$2"/*/subjects/*/*.yml | sed 's|.*/subjects/||; s|\.yml$||' ;;
  esac 2>/dev/null
}

_test_time() {
  local command=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local argument='' word root
  COMPREPLY=()
  [ -f "$command" ] || command=$(command -v "$command") || return 0
  case $previous in --*) argument=$(_test_time_argument "$command" "$previous") ;; esac
  root=$(cd "$(dirname "$command")" && pwd)
  while read -r word; do
    COMPREPLY+=("$word")
  done < <(
    case $argument in
      '') compgen -W "$(_test_time_words "$command")" -- "$current" ;;
      *) compgen -W "$(_test_time_values "$argument" "${root%/bin}")" -- "$current" ;;
    esac
  )
}

complete -o default -F _test_time deploy-api-gateway.sh update-subjects-or-students.sh run-tests.sh \
  check-deployment.sh estimate-cost.sh local-cloud.sh pull-api-config.sh questions.sh results.sh run-scoring.sh students.sh verify-receipt.sh
