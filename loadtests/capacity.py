"""What a pod carries, and whether the replicas carry the model's spike; called by capacity.sh."""

import json
import math
import os
import pathlib
import re
import subprocess
import tempfile
import urllib.request

import servers

EACH = float(os.environ["SECONDS_EACH"])
HERE = pathlib.Path(__file__).parent
MODEL = json.loads((HERE / "model.json").read_text())
TICK = os.sysconf("SC_CLK_TCK")

# What is assumed of the machines that pods run on, and of Kubernetes. A t3a.medium may use 0.4 of its two cores for ever;
# what each node runs beside the pod takes a part of that. Its cores are taken for half as fast as this machine's.
SLOWER = 2.0
NODE = 0.4
BESIDE = 0.1
# A queue stays short as long as no more than this part of what there is to work with is used.
BUSY = 0.6
PODS = {"least": 2, "most": 4}
# Seconds: how old the newest measurement is that the autoscaler reads, how often it reads, how long a new pod takes until
# it answers (with its image on the node, and with a new SPOT node first).
SCRAPE, PERIOD, POD, NODE_AND_POD = 45, 15, 20, 180


def get(url, headers=None):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=10)


def paths(base):
    """The address and the headers of each kind of request."""
    summary = json.load(get(base + "/api/v2/summary.json"))
    past = json.load(get(base + "/api/v2/incidents.json"))["incidents"]
    brotli = {"Accept-Encoding": "br"}

    def unchanged(path):
        return path, {**brotli, "If-None-Match": get(base + path, brotli).headers["ETag"]}

    component = next(one["id"] for one in summary["components"] if not one["group"])
    return {
        "front": ("/", brotli), "front, unchanged": unchanged("/"),
        "permalink": (f"/incidents/{past[-1]['id']}", brotli), "history": ("/history?page=3", brotli),
        "uptime": ("/uptime", brotli), "component": (f"/components/{component}", brotli),
        "search": ("/history?q=database", brotli), "unknown incident": ("/incidents/zzzzzzzzzzzz", brotli),
        "summary.json": ("/api/v2/summary.json", brotli), "summary.json, unchanged": unchanged("/api/v2/summary.json"),
        "status.json": ("/api/v2/status.json", brotli), "components.json": ("/api/v2/components.json", brotli),
        "unresolved.json": ("/api/v2/incidents/unresolved.json", brotli), "history.atom": ("/history.atom", brotli),
        "history.rss": ("/history.rss", brotli), "history.ics": ("/history.ics", brotli), "badge.svg": ("/badge.svg", brotli),
    }


def used(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def cost(base, pid, path, headers):
    """Microseconds of the server's processor time for one request, and requests per second."""
    command = ["wrk", "-t1", "-c8", f"-d{EACH:g}s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    before = used(pid)
    told = subprocess.run(command + [base + path], check=True, capture_output=True, text=True).stdout
    count = int(re.search(r"(\d+) requests in", told)[1])
    return (used(pid) - before) / count * 1e6


def measured():
    with tempfile.TemporaryDirectory() as folder, servers.Servers(folder, os.environ["PHAROS"]) as running:
        at, metrics = servers.free_port(), servers.free_port()
        base = f"http://127.0.0.1:{at}"

        def lit():
            try:
                return get(base + "/healthz").status == 200
            except OSError:
                return False

        running.start("pharos", [running.pharos, "serve", "--demo"], lit, dict(
            os.environ, PHAROS_LISTEN=f"127.0.0.1:{at}", PHAROS_METRICS_LISTEN=f"127.0.0.1:{metrics}", PHAROS_LOG="error",
            PHAROS_DRAIN_SECONDS="0", PHAROS_DATABASE_URL=f"sqlite://{folder}/pharos.db?mode=rwc"))
        pid = running.running["pharos"].pid
        return {kind: cost(base, pid, *how) for kind, how in paths(base).items()}


def mean(costs, weights):
    return sum(costs[kind] * weight for kind, weight in weights.items()) / sum(weights.values())


def arrivals():
    """Requests per second, for each second of the model's spike and ten minutes after."""
    spike = MODEL["spike"]
    rise = [spike["from"] + (spike["to"] - spike["from"]) * second / spike["rise_seconds"]
            for second in range(spike["rise_seconds"])]
    return [spike["from"]] * 60 + rise + [spike["to"]] * max(spike["hold_seconds"], 600)


def simulate(capacity, target, least, delay):
    """The seconds in which more comes than the pods carry, and the most pods there are, with the rule of the
    HorizontalPodAutoscaler: wanted = ceil(pods x measured / target), by measurements that are `SCRAPE` old."""
    curve, pods, coming, over, most = arrivals(), least, [], 0, least
    for second, rate in enumerate(curve):
        pods += sum(1 for at in coming if at == second)
        coming = [at for at in coming if at > second]
        most = max(most, pods)
        over += rate > pods * capacity
        if second % PERIOD == 0:
            seen = curve[max(0, second - SCRAPE)]
            wanted = min(max(least, math.ceil(seen / target)), PODS["most"])
            coming += [second + delay] * max(0, wanted - pods - len(coming))
    return over, most


costs = measured()
print(f"{'request':28}  processor time")
for kind, microseconds in costs.items():
    print(f"{kind:28}  {microseconds:8.1f} µs")
weights = MODEL["weights"]
visitors, machines = mean(costs, MODEL["visitors"]["requests"]), mean(costs, MODEL["machines"]["requests"])
mix = (visitors * weights["visitors"] + machines * weights["machines"]) / (weights["visitors"] + weights["machines"])
print(f"{'the mix of the model':28}  {mix:8.1f} µs (visitors {visitors:.1f}, machines {machines:.1f})")
least = PODS["least"]
for name, cores in [("one core", 1.0), (f"what a t3a.medium gives for ever ({NODE} cores, {BESIDE} of them taken)", NODE - BESIDE)]:
    capacity = cores * BUSY / (mix * SLOWER / 1e6)
    # Scaled up when half of what a pod carries is asked of it, so that the rest is there while the others start.
    target = capacity / 2
    print(f"\na pod on {name}, {SLOWER:g} times slower than here and {BUSY:.0%} busy: {capacity:,.0f} requests/s; target {target:,.0f}")
    for what, delay in [("pods start on nodes that are there", POD), ("each pod needs a new node", NODE_AND_POD)]:
        over, most = simulate(capacity, target, least, delay)
        print(f"  the model's spike, {least} pods at first, {what}: {over} seconds with more than they carry, {most} pods at most")
    alone = math.ceil(MODEL["spike"]["to"] / capacity)
    print(f"  pods that carry {MODEL['spike']['to']:,} requests/s: {alone}")
