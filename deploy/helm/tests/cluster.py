"""As much of a Kubernetes API server as Helm asks for: it keeps objects, applies what it is sent, and says of
everything at once that it is ready. So `lookup`, hooks, upgrades and rollbacks are Helm's own, without a cluster."""

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

# Group and version, kind, plural, whether it belongs to a namespace.
KINDS = [
    ("v1", "Namespace", "namespaces", False),
    ("v1", "Secret", "secrets", True),
    ("v1", "ConfigMap", "configmaps", True),
    ("v1", "Service", "services", True),
    ("v1", "ServiceAccount", "serviceaccounts", True),
    ("v1", "Pod", "pods", True),
    ("apps/v1", "Deployment", "deployments", True),
    ("apps/v1", "ReplicaSet", "replicasets", True),
    ("apps/v1", "StatefulSet", "statefulsets", True),
    ("batch/v1", "Job", "jobs", True),
    ("batch/v1", "CronJob", "cronjobs", True),
    ("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", True),
    ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", True),
    ("networking.k8s.io/v1", "Ingress", "ingresses", True),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", True),
    ("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", False),
]
# How long a watch is held open for something to happen.
WATCHED_SECONDS = 30


def done(kind, spec):
    """The state of an object of this kind that has come to rest."""
    condition = {"status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z", "reason": "Done", "message": ""}
    wanted = spec.get("replicas", 1)
    running = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), wanted)
    if kind == "Job":
        return {"succeeded": 1, "conditions": [{**condition, "type": "Complete"}]}
    if kind == "Deployment":
        return {"observedGeneration": 1, **running, "conditions": [{**condition, "type": "Available"}]}
    if kind == "StatefulSet":
        return {"observedGeneration": 1, **running, "currentReplicas": wanted,
                "currentRevision": "a", "updateRevision": "a"}
    return {"phase": "Succeeded"} if kind == "Pod" else {}


def description(group):
    """The OpenAPI document of a group: it says of each kind that the server checks the fields itself when it is
    patched, so that Helm leaves that to it."""
    name, _, version = group.rpartition("/")
    paths = {}
    for its, kind, plural, _ in KINDS:
        if its == group:
            paths[f"/{plural}"] = {"patch": {
                "parameters": [{"name": "fieldValidation", "in": "query"}],
                "x-kubernetes-group-version-kind": {"group": name, "version": version, "kind": kind}}}
    return {"openapi": "3.0.0", "paths": paths}


class Cluster:
    """What is in it, by (kind, name), and what was done to it, in order: ("create", "Job", "pharos-migrate"), …"""

    def __init__(self):
        self.objects = {("Namespace", "kube-system"): {"apiVersion": "v1", "kind": "Namespace",
                                                       "metadata": {"name": "kube-system"}}}
        self.done = []
        self.unknown = []
        self.failing = set()
        self.watchers = []
        self.version = 1
        self.lock = threading.RLock()
        cluster = self

        class Handler(Answers):
            kept = cluster

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def put(self, verb, kind, name, body):
        with self.lock:
            self.version += 1
            old = self.objects.get((kind, name), {})
            body.setdefault("metadata", {}).update(
                uid=name, resourceVersion=str(self.version), generation=1, creationTimestamp="2026-01-01T00:00:00Z")
            body["status"] = done(kind, body.get("spec", {}))
            if (kind, name) in self.failing:
                body["status"] = {"failed": 1, "conditions": [
                    {"type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": "as the test wants"}]}
            if json.dumps(old.get("spec"), sort_keys=True) != json.dumps(body.get("spec"), sort_keys=True) or not old:
                self.done.append((verb, kind, name))
            self.objects[kind, name] = body
            self.tell("MODIFIED" if old else "ADDED", body)
            return body

    def remove(self, kind, name):
        with self.lock:
            body = self.objects.pop((kind, name))
            self.done.append(("delete", kind, name))
            self.tell("DELETED", body)
            return body

    def tell(self, what, body):
        for watcher in self.watchers:
            watcher.put({"type": what, "object": body})

    def of(self, kind):
        with self.lock:
            return {name: body for (its, name), body in self.objects.items() if its == kind}


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    kept: Cluster

    def log_message(self, *_):
        pass

    def answer(self, body, status=200):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def missing(self):
        self.answer({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}, 404)

    def body(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def place(self):
        """The kind and the name that the path is about; no name for a list."""
        parts = urlsplit(self.path).path.strip("/").split("/")
        version, rest = (parts[1], parts[2:]) if parts[0] == "api" else ("/".join(parts[1:3]), parts[3:])
        if rest[:1] == ["namespaces"] and len(rest) > 2:
            rest = rest[2:]
        for group, kind, plural, _ in KINDS:
            if rest and (group, plural) == (version, rest[0]):
                return kind, group, (rest[1] if len(rest) > 1 else None)
        return None, None, None

    def discovery(self, path):
        if path == "/version":
            return {"major": "1", "minor": "33", "gitVersion": "v1.33.0"}
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"]}
        groups = sorted({group for group, *_ in KINDS} - {"v1"})
        if path == "/openapi/v3":
            return {"paths": {("api/v1" if group == "v1" else f"apis/{group}"):
                              {"serverRelativeURL": f"/openapi/v3/{group}"} for group in [*groups, "v1"]}}
        if path == "/apis":
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
                {"name": group.split("/")[0], "versions": [{"groupVersion": group, "version": group.split("/")[1]}],
                 "preferredVersion": {"groupVersion": group, "version": group.split("/")[1]}} for group in groups]}
        for group in [*groups, "v1"]:
            if path == ("/api/v1" if group == "v1" else f"/apis/{group}"):
                return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group, "resources": [
                    {"name": plural, "singularName": kind.lower(), "kind": kind, "namespaced": bound,
                     "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"]}
                    for its, kind, plural, bound in KINDS if its == group]}
        return None

    def do_GET(self):
        parts = urlsplit(self.path)
        if parts.path.startswith("/openapi/v3/"):
            return self.answer(description(parts.path.removeprefix("/openapi/v3/")))
        found = self.discovery(parts.path)
        if found:
            return self.answer(found)
        kind, group, name = self.place()
        query = parse_qs(parts.query)
        if kind is None:
            self.kept.unknown.append(self.path)
            return self.missing()
        if query.get("watch") in (["true"], ["1"]):
            return self.watch(kind, group)
        if name is None:
            items = list(self.kept.of(kind).values())
            return self.answer({"kind": f"{kind}List", "apiVersion": group, "items": items,
                                "metadata": {"resourceVersion": str(self.kept.version)}})
        body = self.kept.of(kind).get(name)
        return self.answer(body) if body else self.missing()

    def watch(self, kind, group):
        watcher = queue.Queue()
        with self.kept.lock:
            self.kept.watchers.append(watcher)
            for body in self.kept.of(kind).values():
                watcher.put({"type": "ADDED", "object": body})
            watcher.put({"type": "BOOKMARK", "object": {"kind": kind, "apiVersion": group, "metadata": {
                "resourceVersion": str(self.kept.version), "annotations": {"k8s.io/initial-events-end": "true"}}}})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while True:
                event = watcher.get(timeout=WATCHED_SECONDS)
                if event["object"]["kind"] == kind:
                    line = json.dumps(event).encode() + b"\n"
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                    self.wfile.flush()
        except (queue.Empty, OSError):
            self.close_connection = True
        finally:
            self.kept.watchers.remove(watcher)

    def do_POST(self):
        kind, _, _ = self.place()
        body = self.body()
        self.answer(self.kept.put("create", kind, body["metadata"]["name"], body), 201)

    def do_PATCH(self):
        # Helm 4 applies on the server: the whole object comes, and its fields are those of Helm.
        kind, _, name = self.place()
        self.answer(self.kept.put("apply", kind, name, self.body()))

    def do_DELETE(self):
        kind, _, name = self.place()
        if self.headers.get("Content-Length"):
            self.body()
        if name not in self.kept.of(kind):
            return self.missing()
        self.answer(self.kept.remove(kind, name))
