#!/usr/bin/env bash
# As much of the entry point of the image postgres as docker-compose.yml uses.
set -euo pipefail
if (($(id -u) == 0)) && [[ ${1:-postgres} == postgres ]]; then
  mkdir -p "$PGDATA"
  chown -R postgres:postgres "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --clear-groups -- "$0" "$@"
fi
if [[ ${1:-postgres} != postgres ]]; then
  exec "$@"
fi
shift || true
if [[ ! -e $PGDATA/PG_VERSION ]]; then
  initdb --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth=scram-sha-256 --encoding=UTF8
  printf 'host all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
  pg_ctl --wait -o '-c listen_addresses=' start
  PGPASSWORD=$(<"$POSTGRES_PASSWORD_FILE") createdb --username="$POSTGRES_USER" "$POSTGRES_USER"
  pg_ctl --wait stop
fi
exec postgres -c 'listen_addresses=*' "$@"
