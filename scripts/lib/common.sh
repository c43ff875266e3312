# Shared by every script: where things lie, how to speak, how to fail. Sourced, never run.
# shellcheck shell=bash
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
TOOLS="$ROOT/.tools"
VENV="$ROOT/.venv"
TRAINING_VENV="$ROOT/training/.venv"
LOGS="$TOOLS/logs"

# Say which step runs now.
say() { printf '==> %s\n' "$*" >&2; }

# Stop with one clear sentence.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Tell whether a command is installed.
have() { command -v "$1" >/dev/null 2>&1; }

# Run a command quietly; when it fails, show the end of its output and the given sentence.
quietly() {
  local sentence="$1" log
  shift
  mkdir -p "$LOGS"
  log="$(mktemp "$LOGS/step.XXXXXX")"
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
    return 0
  fi
  tail -n 20 "$log" >&2
  fail "$sentence (whole output: ${log#"$ROOT"/})"
}

# Run a command as root where no password is needed, else return 1.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    return 1
  fi
}

# Tell whether this machine may install Debian packages unattended.
can_apt() { have apt-get && as_root true; }

# Install Debian packages without questions, refreshing the lists only when needed.
apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" ||
    { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; }
}
