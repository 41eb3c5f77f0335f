"""Pharos with what Terraform made: the settings of the output `values`, word for word but for where a server on this
machine listens, the secrets by their names in the imitation, and a Postgres and a Redis that ask for what stands in them.

PHAROS_TEST_BINARY is the binary, PHAROS_TEST_POSTGRES a folder with Postgres' own, PHAROS_TEST_TLS one with certificates
for localhost, PHAROS_TEST_AWSCLI one with AWS' command line.
"""

import base64
import contextlib
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

import boto3
import nightly

PATIENCE = 60
TLS = pathlib.Path(os.environ.get("PHAROS_TEST_TLS", "."))
KEYS = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def client():
    return boto3.client("secretsmanager", region_name="us-east-1")


def put(secret, value):
    client().put_secret_value(SecretId=secret, SecretString=json.dumps(value))


def get(secret):
    return json.loads(client().get_secret_value(SecretId=secret)["SecretString"])


def secret_of(text, key):
    """The secret that a setting refers to for this key."""
    return re.search(rf"{{aws:([^}}#]+)#{key}}}", text)[1]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(what, condition):
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > PATIENCE:
            raise AssertionError(f"{what}: not within {PATIENCE} seconds")
        time.sleep(0.1)


def open_port(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def running(command, log, how=signal.SIGTERM, **options):
    with open(log, "wb") as file, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, **options) as process:
        try:
            yield process
        except Exception:
            print(pathlib.Path(log).read_text(errors="replace")[-4000:])
            raise
        finally:
            process.send_signal(how)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


@contextlib.contextmanager
def postgres(work, administrator, database):
    """A server as RDS makes one: by TLS alone, with an administrator who is no superuser and owns the database."""
    home, port = work / "postgres", free_port()
    home.mkdir()
    # Postgres refuses to run as root.
    user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"] if os.geteuid() == 0 else []
    # Where whoever runs it may read it.
    shutil.copytree(os.environ["PHAROS_TEST_POSTGRES"], home / "native", symlinks=True)
    native, key = home / "native/bin", home / "server.key"
    key.write_bytes((TLS / "server.key").read_bytes())
    key.chmod(0o600)
    if user:
        for owned in (home, key):
            shutil.chown(owned, "nobody")
    subprocess.run([*user, native / "initdb", "-D", home / "data", "-U", "postgres", "-A", "reject", "-E", "UTF8", "--locale=C", "--no-sync"], check=True, capture_output=True)
    (home / "data/pg_hba.conf").write_text("hostssl all all all scram-sha-256\n")
    password = administrator["password"].replace("'", "''")
    sql = f"CREATE ROLE \"{administrator['username']}\" LOGIN CREATEROLE CREATEDB PASSWORD '{password}'\nCREATE DATABASE \"{database}\" OWNER \"{administrator['username']}\"\n"
    subprocess.run([*user, native / "postgres", "--single", "-D", home / "data", "postgres"], input=sql.encode(), check=True, capture_output=True)
    options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "ssl": "on", "ssl_cert_file": TLS / "server.pem", "ssl_key_file": key, "fsync": "off"}
    command = [*user, native / "postgres", "-D", home / "data", *[part for name, value in options.items() for part in ("-c", f"{name}={value}")]]
    with running(command, work / "postgres.log", signal.SIGINT):
        until("Postgres listens", lambda: open_port(port))
        yield port


@contextlib.contextmanager
def redis(work, token):
    port = free_port()
    config = work / "redis.conf"
    config.write_text(f'port 0\ntls-port {port}\nbind 127.0.0.1\nrequirepass "{token}"\nsave ""\nappendonly no\ntls-auth-clients no\n'
                      f"tls-cert-file {TLS / 'server.pem'}\ntls-key-file {TLS / 'server.key'}\ntls-ca-cert-file {TLS / 'ca.pem'}\n")
    config.chmod(0o600)
    with running(["redis-server", config], work / "redis.log"):
        until("Redis listens", lambda: open_port(port))
        yield port


def fill(values):
    """What is in the secrets, as install.sh fills them, but for the host: a server on this machine."""
    database, cache = values["database"]["url"], values["redis"]["url"]
    endpoint = secret_of(database, "host")
    put(endpoint, {**get(endpoint), "host": "localhost"})
    put(secret_of(values["keys"]["reference"], "keys"), {"keys": base64.b64encode(secrets.token_bytes(32)).decode()})
    token = secrets.token_hex(32)
    put(secret_of(cache, "auth_token"), {"auth_token": token})
    return token


def here(url, port, file):
    """An address of Terraform's, with the port and the certificates of this machine."""
    moved, count = re.subn(r":5432/", f":{port}/", url)
    moved, files = re.subn(r"(?<=sslrootcert=)[^&]+", str(file), moved)
    assert count == files == 1, "a database address of Terraform's has another shape"
    return moved


class Pharos:
    """The binary with an environment of its own, as the chart's pods have it."""

    def __init__(self, work, environment):
        known = {name: os.environ[name] for name in KEYS}
        self.work = work
        self.environment = {**known, "PHAROS_STATE_DIR": str(work), "PHAROS_LOG": "warn", "PHAROS_LOG_FORMAT": "text", "PATH": os.environ["PATH"], **environment}
        self.binary = os.environ["PHAROS_TEST_BINARY"]

    def run(self, *arguments, **more):
        done = subprocess.run([self.binary, *arguments], env={**self.environment, **more}, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, f"pharos {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    @contextlib.contextmanager
    def serving(self):
        listen, metrics = free_port(), free_port()
        environment = {**self.environment, "PHAROS_LISTEN": f"127.0.0.1:{listen}", "PHAROS_METRICS_LISTEN": f"127.0.0.1:{metrics}", "PHAROS_DRAIN_SECONDS": "0"}
        with running([self.binary, "serve"], self.work / "pharos.log", env=environment):
            until("Pharos answers", lambda: ask(f"http://127.0.0.1:{listen}/healthz") is not None)
            yield f"http://127.0.0.1:{listen}", f"http://127.0.0.1:{metrics}"


def ask(url, token=None, body=None):
    request = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode())
    if token:
        request.add_header("Authorization", f"Bearer {token}")
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()
    except OSError as error:
        if body is not None:
            raise AssertionError(f"{url}: {error}") from error
        return None


def check(values, install, work):
    """Makes the roles, serves with them, writes, and changes the password while it serves; then the nightly jobs."""
    database, made = values["database"], values["database"]["bootstrap"]
    administrator = get(secret_of(made["administratorUrl"], "password"))
    name = re.search(r":5432/([a-z]+)\?", database["url"])[1]
    token = fill(values)
    with postgres(work, administrator, name) as port, redis(work, token) as cache_port:
        urls = [here(url, port, TLS / "ca.pem") for url in (database["url"], database["migrations"]["url"], made["administratorUrl"])]
        cache = re.sub(r"@[^@]+$", f"@localhost:{cache_port}", values["redis"]["url"])
        pharos = Pharos(work, {"PHAROS_DATABASE_URL": urls[0], "PHAROS_REDIS_URL": cache, "PHAROS_REDIS_CA": str(TLS / "ca.pem"), "PHAROS_KEYS": values["keys"]["reference"], "PHAROS_BASE_URL": values["baseUrl"]})
        pharos.run("migrate", "--bootstrap", PHAROS_ADMINISTRATOR_URL=urls[2], PHAROS_OWNER_SECRET=made["ownerSecret"], PHAROS_APPLICATION_SECRET=made["applicationSecret"])
        first = get(made["applicationSecret"])["username"]
        assert first == f"{name}_application_a", first
        pharos.run("migrate", PHAROS_DATABASE_URL=urls[1])
        with pharos.serving() as (page, metrics):
            for dependency in ("postgres", "redis"):
                is_up = f'pharos_dependency_up{{dependency="{dependency}"}} 1\n'
                until(f"{dependency} is up", lambda: is_up in ask(f"{metrics}/metrics"))
            opened = pharos.run("token", "create", "--name", "test", "--scopes", "all")
            its = json.loads(ask(f"{page}/api/v2/status.json"))["page"]["id"]
            for component in ("Before", "After"):
                ask(f"{page}/v1/pages/{its}/components", opened, {"component": {"name": component}})
                if component == "Before":
                    pharos.run("database", "rotate", PHAROS_DATABASE_URL=urls[1], PHAROS_APPLICATION_SECRET=made["applicationSecret"])
            shown = ask(f"{page}/api/v2/components.json")
            assert "Before" in shown and "After" in shown, shown
        second = get(made["applicationSecret"])["username"]
        assert second == f"{name}_application_b", second
        said = pharos.run("check-config")
        for use in (database["url"], values["redis"]["url"], values["keys"]["reference"]):
            for reference in re.findall(r"{aws:[^}]+}", use):
                assert f"{reference} in " in said, f"{reference} was not read: {said}"
        nightly.check(install, here(install["backup"]["database_url"], port, TLS / "ca.pem"), work, pharos)


def problems(values, install):
    """What went wrong, in words."""
    with tempfile.TemporaryDirectory(prefix="pharos-application.") as folder:
        work = pathlib.Path(folder)
        work.chmod(0o711)
        try:
            check(values, install, work)
        except (AssertionError, subprocess.SubprocessError, OSError, TypeError, KeyError) as error:
            return [f"the application, with what Terraform made: {error} {getattr(error, 'stderr', b'') or ''}"]
    print("the application: served with what Terraform made, exported and restored")
    return []
