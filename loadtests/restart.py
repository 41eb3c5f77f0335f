"""Measures how soon a new replica answers when what it depends on is away; called by restart.sh."""

import json
import os
import statistics
import subprocess
import time

import large
import replicas
from replicas import Replica, stores, until

RUNS = int(os.environ["RUNS"])


def first_answer(folder, settings):
    """Milliseconds from the start of a process to its first answer with a page."""
    begin = time.monotonic()
    with Replica("born", folder, settings) as born:
        while not born.answers("/"):
            assert time.monotonic() - begin < 60, "it is dark: " + born.log.read_text()
            time.sleep(0.002)
        return (time.monotonic() - begin) * 1000


def measure(name, folder, settings, prepare=lambda: None):
    times = []
    for _ in range(RUNS):
        prepare()
        times.append(first_answer(folder, settings))
    print("%-66s %6.0f ms (median of %d; %.0f to %.0f)" % (name, statistics.median(times), RUNS, min(times), max(times)))


def forget(folder):
    for file in folder.glob("*.state"):
        file.unlink()


def main():
    with stores() as (folder, servers):
        state = folder / "state"
        settings = replicas.settings(servers.postgres(), state, PHAROS_REDIS_URL=servers.redis())
        servers.say(settings, "migrate")
        source = folder / "summary.json"
        source.write_text(json.dumps(large.document(1000, 10_000)))
        subprocess.run([replicas.PHAROS, "import", "statuspage", str(source)], env=settings, check=True,
                       stdout=subprocess.DEVNULL)
        print("1,000 components and 10,000 incidents")
        measure("Postgres and Redis answer", folder, settings)
        with Replica("sibling", folder, dict(settings, PHAROS_STATE_DIR=str(state / "sibling"))) as sibling:
            until("it is lit", lambda: sibling.answers("/healthz"))
            servers.stop("postgres")
            measure("Postgres refuses connections; from Redis", folder, settings, lambda: forget(state))
            servers.stop("redis")
            siblings = dict(settings, PHAROS_SIBLINGS="127.0.0.1:%d" % sibling.metrics_port)
            measure("Postgres and Redis refuse connections; from a sibling", folder, siblings, lambda: forget(state))
            # Each of the runs before has left one.
            measure("Postgres and Redis refuse connections; from the last run's file", folder, settings)


main()
