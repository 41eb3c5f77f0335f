#!/usr/bin/env python3
"""Stands in for the commands that install.sh runs: writes down what it was asked, and answers as they would.

STUB_HOME holds `calls` (a line of JSON for each), `state.json` (what AWS holds) and `fail` (a text: whoever is asked
for it fails).
"""

import json
import os
import pathlib
import sys

HOME = pathlib.Path(os.environ["STUB_HOME"])
NAME, ARGUMENTS = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
DIGEST = "sha256:" + "ab" * 32


def state():
    return json.loads((HOME / "state.json").read_text())


def option(name):
    return ARGUMENTS[ARGUMENTS.index(name) + 1]


def secret(change):
    """Changes what AWS holds of a secret: {version: {stages, text}}."""
    known = state()
    answer = change(known["secrets"])
    (HOME / "state.json").write_text(json.dumps(known))
    return answer


def describe(_):
    versions = state()["secrets"].get(option("--secret-id"), {})
    print(json.dumps({"VersionIdsToStages": {name: version["stages"] for name, version in versions.items()}} if versions else {}))


def put(given):
    def change(secrets):
        asked = json.loads(given)
        versions = secrets.setdefault(asked["SecretId"], {})
        name = f"version-{len(versions) + 1}"
        stages = asked["VersionStages"] + ([] if versions or "AWSCURRENT" in asked["VersionStages"] else ["AWSCURRENT"])
        versions[name] = {"stages": stages, "text": asked["SecretString"]}
        return name

    print(secret(change))


def move(_):
    stage = option("--version-stage")

    def change(secrets):
        versions = secrets[option("--secret-id")]
        if "--remove-from-version-id" in ARGUMENTS:
            versions[option("--remove-from-version-id")]["stages"].remove(stage)
        if "--move-to-version-id" in ARGUMENTS:
            versions[option("--move-to-version-id")]["stages"].append(stage)

    secret(change)


def get(_):
    stage = option("--version-stage") if "--version-stage" in ARGUMENTS else "AWSCURRENT"
    versions = state()["secrets"][option("--secret-id")].values()
    print(next(version["text"] for version in versions if stage in version["stages"]))


def images(_):
    if state()["images"] == 0:
        sys.exit(254)


def outputs(_):
    if "values" in ARGUMENTS:
        print("baseUrl: https://status.example.com")
    else:
        print(json.dumps(state()["facts"]))


def values(_):
    """Keeps the last file of values, which is gone afterwards."""
    if "--values" in ARGUMENTS:
        given = pathlib.Path(ARGUMENTS[len(ARGUMENTS) - 1 - ARGUMENTS[::-1].index("--values") + 1])
        (HOME / f"{ARGUMENTS[2]}.yaml").write_text(given.read_text())


def look(_):
    if "nodes" in ARGUMENTS:
        print(json.dumps({"items": [{"metadata": {"name": "node-1"}, "status": {"allocatable": {"pods": state()["pods"]}}}]}))
    elif any(job in ARGUMENTS for job in state()["jobs"]):
        print("1", end="")


ANSWERS = {
    ("aws", "describe-secret"): describe,
    ("aws", "put-secret-value"): put,
    ("aws", "update-secret-version-stage"): move,
    ("aws", "get-secret-value"): get,
    ("aws", "describe-images"): images,
    ("aws", "get-login-password"): lambda _: print("registry-password"),
    ("skopeo", "inspect"): lambda _: print(DIGEST),
    ("terraform", "output"): outputs,
    ("helm", "upgrade"): values,
    ("kubectl", "get"): look,
    ("kubectl", "configmap"): lambda _: print("kind: ConfigMap"),
}


def main():
    # Only what is piped in: a terminal, or nothing, has no end.
    piped = any(word in ("-", "file:///dev/stdin", "--password-stdin") for word in ARGUMENTS)
    given = sys.stdin.read() if piped else ""
    with open(HOME / "calls", "a") as calls:
        calls.write(json.dumps({"name": NAME, "arguments": ARGUMENTS, "input": given}) + "\n")
    failing = (HOME / "fail").read_text().strip() if (HOME / "fail").exists() else None
    if failing and failing in " ".join([NAME, *ARGUMENTS]):
        sys.exit(1)
    for (name, word), answer in ANSWERS.items():
        if name == NAME and word in ARGUMENTS:
            answer(given)
            return


main()
