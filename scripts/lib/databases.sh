# Debian's database servers, against which the import of a recorder is tested. Sourced after common.sh.
# shellcheck shell=bash

# Make sure that MariaDB and PostgreSQL are installed, or say why their tests are skipped; never a failure.
ensure_databases() {
  if have_databases; then return; fi
  if can_apt && say "installing Debian's mariadb-server and postgresql" &&
    apt_install mariadb-server postgresql >"$TOOLS/databases.log" 2>&1 && have_databases; then
    return
  fi
  say "no MariaDB and PostgreSQL here: the tests that import from them are skipped (Debian: sudo apt-get install mariadb-server postgresql)"
}

# Tell whether both servers are there, also where Debian keeps them out of the path.
have_databases() {
  local found
  { have mariadbd || [ -x /usr/sbin/mariadbd ]; } || return 1
  if have postgres; then return 0; fi
  for found in /usr/lib/postgresql/*/bin/postgres; do
    if [ -x "$found" ]; then return 0; fi
  done
  return 1
}
