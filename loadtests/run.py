"""One load test, from the servers that it needs to its report; called by run.sh."""

import argparse
import contextlib
import datetime
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import report
from servers import Servers

HERE = pathlib.Path(__file__).resolve().parent
SCENARIOS = ["smoke", "load-test", "spike", "soak", "breakpoint", "outage", "people"]
PATIENCE = 4 * 3600


def arguments():
    parser = argparse.ArgumentParser(prog="loadtests/run.sh")
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("--on", choices=["sqlite", "postgres"], help="what it stores in; outage needs postgres")
    parser.add_argument("--url", help="a server on this machine that runs already; it is not written to")
    given = parser.parse_args()
    host = urllib.parse.urlsplit(given.url or "").hostname
    if given.url and host not in ("localhost", "127.0.0.1", "::1"):
        parser.error("--url: allowed are addresses of this machine, not " + repr(given.url))
    if given.scenario == "outage" and (given.url or given.on == "sqlite"):
        parser.error("outage: it takes a database and a cache away, so it starts them itself (--on postgres)")
    given.on = given.on or ("postgres" if given.scenario == "outage" else "sqlite")
    return given


def tool(scenario, environment, folder):
    """The command that comes to the page."""
    if scenario != "people":
        return [environment["K6"], "run", "--quiet", "--no-usage-report", str(HERE / "k6" / f"{scenario}.js")]
    urls = environment["PHAROS_URL"].split(",")
    seconds, users = environment.get("DURATION", "60"), environment.get("USERS", "50")
    slo = json.loads((HERE / "model.json").read_text())["slo"]
    return [environment["PEOPLE"], "--host", urls[0], "--users", users, "--increase-time", "3s", "--run-time", seconds + "s",
            "--no-telnet", "--no-print-metrics", "--quiet", "--report-file", f"{folder}/goose.html",
            "--report-file", f"{folder}/goose.json", "--threshold", f"error-rate<={100 * (1 - slo['answered']):.3f}%"]


def take_away(servers, seconds, said):
    """Redis, then Postgres, then both at once, each for an eighth of the time."""
    eighth = seconds / 8
    for names in (["redis"], ["postgres"], ["redis", "postgres"]):
        time.sleep(eighth)
        for name in names:
            servers.stop(name)
        said.append((time.time(), "-" + "+".join(names)))
        time.sleep(eighth)
        for name in names:
            servers.start_again(name)
        said.append((time.time(), "+" + "+".join(names)))


class Samples(threading.Thread):
    """What the servers take of the machine, each second."""

    def __init__(self, pids):
        super().__init__(daemon=True)
        self.pids, self.rows, self.ended = pids, [], threading.Event()

    def run(self):
        tick = os.sysconf("SC_CLK_TCK")
        while not self.ended.wait(1):
            with contextlib.suppress(OSError, ValueError):
                resident = max(rss(pid) for pid in self.pids)
                used = sum(cpu(pid) for pid in self.pids) / tick
                self.rows.append({"at": time.time(), "resident_mb": resident / 1024, "cpu_seconds": used,
                                  "files": max(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.pids)})


def rss(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ValueError(pid)


def cpu(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def reads(url):
    """It answers, and is a status page."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=10)
    connection.request("GET", "/api/v2/status.json")
    answer = connection.getresponse()
    return answer.status == 200 and "status" in json.loads(answer.read())


def main():
    given = arguments()
    now = datetime.datetime.now(datetime.timezone.utc)
    reports = pathlib.Path(os.environ.get("REPORTS", HERE / "reports"))
    name = f"{now:%Y-%m-%d-%H%M%S}-{given.scenario}-{'url' if given.url else given.on}"
    folder = reports / name
    folder.mkdir(parents=True)
    scratch = tempfile.mkdtemp(prefix="pharos-load-")
    os.chmod(scratch, 0o711)
    code = 1
    try:
        with Servers(scratch, os.environ["PHAROS"]) as servers:
            environment = dict(os.environ, REPORT=str(folder))
            pids = []
            if given.url:
                environment["PHAROS_URL"] = given.url
                for name_ in ("PHAROS_TOKEN", "PHAROS_PAGE_ID"):
                    environment.pop(name_, None)
            else:
                at = servers.pharos_on(given.on)
                environment.update(PHAROS_URL=",".join(at.urls), PHAROS_TOKEN=at.token, PHAROS_PAGE_ID=at.page)
                pids = at.pids
            if not reads(environment["PHAROS_URL"].split(",")[0]):
                sys.exit("it is no status page: " + environment["PHAROS_URL"])
            code, samples, said = come(given, servers, environment, folder, pids)
            log = "" if given.url else servers.complaints()
        report.write(folder, given, samples, said, code, log)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print(f"report: {folder / 'report.md'}")
    sys.exit(code)


def come(given, servers, environment, folder, pids):
    samples, said = Samples(pids), []
    samples.start()
    command = tool(given.scenario, environment, folder)
    (folder / "command.txt").write_text(" ".join(sys.argv) + "\n" + " ".join(command) + "\n")
    comes = subprocess.Popen(command, env=environment, cwd=folder)
    if given.scenario == "outage":
        take_away(servers, float(environment.get("DURATION", "60")), said)
    code = comes.wait(timeout=PATIENCE)
    samples.ended.set()
    samples.join()
    return code, samples.rows, said


if __name__ == "__main__":
    main()
