#!/usr/bin/env python3
"""Applies environments/prod to an imitation of AWS, plans it again, and takes it away again.

    imitation.py ENVIRONMENT      a folder that `terraform init` was run in; AWS_ENDPOINT_URL names the imitation

Fails if a step of Terraform's fails, if the second plan would change what it should not, if what install.sh or the
chart are told is missing or does not fit, if Pharos can't be run with it (application.py), and if the end leaves
something behind. VALUES_FILE is where the chart's values are left for its own tests.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

import application
import boto3
import jsonschema
import yaml

DEPLOY = pathlib.Path(__file__).resolve().parents[1]
STACK = "module.stack.module."

# What the imitation does not remember of what it was told, by what the second plan would then change. Everything else
# has to stay as it is.
FORGOTTEN = {
    "cluster.aws_eks_cluster.this": {"access_config", "tags", "upgrade_policy", "vpc_config"},
    "cluster.aws_eks_node_group.this": {"launch_template", "node_repair_config", "remote_access", "tags", "update_config"},
    "database.aws_db_instance.this": {
        "engine_lifecycle_support",
        "performance_insights_enabled",
        "performance_insights_kms_key_id",
        "performance_insights_retention_period",
    },
    "database.aws_db_parameter_group.this": {"parameter"},
    "observability.aws_flow_log.this": {"deliver_cross_account_role", "destination_options", "iam_role_arn"},
    "observability.aws_sns_topic.alarms": {"signature_version"},
}

# What names something of those that are made anew for it, and so is not known before.
FOLLOWS = {
    "cache.aws_vpc_security_group_ingress_rule.cluster": {"referenced_security_group_id"},
    "database.aws_vpc_security_group_ingress_rule.cluster": {"referenced_security_group_id"},
    "edge.aws_vpc_security_group_egress_rule.pods": {"referenced_security_group_id"},
    "edge.aws_vpc_security_group_ingress_rule.pods": {"security_group_id"},
    'identity.aws_iam_role_policy.this["autoscaler"]': {"policy"},
    'observability.aws_cloudwatch_dashboard.this["cluster"]': {"dashboard_body"},
    'observability.aws_cloudwatch_metric_alarm.this["nodes-cpu"]': {"dimensions"},
}


def client(service):
    return boto3.client(service, region_name="us-east-1")


def every(service, operation, path, name, **asked):
    """The names of everything of a kind, whatever AWS calls a page of them."""
    found = client(service)
    pages = found.get_paginator(operation).paginate(**asked) if found.can_paginate(operation) else [getattr(found, operation)(**asked)]
    return [item if name is None else item[name] for page in pages for item in page[path]]


def filtered(**values):
    return {"Filters": [{"Name": name.replace("_", "-"), "Values": value} for name, value in values.items()]}


def keys():
    kms = client("kms")
    states = {key: kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in every("kms", "list_keys", "Keys", "KeyId")}
    return [key for key, state in states.items() if state != "PendingDeletion"]


def records():
    zones = every("route53", "list_hosted_zones", "HostedZones", "Id")
    return [record["Name"] for zone in zones for record in every("route53", "list_resource_record_sets", "ResourceRecordSets", None, HostedZoneId=zone) if record["Type"] not in ("NS", "SOA")]


INVENTORY = {
    "networks": lambda: every("ec2", "describe_vpcs", "Vpcs", "VpcId", **filtered(is_default=["false"])),
    "subnets": lambda: every("ec2", "describe_subnets", "Subnets", "SubnetId", **filtered(default_for_az=["false"])),
    "gateways": lambda: every("ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    "NAT gateways": lambda: every("ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId", **filtered(state=["available", "pending"])),
    "addresses": lambda: every("ec2", "describe_addresses", "Addresses", "AllocationId"),
    "endpoints": lambda: every("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", **filtered(vpc_endpoint_state=["available"])),
    "security groups": lambda: [name for name in every("ec2", "describe_security_groups", "SecurityGroups", "GroupName") if name != "default"],
    "launch templates": lambda: every("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateName"),
    "flow logs": lambda: every("ec2", "describe_flow_logs", "FlowLogs", "FlowLogId"),
    "clusters": lambda: every("eks", "list_clusters", "clusters", None),
    "databases": lambda: every("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    "parameter groups": lambda: every("rds", "describe_db_parameter_groups", "DBParameterGroups", "DBParameterGroupName"),
    "subnet groups": lambda: every("rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName"),
    "load balancers": lambda: every("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName"),
    "target groups": lambda: every("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName"),
    "firewalls": lambda: every("wafv2", "list_web_acls", "WebACLs", "Name", Scope="REGIONAL"),
    "certificates": lambda: every("acm", "list_certificates", "CertificateSummaryList", "DomainName"),
    "records": records,
    "buckets": lambda: every("s3", "list_buckets", "Buckets", "Name"),
    "repositories": lambda: every("ecr", "describe_repositories", "repositories", "repositoryName"),
    "secrets": lambda: every("secretsmanager", "list_secrets", "SecretList", "Name", IncludePlannedDeletion=True),
    "parameters": lambda: every("ssm", "describe_parameters", "Parameters", "Name", ParameterFilters=[{"Key": "Name", "Option": "Contains", "Values": ["pharos"]}]),
    "log groups": lambda: every("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "alarms": lambda: every("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "dashboards": lambda: every("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    "event rules": lambda: every("events", "list_rules", "Rules", "Name"),
    "topics": lambda: every("sns", "list_topics", "Topics", "TopicArn"),
    "roles": lambda: [name for name in every("iam", "list_roles", "Roles", "RoleName") if not name.startswith("AWSServiceRole")],
    "keys": keys,
}


def inventory():
    return {kind: sorted(names()) for kind, names in INVENTORY.items()}


def ways_out():
    """Where the database subnets' traffic could go, besides their own network: nowhere."""
    tables = every("ec2", "describe_route_tables", "RouteTables", None, **filtered(**{"tag:Name": ["*-database"]}))
    routes = [route for table in tables for route in table["Routes"] if route.get("GatewayId") != "local"]
    if not tables:
        return ["the database subnets have no route table"]
    return [f"the database subnets have a way out: {route}" for route in routes]


def changes(resource):
    """What of a resource the plan changes, and what of it is not known before."""
    before, after = resource["change"]["before"] or {}, resource["change"]["after"] or {}
    known = {name for name in after if before.get(name) != after.get(name)}
    unknown = {name for name, is_unknown in resource["change"].get("after_unknown", {}).items() if is_unknown is True}
    return known, unknown


def judge_plan(plan):
    """What the second plan would change although nothing has changed."""
    problems = []
    for resource in plan["resource_changes"]:
        actions = resource["change"]["actions"]
        if actions == ["no-op"] or resource["mode"] == "data":
            continue
        name = resource["address"].removeprefix(STACK)
        known, unknown = changes(resource)
        if name in FORGOTTEN:
            # One that is made anew has everything that AWS says of it unknown.
            extra = known - FORGOTTEN[name] | (unknown if actions == ["update"] else set())
        else:
            extra = known | unknown - FOLLOWS.get(name, set())
        if extra or (name not in FORGOTTEN and name not in FOLLOWS):
            problems.append(f"the second plan would {'/'.join(actions)} {name}: {', '.join(sorted(extra)) or 'everything'}")
    return problems


def judge_outputs(outputs):
    """Whether install.sh finds what it asks for, and the values fit the chart."""
    problems, install = [], outputs["install"]["value"]
    asked = re.search(r"^paths=\(\n(.*?)^\)", (DEPLOY / "install.sh").read_text(), re.MULTILINE | re.DOTALL)
    for path in asked[1].split():
        value = install
        for name in path.strip(".").split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if not value:
            problems.append(f"the output install has nothing at {path}, which install.sh asks for")
    values, schema = yaml.safe_load(outputs["values"]["value"]), DEPLOY / "helm/pharos/values.schema.json"
    if schema.exists():
        validator = jsonschema.validators.validator_for(json.loads(schema.read_text()))(json.loads(schema.read_text()))
        problems += [f"the output values does not fit the chart at {'.'.join(map(str, error.path))}: {error.message[:200]}" for error in validator.iter_errors(values)]
    return problems


def tell(message):
    diagnostic = message.get("diagnostic") or {}
    if diagnostic.get("severity") == "error":
        print(f"{diagnostic.get('address', '')} {diagnostic['summary']}\n{diagnostic.get('detail', '')}")


def run(folder):
    """Terraform's run: the problems that it showed."""
    problems, seen = [], None
    command = ["terraform", "test", "-json", "-verbose", "-test-directory=moto"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as terraform:
        for line in terraform.stdout:
            message = json.loads(line)
            step, kind = message.get("@testrun"), message["type"]
            tell(message)
            if kind == "test_run" and message["test_run"].get("status") not in (None, "pending", "running"):
                print(f"{step}: {message['test_run']['status']}", flush=True)
                if step == "apply":
                    seen = inventory()
                    problems += ways_out()
            elif kind == "test_state" and step == "apply":
                outputs = message["test_state"]["outputs"]
                problems += judge_outputs(outputs)
                # Terraform goes no further meanwhile than to its next plan, which is more than a pipe holds.
                problems += application.problems(yaml.safe_load(outputs["values"]["value"]), outputs["install"]["value"])
                if "VALUES_FILE" in os.environ:
                    pathlib.Path(os.environ["VALUES_FILE"]).write_text(outputs["values"]["value"])
            elif kind == "test_plan" and step == "plan_again":
                problems += judge_plan(message["test_plan"])
    if terraform.returncode != 0:
        problems.append(f"terraform test ended with {terraform.returncode}")
    if seen is None:
        return problems + ["nothing was applied"]
    # What is not seen while it is there would not be seen if it was left behind.
    return problems + [f"nothing is seen of {kind} while it is there" for kind, names in seen.items() if not names]


def main():
    folder = pathlib.Path(sys.argv[1])
    if "AWS_ENDPOINT_URL" not in os.environ:
        raise SystemExit("imitation.py: AWS_ENDPOINT_URL names the imitation")
    zone = client("route53").create_hosted_zone(Name="example.com", CallerReference="test")["HostedZone"]["Id"].split("/")[-1]
    os.environ["TF_VAR_zone_id"] = zone
    before = inventory()
    problems = run(folder)
    after = inventory()
    problems += [f"left behind, of {kind}: {', '.join(set(names) - set(before[kind]))}" for kind, names in after.items() if set(names) - set(before[kind])]
    for problem in problems:
        print(f"** {problem}")
    print(f"{len(problems)} problems")
    raise SystemExit(1 if problems else 0)


if __name__ == "__main__":
    main()
