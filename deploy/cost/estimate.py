#!/usr/bin/env python3
"""Prices a plan of Terraform, line by line.

    terraform show -json tfplan > plan.json
    estimate.py plan.json                       the table and its sum
    estimate.py plan.json --dev dev.json --document     docs/cost.md

A resource of a kind that this does not know is an error: nothing costs nothing because it was forgotten.
"""

import argparse
import json
import pathlib
import re
import sys
from dataclasses import dataclass

PRICES = pathlib.Path(__file__).with_name("prices.json")

# What costs nothing by itself.
FREE = set(
    """
    aws_acm_certificate aws_acm_certificate_validation aws_budgets_budget aws_cloudfront_distribution
    aws_cloudfront_cache_policy aws_cloudfront_function aws_cloudfront_origin_access_control aws_cloudwatch_event_rule aws_cloudwatch_event_target
    aws_cloudwatch_log_delivery aws_cloudwatch_log_delivery_destination aws_cloudwatch_log_delivery_source
    aws_cloudwatch_log_group aws_cloudwatch_log_resource_policy aws_db_parameter_group aws_db_subnet_group
    aws_default_security_group aws_ecr_lifecycle_policy aws_efs_backup_policy aws_efs_mount_target
    aws_eks_access_entry aws_eks_access_policy_association aws_eks_addon aws_eks_pod_identity_association
    aws_elasticache_parameter_group aws_elasticache_subnet_group aws_guardduty_detector_feature aws_iam_role
    aws_iam_role_policy aws_iam_role_policy_attachment aws_internet_gateway aws_kms_alias aws_launch_template
    aws_lb_listener aws_lb_target_group aws_route aws_route53_record aws_route_table aws_route_table_association
    aws_s3_bucket_lifecycle_configuration aws_s3_bucket_logging aws_s3_bucket_ownership_controls aws_s3_bucket_policy
    aws_s3_bucket_public_access_block aws_s3_bucket_server_side_encryption_configuration aws_s3_bucket_versioning
    aws_secretsmanager_secret_version aws_security_group aws_sns_topic aws_sns_topic_policy aws_sns_topic_subscription
    aws_ssm_parameter aws_subnet aws_vpc aws_vpc_security_group_egress_rule aws_vpc_security_group_ingress_rule
    aws_wafv2_web_acl_association aws_wafv2_web_acl_logging_configuration terraform_data
    """.split()
)


@dataclass
class Line:
    """What something costs in a month."""

    group: str
    what: str
    quantity: float
    price: str
    hours: float = 1

    def usd(self, book, allowances=True):
        free = book["free"].get(self.price, 0) if allowances else 0
        return max(0, self.quantity - free) * self.hours * book["prices"][self.price]["usd"]


def resources(plan):
    """What would exist, as (type, values)."""
    modules = [plan["planned_values"]["root_module"]]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", [])
        for resource in module.get("resources", []):
            if resource["mode"] == "managed":
                yield resource["type"], resource.get("values", {})


def endpoint(values, hours, plan):
    if values["vpc_endpoint_type"] != "Interface":
        return []
    return [Line("ECR endpoints", "endpoint " + values["service_name"].split(".", 3)[-1], zones(values, plan), "vpc/endpoint", hours)]


def zones(values, plan):
    # The subnets have no ids yet, so that their number is the variable's.
    return len(values.get("subnet_ids") or []) or plan["variables"]["endpoint_zones"]["value"]


def nodes(values, hours, _):
    count = values["scaling_config"][0]["desired_size"]
    kind = f"ec2/{values['capacity_type']}/{values['instance_types'][0]}"
    return [
        Line("EKS", f"{count} nodes, {values['instance_types'][0]}, {values['capacity_type']}", count, kind, hours),
        Line("EKS", f"disks of {count} nodes, 20 GB each", count * 20, "ebs/gp3"),
    ]


def database(values, hours, _):
    copies = 2 if values["multi_az"] else 1
    return [
        Line("RDS", values["instance_class"], copies, "rds/" + values["instance_class"], hours),
        Line("RDS", f"storage, {values['allocated_storage']} GB", copies * values["allocated_storage"], "rds/gp3"),
        # RDS makes it for the administrator's password.
        Line("Secrets", "secret of the database's administrator", 1, "secretsmanager/secret"),
    ]


# What costs something, by kind: what it is in a month of so many hours.
PRICED = {
    "aws_eks_cluster": lambda v, h, p: [Line("EKS", "control plane", 1, "eks/cluster", h)],
    "aws_eks_node_group": nodes,
    "aws_nat_gateway": lambda v, h, p: [Line("NAT and addresses", "NAT gateway", 1, "vpc/nat", h)],
    "aws_eip": lambda v, h, p: [Line("NAT and addresses", "public address of the NAT gateway", 1, "vpc/public address", h)],
    "aws_lb": lambda v, h, p: [
        Line("ALB", "load balancer", 1, "alb/balancer", h),
        Line("NAT and addresses", "public addresses of the load balancer", 3, "vpc/public address", h),
    ],
    "aws_vpc_endpoint": endpoint,
    "aws_wafv2_web_acl": lambda v, h, p: [
        Line("WAF", "web ACL", 1, "waf/acl"),
        Line("WAF", f"{len(v['rule'])} rules and groups", len(v["rule"]), "waf/rule"),
    ],
    "aws_db_instance": database,
    "aws_elasticache_replication_group": lambda v, h, p: [
        Line("ElastiCache", f"{v['node_type']}, {v['engine']}", v["num_cache_clusters"], f"elasticache/{v['engine']}/{v['node_type']}", h)
    ],
    "aws_cloudwatch_metric_alarm": lambda v, h, p: [Line("CloudWatch", "alarms", 1, "cloudwatch/alarm")],
    "aws_cloudwatch_dashboard": lambda v, h, p: [Line("CloudWatch", "dashboards", 1, "cloudwatch/dashboard")],
    "aws_kms_key": lambda v, h, p: [Line("Secrets", "KMS key", 1, "kms/key")],
    "aws_secretsmanager_secret": lambda v, h, p: [Line("Secrets", "secrets", 1, "secretsmanager/secret")],
    "aws_guardduty_detector": lambda v, h, p: [Line("Other", "GuardDuty, about", 1, "guardduty/month")],
    "aws_flow_log": lambda v, h, p: [Line("CloudWatch", "flow logs to S3", usage("flow logs, GB"), "cloudwatch/flow logs to S3")],
    "aws_ecr_repository": lambda v, h, p: [Line("Other", "images", usage("images, GB"), "ecr/kept")],
    "aws_s3_bucket": lambda v, h, p: [
        Line("Other", "what is in the buckets", usage("objects in buckets, GB") / 2, "s3/kept"),
        Line("Other", "objects written", usage("objects written, thousands") / 2, "s3/written"),
    ],
    "aws_efs_file_system": lambda v, h, p: [Line("Other", "files in EFS", usage("files in EFS, GB"), "efs/kept")],
}

BOOK = json.loads(PRICES.read_text())


def usage(name):
    return BOOK["usage"][name]


def traffic(kinds, hours):
    """What a month's use costs, which no plan knows."""
    lines = [
        Line("NAT and addresses", "data through NAT", usage("data through NAT, GB"), "vpc/nat data"),
        Line("NAT and addresses", "data between zones", usage("data between zones, GB"), "vpc/between zones"),
        Line("ALB", "capacity units", usage("capacity units of the load balancer"), "alb/capacity unit", hours),
        Line("ALB", "data out", usage("data out, GB"), "data/out"),
        Line("WAF", "requests", usage("requests, millions"), "waf/requests"),
        Line("CloudWatch", "logs", usage("logs, GB"), "cloudwatch/logs"),
        Line("CloudWatch", "logs kept", usage("logs, GB"), "cloudwatch/logs kept"),
        Line("CloudWatch", "metric of restored exports", usage("metrics"), "cloudwatch/metric"),
        Line("Other", "DNS queries", usage("DNS queries, millions"), "route53/queries"),
        Line("Other", "hosted zone", 1, "route53/zone"),
        Line("Other", "KMS key of Terraform's state", 1, "kms/key"),
    ]
    if kinds["ecr"]:
        lines.append(Line("ECR endpoints", "data through endpoints", usage("data through endpoints, GB"), "vpc/endpoint data"))
    return lines


def price(plan):
    """All lines of a plan, those of the same thing as one."""
    hours, lines, kinds = BOOK["hours"], [], {"ecr": False}
    for kind, values in resources(plan):
        if kind in PRICED:
            made = PRICED[kind](values, hours, plan)
            kinds["ecr"] |= kind == "aws_vpc_endpoint" and bool(made)
            lines += made
        elif kind not in FREE:
            raise SystemExit(f"estimate.py: there is no price for {kind}: add it to PRICED or to FREE")
    merged = {}
    for line in lines + traffic(kinds, hours):
        if line.price not in BOOK["prices"]:
            raise SystemExit(f"estimate.py: prices.json has no price for {line.price}")
        key = (line.group, line.what, line.price)
        if key in merged:
            merged[key].quantity += line.quantity
        else:
            merged[key] = line
    return sorted(merged.values(), key=lambda line: (GROUPS.index(line.group), -line.usd(BOOK)))


GROUPS = ["EKS", "RDS", "ElastiCache", "ALB", "WAF", "NAT and addresses", "ECR endpoints", "CloudWatch", "Secrets", "Other"]


def total(lines, allowances=True):
    return sum(line.usd(BOOK, allowances) for line in lines)


def sources(known):
    """Where AWS says a price, and where it was read, if it was; as Markdown."""
    source, read = known["source"], known.get("read")
    path = {"ec2/on-demand": "ec2/pricing/on-demand"}.get(source, f"{source}/pricing")
    return f"[{source}](https://aws.amazon.com/{path}/)" + (f", read at [{read.split('/')[2]}]({read})" if read else "")


def table(lines):
    rows = ["| what | how much | price | dollars a month | AWS says it at, and where it was read |", "|---|---|---|---:|---|"]
    for group in GROUPS:
        own = [line for line in lines if line.group == group]
        if not own:
            continue
        rows.append(f"| **{group}** | | | **{total(own):.2f}** | |")
        for line in own:
            known = BOOK["prices"][line.price]
            hours = f" × {line.hours:g} h" if line.hours != 1 else ""
            free = BOOK["free"].get(line.price)
            less = f", {free:g} of them free" if free else ""
            rows.append(f"| {line.what} | {line.quantity:g}{hours}{less} | {known['usd']:g} a {known['per']} | {line.usd(BOOK):.2f} | {sources(known)} |".replace("a hour", "an hour"))
    return "\n".join(rows + [f"| **all** | | | **{total(lines):.2f}** | |"])


def hour_of_incident():
    """What an hour of an incident adds."""
    incident, prices = BOOK["incident"], BOOK["prices"]
    requests = incident["requests a second"] * 3600
    gigabytes = requests * incident["bytes an answer"] / 1e9
    # A capacity unit is a gigabyte an hour or 25 new connections a second, whichever is more.
    units = max(gigabytes, incident["new connections a second"] / 25)
    logged = requests * incident["share that the firewall counts or refuses"] * incident["bytes of a firewall log line"] / 1e9
    access = requests * incident["bytes of an access log line"] / 1e9
    rows = [
        ("data out", f"{gigabytes:,.0f} GB", gigabytes * prices["data/out"]["usd"]),
        ("firewall: requests", f"{requests / 1e6:g} million", requests / 1e6 * prices["waf/requests"]["usd"]),
        ("load balancer: capacity units", f"{units:,.0f}", units * prices["alb/capacity unit"]["usd"]),
        ("firewall: logs", f"{logged:.2f} GB", logged * prices["cloudwatch/logs"]["usd"]),
        ("load balancer: access logs, kept for a month", f"{access:.1f} GB", access * prices["s3/kept"]["usd"]),
        ("flow logs", f"{incident['flow logs, GB']} GB", incident["flow logs, GB"] * prices["cloudwatch/flow logs to S3"]["usd"]),
        ("nodes", f"{incident['nodes more']} more", incident["nodes more"] * prices["ec2/SPOT/t3a.medium"]["usd"]),
    ]
    return rows, sum(usd for _, _, usd in rows)


def choices(lines):
    """What else could be chosen, and how many dollars a month that is more or less."""
    usd, hours = {name: entry["usd"] for name, entry in BOOK["prices"].items()}, BOOK["hours"]
    count = next(line.quantity for line in lines if line.what.endswith("SPOT"))
    return [
        ("`cache_engine = \"redis\"`", (usd["elasticache/redis/cache.t4g.medium"] - usd["elasticache/valkey/cache.t4g.medium"]) * hours, "the engine by its old name; the protocol is the same"),
        ("`endpoint_zones = 3`", 4 * usd["vpc/endpoint"] * hours, "images are pulled though a zone is gone"),
        ("`endpoint_zones = 0`", -2 * usd["vpc/endpoint"] * hours, "images come through the NAT gateway, at 4.5 cents a gigabyte"),
        ("nodes `ON_DEMAND`", count * (usd["ec2/ON_DEMAND/t3a.medium"] - usd["ec2/SPOT/t3a.medium"]) * hours, "no node is ever taken away"),
        ("a NAT gateway a zone", 2 * (usd["vpc/nat"] + usd["vpc/public address"]) * hours, "the way out stays though a zone is gone"),
        ("RDS in two zones", usd["rds/db.t4g.medium"] * hours + 20 * usd["rds/gp3"], "the database moves by itself; the page needs none to be read"),
        ("an older Kubernetes, in extended support", (usd["eks/cluster, extended support"] - usd["eks/cluster"]) * hours, "refused by the cluster's support policy"),
        ("an older PostgreSQL, in extended support", 2 * usd["rds/extended support"] * hours, "refused by the instance's lifecycle setting"),
        ("`guardduty = true`", usd["guardduty/month"], "about, by what it reads"),
        ("`efs = true`", usage("files in EFS, GB") * usd["efs/kept"], f"{usage('files in EFS, GB')} GB; Pharos needs none"),
    ]


GUIDE = {"EKS": "70–100", "RDS": "50–60", "ElastiCache": "30–40", "ALB": "20–25", "WAF": "10–15"}

DOCUMENT = """# What it costs

Made by `deploy/cost/estimate.py` from a plan of `environments/prod` as it is by default, and checked by
`./test.sh deploy`. Prices are for {region}, in dollars without tax, as of {date}, and **not read from AWS**: no list of them
can be had without an account. Each line names the page of AWS to compare it with, and where others had written the price
down, if it was read there; the rest is from memory. The use that is assumed is in `deploy/cost/prices.json`.
A month has {hours} hours. SPOT prices move: 1.5 cents an hour is what a t3a.medium is reckoned with. To check them, with
an account:

```sh
aws pricing get-products --region us-east-1 --service-code AmazonRDS --filters \\
  Type=TERM_MATCH,Field=instanceType,Value=db.t4g.medium Type=TERM_MATCH,Field=regionCode,Value={region} \\
  Type=TERM_MATCH,Field=databaseEngine,Value=PostgreSQL | jq -r '.PriceList[] | fromjson | .terms.OnDemand'
aws ec2 describe-spot-price-history --region {region} --instance-types t3a.medium t3.medium \\
  --product-descriptions Linux/UNIX --start-time "$(date -u +%FT%TZ)"
```

Service codes of the others: AmazonEKS, AmazonEC2, AmazonElastiCache, AWSELB, awswaf, AmazonVPC, AmazonCloudWatch,
AWSSecretsManager. After a month Cost Explorer says what it was. Change what differs in `prices.json`, and its date.

**{all:.0f} dollars a month.** `environments/dev` is {dev:.0f}.

{table}

In an account that uses up elsewhere what AWS gives for free, it is {without:.0f}: {free}.

## Against the budget that was given

| | given | here |
|---|---:|---:|
{budget}

What that budget left out: the control plane alone is {control:.0f} dollars of EKS, so that with two nodes and their
disks nothing is left of its 70 to 100 for a third; a NAT gateway costs {nat:.0f} by the hour, and its data besides;
each public IPv4 address 3.65, of which a load balancer in three zones has three; an interface endpoint 7.30 in each
zone, and ECR needs two of them. Extended support of an old version would cost more than what is supported.

## Choices

What each changes a month. All are variables of the environment or a line in its `main.tf`.

| choice | dollars | |
|---|---:|---|
{choices}

Container Insights is left out: it bills each metric of each pod, and dashboards and alarms are made of what costs
nothing. Three dashboards are free and a fourth is not, so that there are three.

## An hour of an incident

{rate:,} requests a second, which is when a status page is looked at: {incident:.0f} dollars an hour, beside what it
costs anyway. What is answered with 304 costs less.

| what | how much | dollars |
|---|---|---:|
{hour}
"""


def document(plan, dev):
    lines = price(plan)
    rows, hour = hour_of_incident()
    by_group = {group: total([line for line in lines if line.group == group]) for group in GROUPS}
    rest = sum(usd for group, usd in by_group.items() if group not in GUIDE)
    budget = [f"| {group} | {given} | {by_group[group]:.0f} |" for group, given in GUIDE.items()]
    budget += [f"| Other | 20–30 | {rest:.0f} |", f"| **Total** | **200–270, below 300** | **{total(lines):.0f}** |"]
    names = {"cloudwatch/dashboard": "dashboards", "cloudwatch/alarm": "alarms", "cloudwatch/metric": "metrics", "cloudwatch/logs": "GB of logs", "data/out": "GB out"}
    return DOCUMENT.format(
        date=BOOK["date"], region=BOOK["region"], hours=BOOK["hours"], all=total(lines), dev=total(price(dev)), table=table(lines),
        without=total(lines, allowances=False),
        free=", ".join(f"{count:g} {names[name]}" for name, count in BOOK["free"].items() if name != "about"),
        budget="\n".join(budget), control=BOOK["prices"]["eks/cluster"]["usd"] * BOOK["hours"], nat=BOOK["prices"]["vpc/nat"]["usd"] * BOOK["hours"],
        choices="\n".join(f"| {what} | {usd:+.0f} | {why} |" for what, usd, why in choices(lines)),
        rate=BOOK["incident"]["requests a second"], incident=hour, hour="\n".join(f"| {what} | {much} | {usd:.2f} |" for what, much, usd in rows),
    )


def main():
    parser = argparse.ArgumentParser(description="Prices a plan of Terraform.")
    parser.add_argument("plan", type=pathlib.Path, help="what terraform show -json wrote")
    parser.add_argument("--dev", type=pathlib.Path, help="the same of environments/dev")
    parser.add_argument("--document", action="store_true", help="write docs/cost.md")
    options = parser.parse_args()
    plan = json.loads(options.plan.read_text())
    if options.document:
        if not options.dev:
            parser.error("--document needs --dev")
        sys.stdout.write(document(plan, json.loads(options.dev.read_text())))
    else:
        print(re.sub(r"\*\*", "", table(price(plan))))


if __name__ == "__main__":
    main()
