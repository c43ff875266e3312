# Finds or makes the Python that Home Assistant needs, and the one the trainer needs. Sourced after uv.sh and debian_python.sh.
# shellcheck shell=bash
PYTHON_RANGE='>=3.14.2,<3.15'

# Print an installed interpreter in a version range; return 1 where there is none.
installed_python() { "$UV" python find --no-project --system --no-python-downloads "$1" 2>/dev/null; }

# Set PYTHON to an interpreter for Home Assistant: installed, else uv's download, else Debian testing's.
ensure_python() {
  # Ours first where it exists already: finding it costs nothing, and a virtual environment may rest on it.
  if [ -x "$DEBIAN_PYTHON" ] && ensure_debian_python; then
    PYTHON="$DEBIAN_PYTHON"
  elif PYTHON="$(installed_python "$PYTHON_RANGE")"; then
    say "using the installed $("$PYTHON" -V) ($PYTHON)"
  elif download_python 3.14 && PYTHON="$(installed_python "$PYTHON_RANGE")"; then
    say "using uv's $("$PYTHON" -V)"
  elif ensure_debian_python; then
    PYTHON="$DEBIAN_PYTHON"
  else
    fail "no Python 3.14.2 or newer was found and none could be downloaded: install Python 3.14, then run this again"
  fi
}

# Let uv download a Python; give up within seconds where its download site is out of reach.
download_python() {
  local limit=()
  say "trying uv's own download of Python $1"
  if have timeout; then limit=(timeout 300); fi
  UV_HTTP_RETRIES=0 UV_HTTP_CONNECT_TIMEOUT=8 UV_HTTP_TIMEOUT=30 \
    ${limit[@]+"${limit[@]}"} "$UV" python install --no-bin "$1" >/dev/null 2>&1 ||
    { say "uv's download site is not reachable from here" && return 1; }
}

# Set PYTHON to an interpreter for the trainer; 3.11 first, so that core is tested on its oldest Python.
ensure_training_python() {
  local version
  for version in 3.11 3.12 3.13; do
    if PYTHON="$(installed_python "$version")"; then return; fi
  done
  download_python 3.12 && PYTHON="$(installed_python 3.12)" ||
    fail "the trainer needs Python 3.11, 3.12 or 3.13 and none could be downloaded: install one, then run this again"
}
