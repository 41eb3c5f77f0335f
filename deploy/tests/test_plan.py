"""What has to be true of every resource of a plan. PLANS is a folder with plans of prod and dev, as `terraform show
-json` writes them."""

import json
import os
import pathlib
import unittest

PLANS = pathlib.Path(os.environ["PLANS"])

# What is not ours and so can only be looked up.
LOOKED_UP = {
    "aws_availability_zones",
    "aws_caller_identity",
    "aws_partition",
    "aws_region",
    "aws_secretsmanager_random_password",
    "aws_ec2_managed_prefix_list",
}


def plan(environment):
    return json.loads((PLANS / f"{environment}.json").read_text())


def made(environment):
    """Resources that the plan makes: address, type and values."""
    for change in plan(environment)["resource_changes"]:
        if change["mode"] == "managed":
            yield change["address"], change["type"], change["change"]["after"]


class Plan(unittest.TestCase):
    def test_everything_that_can_be_is_tagged(self):
        for environment in ["prod", "dev"]:
            tagged = [(address, values["tags_all"]) for address, _, values in made(environment) if values.get("tags_all")]
            self.assertGreater(len(tagged), 50)
            for address, tags in tagged:
                with self.subTest(address):
                    self.assertEqual(tags.get("Project"), "pharos")
                    self.assertEqual(tags.get("Environment"), f"pharos-{environment}")

    def test_nodes_and_their_disks_are_tagged(self):
        (template,) = [values for _, kind, values in made("prod") if kind == "aws_launch_template"]
        kinds = {one["resource_type"]: one["tags"]["Environment"] for one in template["tag_specifications"]}
        self.assertEqual(kinds, {"instance": "pharos-prod", "volume": "pharos-prod", "network-interface": "pharos-prod"})

    def test_names_begin_with_the_environments(self):
        for environment in ["prod", "dev"]:
            for address, _, values in made(environment):
                for key in ["name", "bucket", "identifier", "replication_group_id", "alarm_name", "dashboard_name", "role_name"]:
                    name = values.get(key)
                    # Records and addresses have the names of hosts, parameters and rights those of what they are for.
                    if isinstance(name, str) and not address.startswith(("module.stack.module.edge.aws_route53", "module.stack.module.identity.aws_iam_role_policy")):
                        with self.subTest(address=address, key=key):
                            self.assertIn(f"pharos-{environment}", name)

    def test_nothing_is_looked_up_that_is_ours(self):
        for environment in ["prod", "dev"]:
            modules, kinds = [plan(environment)["configuration"]["root_module"]], set()
            while modules:
                module = modules.pop()
                modules += [call["module"] for call in module.get("module_calls", {}).values()]
                kinds |= {resource["type"] for resource in module.get("resources", []) if resource["mode"] == "data"}
            self.assertLessEqual(kinds, LOOKED_UP)

    def test_no_variable_or_output_is_a_secret(self):
        known = plan("prod")["configuration"]["root_module"]
        self.assertEqual([name for name, variable in known["variables"].items() if variable.get("sensitive")], [])
        self.assertEqual([name for name, output in known["outputs"].items() if output.get("sensitive")], [])

    def test_nothing_is_open_to_the_internet_but_the_load_balancer(self):
        for environment in ["prod", "dev"]:
            open_rules = [address for address, kind, values in made(environment) if kind == "aws_vpc_security_group_ingress_rule" and "0.0.0.0/0" in str(values.get("cidr_ipv4"))]
            self.assertTrue(open_rules)
            for address in open_rules:
                self.assertTrue(address.startswith("module.stack.module.edge.aws_vpc_security_group_ingress_rule.visitors"), address)


if __name__ == "__main__":
    unittest.main()
