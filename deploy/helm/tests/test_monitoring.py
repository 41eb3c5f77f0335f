"""Alerts, dashboards and what the autoscaler is told: read by Prometheus' own promtool."""

import json
import re
import subprocess

import pytest
import yaml
from rendering import CHART, HELM, read

REPOSITORY = HELM.parent.parent
RULES = read(CHART / "files/rules.yaml")
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"] if "alert" in rule]
DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((CHART / "dashboards").glob("*.json"))}
# What others measure: kube-state-metrics, the kubelet, the blackbox exporter.
FOREIGN = re.compile(r"kube_[a-z_]+|container_[a-z_]+|probe_[a-z_]+")
# Pharos' own metrics, with the labels that rules and dashboards may use.
OWN = {
    "pharos_build_info": {"version"},
    "pharos_http_requests_total": {"route", "status"},
    "pharos_http_request_duration_seconds_bucket": {"surface", "route", "status_class", "le"},
    "pharos_http_request_duration_seconds_count": {"surface", "route", "status_class"},
    "pharos_snapshot_revision": {"page"},
    "pharos_snapshot_age_seconds": {"page"},
    "pharos_event_streams": set(),
    "pharos_copy_written_timestamp_seconds": set(),
    "pharos_dependency_up": {"dependency"},
    "pharos_notifications_waiting": set(),
    "pharos_notifications_held": set(),
    "pharos_database_went_back_total": set(),
    "pharos_notifications_oldest_seconds": set(),
    "pharos_job_runs_total": {"task", "outcome"},
}


def promtool(*arguments):
    ran = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def panels():
    for name, dashboard in DASHBOARDS.items():
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                yield f"{name}/{panel['title']}", target["expr"]


def expressions():
    yield from panels()
    for group in RULES["groups"]:
        for rule in group["rules"]:
            yield rule.get("alert", rule.get("record")), rule["expr"]


def test_rules_are_what_prometheus_takes():
    promtool("check", "rules", str(CHART / "files/rules.yaml"))


def test_alerts_come_and_go_as_they_should():
    promtool("test", "rules", str(HELM / "tests/rules_test.yaml"))


def test_each_alert_is_tried_and_explained():
    tried = {case["alertname"] for test in read(HELM / "tests/rules_test.yaml")["tests"]
             for case in test["alert_rule_test"] if case["exp_alerts"]}
    told = (REPOSITORY / "docs/operations.md").read_text()
    explained = set(re.findall(r"^#+ (Pharos[A-Za-z]+)$", told, re.MULTILINE))
    names = {alert["alert"] for alert in ALERTS}
    assert tried == names
    assert explained == names


def test_each_alert_says_how_bad_it_is_and_what_it_is_about():
    for alert in ALERTS:
        assert alert["labels"]["severity"] in ("critical", "warning"), alert["alert"]
        assert set(alert["annotations"]) == {"summary", "description"}, alert["alert"]


def test_expressions_name_metrics_and_labels_that_exist():
    recorded = {rule["record"] for group in RULES["groups"] for rule in group["rules"] if "record" in rule}
    for where, text in expressions():
        for metric, labels in re.findall(r"\b((?:pharos|kube|container|probe|namespace:pharos)_[a-z0-9_:]+)(\{[^}]*\})?", text):
            if metric in recorded or FOREIGN.fullmatch(metric):
                continue
            assert metric in OWN, f"{where}: {metric}"
            named = set(re.findall(r"([a-z_]+)(?:=|!=|=~|!~)\"", labels))
            assert named <= OWN[metric] | {"namespace", "pod"}, f"{where}: {labels}"


def test_the_program_has_the_metrics_that_are_named():
    sources = [REPOSITORY / "app/src/telemetry.rs", *(REPOSITORY / "app/src/telemetry").rglob("*.rs")]
    has = set(re.findall(r'"(pharos_[a-z_]+)"', "".join(path.read_text() for path in sources)))
    assert {re.sub(r"_(bucket|count)$", "", name) for name in OWN} <= has


def test_objectives_are_told_by_a_bucket_that_is_there():
    buckets = re.search(r"const BUCKETS: .* = \[(.*)\];", (REPOSITORY / "app/src/telemetry/requests.rs").read_text())
    asked = {le for _, text in expressions() for le in re.findall(r'le="([^"]*)"', text)}
    assert asked and asked <= set(buckets[1].split(", "))


def test_dashboards_ask_what_prometheus_understands(tmp_path):
    rules = [{"record": "tried:expression", "expr": text.replace("$namespace", ".*"), "labels": {"panel": where}}
             for where, text in panels()]
    path = tmp_path / "panels.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", str(path))


@pytest.mark.parametrize("name", DASHBOARDS)
def test_dashboards_are_whole(name):
    dashboard = DASHBOARDS[name]
    assert dashboard["uid"] == f"pharos-{name}"
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    taken = set()
    for panel in dashboard["panels"]:
        assert panel["description"] and panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells


def test_the_adapter_gives_the_autoscaler_what_it_asks_for(tmp_path):
    rules = read(HELM / "prometheus-adapter-values.yaml")["rules"]["custom"]
    queries = {}
    for rule in rules:
        series = rule["seriesQuery"].split("{")[0]
        name = rule.get("name", {}).get("as", series)
        query = rule["metricsQuery"].replace("<<.Series>>", series).replace("<<.GroupBy>>", "pod")
        queries[name] = query.replace("<<.LabelMatchers>>", 'namespace="p",pod=~"a|b"')
    asked = {"pharos_http_requests_per_second": {"a": 100, "b": 50}, "pharos_event_streams": {"a": 7, "b": 9}}
    assert set(queries) == set(asked)
    series = [("pharos_http_requests_total", pod, route, f"0+{rate}x20")
              for pod, route, rate in [("a", "/", 1200), ("a", "/x", 300), ("b", "/", 750), ("c", "/", 9000)]]
    series += [("pharos_event_streams", pod, "", f"{open}x20") for pod, open in [("a", 7), ("b", 9), ("c", 1)]]
    test = {"evaluation_interval": "15s", "rule_files": [], "tests": [{
        "interval": "15s",
        "input_series": [{"series": f'{name}{{namespace="p",pod="{pod}",route="{route}"}}', "values": values}
                         for name, pod, route, values in series],
        "promql_expr_test": [{"expr": queries[name], "eval_time": "4m", "exp_samples": [
            {"labels": f'{{pod="{pod}"}}', "value": value} for pod, value in values.items()]}
            for name, values in asked.items()]}]}
    path = tmp_path / "adapter.yaml"
    path.write_text(yaml.safe_dump(test))
    promtool("test", "rules", str(path))


def test_a_node_whose_memory_runs_out_is_told_of(tmp_path):
    groups = read(REPOSITORY / "deploy/addons/monitoring.yaml")["additionalPrometheusRulesMap"]["nodes"]
    (tmp_path / "nodes.yaml").write_text(yaml.safe_dump(groups))
    [rule] = groups["groups"][0]["rules"]
    used = {"full": "3900000000x40", "roomy": "2000000000x40"}
    series = [{"series": f'node_memory_working_set_bytes{{node="{node}"}}', "values": values} for node, values in used.items()]
    series += [{"series": f'kube_node_status_capacity{{node="{node}",resource="{kind}"}}', "values": f"{size}x40"}
               for node in used for kind, size in [("memory", 4000000000), ("pods", 40)]]
    fired = {"exp_labels": {"severity": "warning", "namespace": "nodes", "node": "full"}, "exp_annotations": {
        "summary": "Node full has 97.5% of its memory in use", "description": rule["annotations"]["description"]}}
    test = {"rule_files": ["nodes.yaml"], "evaluation_interval": "1m", "tests": [{
        "interval": "1m", "input_series": series, "alert_rule_test": [
            {"eval_time": minutes, "alertname": "NodeMemoryShort", "exp_alerts": alerts}
            for minutes, alerts in [("5m", []), ("15m", [fired])]]}]}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(test))
    promtool("test", "rules", str(tmp_path / "test.yaml"))
