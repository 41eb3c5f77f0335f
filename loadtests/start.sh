#!/usr/bin/env bash
# How long Pharos takes from its start to its first answer, and how much memory it holds, with nothing stored
# and with 1,000 components and 10,000 incidents. Everything stays on this machine. PHAROS names the binary; without it,
# it is built.
# Usage: start.sh [RUNS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ -z ${PHAROS:-} ]]; then
  cargo build --release --locked --package pharos
  cargo build --release --locked --package loadtests
fi
PHAROS=${PHAROS:-${CARGO_TARGET_DIR:-target}/release/pharos} RUNS=${1:-7} python3 loadtests/start.py
