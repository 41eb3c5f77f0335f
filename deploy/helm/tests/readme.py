"""Writes the table of values into the chart's README: what each means from the schema, its default from values.yaml."""

import json
import re
import sys
from pathlib import Path

import yaml

CHART = Path(__file__).parent.parent / "pharos"
BEGIN, END = r"(<!-- values: [^\n]*-->\n)", r"(<!-- end of values -->)"


def leaves(schema, defaults, path=""):
    """Each value with its schema and default, those within an object below it."""
    for name, inner in schema["properties"].items():
        here = f"{path}.{name}" if path else name
        default = (defaults or {}).get(name)
        yield here, inner, default
        if "properties" in inner:
            yield from leaves(inner, default, here)


def row(path, schema, default):
    if "properties" in schema:
        shown = ""
    elif default == "":
        shown = "–"
    else:
        shown = f"`{json.dumps(default, ensure_ascii=False)}`"
        if len(shown) > 60:
            shown = "see values.yaml"
    allowed = ", ".join(f"`{value}`" for value in schema.get("enum", []))
    if "minimum" in schema:
        allowed = f"{schema['minimum']} to {schema['maximum']}"
    return f"| `{path}` | {schema['description']}{f' Allowed: {allowed}.' if allowed else ''} | {shown} |"


def table():
    schema = json.loads((CHART / "values.schema.json").read_text())
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    rows = [row(*leaf) for leaf in leaves(schema, defaults) if leaf[0] != "global"]
    return "\n".join(["", "| value | meaning | default |", "|---|---|---|", *rows, "", ""])


def readme():
    text = (CHART / "README.md").read_text()
    return re.sub(f"{BEGIN}.*{END}", lambda found: found[1] + table() + found[2], text, flags=re.DOTALL)


if __name__ == "__main__":
    if "--write" in sys.argv:
        (CHART / "README.md").write_text(readme())
    elif (CHART / "README.md").read_text() != readme():
        sys.exit("deploy/helm/pharos/README.md is not what the schema says: python deploy/helm/tests/readme.py --write")
