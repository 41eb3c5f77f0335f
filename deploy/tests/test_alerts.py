"""An alert of Prometheus reaches the topic of SNS: a real Alertmanager with the configuration of addons/monitoring.yaml,
and an imitation of AWS, which AWS_ENDPOINT_URL names."""

import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import boto3
import yaml

MONITORING = pathlib.Path(__file__).resolve().parents[1] / "addons/monitoring.yaml"
REGION = "us-east-1"
PATIENCE = 60


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def eventually(what):
    """What it returns, as soon as that is something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.2)
    raise AssertionError(f"nothing within {PATIENCE} seconds")


class Alerts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        sns, self.sqs = (boto3.client(service, region_name=REGION) for service in ("sns", "sqs"))
        topic = sns.create_topic(Name="alarms")["TopicArn"]
        self.queue = self.sqs.create_queue(QueueName="alarms")["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"])
        self.url = f"http://127.0.0.1:{free_port()}"
        self.start(self.configuration(topic))

    def configuration(self, topic):
        text = MONITORING.read_text().replace("@TOPIC@", topic).replace("@REGION@", REGION)
        configuration = yaml.safe_load(text)["alertmanager"]["config"]
        configuration["receivers"][0]["sns_configs"][0]["api_url"] = os.environ["AWS_ENDPOINT_URL"]
        configuration["route"]["group_wait"] = "1s"
        path = self.home / "alertmanager.yml"
        path.write_text(yaml.safe_dump(configuration))
        return path

    def start(self, configuration):
        log = open(self.home / "log", "w", encoding="utf-8")
        self.addCleanup(log.close)
        command = ["prometheus-alertmanager", f"--config.file={configuration}", f"--storage.path={self.home}",
                   f"--web.listen-address={self.url.removeprefix('http://')}", "--cluster.listen-address="]
        server = subprocess.Popen(command, stdout=log, stderr=log)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        eventually(self.is_ready)

    def is_ready(self):
        try:
            return urllib.request.urlopen(f"{self.url}/-/ready", timeout=5).status == 200
        except urllib.error.URLError:
            return False

    def fire(self, **labels):
        alert = [{"labels": labels, "annotations": {"summary": "No replica answers", "description": "2 answered before."}}]
        request = urllib.request.Request(f"{self.url}/api/v2/alerts", json.dumps(alert).encode(), {"Content-Type": "application/json"})
        self.assertEqual(urllib.request.urlopen(request, timeout=5).status, 200)

    def told(self):
        received = self.sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=1).get("Messages")
        return json.loads(received[0]["Body"]) if received else None

    def test_an_alert_reaches_the_topic(self):
        self.fire(alertname="PharosDown", namespace="pharos", severity="critical")
        message = eventually(self.told)
        self.assertEqual(message["Subject"], "[firing] PharosDown pharos")
        self.assertIn("firing, critical: No replica answers\n2 answered before.", message["Message"])
        self.assertIn('docs/operations.md, "PharosDown"', message["Message"])


if __name__ == "__main__":
    unittest.main()
