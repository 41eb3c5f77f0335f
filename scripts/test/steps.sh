# Running the steps of a test run, counting what passed, and saying how long each took.
# shellcheck shell=bash disable=SC2154 # test.sh sets `cache` and `scratch`

passed=0
failed=0
status=0
times=()

# run NAME COMMAND...: runs the command in a subshell and leaves its exit code in `status` and all it
# printed in "$scratch/log". Never call it in a condition: there, bash would not stop the command at its first error.
run() {
  local name=$1 began=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  set +e
  (
    set -e
    "$@"
  ) 2>&1 | tee "$scratch/log"
  status=${PIPESTATUS[0]}
  set -e
  times+=("$(printf '%5d s  %s' $((SECONDS - began)) "$name")")
  if ((status != 0)); then
    printf '** %s failed with exit code %d\n' "$name" "$status"
  fi
}

# count PASSED FAILED SKIPPED: adds what a test runner counted. Where nothing may be skipped, a skipped
# test has failed; so has a run that ended badly, or ran nothing, without a failed test to show for it.
count() {
  local bad=$2
  if [[ ${CI:-} == true ]]; then
    bad=$((bad + $3))
  fi
  if ((bad == 0)) && ((status != 0 || $1 == 0)); then
    bad=1
  fi
  passed=$((passed + $1))
  failed=$((failed + bad))
}

# prepare NAME COMMAND...: a step that is no test itself. Ask `status` before going on.
prepare() {
  run "$@"
  if ((status != 0)); then
    failed=$((failed + 1))
  fi
}

# check NAME COMMAND...: a step that counts as one test.
check() {
  run "$@"
  count $((status == 0)) 0 0
}

# cargo_tests NAME COMMAND...: a step whose tests are those that cargo ran.
cargo_tests() {
  local ok bad skipped
  run "$@"
  read -r ok bad skipped < <(awk '/^test result: / { ok += $4; bad += $6; skipped += $8 }
    END { print ok + 0, bad + 0, skipped + 0 }' "$scratch/log")
  count "$ok" "$bad" "$skipped"
}

# node_tests NAME COMMAND...: a step whose tests are those that Node's runner ran, told in TAP in "$scratch/tap".
node_tests() {
  local ok bad skipped
  : >"$scratch/tap"
  run "$@"
  read -r ok bad skipped < <(awk '/^# pass / { ok = $3 } /^# (fail|cancelled) / { bad += $3 }
    /^# (skipped|todo) / { skipped += $3 } END { print ok + 0, bad + 0, skipped + 0 }' "$scratch/tap")
  count "$ok" "$bad" "$skipped"
}

# finish: the EXIT trap. Stops what still runs, and closes with the one line that sums up.
finish() {
  local code=$?
  trap - EXIT
  set +e
  stop_services
  rm -rf "$scratch"
  if ((code != 0 && failed == 0)); then
    failed=1
  fi
  printf '\n'
  printf '%s\n' "${times[@]}" "$(printf '%5d s  in all' "$SECONDS")" ''
  printf '%d passed, %d failed\n' "$passed" "$failed"
  if ((code == 0 && failed > 0)); then
    code=1
  fi
  exit "$code"
}
