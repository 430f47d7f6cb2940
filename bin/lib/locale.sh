# shellcheck shell=bash
# The locale of Python and Ansible. Ansible accepts only UTF-8, and SSH passes on the names of locales that a computer
# does not have. Needs messages.sh.

# use_utf8_locale: if the session's locale is not an installed UTF-8 locale, uses one that is.
use_utf8_locale() {
  local candidate
  # Ansible also reads the name, and takes some names for an old character set.
  case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
    *[Uu][Tt][Ff]8* | *[Uu][Tt][Ff]-8*) ! locale_is_utf8 || return 0 ;;
  esac
  # macOS has no C.UTF-8.
  for candidate in C.UTF-8 en_US.UTF-8 $(locale -a 2>/dev/null | grep -i 'utf-\{0,1\}8'); do
    if locale_is_utf8 LC_ALL="$candidate"; then
      export LC_ALL="$candidate"
      return
    fi
  done
  fail "Ansible needs a UTF-8 locale, but none is installed. To create one: sudo localedef -i en_US -f UTF-8 en_US.UTF-8 (on Debian or Ubuntu, first: sudo apt install locales)"
}

# locale_is_utf8 [VARIABLE=VALUE]: whether the locale is installed and uses UTF-8. Where there is no `locale` command
# (musl), every locale does. `locale` reports a locale that is not installed on stderr, if at all.
locale_is_utf8() {
  ! command -v locale >/dev/null 2>&1 || [ "$(env "$@" locale charmap 2>&1)" = UTF-8 ]
}
