#!/usr/bin/env bash
# How soon what was written by one replica is shown by all: two replicas write in turn, on one Postgres, which flushes
# each commit to the disk, and one Redis. The folder of Postgres is PG_BIN, else that of pg_config. Everything stays
# on this machine. PHAROS names the binary; without it one is built.
# Usage: spread.sh [WRITES]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ -z ${PHAROS:-} ]]; then
  cargo build --release --locked --package pharos
  cargo build --release --locked --package loadtests
fi
PHAROS=${PHAROS:-${CARGO_TARGET_DIR:-target}/release/pharos} WRITES=${1:-1000} python3 loadtests/spread.py
