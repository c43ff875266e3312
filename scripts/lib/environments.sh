# The two virtual environments: .venv for Home Assistant, training/.venv for TensorFlow. Sourced after python.sh.
# shellcheck shell=bash

# Make or update .venv from uv.lock.
sync_home_assistant() {
  drop_moved "$VENV"
  if ! "$VENV/bin/python" -c 'import sys; assert (3, 14, 2) <= sys.version_info < (3, 15)' 2>/dev/null; then
    ensure_python
    say "making .venv with $("$PYTHON" -V)"
    quietly "the virtual environment could not be made" "$UV" venv --quiet --clear --python "$PYTHON" "$VENV"
    remember_place "$VENV"
  fi
  say "installing Home Assistant and the development tools from uv.lock"
  if ! sync_with_voice; then
    quietly "Home Assistant could not be installed from uv.lock: check the network and the free disk space" \
      uv_sync "$ROOT"
    # Remembered only now: before, it might have been the network that failed.
    if [ -n "$VOICE_FAILED" ]; then touch "$VENV/.voice-failed"; fi
  fi
}

# Install everything, the two C++ packages included; return 1 where they cannot be built.
sync_with_voice() {
  HEADERS="" VOICE_FAILED=""
  [ ! -e "$VENV/.voice-failed" ] || return 1
  if ! have c++ && ! have g++ && ! have clang++; then
    say "no C++ compiler: leaving out the two voice packages (Home Assistant runs without them)"
    return 1
  fi
  debian_headers
  if CPATH="$HEADERS${CPATH:+:$CPATH}" uv_sync "$ROOT" --group voice >"$TOOLS/voice.log" 2>&1; then return; fi
  say "the two voice packages could not be built (.tools/voice.log): leaving them out (Home Assistant runs without them)"
  VOICE_FAILED=yes
  return 1
}

# Make or update training/.venv from training/uv.lock.
sync_training() {
  drop_moved "$TRAINING_VENV"
  if ! "$TRAINING_VENV/bin/python" -c 'import sys; assert (3, 11) <= sys.version_info < (3, 14)' 2>/dev/null; then
    ensure_training_python
    say "making training/.venv with $("$PYTHON" -V)"
    quietly "the trainer's virtual environment could not be made" \
      "$UV" venv --quiet --clear --python "$PYTHON" "$TRAINING_VENV"
    remember_place "$TRAINING_VENV"
  fi
  say "installing TensorFlow and the trainer's tools from training/uv.lock"
  quietly "TensorFlow could not be installed from training/uv.lock: check the network and the free disk space (2 GB)" \
    uv_sync "$ROOT/training"
}

# Bring one project's environment to exactly what its lock says.
uv_sync() {
  local project="$1"
  shift
  env -u VIRTUAL_ENV -u UV_PROJECT_ENVIRONMENT UV_PYTHON_DOWNLOADS=never UV_HTTP_TIMEOUT=180 \
    "$UV" sync --frozen --project "$project" --python "$project/.venv/bin/python" "$@"
}

# Remember where an environment was made: its scripts hold that path.
remember_place() { printf '%s\n' "$1" >"$1/.made-in"; }

# Drop an environment that was moved together with its checkout.
drop_moved() {
  if [ -e "$1/.made-in" ] && [ "$(cat "$1/.made-in")" != "$1" ]; then
    say "the checkout has moved: making ${1#"$ROOT"/} again"
    rm -rf "$1"
  fi
}
