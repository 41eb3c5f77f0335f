#!/usr/bin/env bash
# Writes per second by the management API, and their 99th percentile, on Postgres and on SQLite with 1, 8 and 64
# clients; beside them bare transactions by pgbench on the same Postgres, which flushes each commit to the disk as a
# real server does. Needs wrk, and Postgres with pgbench: their folder is PG_BIN, else that of pg_config. Everything
# stays on this machine. PHAROS names the binary; without it, it is built.
# Usage: writes.sh [SECONDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-10}
pg=${PG_BIN:-$(pg_config --bindir)}
if [[ -z ${PHAROS:-} ]]; then
  cargo build --release --locked --package pharos
fi
pharos=${PHAROS:-${CARGO_TARGET_DIR:-target}/release/pharos}
folder=$(mktemp -d)
chmod 711 "$folder"
pids=()
trap 'kill -INT "${pids[@]}" 2>/dev/null || true; wait; rm -rf "$folder"' EXIT

# await COMMAND...: until it goes well, for twenty seconds at most.
await() {
  for _ in $(seq 200); do
    "$@" >"$folder/await" 2>&1 && return
    sleep 0.1
  done
  printf 'it did not come up: %s\n' "$*" >&2
  cat "$folder/await" >&2
  exit 1
}

as=()
if ((EUID == 0)); then
  # Postgres refuses to run as root.
  as=(setpriv --reuid=nobody --regid=nogroup --clear-groups --)
fi
port=15480
mkdir "$folder/postgres"
if ((EUID == 0)); then
  chown nobody "$folder/postgres"
fi
"${as[@]}" "$pg/initdb" -D "$folder/postgres/data" -U postgres -A trust -E UTF8 --locale=C >"$folder/initdb.log"
# What is not said is as Postgres has it by itself: fsync, synchronous_commit and full_page_writes are on.
"${as[@]}" "$pg/postgres" -D "$folder/postgres/data" -c listen_addresses=127.0.0.1 -c port=$port \
  -c unix_socket_directories="$folder/postgres" -c max_connections=120 >"$folder/postgres.log" 2>&1 &
pids+=($!)
await "$pg/pg_isready" -q -h 127.0.0.1 -p $port -U postgres
export PGHOST=127.0.0.1 PGPORT=$port PGUSER=postgres
"$pg/psql" -qc 'CREATE DATABASE pharos' -c 'CREATE DATABASE bare'
"$pg/pgbench" -q -i -s 10 bare >"$folder/pgbench.log" 2>&1
"$pg/psql" -q bare -c 'CREATE TABLE one_row (id int PRIMARY KEY, n bigint); INSERT INTO one_row VALUES (1, 0)'
# As Pharos locks the row of its page, so that two changes of one page never overlap.
printf 'UPDATE one_row SET n = n + 1 WHERE id = 1;\n' >"$folder/one_row.sql"

# bare NAME CLIENTS OPTION...: transactions per second, and the 99th percentile in milliseconds.
bare() {
  local name=$1 clients=$2 rate
  shift 2
  rm -f "$folder"/log.*
  rate=$("$pg/pgbench" -n "$@" -c "$clients" -j 2 -T "$seconds" -l --log-prefix="$folder/log" bare |
    sed -n 's/^tps = \([0-9.]*\).*/\1/p')
  sort -n -k3 <(cat "$folder"/log.*) | awk -v rate="$rate" -v name="$name" -v clients="$clients" \
    '{ all[NR] = $3 } END { printf "%-38s %3d clients  %8.0f /s  p99 %8.1f ms\n", name, clients, rate, all[int(NR * 0.99) + (NR < 100)] / 1000 }'
}

# Each request is another change: of each component in turn to the other of two statuses, or a further update.
cat >"$folder/writes.lua" <<'LUA'
local ids, kind, count = {}, os.getenv("KIND"), 0
for id in os.getenv("IDS"):gmatch("%S+") do ids[#ids + 1] = id end
wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
wrk.headers["Content-Type"] = "application/json"
function request()
  count = count + 1
  local id = ids[count % #ids + 1]
  local bad = math.floor(count / #ids) % 2 == 0
  if kind == "status" then
    local status = bad and "degraded_performance" or "operational"
    return wrk.format("PATCH", os.getenv("PAGE") .. "/components/" .. id, nil, '{"component":{"status":"' .. status .. '"}}')
  end
  return wrk.format("PATCH", os.getenv("PAGE") .. "/incidents/" .. id, nil, '{"incident":{"body":"Update ' .. count .. '"}}')
end
function done(summary, latency)
  io.write(string.format("%.0f %.1f %d\n", summary.requests / summary.duration * 1e6, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.read + summary.errors.timeout))
end
LUA

# writes NAME CLIENTS BASE: what Pharos does.
writes() {
  local name=$1 clients=$2 base=$3 rate p99 errors
  read -r rate p99 errors < <(wrk -t1 -c"$clients" -d"${seconds}s" --timeout 20s -s "$folder/writes.lua" "$base" | tail -n 1)
  printf '%-38s %3d clients  %8s /s  p99 %8s ms  %s refused\n' "$name" "$clients" "$rate" "$p99" "$errors"
}

# call METHOD PATH BODY: by the management API.
call() {
  curl -sf -X "$1" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' "$base$2" -d "$3"
}

ids() {
  grep -o '"id":"[0-9a-z]*","page_id"' | cut -d'"' -f4 | tr '\n' ' '
}

# Replicas on Postgres must all have the same keys, so that none makes its own.
PHAROS_KEYS=$(head -c 32 /dev/urandom | base64)
export PHAROS_KEYS

# measure NAME URL PORT: a page with 20 components and 20 open incidents.
measure() {
  local name=$1 url=$2 at=$3 base=http://127.0.0.1:$3 page components='' incidents='' number
  export PHAROS_DATABASE_URL=$url PHAROS_LOG=warn
  "$pharos" migrate >"$folder/migrate"
  page=$("$pharos" page create --name Writes)
  TOKEN=$("$pharos" token create --name writes --scopes all)
  PAGE=/v1/pages/$page
  export TOKEN PAGE KIND IDS
  PHAROS_LISTEN=127.0.0.1:$at PHAROS_METRICS_LISTEN=127.0.0.1:$((at + 1)) PHAROS_API_CALLS_PER_MINUTE=0 \
    "$pharos" serve &
  pids+=($!)
  await curl -sf "$base/healthz"
  for number in $(seq 20); do
    components+=$(call POST "$PAGE/components" "{\"component\":{\"name\":\"Component $number\"}}" | ids)
    incidents+=$(call POST "$PAGE/incidents" "{\"incident\":{\"name\":\"Incident $number\",\"body\":\"x\"}}" |
      sed 's/^{"id":"\([0-9a-z]*\)".*/\1 /')
  done
  for number in 1 8 64; do
    KIND=status IDS=$components writes "$name, component status" "$number" "$base"
    KIND=update IDS=$incidents writes "$name, incident update" "$number" "$base"
  done
  kill -INT "${pids[-1]}"
  wait "${pids[-1]}" 2>/dev/null || true
  unset 'pids[-1]'
}

for clients in 1 8 64; do
  bare 'pgbench, one row' "$clients" -f "$folder/one_row.sql"
  bare 'pgbench, simple update' "$clients" -N
done
measure 'Pharos on Postgres' "postgres://postgres@127.0.0.1:$port/pharos" 18480
measure 'Pharos on SQLite' "sqlite://$folder/pharos.db?mode=rwc" 18490
