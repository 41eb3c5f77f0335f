"""Opens many streams of events and measures their memory and how soon all are told; called by events.sh."""

import http.client
import json
import os
import pathlib
import select
import socket
import statistics
import subprocess
import tempfile
import time

PHAROS = str(pathlib.Path(os.environ["PHAROS"]).resolve())
FLOOR = str(pathlib.Path(os.environ["FLOOR"]).resolve())
STREAMS = int(os.environ["STREAMS"])
CHANGES = int(os.environ["CHANGES"])
# Connections that wait to be taken up, so that none is turned away.
AT_ONCE = 100
# A page and a few documents, so that what is made on the first request is there before memory is looked at.
WARM = ("/", "/api/v2/summary.json", "/history.atom", "/incidents/nowhere")


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % probe.getsockname()[1]


def resident(process):
    """Resident kibibytes."""
    status = pathlib.Path("/proc/%d/status" % process.pid).read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def await_listening(address, process):
    host, port = address.split(":")
    begin = time.monotonic()
    while True:
        try:
            socket.create_connection((host, int(port))).close()
            return
        except ConnectionRefusedError:
            assert process.poll() is None and time.monotonic() - begin < 60, "it does not start"
            time.sleep(0.02)


class Streams:
    """Open streams, and how often each was told something."""

    def __init__(self, address):
        host, port = address.split(":")
        self.address = (host, int(port))
        self.poll = select.epoll()
        self.open = {}

    def add(self, count):
        """Opens some more and waits until each has said something."""
        fresh = set()
        for _ in range(count):
            one = socket.create_connection(self.address, timeout=10)
            one.sendall(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
            one.setblocking(False)
            self.poll.register(one, select.EPOLLIN)
            self.open[one.fileno()] = one
            fresh.add(one.fileno())
        self.hear(b"data: ", fresh)

    def hear(self, what, awaited):
        """Reads until each of those awaited was told this."""
        awaited = set(awaited)
        begin = time.monotonic()
        while awaited:
            for number, _ in self.poll.poll(1):
                told = self.open[number].recv(65536)
                assert told, "a stream ended"
                if what in told:
                    awaited.discard(number)
            assert time.monotonic() - begin < 60, "%d were not told" % len(awaited)


def opened(process, address):
    """Opens all streams and says how many bytes each takes of the server."""
    streams = Streams(address)
    before = resident(process)
    while len(streams.open) < STREAMS:
        streams.add(min(AT_ONCE, STREAMS - len(streams.open)))
    each = (resident(process) - before) * 1024 / STREAMS
    return streams, each, before


def floor():
    address = free_address()
    process = subprocess.Popen([FLOOR, address])
    try:
        await_listening(address, process)
        return opened(process, address)[1]
    finally:
        process.kill()
        process.wait()


def told(address, token, streams):
    """Seconds from before the call that changes something until the last stream is told, for each change."""
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("GET", "/api/v2/components.json")
    components = json.loads(connection.getresponse().read())["components"]
    one = next(component for component in components if not component["group"])
    path = "/v1/pages/%s/components/%s" % (one["page_id"], one["id"])
    spent = []
    for turn in range(CHANGES):
        status = ("major_outage", "operational")[turn % 2]
        begin = time.monotonic()
        caller = subprocess.Popen(["curl", "-sf", "-o", "/dev/null", "-X", "PATCH", "http://%s%s" % (address, path),
                                   "-H", "Authorization: OAuth " + token, "-H", "Content-Type: application/json",
                                   "-d", json.dumps({"component": {"status": status}})])
        streams.hear(b"event: revision", streams.open)
        spent.append(time.monotonic() - begin)
        assert caller.wait() == 0
    return spent


def pharos(folder):
    address = free_address()
    settings = dict(os.environ, PHAROS_LISTEN=address, PHAROS_METRICS_LISTEN=free_address(), PHAROS_LOG="warn",
                    PHAROS_EVENT_STREAMS=str(STREAMS), PHAROS_EVENT_STREAMS_PER_ADDRESS="0",
                    PHAROS_API_CALLS_PER_MINUTE="0", PHAROS_DRAIN_SECONDS="0",
                    PHAROS_DATABASE_URL="sqlite://%s/pharos.db?mode=rwc" % folder)
    process = subprocess.Popen([PHAROS, "serve", "--demo"], env=settings)
    try:
        await_listening(address, process)
        token = subprocess.run([PHAROS, "token", "create", "--name", "load", "--scopes", "all"], env=settings,
                               check=True, capture_output=True, text=True).stdout.strip()
        for path in WARM * 20:
            connection = http.client.HTTPConnection(address, timeout=30)
            connection.request("GET", path)
            connection.getresponse().read()
        streams, each, before = opened(process, address)
        spent = told(address, token, streams)
        after = resident(process)
        return each, before, after, spent
    finally:
        process.kill()
        process.wait()


bare = floor()
with tempfile.TemporaryDirectory() as home:
    each, before, after, spent = pharos(home)
print("%d streams: %.1f KB resident each; a bare server's take %.1f KB" % (STREAMS, each / 1024, bare / 1024))
print("%.1f MB resident before, %.1f MB after %d changes" % (before / 1024, after / 1024, CHANGES))
print("all told after %.0f ms, the call that changes something included (median of %d; %.0f to %.0f)" % (
    statistics.median(spent) * 1000, CHANGES, min(spent) * 1000, max(spent) * 1000))
