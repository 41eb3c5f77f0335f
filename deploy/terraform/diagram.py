#!/usr/bin/env python3
"""Draws the topology of a plan as a Mermaid diagram, and lists what was drawn.

    terraform show -json tfplan > plan.json
    diagram.py plan.json                    the diagram
    diagram.py plan.json --into FILE        writes it between the marks in a document
    diagram.py plan.json --check FILE       fails if the document shows another

Boxes and their numbers are the plan's resources. An arrow is drawn where the code has the reference that it stands for,
which is looked up in the plan's configuration: without it, drawing fails.
"""

import argparse
import collections
import json
import pathlib

BEGIN, END = "<!-- begin: drawn by deploy/terraform/diagram.py -->", "<!-- end -->"

# Each box: what it is called, in which frame it stands, and the resource it is there for. {n} is how many there are.
BOXES = {
    "record": ("DNS records", "", "edge.aws_route53_record.host"),
    "waf": ("WAF: {rules} rules and groups", "public", "edge.aws_wafv2_web_acl.this"),
    "alb": ("ALB, TLS 1.3", "public", "edge.aws_lb.this"),
    "nat": ("NAT gateway × {n}", "public", "network.aws_nat_gateway.this"),
    "nodes": ("EKS nodes: {min} to {max} × {type}, {capacity}", "private", "cluster.aws_eks_node_group.this"),
    "ecrpoint": ("endpoints of ECR × {n}", "private", "network.aws_vpc_endpoint.ecr"),
    "s3point": ("endpoint of S3", "private", "network.aws_vpc_endpoint.s3"),
    "rds": ("RDS PostgreSQL, {class}", "database", "database.aws_db_instance.this"),
    "cache": ("ElastiCache {engine}, {node}", "database", "cache.aws_elasticache_replication_group.this"),
    "eks": ("EKS control plane", "", "cluster.aws_eks_cluster.this"),
    "secrets": ("Secrets Manager: {n} secrets", "", "secrets.aws_secretsmanager_secret.this"),
    "key": ("KMS key", "", "secrets.aws_kms_key.this"),
    "static": ("S3: static, versioned; logs", "", "storage.aws_s3_bucket.this"),
    "ecr": ("ECR", "", "storage.aws_ecr_repository.this"),
    "alarms": ("CloudWatch: {n} alarms", "", "observability.aws_cloudwatch_metric_alarm.this"),
    "topic": ("SNS", "", "observability.aws_sns_topic.alarms"),
    "budget": ("budget", "", "observability.aws_budgets_budget.monthly"),
    "flow": ("flow logs", "", "observability.aws_flow_log.this"),
}

# Each arrow: from, to, what it says, and the resource and the text that have to be in the code for it: a reference of
# the resource's, within its module.
ARROWS = [
    ("record", "alb", "", "edge.aws_route53_record.host", "aws_lb.this"),
    ("waf", "alb", "in front of", "edge.aws_wafv2_web_acl_association.this", "aws_lb.this.arn"),
    ("alb", "nodes", "pods, 8080", "edge.aws_vpc_security_group_egress_rule.pods", "var.network"),
    ("nodes", "rds", "5432, TLS", "database.aws_vpc_security_group_ingress_rule.cluster", "var.network.client_id"),
    ("nodes", "cache", "6379, TLS", "cache.aws_vpc_security_group_ingress_rule.cluster", "var.network.client_id"),
    ("nodes", "nat", "out", "network.aws_route.nat", "aws_nat_gateway.this.id"),
    ("nodes", "ecrpoint", "", "network.aws_vpc_security_group_ingress_rule.endpoints", "aws_subnet.private"),
    ("nodes", "s3point", "", "network.aws_vpc_endpoint.s3", "aws_route_table.private.id"),
    ("eks", "nodes", "", "cluster.aws_eks_node_group.this", "aws_eks_cluster.this.name"),
    ("nodes", "secrets", "by Pod Identity", "identity.aws_iam_role_policy.this", "local.workloads"),
    ("key", "secrets", "encrypts", "secrets.aws_secretsmanager_secret.this", "aws_kms_key.this.arn"),
    ("alb", "static", "access logs", "edge.aws_lb.this", "var.log_bucket"),
    ("flow", "static", "", "observability.aws_flow_log.this", "var.network.log_bucket_arn"),
    ("alarms", "topic", "", "observability.aws_cloudwatch_metric_alarm.this", "aws_sns_topic.alarms.arn"),
    ("budget", "topic", "", "observability.aws_budgets_budget.monthly", "aws_sns_topic_policy.alarms"),
]

FRAMES = {"public": "public subnets", "private": "private subnets", "database": "database subnets, without a way out"}


def planned(plan):
    """The plan's resources: their values, by module and name without an index."""
    found, modules = collections.defaultdict(list), [plan["planned_values"]["root_module"]]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", [])
        for resource in module.get("resources", []):
            if resource["mode"] == "managed":
                name = f"{module['address'].rsplit('.', 1)[-1]}.{resource['type']}.{resource['name']}"
                found[name].append(resource.get("values", {}))
    return found


def references(plan):
    """What each resource of the code refers to."""
    found, calls = {}, [("stack", plan["configuration"]["root_module"]["module_calls"]["stack"])]
    while calls:
        name, call = calls.pop()
        calls += call["module"].get("module_calls", {}).items()
        for resource in call["module"].get("resources", []):
            text = json.dumps([resource.get("expressions", {}), resource.get("for_each_expression", {}), resource.get("depends_on", [])])
            found[f"{name}.{resource['address']}"] = text
    return found


def facts(name, resources):
    """What the label of a box is filled in with."""
    first = resources[0]
    known = {"n": len(resources)}
    if name == "nodes":
        scale = first["scaling_config"][0]
        known |= {"min": scale["min_size"], "max": scale["max_size"], "type": first["instance_types"][0], "capacity": first["capacity_type"]}
    known |= {"class": first.get("instance_class"), "engine": first.get("engine"), "node": first.get("node_type"), "rules": len(first.get("rule") or [])}
    return known


def draw(plan):
    resources, code = planned(plan), references(plan)
    for _, _, _, name, reference in ARROWS:
        if f'"{reference}' not in code.get(name, ""):
            raise SystemExit(f"diagram.py: {name} does not refer to {reference} any more: the arrow for it is wrong")
    drawn = {name: box for name, box in BOXES.items() if resources[box[2]]}
    lines = ["```mermaid", "flowchart TB", "  visitors([visitors])"]
    label = {name: text.format(**facts(name, resources[kind])) for name, (text, _, kind) in drawn.items()}
    lines += [f'  {name}["{label[name]}"]' for name, (_, frame, _) in drawn.items() if not frame]
    vpc = resources["network.aws_vpc.this"][0]["cidr_block"]
    lines.append(f'  subgraph vpc["VPC {vpc}"]')
    for frame, title in FRAMES.items():
        count = len(resources[f"network.aws_subnet.{frame}"])
        lines.append(f'    subgraph {frame}["{count} {title}"]')
        lines += [f'      {name}["{label[name]}"]' for name, (_, where, _) in drawn.items() if where == frame]
        lines.append("    end")
    lines += ["  end", "  visitors --> record" if "record" in drawn else "  visitors --> alb"]
    for start, end, text, _, _ in ARROWS:
        if start in drawn and end in drawn:
            lines.append(f"  {start} -->" + (f'|"{text}"| ' if text else " ") + end)
    return "\n".join(lines + ["```"])


def main():
    parser = argparse.ArgumentParser(description="Draws the topology of a plan.")
    parser.add_argument("plan", type=pathlib.Path, help="what terraform show -json wrote")
    parser.add_argument("--into", type=pathlib.Path, help="a document to write it into")
    parser.add_argument("--check", type=pathlib.Path, help="a document that has to show it")
    options = parser.parse_args()
    drawing = draw(json.loads(options.plan.read_text()))
    document = options.into or options.check
    if not document:
        print(drawing)
        return
    text = document.read_text()
    head, rest = text.split(BEGIN)
    new = f"{head}{BEGIN}\n{drawing}\n{END}{rest.split(END, 1)[1]}"
    if options.into:
        document.write_text(new)
    elif new != text:
        raise SystemExit(f"diagram.py: {document} shows another topology: write it anew with --into")


if __name__ == "__main__":
    main()
