# Creates the virtual environment and installs requirements files into it, for the scripts beside it.
# shellcheck shell=bash

say() { printf '%s\n' "$*"; }

die() {
  printf '\n' >&2
  printf '%s\n' "$@" >&2
  exit 1
}

# Runs a command without output; on failure prints the end of its output and returns false.
quietly() {
  local output
  output=$("$@" 2>&1 </dev/null) && return
  printf '%s\n' "$output" | tail -n 15 >&2
  quietly_said=$output
  return 1
}

is_root_on_debian() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt_install() {
  say "Installing $* with apt-get …"
  quietly apt-get update && quietly env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local candidates=(python3 python3.14 python3.13 python3.12 python3.11)
  [ -z "${PYTHON:-}" ] || candidates=("$PYTHON")
  for python in "${candidates[@]}"; do
    is_new_enough "$python" && return
  done
  die "Latchkey needs Python 3.11 or newer. ${candidates[0]} here: $("${candidates[0]}" --version 2>/dev/null || echo none)" \
    "On Debian 12 and newer: apt-get install python3 python3-venv" \
    "If it has another name here: PYTHON=/path/to/python3.12 $0"
}

# Debian has the venv module in a separate package.
have_venv_module() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }

make_venv() {
  is_new_enough .venv/bin/python && .venv/bin/python -c 'import pip' 2>/dev/null && return
  find_python
  local package
  package="$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
  if ! have_venv_module; then
    if is_root_on_debian; then apt_install "$package" || true; fi
    have_venv_module || die "Python's venv module is missing. Install it, then start again:" "  sudo apt-get install $package"
  fi
  say "Making the virtual environment …"
  quietly "$python" -m venv --clear .venv || die "The virtual environment .venv could not be made: see above."
}

# Installs the last file given; the others are files that it includes. Does nothing while none has changed.
install_requirements() {
  local stamp=.venv/.installed-${!#} wanted
  wanted=$(cat "$@")
  make_venv
  [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
  say "Installing ${!#} (the first time this takes a minute or two) …"
  if ! quietly .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input -r "${!#}"; then
    if grep -qE 'NewConnectionError|ConnectTimeout|ProxyError|name resolution|unreachable' <<<"$quietly_said"; then
      die "The packages cannot be fetched: the network or the package index is out of reach." \
        "Connect this machine, or set HTTPS_PROXY, or name your index in pip's configuration; then start again."
    fi
    die "Installing ${!#} failed: see above."
  fi
  printf '%s\n' "$wanted" >"$stamp"
}
