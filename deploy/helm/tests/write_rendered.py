"""Writes what the chart renders, a file for each set of values: python write_rendered.py FOLDER."""

import json
import sys
from pathlib import Path

import yaml
from rendering import render, value_sets

for name, values in value_sets().items():
    objects = render(values).values()
    Path(sys.argv[1], f"{name}.yaml").write_text(yaml.safe_dump_all(objects, sort_keys=False))
    Path(sys.argv[1], f"{name}.json").write_text(json.dumps(list(objects)))
