# What has to be true of the plan of this environment. The numbers are those of the table in docs/aws.md.

mock_provider "aws" {
  source = "../../mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "../../mocks"
}

variables {
  hosts          = ["status.example.com"]
  zone_id        = "Z0123456789ABCDEFGHIJ"
  api_cidrs      = ["203.0.113.0/24"]
  administrators = ["arn:aws:iam::123456789012:role/operators"]
  alarm_emails   = ["operators@example.com"]
}

# Each secret is another one, so that it shows who may read which.
override_resource {
  target = module.stack.module.secrets.aws_secretsmanager_secret.this["owner"]
  values = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:owner" }
}

override_resource {
  target = module.stack.module.secrets.aws_secretsmanager_secret.this["database"]
  values = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:database" }
}

# As if it were applied, so that what is known only then can be asserted too. One run, so that everything that is wrong
# is shown at once.
run "prod" {
  command = apply

  # The network

  assert {
    condition     = alltrue([for kind in ["public", "private", "database"] : length(module.stack.network.subnets[kind]) == 3])
    error_message = "1: three public, three private and three database subnets."
  }
  assert {
    condition     = alltrue([for subnets in module.stack.network.subnets : length(distinct(subnets[*].availability_zone)) == 3])
    error_message = "1: each kind of subnet spreads over three zones."
  }
  assert {
    condition     = length(distinct(flatten([for subnets in module.stack.network.subnets : subnets[*].cidr_block]))) == 9
    error_message = "1: each subnet has addresses of its own."
  }
  assert {
    condition     = alltrue(flatten([for subnets in module.stack.network.subnets : [for subnet in subnets : subnet.map_public_ip_on_launch == false]]))
    error_message = "1: nothing gets a public address by standing in a subnet."
  }
  assert {
    condition     = module.stack.network.nat.subnet_id == module.stack.network.subnets.public[0].id && module.stack.network.routes.private.nat_gateway_id == module.stack.network.nat.id
    error_message = "2: one NAT gateway, in a public subnet, is the private subnets' way out."
  }
  assert {
    condition     = length(module.stack.network.routes.database.route) == 0
    error_message = "1: the database subnets have no way out."
  }
  assert {
    condition     = module.stack.network.endpoints.s3.vpc_endpoint_type == "Gateway" && endswith(module.stack.network.endpoints.s3.service_name, ".s3")
    error_message = "2: S3 has a gateway endpoint."
  }
  assert {
    condition     = toset([for endpoint in module.stack.network.endpoints.ecr : endpoint.service_name]) == toset(["com.amazonaws.us-east-1.ecr.api", "com.amazonaws.us-east-1.ecr.dkr"])
    error_message = "2: ECR has interface endpoints, api and dkr."
  }
  assert {
    condition     = alltrue([for endpoint in module.stack.network.endpoints.ecr : endpoint.private_dns_enabled && length(endpoint.subnet_ids) == 1])
    error_message = "2: ECR's endpoints answer to its own names and, by default, stand in one zone."
  }
  assert {
    condition     = module.stack.observability.flow_log.traffic_type == "ALL"
    error_message = "13: the network's flows are logged."
  }

  # The cluster

  assert {
    condition     = module.stack.cluster.node_group.capacity_type == "SPOT" && module.stack.cluster.node_group.instance_types[0] == "t3a.medium"
    error_message = "3: the nodes are t3a.medium, SPOT."
  }
  assert {
    condition     = module.stack.cluster.node_group.instance_types == tolist(["t3a.medium", "t3.medium"])
    error_message = "3: where there is no t3a.medium, t3.medium takes its place."
  }
  assert {
    condition     = module.stack.cluster.node_group.scaling_config[0].min_size == 1 && module.stack.cluster.node_group.scaling_config[0].max_size == 5
    error_message = "3: at least one node and at most five."
  }
  assert {
    condition     = module.stack.cluster.node_group.scaling_config[0].desired_size == 2
    error_message = "3: two nodes to begin with."
  }
  assert {
    condition     = module.stack.cluster.node_group.ami_type == "AL2023_x86_64_STANDARD"
    error_message = "3: nodes run Amazon Linux 2023."
  }
  assert {
    condition     = toset(module.stack.cluster.node_group.subnet_ids) == toset(module.stack.network.subnets.private[*].id)
    error_message = "1: nodes stand in the three private subnets."
  }
  assert {
    condition     = module.stack.cluster.launch_template.metadata_options[0].http_tokens == "required" && module.stack.cluster.launch_template.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "11: a node's credentials are had by IMDSv2 alone, and by no pod."
  }
  assert {
    condition     = module.stack.cluster.launch_template.block_device_mappings[0].ebs[0].encrypted == "true" && module.stack.cluster.launch_template.block_device_mappings[0].ebs[0].volume_type == "gp3"
    error_message = "3: nodes' disks are encrypted gp3."
  }
  assert {
    condition     = alltrue([for setting in ["shutdownGracePeriod: 75s", "shutdownGracePeriodCriticalPods: 15s"] : strcontains(base64decode(module.stack.cluster.launch_template.user_data), setting)])
    error_message = "3: a node that goes leaves its pods the 55 seconds that theirs end in."
  }
  assert {
    condition     = strcontains(base64decode(module.stack.cluster.launch_template.user_data), "maxPods: 40")
    error_message = "3: a node holds 40 pods; 17 are too few."
  }
  assert {
    condition     = module.stack.cluster.cluster.encryption_config[0].resources == toset(["secrets"]) && module.stack.cluster.cluster.encryption_config[0].provider[0].key_arn == module.stack.secrets.key.arn
    error_message = "10: Kubernetes' secrets are encrypted with our key."
  }
  assert {
    condition     = module.stack.cluster.cluster.access_config[0].authentication_mode == "API" && length(module.stack.cluster.access_entries) == 1
    error_message = "11: who administers the cluster is said by access entries."
  }
  assert {
    condition     = module.stack.cluster.cluster.vpc_config[0].endpoint_private_access && module.stack.cluster.cluster.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "3: Kubernetes' API is reached from the networks that are named, and from inside."
  }
  assert {
    condition     = module.stack.cluster.cluster.upgrade_policy[0].support_type == "STANDARD"
    error_message = "3: no extended support, which costs six times as much."
  }
  assert {
    condition     = length(module.stack.cluster.cluster.enabled_cluster_log_types) == 5 && module.stack.cluster.log_group.retention_in_days == 30
    error_message = "13: the control plane's logs are written, and kept for 30 days."
  }
  assert {
    condition     = toset(keys(module.stack.cluster.addons)) == toset(["vpc-cni", "coredns", "kube-proxy", "eks-pod-identity-agent"]) && alltrue([for addon in module.stack.cluster.addons : can(regex("^v[0-9.]+-eksbuild[.][0-9]+$", addon.addon_version))])
    error_message = "3: the four add-ons, each at a pinned version."
  }
  assert {
    condition     = startswith(module.stack.cluster.addons["kube-proxy"].addon_version, "v${module.stack.cluster.cluster.version}.")
    error_message = "3: kube-proxy is of the cluster's version."
  }
  assert {
    condition     = jsondecode(module.stack.cluster.addons["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "12: network policies are enforced."
  }
  assert {
    condition     = jsondecode(module.stack.cluster.addons["vpc-cni"].configuration_values).env.ENABLE_PREFIX_DELEGATION == "true"
    error_message = "3: addresses come by prefixes, or a node holds 17 pods."
  }

  # The database

  assert {
    condition     = module.stack.database.instance.engine == "postgres" && module.stack.database.instance.engine_version == "18"
    error_message = "4: PostgreSQL, by default the newest."
  }
  assert {
    condition     = module.stack.database.instance.instance_class == "db.t4g.medium" && module.stack.database.instance.storage_type == "gp3"
    error_message = "4: db.t4g.medium with gp3."
  }
  assert {
    condition     = module.stack.database.instance.storage_encrypted && module.stack.database.instance.kms_key_id == module.stack.secrets.key.arn
    error_message = "4: encrypted, with our key."
  }
  assert {
    condition     = module.stack.database.instance.backup_retention_period == 7
    error_message = "4: backups are kept for seven days in prod, and with them any point in time."
  }
  assert {
    condition     = module.stack.database.instance.performance_insights_enabled && module.stack.database.instance.performance_insights_retention_period == 7
    error_message = "4: Performance Insights, for the seven days that are free."
  }
  assert {
    condition     = module.stack.database.instance.deletion_protection && !module.stack.database.instance.skip_final_snapshot && !module.stack.database.instance.delete_automated_backups
    error_message = "4: deletion protection in prod, a last snapshot, and backups that outlive the instance."
  }
  assert {
    condition     = !module.stack.database.instance.publicly_accessible && toset(module.stack.database.subnet_group.subnet_ids) == toset(module.stack.network.subnets.database[*].id)
    error_message = "1: the database is not public and stands in the database subnets."
  }
  assert {
    condition     = module.stack.database.instance.manage_master_user_password && module.stack.database.instance.password == null
    error_message = "10: its administrator's password is RDS's to make and nobody's to know."
  }
  assert {
    condition     = module.stack.database.instance.engine_lifecycle_support == "open-source-rds-extended-support-disabled"
    error_message = "4: no extended support, which costs more than the instance."
  }
  assert {
    condition     = anytrue([for parameter in module.stack.database.parameters.parameter : parameter.name == "rds.force_ssl" && parameter.value == "1"])
    error_message = "10: only by TLS."
  }
  assert {
    condition     = module.stack.database.parameters.family == "postgres18"
    error_message = "4: the parameters are those of its version."
  }
  assert {
    condition     = module.stack.database.ingress.referenced_security_group_id == module.stack.cluster.security_group_id && module.stack.database.ingress.from_port == 5432 && module.stack.database.ingress.to_port == 5432
    error_message = "11: only the cluster reaches it, on its port."
  }
  assert {
    condition     = module.stack.database.restored == null
    error_message = "4: nothing is restored where no point in time is named."
  }

  # The cache

  assert {
    condition     = module.stack.cache.group.node_type == "cache.t4g.medium" && module.stack.cache.group.num_cache_clusters == 1
    error_message = "5: one node of cache.t4g.medium."
  }
  assert {
    condition     = module.stack.cache.group.engine == "valkey"
    error_message = "5: valkey, unless redis is asked for."
  }
  assert {
    condition     = module.stack.cache.group.at_rest_encryption_enabled == "true" && module.stack.cache.group.kms_key_id == module.stack.secrets.key.arn
    error_message = "5: encrypted at rest, with our key."
  }
  assert {
    condition     = module.stack.cache.group.transit_encryption_enabled && module.stack.cache.group.transit_encryption_mode == "required"
    error_message = "5: only by TLS."
  }
  assert {
    condition     = length(module.stack.cache.group.auth_token) >= 16
    error_message = "5: only with a token."
  }
  assert {
    condition     = anytrue([for parameter in module.stack.cache.parameters.parameter : parameter.name == "maxmemory-policy" && parameter.value == "volatile-lru"])
    error_message = "5: when memory is short, keys with a time to live go first."
  }
  assert {
    condition     = toset(module.stack.cache.subnet_group.subnet_ids) == toset(module.stack.network.subnets.database[*].id)
    error_message = "1: it stands in the database subnets."
  }
  assert {
    condition     = module.stack.cache.ingress.referenced_security_group_id == module.stack.cluster.security_group_id && module.stack.cache.ingress.from_port == 6379
    error_message = "11: only the cluster reaches it."
  }

  # The edge

  assert {
    condition     = module.stack.edge.balancer.internal == false && toset(module.stack.edge.balancer.subnets) == toset(module.stack.network.subnets.public[*].id)
    error_message = "6: a public load balancer in the public subnets."
  }
  assert {
    condition     = module.stack.edge.listeners.https.protocol == "HTTPS" && startswith(module.stack.edge.listeners.https.ssl_policy, "ELBSecurityPolicy-TLS13-1-2-")
    error_message = "6: TLS 1.3, and nothing below 1.2."
  }
  assert {
    condition     = module.stack.edge.listeners.http.default_action[0].type == "redirect" && module.stack.edge.listeners.http.default_action[0].redirect[0].protocol == "HTTPS"
    error_message = "6: HTTP leads to HTTPS."
  }
  assert {
    condition     = module.stack.edge.certificate.domain_name == "status.example.com" && module.stack.edge.certificate.validation_method == "DNS"
    error_message = "6: a certificate for the host, proven by DNS."
  }
  assert {
    condition     = module.stack.edge.records["status.example.com"].alias[0].name == module.stack.edge.balancer.dns_name
    error_message = "6: the host's record names the load balancer."
  }
  assert {
    condition     = module.stack.edge.balancer.access_logs[0].enabled && module.stack.edge.balancer.access_logs[0].bucket == module.stack.storage.log_bucket.id
    error_message = "6: access logs in S3."
  }
  assert {
    condition     = module.stack.edge.balancer.drop_invalid_header_fields && module.stack.edge.balancer.idle_timeout == 120 && module.stack.edge.balancer.enable_deletion_protection
    error_message = "6: invalid headers dropped, connections kept for 120 seconds, and in prod it can't be deleted."
  }
  assert {
    condition     = module.stack.edge.target_group.target_type == "ip" && module.stack.edge.target_group.port == 8080 && module.stack.edge.target_group.deregistration_delay == "30"
    error_message = "6: pods by their addresses on 8080, with 30 seconds to leave."
  }
  assert {
    condition     = module.stack.edge.target_group.health_check[0].path == "/healthz"
    error_message = "6: health checks ask /healthz."
  }
  assert {
    condition     = module.stack.edge.ingress.pods.from_port == 8080 && module.stack.edge.ingress.pods.to_port == 8080
    error_message = "11: the load balancer reaches the pods on 8080 alone."
  }
  assert {
    condition     = module.stack.edge.firewall.association.resource_arn == module.stack.edge.balancer.arn && module.stack.edge.firewall.association.web_acl_arn == module.stack.edge.firewall.acl.arn
    error_message = "7: the firewall is attached to the load balancer."
  }
  assert {
    condition = toset([for rule in module.stack.edge.firewall.acl.rule : rule.name]) == toset([
      "writes", "reads", "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet",
      "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet",
    ])
    error_message = "7: four of AWS's groups and two limits; no country, anonymous address or bot is refused by default."
  }
  assert {
    condition = alltrue([for rule in module.stack.edge.firewall.acl.rule : alltrue([
      for group in rule.statement[0].managed_rule_group_statement : alltrue([
        for name in ["SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY"] :
        contains([for override in group.rule_action_override : override.name if length(override.action_to_use[0].count) == 1], name)
      ]) if group.name == "AWSManagedRulesCommonRuleSet"
    ])])
    error_message = "7: rules on the size and the words of a body only count: an incident's text may be anything."
  }
  assert {
    condition = alltrue([for name, overridden in { AWSManagedRulesSQLiRuleSet = 2, AWSManagedRulesKnownBadInputsRuleSet = 3 } : anytrue([
      for rule in module.stack.edge.firewall.acl.rule : anytrue([
        for group in rule.statement[0].managed_rule_group_statement :
        group.name == name && length([for override in group.rule_action_override : override if endswith(override.name, "_BODY") && length(override.action_to_use[0].count) == 1]) == overridden
      ])
    ])])
    error_message = "7: and those on bodies of the other groups, too."
  }
  assert {
    condition = anytrue([for rule in module.stack.edge.firewall.acl.rule : anytrue([
      for limit in rule.statement[0].rate_based_statement : limit.limit == 500 && limit.aggregate_key_type == "IP" && length(limit.scope_down_statement[0].or_statement[0].statement) == 2
    ]) if rule.name == "writes" && try(length(rule.action[0].block), 0) == 1])
    error_message = "7: writing and signing in is limited per address."
  }
  assert {
    condition = anytrue([for rule in module.stack.edge.firewall.acl.rule : anytrue([
      for limit in rule.statement[0].rate_based_statement : limit.limit == 20000 && limit.aggregate_key_type == "IP"
    ]) if rule.name == "reads" && try(length(rule.action[0].block), 0) == 1])
    error_message = "7: reading is limited per address, and widely: offices stand behind one."
  }
  assert {
    condition = startswith(module.stack.edge.firewall.log_group.name, "aws-waf-logs-") && toset(flatten([
      for filter in module.stack.edge.firewall.logging.logging_filter[0].filter : [for condition in filter.condition : condition.action_condition[0].action]
    ])) == toset(["BLOCK", "COUNT", "EXCLUDED_AS_COUNT"]) && module.stack.edge.firewall.logging.logging_filter[0].default_behavior == "DROP"
    error_message = "7: what the firewall refuses or counts is logged."
  }
  assert {
    condition = length([for field in module.stack.edge.firewall.logging.redacted_fields : field if length(field.query_string) == 1]) == 1 && toset(flatten([
      for field in module.stack.edge.firewall.logging.redacted_fields : field.single_header[*].name
    ])) == toset(["cookie", "authorization"])
    error_message = "7: without queries, cookies and authorization."
  }
  assert {
    condition     = module.stack.edge.distribution == null
    error_message = "CloudFront stands in front only where it is asked for."
  }

  # Storage

  assert {
    condition     = module.stack.storage.versioning.versioning_configuration[0].status == "Enabled" && module.stack.storage.versioning.bucket == module.stack.storage.buckets["static"].id
    error_message = "8: the bucket for static files keeps versions."
  }
  assert {
    condition     = length(module.stack.storage.public_access) == 2 && alltrue([for block in module.stack.storage.public_access : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets])
    error_message = "8: no bucket is public."
  }
  assert {
    condition     = alltrue([for lifecycle in module.stack.storage.lifecycles : alltrue([for rule in lifecycle.rule : rule.status == "Enabled"])]) && module.stack.storage.lifecycles.logs.rule[0].expiration[0].days == 30
    error_message = "8: logs end after 30 days."
  }
  assert {
    condition     = length(module.stack.storage.encryption) == 2
    error_message = "8: buckets are encrypted."
  }
  assert {
    condition     = alltrue([for policy in module.stack.storage.policies : anytrue([for statement in jsondecode(policy.policy).Statement : statement.Effect == "Deny" && try(statement.Condition.Bool["aws:SecureTransport"], "") == "false"])])
    error_message = "8: buckets are reached by TLS alone."
  }
  assert {
    condition     = alltrue([for statement in jsondecode(module.stack.storage.policies.logs.policy).Statement : statement.Condition.StringEquals["aws:SourceAccount"] == "123456789012" if statement.Effect == "Allow"])
    error_message = "11: services write logs for this account alone."
  }
  assert {
    condition     = module.stack.storage.repository.image_tag_mutability == "IMMUTABLE" && module.stack.storage.repository.image_scanning_configuration[0].scan_on_push
    error_message = "The registry's tags never move, and images are scanned."
  }
  assert {
    condition     = module.stack.storage.file_system == null
    error_message = "9: there is no shared file system where none is asked for."
  }

  # Secrets and rights

  assert {
    condition     = toset(keys(module.stack.secrets.secrets)) == toset(["database", "owner", "endpoint", "cache", "keys"]) && alltrue([for secret in module.stack.secrets.secrets : secret.kms_key_id == module.stack.secrets.key.arn && secret.recovery_window_in_days == 30])
    error_message = "10: secrets of database, cache and application, encrypted with our key."
  }
  assert {
    condition     = toset(keys(jsondecode(module.stack.secrets.endpoint.secret_string))) == toset(["host", "port", "dbname"])
    error_message = "10: Terraform writes no secret, only where the database is."
  }
  assert {
    condition     = module.stack.secrets.key.enable_key_rotation
    error_message = "10: the key is rotated."
  }
  assert {
    condition     = length(regexall("://[^/@]*[A-Za-z0-9][^/@]*@", replace(output.values, "/[{]aws:[^}]*[}]/", ""))) == 0 && length(regexall("[{]aws:arn:aws:secretsmanager:[^#]*#[a-z_]+[}]", output.values)) == 11
    error_message = "10: the chart's values name secrets and hold none."
  }
  assert {
    condition     = toset(keys(module.stack.identity.roles)) == toset(["pharos", "bootstrap", "owner", "export", "restore", "autoscaler", "load-balancing", "logs", "alerts"])
    error_message = "11: a role for each workload."
  }
  assert {
    condition = alltrue([for role in module.stack.identity.roles : alltrue([
      for statement in jsondecode(role.assume_role_policy).Statement : statement.Principal.Service == "pods.eks.amazonaws.com" && statement.Condition.StringEquals["aws:RequestTag/kubernetes-service-account"] != ""
    ])])
    error_message = "11: a role is for the pods of one service account."
  }
  assert {
    condition = alltrue(flatten([for policy in module.stack.identity.policies : [
      for statement in jsondecode(policy.policy).Statement : alltrue([
        for action in flatten([statement.Action]) : !strcontains(action, "*") && can(regex("^[a-z0-9-]+:[A-Z]", action))
      ])
    ]]))
    error_message = "11: rights are named one by one."
  }
  assert {
    condition = alltrue(flatten([for policy in module.stack.identity.policies : [
      for statement in jsondecode(policy.policy).Statement : alltrue([
        for action in flatten([statement.Action]) : can(regex("^(autoscaling|ec2|elasticloadbalancing):(Describe|Get)", action)) || action == "cloudwatch:PutMetricData"
      ]) if contains(flatten([statement.Resource]), "*")
    ]]))
    error_message = "11: on everything only what can't be said of one thing: to describe, and to put a metric."
  }
  assert {
    condition     = toset(flatten([for statement in jsondecode(module.stack.identity.policies["pharos"].policy).Statement : statement.Action])) == toset(["kms:Decrypt", "secretsmanager:GetSecretValue"])
    error_message = "11: Pharos reads its secrets and does nothing else in AWS."
  }
  assert {
    condition = toset([for workload, policy in module.stack.identity.policies : workload if anytrue([
      for statement in jsondecode(policy.policy).Statement : contains(flatten([statement.Resource]), module.stack.database.master_secret_arn)
    ])]) == toset(["bootstrap"])
    error_message = "10: who makes the roles reads the administrator's secret, and nobody else."
  }
  assert {
    condition = jsonencode({ for workload, policy in module.stack.identity.policies : workload => sort(flatten([
      for statement in jsondecode(policy.policy).Statement : statement.Resource if statement.Sid == "WritePasswords"
      ])) if strcontains(policy.policy, "WritePasswords") }) == jsonencode({
      bootstrap = sort([module.stack.secrets.arns["database"], module.stack.secrets.arns["owner"]])
      owner     = [module.stack.secrets.arns["database"]]
    })
    error_message = "11: who makes the roles writes their secrets, and who owns the schema that of the application."
  }
  assert {
    condition     = !strcontains(module.stack.identity.policies["pharos"].policy, module.stack.secrets.arns["owner"]) && yamldecode(output.values).database.bootstrap.ownerSecret == module.stack.secrets.arns["owner"]
    error_message = "11: who serves does not know the owner of the schema."
  }
  assert {
    condition     = toset([for statement in jsondecode(module.stack.identity.policies["load-balancing"].policy).Statement : flatten([statement.Resource])[0] if statement.Sid == "PodsJoinAndLeave"]) == toset([module.stack.edge.target_group.arn])
    error_message = "11: the load balancer controller changes our target group alone."
  }
  assert {
    condition     = alltrue([for statement in jsondecode(module.stack.identity.policies["autoscaler"].policy).Statement : endswith(statement.Resource, "autoScalingGroupName/eks-mock") if statement.Sid == "ResizeTheNodes"])
    error_message = "3: the autoscaler resizes our nodes alone."
  }
  assert {
    condition     = module.stack.identity.associations["pharos"].namespace == "pharos" && module.stack.identity.associations["pharos"].service_account == "pharos"
    error_message = "11: the chart's service account has Pharos' role."
  }

  # What is watched

  assert {
    condition     = toset(keys(module.stack.observability.dashboards)) == toset(["cluster", "data", "edge"])
    error_message = "13: three dashboards, which cost nothing."
  }
  assert {
    condition = alltrue([for namespace, dashboard in { "AWS/EKS" = "cluster", "AWS/RDS" = "data", "AWS/ElastiCache" = "data", "AWS/ApplicationELB" = "edge", "AWS/WAFV2" = "edge" } :
    strcontains(module.stack.observability.dashboards[dashboard].dashboard_body, "\"${namespace}\"")])
    error_message = "13: the dashboards show EKS, RDS, the cache, the load balancer and the firewall."
  }
  assert {
    condition     = strcontains(module.stack.observability.dashboards["cluster"].dashboard_body, "namespace_name = 'pharos'")
    error_message = "13: and what Pharos itself says."
  }
  assert {
    condition     = alltrue([for name in ["nodes-cpu", "database-cpu", "database-memory", "database-connections", "cache-cpu", "cache-memory", "balancer-errors", "pharos-errors", "pharos-gone"] : contains(keys(module.stack.observability.alarms), name)])
    error_message = "13: alarms of CPU, memory, connections and errors."
  }
  assert {
    condition     = alltrue([for alarm in module.stack.observability.alarms : alarm.alarm_actions == toset([module.stack.observability.topic.arn])])
    error_message = "13: every alarm is told to the topic."
  }
  assert {
    condition     = module.stack.observability.alarms["restore"].period * module.stack.observability.alarms["restore"].evaluation_periods == 48 * 3600 && module.stack.observability.alarms["restore"].treat_missing_data == "breaching"
    error_message = "18: an alarm after 48 hours without a restored export."
  }
  assert {
    condition     = jsonencode({ for statement in jsondecode(module.stack.identity.policies["alerts"].policy).Statement : statement.Sid => statement.Resource }) == jsonencode({ TellOfAlerts = module.stack.observability.topic.arn, EncryptWhatIsTold = module.stack.secrets.key.arn })
    error_message = "11: who tells of Prometheus' alerts writes to our topic, with its key, and does nothing else."
  }
  assert {
    condition     = module.stack.identity.associations["alerts"].namespace == "monitoring" && module.stack.identity.associations["alerts"].service_account == "alertmanager" && output.install.topic == module.stack.observability.topic.arn
    error_message = "13: Alertmanager has that role, and install.sh knows the topic."
  }
  assert {
    condition     = module.stack.observability.alarms["certificate"].dimensions["CertificateArn"] == module.stack.edge.listeners.https.certificate_arn && module.stack.observability.alarms["certificate"].metric_name == "DaysToExpiry" && module.stack.observability.alarms["certificate"].threshold == 30
    error_message = "13: told a month before the certificate ends."
  }
  assert {
    condition     = module.stack.observability.alarms["database-memory"].threshold == 256 * 1024 * 1024 && [for parameter in module.stack.database.parameters.parameter : parameter.value if parameter.name == "max_connections"] == ["400"] && yamldecode(output.values).database.maxConnections == 380 && yamldecode(output.values).autoscaling.maxReplicas == 12
    error_message = "4: as many connections, and as much memory left, as fit the instance; the chart is told."
  }
  assert {
    condition     = module.stack.database.parameters.skip_destroy && !module.stack.database.instance.apply_immediately
    error_message = "4: an upgrade waits for the maintenance window, and the group of before stays as long."
  }
  assert {
    condition     = !contains(keys(yamldecode(output.values).networkPolicy), "kubeletCidrs")
    error_message = "12: no other pod reaches the metrics."
  }
  assert {
    condition     = module.stack.observability.alarms["database-connections"].threshold == 320
    error_message = "13: told before the connections are used up."
  }
  assert {
    condition     = module.stack.observability.budget.limit_amount == "300" && toset([for notification in module.stack.observability.budget.notification : notification.notification_type]) == toset(["FORECASTED", "ACTUAL"])
    error_message = "13: a budget of 300 dollars, told when it is foreseen and when it is spent."
  }
  assert {
    condition     = alltrue([for notification in module.stack.observability.budget.notification : contains(notification.subscriber_sns_topic_arns, module.stack.observability.topic.arn)])
    error_message = "13: the budget is told to the topic."
  }
  assert {
    condition     = module.stack.observability.container_log.retention_in_days == 30 && module.stack.observability.container_log.kms_key_id == module.stack.secrets.key.arn
    error_message = "13: containers' logs are in CloudWatch, encrypted, for 30 days."
  }
  assert {
    condition     = module.stack.observability.guardduty == null
    error_message = "GuardDuty watches only where it is asked to."
  }
  assert {
    condition     = jsondecode(module.stack.observability.spot.rule.event_pattern).source == ["aws.ec2"]
    error_message = "3: it is written down when a SPOT node is taken away."
  }
}
