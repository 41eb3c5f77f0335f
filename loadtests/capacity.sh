#!/usr/bin/env bash
# What one request of each kind of the model costs the server in processor time, so what one pod carries, and whether the
# replicas of the chart carry the model's spike, second by second, with an autoscaler as Kubernetes runs it. Needs wrk.
# Everything stays on this machine. PHAROS names the binary; without it, it is built.
# Usage: capacity.sh [SECONDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ -z ${PHAROS:-} ]]; then
  cargo build --release --locked --package pharos
fi
PHAROS=${PHAROS:-${CARGO_TARGET_DIR:-target}/release/pharos} SECONDS_EACH=${1:-2} python3 loadtests/capacity.py
