# The infrastructure: its code, what it plans and costs, and its life on an imitation of AWS. No account is needed, and
# none that this shell knows is used.
# shellcheck shell=bash disable=SC2154 # test.sh sets `cache` and `scratch`

terraform_values=
terraform_roots=(bootstrap environments/prod environments/dev)

install_terraform() {
  if ! have terraform; then
    printf 'Missing: Terraform 1.11 or later, see https://developer.hashicorp.com/terraform/install\n'
    return 1
  fi
  env -u TF_CLI_CONFIG_FILE terraform version -json | python3 -c 'import json, sys
version = json.load(sys.stdin)["terraform_version"]
print("terraform", version)
sys.exit(tuple(map(int, version.split("-")[0].split(".")[:2])) < (1, 11) and "Terraform has to be 1.11 or later")'
}

install_imitation() {
  python_tools scripts/test/requirements-terraform.txt
  # What the nightly jobs run.
  python_tools scripts/test/requirements-awscli.txt
  # What install.sh uses besides what stands in for it.
  have jq || debian_packages jq
  have openssl || debian_packages openssl
  # What Prometheus tells of alerts, and what tells people.
  have prometheus-alertmanager || debian_packages prometheus-alertmanager
}

# Apart from the others, since it pins what it stands on.
install_checkov() {
  python_tools scripts/test/requirements-checkov.txt checkov
}

terraform_python() {
  PYTHONDONTWRITEBYTECODE=1 "$cache/python/requirements-terraform/bin/python" "$@"
}

# provider_mirror: a folder of providers on this machine, for one that can't reach Terraform's registry.
provider_mirror() {
  local found
  found=$(find /opt /usr/local /usr/share /usr/lib "$HOME" -maxdepth 6 -type d \
    -path '*/registry.terraform.io/hashicorp/aws' -not -path '*/.terraform/*' -print -quit 2>/dev/null || true)
  printf '%s' "${found%/registry.terraform.io/hashicorp/aws}"
}

write_terraform_config() {
  local mirror
  mirror=$(provider_mirror)
  mkdir -p "$cache/terraform"
  {
    printf 'disable_checkpoint = true\n'
    if [[ -n $mirror ]]; then
      printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$mirror"
    else
      printf 'plugin_cache_dir = "%s"\n' "$cache/terraform"
    fi
  } >"$scratch/terraform.rc"
}

# in_terraform COMMAND...: with the settings of these tests, and with nobody's account.
in_terraform() {
  local endpoint=${imitation:-}
  (
    unset "${!AWS_@}" "${!TF_@}"
    export TF_CLI_CONFIG_FILE=$scratch/terraform.rc TF_IN_AUTOMATION=1 TF_INPUT=0 CHECKPOINT_DISABLE=1
    # A profile of the person's own must not be found either.
    export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
    export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1
    if [[ -n $endpoint ]]; then
      export AWS_ENDPOINT_URL=$endpoint
    fi
    "$@"
  )
}

# A copy without what a person's own runs left there.
copy_terraform() {
  local root
  write_terraform_config
  rm -rf "$scratch/terraform"
  cp -r deploy/terraform "$scratch/terraform"
  find "$scratch/terraform" \( -name .terraform -o -name '*_override.tf' -o -name terraform.tfvars -o -name '*.tfstate*' \
    -o -name tfplan \) -prune -exec rm -rf {} +
  for root in "${terraform_roots[@]}"; do
    in_terraform terraform "-chdir=$scratch/terraform/$root" init -no-color -backend=false -lockfile=readonly >"$scratch/init.log" \
      || {
        cat "$scratch/init.log"
        return 1
      }
  done
}

validate_terraform() {
  local root
  for root in "${terraform_roots[@]}"; do
    printf '%s: ' "$root"
    # Tests of a module by itself are valid only where they are run.
    in_terraform terraform "-chdir=$scratch/terraform/$root" validate -no-color -no-tests
  done
}

# terraform_tests NAME ROOT [PROGRAM]: the tests of a root, each run of them counting as one.
terraform_tests() {
  local ok bad skipped
  run "$1" in_terraform "${3:-terraform}" "-chdir=$scratch/terraform/$2" test -no-color
  read -r ok bad skipped < <(awk '/^(Success|Failure)! / { ok = $2; bad = $4; if ($6) skipped = $6 }
    END { print ok + 0, bad + 0, skipped + 0 }' "$scratch/log")
  count "$ok" "$bad" "$skipped"
}

# unit_tests NAME COMMAND...: a step whose tests are those that Python's unittest ran.
unit_tests() {
  local all bad skipped
  run "$@"
  read -r all bad skipped < <(awk '/^Ran [0-9]+ tests? in / { all = $2 }
    /^(FAILED|OK)/ { while (match($0, /(failures|errors|skipped)=[0-9]+/)) {
      split(substr($0, RSTART, RLENGTH), pair, "="); if (pair[1] == "skipped") skipped += pair[2]; else bad += pair[2]
      $0 = substr($0, RSTART + RLENGTH) } }
    END { print all + 0, bad + 0, skipped + 0 }' "$scratch/log")
  count $((all - bad - skipped)) "$bad" "$skipped"
}

# with_imitation COMMAND...: the command with `imitation` naming a new, empty imitation of AWS.
with_imitation() {
  local port code=0
  port=$(free_port)
  serve imitation TERM env MOTO_IAM_LOAD_MANAGED_POLICIES=true \
    "$cache/python/requirements-terraform/bin/moto_server" -H 127.0.0.1 -p "$port"
  await imitation 60 answers "$port" /moto-api/
  # Not in a condition: there, bash would not stop a function at its first error.
  set +e
  (
    set -e
    imitation=http://127.0.0.1:$port
    "$@"
  )
  code=$?
  set -e
  stop_services
  return "$code"
}

# The bucket and the table of the state are made first, then each environment is planned as a person would do it: from
# the example of its variables, with its state in that bucket.
plan_environments() {
  local environment folder
  in_terraform terraform "-chdir=$scratch/terraform/bootstrap" apply -no-color -auto-approve >"$scratch/bootstrap.log"
  in_terraform terraform "-chdir=$scratch/terraform/bootstrap" output -json backend >"$scratch/backend.json"
  # The imitation takes the refusal of what comes without TLS for one of everything.
  in_terraform terraform_python -c 'import boto3, json, sys
bucket = json.load(open(sys.argv[1]))["prod"].split("bucket         = \"")[1].split("\"")[0]
boto3.client("s3").delete_bucket_policy(Bucket=bucket)' "$scratch/backend.json"
  for environment in prod dev; do
    folder=$scratch/terraform/environments/$environment
    jq --raw-output ".$environment" "$scratch/backend.json" >"$folder/backend_override.tf"
    cp "$folder/terraform.tfvars.example" "$folder/terraform.tfvars"
    in_terraform terraform "-chdir=$folder" init -no-color -reconfigure >"$scratch/init.log"
    in_terraform terraform "-chdir=$folder" plan -no-color -out=tfplan >"$scratch/plan.log"
    grep '^Plan: ' "$scratch/plan.log"
    in_terraform terraform "-chdir=$folder" show -json tfplan >"$scratch/$environment.json"
    rm "$folder/backend_override.tf" "$folder/terraform.tfvars"
    in_terraform terraform "-chdir=$folder" init -no-color -backend=false -reconfigure >"$scratch/init.log"
  done
}

# live_on_imitation: environments/prod on an imitation of AWS from apply to destroy, and Pharos with what was made.
live_on_imitation() {
  certificates "$scratch/application-tls" >"$scratch/openssl.log" 2>&1
  chmod 755 "$scratch/application-tls"
  PHAROS_TEST_BINARY=$CARGO_TARGET_DIR/debug/pharos PHAROS_TEST_TLS=$scratch/application-tls \
    PHAROS_TEST_POSTGRES=$(npm_home "$postgres_pins")/node_modules/postgres-18/native VALUES_FILE=$terraform_values \
    PHAROS_TEST_AWSCLI=$cache/python/requirements-awscli/bin \
    in_terraform terraform_python deploy/tests/imitation.py "$scratch/terraform/environments/prod"
}

# Whether what Alertmanager is told on AWS is what it takes, and what it tells reaches the topic.
alerts() {
  in_terraform terraform_python -m unittest discover --start-directory deploy/tests --pattern test_alerts.py
}

prices() {
  PLANS=$scratch terraform_python -m unittest discover --start-directory deploy/cost
}

plans() {
  PLANS=$scratch terraform_python -m unittest discover --start-directory deploy/tests --pattern test_plan.py
}

scan_terraform() {
  checkov --directory deploy/terraform --framework terraform --skip-download --quiet --compact
}

# tfsec and its successor are in no package registry: they are asked where somebody has installed them. What they find
# is told and fails nothing, since exceptions are reasoned for checkov, which everybody has.
other_scanners() {
  if have trivy; then
    run 'trivy, of the infrastructure' trivy config --quiet --severity HIGH,CRITICAL deploy/terraform
  elif have tfsec; then
    run 'tfsec, of the infrastructure' tfsec --soft-fail --minimum-severity HIGH deploy/terraform
  else
    printf '\nNeither trivy nor tfsec is installed here: checkov alone has read the infrastructure\n'
  fi
}

# OpenTofu is in no package registry either. Where it is installed, it takes the same code and the same tests.
with_opentofu() {
  if ! have tofu; then
    printf '\nOpenTofu is not installed here: the code was tried with Terraform alone\n'
    return
  fi
  check 'OpenTofu takes the code' opentofu_validates
  terraform_tests 'requirements of prod, by OpenTofu' ../opentofu/environments/prod tofu
}

opentofu_validates() {
  local root
  rm -rf "$scratch/opentofu"
  cp -r deploy/terraform "$scratch/opentofu"
  # Its lock would name another registry.
  find "$scratch/opentofu" \( -name .terraform -o -name .terraform.lock.hcl -o -name terraform.tfvars -o -name '*_override.tf' \) -prune -exec rm -rf {} +
  for root in "${terraform_roots[@]}"; do
    in_terraform tofu "-chdir=$scratch/opentofu/$root" init -no-color -backend=false >"$scratch/init.log"
    printf '%s: ' "$root"
    in_terraform tofu "-chdir=$scratch/opentofu/$root" validate -no-color -no-tests
  done
}

lint_install() {
  shellcheck --external-sources deploy/install.sh scripts/test/deploy/terraform.sh
}

deploy_terraform() {
  prepare 'tools of the infrastructure' tools install_terraform install_imitation install_checkov install_linters \
    install_rust install_node install_postgres install_redis
  if ((status != 0)); then return; fi
  prepare 'initialise Terraform' copy_terraform
  if ((status != 0)); then return; fi
  check 'terraform fmt' in_terraform terraform fmt -check -diff -recursive deploy/terraform
  check 'terraform validate' validate_terraform
  terraform_tests 'requirements of prod' environments/prod
  terraform_tests 'requirements of dev' environments/dev
  with_opentofu
  check 'state in a bucket, and a plan of each environment' with_imitation plan_environments
  if ((status == 0)); then
    unit_tests 'every resource of the plans' plans
    unit_tests 'what prod costs' prices
    check 'the diagram in docs/aws.md' terraform_python deploy/terraform/diagram.py "$scratch/prod.json" --check docs/aws.md
  fi
  prepare 'compile the server' compile_server
  if ((status == 0)); then
    # The chart's tests render it with these.
    terraform_values=$scratch/terraform-values.yaml
    check 'apply prod, run Pharos with it, plan it again, destroy it' with_imitation live_on_imitation
  fi
  unit_tests 'an alert reaches the topic' with_imitation alerts
  check 'security scan of the infrastructure' scan_terraform
  other_scanners
  check 'shellcheck of install.sh' lint_install
  unit_tests 'install.sh' terraform_python -m unittest discover --start-directory deploy/tests --pattern test_install.py
}
