#!/usr/bin/env bash
# Makes an environment on AWS and Pharos in it: infrastructure, add-ons, secrets, the chart. It stops at the first
# failure and can be run again: what is there already stays as it is.
set -euo pipefail
# A failure ends it inside $(…), too.
shopt -s inherit_errexit
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'EOF'
Usage: install.sh ENVIRONMENT --image IMAGE [OPTION]...

  ENVIRONMENT         prod or dev: terraform/environments/ENVIRONMENT, with a terraform.tfvars of yours

  --image IMAGE       the image to install, as skopeo names it: docker://HOST/NAME:TAG, docker-daemon:NAME:TAG
  --values FILE       more values of the chart, the last one outweighing the others; may be repeated
  --grafana           with Grafana, beside the small Prometheus
  --rotate            give the cache another token, though it has one of ours
  --yes               apply Terraform's plan without asking
  --dry-run           say what would be done, and do nothing
EOF
}

die() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

# Options that are wrong (EX_USAGE).
refuse() {
  printf 'install.sh: %s\n' "$*" >&2
  usage >&2
  exit 64
}

terraform=${TERRAFORM:-terraform}
environment=''
image=''
grafana=false
rotate=false
yes=false
dry_run=false
values=()

# Versions of the charts, pinned. Look whether one fits the Kubernetes of the environment before it is raised.
declare -rA charts=(
  [metrics-server]='3.13.1 https://kubernetes-sigs.github.io/metrics-server/'
  [cluster-autoscaler]='9.59.0 https://kubernetes.github.io/autoscaler'
  [aws-load-balancer-controller]='1.17.1 https://aws.github.io/eks-charts'
  [aws-for-fluent-bit]='0.2.1 https://aws.github.io/eks-charts'
  [kube-prometheus-stack]='86.1.0 https://prometheus-community.github.io/helm-charts'
  [prometheus-adapter]='5.3.0 https://prometheus-community.github.io/helm-charts'
)

read_options() {
  while (($# > 0)); do
    case $1 in
      --image | --values)
        (($# > 1)) || refuse "$1 needs a value"
        if [[ $1 == --image ]]; then image=$2; else values+=("$(realpath -- "$2")"); fi
        shift
        ;;
      --grafana) grafana=true ;;
      --rotate) rotate=true ;;
      --yes) yes=true ;;
      --dry-run) dry_run=true ;;
      --help | -h)
        usage
        exit
        ;;
      -*) refuse "there is no option $1" ;;
      *)
        [[ -z $environment ]] || refuse "one environment, not both $environment and $1"
        environment=$1
        ;;
    esac
    shift
  done
  [[ $environment =~ ^[a-z0-9-]+$ && -d terraform/environments/$environment ]] \
    || refuse "ENVIRONMENT: allowed are the folders in terraform/environments, not \"$environment\""
  [[ $image == *:* ]] || refuse '--image: name the image, such as docker://registry.example.com/pharos:1.0.0'
}

check_tools() {
  local tool missing=()
  for tool in "$terraform" aws kubectl helm skopeo jq openssl curl; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  ((${#missing[@]} == 0)) || die "missing: ${missing[*]}"
}

say() {
  printf '\n== %s\n' "$*"
}

# act COMMAND...: what changes something.
act() {
  if $dry_run; then
    printf 'would run:'
    printf ' %q' "$@"
    printf '\n'
  else
    "$@"
  fi
}

# pass_on COMMAND...: the same, with what is written to it; that may be secret and is never shown.
pass_on() {
  if $dry_run; then
    cat >/dev/null
  fi
  act "$@"
}

in_environment() {
  "$terraform" "-chdir=terraform/environments/$environment" "$@"
}

apply() {
  say "Infrastructure of $environment"
  act in_environment init -input=false
  act in_environment plan -input=false -out=tfplan
  if ! $yes && ! $dry_run; then
    local answer=''
    read -r -p 'Apply this plan? Only "yes" is taken for it: ' answer || true
    [[ $answer == yes ]] || die 'nothing was applied'
  fi
  act in_environment apply -input=false tfplan
}

# What install.sh is told of what Terraform made, by its path in the output `install`.
paths=(
  .region .cluster .vpc .address .repository .container_log .topic .cache.group .cache.secret
  .keys.secret .backup.bucket .backup.namespace .backup.database_url .backup.keys
)
declare -A fact

# read_outputs: what Terraform made, into `fact` and the file of the chart's values. In a dry run before anything is
# made, names stand in for it.
read_outputs() {
  local path
  if ! facts=$(in_environment output -json install 2>"$work/output.log"); then
    if ! $dry_run; then
      cat "$work/output.log" >&2
      return 1
    fi
    printf 'Nothing is made yet: names in <> stand in for what will be.\n'
    facts=''
  fi
  for path in "${paths[@]}"; do
    fact[$path]="<${path#.}>"
    if [[ -n $facts ]]; then
      fact[$path]=$(jq --exit-status --raw-output "$path" <<<"$facts")
    fi
  done
  if [[ -n $facts ]]; then
    in_environment output -raw values >"$work/values.yaml"
  fi
  region=${fact[.region]}
}

aws_here() {
  aws --region "$region" --no-cli-pager "$@"
}

# stages SECRET: the versions of a secret and what they are called, in JSON; {} before there is any.
stages() {
  local description
  if [[ -z $facts ]]; then
    printf '{}'
    return
  fi
  description=$(aws_here secretsmanager describe-secret --secret-id "$1" --output json)
  jq '.VersionIdsToStages // {}' <<<"$description"
}

version_called() {
  jq --raw-output --arg stage "$1" 'to_entries | map(select(.value | index($stage))) | .[0].key // ""'
}

# What is secret goes to a command by its standard input: arguments can be seen by others on this machine.
put_secret() {
  jq --null-input --compact-output --arg id "$1" --arg text "$2" --arg stage "$3" \
    '{SecretId: $id, SecretString: $text, VersionStages: [$stage]}' \
    | pass_on aws_here secretsmanager put-secret-value --cli-input-json file:///dev/stdin --query VersionId --output text
}

# fill SECRET FILTER FORM BYTES: a secret that is empty gets random bytes, in the shape that the filter gives them.
fill() {
  local secret=$1 filter=$2 form=$3 bytes=$4 known current text
  known=$(stages "$secret")
  current=$(version_called AWSCURRENT <<<"$known")
  if [[ -n $current ]]; then
    printf '%s is there already\n' "$secret"
    return
  fi
  text=$(openssl rand "$form" "$bytes" | tr -d '\n' | jq --raw-input --compact-output "$filter")
  put_secret "$secret" "$text" AWSCURRENT
}

fill_secrets() {
  say 'Secrets'
  fill "${fact[.keys.secret]}" '{keys: .}' -base64 32
}

cache_takes() {
  jq --null-input --compact-output --arg group "$group" --arg token "$1" --arg strategy "$2" \
    '{ReplicationGroupId: $group, AuthToken: $token, AuthTokenUpdateStrategy: $strategy, ApplyImmediately: true}' \
    | pass_on aws_here elasticache modify-replication-group --cli-input-json file:///dev/stdin \
      --query ReplicationGroup.Status --output text
  act aws_here elasticache wait replication-group-available --replication-group-id "$group"
}

# Pods that run look up secrets every five to six minutes. Until all of them know the new token, the cache takes the old
# one as well.
wait_for_pods() {
  local seconds=600
  # Where this one is the first, there are none.
  if (($(jq length <<<"$known") < 2)); then
    return
  fi
  printf 'Waiting %d seconds: until then pods may still use the old token\n' "$seconds"
  act sleep "$seconds"
}

# The token that Terraform made the cache with is in its state. Another takes its place, in steps that can be taken up
# again: the new one waits in the secret as AWSPENDING, the cache takes both, the secret's is the new one, and the
# cache takes no other.
rotate_cache_token() {
  local secret=${fact[.cache.secret]} group=${fact[.cache.group]} known pending current token text
  say "The cache's token"
  known=$(stages "$secret")
  pending=$(version_called AWSPENDING <<<"$known")
  current=$(version_called AWSCURRENT <<<"$known")
  if [[ -z $pending && -n $current ]] && ! $rotate; then
    printf 'It is not the one in the state any more\n'
    return
  fi
  if [[ -z $pending ]]; then
    token=$(openssl rand -hex 32)
    text=$(jq --raw-input --compact-output '{auth_token: .}' <<<"$token")
    put_secret "$secret" "$text" AWSPENDING
    known=$(stages "$secret")
    pending=$(version_called AWSPENDING <<<"$known")
    # The first version of a secret is the current one, too.
    current=$(version_called AWSCURRENT <<<"$known")
  else
    text=$(aws_here secretsmanager get-secret-value --secret-id "$secret" --version-stage AWSPENDING \
      --query SecretString --output text)
    token=$(jq --exit-status --raw-output .auth_token <<<"$text")
  fi
  cache_takes "$token" ROTATE
  if [[ $current != "$pending" ]]; then
    act aws_here secretsmanager update-secret-version-stage --secret-id "$secret" --version-stage AWSCURRENT \
      --move-to-version-id "$pending" --remove-from-version-id "$current"
  fi
  wait_for_pods
  cache_takes "$token" SET
  act aws_here secretsmanager update-secret-version-stage --secret-id "$secret" --version-stage AWSPENDING \
    --remove-from-version-id "${pending:-<pending>}"
}

# copy_image: the image into our registry, by its digest, which `digest` then is.
copy_image() {
  local repository=${fact[.repository]}
  say 'Image'
  if $dry_run; then
    digest=sha256:$(printf '0%.0s' {1..64})
    act skopeo copy --all --preserve-digests "$image" "docker://$repository:<digest>"
    return
  fi
  digest=$(skopeo inspect --format '{{.Digest}}' "$image")
  [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || die "skopeo says no digest of $image, but \"$digest\""
  if aws_here ecr describe-images --repository-name "${repository#*/}" --image-ids "imageDigest=$digest" >/dev/null 2>&1; then
    printf '%s@%s is there already\n' "$repository" "$digest"
    return
  fi
  aws_here ecr get-login-password \
    | skopeo login --authfile "$work/auth.json" --username AWS --password-stdin "${repository%%/*}"
  skopeo copy --dest-authfile "$work/auth.json" --all --preserve-digests "$image" "docker://$repository:${digest#sha256:}"
}

# A file of its own, so that nobody's kubectl means another cluster afterwards.
kubeconfig() {
  say 'Cluster'
  export KUBECONFIG=$work/kubeconfig
  act aws_here eks update-kubeconfig --name "${fact[.cluster]}" --kubeconfig "$KUBECONFIG"
  act kubectl apply -f addons/namespaces.yaml -f addons/jobs-network.yaml
}

# chart NAME NAMESPACE OPTION...: an add-on, at its version.
chart() {
  local name=$1 namespace=$2 version address
  shift 2
  read -r version address <<<"${charts[$name]}"
  act helm upgrade --install "$name" "$name" --repo "$address" --version "$version" --namespace "$namespace" \
    --create-namespace --wait --timeout 10m "$@"
}

# filled FILE: a file of add-ons, with what Terraform made in the place of what stands between @.
filled() {
  local text
  text=$(<"$1")
  text=${text//@IMAGE@/"${fact[.repository]}@${digest:-}"}
  text=${text//@DATABASE_URL@/"${fact[.backup.database_url]}"}
  text=${text//@KEYS@/"${fact[.backup.keys]}"}
  text=${text//@BUCKET@/"${fact[.backup.bucket]}"}
  text=${text//@NAMESPACE@/"${fact[.backup.namespace]}"}
  text=${text//@TOPIC@/"${fact[.topic]}"}
  text=${text//@REGION@/"$region"}
  printf '%s\n' "$text"
}

add_ons() {
  local cluster=${fact[.cluster]}
  say 'Add-ons'
  chart metrics-server kube-system
  chart cluster-autoscaler kube-system --values addons/autoscaler.yaml \
    --set "autoDiscovery.clusterName=$cluster" --set "awsRegion=$region"
  chart aws-load-balancer-controller kube-system --values addons/load-balancer-controller.yaml \
    --set "clusterName=$cluster" --set "region=$region" --set "vpcId=${fact[.vpc]}"
  chart aws-for-fluent-bit logging --values addons/fluent-bit.yaml \
    --set "cloudWatchLogs.region=$region" --set "cloudWatchLogs.logGroupName=${fact[.container_log]}"
  filled addons/monitoring.yaml >"$work/monitoring.yaml"
  chart kube-prometheus-stack monitoring --values "$work/monitoring.yaml" --set "grafana.enabled=$grafana"
  chart prometheus-adapter monitoring --values helm/prometheus-adapter-values.yaml
}

# config_map NAMESPACE: whom RDS's certificates are signed by.
config_map() {
  local made=(kubectl --namespace "$1" create configmap rds-ca --from-file "ca.pem=$work/ca.pem" --dry-run=client --output yaml)
  if $dry_run; then
    act "${made[@]}"
  else
    "${made[@]}" >"$work/ca.yaml"
  fi
  act kubectl apply -f "$work/ca.yaml"
}

certificates() {
  say "RDS's certificates"
  act curl --fail --silent --show-error --max-time 60 --retry 3 --output "$work/ca.pem" \
    "https://truststore.pki.rds.amazonaws.com/$region/$region-bundle.pem"
  config_map pharos
  config_map pharos-jobs
}

finish() {
  rm -rf "$work"
}

install_pharos() {
  local file files=(--values helm/pharos/values-aws.yaml)
  say 'Pharos, and the roles of its database'
  for file in "$work/values.yaml" "${values[@]}"; do
    files+=(--values "$file")
  done
  act helm upgrade --install pharos helm/pharos --namespace pharos "${files[@]}" --set "image.digest=$digest" \
    --wait --timeout 15m
}

nightly_jobs() {
  say 'Nightly export, and its restore'
  filled addons/backup.yaml | pass_on kubectl apply -f -
}

# Both at once, the first time: it shows that they work, and the alarm that waits for them has not to wait for a night.
first_night() {
  local job
  if [[ -n $facts ]] && ! $dry_run \
    && [[ $(kubectl --namespace pharos-jobs get job first-restore --ignore-not-found --output 'jsonpath={.status.succeeded}') == 1 ]]; then
    return
  fi
  for job in export restore; do
    act kubectl --namespace pharos-jobs delete job "first-$job" --ignore-not-found
    act kubectl --namespace pharos-jobs create job "first-$job" --from "cronjob/$job"
    act kubectl --namespace pharos-jobs wait --for=condition=complete --timeout=10m "job/first-$job"
  done
}

# Fewer pods than are wanted on a node leave none for the page at its busiest (docs/aws.md).
count_pods() {
  local node pods least=40
  say 'Pods that a node takes'
  if $dry_run; then
    act kubectl get nodes --output json
    return
  fi
  kubectl get nodes --output json | jq --raw-output '.items[] | "\(.metadata.name) \(.status.allocatable.pods)"' >"$work/nodes"
  while read -r node pods; do
    printf '%s: %s\n' "$node" "$pods"
    if ((pods < least)); then
      printf 'install.sh: warning: %s takes %s pods and not %s: see docs/aws.md, "Pods on a node"\n' "$node" "$pods" "$least" >&2
    fi
  done <"$work/nodes"
}

smoke_test() {
  local address=${fact[.address]}
  say 'Smoke test'
  # From inside, with an incident on a hidden page where the values name a token for one.
  act helm test pharos --namespace pharos --logs --timeout 10m
  # And from here, as soon as its name is known.
  act curl --fail --silent --show-error --max-time 10 --retry 30 --retry-delay 10 --retry-all-errors --output /dev/null \
    "$address/api/v2/status.json" \
    || die "$address does not answer as the page; where there are several, see docs/kubernetes.md, \"Tests in the cluster\""
  printf '\nPharos answers at %s\n' "$address"
  printf 'kubectl is for: aws eks update-kubeconfig --region %s --name %s\n' "$region" "${fact[.cluster]}"
}

read_options "$@"
check_tools
work=$(mktemp -d)
chmod 700 "$work"
trap finish EXIT
apply
read_outputs
fill_secrets
rotate_cache_token
copy_image
kubeconfig
add_ons
certificates
install_pharos
nightly_jobs
first_night
count_pods
smoke_test
