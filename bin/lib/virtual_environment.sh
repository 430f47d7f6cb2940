# shellcheck shell=bash
# Creates .venv from the pinned requirements and updates it when they change. Needs ROOT, VENV, messages.sh,
# locale.sh, lock.sh and python.sh.

# find_python: prints the command of a Python that is new enough and can create virtual environments.
find_python() {
  local candidate found=''
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    found=$candidate
    if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  if [ -n "$found" ]; then
    fail "$found cannot create virtual environments because its venv module is missing. To install it on Debian or Ubuntu: sudo apt install $("$found" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"
  fi
  fail "Python 3.11 or newer is needed, but was not found. To install it on Debian or Ubuntu: sudo apt install python3 python3-venv; on macOS: brew install python@3.13"
}

# check_folder: Ansible replaces `$NAME` in paths by a variable, and Python takes a colon for the end of a path.
check_folder() {
  case $ROOT in
    *[\$:]*) fail "the project's folder is $ROOT, but Ansible and Python cannot use a path that contains \$ or a colon: move it to another path" ;;
  esac
}

# ensure_venv [FILE]: creates .venv from the pinned requirements in FILE (default: requirements.txt), or updates it if
# they have changed. Several scripts can do so at the same time. From then on, the locale is one that Python and Ansible
# can use.
ensure_venv() {
  local requirements=${1:-requirements.txt} stamp wanted
  check_folder
  use_utf8_locale
  stamp=$VENV/.installed-$requirements
  wanted="$ROOT
$(<"$ROOT/$requirements")"
  if venv_is_current "$stamp" "$wanted"; then
    return
  fi
  lock_venv
  if ! venv_is_current "$stamp" "$wanted"; then
    make_venv "$requirements"
    printf '%s\n' "$wanted" >"$stamp"
  fi
  unlock_venv
}

# venv_is_current STAMP CONTENT: whether .venv was created for CONTENT. That includes the project's folder, because the
# scripts in a virtual environment contain its path: one that was moved is not current.
venv_is_current() {
  [ -f "$1" ] && [ "$(<"$1")" = "$2" ] && [ -x "$VENV/bin/python" ]
}

# venv_works: whether .venv is usable. Its activate script contains the folder that it was created in; if that is a
# different folder, the project has been moved.
venv_works() {
  [ -f "$VENV/bin/activate" ] || return 1
  case $(<"$VENV/bin/activate") in
    *"$VENV"*) "$VENV/bin/python" -c 'import pip' 2>/dev/null ;;
    *) return 1 ;;
  esac
}

make_venv() {
  local python packages log=$ROOT/.build/venv.log
  mkdir -p "$ROOT/.build"
  if ! venv_works; then
    python=$(find_python) || exit
    run_quietly "Creating the virtual environment .venv" "$log" \
      "$python" "${ENDING_WITH_SCRIPT[@]:1}" venv --clear "$VENV" ||
      fail "could not create $VENV: see the lines above, or $log"
  fi
  run_quietly "Installing the pinned requirements ($1)" "$log" \
    "${ENDING_WITH_SCRIPT[@]}" pip install --disable-pip-version-check --no-compile -r "$ROOT/$1" ||
    fail "could not install the requirements: see the lines above, or $log"
  list_packages
  run_quietly "Compiling the installed packages" "$log" \
    "${ENDING_WITH_SCRIPT[@]}" compileall -q -j 0 -x '/ansible/modules/' "${packages[@]}" ||
    fail "could not compile the requirements: see the lines above, or $log"
}

# list_packages: sets `packages` to the folders of the packages that every command loads. Python may not compile them
# later (PYTHONDONTWRITEBYTECODE), and pip would compile all of Ansible's collections, which takes longer than all the
# rest.
list_packages() {
  local package
  packages=()
  for package in ansible ansible_collections/amazon/aws/plugins/module_utils attr attrs boto3 botocore cryptography \
    dateutil dns email_validator hypercorn idna jinja2 jmespath jsonschema jsonschema_rs jsonschema_specifications markupsafe \
    ministack packaging referencing rpds s3transfer six.py typing_extensions.py urllib3 yaml; do
    packages+=("$VENV"/lib/python*/site-packages/"$package")
  done
}
