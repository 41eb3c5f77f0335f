"""The nightly jobs of addons/backup.yaml, container by container: what pods of Pharos' image run by the binary, and what
those of AWS' command line run by that command line."""

import os
import pathlib
import re
import subprocess

import boto3
import yaml

JOBS = pathlib.Path(__file__).resolve().parents[1] / "addons/backup.yaml"
PATIENCE = 120


def jobs(facts):
    """The containers of each job in their order, filled in as install.sh does it."""
    text = JOBS.read_text()
    for name, value in {"IMAGE": "pharos", "REGION": "us-east-1", **facts}.items():
        text = text.replace(f"@{name}@", value)
    left = re.search(r"@[A-Z_]+@", text)
    assert not left, f"{left[0]} is not filled in"
    found = {}
    for body in yaml.safe_load_all(text):
        if body["kind"] == "CronJob":
            pod = body["spec"]["jobTemplate"]["spec"]["template"]["spec"]
            found[body["metadata"]["name"]] = pod["initContainers"] + pod["containers"]
    return found


def run(containers, work, pharos):
    """Whether all of them did what they are for; what they share is the folder `work`."""
    for container in containers:
        here = lambda text: text.replace("/work", str(work))
        given = {entry["name"]: here(entry["value"]) for entry in container.get("env", [])}
        command = [pharos.binary] if container["image"] == "pharos" else container["command"]
        environment = {name: value for name, value in pharos.environment.items() if not name.startswith("PHAROS_")}
        environment["PATH"] = f"{os.environ['PHAROS_TEST_AWSCLI']}:{environment['PATH']}"
        # Version 1 of the command line, which can be had here, calls the variable so; that in the image reads both.
        environment["AWS_DEFAULT_REGION"] = given.get("AWS_REGION", environment["AWS_REGION"])
        done = subprocess.run([*command, *map(here, container["args"])], env={**environment, **given}, capture_output=True, text=True, timeout=PATIENCE, check=False)
        if done.returncode != 0:
            return f"{container['name']}: {done.stdout}{done.stderr}"
    return None


def metric(namespace):
    found = boto3.client("cloudwatch", region_name="us-east-1").list_metrics(Namespace=namespace)["Metrics"]
    return [one["MetricName"] for one in found]


def check(install, url, work, pharos):
    """Exports into the bucket that Terraform made, restores from there, and finds what is wrong with it."""
    backup = install["backup"]
    facts = {"DATABASE_URL": url, "KEYS": backup["keys"], "BUCKET": backup["bucket"], "NAMESPACE": backup["namespace"]}
    storage = boto3.client("s3", region_name="us-east-1")
    # The imitation takes the refusal of what comes without TLS for one of everything.
    policy = storage.get_bucket_policy(Bucket=backup["bucket"])["Policy"]
    storage.delete_bucket_policy(Bucket=backup["bucket"])
    try:
        nightly = jobs(facts)
        for folder in ("none", "export", "restore", "changed"):
            (work / folder).mkdir()
        told = run(nightly["restore"], work / "none", pharos)
        assert told and "There is no export since" in told, f"a restore without an export: {told}"
        assert (told := run(nightly["export"], work / "export", pharos)) is None, told
        assert metric(backup["namespace"]) == [], "the metric is set by the restore, and by nothing else"
        *before, compare = nightly["restore"]
        assert (told := run(before, work / "restore", pharos)) is None, told
        rows = (work / "restore/again.jsonl").read_text()
        (work / "restore/again.jsonl").write_text(rows.replace('"After"', '"Other"'))
        told = run([compare], work / "restore", pharos)
        assert told and "differs" in told and metric(backup["namespace"]) == [], f"a restore that lost something: {told}"
        (work / "restore/again.jsonl").write_text(rows)
        assert (told := run([compare], work / "restore", pharos)) is None, told
        assert metric(backup["namespace"]) == ["RestoredExports"]
    finally:
        storage.put_bucket_policy(Bucket=backup["bucket"], Policy=policy)
