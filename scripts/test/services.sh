# Starting the servers that tests need, each on a free port with its data in "$scratch", and stopping them.
# shellcheck shell=bash disable=SC2154 # test.sh sets `cache` and `scratch`

# serve NAME SIGNAL COMMAND...: starts a server that this signal stops.
serve() {
  local name=$1 signal=$2
  shift 2
  mkdir -p "$scratch/services"
  "$@" </dev/null >"$scratch/$name.log" 2>&1 &
  printf '%d %s\n' "$!" "$signal" >"$scratch/services/$name"
}

pid_of() {
  local pid
  read -r pid _ <"$scratch/services/$1"
  printf '%d' "$pid"
}

# await NAME SECONDS CONDITION...: waits until the server is ready, but not for a dead one.
await() {
  local name=$1 patience=$2 pid began=$SECONDS
  shift 2
  pid=$(pid_of "$name")
  until "$@"; do
    if ! kill -0 "$pid" 2>/dev/null || ((SECONDS - began >= patience)); then
      printf '%s did not come up:\n' "$name"
      tail -n 50 "$scratch/$name.log"
      return 1
    fi
    sleep 0.1
  done
}

stop_services() {
  local file pid signal began=$SECONDS
  for file in "$scratch"/services/*; do
    [[ -e $file ]] || continue
    read -r pid signal <"$file"
    kill -s "$signal" "$pid" 2>/dev/null
    while kill -0 "$pid" 2>/dev/null; do
      if ((SECONDS - began >= 15)); then
        kill -s KILL "$pid"
      fi
      sleep 0.1
    done
    rm -f "$file"
  done
}

free_port() {
  python3 -c 'import socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])'
}

# answers PORT PATH: whether that is answered with 200.
answers() {
  (
    exec {connection}<>"/dev/tcp/127.0.0.1/$1"
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n' "$2" "$1" >&"$connection"
    read -r -u "$connection" _ code _
    [[ $code == 200 ]]
  ) 2>/dev/null
}

postgres_is_ready() {
  [[ $(sed -n 8p "$1/postmaster.pid" 2>/dev/null) == ready* ]]
}

# certificates FOLDER: makes an authority, a certificate of its for `localhost`, and another authority.
certificates() {
  local folder=$1 name
  mkdir -p "$folder"
  for name in ca other-ca; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$name" \
      -keyout "$folder/$name.key" -out "$folder/$name.pem"
  done
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost \
    -keyout "$folder/server.key" -out "$folder/server.csr"
  openssl x509 -req -in "$folder/server.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial -days 2 \
    -extfile <(printf 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n') -out "$folder/server.pem"
}

# with_postgres VERSION COMMAND...: the command with PHAROS_TEST_POSTGRES_URL naming a new server of that
# version, and PHAROS_TEST_TLS the folder with its certificate. A role needs its password in the database of
# its own name, and everywhere if it is a member of asks_for_password. Statements are counted in databases that ask for it.
with_postgres() {
  local version=$1 home=$scratch/postgres-$1 port as=() code=0
  shift
  mkdir "$home"
  cp -a "$(npm_home "$postgres_pins")/node_modules/postgres-$version/native" "$home/native"
  certificates "$home/tls" >"$home.openssl" 2>&1
  chmod 755 "$home/tls"
  if ((EUID == 0)); then
    # Postgres refuses to run as root.
    chown nobody "$home" "$home/tls/server.key"
    as=(setpriv --reuid=nobody --regid=nogroup --clear-groups --)
  fi
  "${as[@]}" "$home/native/bin/initdb" -D "$home/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$home.initdb"
  printf '%s\n' 'host all postgres all trust' 'host sameuser all all scram-sha-256' \
    'host all +asks_for_password all scram-sha-256' 'host all all all trust' \
    >"$home/data/pg_hba.conf"
  port=$(free_port)
  serve "postgres-$version" INT "${as[@]}" "$home/native/bin/postgres" -D "$home/data" \
    -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories="$home" -c max_connections=300 \
    -c ssl=on -c ssl_cert_file="$home/tls/server.pem" -c ssl_key_file="$home/tls/server.key" \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.track=none
  await "postgres-$version" 60 postgres_is_ready "$home/data"
  PHAROS_TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$port/postgres?sslmode=disable" PHAROS_TEST_TLS=$home/tls \
    "$@" || code=$?
  stop_services
  return "$code"
}

# with_aws COMMAND...: the command with PHAROS_TEST_AWS_URL naming a new server that speaks as AWS does.
with_aws() {
  local port code=0
  port=$(free_port)
  serve aws TERM "$cache/bin/moto_server" -H 127.0.0.1 -p "$port"
  await aws 60 answers "$port" /moto-api/data.json
  PHAROS_TEST_AWS_URL=http://127.0.0.1:$port "$@" || code=$?
  stop_services
  return "$code"
}

# with_otlp COMMAND...: the command with PHAROS_TEST_OTLP holding the ports of a new receiver of traces, that of gRPC
# and that of HTTP.
with_otlp() {
  local grpc http code=0
  grpc=$(free_port) http=$(free_port)
  serve otlp TERM "$cache/python/requirements-otlp/bin/python" app/tests/otlp_receiver.py "$grpc" "$http"
  await otlp 60 answers "$http" /spans
  PHAROS_TEST_OTLP=$grpc,$http "$@" || code=$?
  stop_services
  return "$code"
}

# smtp_on NAME: starts a mail server that tells what it was sent; PHAROS_TEST_SMTP holds its ports, plain, with STARTTLS,
# and that of HTTP, and the file of the authority that its certificate is from.
smtp_on() {
  local name=$1 plain tls http
  plain=$(free_port) tls=$(free_port) http=$(free_port)
  certificates "$scratch/$name" >"$scratch/$name.openssl" 2>&1
  serve "$name" TERM "$cache/python/requirements-smtp/bin/python" app/tests/smtp_server.py "$plain" "$tls" "$http" \
    "$scratch/$name/server.pem" "$scratch/$name/server.key"
  await "$name" 60 answers "$http" /mails
  export PHAROS_TEST_SMTP=$plain,$tls,$http,$scratch/$name/ca.pem
}

# with_smtp COMMAND...: the command with such a server.
with_smtp() {
  local code=0
  local -x PHAROS_TEST_SMTP
  smtp_on smtp
  "$@" || code=$?
  stop_services
  return "$code"
}

redis_is_ready() {
  [[ $(redis-cli -p "$1" ping 2>/dev/null) == PONG ]]
}

# with_redis COMMAND...: the command with PHAROS_TEST_REDIS_URL naming a new server.
with_redis() {
  local port code=0
  port=$(free_port)
  mkdir -p "$scratch/redis"
  serve redis TERM redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$scratch/redis"
  await redis 30 redis_is_ready "$port"
  PHAROS_TEST_REDIS_URL=redis://127.0.0.1:$port "$@" || code=$?
  stop_services
  return "$code"
}

# load_scenario SCENARIO OPTION...: a short run of it, whose report is kept until the end of this one.
load_scenario() {
  local postgres=$scratch/load-postgres
  # The database runs as somebody else, who can't read the cache.
  [[ -e $postgres ]] || cp -a "$(npm_home "$postgres_pins")/node_modules/postgres-18/native" "$postgres"
  PHAROS=$CARGO_TARGET_DIR/debug/pharos PEOPLE=$CARGO_TARGET_DIR/debug/people REPORTS=$scratch/reports LATENCIES=report \
    PG_BIN=$postgres/bin \
    RATE=20 PEAK=40 RISE=4 HOLD=4 DURATION=9 USERS=12 timeout 240 loadtests/run.sh "$@"
}

# demo_on NAME PORT: starts a server that shows the demo page.
demo_on() {
  local name=$1 port=$2 home=$scratch/$1
  mkdir -p "$home"
  serve "$name" TERM env PHAROS_LISTEN="127.0.0.1:$port" PHAROS_METRICS_LISTEN="127.0.0.1:$(free_port)" \
    PHAROS_DRAIN_SECONDS=0 PHAROS_DATABASE_URL="sqlite://$home/pharos.db?mode=rwc" "$CARGO_TARGET_DIR/debug/pharos" serve --demo
  await "$name" 60 answers "$port" /healthz
}

# turned_demo NAME: fills a database with a demo page that is written from right to left.
turned_demo() {
  local home=$scratch/$1 page
  # Of an earlier run of the browser tests.
  rm -rf "$home"
  mkdir "$home"
  local -x PHAROS_DATABASE_URL="sqlite://$home/pharos.db?mode=rwc" PHAROS_LOG=warn
  page=$("$CARGO_TARGET_DIR/debug/pharos" demo)
  "$CARGO_TARGET_DIR/debug/pharos" page set "$page" --language ar-XB >"$home/set.log"
}

# live_demo PORT: starts a server whose page may be changed with the token in PHAROS_E2E_LIVE_TOKEN.
live_demo() {
  # Of an earlier run of the browser tests.
  rm -rf "$scratch/live"
  demo_on live "$1"
  PHAROS_E2E_LIVE_TOKEN=$(PHAROS_DATABASE_URL="sqlite://$scratch/live/pharos.db?mode=rwc" PHAROS_LOG=warn \
    "$CARGO_TARGET_DIR/debug/pharos" token create --name e2e --scopes all)
  export PHAROS_E2E_LIVE_TOKEN
}

# schemathesis PATH EXAMPLES: calls what the description at this path describes, on a server of its own with the demo
# page, as app/e2e/schemathesis.toml says.
schemathesis() {
  local path=$1 examples=$2 port home=$scratch/called code=0
  local -x PHAROS_API_CALLS_PER_MINUTE=0 PHAROS_TOKEN PHAROS_TOKEN_ID PHAROS_PAGE_ID SCHEMATHESIS_HOOKS=schemathesis_hooks
  # Of an earlier run.
  rm -rf "$home"
  port=$(free_port)
  demo_on called "$port"
  local -x PHAROS_DATABASE_URL="sqlite://$home/pharos.db?mode=rwc" PHAROS_LOG=warn
  PHAROS_TOKEN=$("$CARGO_TARGET_DIR/debug/pharos" token create --name schemathesis --scopes all)
  PHAROS_TOKEN_ID=$("$CARGO_TARGET_DIR/debug/pharos" token list | cut -f 1)
  PHAROS_PAGE_ID=$("$CARGO_TARGET_DIR/debug/pharos" page list | cut -f 1)
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=app/e2e timeout 300 "$cache/python/requirements-schemathesis/bin/schemathesis" \
    --config-file app/e2e/schemathesis.toml run "http://127.0.0.1:$port$path" --continue-on-failure --max-failures 60 \
    --url "http://127.0.0.1:$port" --max-examples "$examples" || code=$?
  if ((code != 0)); then
    printf 'The end of the log of the server:\n'
    tail -n 50 "$scratch/called.log"
  fi
  stop_services
  return "$code"
}

# door_on PORT: starts a server of its own name that mails, and whose people may sign in with a provider that the test
# starts at the address in PHAROS_E2E_OIDC.
door_on() {
  local port=$1 home=$scratch/door
  # Of an earlier run of the browser tests.
  rm -rf "$home"
  mkdir -p "$home"
  smtp_on door-smtp
  PHAROS_E2E_OIDC=http://localhost:$(free_port)
  export PHAROS_E2E_OIDC
  serve door TERM env PHAROS_LISTEN="127.0.0.1:$port" PHAROS_METRICS_LISTEN="127.0.0.1:$(free_port)" \
    PHAROS_BASE_URL="http://localhost:$port" PHAROS_SMTP_URL="smtp://127.0.0.1:${PHAROS_TEST_SMTP%%,*}" \
    PHAROS_OIDC_ISSUER="$PHAROS_E2E_OIDC" PHAROS_OIDC_CLIENT_ID=pharos PHAROS_OIDC_CLIENT_SECRET=of-the-tests \
    PHAROS_OIDC_ROLES='operators=responder,readers=viewer' PHAROS_DRAIN_SECONDS=0 \
    PHAROS_DATABASE_URL="sqlite://$home/pharos.db?mode=rwc" "$CARGO_TARGET_DIR/debug/pharos" serve --demo
  await door 60 answers "$port" /healthz
}

# with_demo COMMAND...: the command with PHAROS_E2E_URL naming a new server that shows the demo page,
# PHAROS_E2E_RTL_URL naming one that shows it from right to left, PHAROS_E2E_LIVE_URL naming one whose
# page changes, PHAROS_E2E_CONSOLE_URL naming one that nobody has set up yet, with its log in
# PHAROS_E2E_CONSOLE_LOG, and PHAROS_E2E_DOOR_URL one that mails and knows a provider, with its log in PHAROS_E2E_DOOR_LOG.
# PHAROS_E2E_PLAN_URL and PHAROS_E2E_PLAN_LOG are another one that nobody has set up.
with_demo() {
  local port turned_port live_port console_port plan_port door_port name code=0
  local -x PHAROS_TEST_SMTP PHAROS_E2E_OIDC
  port=$(free_port)
  demo_on demo "$port"
  turned_demo turned
  turned_port=$(free_port)
  demo_on turned "$turned_port"
  live_port=$(free_port)
  live_demo "$live_port"
  # Of an earlier run of the browser tests.
  rm -rf "$scratch/console"
  console_port=$(free_port)
  demo_on console "$console_port"
  rm -rf "$scratch/plan"
  plan_port=$(free_port)
  demo_on plan "$plan_port"
  door_port=$(free_port)
  door_on "$door_port"
  PHAROS_E2E_URL=http://127.0.0.1:$port PHAROS_E2E_RTL_URL=http://127.0.0.1:$turned_port \
    PHAROS_E2E_LIVE_URL=http://127.0.0.1:$live_port PHAROS_E2E_CONSOLE_URL=http://127.0.0.1:$console_port \
    PHAROS_E2E_CONSOLE_LOG=$scratch/console.log PHAROS_E2E_PLAN_URL=http://127.0.0.1:$plan_port \
    PHAROS_E2E_PLAN_LOG=$scratch/plan.log PHAROS_E2E_DOOR_URL=http://localhost:$door_port \
    PHAROS_E2E_DOOR_LOG=$scratch/door.log "$@" || code=$?
  if ((code != 0)); then
    for name in demo turned live console plan door; do
      printf 'The end of the log of the server %s:\n' "$name"
      tail -n 50 "$scratch/$name.log"
    done
  fi
  stop_services
  return "$code"
}
