# What changes when something else is asked for.

mock_provider "aws" {
  source = "../../mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "../../mocks"
}

variables {
  hosts     = ["status.example.com"]
  zone_id   = "Z0123456789ABCDEFGHIJ"
  api_cidrs = ["203.0.113.0/24"]
}

run "everything_on" {
  command = apply

  variables {
    cache_engine      = "redis"
    database_version  = 14
    restore_to        = "2026-11-27T10:00:00Z"
    blocked_countries = ["KP"]
    endpoint_zones    = 3
    efs               = true
    guardduty         = true
    write_limit       = 3000
    read_limit        = 50000
  }

  assert {
    condition     = module.stack.cache.group.engine == "redis" && startswith(module.stack.cache.group.engine_version, "7.")
    error_message = "5: redis where it is asked for."
  }
  assert {
    condition     = module.stack.database.instance.engine_version == "14" && module.stack.database.parameters.family == "postgres14"
    error_message = "4: PostgreSQL 14 where it is asked for."
  }
  assert {
    condition     = module.stack.database.restored.restore_to_point_in_time[0].restore_time == "2026-11-27T10:00:00Z" && module.stack.database.restored.restore_to_point_in_time[0].source_db_instance_identifier == module.stack.database.instance.identifier
    error_message = "18: an instance is built at the point in time, from the backups."
  }
  assert {
    condition     = module.stack.database.identifier == "pharos-prod-20261127t100000z" && module.stack.database.instance.identifier == "pharos-prod"
    error_message = "18: the application's is the restored one, and the first one stays."
  }
  assert {
    condition     = jsondecode(module.stack.secrets.endpoint.secret_string).host == module.stack.database.restored.address
    error_message = "18: the secret names the restored instance."
  }
  assert {
    condition     = module.stack.database.restored.deletion_protection && module.stack.database.restored.storage_encrypted && !module.stack.database.restored.publicly_accessible && module.stack.database.restored.backup_retention_period == 7
    error_message = "18: the restored one is kept as safe as the first."
  }
  assert {
    condition     = alltrue([for alarm in module.stack.observability.alarms : alarm.dimensions["DBInstanceIdentifier"] == module.stack.database.identifier if startswith(alarm.metric_name, "Database") && alarm.namespace == "AWS/RDS"])
    error_message = "18: alarms watch the restored one."
  }
  assert {
    condition     = anytrue([for rule in module.stack.edge.firewall.acl.rule : anytrue([for match in rule.statement[0].geo_match_statement : match.country_codes == tolist(["KP"])]) && try(length(rule.action[0].block), 0) == 1])
    error_message = "7: countries that are named are refused."
  }
  assert {
    condition     = toset(flatten([for rule in module.stack.edge.firewall.acl.rule : rule.statement[0].rate_based_statement[*].limit])) == toset([3000, 50000])
    error_message = "7: limits are what is asked for."
  }
  assert {
    condition     = alltrue([for endpoint in module.stack.network.endpoints.ecr : length(endpoint.subnet_ids) == 3])
    error_message = "2: ECR's endpoints stand in as many zones as are asked for."
  }
  assert {
    condition     = module.stack.storage.file_system.encrypted && module.stack.storage.file_system_backup.backup_policy[0].status == "ENABLED" && length(module.stack.storage.mount_targets) == 3
    error_message = "9: an encrypted file system with backups, reached in three zones."
  }
  assert {
    condition     = module.stack.observability.guardduty.enable
    error_message = "GuardDuty watches where it is asked to."
  }
}

run "static_failover" {
  command = apply

  variables {
    static_failover   = true
    blocked_countries = ["KP"]
  }

  assert {
    condition     = tolist([for member in tolist(module.stack.edge.distribution.origin_group)[0].member : member.origin_id]) == tolist(["balancer", "copy"])
    error_message = "The load balancer is asked first, the copy after it."
  }
  assert {
    condition     = contains([for origin in module.stack.edge.distribution.origin : origin.domain_name if origin.origin_id == "balancer"], "origin.status.example.com") && contains(module.stack.edge.certificate.subject_alternative_names, "origin.status.example.com")
    error_message = "The load balancer has a name of its own, which its certificate is for."
  }
  assert {
    condition     = module.stack.edge.distribution.default_cache_behavior[0].origin_request_policy_id == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    error_message = "The visitor's host is not handed on: S3 would take it for a bucket's."
  }
  assert {
    condition     = alltrue([for origin in module.stack.edge.distribution.origin : origin.connection_attempts * origin.connection_timeout <= 6 if origin.origin_id == "balancer"])
    error_message = "A load balancer that is gone is waited for a few seconds."
  }
  assert {
    condition     = contains(tolist(module.stack.edge.distribution.origin_group)[0].failover_criteria[0].status_codes, 503)
    error_message = "An error of the load balancer leads to the copy."
  }
  assert {
    condition     = alltrue([for rule in module.stack.edge.ingress.visitors : rule.prefix_list_id == "pl-3b927c52" && rule.cidr_ipv4 == null]) && toset(keys(module.stack.edge.ingress.visitors)) == toset(["443"])
    error_message = "The load balancer then accepts CloudFront alone."
  }
  assert {
    condition = one(flatten([
      for rule in module.stack.edge.firewall.acl.rule : [for refused in rule.statement[0].not_statement : refused.statement[0].byte_match_statement[0].search_string]
      if rule.name == "cloudfront" && rule.priority < 10 && try(length(rule.action[0].block), 0) == 1
      ])) == one(flatten([
      for origin in module.stack.edge.distribution.origin : [for header in origin.custom_header : header.value] if origin.origin_id == "balancer"
    ]))
    error_message = "Of CloudFront's, only our own distribution: the firewall asks for what it alone says."
  }
  assert {
    condition     = contains(flatten([for field in module.stack.edge.firewall.logging.redacted_fields : field.single_header[*].name]), "x-pharos-origin")
    error_message = "And what it says is in no log."
  }
  assert {
    condition     = contains(yamldecode(output.values).trustedProxies, "120.52.22.96/27")
    error_message = "CloudFront's addresses are then trusted proxies."
  }
  assert {
    condition     = alltrue([for rule in module.stack.edge.firewall.acl.rule : alltrue([for limit in rule.statement[0].rate_based_statement : limit.aggregate_key_type == "CUSTOM_KEYS" && limit.custom_key[0].header[0].name == "x-pharos-viewer"])])
    error_message = "Limits then count visitors, not CloudFront's addresses."
  }
  assert {
    condition     = module.stack.edge.distribution.restrictions[0].geo_restriction[0].locations == toset(["KP"])
    error_message = "Countries are then refused by CloudFront, which knows them."
  }
  assert {
    condition     = anytrue([for statement in jsondecode(module.stack.identity.policies["pharos"].policy).Statement : endswith(flatten([statement.Resource])[0], "/site/*") if statement.Sid == "PublishTheSite"])
    error_message = "Pharos may then publish, and only below site/."
  }
  assert {
    condition     = yamldecode(output.values).copyTo == "s3://${module.stack.storage.buckets["static"].id}/site" && contains([for origin in module.stack.edge.distribution.origin : origin.origin_path if origin.origin_id == "copy"], "/site")
    error_message = "Pharos writes its copy where CloudFront reads it."
  }
  assert {
    condition     = alltrue([for origin in module.stack.edge.distribution.origin : origin.origin_access_control_id != "" && length(origin.s3_origin_config) == 0 if origin.origin_id == "copy"])
    error_message = "CloudFront reads the copy by origin access control."
  }
  assert {
    condition     = anytrue([for statement in jsondecode(module.stack.storage.policies.static.policy).Statement : statement.Principal.Service == "cloudfront.amazonaws.com" && endswith(statement.Resource, "/site/*") if statement.Effect == "Allow"])
    error_message = "CloudFront reads the copy of the site and no exports."
  }
  assert {
    condition     = length([for behaviour in module.stack.edge.distribution.ordered_cache_behavior : behaviour if behaviour.target_origin_id == "balancer" && contains(behaviour.allowed_methods, "POST")]) == 6
    error_message = "What is written goes to the load balancer alone."
  }
}

run "a_certificate_that_is_there" {
  command = plan

  variables {
    zone_id         = null
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/22222222-2222-3333-4444-555555555555"
  }

  assert {
    condition     = module.stack.edge.listeners.https.certificate_arn == "arn:aws:acm:us-east-1:123456789012:certificate/22222222-2222-3333-4444-555555555555" && module.stack.edge.certificate == null && length(module.stack.edge.records) == 0
    error_message = "6: a certificate that is named is used, and none is made."
  }
}
