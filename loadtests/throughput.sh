#!/usr/bin/env bash
# Requests per second of Pharos and of the bare floor that sends the same bytes, in turns, so that a machine
# whose speed drifts is the same for both. Needs wrk. Everything stays on this machine.
# Usage: throughput.sh [ROUNDS] [SECONDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=${1:-7}
seconds=${2:-4}
cargo build --release --workspace
binaries=${CARGO_TARGET_DIR:-target}/release
folder=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$folder"' EXIT

# await ADDRESS PATH: until it answers, for ten seconds at most.
await() {
  for _ in $(seq 100); do
    curl -sf -o "$folder/answer" "http://$1$2" && return
    sleep 0.1
  done
  echo "nothing answers at $1" >&2
  exit 1
}

page=127.0.0.1:18080
floor=127.0.0.1:18081
PHAROS_LISTEN=$page PHAROS_METRICS_LISTEN=127.0.0.1:18082 PHAROS_LOG=warn \
  PHAROS_DATABASE_URL="sqlite://$folder/pharos.db?mode=rwc" "$binaries/pharos" serve --demo &
pids+=($!)
await $page /healthz

# rate ADDRESS PATH: requests per second.
rate() {
  wrk -t1 -c64 -d"${seconds}s" -H 'Accept-Encoding: br' "http://$1$2" | sed -n 's/^Requests\/sec: *//p'
}

for path in / /api/v2/summary.json; do
  "$binaries/floor" $floor $page "$path" br &
  pids+=($!)
  await $floor /
  rate $page "$path" >/dev/null
  rate $floor "$path" >/dev/null
  : >"$folder/ratios"
  for _ in $(seq "$rounds"); do
    a=$(rate $page "$path")
    b=$(rate $floor "$path")
    printf '%s %s %s\n' "$a" "$b" "$(awk "BEGIN { print $a / $b }")" | tee -a "$folder/ratios" >&2
  done
  kill "${pids[-1]}"
  wait "${pids[-1]}" 2>/dev/null || true
  unset 'pids[-1]'
  ratio=$(awk '{ print $3 }' "$folder/ratios" | sort -n | sed -n "$(((rounds + 1) / 2))p")
  requests=$(awk '{ print $1 }' "$folder/ratios" | sort -n | sed -n "$(((rounds + 1) / 2))p")
  printf '%s: median %s requests/s, %s of the floor\n' "$path" "$requests" "$ratio"
done
