#!/usr/bin/env bash
# How much memory an open stream of events takes, beside one of a bare actix-web server, and how long it takes
# until the last of many is told of a change. Everything stays on this machine, and takes as many open files as
# there are streams, in two processes each. PHAROS and FLOOR name the binaries; without them they are built.
# Usage: events.sh [STREAMS] [CHANGES]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

ulimit -n "$(ulimit -Hn)"
if [[ -z ${PHAROS:-} || -z ${FLOOR:-} ]]; then
  cargo build --release --locked --package pharos
  cargo build --release --locked --package loadtests
fi
binaries=${CARGO_TARGET_DIR:-target}/release
PHAROS=${PHAROS:-$binaries/pharos} FLOOR=${FLOOR:-$binaries/floor} STREAMS=${1:-10000} CHANGES=${2:-7} \
  python3 loadtests/events.py
