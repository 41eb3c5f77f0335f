# Everything is made, planned again and taken away again, by the real provider and over HTTP, against an imitation of
# AWS (moto). What the imitation lacks is overridden, with the reason; requirements.tftest.hcl asserts all of it on the
# plan.

provider "aws" {
  region      = "us-east-1"
  max_retries = 1
}

provider "aws" {
  alias       = "us_east_1"
  region      = "us-east-1"
  max_retries = 1
}

variables {
  hosts          = ["status.example.com", "status-eu.example.com"]
  api_cidrs      = ["203.0.113.0/24"]
  administrators = ["arn:aws:iam::123456789012:role/operators"]
  alarm_emails   = ["operators@example.com"]
  # Else the deletion protection of the database and the load balancer stands in the way of the end, as it should.
  protected = false
}

# CreateCacheParameterGroup, CreateReplicationGroup with encryption and DeleteCacheSubnetGroup are not there.
override_resource {
  target = module.stack.module.cache.aws_elasticache_parameter_group.this
}

override_resource {
  target = module.stack.module.cache.aws_elasticache_subnet_group.this
}

override_resource {
  target = module.stack.module.cache.aws_elasticache_replication_group.this
  values = { id = "pharos-prod", primary_endpoint_address = "master.pharos-prod.cache.amazonaws.com" }
}

# Add-ons, access entries and pod identity associations of EKS are not there.
override_resource {
  target = module.stack.module.cluster.aws_eks_addon.before_nodes
}

override_resource {
  target = module.stack.module.cluster.aws_eks_addon.coredns
}

override_resource {
  target = module.stack.module.cluster.aws_eks_access_entry.administrator
}

override_resource {
  target = module.stack.module.cluster.aws_eks_access_policy_association.administrator
}

override_resource {
  target = module.stack.module.identity.aws_eks_pod_identity_association.this
}

# The security group that EKS makes for a cluster is named and never made, so that no rule can name it.
override_resource {
  target = module.stack.module.database.aws_vpc_security_group_ingress_rule.cluster
}

override_resource {
  target = module.stack.module.cache.aws_vpc_security_group_ingress_rule.cluster
}

override_resource {
  target = module.stack.module.edge.aws_vpc_security_group_ingress_rule.pods
}

override_resource {
  target = module.stack.module.edge.aws_vpc_security_group_egress_rule.pods
}

# DescribeSubscribersForNotification is not there.
override_resource {
  target = module.stack.module.observability.aws_budgets_budget.monthly
}

run "apply" {
  command = apply
}

run "plan_again" {
  command = plan
}
