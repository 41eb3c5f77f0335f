"""Replicas of one installation, each a process of its own; used by spread.py and restart.py."""

import base64
import contextlib
import http.client
import json
import os
import pathlib
import secrets
import signal
import subprocess
import tempfile
import time

from servers import Servers, free_port

PHAROS = str(pathlib.Path(os.environ["PHAROS"]).resolve())
PATIENCE = 60


def until(what, condition):
    """Waits for a condition, without asking too often."""
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < PATIENCE, "%s: not within %d seconds" % (what, PATIENCE)
        time.sleep(0.02)


@contextlib.contextmanager
def stores():
    """A folder, and servers that are stopped before it goes."""
    with tempfile.TemporaryDirectory() as folder:
        # Postgres runs as somebody else.
        os.chmod(folder, 0o711)
        with Servers(folder, PHAROS) as servers:
            yield pathlib.Path(folder), servers


class Replica:
    """A `pharos serve`. It is not waited for."""

    def __init__(self, name, folder, settings):
        self.port, self.metrics_port = free_port(), free_port()
        self.log = folder / (name + ".log")
        own = dict(settings, PHAROS_LISTEN="127.0.0.1:%d" % self.port,
                   PHAROS_METRICS_LISTEN="127.0.0.1:%d" % self.metrics_port)
        self.process = subprocess.Popen([PHAROS, "serve"], env=own, stdin=subprocess.DEVNULL,
                                        stdout=self.log.open("a"), stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)

    def connection(self, timeout=30):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def answers(self, path):
        """Whether that is answered with 200."""
        assert self.process.poll() is None, "it ended: " + self.log.read_text()
        connection = self.connection(5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def settings(database, state, **more):
    """The settings of an installation, with a key of its own."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("PHAROS_")}
    return dict(others, PHAROS_DATABASE_URL=database, PHAROS_LOG="warn", PHAROS_DRAIN_SECONDS="0",
                PHAROS_API_CALLS_PER_MINUTE="0", PHAROS_STATE_DIR=str(state),
                PHAROS_KEYS=base64.b64encode(secrets.token_bytes(32)).decode(), **more)


def call(connection, method, path, token, body):
    """A call of the management API, which must go well."""
    connection.request(method, path, json.dumps(body), {"Authorization": "OAuth " + token,
                                                        "Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status in (200, 201), "%s %s: %d %s" % (method, path, answer.status, text)
    return json.loads(text)
