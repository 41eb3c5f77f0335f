# In what this environment differs from prod.

mock_provider "aws" {
  source = "../../mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "../../mocks"
}

variables {
  hosts     = ["status.dev.example.com"]
  api_cidrs = ["203.0.113.0/24"]
}

run "dev" {
  command = apply

  assert {
    condition     = module.stack.database.instance.backup_retention_period == 1
    error_message = "4: backups are kept for one day elsewhere than in prod."
  }
  assert {
    condition     = !module.stack.database.instance.deletion_protection && module.stack.database.instance.skip_final_snapshot && !module.stack.edge.balancer.enable_deletion_protection
    error_message = "4: what is not worth keeping can be deleted."
  }
  assert {
    condition     = module.stack.database.instance.storage_encrypted && module.stack.cache.group.at_rest_encryption_enabled == "true" && module.stack.cache.group.transit_encryption_enabled
    error_message = "4, 5: encrypted all the same."
  }
  assert {
    condition     = module.stack.database.instance.instance_class == "db.t4g.micro" && module.stack.cache.group.node_type == "cache.t4g.micro" && module.stack.cluster.node_group.scaling_config[0].desired_size == 1
    error_message = "16: cheaper than prod."
  }
  assert {
    condition     = module.stack.observability.alarms["database-memory"].threshold == 64 * 1024 * 1024 && module.stack.observability.alarms["database-connections"].threshold == 80 && [for parameter in module.stack.database.parameters.parameter : parameter.value if parameter.name == "max_connections"] == ["100"]
    error_message = "4: connections and memory by the size of the instance."
  }
  assert {
    condition     = yamldecode(output.values).database.maxConnections == 95 && yamldecode(output.values).autoscaling.maxReplicas == 3
    error_message = "4: and no more pods than that database bears."
  }
  assert {
    condition     = !module.stack.database.parameters.skip_destroy && module.stack.database.instance.apply_immediately && !contains(keys(module.stack.observability.alarms), "certificate")
    error_message = "16: nothing waits for a window, and nothing is asked of a certificate that is not there."
  }
  assert {
    condition     = module.stack.edge.listeners.https == null && module.stack.edge.listeners.http.default_action[0].type == "forward" && startswith(output.address, "http://")
    error_message = "6: without a zone and a certificate the page answers by HTTP."
  }
  assert {
    condition     = module.stack.edge.firewall.association.resource_arn == module.stack.edge.balancer.arn
    error_message = "7: behind the firewall all the same."
  }
  assert {
    condition     = length(module.stack.network.endpoints.ecr) == 0 && module.stack.network.vpc.cidr_block == "10.43.0.0/16"
    error_message = "2: without ECR's endpoints, and beside prod's addresses."
  }
  assert {
    condition     = alltrue([for secret in module.stack.secrets.secrets : secret.recovery_window_in_days == 0])
    error_message = "16: gone when it is destroyed, so that it can be made anew at once."
  }
}
