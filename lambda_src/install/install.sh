#!/usr/bin/env bash
# Installs test-time.sh, with which you take your class's tests in a terminal, and starts it.
#
# It gets test-time.sh from your class's server, checks that it arrived unchanged, and puts it into ~/.local/bin, or into
# another folder: curl ... | TEST_TIME_INSTALL_FOLDER=~/bin bash. Then it asks for the link from your trainer's mail, or
# for your API key, and shows your tests. It needs no administrator's rights and changes nothing else.
#
# Everything is in functions, and the last line starts them, so half a download does nothing.

install_test_time() {
  if [ -z "${BASH_VERSION:-}" ]; then
    echo 'install: this script needs bash. Pipe it into bash, not into sh' >&2
    return 1
  fi
  set -euo pipefail
  local endpoint=@endpoint@ class=@class@ version=@version@ sha256=@sha256@
  local folder=${TEST_TIME_INSTALL_FOLDER:-${HOME:-}/.local/bin} status=0
  local file=$folder/test-time.sh
  check_tools && check_place || return 1
  printf 'Installing test-time.sh %s of %s\n' "$version" "$class"
  put_in_place || return 1
  printf 'It is in %s\n' "$folder"
  if ! (: </dev/tty) 2>/dev/null; then
    printf 'To set it up, run this in a terminal: %s\n' "$(set_up_command)"
    return 0
  fi
  if is_set_up; then
    start || status=$?
    # 6: the key was refused, so the student may have been given another one.
    if ((status != 6)); then return "$status"; fi
  fi
  set_up && start
}

# Says which of the programs that test-time.sh needs are missing.
check_tools() {
  local tool missing=''
  for tool in curl jq; do
    if ! command -v "$tool" >/dev/null 2>&1; then missing="$missing $tool"; fi
  done
  if [ -n "$missing" ]; then
    printf 'install: please install these first:%s\n' "$missing" >&2
    printf '  Debian, Ubuntu, WSL: sudo apt install%s\n  macOS: brew install%s\n' "$missing" "$missing" >&2
    printf '  Windows: winget install jqlang.jq, then open a new Git Bash\n' >&2
    return 1
  fi
}

# Is there a place for the file?
check_place() {
  if [ "$folder" = /.local/bin ]; then
    echo 'install: HOME is not set. Name a folder: curl ... | TEST_TIME_INSTALL_FOLDER=... bash' >&2
    return 1
  fi
  if [ -d "$file" ]; then
    printf 'install: %s is a folder. Rename it, or name another folder: curl ... | TEST_TIME_INSTALL_FOLDER=... bash\n' "$file" >&2
    return 1
  fi
}

# Downloads test-time.sh, checks it, and only then replaces an older one.
put_in_place() {
  local found
  if ! { mkdir -p "$folder" && new=$(mktemp "$folder/test-time.sh.XXXXXX"); } 2>/dev/null; then
    printf 'install: cannot write into %s. Name another folder: curl ... | TEST_TIME_INSTALL_FOLDER=... bash\n' "$folder" >&2
    return 1
  fi
  trap 'rm -f "$new"' EXIT
  case $endpoint in http:*) set -- --noproxy '*' ;; *) set -- ;; esac
  if ! curl -q -fsS --retry 3 --connect-timeout 10 --max-time 120 --proto '=http,https' "$@" \
    -o "$new" "$endpoint/test-time.sh"; then
    echo 'install: test-time.sh could not be downloaded. Nothing was changed; try again' >&2
    return 1
  fi
  found=$(digest "$new") || return 1
  if [ "$found" != "$sha256" ]; then
    echo 'install: what arrived is not the test-time.sh of your class (its SHA-256 differs). Nothing was changed; try again' >&2
    return 1
  fi
  if ! { chmod 755 "$new" && mv -f "$new" "$file"; }; then
    printf 'install: %s cannot be replaced\n' "$file" >&2
    return 1
  fi
}

# The SHA-256 of a file, in hex.
digest() {
  local line
  if line=$(sha256sum "$1" 2>/dev/null) || line=$(shasum -a 256 "$1" 2>/dev/null); then
    line=${line#\\} # before a name with a backslash
    printf '%s\n' "${line%% *}"
  elif line=$(openssl dgst -sha256 "$1" 2>/dev/null); then
    printf '%s\n' "${line##* }"
  else
    echo 'install: sha256sum, shasum or openssl is needed to check the download. Nothing was changed' >&2
    return 1
  fi
}

# Is there a configuration for this server?
is_set_up() {
  grep -qF "TEST_TIME_ENDPOINT=$endpoint" "${XDG_CONFIG_HOME:-${HOME:-}/.config}/test-time/config" 2>/dev/null
}

set_up() {
  local status=0
  TEST_TIME_ENDPOINT=$endpoint bash "$file" --setup </dev/tty || status=$?
  if ((status != 0)); then
    printf 'To try again: %s\n' "$(set_up_command)" >&2
    return "$status"
  fi
  printf 'From now on, start it with: %s\n\n' "$(start_command)"
}

# With bash, because a folder may forbid starting programs.
start() { bash "$file" </dev/tty; }

# What starts it: its name alone, if the shell finds this file by it.
start_command() {
  if [ "$(command -v test-time.sh || true)" = "$file" ]; then echo test-time.sh; else printf 'bash %q\n' "$file"; fi
}

set_up_command() { printf 'TEST_TIME_ENDPOINT=%s bash %q --setup\n' "$endpoint" "$file"; }

install_test_time
