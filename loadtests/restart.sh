#!/usr/bin/env bash
# How long a replica takes from its start to its first answer, with 1,000 components and 10,000 incidents, when
# Postgres answers, and when it does not: from Redis, from a sibling, from the file that the last run left. The folder
# of Postgres is PG_BIN, else that of pg_config. Everything stays on this machine. PHAROS names the binary; without it
# one is built.
# Usage: restart.sh [RUNS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ -z ${PHAROS:-} ]]; then
  cargo build --release --locked --package pharos
  cargo build --release --locked --package loadtests
fi
PHAROS=${PHAROS:-${CARGO_TARGET_DIR:-target}/release/pharos} RUNS=${1:-7} python3 loadtests/restart.py
