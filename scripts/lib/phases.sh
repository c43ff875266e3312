# The phases of scripts/test: each runs to its end whatever the others did, and is summed up in one line. Sourced after common.sh.
# shellcheck shell=bash
OUTPUT="$ROOT/test-output"
export INKLING_TEST_OUTPUT="$OUTPUT"
# Tests never ask the network or the user's own Home Assistant for anything.
export HF_HUB_OFFLINE=1 PYTHONDONTWRITEBYTECODE=1

# Forget the last run and start the clock.
start_phases() {
  rm -rf "$OUTPUT"
  mkdir -p "$OUTPUT"
  : >"$OUTPUT/phases.tsv"
  STARTED="$(date +%s)"
}

# Run one phase and write down its name, exit status and seconds.
phase() {
  local name="$1" began status=0
  shift
  began="$(date +%s)"
  say "$name"
  "$@" </dev/null || status=$?
  printf '%s\t%s\t%s\n' "$name" "$status" "$(($(date +%s) - began))" >>"$OUTPUT/phases.tsv"
}

# Run pytest of one environment as a phase with its own report file.
pytest_phase() {
  local name="$1" python="$2"
  shift 2
  phase "$name" "$python" -m pytest --quiet --tb=short --durations=8 --junitxml="$OUTPUT/$name.xml" -o "cache_dir=$TOOLS/pytest-$name" "$@"
}

# The pure tests and the trainer's, where Home Assistant is not installed: on core's oldest Python if there is one.
trainer_tests() {
  local folders=() folder
  for folder in core golden parity training; do
    if has_tests "tests/$folder"; then folders+=("tests/$folder"); fi
  done
  pytest_phase trainer "$TRAINING_VENV/bin/python" "${folders[@]}"
}

# Everything but the trainer's and the browser's tests, with Home Assistant, measuring coverage.
home_assistant_tests() {
  pytest_phase home-assistant "$VENV/bin/python" tests --ignore=tests/training --ignore=tests/e2e -m "not browser" \
    --cov --cov-report=
}

# The end-to-end tests in a real browser.
browser_tests() { pytest_phase browser "$VENV/bin/python" tests/e2e; }

# Hold the two coverage bars: every branch of core, 95 % of the rest of the integration.
coverage_gates() {
  local status=0
  "$VENV/bin/coverage" report --include='*/inkling/core/*' --fail-under=100 || status=1
  "$VENV/bin/coverage" report --include='*/inkling/*' --omit='*/inkling/core/*' --fail-under=95 || status=1
  "$VENV/bin/coverage" xml --quiet -o "$OUTPUT/cobertura.xml" || status=1
  return "$status"
}

# Run the given paths, the trainer's in its own environment.
run_paths() {
  local path ours=() trainers=()
  for path in "$@"; do
    case "$path" in
    tests/training* | ./tests/training*) trainers+=("$path") ;;
    *) ours+=("$path") ;;
    esac
  done
  if [ "${#ours[@]}" -gt 0 ]; then pytest_phase home-assistant "$VENV/bin/python" "${ours[@]}"; fi
  if [ "${#trainers[@]}" -gt 0 ]; then
    scripts/setup --training
    pytest_phase trainer "$TRAINING_VENV/bin/python" "${trainers[@]}"
  fi
}

# Tell whether a folder holds tests.
has_tests() { [ -n "$(find "$1" -name 'test_*.py' -print -quit 2>/dev/null)" ]; }

# Print the closing line; its exit status is that of the whole run.
finish_phases() {
  "$VENV/bin/python" "$ROOT/scripts/lib/summary.py" "$OUTPUT" "$(($(date +%s) - STARTED))"
}
