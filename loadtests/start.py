"""Measures the time to the first answer and the memory held; called by start.sh."""

import datetime
import http.client
import json
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile
import time

PHAROS = str(pathlib.Path(os.environ["PHAROS"]).resolve())
RUNS = int(os.environ["RUNS"])
PAGE = "page00000000"


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % probe.getsockname()[1]


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def document(components, incidents):
    """A summary of a page as Statuspage would record it."""
    begin = datetime.datetime(2016, 1, 1)
    listed = [component(n, begin) for n in range(components)]
    past = [incident(n, begin + datetime.timedelta(hours=8 * n), listed) for n in range(incidents)]
    page = {"id": PAGE, "name": "Large", "url": "https://large.example", "time_zone": "Etc/UTC",
            "updated_at": stamp(begin + datetime.timedelta(hours=8 * incidents))}
    return {"page": page, "components": listed, "incidents": past}


def component(n, begin):
    return {"id": "component%05d" % n, "name": "Component %d" % n, "status": "operational",
            "created_at": stamp(begin), "updated_at": stamp(begin), "position": n + 1, "description": None,
            "showcase": True, "start_date": None, "group_id": None, "page_id": PAGE, "group": False,
            "only_show_if_degraded": False}


def incident(n, at, listed):
    touched = listed[n % len(listed)]
    steps = [("investigating", "operational", "partial_outage"), ("identified", "partial_outage", "partial_outage"),
             ("resolved", "partial_outage", "operational")]
    updates = []
    for step, (status, old, new) in enumerate(steps):
        told = stamp(at + datetime.timedelta(minutes=20 * step))
        updates.append({"id": "update%07d%d" % (n, step), "status": status, "incident_id": "incident%06d" % n,
                        "body": "Some requests fail and we are working on it. This is message %d." % step,
                        "created_at": told, "updated_at": told, "display_at": told,
                        "affected_components": [{"code": touched["id"], "name": touched["name"],
                                                 "old_status": old, "new_status": new}],
                        "deliver_notifications": True, "custom_tweet": None, "tweet_id": None})
    end = stamp(at + datetime.timedelta(minutes=40))
    return {"id": "incident%06d" % n, "name": "Some requests fail", "status": "resolved", "created_at": stamp(at),
            "updated_at": end, "monitoring_at": None, "resolved_at": end, "impact": "major",
            "shortlink": "https://large.example/%d" % n, "started_at": stamp(at), "page_id": PAGE,
            "incident_updates": updates[::-1], "components": [touched], "reminder_intervals": None}


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
    source.write_text(json.dumps(document(1000, 10_000)))
    environment = dict(os.environ, PHAROS_DATABASE_URL="sqlite://%s/pharos.db?mode=rwc" % folder, PHAROS_LOG="error")
    begin = time.monotonic()
    subprocess.run([PHAROS, "import", "statuspage", str(source)], env=environment, check=True,
                   stdout=subprocess.DEVNULL)
    print("1,000 components and 10,000 incidents brought over in %.1f s" % (time.monotonic() - begin))
    measure("1,000 components and 10,000 incidents", folder)
