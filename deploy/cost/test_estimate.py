"""What a plan costs. PLANS is a folder with plans of prod and dev, as `terraform show -json` writes them."""

import copy
import json
import os
import pathlib
import unittest

import estimate

PLANS = pathlib.Path(os.environ["PLANS"])
COST = pathlib.Path(__file__).resolve().parents[2] / "docs/cost.md"


def plan(environment):
    return json.loads((PLANS / f"{environment}.json").read_text())


class Estimate(unittest.TestCase):
    def test_prod_costs_less_than_300_dollars(self):
        lines = estimate.price(plan("prod"))
        self.assertLess(estimate.total(lines), 300)
        # What is to be had as it comes, without choosing anything.
        self.assertLess(estimate.total(lines), 295)

    def test_dev_costs_less_than_prod(self):
        self.assertLess(estimate.total(estimate.price(plan("dev"))), estimate.total(estimate.price(plan("prod"))) - 50)

    def test_what_is_big_is_priced(self):
        what = " ".join(line.what for line in estimate.price(plan("prod")))
        for part in ["control plane", "2 nodes, t3a.medium, SPOT", "db.t4g.medium", "cache.t4g.medium", "NAT gateway", "load balancer", "6 rules", "endpoint ecr.api", "endpoint ecr.dkr"]:
            self.assertIn(part, what)

    def test_a_kind_that_is_not_known_is_an_error(self):
        strange = plan("prod")
        strange["planned_values"]["root_module"]["resources"] = [{"type": "aws_redshift_cluster", "mode": "managed", "values": {}}]
        with self.assertRaisesRegex(SystemExit, "no price for aws_redshift_cluster"):
            estimate.price(strange)

    def test_a_size_that_is_not_known_is_an_error(self):
        with self.assertRaisesRegex(SystemExit, "no price for rds/db.r8g.large"):
            estimate.price(changed("aws_db_instance", instance_class="db.r8g.large"))

    def test_what_is_dearer_costs_more(self):
        usual = estimate.total(estimate.price(plan("prod")))
        redis = estimate.total(estimate.price(changed("aws_elasticache_replication_group", engine="redis")))
        self.assertAlmostEqual(redis - usual, 0.013 * 730, places=2)
        copies = estimate.total(estimate.price(changed("aws_db_instance", multi_az=True)))
        self.assertAlmostEqual(copies - usual, 0.065 * 730 + 2.3, places=2)

    def test_what_is_free_is_counted_once(self):
        lines = [estimate.Line("CloudWatch", "alarms", 12, "cloudwatch/alarm")]
        self.assertAlmostEqual(estimate.total(lines), 0.2)
        self.assertAlmostEqual(estimate.total(lines, allowances=False), 1.2)

    def test_every_price_says_where_it_is_from(self):
        self.assertRegex(estimate.BOOK["date"], r"^\d{4}-\d\d-\d\d$")
        for name, entry in estimate.BOOK["prices"].items():
            with self.subTest(name):
                self.assertGreater(entry["usd"], 0)
                self.assertTrue(entry["source"] and entry["per"])
                self.assertRegex(entry.get("read", "https://a/"), r"^https://[^/]+/")

    def test_the_document_is_the_one_that_the_plan_makes(self):
        self.maxDiff = None
        self.assertEqual(COST.read_text(), estimate.document(plan("prod"), plan("dev")), "write docs/cost.md anew: see its first line")


def changed(kind, **values):
    """The plan of prod, with other values of a kind of resource."""
    other = copy.deepcopy(plan("prod"))
    modules = [other["planned_values"]["root_module"]]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", [])
        for resource in module.get("resources", []):
            if resource["type"] == kind:
                resource["values"] |= values
    return other


if __name__ == "__main__":
    unittest.main()
