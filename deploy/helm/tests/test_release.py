"""A release's life, by Helm itself, against cluster.py: install, upgrade, a failed one, rollback, uninstall."""

import base64
import contextlib
import shutil

import helm_python
import pytest
import yaml
from cluster import Cluster
from rendering import CHART, HELM, OWN, merged, read, render

PATIENCE = 60


@pytest.fixture
def cluster():
    cluster = Cluster()
    yield cluster
    cluster.close()


@contextlib.contextmanager
def helm(cluster):
    config = helm_python.Config(storage_driver="memory", kube_apiserver=cluster.url, namespace="pharos",
                                kubeconfig_content="apiVersion: v1\nkind: Config\n")
    with config:
        yield config


def install(config, values, wait="watcher", **options):
    return config.install(CHART, "pharos", values, namespace="pharos", wait=wait, timeout=PATIENCE, **options)


def upgrade(config, values, **options):
    return config.upgrade(CHART, "pharos", values, namespace="pharos", wait="watcher", timeout=PATIENCE, **options)


def secret(cluster):
    return {key: base64.b64decode(value).decode() for key, value in cluster.of("Secret")["pharos"]["data"].items()}


def test_a_bare_cluster_gets_everything_and_passwords_of_its_own(cluster):
    with helm(cluster) as config:
        assert install(config, {})["status"] == "deployed"
    assert cluster.unknown == []
    assert set(cluster.of("Deployment")) == {"pharos", "pharos-redis"}
    # An ordinary Job: with a hook after the installation, --wait would wait for pods that wait for the hook.
    assert "helm.sh/hook" not in cluster.of("Job")["pharos-migrate"]["metadata"]["annotations"]
    made = secret(cluster)
    assert len(base64.b64decode(made["keys"])) == 32
    assert len(made["postgres-password"]) == 32 and made["postgres-password"] != made["redis-password"]
    assert made["database-url"] == f"postgres://pharos:{made['postgres-password']}@pharos-postgres:5432/pharos"
    assert made["redis-url"] == f"redis://:{made['redis-password']}@pharos-redis:6379/0"
    assert made["redis.conf"] == f"requirepass {made['redis-password']}\n"


def test_roles_are_made_before_anything_that_signs_in_with_them(cluster):
    values = merged(OWN, {"database": {
        "migrations": {"serviceAccount": {"create": True}},
        "bootstrap": {"enabled": True, "administratorUrl": "postgres://{aws:m#username}:{aws:m#password}@db/pharos",
                      "ownerSecret": "o", "applicationSecret": "a"}}})
    with helm(cluster) as config:
        cluster.failing.add(("Job", "pharos-bootstrap"))
        with pytest.raises(helm_python.HelmError):
            install(config, values)
        assert cluster.of("Deployment") == {}
        cluster.failing.clear()
        config.uninstall("pharos", wait="watcher", timeout=PATIENCE)
        cluster.done.clear()
        assert install(config, values)["status"] == "deployed"
    order = [(kind, name) for verb, kind, name in cluster.done if verb != "delete"]
    assert order.index(("Job", "pharos-bootstrap")) < min(order.index(key) for key in [("Job", "pharos-migrate"), ("Deployment", "pharos")])
    assert order.index(("ServiceAccount", "pharos-bootstrap")) < order.index(("Job", "pharos-bootstrap"))
    assert "pharos-bootstrap" not in cluster.of("Job")


def test_an_upgrade_keeps_passwords_and_migrates_before_anything_else(cluster):
    with helm(cluster) as config:
        install(config, {})
        before = secret(cluster)
        cluster.done.clear()
        assert upgrade(config, {"image": {"tag": "0.2.0"}})["status"] == "deployed"
    assert secret(cluster) == before
    assert cluster.done[:2] == [("apply", "Job", "pharos-migrate-2"), ("delete", "Job", "pharos-migrate-2")]
    assert set(cluster.done[2:]) == {("apply", "Deployment", "pharos"), ("delete", "Job", "pharos-migrate")}


def test_a_migration_that_fails_leaves_the_pods_that_serve(cluster):
    with helm(cluster) as config:
        install(config, {})
        before = cluster.of("Deployment")["pharos"]["spec"]
        cluster.failing.add(("Job", "pharos-migrate-2"))
        with pytest.raises(helm_python.HelmError):
            upgrade(config, {"image": {"tag": "0.2.0"}})
        assert cluster.of("Deployment")["pharos"]["spec"] == before
        # What failed stays for who wants to read its log, and does not stand in the way of the next try.
        assert "pharos-migrate-2" in cluster.of("Job")
        assert upgrade(config, {"image": {"tag": "0.2.1"}})["status"] == "deployed"


def test_a_failed_upgrade_rolls_itself_back(cluster):
    with helm(cluster) as config:
        install(config, {})
        before = cluster.of("Deployment")["pharos"]["spec"]["template"]
        cluster.failing.add(("Job", "pharos-migrate-2"))
        with pytest.raises(helm_python.HelmError):
            upgrade(config, {"image": {"tag": "0.2.0"}}, rollback_on_failure=True)
        assert cluster.of("Deployment")["pharos"]["spec"]["template"] == before
        assert config.status("pharos")["status"] == "deployed"


def test_a_rollback_brings_back_the_pods_and_keeps_the_secret(cluster):
    with helm(cluster) as config:
        install(config, {})
        before = (secret(cluster), cluster.of("Deployment")["pharos"]["spec"]["template"])
        upgrade(config, {"image": {"tag": "0.2.0"}})
        assert cluster.of("Deployment")["pharos"]["spec"]["template"] != before[1]
        cluster.done.clear()
        config.rollback("pharos", wait="watcher", timeout=PATIENCE)
    assert (secret(cluster), cluster.of("Deployment")["pharos"]["spec"]["template"]) == before
    assert not [what for what in cluster.done if what[0] == "delete" and what[1] != "Job"]


def test_who_comes_back_finds_the_database_and_what_opens_it(cluster):
    with helm(cluster) as config:
        install(config, {})
        before = secret(cluster)
        config.uninstall("pharos", wait="watcher", timeout=PATIENCE)
        assert cluster.of("Deployment") == {} and set(cluster.of("Secret")) == {"pharos"}
        install(config, {})
    assert secret(cluster) == before


def test_a_secret_of_ones_own_is_left_alone(cluster):
    with helm(cluster) as config:
        install(config, OWN)
    assert cluster.of("Secret") == {}


PREVIOUS = sorted((HELM / "tests/previous").glob("*-values.yaml"))
# Values that are called otherwise today, by their path then and now. The chart refuses the old one and names the new.
RENAMED = {}


def paths(values, path=""):
    """Each value by its path; a table that is empty, or whose keys are anybody's, is one."""
    for name, inner in values.items():
        here = f"{path}.{name}" if path else name
        if isinstance(inner, dict) and inner:
            yield from paths(inner, here)
        else:
            yield here, inner


def nested(path, value):
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


@pytest.mark.parametrize("path", PREVIOUS, ids=lambda path: path.name)
def test_the_values_of_charts_before_still_upgrade(cluster, path):
    previous = read(path)
    with helm(cluster) as config:
        install(config, previous)
        before = secret(cluster)
        selectors = {name: body["spec"]["selector"] for name, body in cluster.of("Deployment").items()}
        assert upgrade(config, merged(previous, {"worker": {"enabled": True}, "replicaCount": 3}))["status"] == "deployed"
    assert secret(cluster) == before
    # A Deployment's selector cannot be changed.
    for name, selector in selectors.items():
        assert cluster.of("Deployment")[name]["spec"]["selector"] == selector


@pytest.mark.parametrize("path", PREVIOUS, ids=lambda path: path.name)
def test_each_value_of_before_is_known_or_refused_by_its_name_of_today(path):
    today = dict(paths(read(CHART / "values.yaml")))
    previous = dict(paths(read(path)))
    assert previous.keys() != today.keys(), "it is of today, and so tells nothing of an upgrade"
    for gone in sorted(previous.keys() - today.keys()):
        assert gone in RENAMED, f"{gone} is not known any more: who upgrades has to be told what it is called now"
        with pytest.raises(helm_python.HelmError) as refusal:
            render(merged(OWN, nested(gone, previous[gone])))
        assert RENAMED[gone] in str(refusal.value)


def test_who_reuses_the_values_of_the_chart_before_gets_the_defaults_of_what_is_new(tmp_path):
    # With --reuse-values Helm puts the values of the chart before in the place of this one's.
    chart = tmp_path / "pharos"
    shutil.copytree(CHART, chart)
    previous = read(HELM / "tests/previous/0.1.0-values.yaml")
    (chart / "values.yaml").write_text(yaml.safe_dump(previous))
    assert render(OWN, chart=chart) == render(merged(previous, OWN))
