# The chart: rendered, checked and tested by Helm's own engine, without a cluster.
# shellcheck shell=bash disable=SC2154 # test.sh sets `cache` and `scratch`

install_chart_tools() {
  python_tools scripts/test/requirements-chart.txt yamllint hadolint zizmor
  have promtool || debian_packages prometheus
  promtool --version 2>&1 | head -n 1
}

# Apart from the others, since it pins what it stands on.
install_checkov() {
  python_tools scripts/test/requirements-checkov.txt checkov
}

crd_pins=scripts/test/crds

install_crds() {
  npm_modules "$crd_pins"
}

chart_python() {
  # What Terraform put out, where that was tried before.
  if [[ -s ${terraform_values:-} ]]; then
    local -x PHAROS_TERRAFORM_VALUES=$terraform_values
  fi
  "$cache/python/requirements-chart/bin/python" "$@"
}

lint_yaml() {
  yamllint --strict --config-file deploy/yamllint.yaml deploy/helm deploy/addons docker-compose.yml deploy/compose .github
}

render_chart() {
  mkdir -p "$scratch/rendered"
  chart_python deploy/helm/tests/write_rendered.py "$scratch/rendered"
}

scan_chart() {
  # It ends with 1 when it finds anything; what that means is said by the list of exceptions.
  checkov --skip-download --quiet --compact --framework kubernetes --output json --directory "$scratch/rendered" \
    >"$scratch/checkov.json" 2>"$scratch/checkov.log" || true
  chart_python deploy/helm/tests/checkov_exceptions.py <"$scratch/checkov.json"
}

# python_tests NAME COMMAND...: a step whose tests are those that pytest ran.
python_tests() {
  local ok bad skipped
  run "$@"
  read -r ok bad skipped < <(tail -n 1 "$scratch/log" | awk '{
    for (i = 2; i <= NF; i++) {
      if ($i ~ /^passed/) ok = $(i - 1)
      if ($i ~ /^(failed|error)/) bad += $(i - 1)
      if ($i ~ /^(skipped|xfailed)/) skipped += $(i - 1)
    }
    print ok + 0, bad + 0, skipped + 0
  }')
  count "$ok" "$bad" "$skipped"
}

deploy_chart() {
  prepare 'tools of the chart' tools install_node install_chart_tools install_checkov install_crds
  if ((status != 0)); then return; fi
  check 'yamllint' lint_yaml
  check 'workflow of the release' zizmor --offline --no-progress --persona=regular .github/workflows
  python_tests 'chart, alerts and dashboards' chart_python -m pytest -q --no-header -p no:cacheprovider deploy/helm/tests
  prepare 'render the chart' render_chart
  if ((status != 0)); then return; fi
  check 'custom resources' node deploy/helm/tests/crds.mjs "$(npm_home "$crd_pins")" "$scratch/rendered"
  check 'security scan of the chart' scan_chart
}
