"""The servers that a load test needs, each on a free port of this machine, stopped at the end by their pids."""

import base64
import collections
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import time

At = collections.namedtuple("At", "urls token page pids")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Servers:
    def __init__(self, scratch, pharos):
        self.scratch, self.pharos = pathlib.Path(scratch), str(pathlib.Path(pharos).resolve())
        self.commands, self.running, self.ready = {}, {}, {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for name in reversed(list(self.running)):
            self.stop(name)

    def start(self, name, command, ready, environment=None, as_nobody=False):
        self.commands[name] = (command, environment, as_nobody)
        self.ready[name] = ready
        self.start_again(name)

    def start_again(self, name):
        command, environment, as_nobody = self.commands[name]
        log = open(self.scratch / f"{name}.log", "ab")
        extra = {"user": "nobody", "group": "nogroup", "extra_groups": []} if as_nobody and os.geteuid() == 0 else {}
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **extra)
        self.running[name] = process
        end = time.monotonic() + 60
        while not self.ready[name]():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{name} did not come up:\n" + (self.scratch / f"{name}.log").read_text()[-4000:])
            time.sleep(0.05)

    def stop(self, name):
        process = self.running.pop(name, None)
        if process is None:
            return
        # Postgres ends its sessions on an interrupt, and waits for them on a termination.
        process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def complaints(self):
        """What the replicas wrote above the level of information."""
        lines = []
        for log in sorted(self.scratch.glob("pharos-*.log")):
            lines += [line for line in log.read_text(errors="replace").splitlines() if '"level":"WARN"' in line or '"level":"ERROR"' in line]
        return "\n".join(lines[-200:])

    def postgres(self):
        binaries = os.environ.get("PG_BIN") or subprocess.check_output(["pg_config", "--bindir"], text=True).strip()
        home, port = self.scratch / "postgres", free_port()
        home.mkdir()
        who = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        if who:
            subprocess.run(["chown", "nobody", str(home)], check=True)
        subprocess.run([f"{binaries}/initdb", "-D", f"{home}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"],
                       check=True, stdout=subprocess.DEVNULL, timeout=120, **who)
        # What is not said is as Postgres has it by itself: each commit is flushed to the disk.
        command = [f"{binaries}/postgres", "-D", f"{home}/data", "-c", "listen_addresses=127.0.0.1", "-c", f"port={port}",
                   "-c", f"unix_socket_directories={home}", "-c", "max_connections=120"]
        pid_file = home / "data" / "postmaster.pid"
        self.start("postgres", command, lambda: is_ready(pid_file, self.running["postgres"].pid), as_nobody=True)
        return f"postgres://postgres@127.0.0.1:{port}/postgres"

    def redis(self):
        port = free_port()
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(self.scratch)]
        self.start("redis", command, lambda: listens(port))
        return f"redis://127.0.0.1:{port}"

    def pharos_on(self, store):
        """Pharos with the demo page: one on SQLite, two on Postgres and Redis."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PHAROS_")}
        environment.update(PHAROS_LOG="warn", PHAROS_LOG_FORMAT="json", PHAROS_API_CALLS_PER_MINUTE="0", PHAROS_EVENT_STREAMS_PER_ADDRESS="0")
        replicas = 1
        if store == "sqlite":
            environment["PHAROS_DATABASE_URL"] = f"sqlite://{self.scratch}/pharos.db?mode=rwc"
        else:
            replicas = 2
            environment.update(PHAROS_DATABASE_URL=self.postgres(), PHAROS_REDIS_URL=self.redis(),
                               PHAROS_KEYS=base64.b64encode(secrets.token_bytes(32)).decode(), PHAROS_STATE_DIR=str(self.scratch))
            subprocess.run([self.pharos, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL, timeout=120)
        page = self.say(environment, "demo")
        token = self.say(environment, "token", "create", "--name", "loadtests", "--scopes", "all")
        urls = [self.replica(number, environment) for number in range(replicas)]
        pids = [self.running[f"pharos-{number}"].pid for number in range(replicas)]
        return At(urls, token, page, pids)

    def say(self, environment, *words):
        return subprocess.run([self.pharos, *words], env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout.strip()

    def replica(self, number, environment):
        port = free_port()
        state = self.scratch / f"state-{number}"
        state.mkdir()
        own = dict(environment, PHAROS_LISTEN=f"127.0.0.1:{port}", PHAROS_METRICS_LISTEN=f"127.0.0.1:{free_port()}",
                   PHAROS_DRAIN_SECONDS="0", PHAROS_STATE_DIR=str(state))
        self.start(f"pharos-{number}", [self.pharos, "serve"], lambda: listens(port), own)
        return f"http://127.0.0.1:{port}"


def listens(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_ready(pid_file, pid):
    try:
        lines = pid_file.read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].startswith("ready")
