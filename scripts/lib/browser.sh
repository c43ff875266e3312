# Finds the browser of the end-to-end tests. Sourced after common.sh.
# shellcheck shell=bash

# Set and export INKLING_BROWSER: the one given, an installed Chromium, Debian's package, else an installed Chrome.
ensure_browser() {
  if [ -n "${INKLING_BROWSER:-}" ]; then
    [ -x "$INKLING_BROWSER" ] || fail "INKLING_BROWSER names $INKLING_BROWSER, which is no program: correct it or unset it"
  elif first_browser chromium chromium-browser; then
    :
  elif can_apt && say "installing Debian's chromium" && apt_install chromium >"$TOOLS/chromium.log" 2>&1 && first_browser chromium; then
    :
  elif ! first_browser google-chrome google-chrome-stable "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
    "/Applications/Chromium.app/Contents/MacOS/Chromium"; then
    fail "no browser for the end-to-end test: install Chromium (Debian: sudo apt-get install chromium) or Google Chrome, or name one in INKLING_BROWSER"
  fi
  export INKLING_BROWSER
}

# Set INKLING_BROWSER to the first of these programs that starts.
first_browser() {
  local name
  for name in "$@"; do
    INKLING_BROWSER="$(command -v "$name" || true)"
    # Ubuntu's chromium-browser may be an empty wrapper around a snap: only one that answers counts.
    if [ -n "$INKLING_BROWSER" ] && "$INKLING_BROWSER" --version >/dev/null 2>&1; then return 0; fi
  done
  INKLING_BROWSER=""
  return 1
}
