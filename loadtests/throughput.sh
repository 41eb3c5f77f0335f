#!/usr/bin/env bash
# Requests per second of Pharos, of a bare actix-web server and of nginx that send the same bytes, and of other status
# pages if there are any, in turns, so that a machine whose speed drifts is the same for all. Needs wrk; nginx is left out
# where it is not there. Everything stays on this machine.
#
# Another status page is a script that is given a port, serves its front page there at /, and ends on a TERM.
# Usage: throughput.sh [ROUNDS] [SECONDS] [SCRIPT]...
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=${1:-7}
seconds=${2:-4}
others=("${@:3}")
if [[ -z ${PHAROS:-} || -z ${FLOOR:-} ]]; then
  cargo build --release --locked --package pharos
  cargo build --release --locked --package loadtests
fi
binaries=${CARGO_TARGET_DIR:-target}/release
PHAROS=${PHAROS:-$binaries/pharos} FLOOR=${FLOOR:-$binaries/floor}
folder=$(mktemp -d)
# The workers of nginx are somebody else.
chmod 755 "$folder"
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$folder"' EXIT

# await ADDRESS PATH: until it answers, for a minute at most.
await() {
  for _ in $(seq 600); do
    curl -sf -o "$folder/answer" "http://$1$2" && return
    sleep 0.1
  done
  echo "nothing answers at $1" >&2
  exit 1
}

page=127.0.0.1:18080
PHAROS_LISTEN=$page PHAROS_METRICS_LISTEN=127.0.0.1:18082 PHAROS_LOG=warn PHAROS_DRAIN_SECONDS=0 \
  PHAROS_DATABASE_URL="sqlite://$folder/pharos.db?mode=rwc" "$PHAROS" serve --demo &
pids+=($!)
await $page /healthz

# nginx_with PATH: nginx that serves this body from a file, with the coding and type that Pharos says.
nginx_with() {
  mkdir -p "$folder/nginx"
  curl -sf -H 'Accept-Encoding: br' -D "$folder/headers" -o "$folder/nginx/body" "http://$page$1"
  local type
  type=$(tr -d '\r' <"$folder/headers" | sed -n 's/^content-type: *//Ip')
  cat >"$folder/nginx.conf" <<CONF
worker_processes auto; daemon off; pid $folder/nginx.pid; error_log $folder/nginx.log;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=10;
  client_body_temp_path $folder/nginx/a; proxy_temp_path $folder/nginx/b; fastcgi_temp_path $folder/nginx/c;
  uwsgi_temp_path $folder/nginx/d; scgi_temp_path $folder/nginx/e;
  server {
    listen 127.0.0.1:18083;
    location / { root $folder/nginx; try_files /body =404; types {} default_type "$type"; add_header Content-Encoding br; }
  }
}
CONF
  nginx -e "$folder/nginx.log" -c "$folder/nginx.conf" &
  pids+=($!)
}

# rate ADDRESS PATH: requests per second. Answers that are no success count as none.
rate() {
  wrk -t1 -c64 -d"${seconds}s" -H 'Accept-Encoding: br' "http://$1$2" |
    awk '/^Requests\/sec:/ { rate = $2 } /Non-2xx/ { bad = 1 } END { print bad ? 0 : rate }'
}

median() {
  sort -n | sed -n "$(((rounds + 1) / 2))p"
}

stop_last() {
  kill "${pids[-1]}"
  wait "${pids[-1]}" 2>/dev/null || true
  unset 'pids[-1]'
}

# against PATH NAME ADDRESS ITS_PATH: Pharos and it in turns.
against() {
  local path=$1 name=$2 address=$3 its=$4 a b
  await "$address" "$its"
  rate "$page" "$path" >/dev/null
  rate "$address" "$its" >/dev/null
  : >"$folder/ratios"
  for _ in $(seq "$rounds"); do
    a=$(rate "$page" "$path")
    b=$(rate "$address" "$its")
    printf '%s %s %s\n' "$a" "$b" "$(awk "BEGIN { print $b ? $a / $b : \"inf\" }")" | tee -a "$folder/ratios" >&2
  done
  printf '%s: median %s requests/s, %s of %s (pairs from %s to %s)\n' "$path" "$(awk '{ print $1 }' "$folder/ratios" | median)" \
    "$(awk '{ print $3 }' "$folder/ratios" | median)" "$name" \
    "$(awk '{ print $3 }' "$folder/ratios" | sort -n | head -n 1)" "$(awk '{ print $3 }' "$folder/ratios" | sort -n | tail -n 1)"
  stop_last
}

for path in / /api/v2/summary.json; do
  "$FLOOR" 127.0.0.1:18081 $page "$path" br &
  pids+=($!)
  against "$path" 'a bare actix-web server' 127.0.0.1:18081 /
  if command -v nginx >/dev/null; then
    nginx_with "$path"
    against "$path" 'nginx with the same file' 127.0.0.1:18083 /
  fi
done
for script in "${others[@]}"; do
  "$script" 18084 &
  pids+=($!)
  against / "$script" 127.0.0.1:18084 /
done
