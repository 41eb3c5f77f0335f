"""What the chart renders: each set of values, each object on and off, what is refused and by which name."""

import ipaddress
import json
import re

import helm_python
import kubernetes_validate
import pytest
import yaml
from readme import leaves, readme
from rendering import CHART, HELM, NEWEST, OLDEST, OWN, merged, notes, pods, read, render, value_sets

SETS = value_sets()
# What the published schemas of Kubernetes do not hold.
CUSTOM = {"ServiceMonitor", "PodMonitor", "PrometheusRule", "HTTPRoute", "TargetGroupBinding", "ScaledObject",
          "ExternalSecret", "Probe"}
VERSIONS = [f"{OLDEST[0]}.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1)]


@pytest.mark.parametrize("name", SETS)
def test_lints(name):
    found = helm_python.lint(CHART, SETS[name], strict=True)
    # An icon is for catalogues of charts, and would be fetched from elsewhere.
    assert [m for m in found["messages"] if "icon is recommended" not in m["error"]] == []


@pytest.mark.parametrize("name", SETS)
def test_installs_as_far_as_that_goes_without_a_cluster(name):
    config = helm_python.Config(storage_driver="memory", kube_apiserver="http://127.0.0.1:1", namespace="pharos",
                                kubeconfig_content="apiVersion: v1\nkind: Config\n")
    with config:
        config.install(CHART, "pharos", SETS[name], namespace="pharos", dry_run="client")


@pytest.fixture(scope="module")
def objects_of_all_sets():
    """Each object that any set of values makes, once."""
    found = {}
    for name, values in SETS.items():
        for is_upgrade in (False, True):
            for key, body in render(values, is_upgrade=is_upgrade, is_install=not is_upgrade).items():
                found[json.dumps(body, sort_keys=True)] = (f"{name}: {' '.join(key)}", body)
    return found.values()


@pytest.mark.parametrize("version", VERSIONS)
def test_is_what_kubernetes_takes(version, objects_of_all_sets):
    for where, body in objects_of_all_sets:
        if body["kind"] not in CUSTOM:
            try:
                kubernetes_validate.validate(body, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                pytest.fail(f"{where}: {error.message}")


@pytest.mark.parametrize("name", SETS)
def test_pods_are_restricted(name):
    for key, _, spec in pods(render(SETS[name])):
        security = spec["securityContext"]
        assert security["runAsNonRoot"] is True and security["runAsUser"] > 0, key
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, key
        assert spec["automountServiceAccountToken"] is False, key
        assert not any(spec.get(host) for host in ("hostNetwork", "hostPID", "hostIPC")), key
        for container in spec["containers"] + spec.get("initContainers", []):
            inner = container["securityContext"]
            assert inner["allowPrivilegeEscalation"] is False and inner["readOnlyRootFilesystem"] is True, key
            assert inner["capabilities"] == {"drop": ["ALL"]}, key
            resources = container["resources"]
            assert {"cpu", "memory"} <= set(resources["requests"]) and "memory" in resources["limits"], key
            # A limit of CPU slows down the start.
            assert "cpu" not in resources["limits"], key
        for volume in spec.get("volumes", []):
            assert set(volume) - {"name"} <= {"emptyDir", "configMap", "secret"}, key
            assert "sizeLimit" in volume.get("emptyDir", {"sizeLimit": ""}), key


@pytest.mark.parametrize("name", SETS)
def test_selectors_find_the_pods_and_never_change(name):
    objects = render(SETS[name])
    selecting = [(key, body["spec"]["selector"]) for key, body in objects.items()
                 if key[0] in ("Deployment", "StatefulSet", "Service", "PodDisruptionBudget")]
    assert selecting
    for key, selector in selecting:
        wanted = selector.get("matchLabels", selector)
        assert set(wanted) == {f"app.kubernetes.io/{part}" for part in ("name", "instance", "component")}, key
        assert any(wanted.items() <= labels.items() for _, labels, _ in pods(objects)), key


@pytest.mark.parametrize("name", SETS)
def test_no_secret_is_in_what_is_rendered(name):
    assert not [key for key in render(SETS[name]) if key[0] == "Secret"]


ROLES = {"database": {
    "migrations": {"serviceAccount": {"create": True}}, "rotation": {"enabled": True},
    "bootstrap": {"enabled": True, "administratorUrl": "postgres://{aws:m#username}:{aws:m#password}@db/pharos",
                  "ownerSecret": "o", "applicationSecret": "a"}}}

# Each object that can be asked for or done without: (values with it, values without it, kind, name).
OPTIONAL = [
    ({"worker": {"enabled": True}}, {}, "Deployment", "pharos-worker"),
    ({"worker": {"enabled": True}}, {}, "NetworkPolicy", "pharos-worker"),
    ({"autoscaling": {"enabled": True}}, {}, "HorizontalPodAutoscaler", "pharos"),
    ({"keda": {"enabled": True}}, {}, "ScaledObject", "pharos"),
    ({}, {"podDisruptionBudget": {"enabled": False}}, "PodDisruptionBudget", "pharos"),
    ({"priorityClass": {"create": True, "name": "high"}}, {"priorityClass": {"name": "high"}}, "PriorityClass", "high"),
    ({}, {"serviceAccount": {"create": False}}, "ServiceAccount", "pharos"),
    ({"serviceAccount": {"name": "mine"}}, {}, "ServiceAccount", "mine"),
    ({"ingress": {"enabled": True, "hosts": ["a.example.com"]}}, {}, "Ingress", "pharos"),
    ({"httpRoute": {"enabled": True, "parentRefs": [{"name": "g"}]}}, {}, "HTTPRoute", "pharos"),
    ({"targetGroupBinding": {"enabled": True, "targetGroupArn":
      "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/a/b"}}, {}, "TargetGroupBinding", "pharos"),
    ({"metrics": {"serviceMonitor": {"enabled": True}}}, {}, "ServiceMonitor", "pharos"),
    ({"metrics": {"podMonitor": {"enabled": True}}}, {}, "PodMonitor", "pharos"),
    ({"metrics": {"probe": {"enabled": True}}}, {}, "Probe", "pharos"),
    ({"metrics": {"rules": {"enabled": True}}}, {}, "PrometheusRule", "pharos"),
    ({"metrics": {"dashboards": {"enabled": True}}}, {}, "ConfigMap", "pharos-dashboard-page"),
    ({"metrics": {"dashboards": {"enabled": True}}}, {}, "ConfigMap", "pharos-dashboard-behind"),
    ({"tests": {"incident": {"existingSecret": "t"}}}, {}, "Pod", "pharos-test-incident"),
    ({}, {"database": {"migrations": {"enabled": False}}}, "Job", "pharos-migrate"),
    ({}, {"database": {"migrations": {"enabled": False}}}, "NetworkPolicy", "pharos-migrate"),
    *[(ROLES, {}, *made) for made in [
        ("Job", "pharos-bootstrap"), ("ServiceAccount", "pharos-bootstrap"), ("CronJob", "pharos-rotation"),
        ("ServiceAccount", "pharos-owner")]],
    *[({}, {"bundled": {"postgres": {"enabled": False}}}, kind, "pharos-postgres")
      for kind in ("StatefulSet", "Service", "NetworkPolicy")],
    *[({}, off, kind, "pharos-redis") for kind in ("Deployment", "Service", "NetworkPolicy")
      for off in ({"bundled": {"redis": {"enabled": False}}}, {"redis": {"enabled": False}})],
    *[({}, {"networkPolicy": {"enabled": False}}, "NetworkPolicy", name)
      for name in ("pharos", "pharos-server", "pharos-migrate", "pharos-test", "pharos-postgres", "pharos-redis")],
    ({"secrets": {"existingSecret": "", "externalSecret": {"enabled": True, "store": {"name": "s"}, "data": [
        {"secretKey": "keys", "remoteRef": {"key": "k"}}]}}}, {}, "ExternalSecret", "pharos-external"),
]


@pytest.mark.parametrize("on,off,kind,name", OPTIONAL)
def test_is_there_when_asked_for_and_only_then(on, off, kind, name):
    assert (kind, name) in render(merged(OWN, on))
    assert (kind, name) not in render(merged(OWN, off))


def test_each_template_is_rendered_by_some_test_and_left_out_by_another():
    always = {"deployment.yaml", "service.yaml", "service-siblings.yaml", "tests/page.yaml"}
    # Only where a cluster can be asked: test_release.py.
    elsewhere = {"secret.yaml"}
    made, left = set(), set()
    with helm_python.Chart.load(CHART) as chart:
        for values in [merged(OWN, part) for optional in OPTIONAL for part in optional[:2]]:
            for path, text in chart.render(values, name="pharos", namespace="pharos").items():
                (made if list(filter(None, yaml.safe_load_all(text)))else left).add(path) \
                    if path.endswith(".yaml") else None
    paths = {str(path.relative_to(CHART / "templates")) for path in (CHART / "templates").rglob("*.yaml")}
    short = {path.removeprefix("pharos/templates/") for path in made}
    assert short == paths - elsewhere
    assert {path.removeprefix("pharos/templates/") for path in left} >= paths - always - elsewhere


# What is refused: (values, what the refusal names).
REFUSED = [
    ({"replicaCounts": 3}, "replicaCounts"),
    ({"database": {"uri": "x"}}, "/database"),
    ({"database": {"url": "postgres://pharos:secret@db/pharos"}}, "/database/url"),
    ({"redis": {"url": "rediss://:secret@cache"}}, "/redis/url"),
    ({"smtp": {"url": "smtps://me:secret@mail"}}, "/smtp/url"),
    ({"keys": {"reference": "c2VjcmV0"}}, "/keys/reference"),
    ({"baseUrl": "status.example.com"}, "/baseUrl"),
    ({"baseUrl": "https://example.com/status"}, "/baseUrl"),
    ({"image": {"digest": "latest"}}, "/image/digest"),
    ({"replicaCount": 0}, "/replicaCount"),
    ({"replicaCount": "2"}, "/replicaCount"),
    ({"log": {"format": "xml"}}, "/log/format"),
    ({"copyTo": "https://bucket/site"}, "/copyTo"),
    ({"trustedProxies": ["10.0.0.0"]}, "/trustedProxies/0"),
    ({"networkPolicy": {"clients": [{"ipBlocks": {}}]}}, "/networkPolicy/clients/0"),
    ({"resources": {"limits": {"memory": "lots"}}}, "/resources/limits/memory"),
    ({"extraEnv": [{"value": "x"}]}, "/extraEnv/0"),
    ({"drain": {"preStopSeconds": 60, "unreadySeconds": 60}}, "drain"),
    ({"replicaCount": 5}, "database.maxConnections"),
    ({"autoscaling": {"enabled": True, "maxReplicas": 5}}, "database.maxConnections"),
    ({"autoscaling": {"enabled": True, "minReplicas": 5}}, "autoscaling"),
    ({"autoscaling": {"enabled": True}, "keda": {"enabled": True}}, "keda.enabled"),
    ({"database": {"bootstrap": {"enabled": True}, "migrations": {"serviceAccount": {"create": True}}}},
     "database.bootstrap.administratorUrl"),
    ({"database": {"bootstrap": {"administratorUrl": "postgres://me:secret@db/pharos"}}}, "/database/bootstrap/administratorUrl"),
    ({"database": {"rotation": {"enabled": True}}}, "database.rotation.applicationSecret"),
    ({"ingress": {"enabled": True}}, "ingress.hosts"),
    ({"ingress": {"enabled": True, "hosts": ["a.b"], "alb": {"enabled": True}}}, "ingress.alb.certificateArn"),
    ({"httpRoute": {"enabled": True}}, "httpRoute.parentRefs"),
    ({"oidc": {"issuer": "http://id.example.com"}}, "/oidc/issuer"),
    ({"oidc": {"issuer": "https://id.example.com"}}, "oidc.clientId"),
    ({"oidc": {"roles": {"sre": "owner"}}}, "oidc.issuer"),
    ({"oidc": {"only": True}}, "oidc.issuer"),
    ({"oidc": {"issuer": "https://id.example.com", "clientId": "p", "roles": {"sre": "root"}}}, "/oidc/roles/sre"),
    ({"oidc": {"issuer": "https://id.example.com", "clientId": "p", "clientSecret": {"reference": "s3cret"}}},
     "/oidc/clientSecret/reference"),
    ({"smtp": {"enabled": True, "from": "Status"}}, "/smtp/from"),
    ({"metrics": {"probe": {"enabled": True, "prober": "http://exporter"}}}, "/metrics/probe/prober"),
    ({"database": {"bootstrap": {"enabled": True, "administratorUrl": "postgres://{aws:m#u}:{aws:m#p}@db/pharos",
                                 "ownerSecret": "o", "applicationSecret": "a"}}}, "database.migrations.serviceAccount.create"),
    ({"targetGroupBinding": {"enabled": True}}, "targetGroupBinding.targetGroupArn"),
    ({"priorityClass": {"create": True}}, "priorityClass.name"),
    ({"secrets": {"existingSecret": ""}}, "secrets.existingSecret"),
    ({"secrets": {"existingSecret": ""}, "bundled": {"postgres": {"enabled": False}}}, "database.url"),
    ({"secrets": {"existingSecret": ""}, "bundled": {"redis": {"enabled": False}}}, "redis.url"),
    ({"secrets": {"existingSecret": ""}, "smtp": {"enabled": True}}, "smtp.url"),
    ({"secrets": {"existingSecret": "", "externalSecret": {"enabled": True}}}, "secrets.externalSecret.store.name"),
]


@pytest.mark.parametrize("values,named", REFUSED)
def test_a_bad_value_is_refused_by_its_name(values, named):
    with pytest.raises(helm_python.HelmError) as refusal:
        render(merged(OWN, values))
    assert named in str(refusal.value)


@pytest.mark.parametrize("url", [
    "postgres://db.example.com/pharos", "postgres://pharos@db.example.com/pharos?sslmode=verify-full",
    "postgres://{aws:a#u}:{aws:a#p}@{aws:a#h}:{aws:a#o}/{aws:a#d}?sslmode=verify-full"])
def test_an_address_without_a_secret_is_taken(url):
    assert env(render(merged(OWN, {"database": {"url": url}})), "Deployment", "pharos")["PHAROS_DATABASE_URL"] == url


def test_the_schema_is_closed_and_complete():
    schema = json.loads((CHART / "values.schema.json").read_text())
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())

    def walk(node, path):
        if isinstance(node, dict):
            if "properties" in node and node.get("type", "object") == "object":
                assert node.get("additionalProperties") is False, path
            for key, inner in node.items():
                walk(inner, f"{path}/{key}")
        elif isinstance(node, list):
            for index, inner in enumerate(node):
                walk(inner, f"{path}/{index}")

    walk(schema, "")
    for path, inner, default in leaves(schema, defaults):
        assert inner.get("description"), path
        assert default is not None or path == "global", f"{path} is not in values.yaml"


def test_the_readme_is_what_the_schema_says():
    assert (CHART / "README.md").read_text() == readme(), "python deploy/helm/tests/readme.py --write"


def test_the_chart_is_of_the_release():
    chart = read(CHART / "Chart.yaml")
    cargo = (HELM.parent.parent / "Cargo.toml").read_text()
    assert f'version = "{chart["appVersion"]}"' in cargo


def env(objects, kind, name):
    container = objects[kind, name]["spec"]["template"]["spec"]["containers"][0]
    return {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in container["env"]}


def test_each_role_of_the_database_has_an_account_and_knows_nothing_of_the_others():
    objects = render(SETS["aws"])
    told = {}
    for name, kind, account in [("pharos-bootstrap", "Job", "pharos-bootstrap"), ("pharos-migrate", "Job", "pharos-owner"),
                                ("pharos-rotation", "CronJob", "pharos-owner"), ("pharos", "Deployment", "pharos")]:
        [spec] = [spec for key, _, spec in pods(objects) if key == (kind, name)]
        assert spec["serviceAccountName"] == account, name
        assert ("ServiceAccount", account) in objects
        told[name] = {entry["name"]: entry.get("value") for entry in spec["containers"][0]["env"]}
    shown = {name: json.dumps(variables) for name, variables in told.items()}
    assert "rds!db" in shown.pop("pharos-bootstrap") and not any("rds!db" in text for text in shown.values())
    assert "prod/owner" in shown["pharos-migrate"] and "prod/owner" not in shown["pharos"]
    assert told["pharos-rotation"]["PHAROS_DATABASE_URL"] == told["pharos-migrate"]["PHAROS_DATABASE_URL"]
    assert told["pharos-rotation"]["PHAROS_APPLICATION_SECRET"] == told["pharos-bootstrap"]["PHAROS_APPLICATION_SECRET"]
    assert "PHAROS_KEYS" not in told["pharos-migrate"], "who migrates signs nothing"


def test_roles_are_made_before_the_schema_and_their_accounts_before_that():
    for is_upgrade in (False, True):
        objects = render(SETS["aws"], is_upgrade=is_upgrade, is_install=not is_upgrade)
        hooks = {key: body["metadata"].get("annotations", {}) for key, body in objects.items()}
        weight = {key: int(its.get("helm.sh/hook-weight", 0)) for key, its in hooks.items() if "helm.sh/hook" in its}
        assert weight["ServiceAccount", "pharos-owner"] < weight["Job", "pharos-bootstrap"] < 0
        assert all(hooks[key]["helm.sh/hook"] == "pre-install,pre-upgrade" for key, its in weight.items() if its < 0)
        [migrate] = [key for key in objects if key[0] == "Job" and "migrate" in key[1]]
        assert weight.get(migrate) == (0 if is_upgrade else None)


def test_jobs_run_in_the_worker_or_else_in_the_pods_of_the_page():
    assert env(render(OWN), "Deployment", "pharos")["PHAROS_JOBS"] == "1"
    objects = render(merged(OWN, {"worker": {"enabled": True}}))
    assert env(objects, "Deployment", "pharos")["PHAROS_JOBS"] == "0"
    assert objects["Deployment", "pharos-worker"]["spec"]["template"]["spec"]["containers"][0]["args"] == ["worker"]


def test_settings_that_are_set_reach_the_pods():
    told = env(render(SETS["external"]), "Deployment", "pharos")
    assert told["PHAROS_BASE_URL"] == "https://status.example.com"
    assert told["PHAROS_CONSOLE_URL"] == "https://status-console.example.com"
    assert told["PHAROS_TRUSTED_PROXIES"] == "10.0.0.0/16,fd00::/8"
    assert told["PHAROS_SIBLINGS"] == "pharos-siblings.pharos.svc:9464"
    assert told["PHAROS_REDIS_CA"] == "/etc/pharos/redis-ca/redis.pem"
    for variable, key in [("PHAROS_KEYS", "keys"), ("PHAROS_DATABASE_URL", "database-url"),
                          ("PHAROS_REDIS_URL", "redis-url"), ("PHAROS_SMTP_URL", "smtp-url")]:
        assert told[variable] == {"secretKeyRef": {"name": "pharos-secrets", "key": key}}


def variables_of(names, told):
    return {name: value for name, value in told.items() if name.startswith(names)}


SIGN_IN = {"oidc": {"issuer": "https://id.example.com/realms/staff", "clientId": "pharos",
                    "roles": {"sre": "owner", "on-call": "responder"}}}


def test_people_sign_in_with_a_provider_where_one_is_named():
    assert variables_of(("PHAROS_OIDC", "PHAROS_SSO"), env(render(OWN), "Deployment", "pharos")) == {}
    objects = render(merged(OWN, SIGN_IN, {"worker": {"enabled": True}}))
    assert variables_of(("PHAROS_OIDC", "PHAROS_SSO"), env(objects, "Deployment", "pharos")) == {
        "PHAROS_OIDC_ISSUER": "https://id.example.com/realms/staff", "PHAROS_OIDC_CLIENT_ID": "pharos",
        "PHAROS_OIDC_GROUPS_CLAIM": "groups", "PHAROS_OIDC_ROLES": "on-call=responder,sre=owner", "PHAROS_SSO_ONLY": "false"}
    # Nobody signs in at the worker.
    assert variables_of("PHAROS_OIDC", env(objects, "Deployment", "pharos-worker")) == {}


@pytest.mark.parametrize("secret,told", [
    ({"reference": "{aws:arn:oidc#secret}"}, "{aws:arn:oidc#secret}"),
    ({"existingSecret": "sign-in"}, {"secretKeyRef": {"name": "sign-in", "key": "oidc-client-secret"}}),
    ({"existingSecret": "sign-in", "key": "secret"}, {"secretKeyRef": {"name": "sign-in", "key": "secret"}})])
def test_the_providers_secret_is_looked_up(secret, told):
    objects = render(merged(OWN, SIGN_IN, {"oidc": {"clientSecret": secret}}))
    assert env(objects, "Deployment", "pharos")["PHAROS_OIDC_CLIENT_SECRET"] == told


def provider_rules(values):
    rules = render(merged(OWN, {"worker": {"enabled": True}}, values))["NetworkPolicy", "pharos-server"]["spec"]["egress"]
    return [([peer["ipBlock"] for peer in rule["to"]], [port["port"] for port in rule["ports"]])
            for rule in rules if "ipBlock" in rule["to"][0]]


def test_the_page_reaches_the_provider_and_nothing_private_that_way():
    assert provider_rules({}) == []
    [(blocks, ports)] = provider_rules(SIGN_IN)
    assert ports == [443] and [block["cidr"] for block in blocks] == ["0.0.0.0/0", "2000::/3"]
    assert set(PRIVATE) <= set(blocks[0]["except"])
    named = merged(SIGN_IN, {"networkPolicy": {"identityProvider": {"cidrs": ["10.1.2.3/32"], "ports": [8443]}}})
    assert provider_rules(named) == [([{"cidr": "10.1.2.3/32"}], [8443])]


def test_mails_say_who_they_are_from():
    values = {"smtp": {"enabled": True, "url": "smtp://mail:25", "from": "Status <status@example.com>"}}
    told = env(render(merged(OWN, values, {"worker": {"enabled": True}})), "Deployment", "pharos-worker")
    assert told["PHAROS_MAIL_FROM"] == "Status <status@example.com>" and told["PHAROS_SMTP_URL"] == "smtp://mail:25"
    assert "PHAROS_MAIL_FROM" not in env(render(OWN), "Deployment", "pharos")


def test_the_page_is_asked_from_outside_under_the_name_that_the_alert_goes_by():
    values = {"metrics": {"probe": {"enabled": True}, "rules": {"enabled": True}}, "fullnameOverride": "status",
              "baseUrl": "https://status.example.com"}
    objects = render(merged(OWN, values))
    spec = objects["Probe", "status"]["spec"]
    assert spec["targets"] == {"staticConfig": {"static": ["https://status.example.com"]}}
    [expression] = [rule["expr"] for group in objects["PrometheusRule", "status"]["spec"]["groups"]
                    for rule in group["rules"] if rule.get("alert") == "PharosCertificateExpires"]
    [pattern] = re.findall(r'job=~"([^"]*)"', expression)
    assert re.fullmatch(pattern, spec["jobName"])


def test_alerts_are_of_this_release_whatever_it_is_called():
    objects = render(merged(OWN, {"fullnameOverride": "status", "staleAfterMinutes": 3, "metrics": {"rules": {"enabled": True}}}))
    text = json.dumps(objects["PrometheusRule", "status"])
    patterns = set(re.findall(r'(?:deployment|horizontalpodautoscaler)=~\\"([^"]*)\\"', text))
    [pattern] = patterns
    assert all(re.fullmatch(pattern, name) for name in ["status", "status-worker", "keda-hpa-status"])
    assert not any(re.fullmatch(pattern, name) for name in ["pharos", "other-status", "statuspage"])
    assert "(pharos_snapshot_age_seconds) > 180" in text and "> 600" not in text


def test_a_copy_is_kept_only_where_it_is_asked_for():
    told = env(render(merged(OWN, {"copyTo": "s3://status/site"})), "Deployment", "pharos")
    assert told["PHAROS_COPY_TO"] == "s3://status/site" and "PHAROS_COPY_TO" not in env(render(OWN), "Deployment", "pharos")


def test_a_changed_setting_rolls_the_pods():
    before, after = (render(merged(OWN, {"staleAfterMinutes": minutes})) for minutes in (10, 11))
    assert before["Deployment", "pharos"]["spec"]["template"] != after["Deployment", "pharos"]["spec"]["template"]


@pytest.mark.parametrize("name", SETS)
def test_only_readiness_asks_what_pods_depend_on(name):
    for (kind, its), body in render(SETS[name]).items():
        if kind == "Deployment" and "redis" not in its:
            container = body["spec"]["template"]["spec"]["containers"][0]
            assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
            assert container["startupProbe"]["httpGet"]["path"] == "/livez"
            assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


@pytest.mark.parametrize("name", SETS)
def test_pods_have_the_time_that_their_end_takes_within_two_minutes(name):
    spec = render(SETS[name])["Deployment", "status" if name == "minimal" else "pharos"]["spec"]["template"]["spec"]
    container = spec["containers"][0]
    told = {entry["name"]: entry.get("value") for entry in container["env"]}
    slept = container.get("lifecycle", {"preStop": {"sleep": {"seconds": 0}}})["preStop"]["sleep"]["seconds"]
    needed = slept + int(told["PHAROS_DRAIN_SECONDS"]) + int(told["PHAROS_GRACE_SECONDS"])
    assert needed < spec["terminationGracePeriodSeconds"] <= 110


def cores(text):
    return int(text.removesuffix("m")) / 1000 if text.endswith("m") else float(text)


def test_four_pods_fit_on_a_t3a_medium_beside_what_every_node_runs():
    requests = read(CHART / "values.yaml")["resources"]["requests"]
    # What EKS leaves of 2 cores and 4 GiB, less CNI, kube-proxy, agents and a share of the add-ons.
    assert 4 * cores(requests["cpu"]) <= 1.93 - 0.75
    assert 4 * int(requests["memory"].removesuffix("Mi")) <= 3300 - 1200


def test_the_autoscaler_goes_up_at_once_and_down_slowly():
    spec = render(SETS["aws"])["HorizontalPodAutoscaler", "pharos"]["spec"]
    assert spec["behavior"]["scaleUp"]["stabilizationWindowSeconds"] == 0
    assert spec["behavior"]["scaleDown"]["stabilizationWindowSeconds"] >= 300
    named = [metric.get("pods", metric.get("containerResource"))for metric in spec["metrics"]]
    assert [m.get("name", m.get("metric", {}).get("name")) for m in named] == [
        "cpu", "pharos_http_requests_per_second", "pharos_event_streams"]
    # Who scales by itself must not be told how many there are at each upgrade.
    assert "replicas" not in render(SETS["aws"])["Deployment", "pharos"]["spec"]


@pytest.mark.parametrize("name", [name for name in SETS if name != "minimal"])
def test_nothing_passes_that_no_policy_names(name):
    objects = render(SETS[name])
    policies = {key[1]: body["spec"] for key, body in objects.items() if key[0] == "NetworkPolicy"}
    deny = policies["pharos"]
    assert deny["policyTypes"] == ["Ingress", "Egress"] and "ingress" not in deny and "egress" not in deny
    for key, labels, _ in pods(objects):
        assert deny["podSelector"]["matchLabels"].items() <= labels.items(), key
    for its, policy in policies.items():
        for rule in policy.get("egress", []):
            assert rule.get("to") and rule.get("ports"), f"{its} lets everything out"
        for rule in policy.get("ingress", []):
            assert rule.get("ports"), f"{its} opens every port"
            if its != "pharos-server" or rule["ports"][0]["port"] != 8080:
                assert rule.get("from"), f"{its} lets everybody in"


PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "127.0.0.0/8"]


def test_what_reaches_aws_reaches_nothing_private():
    objects = render(SETS["aws"])
    for name in ["pharos-server", "pharos-migrate"]:
        rules = objects["NetworkPolicy", name]["spec"]["egress"]
        everywhere = [peer["ipBlock"] for rule in rules for peer in rule["to"]
                      if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"]
        assert everywhere, name
        assert all(set(PRIVATE) <= set(block["except"]) for block in everywhere), name


def test_a_node_that_is_drained_keeps_no_pod_from_the_others():
    for constraint in render(OWN)["Deployment", "pharos"]["spec"]["template"]["spec"]["topologySpreadConstraints"]:
        assert constraint["nodeTaintsPolicy"] == "Honor"


def test_test_pods_can_write_to_tmp_and_leave_their_logs():
    objects = render(merged(OWN, {"baseUrl": "https://status.example.com", "tests": {"incident": {"existingSecret": "t"}}}))
    for name in ["pharos-test-page", "pharos-test-incident"]:
        pod = objects["Pod", name]
        assert pod["metadata"]["annotations"]["helm.sh/hook-delete-policy"] == "before-hook-creation"
        [container] = pod["spec"]["containers"]
        assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]
        assert [volume["name"] for volume in pod["spec"]["volumes"]] == ["tmp"]
        # With several pages, each answers under its own host.
        assert {"name": "PAGE_HOST", "value": "status.example.com"} in container["env"]


def test_keda_falls_back_only_where_there_is_more_than_cpu():
    on = {"keda": {"enabled": True}}
    assert "fallback" not in render(merged(OWN, on))["ScaledObject", "pharos"]["spec"]
    more = merged(OWN, {**on, "autoscaling": {"streams": {"enabled": True}}})
    assert "fallback" in render(more)["ScaledObject", "pharos"]["spec"]


def internet(objects, name):
    rules = objects["NetworkPolicy", name]["spec"]["egress"]
    blocks = [peer["ipBlock"] for rule in rules for peer in rule["to"] if "ipBlock" in peer]
    return [block for block in blocks if block["cidr"] == "0.0.0.0/0" and "except" in block]


def test_only_what_sends_reaches_the_internet_and_nothing_private_that_way():
    with_worker = render(merged(OWN, {"worker": {"enabled": True}}))
    assert internet(with_worker, "pharos-server") == []
    for objects, name in [(with_worker, "pharos-worker"), (render(OWN), "pharos-server")]:
        [block] = internet(objects, name)
        left_out = [ipaddress.ip_network(cidr) for cidr in block["except"]]
        for private in map(ipaddress.ip_network, PRIVATE):
            assert any(private.subnet_of(network) for network in left_out), private


def test_dashboards_and_alerts_reach_the_cluster_as_they_are():
    objects = render(SETS["external"])
    for path in (CHART / "dashboards").glob("*.json"):
        body = objects["ConfigMap", f"pharos-dashboard-{path.stem}"]
        assert json.loads(body["data"][path.name]) == json.loads(path.read_text())
        assert body["metadata"]["labels"]["grafana_dashboard"] == "1"
    told = json.dumps(read(CHART / "files/rules.yaml")).replace(".*pharos.*", "(keda-hpa-)?pharos(-.*)?")
    assert objects["PrometheusRule", "pharos"]["spec"] == json.loads(told)


def test_argo_cd_has_the_schema_ready_before_the_pods():
    objects = render(SETS["bundled"])
    wave = {key: int(body["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", 0))
            for key, body in objects.items()}
    assert wave["StatefulSet", "pharos-postgres"] < wave["Job", "pharos-migrate"] < wave["Deployment", "pharos"]
    assert wave["ServiceAccount", "pharos"] < wave["Job", "pharos-migrate"]
    assert wave["NetworkPolicy", "pharos-migrate"] < wave["Job", "pharos-migrate"]


def test_notes_tell_the_next_step():
    told = notes(OWN)
    assert "port-forward service/pharos 8080:80" in told and "pharos token create" in told
    assert "https://status.example.com" in notes(SETS["aws"]) and "prometheus-adapter" in notes(SETS["aws"])
    assert "cronjob/pharos-rotation" in notes(SETS["aws"]) and "rotation" not in told
    assert "for trying out" in told and "for trying out" not in notes(SETS["aws"])
