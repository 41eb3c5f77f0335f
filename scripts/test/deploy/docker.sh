# The image, and what docker-compose.yml brings up, driven as people drive it.
# shellcheck shell=bash disable=SC2154 # test.sh sets `cache` and `scratch`

dist_binary=dist/amd64/pharos
project=pharos-test-$$

# The image is made of a binary that was built outside, so that nothing is compiled twice; without the names of its
# functions, which make most of it.
#
# RELEASE_BINARY names one that is built for a release instead (cargo build --profile dist): then its size counts too.
provide_binary() {
  mkdir -p "$(dirname "$dist_binary")"
  if [[ -n ${RELEASE_BINARY:-} ]]; then
    cp "$RELEASE_BINARY" "$dist_binary"
  else
    strip --strip-debug -o "$dist_binary" "$CARGO_TARGET_DIR/debug/pharos"
  fi
}

# What the image adds to its base may be 42 MB.
check_size() {
  on_engine docker history --no-trunc --human=false --format '{{.Size}} {{.CreatedBy}}' pharos:test \
    | awk '/usr\/local\/bin\/pharos/ { sum += $1 } END { print sum " bytes above the base"; exit sum == 0 || sum > 42000000 }'
}

# compose COMMAND...: this project, by the version of Compose that `composer` names.
compose() {
  local -x BINARY=outside PHAROS_IMAGE=pharos:test
  local -x PHAROS_PORT=$page_port MAILPIT_PORT=$mail_port PROMETHEUS_PORT=$prometheus_port
  on_engine "$composer" --project-name "$project" "$@"
}

page() {
  beside_engine curl --silent --show-error --fail --max-time 10 "$@"
}

# holds TEXT URL: whether what is answered there holds the text.
holds() {
  local text
  text=$(page "$2") || return 1
  [[ $text == *"$1"* ]]
}

# eventually SECONDS COMMAND...
eventually() {
  local patience=$1 began=$SECONDS
  shift
  until "$@" >"$scratch/eventually" 2>&1; do
    if ((SECONDS - began >= patience)); then
      printf 'not within %d seconds: %s\n' "$patience" "$*"
      cat "$scratch/eventually"
      return 1
    fi
    sleep 0.2
  done
}

# containers SERVICE: the ids of those that run.
containers() {
  on_engine docker ps --quiet --filter "label=com.docker.compose.project=$project" \
    --filter "label=com.docker.compose.service=$1"
}

address() {
  on_engine docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"
}

check_compose_files() {
  local composer
  # What a person must not be asked for by either version.
  for composer in compose1 compose2; do
    compose config --quiet
    compose --profile monitoring --profile load config --quiet
  done
  on_engine haproxy_is_content
}

haproxy_is_content() {
  docker run --rm --network none --add-host app:127.0.0.1 \
    --volume "$PWD/deploy/compose/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro" \
    docker.io/library/haproxy:3.0-bookworm -c -f /usr/local/etc/haproxy/haproxy.cfg
}

# What stands in for our sources in the layer of dependencies is a workspace that Cargo accepts as it is locked.
check_dependency_layer() {
  local stub=$scratch/dependencies
  mkdir -p "$stub"/{app,loadtests}
  cp Cargo.toml Cargo.lock "$stub"
  cp app/Cargo.toml "$stub/app"
  cp loadtests/Cargo.toml "$stub/loadtests"
  sed -n '/^RUN mkdir -p app/,/lib\.rs$/p' Dockerfile | sed 's/^RUN //' >"$stub/stand-in.sh"
  [[ -s $stub/stand-in.sh ]]
  (cd "$stub" && sh -e stand-in.sh && cargo metadata --locked --format-version 1 >metadata.json)
}

# The image holds the binary and nothing else, and runs as nobody with nothing to write to.
check_image() {
  local said layers
  on_engine docker build --quiet --network none --tag pharos:test --build-arg BINARY=outside \
    --build-arg VERSION=0.0.0-test --build-arg REVISION=0123abc .
  said=$(on_engine docker inspect pharos:test --format \
    '{{.Config.User}} {{json .Config.Entrypoint}} {{index .Config.Labels "org.opencontainers.image.version"}} {{index .Config.Labels "org.opencontainers.image.revision"}}')
  [[ $said == '65532:65532 ["/usr/local/bin/pharos"] 0.0.0-test 0123abc' ]] || { printf 'its settings: %s\n' "$said" && return 1; }
  layers=$(on_engine docker history --no-trunc --format '{{.Size}} {{.CreatedBy}}' pharos:test | awk '$1 != "0B"' | wc -l)
  # The base, the binary, and Docker's note of the folder.
  ((layers <= 3)) || { on_engine docker history pharos:test && return 1; }
  if on_engine docker run --rm --entrypoint /bin/sh pharos:test -c true 2>/dev/null; then
    printf 'there is a shell in it\n'
    return 1
  fi
  on_engine docker run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges \
    pharos:test check-config
}

bring_up() {
  compose up --detach --build
  eventually 120 page "http://127.0.0.1:$page_port/healthz"
  eventually 60 both_replicas_are_ready
}

both_replicas_are_ready() {
  local replica
  [[ $(containers app | wc -l) == 2 ]] || return 1
  for replica in $(containers app); do
    page "http://$(address "$replica"):9464/readyz" >/dev/null || return 1
  done
}

# A token of the whole installation, by the program in the container.
make_token() {
  local replica
  replica=$(containers app | head -n 1)
  on_engine docker exec "$replica" pharos token create --name test --scopes all --expires 1d
}

known_page() {
  page "http://127.0.0.1:$page_port/api/v2/status.json" | sed 's/.*"page":{"id":"\([^"]*\).*/\1/'
}

# incident: posts one, sees that visitors read it, deletes it: what `helm test` runs.
incident() {
  local url=http://127.0.0.1:$page_port
  beside_engine env PAGE_URL="$url" TOKEN="$token" PAGE="$page_id" sh deploy/helm/pharos/files/test-incident.sh
}

# answered STATUS CURL-ARGUMENT...: whether the proxy answers so.
answered() {
  local wanted=$1
  shift
  [[ $(beside_engine curl --silent --max-time 20 --output "$scratch/answer" --write-out '%{http_code}' "$@") == "$wanted" ]]
}

# post STATUS NAME: whether an incident of this name, which nobody is told of, is answered so.
post() {
  answered "$1" --header "Authorization: Bearer $token" --header 'Content-Type: application/json' \
    --data "{\"incident\": {\"name\": \"$2\", \"deliver_notifications\": false}}" \
    "http://127.0.0.1:$page_port/v1/pages/$page_id/incidents"
}

# shown PATH TEXT: whether both replicas show the text there.
shown() {
  local replica
  for replica in $(containers app); do
    holds "$2" "http://$(address "$replica"):8080/$1" || return 1
  done
}

drive_the_page() {
  local url=http://127.0.0.1:$page_port
  holds '</html>' "$url/"
  beside_engine env PAGE_URL="$url" PAGE_HOST=127.0.0.1 METRICS_URL="http://$(address "$(containers app | tail -n 1)"):9464" \
    sh deploy/helm/pharos/files/test-page.sh
  incident
}

# With Redis gone news travels by polling; when it is back, by announcement.
without_redis() {
  compose stop redis
  page "http://127.0.0.1:$page_port/" >/dev/null
  both_replicas_are_ready
  post 201 'Posted without Redis'
  eventually 20 shown api/v2/incidents.json 'Posted without Redis'
  compose start redis
  eventually 60 healthy redis
  post 201 'Posted with Redis again'
  eventually 20 shown api/v2/incidents.json 'Posted with Redis again'
}

healthy() {
  [[ $(on_engine docker inspect --format '{{.State.Health.Status}}' "$(containers "$1")") == healthy ]]
}

# With Postgres gone the page stays lit, also on a replica that starts just then; nothing can be posted.
without_postgres() {
  local replica
  compose stop postgres
  holds '</html>' "http://127.0.0.1:$page_port/"
  shown api/v2/incidents.json 'Posted with Redis again'
  post 503 'Never posted'
  replica=$(containers app | head -n 1)
  on_engine docker restart "$replica" >/dev/null
  eventually 60 both_replicas_are_ready
  shown api/v2/incidents.json 'Posted with Redis again'
  compose start postgres
  eventually 60 healthy postgres
  eventually 60 post 201 'Posted with Postgres again'
  eventually 20 shown api/v2/incidents.json 'Posted with Postgres again'
}

# A real Prometheus finds both replicas by their name, and reads the rules.
watched_by_prometheus() {
  local prometheus=http://127.0.0.1:$prometheus_port replica
  replica=$(containers app | head -n 1)
  page "http://$(address "$replica"):9464/metrics" >"$scratch/metrics"
  promtool check metrics <"$scratch/metrics"
  compose --profile monitoring up --detach --no-deps prometheus
  eventually 60 two_are_scraped "$prometheus"
  holds PharosErrorBudgetBurnsFast "$prometheus/api/v1/rules"
  eventually 30 posts_are_counted "$prometheus"
  eventually 30 objectives_can_be_told "$prometheus"
}

two_are_scraped() {
  holds '"2"]' "$1/api/v1/query?query=sum(up)"
}

# Incidents were posted before.
posts_are_counted() {
  holds '"value"' "$1/api/v1/query?query=sum(pharos_http_requests_total%7Bstatus=%22201%22%7D)%3E0"
}

# What the alerts go by is there, under the names and labels that they use.
objectives_can_be_told() {
  local metric
  for metric in 'pharos_http_request_duration_seconds_bucket%7Ble=%220.1%22,surface=%22management%22,status_class=%222xx%22%7D' \
    pharos_notifications_waiting pharos_notifications_oldest_seconds pharos_snapshot_age_seconds \
    'pharos_job_runs_total%7Btask=%22maintenances%22,outcome=%22done%22%7D' pharos_connections_max; do
    holds '"value"' "$1/api/v1/query?query=$metric" || return 1
  done
}

# in_replica COMMAND...: the command in the network of the first replica, where it is reached by loopback.
in_replica() {
  nsenter --net="$(network_of_replica)" -- "$@"
}

network_of_replica() {
  printf '/proc/%s/ns/net' "$(on_engine docker inspect --format '{{.State.Pid}}' "$(containers app | head -n 1)")"
}

# A real receiver of traces, in the network of a replica, which was told to send them there: what is posted at that
# replica is one trace, from the request to the announcement, and says who it is.
traced() {
  local trace=0af7651916cd43dd8448eb211c80319c network receiver code=0
  network=$(network_of_replica)
  # It takes a moment before it listens, and the replica tries again. A process of its own, so that it can be ended.
  nsenter --net="$network" -- "$cache/python/requirements-otlp/bin/python" app/tests/otlp_receiver.py 4317 4318 \
    </dev/null >"$scratch/receiver.log" 2>&1 &
  receiver=$!
  eventually 30 in_replica curl --silent --fail --max-time 5 --output /dev/null http://127.0.0.1:4318/spans \
    && [[ $(post_traced "$trace") == 201 ]] \
    && eventually 30 is_traced "$trace" || code=1
  kill "$receiver" 2>/dev/null || true
  wait "$receiver" 2>/dev/null || true
  if ((code != 0)); then
    cat "$scratch/receiver.log"
  fi
  return "$code"
}

post_traced() {
  in_replica curl --silent --max-time 20 --output /dev/null --write-out '%{http_code}' \
    --header "traceparent: 00-$1-b7ad6b7169203331-01" --header "Authorization: Bearer $token" \
    --header 'Content-Type: application/json' \
    --data '{"incident": {"name": "Traced", "deliver_notifications": false}}' \
    "http://127.0.0.1:8080/v1/pages/$page_id/incidents"
}

is_traced() {
  in_replica curl --silent --fail --max-time 5 "http://127.0.0.1:4318/spans?trace=$1" | python3 -c 'import json, sys
spans = json.load(sys.stdin)
names = {span["name"] for span in spans}
print(names)
assert {"commit", "read_state", "announce"} <= names and any(name.startswith("POST /v1/pages/") for name in names)
assert all(span["resource"]["service.name"] == "pharos" and span["protocol"] == "http" for span in spans)'
}

# take_down: nothing of it is left.
take_down() {
  local left
  compose --profile monitoring down --volumes --timeout 30
  left=$(on_engine docker ps --all --quiet --filter "label=com.docker.compose.project=$project"
    on_engine docker volume ls --quiet --filter "label=com.docker.compose.project=$project")
  [[ -z $left ]] || { printf 'left behind: %s\n' "$left" && return 1; }
}

# The same by Compose v2 with a page to look at, as far as that it comes up and answers. Replicas that start at
# once fill an empty database but once.
up_by_compose_2() {
  local composer=compose2 pages
  # Where the receiver of `traced` will listen.
  local -x PHAROS_DEMO=1 OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
  bring_up
  pages=$(on_engine docker exec "$(containers app | head -n 1)" pharos page list | wc -l)
  ((pages == 1)) || { printf 'there are %d pages\n' "$pages" && return 1; }
  shown 'api/v2/summary.json' '"components":[{'
}

tell_what_it_said() {
  compose ps
  compose logs --tail=60 --no-color
}

deploy_docker() {
  local composer=compose1 page_port mail_port prometheus_port token page_id before=$failed
  prepare 'tools of Docker' tools install_rust install_docker install_chart_tools install_otlp
  if ((status != 0)); then return; fi
  prepare 'compile the server' compile_server
  if ((status != 0)); then return; fi
  prepare 'Docker engine' start_engine
  if ((status != 0)); then return; fi
  page_port=$(free_port) mail_port=$(free_port) prometheus_port=$(free_port)
  prepare 'binary for the image' provide_binary
  check 'Dockerfile' hadolint Dockerfile
  check 'layer of dependencies' check_dependency_layer
  check 'image' check_image
  if [[ -n ${RELEASE_BINARY:-} ]]; then
    check 'size of the image' check_size
  fi
  check 'docker-compose.yml' check_compose_files
  check 'docker-compose up' bring_up
  if ((status == 0)); then
    token=$(make_token)
    page_id=$(known_page)
    check 'the page, driven through it' drive_the_page
    check 'Redis away and back' without_redis
    check 'Postgres away and back' without_postgres
    check 'watched by Prometheus' watched_by_prometheus
  fi
  if ((failed > before)); then
    run 'what it said' tell_what_it_said
  fi
  check 'docker-compose down' take_down
  check 'up by Compose v2' up_by_compose_2
  composer=compose2
  if ((status == 0)); then
    token=$(make_token)
    page_id=$(known_page)
    check 'traces, taken by a receiver of OTLP' traced
  fi
  check 'down by Compose v2' take_down
  stop_services
  rm -rf dist
}
