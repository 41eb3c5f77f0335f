"""install.sh, with stand-ins for the commands that it runs."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

DEPLOY = pathlib.Path(__file__).resolve().parents[1]
STUB = pathlib.Path(__file__).with_name("stub.py")
DIGEST = "sha256:" + "ab" * 32
FACTS = {
    "region": "us-east-1",
    "cluster": "pharos-prod",
    "vpc": "vpc-1",
    "address": "https://status.example.com",
    "repository": "123456789012.dkr.ecr.us-east-1.amazonaws.com/pharos-prod/pharos",
    "container_log": "/pharos-prod/containers",
    "topic": "arn:aws:sns:us-east-1:123456789012:pharos-prod-alarms",
    "cache": {"group": "pharos-prod", "secret": "arn:cache"},
    "keys": {"secret": "arn:keys"},
    "backup": {"bucket": "bucket", "namespace": "pharos-prod", "database_url": "postgres://{aws:arn#host}/pharos", "keys": "{aws:arn:keys#keys}"},
}


class Install(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.home)
        commands = self.home / "bin"
        commands.mkdir()
        for name in ["terraform", "aws", "kubectl", "helm", "skopeo", "curl", "sleep"]:
            # By the interpreter that runs the tests, whatever else is called python3 here.
            target = commands / name
            target.write_text(f"#!{sys.executable} -SE\n" + STUB.read_text().split("\n", 1)[1])
            target.chmod(0o755)
        self.state({"secrets": {}, "images": 0, "facts": FACTS, "pods": "40", "jobs": []})

    def state(self, state=None):
        file = self.home / "state.json"
        if state is not None:
            file.write_text(json.dumps(state))
        return json.loads(file.read_text())

    def run_it(self, *options, environment="prod", image="docker://registry.example.com/pharos:1.0.0"):
        (self.home / "calls").write_text("")
        environ = {**os.environ, "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}", "STUB_HOME": str(self.home), "TMPDIR": str(self.home)}
        command = [DEPLOY / "install.sh", environment, "--image", image, *options]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False)
        self.calls = [json.loads(line) for line in (self.home / "calls").read_text().splitlines()]
        return done

    def asked(self, *words):
        """The calls that hold these words, each by itself."""
        return [call for call in self.calls if all(word in [call["name"], *call["arguments"]] for word in words)]

    def place(self, *words):
        found = [index for index, call in enumerate(self.calls) if all(word in [call["name"], *call["arguments"]] for word in words)]
        self.assertTrue(found, f"nobody was asked for {words}")
        return found[0]

    def test_everything_in_its_order(self):
        done = self.run_it("--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        order = [
            ("terraform", "init"),
            ("terraform", "plan"),
            ("terraform", "apply"),
            ("terraform", "output", "install"),
            ("aws", "put-secret-value"),
            ("aws", "modify-replication-group"),
            ("skopeo", "copy"),
            ("aws", "update-kubeconfig"),
            ("helm", "cluster-autoscaler"),
            ("helm", "kube-prometheus-stack"),
            ("helm", "prometheus-adapter"),
            ("helm", "helm/pharos"),
            ("kubectl", "create", "cronjob/export"),
            ("kubectl", "create", "cronjob/restore"),
            ("helm", "test"),
        ]
        places = [self.place(*words) for words in order]
        self.assertEqual(places, sorted(places))
        self.assertIn("Pharos answers at https://status.example.com", done.stdout)

    def test_each_add_on_has_its_version(self):
        self.run_it("--yes")
        charts = [call["arguments"] for call in self.asked("helm", "--repo")]
        names = {arguments[2] for arguments in charts}
        self.assertEqual(
            names,
            {"metrics-server", "cluster-autoscaler", "aws-load-balancer-controller", "aws-for-fluent-bit", "kube-prometheus-stack", "prometheus-adapter"},
        )
        for arguments in charts:
            self.assertRegex(arguments[arguments.index("--version") + 1], r"^\d+\.\d+\.\d+$")
            self.assertIn("--wait", arguments)

    def test_pharos_is_installed_by_digest_with_the_values_of_terraform(self):
        self.run_it("--yes", "--values", str(DEPLOY / "addons/monitoring.yaml"))
        (call,) = self.asked("helm", "helm/pharos")
        self.assertIn(f"image.digest={DIGEST}", call["arguments"])
        files = [value for option, value in zip(call["arguments"], call["arguments"][1:]) if option == "--values"]
        self.assertEqual([pathlib.Path(file).name for file in files], ["values-aws.yaml", "values.yaml", "monitoring.yaml"])
        (copy,) = self.asked("skopeo", "copy")
        self.assertEqual(copy["arguments"][-1], f"docker://{FACTS['repository']}:{'ab' * 32}")

    def test_the_cache_gets_a_token_that_the_state_does_not_know(self):
        self.run_it("--yes")
        changes = [json.loads(call["input"]) for call in self.asked("aws", "modify-replication-group")]
        self.assertEqual([change["AuthTokenUpdateStrategy"] for change in changes], ["ROTATE", "SET"])
        (version,) = self.state()["secrets"]["arn:cache"].values()
        self.assertEqual(version["stages"], ["AWSCURRENT"])
        self.assertEqual({change["AuthToken"] for change in changes}, {json.loads(version["text"])["auth_token"]})
        self.assertEqual(len(self.asked("aws", "replication-group-available")), 2)

    def test_a_second_run_changes_no_secret_and_copies_no_image(self):
        self.run_it("--yes")
        before = self.state()
        self.state({**before, "images": 1})
        done = self.run_it("--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.state()["secrets"], before["secrets"])
        self.assertEqual(self.asked("aws", "modify-replication-group") + self.asked("skopeo", "copy"), [])

    def test_another_token_where_it_is_asked_for(self):
        self.run_it("--yes")
        first = self.state()["secrets"]["arn:cache"]
        done = self.run_it("--yes", "--rotate")
        self.assertEqual(done.returncode, 0, done.stderr)
        versions = self.state()["secrets"]["arn:cache"]
        self.assertEqual(versions["version-1"]["stages"], [])
        self.assertEqual(versions["version-2"]["stages"], ["AWSCURRENT"])
        self.assertNotEqual(versions["version-2"]["text"], first["version-1"]["text"])

    def test_the_old_token_is_taken_until_every_pod_knows_the_new_one(self):
        self.run_it("--yes")
        self.assertEqual(self.asked("sleep"), [], "at first there are no pods")
        self.run_it("--yes", "--rotate")
        (wait,) = self.asked("sleep")
        self.assertEqual(wait["arguments"], ["600"])
        moved, waited = self.place("aws", "update-secret-version-stage", "AWSCURRENT"), self.place("sleep")
        changes = [index for index, call in enumerate(self.calls) if "modify-replication-group" in call["arguments"]]
        self.assertEqual(sorted([*changes, moved, waited]), [changes[0], moved, waited, changes[1]])

    def test_a_rotation_that_broke_off_waits_too(self):
        self.run_it("--yes")
        (self.home / "fail").write_text("sleep 600")
        self.assertNotEqual(self.run_it("--yes", "--rotate").returncode, 0)
        (self.home / "fail").unlink()
        self.run_it("--yes")
        self.assertEqual(len(self.asked("sleep")), 1)

    def test_prometheus_alerts_are_told_to_the_topic(self):
        done = self.run_it("--yes")
        (call,) = self.asked("helm", "kube-prometheus-stack")
        # What helm was given is gone with the folder; the stub kept it.
        given = (self.home / "kube-prometheus-stack.yaml").read_text()
        self.assertEqual(done.returncode, 0)
        self.assertIn(FACTS["topic"], given)
        self.assertIn('sigv4: {region: "us-east-1"}', given)
        self.assertNotRegex(given, r"@[A-Z_]+@")

    def test_the_first_night_is_not_waited_for_and_comes_once(self):
        self.run_it("--yes")
        self.assertEqual(len(self.asked("kubectl", "--for=condition=complete")), 2)
        self.state({**self.state(), "images": 1, "jobs": ["first-restore"]})
        self.run_it("--yes")
        self.assertEqual(self.asked("kubectl", "cronjob/export"), [])

    def test_a_node_that_takes_too_few_pods_is_told_of(self):
        done = self.run_it("--yes")
        self.assertIn("node-1: 40", done.stdout)
        self.assertNotIn("warning", done.stderr)
        self.state({**self.state(), "pods": "17"})
        done = self.run_it("--yes")
        self.assertEqual(done.returncode, 0)
        self.assertIn("warning: node-1 takes 17 pods and not 40", done.stderr)

    def test_a_page_that_does_not_answer_is_told_of(self):
        (self.home / "fail").write_text("api/v2/status.json")
        done = self.run_it("--yes")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Tests in the cluster", done.stderr)

    def test_a_rotation_that_broke_off_is_taken_up_again(self):
        (self.home / "fail").write_text("replication-group-available")
        self.assertNotEqual(self.run_it("--yes").returncode, 0)
        waiting = self.state()["secrets"]["arn:cache"]["version-1"]
        self.assertIn("AWSPENDING", waiting["stages"])
        (self.home / "fail").unlink()
        done = self.run_it("--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.state()["secrets"]["arn:cache"], {"version-1": {"stages": ["AWSCURRENT"], "text": waiting["text"]}})

    def test_a_secret_that_can_not_be_read_is_not_written(self):
        (self.home / "fail").write_text("describe-secret")
        self.assertNotEqual(self.run_it("--yes").returncode, 0)
        self.assertEqual(self.asked("aws", "put-secret-value"), [])

    def test_it_stops_at_the_first_failure(self):
        for failing, never in [
            ("apply -input=false tfplan", ("terraform", "output")),
            ("skopeo copy", ("aws", "update-kubeconfig")),
            ("helm upgrade --install metrics-server", ("helm", "cluster-autoscaler")),
            ("create configmap rds-ca", ("helm", "helm/pharos")),
            ("helm/pharos", ("helm", "test")),
        ]:
            with self.subTest(failing):
                (self.home / "fail").write_text(failing)
                done = self.run_it("--yes")
                self.assertNotEqual(done.returncode, 0)
                self.assertEqual(self.asked(*never), [])
                self.assertNotIn("Pharos answers at", done.stdout)

    def test_passwords_of_the_database_are_not_asked_for(self):
        self.run_it("--yes")
        self.assertEqual(set(self.state()["secrets"]), {"arn:cache", "arn:keys"})
        self.assertEqual(self.asked("aws", "get-secret-value"), [])

    def test_nothing_secret_is_an_argument_or_is_shown(self):
        done = self.run_it("--yes")
        secrets = [version["text"] for versions in self.state()["secrets"].values() for version in versions.values()]
        values = [value for text in secrets for name, value in json.loads(text).items() if name != "username"]
        self.assertEqual(len(values), 2)
        seen = done.stdout + done.stderr + json.dumps([call["arguments"] for call in self.calls])
        for value in values:
            self.assertNotIn(value, seen)

    def test_the_secrets_have_the_shape_that_is_read(self):
        self.run_it("--yes")
        secrets = {name: json.loads(next(iter(versions.values()))["text"]) for name, versions in self.state()["secrets"].items()}
        self.assertRegex(secrets["arn:keys"]["keys"], r"^[A-Za-z0-9+/]{43}=$")
        self.assertRegex(secrets["arn:cache"]["auth_token"], r"^[0-9a-f]{64}$")

    def test_a_dry_run_changes_nothing(self):
        before = self.state()
        done = self.run_it("--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.state(), before)
        for call in self.calls:
            with self.subTest(call=call["arguments"]):
                self.assertTrue("output" in call["arguments"] or "describe-secret" in call["arguments"], "only what reads")
        for words in ["apply -input=false tfplan", "modify-replication-group", "skopeo copy", "create configmap rds-ca", "helm upgrade --install pharos", "helm test"]:
            self.assertIn(words, done.stdout)

    def test_a_dry_run_before_anything_is_made(self):
        (self.home / "fail").write_text("terraform -chdir=terraform/environments/prod output")
        done = self.run_it("--dry-run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Nothing is made yet", done.stdout)
        self.assertEqual([call for call in self.calls if call["name"] != "terraform"], [])

    def test_a_plan_is_applied_only_by_a_word(self):
        done = self.run_it()
        self.assertIn("nothing was applied", done.stderr)
        self.assertEqual(self.asked("terraform", "apply"), [])

    def test_the_nightly_jobs_are_filled_in(self):
        self.run_it("--yes")
        jobs = next(call["input"] for call in self.asked("kubectl", "apply", "-") if "CronJob" in call["input"])
        self.assertNotRegex(jobs, r"@[A-Z_]+@")
        self.assertIn(f"{FACTS['repository']}@{DIGEST}", jobs)
        self.assertIn(FACTS["backup"]["database_url"], jobs)

    def test_wrong_options_are_refused(self):
        for options, environment in [(["--force"], "prod"), ([], "nowhere"), ([], "../prod"), (["dev"], "prod"), (["--values"], "prod")]:
            with self.subTest(options=options, environment=environment):
                done = self.run_it(*options, environment=environment)
                self.assertEqual(done.returncode, 64)
                self.assertEqual(self.calls, [])


if __name__ == "__main__":
    unittest.main()
