#!/bin/sh
# Makes everything the make targets need: uv in .uv, the locked Python packages in .venv; with --system the system
# libraries too, with --tests also the clients that tests use. Does nothing, in no time, where all of it is there. Says
# what is missing where it cannot help.
set -eu
cd "$(dirname "$0")/.."

QT_LIBRARIES="libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libgssapi-krb5-2 libbrotli1
  libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0
  libxcb-xkb1 libxkbcommon-x11-0 libx11-xcb1"
SCREENS="xvfb xauth chromium chromium-driver fonts-noto-core fonts-noto-color-emoji"
BUILDING="binutils gcc libc6-dev"   # the tests record what a desk writes by a library of their own
DATABASE="postgresql"   # for the tests: a server of their own, started from its programs
BUS="dbus-daemon"   # for the tests: a bus of their own, on which one who plays logind tells of sleep

say() { printf 'set-up: %s\n' "$*"; }
fail() { printf 'set-up: %s\n' "$*" >&2; exit 1; }

# Installers name the servers they ask; those are nobody's business in a log.
without_hosts() { sed -E "s#[a-z+]+://[^ '\"]*#(address left out)#g; s#'[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+'#(address left out)#g"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then sudo "$@"
  else return 1
  fi
}

installed() {  # Debian 13 and Ubuntu 24.04 renamed some libraries to …t64
  dpkg-query -W -f='${Status}\n' "$1" "$1t64" 2>/dev/null | grep -q '^install ok installed'
}

install_packages() {
  command -v apt-get >/dev/null ||
    fail "these are needed and this system has no apt to fetch them: $*. Install what your system calls them, then set FIELDLINE_SYSTEM_READY=1."
  say "installing $*"
  as_root true || fail "no root and no sudo here. Run once, as root: apt-get install --no-install-recommends $*"
  log=$(mktemp)
  as_root apt-get -qq update >"$log" 2>&1 || true   # an old package list may still do
  if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends "$@" >>"$log" 2>&1; then
    grep -E '^(E|W):' "$log" | without_hosts >&2 || true
    rm -f "$log"
    fail "apt-get could not install: $*"
  fi
  rm -f "$log"
}

set_up_system() {
  [ -z "${FIELDLINE_SYSTEM_READY:-}" ] || return 0
  missing="" packed=""
  [ "$(find_python)" != /usr/bin/python3.11 ] || packed=libpython3.11   # the installer carries it; theirs is one binary
  for package in $QT_LIBRARIES $SCREENS $BUILDING $packed $DATABASE $BUS; do
    installed "$package" || missing="$missing $package"
  done
  # shellcheck disable=SC2086
  [ -z "$missing" ] || install_packages $missing
}

# The distribution's own before another on the PATH: it is built with all optimizations, which what pyenv makes by
# default is not (measured: 14 % more of all the tests' computing). One without venv only where there is no other.
find_python() {
  for also in ensurepip sys; do
    for candidate in ${PYTHON:-} /usr/bin/python3.11 python3.11 python3 python; do
      "$candidate" -c "import sys, $also; sys.exit(sys.version_info[:2] != (3, 11))" 2>/dev/null || continue
      "$candidate" -c 'import sys; print(sys.executable)'
      return 0
    done
  done
  return 1
}

set_up_python() {
  stamp=.venv/.set-up
  wanted=$(cat uv.lock pyproject.toml scripts/setup.sh | cksum)
  if [ -x .uv/bin/uv ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return 0; fi
  python=$(find_python) || fail "Python 3.11 is needed (python3.11 on the PATH, or PYTHON=/path/to/python3.11); Debian 12 calls it python3."
  if [ ! -x .uv/bin/uv ]; then
    "$python" -c 'import ensurepip' 2>/dev/null || install_packages python3.11-venv
    say "fetching uv"
    "$python" -m venv .uv
    .uv/bin/python -m pip install --quiet uv==0.13.8 2>&1 | without_hosts
    [ -x .uv/bin/uv ] || fail "pip could not fetch uv: is a package index within reach?"
  fi
  say "installing the locked packages into .venv"
  log=$(mktemp)
  if ! .uv/bin/uv sync --frozen --quiet --python "$python" >"$log" 2>&1; then
    say "uv could not fetch them from where the lock says; trying the index that pip is set up for"
    [ -x .venv/bin/python ] || .uv/bin/uv venv --quiet --python "$python" .venv
    .uv/bin/uv export --frozen --quiet --no-emit-project -o "$log.txt" >/dev/null
    .uv/bin/python -m pip --python .venv/bin/python install --quiet --require-hashes -r "$log.txt" >>"$log" 2>&1 &&
      .uv/bin/python -m pip --python .venv/bin/python install --quiet --no-deps -e . >>"$log" 2>&1 ||
      { without_hosts <"$log" >&2; rm -f "$log" "$log.txt"; fail "the packages could not be installed; the reason stands above."; }
  fi
  rm -f "$log" "$log.txt"
  printf '%s\n' "$wanted" >"$stamp"
}

set_up_clients() {   # the clients that tests/compat is run with, as apps have them
  folder=tests/compat/clients
  stamp=$folder/node_modules/.set-up
  wanted=$(cat $folder/package-lock.json $folder/python/requirements.txt | cksum)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return 0; fi
  say "installing supabase-js, phoenix and supabase for Python, for the tests"
  log=$(mktemp)
  if ! (cd $folder && PATH="$PWD/../../../.venv/bin:$PATH" npm ci --silent) >"$log" 2>&1; then
    without_hosts <"$log" >&2; rm -f "$log"; fail "npm could not install the JavaScript clients; the reason stands above."
  fi
  if ! { .venv/bin/python -m venv --clear --without-pip $folder/python/.venv &&
         .uv/bin/python -m pip --python $folder/python/.venv/bin/python install --quiet --require-hashes -r $folder/python/requirements.txt; } >"$log" 2>&1
  then without_hosts <"$log" >&2; rm -f "$log"; fail "pip could not install the Python client; the reason stands above."
  fi
  rm -f "$log"
  printf '%s\n' "$wanted" >"$stamp"
}

case "${1:-}" in
  "") set_up_python ;;
  --system) set_up_python; set_up_system ;;
  --tests) set_up_python; set_up_system; set_up_clients ;;
  *) fail "usage: scripts/setup.sh [--system | --tests]" ;;
esac
