"""Rendering the chart with Helm's own engine."""

import os
from pathlib import Path

import helm_python
import yaml

HELM = Path(__file__).parent.parent
CHART = HELM / "pharos"
NEWEST = (1, 37)
OLDEST = (1, 31)
# What stands for the Secret that the chart demands where no cluster can be asked.
OWN = {"secrets": {"existingSecret": "pharos-secrets"}}


def merged(*layers):
    """Values laid over each other as Helm does it."""
    whole = {}
    for layer in layers:
        for key, value in layer.items():
            inner = whole.get(key)
            whole[key] = merged(inner, value) if isinstance(value, dict) and isinstance(inner, dict) else value
    return whole


def read(path):
    return yaml.safe_load(Path(path).read_text())


def value_sets():
    """Every set of values that must work, by name."""
    sets = {"default": OWN}
    for path in sorted((CHART / "ci").glob("*-values.yaml")):
        sets[path.name.removesuffix("-values.yaml")] = read(path)
    sets["aws"] = merged(read(CHART / "values-aws.yaml"), read(HELM / "tests/from-terraform-values.yaml"))
    # What Terraform really puts out, where that was tried.
    if os.environ.get("PHAROS_TERRAFORM_VALUES"):
        sets["terraform"] = merged(read(CHART / "values-aws.yaml"), read(os.environ["PHAROS_TERRAFORM_VALUES"]))
    return sets


def render(values, chart=CHART, **options):
    """The objects by kind and name."""
    with helm_python.Chart.load(chart) as chart:
        texts = chart.render(values, name="pharos", namespace="pharos", **options)
    found = {}
    for path, text in texts.items():
        if path.endswith((".yaml", ".yml")):
            for body in yaml.safe_load_all(text):
                if body:
                    key = (body["kind"], body["metadata"]["name"])
                    assert key not in found, f"{key} is there twice"
                    found[key] = body
    return found


def notes(values, **options):
    with helm_python.Chart.load(CHART) as chart:
        return chart.render(values, name="pharos", namespace="pharos", **options)["pharos/templates/NOTES.txt"]


def pods(objects):
    """Every pod that the objects make: (key, labels, spec)."""
    for key, body in objects.items():
        if body["kind"] == "Pod":
            yield key, body["metadata"]["labels"], body["spec"]
        elif "template" in (job := body.get("spec", {}).get("jobTemplate", body).get("spec", {})):
            template = job["template"]
            yield key, template["metadata"]["labels"], template["spec"]
