#!/usr/bin/env bash
# Makes what docker-compose.yml needs to be secret, each in the volume of who needs it; once, since the database is
# opened with it ever after. Runs as root in an image that has OpenSSL.
set -euo pipefail
umask 077

# Who reads it: the users of the images.
pharos=65532
database=999

random() {
  openssl rand -hex 24
}

if [[ -e /secrets/pharos/pharos.toml ]]; then
  exit
fi

# In a folder of its own, so that a run that breaks off leaves nothing half made.
made=$(mktemp -d)
cd "$made"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=Pharos Compose' \
  -addext 'basicConstraints=critical,CA:TRUE' -keyout ca.key -out ca.pem 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=redis' -keyout redis.key -out redis.csr 2>/dev/null
openssl x509 -req -in redis.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -out redis.pem 2>/dev/null \
  -extfile <(printf 'subjectAltName=DNS:redis,DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n')
postgres_password=$(random)
redis_password=$(random)

printf '%s' "$postgres_password" >/secrets/postgres/password
cat >/secrets/redis/redis.conf <<END
port 0
tls-port 6379
tls-cert-file /run/secrets/redis/redis.pem
tls-key-file /run/secrets/redis/redis.key
tls-ca-cert-file /run/secrets/redis/ca.pem
tls-auth-clients no
requirepass $redis_password
# All that is in it can be lost.
save ""
appendonly no
maxmemory 64mb
maxmemory-policy allkeys-lru
END
install -m 400 redis.pem redis.key ca.pem /secrets/redis
install -m 400 ca.pem /secrets/pharos
chown -R "$database:$database" /secrets/postgres /secrets/redis
# The last, as it says that all is there.
cat >pharos.toml <<END
database_url = "postgres://pharos:$postgres_password@postgres:5432/pharos"
redis_url = "rediss://:$redis_password@redis:6379/0"
keys = "$(openssl rand -base64 32)"
END
install -m 400 pharos.toml /secrets/pharos/new
chown -R "$pharos:$pharos" /secrets/pharos
mv /secrets/pharos/new /secrets/pharos/pharos.toml
