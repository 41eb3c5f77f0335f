"""Measures the time to the first answer and the memory held; called by start.sh."""

import http.client
import json
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile
import time

import large

PHAROS = str(pathlib.Path(os.environ["PHAROS"]).resolve())
RUNS = int(os.environ["RUNS"])


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % probe.getsockname()[1]


def once(folder):
    """Milliseconds to the first answer, and resident kibibytes after it and a few more."""
    address, metrics = free_address(), free_address()
    environment = dict(os.environ, PHAROS_LISTEN=address, PHAROS_METRICS_LISTEN=metrics, PHAROS_LOG="error",
                       PHAROS_DRAIN_SECONDS="0", PHAROS_DATABASE_URL="sqlite://%s/pharos.db?mode=rwc" % folder)
    begin = time.monotonic()
    process = subprocess.Popen([PHAROS], env=environment)
    try:
        while True:
            try:
                connection = http.client.HTTPConnection(address, timeout=5)
                connection.request("GET", "/")
                assert connection.getresponse().status == 200
                break
            except ConnectionRefusedError:
                assert process.poll() is None and time.monotonic() - begin < 60
        elapsed = (time.monotonic() - begin) * 1000
        for _ in range(50):
            connection = http.client.HTTPConnection(address, timeout=5)
            connection.request("GET", "/api/v2/summary.json")
            connection.getresponse().read()
        status = pathlib.Path("/proc/%d/status" % process.pid).read_text()
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        return elapsed, resident
    finally:
        process.terminate()
        process.wait()


def measure(name, folder):
    once(folder)
    runs = [once(folder) for _ in range(RUNS)]
    times, memory = zip(*runs)
    print("%s: first answer after %.0f ms (median of %d; %.0f to %.0f), %.1f MB resident" % (
        name, statistics.median(times), RUNS, min(times), max(times), statistics.median(memory) / 1024))


with tempfile.TemporaryDirectory() as folder:
    measure("nothing stored", folder)
with tempfile.TemporaryDirectory() as folder:
    source = pathlib.Path(folder) / "summary.json"
    source.write_text(json.dumps(large.document(1000, 10_000)))
    environment = dict(os.environ, PHAROS_DATABASE_URL="sqlite://%s/pharos.db?mode=rwc" % folder, PHAROS_LOG="error")
    begin = time.monotonic()
    subprocess.run([PHAROS, "import", "statuspage", str(source)], env=environment, check=True,
                   stdout=subprocess.DEVNULL)
    print("1,000 components and 10,000 incidents brought over in %.1f s" % (time.monotonic() - begin))
    measure("1,000 components and 10,000 incidents", folder)
