"""Reads checkov's findings (JSON, standard input) and fails for each that has no reason below, and for each reason
that nothing needs any more."""

import json
import re
import sys

# The check, which objects it may find fault with, and why that is right.
EXCEPTIONS = [
    ("CKV_K8S_11", r".*", "A limit of CPU slows down the start and the seconds in which everybody looks; requests and "
     "the autoscaler share the cores out, and memory is limited."),
    ("CKV_K8S_43", r".*", "The digest is a value (image.digest); a release's chart sets it. The tags that stand in "
     "for it in values.yaml are those that people try out with."),
    ("CKV_K8S_15", r".*", "Tags are never moved, and a registry that is away must not keep a pod from starting."),
    ("CKV_K8S_35", r"(Deployment\.pharos\.(pharos|status)(-worker)?|Job\..*|Pod\..*-test-incident)",
     "Pharos reads its settings from variables; what it starts, which is nothing, would inherit them."),
    ("CKV_K8S_8", r"(CronJob|Job|Pod)\..*", "It ends by itself, and has a deadline."),
    ("CKV_K8S_9", r"(CronJob|Job|Pod)\..*", "Nobody sends it requests."),
    ("CKV_K8S_40", r".*-(postgres|redis)", "The images of Postgres and Redis have the user 999, who owns their files."),
]


def main():
    report = json.load(sys.stdin)
    reports = report if isinstance(report, list) else [report]
    passed = sum(each["summary"]["passed"] for each in reports)
    needed, unreasoned = set(), []
    for finding in [finding for each in reports for finding in each["results"]["failed_checks"]]:
        for check, resources, _ in EXCEPTIONS:
            if finding["check_id"] == check and re.fullmatch(resources, finding["resource"]):
                needed.add(check)
                break
        else:
            unreasoned.append(f"{finding['check_id']} {finding['check_name']}: {finding['resource']} in {finding['file_path']}")
    idle = [check for check, _, _ in EXCEPTIONS if check not in needed]
    print(f"{passed} checks are met; {len(needed)} kinds of findings have a reason")
    for line in unreasoned:
        print(f"without a reason: {line}")
    for check in idle:
        print(f"nothing needs the exception {check} any more")
    return 1 if unreasoned or idle or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
