"""Measures how soon what one replica has written is seen on all of them; called by spread.sh."""

import json
import os
import statistics
import threading
import time

import replicas
from replicas import Replica, call, stores, until

WRITES = int(os.environ["WRITES"])
COMPONENTS = 20
STATUSES = ("degraded_performance", "operational", "partial_outage", "major_outage")


class Visitor:
    """Asks a replica over a kept connection, and sees to it that it never goes back."""

    def __init__(self, replica):
        self.connection = replica.connection()
        self.newest = ""

    def statuses(self):
        """What the replica says of the components now, by id."""
        self.connection.request("GET", "/api/v2/components.json")
        document = json.loads(self.connection.getresponse().read())
        at = document["page"]["updated_at"]
        assert at >= self.newest, "it went back from %s to %s" % (self.newest, at)
        self.newest = at
        return {one["id"]: one["status"] for one in document["components"]}

    def shows(self, component, status="operational"):
        return self.statuses().get(component) == status


class Listener(threading.Thread):
    """Hears the events of a replica: each revision is above the one before."""

    def __init__(self, replica):
        super().__init__(daemon=True)
        self.connection, self.revisions, self.wrong = replica.connection(None), [], None
        self.connection.request("GET", "/events")
        self.stream = self.connection.getresponse()

    def grown(self):
        return self.revisions[-1] - self.revisions[0]

    def run(self):
        for line in self.stream:
            if line.startswith(b"id: "):
                revision = int(line[4:].split(b".")[0])
                if self.revisions and revision < self.revisions[-1]:
                    self.wrong = "%d after %d" % (revision, self.revisions[-1])
                self.revisions.append(revision)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def shown(name, seconds):
    print("%-46s p50 %6.1f ms   p99 %6.1f ms   most %6.1f ms" % (
        name, statistics.median(seconds) * 1000, percentile(seconds, 0.99) * 1000, max(seconds) * 1000))


def measure(places, page, token, components):
    visitors = [Visitor(place) for place in places]
    listeners = [Listener(place) for place in places]
    for listener in listeners:
        listener.start()
        until("it is told where it is", lambda: listener.revisions)
    writers = [place.connection() for place in places]
    written, own, spread = [], [], []
    for turn in range(WRITES):
        component = components[turn % len(components)]
        status = STATUSES[turn // len(components) % len(STATUSES)]
        writer = turn % len(places)
        begin = time.monotonic()
        call(writers[writer], "PATCH", "/v1/pages/%s/components/%s" % (page, component), token,
                     {"component": {"status": status}})
        acknowledged = time.monotonic()
        written.append(acknowledged - begin)
        order = visitors[writer:] + visitors[:writer]
        for number, visitor in enumerate(order):
            while not visitor.shows(component, status):
                assert time.monotonic() - acknowledged < 30, "a write is not seen"
            if number == 0:
                own.append(time.monotonic() - acknowledged)
        spread.append(time.monotonic() - acknowledged)
    for listener in listeners:
        until("each write is one revision", lambda: listener.grown() == WRITES)
        assert listener.wrong is None, "a stream went back: %s" % listener.wrong
    print("%d writes by %d replicas in turn, %d components; no replica ever went back" % (
        WRITES, len(places), len(components)))
    shown("a call, until it is acknowledged", written)
    shown("acknowledged, until its own replica shows it", own)
    shown("acknowledged, until all replicas show it", spread)


def main():
    with stores() as (folder, servers):
        settings = replicas.settings(servers.postgres(), folder, PHAROS_REDIS_URL=servers.redis())
        servers.say(settings, "migrate")
        page = servers.say(settings, "page", "create", "--name", "Spread")
        token = servers.say(settings, "token", "create", "--name", "spread", "--scopes", "all")
        with Replica("one", folder, settings) as one, Replica("other", folder, settings) as other:
            for replica in (one, other):
                until("it is lit", lambda: replica.answers("/healthz"))
            connection = one.connection()
            made = [call(connection, "POST", "/v1/pages/%s/components" % page, token,
                         {"component": {"name": "Component %d" % number}}) for number in range(COMPONENTS)]
            visitor = Visitor(other)
            until("the other shows them", lambda: visitor.shows(made[-1]["id"]))
            measure([one, other], page, token, [component["id"] for component in made])


main()
