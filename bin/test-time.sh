#!/usr/bin/env bash
# test-time: take your class's tests from a terminal.
#
# usage: test-time.sh [--subject NAME] [--test ID] [--answers FILE.json] [--dry-run] [--json]
#        test-time.sh --list [--subject NAME] [--json]
#        test-time.sh --scores [--subject NAME] [--json]
#        test-time.sh --review SUBJECT/TEST [--json]
#        test-time.sh --setup [LINK]
#        test-time.sh --version
#
# Without options it lists the tests that are open for you, nearest deadline first, and starts
# the one you choose. Every answer is saved to disk as you give it: after a crash, a closed lid
# or Ctrl-C, start it again and it continues where you were. Your answers are also saved on the
# server, at most once a minute and when you stop, so that you can continue on another device.
# If you have given other answers there, it shows both and asks which ones to keep.
#
#   --subject NAME   only this subject
#   --test ID        this test, without the menu
#   --list           list all your tests and your receipts
#   --scores         list your scores
#   --review SUBJECT/TEST
#                    show a test whose answers are released: yours, the right ones, and your points
#   --answers FILE   take the answers from a file, such as {"1": "a", "2": ["b", "c"], "3": "62"}:
#                    your trainer's numbers and letters, as GET /v1/test has them; - is standard
#                    input. A number or a text is in quotation marks, an order is a list of all
#                    letters, and {"1": "b", "2": "a"} is an option for each item. An answer to a
#                    text with gaps is like that too: {"1": "b", "2": "62"}
#   --dry-run        do everything except the upload
#   --json           print one JSON document to standard output; messages go to standard error
#   --help           show this help
#   --version        show the version; if your class's server has another one, offer to take that
#
# To answer, type the letter of an option (or several letters, such as b c, if the question
# takes several answers), a number, a text, all letters in the right order (b a c), or a letter
# for each number (1b 2a): the question says which. If its text has gaps, such as [gap 1], you are
# asked for one after the other. Press Enter to leave one as it is. Or type one of these:
#   back   go to the previous question   skip   leave this question for later
#          or gap
#   list   see all answers and upload    quit   stop here; your answers are kept
#   help   or ?
# If the question asks for a text, these words are answers: begin a command with a colon, as in
# :back or :skip, which works at every question. To answer ":skip" itself, type ::skip.
# Times are in this computer's time zone, and in emails in your class's. Its name is in parentheses.
#
# Questions are numbered 1, 2, 3 and options lettered a, b, c in the order in which you see them.
# If your trainer lets the order differ between students, so do your numbers and letters; so do the
# letters of options to put in order or to find pairs for, in every test. Only --answers, --dry-run
# and --json have the numbers and letters that your trainer gave them.
#
# A block of code stands after bars (|). A line of code that is too long for the screen continues
# after a >, and no space in it is lost.
#
# From a pipe: one answer per line, with letters and in the order of the questions as above (":skip"
# leaves one out), or a JSON object as for --answers. Each gap of a text has a line, which is empty
# or ":skip" to leave the gap out. After the line for the last question, the answers are uploaded.
#
# Setup: with the link that your trainer sent you, run test-time.sh --setup. It asks for the link,
# gets your key once, and writes both into the configuration file, readable only by you. A link
# on the command line would stay in your shell's history. If TEST_TIME_ENDPOINT is set, your API
# key will do instead of the link. Or set TEST_TIME_ENDPOINT, TEST_TIME_API_KEY and, if you like,
# TEST_TIME_STUDENT_ID in the environment, or put them as NAME=value lines into
# ${XDG_CONFIG_HOME:-~/.config}/test-time/config. Your trainer gives you these lines. Answers and
# receipts are kept in ${XDG_STATE_HOME:-~/.local/state}/test-time/, readable only by you.
# The output has no colour. With TERM=dumb, it consists of plain lines only.
# TEST_TIME_TIMEOUT_SECONDS (default 30) limits each request. TEST_TIME_RETRY_BASE_SECONDS
# (default 1) is the pause after the first failed attempt. It doubles after each further one.
#
# Exit codes:
#   0  done
#   1  unexpected error
#   2  wrong usage, or an answer that does not fit the test
#   3  not set up
#   4  curl is missing
#   5  jq is missing
#   6  the key was refused
#   7  the test is not open, or its answers are not released
#   8  no answer from the server; your answers are kept
#   9  stopped before the upload; your answers are kept
#   128+n  stopped by signal n; your answers are kept

# How this file is laid out. It is one file so that it is easy to install.
#
#   words to the user     say, warn, die, wrap, rule, ask: all that is printed and read
#   time                  the server's clock, dates and the time left
#   requests              send (one request by curl), call (with retries)
#   setup                 tools, configuration, options, --setup, --version
#   the student's tests   --list, --scores, the menu
#   answers on disk       answers, receipts, the lock
#   types of questions    what is asked, what is typed and what it means, for each type
#   the server's draft    what another device has saved, and saving what is given here
#   review                --review
#   taking a test         questions, answers, the summary
#   preview               a test as students see it, with the trainer's key
#   upload                upload, and what to do after a failure
#   main                  all of it
#
# Functions return text in REPLY. Bash 3.2 has no records, so arrays with a common index stand in for them:
#
#   t_*  one entry for each of the student's tests (get_student): t_subject, t_test (its ID), t_title, t_questions (how
#        many), t_closes, t_state (announced, open, submitted, scored, closed), t_receipt, t_submitted, t_points, t_max,
#        t_again (yes: may submit again), t_late_until, t_late_credit, t_attempts (1, last), t_opens
#   q_*  one entry for each question of the test being taken (load_test), in the order in which they are shown and
#        numbered: q_json (the number that its answer is uploaded under, as a JSON string), q_type (single, multiple,
#        number, text, order, match, gaps), q_points (2 points), q_hash (changes when the question does), q_text, q_first
#        and q_options (its options are o_* from index q_first on, q_options of them), q_begin and q_items (its items,
#        i_*), q_gap and q_gaps (its gaps). Behind the q_count questions are gap_count gaps, each like a question: q_json
#        and q_text have its ID, and q_type is single, number or text
#   o_*  one entry for each option of any question, in the order in which they are shown and lettered: o_json (its ID as
#        a JSON string), o_text
#   i_*  the same for each item of any question: i_json, i_text
#
# An answer is the JSON that is uploaded for it, always in the same form, so that two answers are the same if their JSON
# is; empty if there is none. Beside it are the words that show it: letters (a c), numbers and letters (1b 2a), or what
# was typed. `chosen` has the answers here, `chosen_words` their words, both by question. They also have those of the
# gaps, of which the answer to a question with gaps consists.
#
# The server has one draft of a test for all devices of a student (lambda_src/draft), and these say how it stands:
#
#   follows    yes while answers are saved there: from when a test is shown in a terminal until it is uploaded or refused
#   version    the version of the draft last seen here; empty if there was none
#   base       the answers of that draft, as answers_json has them; {} if there was none, or if it has no meaning
#   sent       answers that may have arrived there, because no reply came, each followed by the end of a line
#   theirs     like `chosen`, but of a draft that another device has saved; their_words, their_version, their_time (when)
#   unsettled  yes until it is decided what that draft means for the answers here
#
# version, base and sent are kept on disk with the answers, and so is
#
#   replaces   the receipt that was known when these answers were begun; empty if there was none. The upload replaces no
#              other one without asking.

# The API key must not reach a trace, whoever started this one.
{ set +xv; } 2>/dev/null
if [ -z "${BASH_VERSION:-}" ]; then
  echo 'test-time: this script needs bash: run it as ./test-time.sh or bash test-time.sh' >&2
  exit 2
fi
set -euo pipefail
umask 077

readonly VERSION=1.0.0
readonly EXIT_UNEXPECTED=1 EXIT_USAGE=2 EXIT_SETUP=3 EXIT_NO_CURL=4 EXIT_NO_JQ=5
readonly EXIT_KEY=6 EXIT_NOT_OPEN=7 EXIT_NO_SERVER=8 EXIT_UNSENT=9
readonly ID_PATTERN='^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'
readonly UPLOAD_ATTEMPTS=10 READ_ATTEMPTS=4 LONGEST_PAUSE_SECONDS=60 RETRY_FOR_SECONDS=300
readonly SAVE_EVERY_SECONDS=60 DRAFT_TIMEOUT_SECONDS=5 MOST_UNANSWERED=20
# curl before version 8 reads no more of a line of its configuration than 100 KiB.
readonly LONGEST_CONFIG_LINE=90000
readonly LETTERS=abcdefghijklmnopqrstuvwxyz
readonly WEEKDAYS=MonTueWedThuFriSatSun MONTHS=JanFebMarAprMayJunJulAugSepOctNovDec
# On the way from jq: between fields, between lines of a field, and after each wide character. In `wrap`: a space that
# does not end a word, and a tab as wide as it can be. Text from the server cannot contain them: jq's `harmless` below
# replaces them.
readonly US=$'\037' RS=$'\036' WIDE=$'\035' KEPT=$'\034'
readonly WIDE_TAB=$'\t'$WIDE$WIDE$WIDE$WIDE$WIDE$WIDE$WIDE
# What begins a line of a block of code, and what begins its next piece if it is too long for one line.
readonly CODE_MARK='| ' NEXT_MARK='> '

# What every jq program begins with. `text` makes what a server sent harmless in a terminal: control
# characters become ?, and what reorders or hides text (bidi controls, zero-width characters, tags) is
# left out. The set is that of lambda_src/common/shared/harmful_characters.py; a test compares the two.
# It works on code points, because not every jq has regular expressions. What is shown through the shell's `wrap`
# has a mark after each character two columns wide (Unicode TR 11, East Asian Width), so that its length is its width.
# shellcheck disable=SC2016 # jq's variables, not the shell's
readonly JQ_COMMON='
def harmless:
  if . == 9 or (. >= 32 and . <= 126) then .
  elif . < 160 then 63
  elif . == 173 or . == 1564 or . == 6158 or . == 65279
    or (. >= 8203 and . <= 8207) or (. >= 8234 and . <= 8238) or (. >= 8288 and . <= 8303)
    or (. >= 65529 and . <= 65531) or (. >= 917504 and . <= 917631) then empty
  else . end;
def lines: if type == "string" then . elif . == null then "" else tostring end
  | explode | map(if . == 133 or . == 8232 or . == 8233 then 10 else . end) | implode
  | split("\r\n") | join("\n") | split("\r") | join("\n") | split("\n")
  | map(explode | map(harmless) | implode);
def word: lines | join(" ") | explode | map(if . == 9 then 32, 32, 32, 32 else . end) | implode;
def wide: . >= 4352 and (. <= 4447 or (. >= 11904 and . <= 42191) or (. >= 43360 and . <= 43391)
  or (. >= 44032 and . <= 55203) or (. >= 63744 and . <= 64255) or (. >= 65040 and . <= 65135)
  or (. >= 65281 and . <= 65376) or (. >= 65504 and . <= 65510) or (. >= 127744 and . <= 128767)
  or (. >= 129280 and . <= 129791) or (. >= 131072 and . <= 262141));
def columns: explode | map(if wide then ., 29 else . end) | implode;
def text: lines | join("\u001e") | columns;
def row: map(if type == "array" then .[0] else word end) | join("\u001f");
def id: type == "string" and length > 0 and length <= 64
  and (explode | all(.[]; (. >= 48 and . <= 57) or (. >= 65 and . <= 90) or (. >= 97 and . <= 122)
    or . == 45 or . == 46 or . == 95))
  and (explode[0] | . != 45 and . != 46 and . != 95);
def document: if type == "object" then . else error("not an object") end;
'

# ---------------------------------------------------------------------------- words to the user

say() { printf '%s\n' "$*" >&3; }

# warn WORDS: to standard error; set to the terminal's width only where that is one.
warn() {
  if [[ -n ${columns:-} && -t 2 ]]; then
    wrap '' '  ' "test-time: $*" 3>&2
  else
    printf 'test-time: %s\n' "$*" >&2
  fi
}

# die STATUS MESSAGE [CODE]: the end, in words, and with --json as a document too.
die() {
  warn "$2"
  if [[ -n ${json:-} ]]; then
    local message=${2//\\/\\\\}
    message=${message//\"/\\\"}
    message=${message//$'\n'/ }
    printf '{"code":"%s","message":"%s"}\n' "${3:-ClientError}" "$message"
  fi
  exit "$1"
}

# The comment at the top of this file.
help_text() {
  local line
  while IFS= read -r line; do
    case $line in
      '#!'*) ;;
      '#'*) line=${line#'#'} && printf '%s\n' "${line# }" ;;
      *) break ;;
    esac
  done <"${BASH_SOURCE[0]}"
}

# Sets `width`, the terminal's, which code may fill, and `columns`, to which text is set: no wider than reads well.
measure_terminal() {
  local size=''
  width=80
  if [[ -n $on_terminal ]]; then
    size=$({ stty size </dev/tty; } 2>/dev/null) || size=''
    if [[ ${size#* } =~ ^[1-9][0-9]*$ ]]; then
      width=${size#* }
    elif [[ ${COLUMNS:-} =~ ^[1-9][0-9]*$ ]]; then
      width=$COLUMNS
    fi
  fi
  if ((width < 20)); then width=20; fi
  columns=$((width < 100 ? width : 100))
}

# wrap LEAD INDENT TEXT: TEXT after LEAD, within the terminal's width, later lines after INDENT. Lines end between
# words. Where spaces matter, none is lost: lines of fenced code, which is shown without its fences, and lines that
# begin with a space or a tab are cut where the room ends.
wrap() {
  local lead=$1 indent=$2 rest=$3$RS line mark room taken fence='' shown=''
  if [[ -n $resized ]]; then resized='' && measure_terminal; fi
  taken=$((${#lead} > ${#indent} ? ${#lead} : ${#indent}))
  while [[ -n $rest ]]; do
    line=${rest%%"$RS"*} rest=${rest#*"$RS"}
    if follow_fences "$line"; then continue; fi
    if [[ -n $fence ]]; then line=$CODE_MARK$line; fi
    if [[ -n $fence || $line == [$' \t']* ]]; then
      line=${line//$'\t'/$WIDE_TAB}
      room=$((width - taken)) mark=$NEXT_MARK
      cut_line
    else
      room=$((columns - taken))
      join_code
      if ((${#line} > room)); then wrap_words; fi
    fi
    put_line "$line"
  done
  if [[ -z $shown ]]; then put_line ''; fi
}

# follow_fences LINE, for wrap: `fence` is the mark that began the block of code that LINE is in, by the rule of
# lambda_src/common/run/code_in_text.py; a test compares the two. Succeeds if LINE itself is such a mark.
follow_fences() {
  local mark='^ {0,3}(```+|~~~+)(.*)$' rest
  if [[ ! $1 =~ $mark ]]; then return 1; fi
  mark=${BASH_REMATCH[1]} rest=${BASH_REMATCH[2]}
  if [[ -z $fence ]]; then
    if [[ $mark == '`'* && $rest == *'`'* ]]; then return 1; fi
    fence=$mark
  elif [[ $mark == "$fence"* && $rest =~ ^[[:space:]]*$ ]]; then
    fence=''
  else
    return 1
  fi
}

# wrap_words, for wrap: prints as many words of `line` as fill lines; the rest is left in it.
wrap_words() {
  local word IFS=' '
  # shellcheck disable=SC2086 # split into words; `set -f` keeps them from naming files
  set -- $line
  line=''
  for word in "$@"; do
    if [[ -n $line ]] && ((${#line} + 1 + ${#word} > room)); then put_line "$line" && line=''; fi
    line+=${line:+ }$word
    mark=''
    if [[ $word == *'`'* ]]; then mark=$NEXT_MARK; fi
    cut_line
  done
}

# join_code, for wrap: inline code in `line` becomes one word, by the rule of lambda_src/common/run/code_in_text.py; a
# test compares the two. Tabs elsewhere become spaces.
join_code() {
  local rest=$line before run code after next
  line=''
  while [[ $rest == *'`'* ]]; do
    before=${rest%%'`'*} rest=${rest:${#before}}
    run=${rest%%[!\`]*} rest=${rest:${#run}}
    code='' after=$rest
    line+=${before//$'\t'/    }$run
    while [[ $after == *"$run"* ]]; do
      next=${after%%"$run"*} after=${after:${#next}}
      code+=$next
      next=${after%%[!\`]*} after=${after:${#next}}
      if [[ $next == "$run" ]]; then
        code=${code// /$KEPT}
        line+=${code//$'\t'/$WIDE_TAB}$run rest=$after
        break
      fi
      code+=$next
    done
  done
  line+=${rest//$'\t'/    }
}

put_line() {
  local text=${1//"$WIDE"/}
  text=${text//"$KEPT"/ }
  printf '%s%s\n' "$lead" "$text" >&3
  lead=$indent shown=yes
}

# cut_line, for wrap: prints as much of `line` as is too long for one line; each further piece begins with `mark`.
# Bytes of a longer character are never torn apart, which counting bytes (no UTF-8 locale) would do.
cut_line() {
  local fitting
  if [[ -z $counts_characters && $line == *[!\ -~$'\t'$WIDE$KEPT]* ]]; then return 0; fi
  while ((${#line} > room)); do
    fitting=$room
    while [[ ${line:fitting:1} == "$WIDE" ]]; do fitting=$((fitting - 1)); done
    put_line "${line:0:fitting}"
    line=$mark${line:fitting}
  done
}

# rule TITLE: a line across, as in ---- [TEST] ----
rule() {
  local width=$((columns < 72 ? columns : 72)) title=" [$1] " dashes side
  printf -v dashes '%*s' "$width" ''
  dashes=${dashes// /-}
  side=$(((width - ${#title}) / 2))
  say "${dashes:0:side}$title${dashes:0:width - side - ${#title}}"
}

banner() {
  if [[ -z $on_terminal || -n $plain || -n $json ]]; then return 0; fi
  if ((columns < 50)); then
    say "Test time v$VERSION"
  else
    # shellcheck disable=SC2016,SC1003 # a picture
    printf '%s\n' \
      ' _______       _     _   _' \
      '|__   __|     | |   | | (_)' \
      '  | | ___  ___| |_  | |_ _ _ __ ___   ___' \
      "  | |/ _ \\/ __| __| | __| | '_ \` _ \\ / _ \\" \
      '  | |  __/\__ \ |_  | |_| | | | | | |  __/' \
      "  |_|\\___||___/\\__|  \\__|_|_| |_| |_|\\___| v$VERSION" >&3
  fi
  say ''
}

# ask PROMPT: one line of input in REPLY, its tabs as spaces and none at its ends. Fails at the end of the input.
ask() {
  local line=''
  tell_end
  printf '%s' "$1" >&3
  if [[ -n $read_ahead ]]; then
    line=$read_ahead read_ahead=''
  elif ! read_line "$1"; then
    say ''
    return 1
  fi
  line=${line%$'\r'}
  line=${line//$'\t'/ }
  line=${line#"${line%%[! ]*}"}
  line=${line%"${line##*[! ]}"}
  if [[ -z $interactive ]]; then say "$line"; fi
  REPLY=$line
}

# read_line PROMPT: reads into `line`; while it waits, saves the draft and says when time runs out. What is being typed
# stays in the terminal until it is a whole line. Fails at the end of the input.
read_line() {
  local began wait
  while next_wake; do
    began=$SECONDS wait=$REPLY
    if IFS= read -r -t "$wait" line; then return 0; fi
    # In bash 3.2, the status does not tell the end of the input from that of the time.
    if ((SECONDS - began < wait)); then
      [[ -n $line ]]
      return
    fi
    save_if_due
    if next_mark && ((REPLY <= 0)); then
      say ''
      tell_end
      printf '%s' "$1" >&3
    fi
  done
  IFS= read -r line || [[ -n $line ]]
}

# next_wake: how many seconds a prompt may wait until something is due, at least one, in REPLY. Fails if nothing will be.
next_wake() {
  local save=''
  if seconds_to_save; then save=$REPLY; fi
  if ! next_mark || { [[ -n $save ]] && ((save < REPLY)); }; then REPLY=$save; fi
  if [[ -z $REPLY ]]; then return 1; fi
  if ((REPLY < 1)); then REPLY=1; fi
}

# waiting FOR: says so to a student who would look at a screen that does nothing.
waiting() {
  if [[ -n $on_terminal ]]; then say "Asking the server for $1 ..."; fi
}

# same A B: equal without regard to case.
same() {
  local status=0
  shopt -s nocasematch
  [[ $1 == "$2" ]] || status=1
  shopt -u nocasematch
  return "$status"
}

# ---------------------------------------------------------------------------- time, by the server's clock

# epoch YEAR MONTH DAY HOUR MINUTE SECOND, UTC: seconds since 1970 in REPLY.
# Days from the civil date after Howard Hinnant, "chrono-compatible low-level date algorithms".
epoch() {
  local year=$((10#$1)) month=$((10#$2)) days
  if ((month > 2)); then month=$((month - 3)); else month=$((month + 9)) year=$((year - 1)); fi
  days=$((365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + 10#$3 - 1 - 719468))
  REPLY=$((days * 86400 + 10#$4 * 3600 + 10#$5 * 60 + 10#$6))
}

# parse_time TEXT: 2026-11-23T22:00:00Z or Mon, 23 Nov 2026 22:00:00 GMT as epoch seconds in REPLY.
parse_time() {
  local iso='^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})'
  local http='([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT'
  local before
  if [[ $1 =~ $iso ]]; then
    epoch "${BASH_REMATCH[@]:1:6}"
  elif [[ $1 =~ $http ]]; then
    before=${MONTHS%%"${BASH_REMATCH[2]}"*}
    if ((${#before} == 36)); then return 1; fi
    epoch "${BASH_REMATCH[3]}" $((${#before} / 3 + 1)) "${BASH_REMATCH[1]}" "${BASH_REMATCH[@]:4:3}"
  else
    return 1
  fi
}

# set_clock TEXT: it is TEXT on the server now. The clock of this computer may be wrong.
set_clock() {
  if parse_time "$1"; then server_epoch=$REPLY server_noted=$SECONDS; fi
}

# local_time EPOCH: for people, in their time zone, in REPLY: Mon 23 Nov 2026, 23:00 (CET), as on the page and in the
# emails, whatever language this computer speaks.
local_time() {
  local format='%u %d %m %Y %H:%M %Z' weekday day month year clock zone
  if ((BASH_VERSINFO[0] > 4 || (BASH_VERSINFO[0] == 4 && BASH_VERSINFO[1] >= 2))); then
    printf -v REPLY "%($format)T" "$1"
  else
    REPLY=$(date -r "$1" "+$format" 2>/dev/null || date -d "@$1" "+$format")
  fi
  IFS=' ' read -r weekday day month year clock zone <<<"$REPLY"
  if [[ $zone == [+-]* ]]; then zone=UTC$zone; fi
  REPLY="${WEEKDAYS:weekday * 3 - 3:3} $((10#$day)) ${MONTHS:10#$month * 3 - 3:3} $year, $clock ($zone)"
}

# local_times TEXT: the same for each time in a message of the server.
local_times() {
  local rest=$1 words='' time iso='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z'
  while [[ $rest =~ $iso ]]; do
    time=${BASH_REMATCH[0]}
    words+=${rest%%"$time"*} rest=${rest#*"$time"}
    show_time "$time"
    words+=$REPLY
  done
  REPLY=$words$rest
}

# show_time TEXT: the same for a time from the server; unchanged if it cannot be read.
show_time() {
  if parse_time "$1"; then local_time "$REPLY"; else REPLY=$1; fi
}

# time_left TEXT: how long until then, in REPLY.
time_left() {
  local seconds
  REPLY=''
  if [[ -z $server_epoch ]] || ! parse_time "$1"; then return 0; fi
  seconds=$((REPLY - server_epoch - (SECONDS - server_noted)))
  if ((seconds <= 0)); then
    REPLY='time is up'
  elif ((seconds < 60)); then
    REPLY='less than a minute left'
  elif ((seconds < 3600)); then
    REPLY="$((seconds / 60)) min left"
  elif ((seconds < 86400)); then
    REPLY="$((seconds / 3600)) h $((seconds % 3600 / 60)) min left"
  else
    REPLY="$((seconds / 86400)) d $((seconds % 86400 / 3600)) h left"
  fi
}

# set_marks INDEX: notes what has to be said before the time for a test runs out, and when.
set_marks() {
  mark_count=0
  if [[ -z $interactive || -z $server_epoch ]]; then return 0; fi
  add_marks "${t_closes[$1]}" 'until the deadline'
  add_marks "${t_late_until[$1]}" 'until late answers are no longer accepted'
  if parse_time "${t_accepted[$1]}"; then add_mark $((REPLY + 1)) ''; fi
}

# add_marks TEXT WHAT: two minutes and thirty seconds before a time from the server, if that is still to come.
add_marks() {
  local end
  if ! parse_time "$1"; then return 0; fi
  end=$REPLY
  add_mark $((end - 120)) "2 minutes left $2."
  add_mark $((end - 30)) "30 seconds left $2."
}

# add_mark EPOCH WORDS: no words stand for the end.
add_mark() {
  if ((server_epoch + SECONDS - server_noted > $1)) && [[ -n $2 ]]; then return 0; fi
  mark_at[mark_count]=$1 mark_words[mark_count]=$2
  mark_count=$((mark_count + 1))
}

# next_mark: how many seconds until something has to be said, in REPLY; not above 0 if that is due. Fails if nothing has.
next_mark() {
  local i next=''
  for ((i = 0; i < mark_count; i++)); do
    if [[ -n ${mark_at[i]} ]] && { [[ -z $next ]] || ((mark_at[i] < next)); }; then next=${mark_at[i]}; fi
  done
  if [[ -z $next ]]; then return 1; fi
  REPLY=$((next - server_epoch - (SECONDS - server_noted)))
}

# tell_end: says what is due, once. When the server takes no more answers, ends with where they are.
tell_end() {
  local i now=0
  if ((mark_count > 0)); then now=$((server_epoch + SECONDS - server_noted)); fi
  for ((i = 0; i < mark_count; i++)); do
    if [[ -z ${mark_at[i]} ]] || ((mark_at[i] > now)); then continue; fi
    mark_at[i]=''
    if [[ -z ${mark_words[i]} ]]; then
      where_kept
      die $EXIT_NOT_OPEN "the deadline has passed, so the test no longer accepts answers. $REPLY" TestClosed
    fi
    wrap '' '' "${mark_words[i]}"
  done
}

# ---------------------------------------------------------------------------- requests

# send METHOD PATH BODY: one request. Sets http_status (000 when none came), http_body, retry_after
# (seconds) and trouble (why there was no reply).
send() {
  local reply status=0
  reply=$(request "$1" "$2" "$3" "$timeout_seconds" 2>/dev/null) 2>/dev/null || status=$?
  http_status=000 http_body='' retry_after=0 trouble='' error_code='' error_message=''
  if ((status == 0)); then
    read_reply "$reply"
  else
    explain_curl "$status"
  fi
}

# request METHOD PATH BODY SECONDS: one request, its reply to standard output; for a subshell. curl reads the key from its
# standard input, where neither `ps` nor a trace sees it; -q keeps a .curlrc from logging it.
request() {
  local body file='' status=0
  # By bytes, which is a hundred times faster. The locale is that of this subshell only.
  LC_ALL=C
  body=${3//\\/\\\\}
  body=${body//\"/\\\"}
  if ((${#body} > LONGEST_CONFIG_LINE)); then
    # By its name in this folder: curl for Windows does not find the paths of Git Bash.
    cd "${lock%/*}" && file=$test_id.$$.tmp && printf '%s' "$3" >"$file" || return
    body=@$file
  fi
  {
    printf 'url = "%s/v1/%s"\nrequest = "%s"\n' "$endpoint" "$2" "$1"
    printf 'header = "x-api-key: %s"\nheader = "accept: application/json"\n' "$api_key"
    if [[ -n $3 ]]; then
      printf 'header = "content-type: application/json"\ndata-binary = "%s"\n' "$body"
    fi
    # Only loopback is plain HTTP here: no proxy may have it, and the key with it.
    if [[ $endpoint == http:* ]]; then printf 'noproxy = "*"\n'; fi
  } | curl -q --config - --silent --include --globoff --proto '=http,https' --connect-timeout 10 --max-time "$4" || status=$?
  if [[ -n $file ]]; then rm -f "$file"; fi
  return "$status"
}

# read_reply TEXT: takes headers and body apart. Blocks of headers before the last one are
# a proxy's or an interim (1xx) reply's.
read_reply() {
  local headers block line value
  http_body=$1
  while [[ $http_body == HTTP/* ]]; do
    headers=${http_body%%$'\r\n\r\n'*} block=${http_body%%$'\n\n'*}
    # Bash for Windows takes the carriage returns out of what it reads.
    if ((${#headers} <= ${#block})); then
      http_body=${http_body:${#headers}} && http_body=${http_body#$'\r\n\r\n'}
    else
      headers=$block http_body=${http_body:${#block}} && http_body=${http_body#$'\n\n'}
    fi
    line=${headers#* } && http_status=${line:0:3} retry_after=0
    headers+=$'\n'
    while [[ -n $headers ]]; do
      line=${headers%%$'\n'*} headers=${headers#*$'\n'}
      line=${line%$'\r'} && value=${line#*: }
      case $line in
        [Rr]etry-[Aa]fter:*) read_retry_after "$value" ;;
        [Dd]ate:*) set_clock "$value" ;;
      esac
    done
  done
}

# read_retry_after VALUE: seconds or a date.
read_retry_after() {
  if [[ $1 =~ ^[0-9]{1,6}$ ]]; then
    retry_after=$((10#$1))
  elif [[ -n $server_epoch ]] && parse_time "$1"; then
    retry_after=$((REPLY > server_epoch ? REPLY - server_epoch : 0))
  fi
}

# explain_curl STATUS: curl's exit status in words (man curl, EXIT CODES).
explain_curl() {
  case $1 in
    5 | 97) trouble='the proxy of this network could not be reached' ;;
    6) trouble='the server was not found (is this computer online?)' ;;
    7) trouble='the server could not be reached (is this computer online?)' ;;
    28) trouble="no answer from the server within $timeout_seconds seconds" ;;
    18 | 52 | 55 | 56 | 92) trouble='the connection was lost' ;;
    35) trouble='no secure connection could be made' ;;
    51 | 58 | 60 | 77) trouble="the server's certificate could not be verified: log in to the Wi-Fi in a browser first, and check that this computer's date is correct" ;;
    *) trouble="curl failed with status $1" ;;
  esac
}

# call METHOD PATH BODY ATTEMPTS PROGRAM [MORE]: sends until there is an answer that counts, and reads
# it with the jq PROGRAM into `parsed`. With MORE, the program reads both by `input`, the answer first.
# 0: read; 1: refused, with error_code and error_message; 2: no answer, with `trouble`.
call() {
  local attempt=1 began=$SECONDS
  while true; do
    send "$1" "$2" "$3"
    case $http_status in
      2??)
        # Not by raw input (-R), which in jq 1.6 breaks a character at each 4096 bytes.
        parsed=$(printf '%s%s' "$http_body" "${6:-}" | jq -r ${6:+-n} "$JQ_COMMON$5" 2>/dev/null) || parsed=''
        if [[ -n $parsed ]]; then return 0; fi
        trouble='the reply was incomplete or did not come from the server (a Wi-Fi login page?)'
        ;;
      3??) trouble='the reply did not come from the server (a Wi-Fi login page?): open a browser and log in' ;;
      000) trouble=${trouble:-the reply was not HTTP} ;;
      408 | 429 | 5??)
        read_error
        trouble="the server is busy or has failed (HTTP $http_status)"
        ;;
      *)
        read_error
        return 1
        ;;
    esac
    if ((attempt >= $4)); then return 2; fi
    pause "$attempt" "$4" $((began + RETRY_FOR_SECONDS - SECONDS)) || return 2
    attempt=$((attempt + 1))
  done
}

# error_code and error_message out of an error's body: ours, the gateway's without a code, or none.
read_error() {
  local program='document | [.code // "", .message // .Message // ""] | row' fields
  error_code='' error_message=''
  fields=$(printf '%s' "$http_body" | jq -r "$JQ_COMMON$program" 2>/dev/null) || fields=''
  fields=${fields%$'\r'}
  if [[ $fields == *"$US"* ]]; then error_code=${fields%%"$US"*} error_message=${fields#*"$US"}; fi
  error_code=${error_code:-Http$http_status}
  local_times "${error_message%.}"
  error_message=${REPLY:-the server answered with HTTP $http_status}
}

# pause ATTEMPT ATTEMPTS SECONDS_LEFT: waits before the next attempt: doubling, half of it by chance so that a
# class does not come back in step, and never less than the server asked for. Fails when that is too long.
pause() {
  local milliseconds=$((retry_base_ms << ($1 - 1))) seconds
  if ((milliseconds > LONGEST_PAUSE_SECONDS * 1000)); then milliseconds=$((LONGEST_PAUSE_SECONDS * 1000)); fi
  milliseconds=$((milliseconds / 2 + milliseconds * RANDOM / 65536))
  if ((milliseconds < retry_after * 1000)); then milliseconds=$((retry_after * 1000)); fi
  if ((milliseconds > $3 * 1000)); then return 1; fi
  seconds=$((milliseconds / 1000))
  warn "$trouble"
  if ((seconds < 1)); then
    printf -v seconds '0.%03d' "$milliseconds"
    warn "attempt $(($1 + 1)) of $2"
    sleep "$seconds" 2>/dev/null || sleep 1
  else
    countdown "$seconds" "attempt $(($1 + 1)) of $2"
  fi
}

# countdown SECONDS WHAT: visible waiting; a single line if lines cannot be rewritten.
countdown() {
  local left=$1
  if [[ ! -t 2 || -n $plain ]]; then
    warn "$2 in $1 s"
    sleep "$1"
    return 0
  fi
  while ((left > 0)); do
    printf '\r%s in %d s ' "$2" "$left" >&2
    sleep 1
    left=$((left - 1))
  done
  printf '\r%s now   \n' "$2" >&2
}

# ---------------------------------------------------------------------------- setup

# shellcheck disable=SC2016
readonly JQ_SHARE='
document
| if (.studentId | id) and (.share | type) == "string" and (.share | length) == 64
    and (.share | explode | all(.[]; (. >= 48 and . <= 57) or (. >= 97 and . <= 102)))
  then [.share, .studentId] | row else error("not a share") end'

need_tools() {
  local how
  if ! command -v curl >/dev/null 2>&1; then
    how='Debian, Ubuntu, WSL: sudo apt install curl. macOS: brew install curl. Windows: it comes with Git Bash'
    die $EXIT_NO_CURL "curl is missing. $how" CurlMissing
  fi
  if ! command -v jq >/dev/null 2>&1; then
    how='Debian, Ubuntu, WSL: sudo apt install jq. macOS: brew install jq. Windows: winget install jqlang.jq, then open a new Git Bash'
    die $EXIT_NO_JQ "jq is missing. $how" JqMissing
  fi
}

# Sets config_file, which --setup writes and read_config reads.
locate_config() { config_file=${XDG_CONFIG_HOME:-${HOME:-}/.config}/test-time/config; }

# set_up: --setup, with a link or, for the server of TEST_TIME_ENDPOINT, with an API key. The configuration file is
# made first, because a link gives the key only once.
set_up() {
  local given=$setup_link
  while [[ -z $given ]] || ! read_setup "$given"; do
    if [[ -n $given ]]; then
      REPLY='this is neither a complete link nor a key: copy it again. A link ends with #pick-up= and two long numbers'
      if [[ -n $setup_link || -z $interactive ]]; then die $EXIT_USAGE "$REPLY" NotALink; fi
      warn "$REPLY"
    fi
    ask_link
  done
  check_config
  make_config_file
  if [[ -n $api_key ]]; then check_key; else pick_up; fi
  printf 'TEST_TIME_ENDPOINT=%s\nTEST_TIME_API_KEY=%s\nTEST_TIME_STUDENT_ID=%s\n' \
    "$endpoint" "$api_key" "$student" >"$config_file.new" || not_saved
  if [[ -s $config_file ]]; then mv -f "$config_file" "$config_file.before" || not_saved; fi
  mv -f "$config_file.new" "$config_file" || not_saved
  say "You are set up as $student: your key is in $config_file"
  say 'To see your tests, run test-time.sh'
}

# ask_link: one line of input, not shown, in `given`.
ask_link() {
  printf 'The link%s that your trainer sent you (it is not shown): ' "${TEST_TIME_ENDPOINT:+ or the API key}" >&3
  IFS= read -rs given || [[ -n $given ]] || { say '' && die $EXIT_SETUP 'nothing was given: not set up' NotSetUp; }
  say ''
  given=${given//[[:space:]]/}
}

# read_setup TEXT: takes a link, <endpoint>/#pick-up=<id>.<share>, or an API key apart, into endpoint and either
# link_id and share or api_key. Fails if it is neither.
read_setup() {
  local link='^(https?://[^#]+)/#pick-up=([0-9a-f]{64})[.]([0-9a-f]{64})$' key='^[A-Za-z0-9._~+/=-]{20,128}$'
  endpoint='' link_id='' share='' api_key=''
  if [[ $1 =~ $link ]]; then
    endpoint=${BASH_REMATCH[1]} link_id=${BASH_REMATCH[2]} share=${BASH_REMATCH[3]}
  elif [[ -n ${TEST_TIME_ENDPOINT:-} && ${1#TEST_TIME_API_KEY=} =~ $key ]]; then
    endpoint=$TEST_TIME_ENDPOINT api_key=${BASH_REMATCH[0]}
  else
    return 1
  fi
}

# pick_up: the API key, which is the XOR of the link's share with the server's, and its owner.
pick_up() {
  local status=0
  call POST pick-up "{\"id\":\"$link_id\"}" $READ_ATTEMPTS "$JQ_SHARE" || status=$?
  if ((status == 2)); then die $EXIT_NO_SERVER "$trouble. The link still works: try again" NoAnswer; fi
  if ((status != 0)); then
    if [[ $error_code == LinkUsed ]]; then die $EXIT_KEY "$error_message" LinkUsed; fi
    refused
  fi
  parsed=${parsed%$'\r'}
  join_shares "$share" "${parsed%%"$US"*}"
  student=${parsed#*"$US"}
}

# check_key: asks the server whose key it is.
check_key() {
  local status=0
  call GET student '' $READ_ATTEMPTS 'document | .studentId | if id then . else error("not a student") end' || status=$?
  if ((status == 1)); then refused; fi
  if ((status == 2)); then die $EXIT_NO_SERVER "$trouble. Try again later" NoAnswer; fi
  student=${parsed%$'\r'}
}

not_saved() { die $EXIT_UNEXPECTED "cannot write $config_file. A link still works for ten minutes: try again" NotSaved; }

# make_config_file: an empty new one, so that no link is used whose key could not be saved.
make_config_file() {
  local folder=${config_file%/*}
  if ! { mkdir -p "$folder" && : >"$config_file.new"; } 2>/dev/null; then
    die $EXIT_UNEXPECTED "cannot write into $folder: the link was not used" NotSaved
  fi
  trap 'rm -f "$config_file.new"' EXIT
}

# join_shares A B: the XOR of two numbers of 64 hex digits, in api_key.
join_shares() {
  local place part
  api_key=''
  for ((place = 0; place < 64; place += 8)); do
    printf -v part '%08x' $((16#${1:place:8} ^ 16#${2:place:8}))
    api_key+=$part
  done
}

# Fills endpoint, api_key and student_setting, empty if they are not set: the environment first, then the config file,
# which is read, never run. The key then leaves the environment, so that no child of this script inherits it.
find_config() {
  local file=$config_file line name value
  endpoint=${TEST_TIME_ENDPOINT:-} api_key=${TEST_TIME_API_KEY:-} student_setting=${TEST_TIME_STUDENT_ID:-}
  unset TEST_TIME_API_KEY
  if [[ -r $file && ! -d $file ]]; then
    while IFS= read -r line || [[ -n $line ]]; do
      # Windows editors leave a carriage return at each end, and a byte order mark at the beginning.
      line=${line%$'\r'} && line=${line#$'\357\273\277'}
      line=${line#"${line%%[![:space:]]*}"}
      line=${line#export }
      name=${line%%=*} value=${line#*=}
      value=${value%"${value##*[![:space:]]}"}
      case $value in \"*\" | \'*\') value=${value:1:${#value}-2} ;; esac
      case $name in
        TEST_TIME_ENDPOINT) endpoint=${endpoint:-$value} ;;
        TEST_TIME_API_KEY) api_key=${api_key:-$value} ;;
        TEST_TIME_STUDENT_ID) student_setting=${student_setting:-$value} ;;
      esac
    done <"$file"
  fi
}

read_config() {
  find_config
  if [[ -z $endpoint || -z $api_key ]]; then
    die $EXIT_SETUP "not set up: run test-time.sh --setup with the link from your trainer, or put the lines TEST_TIME_ENDPOINT=... and TEST_TIME_API_KEY=... from your trainer into $config_file, or export them" NotSetUp
  fi
  check_config
}

check_config() {
  local host
  endpoint=${endpoint%/}
  endpoint=${endpoint%/v1}
  host=${endpoint#http://}
  case $endpoint in
    *[!A-Za-z0-9._~:/@%+=\[\]-]*) die $EXIT_SETUP 'TEST_TIME_ENDPOINT contains a character that is not allowed in an address: copy it again' NotSetUp ;;
    https://?*) ;;
    http://127.0.0.1[:/]* | http://127.0.0.1 | http://localhost[:/]* | http://localhost | http://\[::1\]*) ;;
    http://*) die $EXIT_SETUP "TEST_TIME_ENDPOINT begins with http://, so anyone between you and ${host%%/*} could read your key. Ask your trainer for the https:// address" NotSetUp ;;
    *) die $EXIT_SETUP 'TEST_TIME_ENDPOINT must begin with https://' NotSetUp ;;
  esac
  if [[ $api_key == *[!A-Za-z0-9._~+/=-]* ]]; then
    die $EXIT_SETUP 'TEST_TIME_API_KEY contains a character that is not allowed in a key: copy it again' NotSetUp
  fi
}

# show_version: --version. Asks the server, if it is known, whether it has another client, by the SHA-256, which is the
# entity tag of <endpoint>/test-time.sh. Whatever fails here is no more than a warning.
show_version() {
  local folder own status line tag=''
  printf 'test-time %s\n' "$VERSION"
  find_config
  if [[ -z $endpoint ]] || ! digest "${BASH_SOURCE[0]}"; then return 0; fi
  own=$REPLY
  # A subshell: it ends where the endpoint is wrong or there is no curl.
  if ! (check_config && need_tools && read_settings) || ! folder=$(mktemp -d "${TMPDIR:-/tmp}/test-time.XXXXXX"); then return 0; fi
  # shellcheck disable=SC2064 # its name now
  trap "rm -rf '$folder'" EXIT
  check_config
  read_settings
  status=$(
    if [[ $endpoint == http:* ]]; then printf 'noproxy = "*"\n'; fi |
      curl -q --config - --silent --fail --globoff --proto '=http,https' --connect-timeout 10 --max-time "$timeout_seconds" \
        --header "if-none-match: \"$own\"" --dump-header "$folder/headers" --output "$folder/client" --write-out '%{http_code}' \
        "$endpoint/test-time.sh"
  ) || true
  case $status in
    304) say 'It is the version of your class.' ;;
    200)
      while IFS= read -r line; do
        case $line in [Ee][Tt][Aa][Gg]:*) tag=${line#*\"} && tag=${tag%%\"*} ;; esac
      done <"$folder/headers"
      if digest "$folder/client" && [[ $REPLY == "$tag" ]]; then offer_update "$folder/client"; else warn 'what the server sent is not a complete test-time.sh: try again later'; fi
      ;;
    4??) warn "your class's server does not offer this program (HTTP $status): ask your trainer" ;;
    *) warn "your class's server could not be asked for its version: try again later" ;;
  esac
}

# offer_update FILE: puts the server's client in the place of this one, if the student wants that.
offer_update() {
  local file=${BASH_SOURCE[0]}
  say "Your class's server has another version, $(sed -n 's/^readonly VERSION=//p' "$1")."
  # A link leads to a file that others may use too.
  if [[ -z $interactive || -L $file ]]; then say "To take it: curl -fsS $endpoint/install | bash" && return 0; fi
  ask 'Update now (yes, no)? ' || return 0
  case $REPLY in [Yy] | [Yy][Ee][Ss]) ;; *) return 0 ;; esac
  # Beside it and then in its place: bash reads the rest of a script from the file that it has open.
  if { cat "$1" >"$file.new" && chmod 755 "$file.new" && mv -f "$file.new" "$file"; } 2>/dev/null; then
    say "Updated: $file"
  else
    warn "cannot write $file. To install it elsewhere: curl -fsS $endpoint/install | bash"
  fi
}

# digest FILE: its SHA-256 in hex, in REPLY. Fails if no program can tell.
digest() {
  if REPLY=$(sha256sum "$1" 2>/dev/null) || REPLY=$(shasum -a 256 "$1" 2>/dev/null); then
    REPLY=${REPLY#\\} && REPLY=${REPLY%% *}
  elif REPLY=$(openssl dgst -sha256 "$1" 2>/dev/null); then
    REPLY=${REPLY##* }
  else
    return 1
  fi
}

# read_settings: the two settings of the retries, both in seconds with up to three decimals.
read_settings() {
  local base=${TEST_TIME_RETRY_BASE_SECONDS:-1} decimals seconds='^[0-9]{1,3}([.][0-9]{1,3})?$'
  timeout_seconds=${TEST_TIME_TIMEOUT_SECONDS:-30}
  if [[ ! $base =~ $seconds ]]; then
    die $EXIT_USAGE 'TEST_TIME_RETRY_BASE_SECONDS must be a number of seconds, such as 1 or 0.5'
  fi
  if [[ ! $timeout_seconds =~ $seconds ]]; then
    die $EXIT_USAGE 'TEST_TIME_TIMEOUT_SECONDS must be a number of seconds, such as 30 or 2.5'
  fi
  decimals=${base#*.}000
  if [[ $base != *.* ]]; then decimals=000; fi
  retry_base_ms=$((10#${base%.*} * 1000 + 10#${decimals:0:3}))
}

# read_arguments ARGUMENT...: sets mode, review, setup_link, want_subject, want_test, answers_file, dry_run and json.
read_arguments() {
  mode=take review='' setup_link='' want_subject='' want_test='' answers_file='' dry_run='' json=''
  while (($# > 0)); do
    case $1 in
      --subject | --test | --answers | --review)
        if (($# < 2)) || [[ -z $2 ]]; then die $EXIT_USAGE "$1 needs a value; see --help"; fi
        ;;
    esac
    case $1 in
      --subject) want_subject=$2 && shift ;;
      --test) want_test=$2 && shift ;;
      --answers) answers_file=$2 && shift ;;
      --review) mode=review review=$2 && shift ;;
      --subject=*) want_subject=${1#*=} ;;
      --test=*) want_test=${1#*=} ;;
      --answers=*) answers_file=${1#*=} ;;
      --review=*) mode=review review=${1#*=} ;;
      --list) mode=list ;;
      --scores) mode=scores ;;
      --setup)
        mode=setup
        if (($# > 1)) && [[ $2 != -* ]]; then setup_link=$2 && shift; fi
        ;;
      --dry-run) dry_run=yes ;;
      --json) json=yes ;;
      --help | -h) help_text && exit 0 ;;
      --version) mode=version ;;
      *) die $EXIT_USAGE "unknown option $1; see --help" ;;
    esac
    shift
  done
  if [[ $mode == review ]]; then
    want_subject=${review%%/*} want_test=${review#"$want_subject"/}
  fi
  if [[ $mode == review && ! ($review == */* && $want_subject =~ $ID_PATTERN && $want_test =~ $ID_PATTERN) ]]; then
    die $EXIT_USAGE '--review needs a subject and a test, such as --review operating-systems/test01'
  fi
  if [[ -n $want_subject && ! $want_subject =~ $ID_PATTERN ]]; then die $EXIT_USAGE "the value of --subject is not a valid subject name"; fi
  if [[ -n $want_test && ! $want_test =~ $ID_PATTERN ]]; then die $EXIT_USAGE "the value of --test is not a valid test ID"; fi
}

# refused: the end after a reply that refuses, by its status.
refused() {
  if [[ $error_code == StudentsOnly ]]; then
    die $EXIT_KEY "this is the trainer's key, which cannot take tests. Sign in with it on the web page, $endpoint/, to see the class and to preview tests" "$error_code"
  fi
  case $error_code in NotEnrolled | TestNotOpen | NotYetReleased) die $EXIT_NOT_OPEN "$error_message" "$error_code" ;; esac
  case $http_status in
    401 | 403)
      die $EXIT_KEY "the server refused the request: $error_message. Check TEST_TIME_API_KEY and TEST_TIME_ENDPOINT; if both are what your trainer gave you, ask your trainer for a new key" "$error_code"
      ;;
    404 | 409 | 410) die $EXIT_NOT_OPEN "$error_message" "$error_code" ;;
    *) die $EXIT_UNEXPECTED "the server refused the request: $error_message" "$error_code" ;;
  esac
}

# ---------------------------------------------------------------------------- the student's tests

# shellcheck disable=SC2016
readonly JQ_STUDENT='
def shown: [word | columns];
document
| if (.studentId | id) and (.tests | type) == "array" then . else error("not a student") end
| ["S", .studentId, (.name | shown), .serverTime, (.calendarPath | select(test("^/calendar/[0-9a-f]{64}[.]ics$"))? // "")] , (
    [.tests[] | select((.subjectName | id) and (.testId | id))] | sort_by(.closesAt, .subjectName, .testId)[]
    | ["T", .subjectName, .testId, (.title | shown), .questionCount, .closesAt, .state, .receiptId, .submittedAt,
       .points, .maxPoints, (if .mayResubmit == true then "yes" else "" end), .lateUntil, .lateCredit, .attempts, .opensAt, .acceptedUntil])
| row'

# get_student: GET /v1/student into student, student_name, calendar_path and the arrays t_*, nearest deadline first.
# Fails as call does.
get_student() {
  local kind a b c d e f g h i j k l m n o p
  waiting 'your tests'
  call GET student '' $READ_ATTEMPTS "$JQ_STUDENT" || return $?
  student_document=$http_body t_count=0
  while IFS=$US read -r kind a b c d e f g h i j k l m n o p; do
    c=${c%$'\r'}
    case $kind in
      S) student=$a student_name=$b calendar_path=${d%$'\r'} && set_clock "$c" ;;
      T)
        if [[ -n $want_subject && $a != "$want_subject" ]]; then continue; fi
        t_subject[t_count]=$a t_test[t_count]=$b t_title[t_count]=$c t_questions[t_count]=$d
        t_closes[t_count]=$e t_state[t_count]=$f t_receipt[t_count]=$g t_submitted[t_count]=$h
        t_points[t_count]=$i t_max[t_count]=$j t_again[t_count]=$k
        t_late_until[t_count]=$l t_late_credit[t_count]=$m t_attempts[t_count]=$n t_opens[t_count]=$o t_accepted[t_count]=${p%$'\r'}
        t_count=$((t_count + 1))
        ;;
    esac
  done <<<"$parsed"
  if [[ -n $student_setting && $student_setting != "$student" ]]; then
    die $EXIT_SETUP "the key belongs to $student, but TEST_TIME_STUDENT_ID names a different student: correct or remove it" NotYourStudentId
  fi
  state_dir=$state_home/${endpoint_folder}/$student
}

# takes INDEX: may this test be taken now?
takes() { [[ ${t_state[$1]} == open || -n ${t_again[$1]} ]]; }

# describe_deadline INDEX: until when a test is open and how long that is, in REPLY.
describe_deadline() {
  local words
  show_time "${t_closes[$1]}"
  words="until $REPLY"
  time_left "${t_closes[$1]}"
  words+="${REPLY:+, $REPLY}"
  if [[ $REPLY == 'time is up' && -n ${t_late_until[$1]} ]]; then
    show_time "${t_late_until[$1]}"
    words+="; late answers earn ${t_late_credit[$1]} of their points until $REPLY"
    time_left "${t_late_until[$1]}"
    words+="${REPLY:+, $REPLY}"
  fi
  REPLY=$words
}

# is_draft RECEIPT: did the student submit nothing, so that their draft was handed in?
is_draft() { [[ $1 == draft-* ]]; }

# describe_state INDEX: what became of a test, in REPLY.
describe_state() {
  local words='' when receipt=${t_receipt[$1]}
  show_time "${t_submitted[$1]}" && when=$REPLY
  show_time "${t_closes[$1]}"
  case ${t_state[$1]} in
    announced) words=$REPLY && show_time "${t_opens[$1]}" && words="opens on $REPLY, closes on $words" ;;
    open) describe_deadline "$1" && words="open $REPLY" ;;
    submitted) words="submitted $when" ;;
    scored) words="scored: ${t_points[$1]} of ${t_max[$1]} points" ;;
    closed) words="closed on $REPLY, not submitted" ;;
    *) words=${t_state[$1]} ;;
  esac
  if is_draft "$receipt"; then
    words+=", handed in automatically, last saved on $when"
  elif [[ ${t_state[$1]} == scored && -n $when ]]; then
    words+=", submitted $when"
  fi
  if [[ -n $receipt ]]; then words+=", receipt $receipt"; fi
  REPLY=$words
}

# local_receipts: all receipts kept on this computer for this endpoint, one after the other, in REPLY.
local_receipts() {
  local file content all=''
  for file in "$state_home/$endpoint_folder"/*/*/*.receipt.json; do
    if [[ -r $file ]]; then
      IFS= read -r -d '' content <"$file" || true
      all+=$content
    fi
  done
  REPLY=$all
}

# shellcheck disable=SC2016
readonly JQ_RECEIPTS='
select(type == "object" and .receiptId)
| [.studentId, .subjectName, .testId, .receiptId, .submittedAt] | row'

# list_receipts: the receipts kept here that the server did not list; all of them if it did not answer.
list_receipts() {
  local owner subject test receipt submitted i known
  set +f && local_receipts && set -f
  while IFS=$US read -r owner subject test receipt submitted; do
    known=''
    for ((i = 0; i < t_count; i++)); do
      if [[ ${t_subject[i]}/${t_test[i]}/$student == "$subject/$test/$owner" && -n ${t_receipt[i]} ]]; then known=yes; fi
    done
    if [[ -z $owner || -n $known || (-n $student && $owner != "$student") ]]; then continue; fi
    if [[ -n $want_subject && $subject != "$want_subject" ]]; then continue; fi
    submitted=${submitted%$'\r'}
    show_time "$submitted"
    wrap '' '  ' "$subject $test: receipt $receipt from $REPLY, kept on this computer"
  done <<<"$(printf '%s' "$REPLY" | jq -r "$JQ_COMMON$JQ_RECEIPTS" 2>/dev/null)"
}

list_tests() {
  local status=0 i
  get_student || status=$?
  if ((status == 1)); then refused; fi
  if ((status == 2)); then
    if [[ -z $json ]]; then list_receipts; fi
    die $EXIT_NO_SERVER "$trouble. Only the receipts kept on this computer can be shown. Try again later" NoAnswer
  fi
  if [[ -n $json ]]; then print_student 'true' && return 0; fi
  wrap '' '' "Tests for $student_name"
  for ((i = 0; i < t_count; i++)); do
    describe_state "$i"
    wrap '' '  ' "${t_subject[i]} ${t_test[i]}: ${t_title[i]}"
    wrap '  ' '  ' "$REPLY"
  done
  if ((t_count == 0)); then say 'none'; fi
  list_receipts
  if [[ -n $calendar_path ]]; then
    wrap '' '' 'To see these times in your calendar app, subscribe to this address, and keep it to yourself:'
    say "  $endpoint$calendar_path"
  fi
}

# print_student CONDITION: the server's document with those tests for which the jq CONDITION holds.
print_student() {
  local program=".tests |= map(select(\$subject == \"\" or .subjectName == \$subject) | select($1))"
  printf '%s' "$student_document" | jq -ac --arg subject "$want_subject" "$program"
}

list_scores() {
  local status=0 i words shown=''
  get_student || status=$?
  if ((status == 1)); then refused; fi
  if ((status == 2)); then die $EXIT_NO_SERVER "$trouble. Try again later" NoAnswer; fi
  if [[ -n $json ]]; then print_student '.state == "scored"' && return 0; fi
  wrap '' '' "Scores for $student_name"
  for ((i = 0; i < t_count; i++)); do
    if [[ ${t_state[i]} != scored ]]; then continue; fi
    shown=yes
    words="${t_subject[i]} ${t_test[i]}: ${t_points[i]} of ${t_max[i]} points (${t_title[i]})"
    if is_draft "${t_receipt[i]}"; then words+=', handed in automatically'; fi
    wrap '' '  ' "$words"
  done
  if [[ -z $shown ]]; then say 'none yet: tests are scored after their deadline'; fi
}

# choose_test: the index of the test to take, in `chosen_test`. Asks if several are open.
choose_test() {
  local i open=() status=0
  get_student || status=$?
  if ((status == 1)) && [[ $error_code == StudentsOnly && -n $interactive && -z $answers_file$json ]]; then preview; fi
  if ((status == 1)); then refused; fi
  if ((status == 2)); then
    die $EXIT_NO_SERVER "$trouble. Answers that you gave earlier are kept in $state_home. Try again later" NoAnswer
  fi
  for ((i = 0; i < t_count; i++)); do
    if [[ -n $want_test && ${t_test[i]} != "$want_test" ]]; then continue; fi
    if takes "$i"; then open+=("$i"); fi
  done
  if ((${#open[@]} == 0)); then explain_none_open; fi
  chosen_test=${open[0]}
  if [[ -n $want_test ]] && ((${#open[@]} == 1)); then return 0; fi
  if [[ -z $interactive || $answers_file == - ]]; then
    if ((${#open[@]} == 1)); then return 0; fi
    die $EXIT_USAGE 'several tests are open: choose one with --subject and --test' SeveralOpen
  fi
  show_menu "${open[@]}"
}

# explain_none_open: why there is nothing to take, and the end.
explain_none_open() {
  local i found='' about="${want_subject:+ in $want_subject}"
  if [[ -z $want_test ]]; then
    wrap '' '' "Hello $student_name. No test$about is open for you right now."
    if ((t_count > 0)); then say 'test-time.sh --list shows all your tests.'; fi
    die $EXIT_NOT_OPEN "no test$about is open" NoOpenTest
  fi
  for ((i = 0; i < t_count; i++)); do
    if [[ ${t_test[i]} != "$want_test" ]]; then continue; fi
    describe_state "$i"
    found+="${found:+; }${t_subject[i]} $want_test"
    case ${t_state[i]} in
      submitted | scored) found+=" has already been submitted, and those answers count: $REPLY" ;;
      announced) found+=" is not open yet: it $REPLY" ;;
      *) found+=" is not open: $REPLY" ;;
    esac
    place_files "$i"
    if [[ ${t_state[i]} == closed && -f $draft ]]; then found+=". The answers you gave are in $draft"; fi
  done
  if [[ -n $found ]]; then die $EXIT_NOT_OPEN "$found" TestNotOpen; fi
  die $EXIT_NOT_OPEN "you have no test $want_test$about; test-time.sh --list shows all your tests" TestNotFound
}

# show_menu INDEX...: asks which test; if there is only one, whether to take it.
show_menu() {
  local open=("$@") number i
  wrap '' '' "Hello $student_name. Your open tests, nearest deadline first:"
  for ((number = 1; number <= ${#open[@]}; number++)); do
    i=${open[number - 1]}
    wrap "$number) " '   ' "${t_subject[i]} ${t_test[i]}: ${t_title[i]}"
    describe_deadline "$i"
    wrap '   ' '   ' "${t_questions[i]} questions, $REPLY"
    if [[ ${t_state[i]} != open ]]; then
      describe_state "$i" && wrap '   ' '   ' "$REPLY; you may submit again"
    fi
    place_files "$i"
    if [[ -f $draft ]]; then say '   started, not uploaded yet'; fi
  done
  choose_number ${#open[@]} 'Take it now'
  chosen_test=${open[10#$REPLY - 1]}
}

# choose_number COUNT QUESTION: the number of the choice, in REPLY. If there is only one, asks QUESTION instead.
choose_number() {
  local prompt="Which one (1-$1, or quit)? "
  if (($1 == 1)); then prompt="$2 (yes or no)? "; fi
  while true; do
    ask "$prompt" || leave
    if (($1 == 1)); then
      case $REPLY in [Yy]*) REPLY=1 ;; [Nn]*) REPLY=quit ;; esac
    fi
    case $REPLY in [Qq] | [Qq]uit | :quit) leave ;; esac
    if [[ $REPLY =~ ^[0-9]{1,4}$ ]] && ((10#$REPLY >= 1 && 10#$REPLY <= $1)); then return 0; fi
    say 'Type one of the choices shown, or quit.'
  done
}

# ---------------------------------------------------------------------------- answers on disk

# place_files INDEX: where a test's answers and receipt are kept.
place_files() {
  draft=$state_dir/${t_subject[$1]}/${t_test[$1]}.answers.json
  receipt_file=$state_dir/${t_subject[$1]}/${t_test[$1]}.receipt.json
  lock=$state_dir/${t_subject[$1]}/${t_test[$1]}.lock
}

# keep FILE TEXT: writes a file so that it is whole, old or new, whenever the power goes.
keep() {
  local temporary=$1.$$.tmp
  if { printf '%s\n' "$2" >"$temporary"; } 2>/dev/null; then
    sync "$temporary" 2>/dev/null || true
    if mv -f "$temporary" "$1" 2>/dev/null; then return 0; fi
  fi
  rm -f "$temporary" 2>/dev/null || true
  return 1
}

# take_lock: only this terminal writes the test's answers. A lock whose process is gone does not count.
take_lock() {
  local holder=''
  lock_mark="$$ $RANDOM$RANDOM"
  if ! mkdir -p "${lock%/*}" 2>/dev/null; then
    die $EXIT_UNEXPECTED "cannot write to ${lock%/*}, where your answers would be kept: free some space there, or set XDG_STATE_HOME to another folder"
  fi
  if ! { set -C && printf '%s\n' "$lock_mark" >"$lock"; } 2>/dev/null; then
    set +C
    if [[ -r $lock ]]; then IFS= read -r holder <"$lock" || true; fi
    if [[ ${holder%% *} =~ ^[0-9]+$ ]] && kill -0 "${holder%% *}" 2>/dev/null; then offer_takeover "${holder%% *}"; fi
    if ! keep "$lock" "$lock_mark"; then
      die $EXIT_UNEXPECTED "cannot write to ${lock%/*}, where your answers would be kept: free some space there, or set XDG_STATE_HOME to another folder"
    fi
  fi
  set +C
  locked=yes
}

# offer_takeover PROCESS: the test is open in another terminal.
offer_takeover() {
  local words="this test is open in another terminal (process $1)"
  if [[ -z $interactive ]]; then die $EXIT_UNSENT "$words: close it there first; if there is no such terminal, remove $lock" OpenElsewhere; fi
  warn "$words"
  ask 'Continue here instead (yes or no)? ' || leave
  case $REPLY in [Yy]*) ;; *) leave ;; esac
}

# lock_is_ours: false once another terminal took over; it has the answers given here, from disk.
lock_is_ours() {
  local holder=''
  if [[ -r $lock ]]; then IFS= read -r holder <"$lock" || true; fi
  [[ $holder == "$lock_mark" ]]
}

release_lock() {
  if [[ -n ${locked:-} ]] && lock_is_ours; then rm -f "$lock"; fi
  locked=''
}

# answers_json: the answers as the API takes them, in REPLY: {"1":"a","2":["b","c"]}.
answers_json() { json_of ${chosen[@]+"${chosen[@]}"}; }

# json_of ANSWERS...: the same for an answer to each question.
json_of() {
  local i all='' answers=("$@")
  for ((i = 0; i < q_count; i++)); do
    if [[ -n ${answers[i]} ]]; then all+="${all:+,}${q_json[i]}:${answers[i]}"; fi
  done
  REPLY="{$all}"
}

# choose QUESTION ANSWER WORDS: the answer from now on.
choose() { chosen[$1]=$2 chosen_words[$1]=$3; }

# save: writes the current answers to disk. Fails if they could not be written.
save() {
  local i hashes='' more='' unanswered=${sent//$'\n'/,}
  if ! lock_is_ours; then
    locked=''
    die $EXIT_UNSENT 'this test has been continued in another terminal: continue there. The last answer given here was not saved' OpenElsewhere
  fi
  for ((i = 0; i < q_count; i++)); do hashes+="${hashes:+,}${q_json[i]}:\"${q_hash[i]}\""; done
  if [[ -n $version ]]; then more=",\"version\":\"$version\",\"base\":$base"; fi
  more+=",\"sent\":[${unanswered%,}],\"replaces\":\"$replaces\""
  answers_json
  keep "$draft" "{\"subjectName\":\"$subject\",\"testId\":\"$test_id\",\"studentId\":\"$student\",\"answers\":$REPLY,\"questions\":{$hashes}$more}"
}

# set_aside: puts the answers on disk where nothing is written over them, in REPLY.
set_aside() {
  local number=1
  REPLY=${draft%.json}.previous.json
  while [[ -e $REPLY ]]; do number=$((number + 1)) REPLY=${draft%.json}.previous-$number.json; done
  if [[ -f $draft ]]; then mv -f "$draft" "$REPLY"; fi
}

# leave: the end before an upload, because the student said so or the input ended.
leave() {
  local kept
  if [[ -n $locked ]]; then save_draft; fi
  if [[ -z $locked || ! -f $draft ]]; then
    # If the disk is full, the server may have them.
    if is_saved && [[ $base != '{}' ]]; then die $EXIT_UNSENT 'not uploaded. Your answers are kept on the server: start test-time.sh again, here or on another device, to continue' Unsent; fi
    die $EXIT_UNSENT 'nothing was uploaded' Unsent
  fi
  kept="not uploaded. Your answers are kept in $draft"
  if [[ -n $unsettled ]]; then
    show_time "$their_time"
    die $EXIT_UNSENT "$kept. The server has other answers from another device, saved on $REPLY: start test-time.sh again to continue" Unsent
  fi
  if is_saved; then die $EXIT_UNSENT "$kept and on the server: start test-time.sh again, here or on another device, to continue" Unsent; fi
  die $EXIT_UNSENT "$kept: start test-time.sh again to continue" Unsent
}

# stopped SIGNAL NUMBER: the end by Ctrl-C, a closed window or a kill.
stopped() {
  trap '' TERM HUP
  # A second Ctrl-C ends curl, which inherits what is ignored, and with it the wait for a server that does not answer.
  trap : INT
  # It is empty if the signal came while `read` was waiting.
  IFS=$' \t\n'
  # Before anything is said: the window may be gone.
  if [[ -n ${locked:-} ]]; then save_draft; fi
  printf '\n' >&2
  if [[ -n ${uploading:-} ]]; then
    warn "stopped by $1 during the upload, which may or may not have arrived. Start test-time.sh again and upload again; the same answers count only once"
  elif [[ -n ${locked:-} ]] && is_saved; then
    warn "stopped by $1. Your answers are kept here and on the server: start test-time.sh again, here or on another device, to continue"
  elif [[ -n ${locked:-} ]]; then
    warn "stopped by $1. Your answers are kept: start test-time.sh again to continue"
  fi
  exit $((128 + $2))
}

# ---------------------------------------------------------------------------- types of questions

# What the jq programs know of answers; the shell's part is below. `fit($question)` reads an answer as the API has it: as
# {json: what is uploaded for it, words: what shows it, whole: whether all of it fits}, of a question with gaps also
# `gaps`, the same for each gap that is filled in; nothing if no part of it fits.
# A number is a decimal (lambda_src/common/shared/typed_answers.py; a test compares the two). It is read without regular
# expressions: by what came before each character, up to the third digit of an exponent.
# shellcheck disable=SC2016
readonly JQ_ANSWERS='
def letter: "abcdefghijklmnopqrstuvwxyz"[.:. + 1];
def is_number: type == "string" and length <= 50 and (reduce explode[] as $c ("";
  ($c >= 48 and $c <= 57) as $digit | ($c == 43 or $c == 45) as $sign | ($c == 44 or $c == 46) as $point
  | if . == "" and $sign then "sign"
    elif (. == "" or . == "sign" or . == "digits") and $digit then "digits"
    elif (. == "" or . == "sign") and $point then "point"
    elif . == "digits" and $point then "decimals"
    elif (. == "point" or . == "decimals") and $digit then "decimals"
    elif (. == "digits" or . == "decimals") and ($c == 69 or $c == 101) then "e"
    elif . == "e" and $sign then "e sign"
    elif (. == "e" or . == "e sign") and $digit then "e1"
    elif . == "e1" and $digit then "e2"
    elif . == "e2" and $digit then "e3"
    else "none" end) | . == "digits" or . == "decimals" or . == "e1" or . == "e2" or . == "e3");
def is_blank: . == 32 or . == 160 or . == 5760 or (. >= 8192 and . <= 8202) or . == 8239 or . == 8287 or . == 12288;
def is_control: . < 32 or (. >= 127 and . <= 159) or . == 8232 or . == 8233;
def trim: if startswith(" ") then .[1:] | trim elif endswith(" ") then .[:-1] | trim else . end;
def one_line: explode | map(if . == 9 or . == 10 or . == 13 then 32 else . end) | implode | trim;
def wrong_text: if all(explode[]; is_blank) then "empty" elif length > 500 then "long"
  elif any(explode[]; is_control) then "control" else null end;
def spaced: split("  ") | join("\u001c\u001c");
def typed_words: word | if all(explode[]; is_blank) then "(nothing that can be seen)" else . end | columns | spaced;
def places($options): [.[] as $id | $options | map(.id) | index($id) | values];
def gaps_named: if .type == "gaps" and (.text | type) == "string"
  then reduce .gaps[].id as $id (.; .text |= (split("{{\($id)}}") | join("[gap \($id)]"))) else . end;
def by_gap: map("\(.id | word | columns): \(.words)") | join(" | ");
def fit($question):
  def options: if type == "array" then . else [.] end | map(strings) | unique;
  def chosen: options as $ids | [$question.options | to_entries[] | select(.value.id as $id | $ids | index($id))];
  def letters: map(.key | letter) | join(" ");
  if $question.type == "number" then select(is_number) | {json: tojson, words: ., whole: true}
  elif $question.type == "text" then
    strings | one_line | select(wrong_text == null) | {json: tojson, words: typed_words, whole: true}
  elif $question.type == "order" then
    arrays | select(sort == ([$question.options[].id] | sort))
    | {json: tojson, words: (places($question.options) | map(letter) | join(" ")), whole: true}
  elif $question.type == "match" then
    objects | . as $given
    | [$question.items | to_entries[] | .value.id as $item | {place: .key, $item, option: $given[$item]}
      | select(.option | type == "string") | . + {letter: ([.option] | places($question.options)[])}]
    | select(length > 0)
    | {json: "{\(map("\(.item | tojson):\(.option | tojson)") | join(","))}",
       words: (map("\(.place + 1)\(.letter | letter)") | join(" ")), whole: (length == ($given | length))}
  elif $question.type == "gaps" then
    objects | . as $given
    | [$question.gaps | to_entries[] | .value as $gap | {place: .key, id: $gap.id} + ($given[$gap.id] | values | fit($gap))]
    | select(length > 0)
    | {json: "{\(map("\(.id | tojson):\(.json)") | join(","))}", words: by_gap,
       whole: (length == ($given | length)), gaps: .}
  elif $question.type == "multiple" then
    (if type == "array" then unique else [.] end | length) as $count
    | chosen | select(length > 0) | {json: (map(.value.id) | tojson), words: letters, whole: (length == $count)}
  elif $question.type == "single" then
    select(type != "array" or length == 1)
    | chosen | select(length == 1) | {json: (.[0].value.id | tojson), words: letters, whole: true}
  else {json: tojson, words: "(answered elsewhere)", whole: true} end;
'

# A typed text as fields: its JSON, its words, and what is wrong with it, if anything is.
readonly JQ_TYPED='strings | one_line | [[tojson], [typed_words], wrong_text] | row'

# hint TYPE: what to type, in REPLY.
hint() {
  case $1 in
    single) REPLY='' ;;
    multiple) REPLY='one or more answers, such as: a c' ;;
    number) REPLY='a number, such as 62 or 3.5' ;;
    text) REPLY='type your answer; commands begin with a colon, such as :back' ;;
    order) REPLY='all letters in the right order, such as: b a c' ;;
    match) REPLY='a letter for each number, such as: 1b 2a' ;;
    gaps) REPLY='one answer for each gap' ;;
    *) REPLY='this version of test-time.sh cannot ask this question: leave it with skip, and answer it on the web page' ;;
  esac
}

# read_answer QUESTION LINE: the answer that LINE gives, in REPLY, and its words in `answer_words`; or fails with what is
# wrong in REPLY.
read_answer() {
  case ${q_type[$1]} in
    single | multiple) read_options "$1" "$2" ;;
    number) read_number "$2" ;;
    text) read_text "$2" ;;
    order) read_order "$1" "$2" ;;
    match) read_match "$1" "$2" ;;
    *) hint '' && return 1 ;;
  esac
}

# option_letters QUESTION: a, b, c, d, in REPLY.
option_letters() {
  local place letters=''
  for ((place = 0; place < q_options[$1]; place++)); do letters+="${letters:+, }${LETTERS:place:1}"; done
  REPLY=$letters
}

# find_option QUESTION WORD: the place of the option of that letter, in REPLY; or fails with what is wrong in REPLY.
find_option() {
  local place
  for ((place = 0; place < q_options[$1]; place++)); do
    if same "${LETTERS:place:1}" "$2"; then REPLY=$place && return 0; fi
  done
  option_letters "$1"
  REPLY="${2//[![:print:]]/?} is not one of: $REPLY"
  return 1
}

# read_options QUESTION LINE: the options that LINE names, in their order and once each.
read_options() {
  local word words=${2//,/ } place found=' ' all='' letters=''
  # bc is as clear as b c.
  if [[ ${q_type[$1]} == multiple && $words =~ ^[a-zA-Z]+$ ]]; then spread "$words" && words=$REPLY; fi
  for word in $words; do
    find_option "$1" "$word" || return 1
    found+="$REPLY "
  done
  for ((place = 0; place < q_options[$1]; place++)); do
    if [[ $found == *" $place "* ]]; then all+="${all:+,}${o_json[q_first[$1] + place]}" letters+="${letters:+ }${LETTERS:place:1}"; fi
  done
  if [[ -z $letters ]]; then option_letters "$1" && REPLY="type one of: $REPLY" && return 1; fi
  if [[ ${q_type[$1]} == multiple ]]; then
    all="[$all]"
  elif [[ $letters == *' '* ]]; then
    REPLY='this question takes only one answer'
    return 1
  fi
  REPLY=$all answer_words=$letters
}

# spread WORD: its characters with spaces between them, in REPLY.
spread() {
  local place spaced=''
  for ((place = 0; place < ${#1}; place++)); do spaced+="${1:place:1} "; done
  REPLY=$spaced
}

# read_number LINE: a number as it is typed. Its minus may be the sign that word processors write.
read_number() {
  local number=${1//$'\342\210\222'/-} digit='[0123456789]' decimal
  decimal="^[+-]?($digit+([.,]$digit*)?|[.,]$digit+)([eE][+-]?$digit{1,3})?\$"
  if ((${#number} > 50)); then REPLY='This is too long: type at most 50 characters.' && return 1; fi
  if [[ ! $number =~ $decimal ]]; then
    REPLY='This is not a number. Type one such as 62 or 3.5.'
    return 1
  fi
  REPLY="\"$number\"" answer_words=$number
}

# read_text LINE: a text as it is typed. Two colons stand for the first one of an answer that is the name of a command.
read_text() {
  local line=$1 answer='' words='' wrong=''
  # The shell may count bytes, of which a character has four at most; jq counts characters.
  if ((${#line} > 4 * 500)); then REPLY='This is too long: type at most 500 characters.' && return 1; fi
  if [[ $line == ::* ]] && find_command text "${line#:}"; then line=${line#:}; fi
  line=${line//\\/\\\\}
  line=${line//\"/\\\"}
  line=$(printf '"%s"' "$line" | jq -r "$JQ_COMMON$JQ_ANSWERS$JQ_TYPED" 2>/dev/null) || line=''
  IFS=$US read -r answer words wrong <<<"$line" || true
  wrong=${wrong%$'\r'}
  # What is not UTF-8 is replaced by jq.
  if [[ -z $answer || $answer == *$'\357\277\275'* ]]; then wrong=control; fi
  case $wrong in
    '') REPLY=$answer answer_words=$words && return 0 ;;
    empty) REPLY='This has only spaces. Type your answer.' ;;
    long) REPLY='This is too long: type at most 500 characters.' ;;
    *) REPLY='This contains a character that cannot be sent, such as that of an arrow key. Type your answer again.' ;;
  esac
  return 1
}

# read_order QUESTION LINE: all letters, however they are separated.
read_order() {
  local letter place found=' ' all='' letters='' twice='' missing=''
  spread "${2//[ ,]/}"
  for letter in $REPLY; do
    find_option "$1" "$letter" || return 1
    letter=${LETTERS:REPLY:1}
    if [[ $found == *" $REPLY "* ]]; then twice+="${twice:+, }$letter"; fi
    found+="$REPLY " all+="${all:+,}${o_json[q_first[$1] + REPLY]}" letters+="${letters:+ }$letter"
  done
  for ((place = 0; place < q_options[$1]; place++)); do
    if [[ $found != *" $place "* ]]; then missing+="${missing:+, }${LETTERS:place:1}"; fi
  done
  if [[ -n $twice$missing ]]; then
    REPLY="type every letter once.${twice:+ More than once: $twice.}${missing:+ Missing: $missing.}"
    return 1
  fi
  REPLY="[$all]" answer_words=$letters
}

# read_match QUESTION LINE: a letter for each number, or for some: 1b 2a, 1=b, 2=a, or 1 b 2 a.
read_match() {
  local rest=$2 pair='^[ ,;]*([0-9]{1,2}) *[-=:.)]? *([a-zA-Z])([^a-zA-Z].*)?$' item place all='' words='' found=()
  while [[ -n ${rest//[ ,;]/} ]]; do
    if [[ ! $rest =~ $pair ]]; then REPLY='type a letter for each number, such as: 1b 2a' && return 1; fi
    item=$((10#${BASH_REMATCH[1]} - 1)) rest=${BASH_REMATCH[3]}
    find_option "$1" "${BASH_REMATCH[2]}" || return 1
    place=$REPLY
    if ((item < 0 || item >= q_items[$1])); then REPLY="$((item + 1)) is not one of the numbers 1 to ${q_items[$1]}" && return 1; fi
    if [[ -n ${found[item]:-} ]]; then REPLY="type every number at most once. More than once: $((item + 1))." && return 1; fi
    found[item]=$place
  done
  for ((item = 0; item < q_items[$1]; item++)); do
    if [[ -z ${found[item]:-} ]]; then continue; fi
    all+="${all:+,}${i_json[q_begin[$1] + item]}:${o_json[q_first[$1] + found[item]]}"
    words+="${words:+ }$((item + 1))${LETTERS:found[item]:1}"
  done
  if [[ -z $words ]]; then REPLY='type a letter for each number, such as: 1b 2a' && return 1; fi
  REPLY="{$all}" answer_words=$words
}

# is_partial QUESTION: have only some of its items an option, or are only some of its gaps filled in? How many of how many,
# in REPLY.
is_partial() {
  local given all
  if [[ -z ${chosen[$1]} ]]; then return 1; fi
  case ${q_type[$1]} in
    match) given=${chosen_words[$1]//[! ]/} given=$((${#given} + 1)) all=${q_items[$1]} ;;
    gaps) count_filled "$1" && given=$REPLY all=${q_gaps[$1]} ;;
    *) return 1 ;;
  esac
  if ((given == all)); then return 1; fi
  REPLY="$given of $all"
}

# count_filled QUESTION: how many of its gaps are filled in, in REPLY.
count_filled() {
  local gap filled=0
  for ((gap = q_gap[$1]; gap < q_gap[$1] + q_gaps[$1]; gap++)); do
    if [[ -n ${chosen[gap]} ]]; then filled=$((filled + 1)); fi
  done
  REPLY=$filled
}

# give QUESTION PLACE ANSWER WORDS: the answer at PLACE, which is the question or one of its gaps, from now on.
give() {
  local gap all='' words=''
  choose "$2" "$3" "$4"
  if [[ $1 == "$2" ]]; then return 0; fi
  for ((gap = q_gap[$1]; gap < q_gap[$1] + q_gaps[$1]; gap++)); do
    if [[ -z ${chosen[gap]} ]]; then continue; fi
    all+="${all:+,}${q_json[gap]}:${chosen[gap]}" words+="${words:+ | }${q_text[gap]}: ${chosen_words[gap]}"
  done
  if [[ -n $all ]]; then all="{$all}"; fi
  choose "$1" "$all" "$words"
}

# find_command TYPE LINE: the command that LINE is at a question of this type, in REPLY. Fails if it is none.
find_command() {
  local name=${2#:}
  if [[ $1 == text && $2 != :* ]]; then return 1; fi
  case $name in
    '?' | [Hh]elp) REPLY=help ;;
    [Bb]ack) REPLY=back ;;
    [Ll]ist) REPLY=list ;;
    [Qq]uit) REPLY=quit ;;
    [Ss]kip) REPLY=skip ;;
    *) return 1 ;;
  esac
}

# ---------------------------------------------------------------------------- the server's draft

# shellcheck disable=SC2016
readonly JQ_SAVED='document | .version | if id then . else error("no version") end'

# ask_for_draft INDEX: sends GET /v1/draft and does not wait: receive_draft reads the reply from descriptor 4.
ask_for_draft() {
  exec 4< <(request GET "draft?subjectName=${t_subject[$1]}&testId=${t_test[$1]}" '' $DRAFT_TIMEOUT_SECONDS 2>/dev/null 3>&-)
}

# receive_draft: once the test is loaded. If no reply came, the answers that are here will do.
receive_draft() {
  local reply=''
  IFS= read -r -d '' reply <&4 || true
  exec 4<&-
  http_status=000
  read_reply "$reply"
  case $http_status in
    200) if read_theirs "$http_body"; then unsettled=yes; fi ;;
    404) version='' base='{}' ;;
  esac
  follows=yes next_save=$((SECONDS + SAVE_EVERY_SECONDS))
}

# read_theirs REPLY: the draft in a reply of the server, as far as it fits the test. Fails if it has none.
read_theirs() {
  local kind a b c rows
  with_answers lenient "$1"
  rows=$(printf '%s%s' "$test_document" "$REPLY" | jq -rn "$JQ_COMMON$JQ_TEST" 2>/dev/null) || return 1
  their_version=''
  for ((a = 0; a < q_count + gap_count; a++)); do theirs[a]='' their_words[a]=''; done
  while IFS=$US read -r kind a b c; do
    case $kind in
      A) theirs[a]=$b their_words[a]=${c%$'\r'} ;;
      D) their_version=$a their_time=$b ;;
    esac
  done <<<"$rows"
  [[ -n $their_version ]]
}

# settle: continues with the answers here or with the draft of another device. Compares both with what the server had
# when this device last saw it: what only one of them changed stands. Asks if each has what the other has not. The page
# has the same rule (lambda_src/web_page/page/saved_draft.js); a test compares the two.
settle() {
  local i here there more_here='' more_there='' aside=''
  for ((i = 0; i < q_count; i++)); do
    if [[ ${chosen[i]} == "${theirs[i]}" ]]; then continue; fi
    if [[ -n ${chosen[i]} ]]; then more_here=yes; fi
    if [[ -n ${theirs[i]} ]]; then more_there=yes; fi
  done
  json_of ${theirs[@]+"${theirs[@]}"}
  there=$REPLY
  answers_json
  here=$REPLY
  if is_submitted_since "$their_time"; then
    adopt '{}'
  elif [[ $here == "$there" || $base == "$there" ]] || may_have_arrived "$there"; then
    adopt "$there"
  elif [[ -z $more_here || $here == "$base" ]]; then
    take_theirs
    tell_taken
  elif [[ -z $more_there ]]; then
    adopt "$there"
  else
    ask_which
  fi
  unsettled=''
}

# may_have_arrived ANSWERS: were they sent from here, and no reply came?
may_have_arrived() { [[ $'\n'$sent == *$'\n'"$1"$'\n'* ]]; }

# is_submitted_since TEXT: was the test submitted at that time or later? Then what was saved until then has no meaning.
is_submitted_since() {
  local saved
  if ! parse_time "$1"; then return 1; fi
  saved=$REPLY
  parse_time "${t_submitted[chosen_test]}" && ((saved <= REPLY))
}

# adopt BASE: from now on, the draft of the other device is the one last seen here.
adopt() {
  version=$their_version base=$1 sent=''
  if [[ -f $draft || $base == *:* ]]; then save || true; fi
}

# note_uploaded: what is uploaded next replaces the upload that is known now.
note_uploaded() {
  replaces=''
  if [[ ${t_receipt[chosen_test]} =~ $ID_PATTERN ]]; then replaces=${t_receipt[chosen_test]}; fi
}

# take_theirs: the other device's answers in the place of those that are here. Sets those aside, in `aside`, which that
# device has not seen, or has cleared.
take_theirs() {
  local i
  if [[ -n $more_here && ($here != "$base" || $there == '{}') ]]; then set_aside && aside=$REPLY; fi
  for ((i = 0; i < q_count + gap_count; i++)); do choose "$i" "${theirs[i]}" "${their_words[i]}"; done
  note_uploaded
  adopt "$there"
}

tell_taken() {
  show_time "$their_time"
  if [[ $base == '{}' ]]; then
    wrap '' '' "You have started this test again on another device (saved $REPLY), so there are no answers yet."
  else
    wrap '' '' "Your answers from another device (saved $REPLY) were filled in."
  fi
}

# ask_which: shows both where they differ, and asks which ones to keep.
ask_which() {
  local i when
  show_time "$their_time" && when=$REPLY
  wrap '' '' "The answers on this device differ from those that were saved on the server on $when, from another device:"
  for ((i = 0; i < q_count; i++)); do
    if [[ ${chosen[i]} == "${theirs[i]}" ]]; then continue; fi
    first_line "$i"
    wrap '' '  ' "Question $((i + 1)): $REPLY"
    wrap '  ' '    ' "this device: ${chosen_words[i]:-not answered}"
    wrap '  ' '    ' "the server: ${their_words[i]:-not answered}"
  done
  wrap '' '' 'Which answers do you want to keep?'
  wrap '1) ' '   ' 'those on this device'
  wrap '2) ' '   ' "those on the server, saved on $when"
  choose_number 2 ''
  if ((10#$REPLY == 1)); then
    adopt "$there"
  else
    take_theirs
    wrap '' '' "The answers that were on this device are in $aside"
  fi
}

# first_line QUESTION: with what its text begins, without the marks around code, in REPLY.
first_line() {
  local rest=${q_text[$1]}$RS line='' fence=''
  while [[ -n $rest ]] && { [[ -z ${line// /} ]] || follow_fences "$line"; }; do line=${rest%%"$RS"*} rest=${rest#*"$RS"}; done
  if ((${#line} > 60)) && [[ -n $counts_characters ]]; then line="${line:0:57}..."; fi
  REPLY=$line
}

# is_saved: does the server have the answers that are here?
is_saved() { [[ -n ${version:-} ]] && answers_json && [[ $REPLY == "$base" ]]; }

# seconds_to_save: how many seconds until the answers have to be saved on the server, in REPLY; not above 0 if that is
# due. Fails if there is nothing to save.
seconds_to_save() {
  if [[ -z $follows || -n $unsettled ]]; then return 1; fi
  answers_json
  if [[ $REPLY == "$base" ]]; then return 1; fi
  REPLY=$((next_save - SECONDS))
  # This computer's clock, by which SECONDS counts, was set back.
  if ((REPLY > SAVE_EVERY_SECONDS)); then REPLY=0; fi
}

# follow_draft: before something is shown that depends on the answers.
follow_draft() {
  save_if_due
  if [[ -n $unsettled ]]; then settle; fi
}

save_if_due() {
  if seconds_to_save && ((REPLY <= 0)); then save_draft; fi
}

# save_draft: PUT /v1/draft if the answers have changed. Says nothing: what was not saved is tried again later. A test that
# was continued in another terminal is saved there.
save_draft() {
  local status=0 timeout_seconds=$DRAFT_TIMEOUT_SECONDS answers seen=null
  if ! seconds_to_save || ! lock_is_ours; then return 0; fi
  answers_json
  answers=$REPLY next_save=$((SECONDS + SAVE_EVERY_SECONDS))
  note_sent "$answers"
  if [[ -n $version ]]; then seen="\"$version\""; fi
  call PUT draft "{\"subjectName\":\"$subject\",\"testId\":\"$test_id\",\"answers\":$answers,\"version\":$seen}" 1 "$JQ_SAVED" || status=$?
  if ((status == 0)); then
    version=${parsed%$'\r'} base=$answers sent=''
    if [[ -f $draft ]]; then save || true; fi
  elif ((status == 1)) && [[ $error_code == DraftConflict ]] && read_theirs "$http_body"; then
    unsettled=yes
  elif ((status == 1)); then
    follows=''
  fi
}

# note_sent ANSWERS: on disk too, for a client that is killed before the reply.
note_sent() {
  local lines
  if may_have_arrived "$1"; then return 0; fi
  sent+=$1$'\n' lines=${sent//[!$'\n']/}
  if ((${#lines} > MOST_UNANSWERED)); then sent=${sent#*$'\n'}; fi
  if [[ -f $draft ]]; then save || true; fi
}

# ---------------------------------------------------------------------------- review

# A review as lines to be shown: what stands before the first line and before later ones, and the text.
# shellcheck disable=SC2016
readonly JQ_REVIEW=$JQ_ANSWERS'
def letters: .options | to_entries | map({key: .value.id, value: (.key | letter)}) | from_entries;
def in_gap($gap): if $gap.type == "single" then
    ($gap | letters) as $letters | split(" or ") | map($letters[.] // .) | join(" or ") else . end;
def named($question; $letters): . as $answer
  | if $question.type == "gaps" then
      [$question.gaps[] | . as $gap | $answer[.id] | values | {id: $gap.id, words: in_gap($gap)}] | by_gap
    elif type == "object" then
      [$question.items | to_entries[] | .value.id as $item | select($answer[$item])
        | "\(.key + 1)\($answer[$item] | $letters[.] // .)"] | join(" ")
    elif $question.type == "number" or $question.type == "text" then join(" or ")
    else map($letters[.] // .) | join(" ") end;
def said($words): ["L", "", "  ", [$words | text | spaced]];
def line($lead; $words): ["L", $lead, "  ", [$words | text]];
document
| if (.studentId | id) and (.questions | type) == "array" then . else error("not a review") end
| ["S", .studentId, .submittedAt, .receiptId],
  line("Title: "; .title),
  line("Score: "; "\(.points) of \(.maxPoints) points"),
  (if .late then line(""; "\(if .handedIn then "They were saved" else "You submitted" end) late, so your answers count for \((.credit * 10000 + 0.5 | floor) / 100)% of the points.") else empty end),
  (if .classMean != null then line("Mean of the class: "; "\(.classMean) points") else empty end),
  ["T"],
  (.questions | length as $count | to_entries[] | (.key + 1) as $place | .value | gaps_named | . as $question | letters as $letters
    | line(""; "Question \($place) of \($count)"),
      ["L", "[\($place)] ", "    ", [.text | text]],
      (.items // [] | to_entries[] | ["L", "\(.key + 1): ", "   ", [.value.text | text]]),
      (.options[] | ["L", "\($letters[.id]): ", "   ", [.text | text]]),
      (.gaps // [] | .[] | select(.options) | letters as $letters | line(""; "Gap \(.id):"),
        (.options[] | ["L", "\($letters[.id]): ", "   ", [.text | text]])),
      (if .leftOut then line(""; "Your answer was left out: the question was changed after you saved the answer.") else empty end),
      said("Your answer: \(if .answer | length == 0 then "none" else .answer | named($question; $letters) end)"),
      (.feedback // [] | .[] | line("Feedback: "; .)),
      said("Right answer: \(.right | named($question; $letters))"),
      line("Points: "; if .dropped then "does not count" else "\(.points) of \(.maxPoints)" end),
      (if .correction != null then line("Corrected: "; .correction) else empty end),
      (if .explanation != null then line(""; .explanation) else empty end))
| row'

# The places of the questions that were answered otherwise in the receipt kept here (the second document) than in the
# review (the first); nothing if the receipts differ: then the upload that counts was made somewhere else.
# shellcheck disable=SC2016
readonly JQ_DIFFERENCES='
# The order says something only in an answer that is an order.
def comparable($kind): if type == "object" then .
  elif . == null then if $kind == "match" or $kind == "gaps" then {} else [] end
  elif type == "array" then if $kind == "order" then . else unique end
  else [.] end;
.[0] as $review | .[1] as $kept
| if $kept.receiptId != $review.receiptId then empty else
  [$review.questions | to_entries[] | .value.type as $kind
    | select((.value.answer | comparable($kind)) != ($kept.answers[.value.number | tostring] | comparable($kind)))
    | .key + 1 | tostring] | join(", ") end'

# show_review: GET /v1/review, as people read it or as the server's document.
show_review() {
  local kind a b c submitted receipt status=0
  waiting 'your answers'
  call GET "review?subjectName=$want_subject&testId=$want_test" '' $READ_ATTEMPTS "$JQ_REVIEW" || status=$?
  if ((status == 1)); then refused; fi
  if ((status == 2)); then die $EXIT_NO_SERVER "$trouble. Try again later" NoAnswer; fi
  if [[ -z $json ]]; then
    rule REVIEW
    wrap '' '  ' "Subject: $want_subject"
    wrap '' '  ' "Test ID: $want_test"
  fi
  while IFS=$US read -r kind a b c; do
    if [[ $kind == S ]]; then student=$a submitted=$b receipt=${c%$'\r'}; fi
    if [[ -n $json ]]; then continue; fi
    case $kind in
      L) c=${c%$'\r'} && wrap "$a" "$b" "$c" ;;
      T*)
        show_time "$submitted"
        if is_draft "$receipt"; then REPLY="Handed in automatically. Last saved on $REPLY"; else REPLY="Submitted: $REPLY"; fi
        wrap '' '  ' "$REPLY, receipt $receipt"
        ;;
    esac
  done <<<"$parsed"
  if [[ -z $json ]]; then rule REVIEW; else printf '%s' "$http_body" | jq -ac .; fi
  compare_with_receipt "$state_home/$endpoint_folder/$student/$want_subject/$want_test.receipt.json"
}

# compare_with_receipt FILE: says so if the server has other answers than those that were uploaded from here.
compare_with_receipt() {
  local content='' places
  if [[ ! -r $1 ]]; then return 0; fi
  IFS= read -r -d '' content <"$1" || true
  places=$(printf '%s\n%s' "$http_body" "$content" | jq -rs "$JQ_DIFFERENCES" 2>/dev/null) || places=''
  places=${places%$'\r'}
  if [[ -n $places ]]; then
    warn "the server has other answers than those that you uploaded from this computer, to these questions: $places. Your own are in $1: show them to your trainer"
  fi
}

# ---------------------------------------------------------------------------- taking a test

# The test as rows, and the answers that a draft (lenient: those that still fit) or a file (strict: each must fit) brings;
# and of a draft, what else is kept with it, as far as it fits (see the variables above). What does not fit is reported by
# the number shown, for a file by the number in it. The hash shows whether a question is the one that was answered; it
# guards against edits, not against attackers. Its input is the test, the mode, and the answers, which may be anything.
# shellcheck disable=SC2016
readonly JQ_TEST=$JQ_ANSWERS'
def hash: tojson | explode
  | reduce .[] as $c ([7, 11]; [(.[0] * 31 + $c) % 2147483647, (.[1] * 1000003 + $c) % 2147483629])
  | map(tostring) | join("-");
def name: if length > 40 then .[0:40] + "..." else . end;
def worth: if type != "number" then "" elif . == 1 then "1 point" else "\((. * 100 + 0.5 | floor) / 100) points" end;
def pairs: map([.id, .text]) | sort;
def listed: map(.id) | join(", ");
def fitting($questions): . as $answers
  | "{" + ([$questions[] | . as $question | (.number | tostring) as $number | $answers[$number] | values
    | fit($question) | "\($number | tojson):\(.json)"] | join(",")) + "}";
def misfit($question): (if type == "array" then . else [.] end) as $ids
  | if $question.type == "number" then "\(tojson | name) is not a number in quotation marks, such as \"62\" or \"3.5\""
    elif $question.type == "text" then "takes a text of 1 to 500 characters without control characters, in quotation marks"
    elif $question.type == "order" then "takes a list of all options in the right order, each once; the options are \($question.options | listed)"
    elif $question.type == "match" then "takes an option for each item, such as {\($question.items[0].id | tojson): \($question.options[0].id | tojson)}; the items are \($question.items | listed), the options are \($question.options | listed)"
    elif $question.type == "gaps" then
      if type != "object" or length == 0 then "takes an answer for each gap, such as {\($question.gaps[0].id | tojson): ...}; the gaps are \($question.gaps | listed)"
      elif keys - [$question.gaps[].id] | length > 0 then "\(keys - [$question.gaps[].id] | map(name) | join(", ")) is not a gap; the gaps are \($question.gaps | listed)"
      else . as $given | first($question.gaps[] | . as $gap | select($given | has($gap.id)) | $given[.id]
        | select([values | fit($gap)] == []) | "gap \($gap.id): \(misfit($gap))") end
    elif ($ids - [$question.options[].id] | length) == 0 then "takes only one answer"
    else "\($ids - [$question.options[].id] | map(tostring | name) | join(", ")) is not an option; the options are \($question.options | listed)" end;
def no_longer($question): if $question.type == "number" or $question.type == "text" then "your answer no longer fits"
  elif $question.type == "gaps" then "a part of your answer no longer fits"
  else "an option that you chose is no longer there" end;
(input | document) as $test
| input as $mode
| (try ([inputs] | if length == 1 then .[0] else null end) catch null
  | if type == "object" and .code == "DraftConflict" then .draft else . end) as $given
| (if ($given | type) == "object" and ($given.answers | type) == "object" then $given.answers
   elif ($given | type) == "object" and $mode == "strict" then $given else null end) as $answers
| (if ($given | type) == "object" and ($given.questions | type) == "object" then $given.questions else {} end) as $hashes
| if ($test.questions | type) == "array" then . else error("no questions") end
| [$test.questions | to_entries[] | (.value | gaps_named) + {index: .key,
    hash: ([.value.text, .value.type, (.value.options | pairs)] + [.value.items // empty | pairs]
      + [.value.gaps // empty | map([.id, .type, (.options // [] | pairs)])] | hash)}]
| reduce .[] as $question ({place: length, placed: []};
    {place: (.place + ($question.gaps // [] | length)), placed: (.placed + [$question + {first_gap: .place}])})
| .placed as $questions
| ($questions[] | ["Q", (.number | tostring | [tojson]), .type, (.points | worth), .hash, [.text | text]],
    (.options[] | ["O", [.id | tojson], [.text | text]]),
    (.items // [] | .[] | ["I", [.id | tojson], [.text | text]])),
  ($questions[] | .index as $index | .gaps // [] | .[] | ["G", $index, [.id | tojson], .type, .id],
    (.options // [] | .[] | ["O", [.id | tojson], [.text | text]])),
  (if ($given | type) == "object" and ($given.version | id) then ["D", $given.version, $given.savedAt, [$given.base? | objects? // {} | fitting($questions)]] else empty end),
  (if ($given | type) == "object" and ($given.sent | type) == "array" then $given.sent[] | objects | ["S", [fitting($questions)]] else empty end),
  (if ($given | type) == "object" and ($given.replaces | type) == "string" then ["R", $given.replaces] else empty end),
  (if $mode == "strict" and $answers == null then ["E", "the answers are not a JSON object such as {\"1\": \"a\", \"2\": [\"b\", \"c\"]}"] else empty end),
  (($answers // {}) | to_entries[] | . as $entry
    | ([$questions[] | select((.number | tostring) == $entry.key)][0]) as $question
    | (if $mode == "strict" then ($entry.key | name) else ($question.index + 1 | tostring) end) as $number
    | if $question == null and $mode == "strict" then ["E", "question \($number): there is no such question"]
      elif $question == null then ["E", "a question that you answered is no longer in the test"]
      elif $hashes[$entry.key] != null and $hashes[$entry.key] != $question.hash then
        ["E", "question \($number): it has changed since you answered it"]
      elif $entry.value == [] or $entry.value == {} then empty
      else ([$entry.value | fit($question)][0]) as $fit
        | if $mode == "strict" and $fit.whole != true then ["E", "question \($number): \($entry.value | misfit($question))"]
          else (if $fit.whole then empty else ["E", "question \($number): \(no_longer($question))"] end),
            (if $fit then ["A", $question.index, [$fit.json], [$fit.words]] else empty end),
            ($fit.gaps // [] | .[] | ["A", $question.first_gap + .place, [.json], [.words]]) end
      end)
| row'

# with_answers MODE ANSWERS: what JQ_TEST reads after the test, in REPLY.
with_answers() {
  REPLY=$'\n'"\"$1\""$'\n'$2
}

# load_test INDEX MODE ANSWERS [ROUTE]: GET /v1/test (or ROUTE) into q_*, o_*, i_* and `chosen`. `problems` has, a line
# each, the answers of a draft (MODE lenient) or a file (strict) that do not fit.
load_test() {
  local kind a b c d e status=0 last=0
  subject=${t_subject[$1]} test_id=${t_test[$1]}
  waiting 'the test'
  with_answers "$2" "$3"
  call GET "${4:-test}?subjectName=$subject&testId=$test_id" '' $READ_ATTEMPTS "$JQ_TEST" "$REPLY" || status=$?
  if ((status == 1)); then refused; fi
  if ((status == 2)); then die $EXIT_NO_SERVER "$trouble. Try again later" NoAnswer; fi
  test_document=$http_body q_count=0 gap_count=0 o_count=0 i_count=0 problems='' version='' base='{}' sent=''
  while IFS=$US read -r kind a b c d e; do
    case $kind in
      Q)
        q_json[q_count]=$a q_type[q_count]=$b q_points[q_count]=$c q_hash[q_count]=$d q_text[q_count]=${e%$'\r'}
        q_first[q_count]=$o_count q_options[q_count]=0 q_begin[q_count]=$i_count q_items[q_count]=0 q_gap[q_count]=0 q_gaps[q_count]=0
        choose "$q_count" '' ''
        last=$q_count q_count=$((q_count + 1))
        ;;
      O)
        o_json[o_count]=$a o_text[o_count]=${b%$'\r'}
        o_count=$((o_count + 1)) q_options[last]=$((o_count - q_first[last]))
        ;;
      I)
        i_json[i_count]=$a i_text[i_count]=${b%$'\r'}
        i_count=$((i_count + 1)) q_items[last]=$((i_count - q_begin[last]))
        ;;
      G)
        last=$((q_count + gap_count)) gap_count=$((gap_count + 1))
        q_json[last]=$b q_type[last]=$c q_text[last]=${d%$'\r'} q_first[last]=$o_count q_options[last]=0
        choose "$last" '' ''
        if ((q_gaps[a] == 0)); then q_gap[a]=$last; fi
        q_gaps[a]=$((q_gaps[a] + 1))
        ;;
      A) c=${c%$'\r'} && choose "$a" "$b" "$c" ;;
      D) version=$a base=${c%$'\r'} ;;
      S) sent+=${a%$'\r'}$'\n' ;;
      R) replaces=${a%$'\r'} ;;
      E) problems+=${a%$'\r'}$'\n' ;;
    esac
  done <<<"$parsed"
  if ((q_count == 0)); then die $EXIT_UNEXPECTED "$subject $test_id has no questions: tell your trainer" NoQuestions; fi
}

show_question() {
  local place lead indent gap
  wrap '' '  ' "Question $(($1 + 1)) of $q_count${q_points[$1]:+, ${q_points[$1]}}"
  lead="[$(($1 + 1))] "
  printf -v indent '%*s' ${#lead} ''
  wrap "$lead" "$indent" "${q_text[$1]}"
  for ((place = 0; place < q_items[$1]; place++)); do
    lead="$((place + 1)): "
    printf -v indent '%*s' ${#lead} ''
    wrap "$lead" "$indent" "${i_text[q_begin[$1] + place]}"
  done
  show_options "$1"
  for ((gap = q_gap[$1]; gap < q_gap[$1] + q_gaps[$1]; gap++)); do
    if ((q_options[gap] > 0)); then wrap '' '  ' "Gap ${q_text[gap]}:" && show_options "$gap"; fi
  done
  hint "${q_type[$1]}"
  if [[ -n $REPLY ]]; then wrap '' '' "($REPLY)"; fi
}

# show_options PLACE: the options of a question or a gap.
show_options() {
  local place
  for ((place = 0; place < q_options[$1]; place++)); do
    wrap "${LETTERS:place:1}: " '   ' "${o_text[q_first[$1] + place]}"
  done
}

# show_help QUESTION PLACE: what to type at PLACE, which is the question or one of its gaps.
show_help() {
  local previous='question'
  case ${q_type[$2]} in
    number) wrap '' '' 'Type a number. The decimal sign is a point or a comma: 3.5.' ;;
    text) wrap '' '' 'Type your answer as a text of one line.' ;;
    order) wrap '' '' 'Type the letters of all options in the right order, with or without spaces between them: b a c.' ;;
    match) wrap '' '' 'Type each number with the letter of its option: 1b 2a. Two numbers may have the same letter. You can leave numbers out.' ;;
    single) wrap '' '' 'Type the letter of an option.' ;;
    *) wrap '' '' 'Type the letter of an option. If the question takes several answers, separate the letters with spaces: b c.' ;;
  esac
  if [[ $1 != "$2" ]]; then
    wrap '' '' 'Press Enter to leave this gap as it is.'
    previous='gap or question'
  fi
  if [[ ${q_type[$2]} == text ]]; then
    wrap '' '' ":back: go to the previous $previous. :skip: leave this question for later. :list: see all answers and upload. :quit: stop; your answers are kept. To answer with the name of a command, type a second colon: ::quit."
  else
    wrap '' '' "back: go to the previous $previous. skip: leave this question for later. list: see all answers and upload. quit: stop; your answers are kept."
  fi
}

# answer_in_prompt PLACE: the answer that a question or a gap has, on one line, in REPLY.
answer_in_prompt() {
  local words=${chosen_words[$1]//"$WIDE"/}
  if ((${#words} > 40)) && [[ -n $counts_characters ]]; then words="${words:0:37}..."; fi
  REPLY=${words//"$KEPT"/ }
}

# ask_question QUESTION: shows it and reads until there is an answer on disk or a command. `move` says
# where to go: next, back or list.
ask_question() {
  show_question "$1"
  if [[ ${q_type[$1]} == gaps ]]; then ask_gaps "$1"; else ask_answer "$1" "$1" 'Your answer'; fi
  if [[ $move == skip ]]; then move=next; fi
}

# ask_gaps QUESTION: asks for each gap in turn. `move` is as after ask_answer.
ask_gaps() {
  local gap=${q_gap[$1]}
  while ((gap >= q_gap[$1] && gap < q_gap[$1] + q_gaps[$1])); do
    hint "${q_type[gap]}"
    # There is no room for what the hint says about commands. The help says it.
    if [[ ${q_type[gap]} == text ]]; then REPLY='type your answer'; fi
    ask_answer "$1" "$gap" "Gap ${q_text[gap]}${REPLY:+ ($REPLY)}"
    case $move in
      next) gap=$((gap + 1)) ;;
      back) gap=$((gap - 1)) ;;
      *) return 0 ;;
    esac
  done
  if [[ $move == back ]]; then return 0; fi
  if [[ -z ${chosen[$1]} ]]; then wrap '' '' 'no gap is filled in: the question is left for later'; fi
  tell_answer "$1" ''
}

# ask_answer QUESTION PLACE PROMPT: reads until there is an answer on disk or a command at PLACE, which is the question or
# one of its gaps. `move` says where to go: next, back, list, or skip, which leaves the whole question.
ask_answer() {
  local word colon='' where
  if [[ ${q_type[$2]} == text ]]; then colon=:; fi
  where="question $(($1 + 1))"
  if [[ $1 != "$2" ]]; then where+=", gap ${q_text[$2]}"; fi
  while true; do
    answer_in_prompt "$2"
    ask "$3${REPLY:+ [$REPLY]}: " || leave
    word=$REPLY
    if find_command "${q_type[$2]}" "$word"; then
      case $REPLY in
        help) show_help "$1" "$2" && continue ;;
        back | list) move=$REPLY && return 0 ;;
        quit) leave ;;
        skip) leave_as_it_is "$1" "$2" skip && return 0 ;;
      esac
    fi
    if [[ -z $word && ($1 != "$2" || (-n ${chosen[$2]} && -n $interactive)) ]]; then leave_as_it_is "$1" "$2" next && return 0; fi
    if [[ -z $word ]]; then
      REPLY="no answer given: type ${colon}skip to leave the question for later"
    elif read_answer "$2" "$word"; then
      give "$1" "$2" "$REPLY" "$answer_words"
      if save; then tell_answer "$2" "$word" && move=next && return 0; fi
      REPLY="this answer could not be saved to disk (${draft%/*}): free some space, then type it again"
    fi
    if [[ -z $interactive ]]; then
      die $EXIT_USAGE "$where: ${REPLY%.}. Nothing was uploaded; your earlier answers are kept" WrongAnswer
    fi
    wrap '' '' "$REPLY ($colon? for help)"
  done
}

# leave_as_it_is QUESTION PLACE MOVE: goes on without a new answer. A script says what it means, a line for each gap: what
# an earlier session chose is not meant.
leave_as_it_is() {
  move=$3
  if [[ -z $interactive ]]; then move=next && give "$1" "$2" '' '' && save; fi
}

# tell_answer PLACE LINE: what may surprise whoever gave this answer to a question or a gap.
tell_answer() {
  if is_partial "$1"; then
    wrap '' '' "$REPLY answered"
  elif [[ ${q_type[$1]} == text ]] && find_command text ":$2"; then
    wrap '' '' "Your answer is \"$2\". The command is :$2"
  fi
}

# show_title INDEX: a test's title.
show_title() { wrap '' '  ' "Title: ${t_title[$1]}"; }

show_summary() {
  local i unanswered='' partial=''
  rule SUMMARY
  show_title "$chosen_test"
  for ((i = 0; i < q_count; i++)); do
    if [[ -z ${chosen[i]} ]]; then unanswered+="${unanswered:+, }$((i + 1))"; fi
    if is_partial "$i"; then partial+="${partial:+, }$((i + 1)) ($REPLY)"; fi
    wrap '' '   ' "$((i + 1)): ${chosen_words[i]:-not answered}"
  done
  if [[ -n $unanswered ]]; then wrap '' '' "Not answered: $unanswered"; fi
  if [[ -n $partial ]]; then wrap '' '' "Partly answered: $partial"; fi
  describe_deadline "$chosen_test"
  wrap '' '  ' "Open $REPLY"
  case ${t_attempts[chosen_test]} in
    1) wrap '' '' 'This upload is final: you cannot change your answers afterwards.' ;;
    last) wrap '' '' 'Until then you can upload again; the last upload counts.' ;;
  esac
  rule SUMMARY
}

# confirm: after the summary: succeeds to upload; else sets `at`, the question to go to.
confirm() {
  answers_json
  if [[ $REPLY == '{}' ]]; then
    if [[ -z $interactive ]]; then die $EXIT_USAGE 'no question was answered: there is nothing to upload' WrongAnswer; fi
    say 'Answer at least one question.'
    at=0 && return 1
  fi
  if [[ -z $interactive ]]; then
    # A script may confirm, need not, and may decline.
    ask 'Upload? ' || return 0
    case $REPLY in [Nn]* | [Qq]uit | :quit) leave ;; *) return 0 ;; esac
  fi
  while true; do
    ask 'Upload (yes, no, number to change)? ' || leave
    case $REPLY in
      [Yy] | [Yy][Ee][Ss]) return 0 ;;
      [Nn] | [Nn][Oo] | [Qq]uit | :quit) leave ;;
    esac
    if [[ $REPLY =~ ^[0-9]{1,4}$ ]] && ((10#$REPLY >= 1 && 10#$REPLY <= q_count)); then
      at=$((10#$REPLY - 1)) && return 1
    fi
    wrap '' '' "yes: upload. no: stop; your answers are kept. A question's number: go back to that question."
  done
}

# go_through START: questions from START on, then the summary, until the student confirms.
go_through() {
  local changing=''
  at=$1
  while true; do
    while ((at < q_count)); do
      follow_draft
      ask_question "$at"
      case $move in
        next) at=$((at + 1)) ;;
        back) if ((at > 0)); then at=$((at - 1)); fi ;;
        list) at=$q_count ;;
      esac
      if [[ -n $changing && $move == next ]]; then at=$q_count; fi
    done
    follow_draft
    show_summary
    if confirm && [[ -z $unsettled ]]; then return 0; fi
    changing=yes
  done
}

# resume: offers to continue with the answers on disk. Sets `start`, the question to begin with.
resume() {
  local i answered=0
  start=0
  for ((i = 0; i < q_count; i++)); do
    if [[ -n ${chosen[i]} ]]; then answered=$((answered + 1)); fi
  done
  if [[ -n $problems ]]; then
    warn 'some of your earlier answers no longer fit the test; check these questions:'
    while IFS= read -r i; do warn "$i"; done <<<"${problems%?}"
  fi
  if ((answered == 0)); then return 0; fi
  say "You have answered $answered of $q_count questions so far."
  ask 'Continue (yes) or start again (no)? ' || leave
  case $REPLY in
    [Nn]*)
      set_aside
      for ((i = 0; i < q_count + gap_count; i++)); do choose "$i" '' ''; done
      note_uploaded
      if [[ -n $version ]]; then save || true; fi
      ;;
    *)
      while ((start < q_count)) && [[ -n ${chosen[start]} ]]; do start=$((start + 1)); done
      ;;
  esac
}

# read_all FILE: the file, or standard input for -, in REPLY.
read_all() {
  REPLY=''
  if [[ $1 == - ]]; then
    IFS= read -r -d '' REPLY || true
  elif [[ -f $1 && -r $1 ]]; then
    IFS= read -r -d '' REPLY <"$1" || true
  else
    die $EXIT_USAGE "cannot read $1: check that the file exists and that you may read it"
  fi
}

# look_at_pipe: answers by pipe are JSON if they begin as an object does, else lines, whose first waits for `ask`. A brace
# may also begin a text that answers the first question.
look_at_pipe() {
  local object='^[[:space:]]*[{][[:space:]]*(["}]|$)'
  IFS= read -r read_ahead || true
  if [[ $read_ahead =~ $object ]]; then answers_file=-; fi
}

# take_test: from the choice to the upload.
take_test() {
  local given=''
  if [[ -n $answers_file && $answers_file != - ]]; then read_all "$answers_file" && given=$REPLY; fi
  choose_test
  place_files "$chosen_test"
  note_uploaded
  if [[ -z $interactive && -z $answers_file ]]; then look_at_pipe; fi
  if [[ $answers_file == - ]]; then read_all - && given=$read_ahead$REPLY; fi
  take_lock
  if [[ -n $answers_file ]]; then
    load_test "$chosen_test" strict "$given"
    if [[ -n $problems ]]; then
      warn "the answers do not fit $subject $test_id; nothing was uploaded:"
      die $EXIT_USAGE "${problems%?}" WrongAnswer
    fi
  else
    if [[ -f $draft ]]; then read_all "$draft" && given=$REPLY; fi
    if [[ -n $interactive ]]; then ask_for_draft "$chosen_test"; fi
    load_test "$chosen_test" lenient "$given"
    if [[ -n $interactive ]]; then receive_draft; fi
  fi
  answers_json
  # What was begun earlier keeps the receipt that was known then; a script means the one that counts now.
  if [[ $REPLY == '{}' || -n $answers_file || -z $interactive ]]; then note_uploaded; fi
  set_marks "$chosen_test"
  rule TEST
  say "Subject: $subject"
  say "Test ID: $test_id"
  show_title "$chosen_test"
  describe_deadline "$chosen_test"
  wrap '' '  ' "Open $REPLY"
  rule TEST
  if [[ -n $answers_file ]]; then
    if [[ -f $draft ]]; then keep_earlier "$draft"; fi
    if ! save; then die $EXIT_UNEXPECTED "cannot write to ${draft%/*}: free some space there, or set XDG_STATE_HOME to another folder; nothing was uploaded"; fi
  else
    start=0
    follow_draft
    if [[ -n $interactive ]]; then resume; fi
    go_through "$start"
  fi
  if [[ -n $dry_run ]]; then save_draft; fi
  answers_json
  if [[ -n $dry_run ]]; then dry_run "$REPLY"; else upload "$REPLY"; fi
}

# keep_earlier FILE: before the answers of a file take the place of those that were given here.
keep_earlier() {
  local earlier
  read_all "$1"
  earlier=$REPLY
  answers_json
  if [[ $earlier == *"\"answers\":$REPLY,"* ]]; then return 0; fi
  set_aside
  wrap '' '' "The answers that were kept here are now in $REPLY"
}

dry_run() {
  if [[ -n $json ]]; then
    printf '{"subjectName":"%s","testId":"%s","studentId":"%s","answers":%s}\n' "$subject" "$test_id" "$student" "$1"
  else
    say "Dry run: nothing was uploaded. These answers would have been uploaded: $1"
  fi
}

# ---------------------------------------------------------------------------- preview, with the trainer's key

# shellcheck disable=SC2016
readonly JQ_CLASS='
def shown: [word | columns];
document
| if (.tests | type) == "array" then . else error("not a class") end
| ["C", (.className | shown)], (
    [.tests[] | select((.subjectName | id) and (.testId | id))] | sort_by(.closesAt, .subjectName, .testId)[]
    | ["T", .subjectName, .testId, (.title | shown), .questionCount, .closesAt])
| row'

# get_class: GET /v1/class into class_name and those of the arrays t_* that a preview needs.
get_class() {
  local kind a b c d e status=0
  waiting 'the tests of your class'
  call GET class '' $READ_ATTEMPTS "$JQ_CLASS" || status=$?
  if ((status == 1)); then refused; fi
  if ((status == 2)); then die $EXIT_NO_SERVER "$trouble. Try again later" NoAnswer; fi
  class_name='' t_count=0
  while IFS=$US read -r kind a b c d e; do
    case $kind in
      C) class_name=${a%$'\r'} ;;
      T)
        if [[ (-n $want_subject && $a != "$want_subject") || (-n $want_test && $b != "$want_test") ]]; then continue; fi
        t_subject[t_count]=$a t_test[t_count]=$b t_title[t_count]=$c t_questions[t_count]=$d t_closes[t_count]=${e%$'\r'}
        t_count=$((t_count + 1))
        ;;
    esac
  done <<<"$parsed"
}

# preview: shows the trainer a test as students see it, and ends. Nothing is asked, kept or uploaded.
preview() {
  local i
  wrap '' '' "This is the trainer's key. You can look at every test, but you cannot submit any."
  get_class
  if ((t_count == 0)); then die $EXIT_NOT_OPEN "the class has no test${want_test:+ $want_test}${want_subject:+ in $want_subject}" TestNotFound; fi
  wrap '' '' "Tests of $class_name:"
  for ((i = 0; i < t_count; i++)); do
    wrap "$((i + 1))) " '   ' "${t_subject[i]} ${t_test[i]}: ${t_title[i]}"
    show_time "${t_closes[i]}"
    wrap '   ' '   ' "${t_questions[i]} questions, closes on $REPLY"
  done
  choose_number "$t_count" 'Preview it now'
  i=$((10#$REPLY - 1))
  load_test "$i" lenient '' class/test
  if ((t_questions[i] < q_count)); then
    wrap '' '' "Each student gets ${t_questions[i]} of these $q_count questions. The web page shows which of them are drawn from which pool."
  fi
  rule PREVIEW
  show_title "$i"
  for ((i = 0; i < q_count; i++)); do show_question "$i"; done
  rule PREVIEW
  wrap '' '' "This was a preview of $subject $test_id as students see it. It cannot be submitted."
  exit 0
}

# ---------------------------------------------------------------------------- upload

# shellcheck disable=SC2016
readonly JQ_RECEIPT='
document | if (.receiptId | type) == "string" and .receiptId != "" then . else error("no receipt") end
| {receiptId: (.receiptId | word), submittedAt: (.submittedAt | word), late: (.late == true), message: (.message | word)}
| [.receiptId, .submittedAt, (if .late then "yes" else "" end), [tojson]] | row'

# upload ANSWERS: sends until the server has them, or says where they are.
upload() {
  local status=0 receipt submitted late reply
  local body="{\"subjectName\":\"$subject\",\"testId\":\"$test_id\",\"studentId\":\"$student\",\"answers\":$1}"
  follows=''
  send_answers "$body" || status=$?
  while ((status == 1)) && [[ $error_code == NewerSubmission && -n $interactive ]]; do
    offer_replacing
    status=0
    send_answers "$body" || status=$?
  done
  if ((status != 0)); then not_uploaded "$status"; fi
  parsed=${parsed%$'\r'}
  IFS=$US read -r receipt submitted late reply <<<"$parsed"
  # Both are JSON objects: one out of two.
  reply=${body:0:${#body}-1},${reply:1}
  if keep "$receipt_file" "$reply"; then
    rm -f "$draft"
  else
    warn "the receipt could not be saved to $receipt_file: write it down"
  fi
  show_time "$submitted"
  rule 'TEST UPLOAD'
  say "Test $test_id uploaded with success"
  wrap '' '  ' "Receipt: $receipt"
  wrap '' '  ' "Received: $REPLY${late:+, late}"
  show_title "$chosen_test"
  rule 'TEST UPLOAD'
  if [[ -n $json ]]; then printf '%s\n' "$reply"; fi
}

# send_answers BODY: POST /v1/test, as call does. If a later upload counts, these answers may only replace the one that
# is known here.
send_answers() {
  local status=0 body=$1 known=null
  if [[ -n $replaces ]]; then known="\"$replaces\""; fi
  if [[ ${t_attempts[chosen_test]} == last ]]; then body="${1:0:${#1}-1},\"replaces\":$known}"; fi
  say 'Sending your answers ...'
  uploading=yes
  call POST test "$body" $UPLOAD_ATTEMPTS "$JQ_RECEIPT" || status=$?
  uploading=''
  return "$status"
}

# offer_replacing: after NewerSubmission: another device has uploaded since. Returns if these answers are to replace that.
offer_replacing() {
  local i refusal=$error_message
  if ! get_student; then
    die $EXIT_NOT_OPEN "not uploaded: $refusal. Your answers are kept in $draft" NewerSubmission
  fi
  for ((i = 0; i < t_count; i++)); do
    if [[ ${t_subject[i]}/${t_test[i]} == "$subject/$test_id" ]]; then chosen_test=$i; fi
  done
  show_time "${t_submitted[chosen_test]}"
  wrap '' '' "You have uploaded this test again from another device, on $REPLY (receipt ${t_receipt[chosen_test]}). The answers that you have just given were not uploaded; they are kept in $draft."
  ask 'Replace that upload with these answers (yes or no)? ' || leave
  case $REPLY in [Yy]*) note_uploaded ;; *) die $EXIT_UNSENT "not uploaded: your earlier upload counts. The answers that you have just given are kept in $draft" Unsent ;; esac
}

# where_kept: where the answers are and how to show them, in REPLY.
where_kept() {
  printf -v REPLY %q "$draft"
  REPLY="Your answers are kept in $draft. To show them: cat $REPLY"
}

# not_uploaded STATUS: the end after an upload that failed for good: where the answers are, what to do.
not_uploaded() {
  local kept="Your answers are kept in $draft"
  if (($1 == 2)); then
    die $EXIT_NO_SERVER "$trouble${error_message:+: $error_message}. $kept. The upload may or may not have arrived: start test-time.sh again before the deadline and upload again; the same answers count only once" NoAnswer
  fi
  case $error_code in NotEnrolled | TestNotOpen) die $EXIT_NOT_OPEN "not uploaded: $error_message. $kept" "$error_code" ;; esac
  case $http_status in
    409) die $EXIT_NOT_OPEN "$error_message. The answers you have just given do not count; they are kept in $draft. test-time.sh --list shows the receipt for the answers that count" "$error_code" ;;
    410) where_kept && die $EXIT_NOT_OPEN "$error_message. $REPLY" "$error_code" ;;
    401 | 403) die $EXIT_KEY "not uploaded: $error_message. $kept. Check TEST_TIME_API_KEY or ask your trainer, then start test-time.sh again" "$error_code" ;;
    *) die $EXIT_UNEXPECTED "not uploaded: $error_message. $kept; show this message to your trainer" "$error_code" ;;
  esac
}

# ---------------------------------------------------------------------------- main

main() {
  set -f
  locked='' uploading='' follows='' unsettled='' version='' base='{}' sent='' replaces='' resized='' read_ahead='' interactive='' on_terminal='' plain='' counts_characters=''
  mark_count=0 student='' student_name='' calendar_path='' server_epoch='' server_noted=0 error_code='' error_message='' t_count=0
  read_arguments "$@"
  if [[ -n $json ]]; then exec 3>&2; else exec 3>&1; fi
  if [[ -t 0 ]]; then interactive=yes; fi
  if [[ -t 3 ]]; then on_terminal=yes; fi
  if [[ ${TERM:-dumb} == dumb ]]; then plain=yes; fi
  # Is a two-byte character one character here? Only then may text be cut by counting.
  local probe=$'\303\251'
  if ((${#probe} == 1)); then counts_characters=yes; fi
  locate_config
  if [[ $mode == version ]]; then show_version && exit 0; fi
  need_tools
  read_settings
  measure_terminal
  if [[ $mode == setup ]]; then set_up && exit 0; fi
  read_config
  state_home=${XDG_STATE_HOME:-${HOME:-}/.local/state}/test-time
  endpoint_folder=${endpoint#*://}
  endpoint_folder=${endpoint_folder//[!A-Za-z0-9.-]/_}
  trap 'resized=yes' WINCH
  trap release_lock EXIT
  trap 'stopped Ctrl-C 2' INT
  trap 'stopped TERM 15' TERM
  trap 'stopped HUP 1' HUP
  case $mode in
    list) list_tests ;;
    scores) list_scores ;;
    review) show_review ;;
    *) banner && take_test ;;
  esac
}

main "$@"
