#!/usr/bin/env bash
# Runs the checks and tests of Pharos, all of them or the parts that are named. On Debian 12 it needs Rust
# and gets the other tools by itself, into PHAROS_CACHE (by default ~/.cache/pharos).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

cache=${PHAROS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pharos}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
# No setting of the person's own server may reach the ones that are tested.
unset "${!PHAROS_@}"

# shellcheck source=scripts/test/steps.sh
source scripts/test/steps.sh
# shellcheck source=scripts/test/tools.sh
source scripts/test/tools.sh
# shellcheck source=scripts/test/services.sh
source scripts/test/services.sh
for file in scripts/test/deploy/*.sh; do
  # shellcheck source=/dev/null
  source "$file"
done

shell_files() {
  find . -name node_modules -prune -o -name target -prune -o -type f \( -name '*.sh' -o -path ./.ci/run \) -print0
}

lint_shell() {
  shell_files | xargs -0 shellcheck --external-sources
}

# Asking for the examples too (there are none) has the dependencies built with the features that the tests asked for,
# so that part app's are used again.
compile_server() {
  cargo build --locked --bin pharos --examples
}

# Each part is a function `part_NAME`, which needs nothing from the other parts.

part_app() {
  prepare 'tools of app' tools install_rust install_linters install_node install_postgres install_redis install_aws \
    install_otlp install_smtp install_openssl
  if ((status != 0)); then return; fi
  check 'shellcheck' lint_shell
  check 'cargo deny' cargo-deny --locked --log-level error check --hide-inclusion-graph licenses bans sources
  check 'cargo fmt' cargo fmt --all --check
  check 'cargo clippy' cargo clippy --locked --all-targets -- -D warnings
  prepare 'compile the tests' cargo test --locked --no-run
  if ((status != 0)); then return; fi
  cargo_tests 'tests, on SQLite and Postgres 18' \
    with_redis with_postgres 18 with_aws with_otlp with_smtp cargo test --locked --no-fail-fast
  cargo_tests 'tests, on Postgres 14' \
    with_redis with_postgres 14 with_aws with_otlp with_smtp cargo test --locked --test it -- postgres
}

part_e2e() {
  prepare 'tools of e2e' tools install_rust install_node install_browser install_readers install_schemathesis install_smtp \
    install_openssl
  if ((status != 0)); then return; fi
  prepare 'compile the server' compile_server
  if ((status != 0)); then return; fi
  local runner=(node --test --test-reporter=spec --test-reporter-destination=stdout
    --test-reporter=tap --test-reporter-destination="$scratch/tap")
  node_tests 'pages in a browser' with_demo "${runner[@]}" --test-timeout=1200000 app/e2e/*.test.mjs
  # By itself: what it measures depends on what else the machine does.
  node_tests "Lighthouse's marks" with_demo "${runner[@]}" --test-timeout=300000 app/e2e/lighthouse.mjs
  check 'feeds and calendars, read in Python' \
    with_demo "$cache/python/requirements-readers/bin/python" app/e2e/readers.py
  check 'schemathesis, on the management API' schemathesis /v1/openapi.json 5
  check 'schemathesis, on API v2' schemathesis /api/v2/openapi.json 5
}

# Each scenario of loadtests/, for some seconds: errors and contents decide, latencies are only told of.
part_load() {
  local scenario
  prepare 'tools of load' tools install_rust install_node install_postgres install_redis install_k6
  if ((status != 0)); then return; fi
  prepare 'compile the server' compile_server
  if ((status != 0)); then return; fi
  check 'cargo clippy, of the load tests' cargo clippy --locked --package loadtests --all-targets -- -D warnings
  cargo_tests 'tests of the load tests' cargo test --locked --package loadtests
  prepare 'compile goose' cargo build --locked --package loadtests --bin people --bin floor
  if ((status != 0)); then return; fi
  for scenario in smoke load-test spike soak breakpoint people; do
    check "load: $scenario" load_scenario "$scenario" --on sqlite
  done
  check 'load: two replicas on Postgres and Redis' load_scenario smoke --on postgres
  check 'load: outage' load_scenario outage
}

# What stands below deploy/: each of its steps is a function of scripts/test/deploy, where there is one.
part_deploy() {
  local step
  for step in deploy_terraform deploy_chart deploy_docker; do
    if declare -F "$step" >/dev/null; then
      "$step"
    fi
  done
}

mapfile -t parts < <(compgen -A function part_ | sed 's/^part_//')
for part in "$@"; do
  if [[ " ${parts[*]} " != *" $part "* ]]; then
    printf 'test.sh: no part is called "%s"\nUsage: ./test.sh [%s]...\n' "$part" "$(IFS='|' && echo "${parts[*]}")" >&2
    exit 64
  fi
done
if (($# == 0)); then
  set -- "${parts[@]}"
fi

scratch=$(mktemp -d "${TMPDIR:-/tmp}/pharos-test.XXXXXX")
# The database runs as somebody else.
chmod 711 "$scratch"
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
for part in "$@"; do
  "part_$part"
done
