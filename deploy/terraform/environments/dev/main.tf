locals {
  name = "pharos-dev"
  tags = { Project = "pharos", Environment = local.name, ManagedBy = "terraform" }
}

# The same, but smaller, and nothing in it is worth keeping.
module "stack" {
  source    = "../../modules/stack"
  providers = { aws = aws, aws.us_east_1 = aws.us_east_1 }
  name      = local.name
  protected = false
  network   = { cidr = "10.43.0.0/16", endpoint_zones = 0 }
  cluster   = { api_cidrs = var.api_cidrs, administrators = var.administrators, desired = 1, max = 2 }
  database  = { engine_version = var.database_version, instance_class = "db.t4g.micro" }
  cache     = { node_type = "cache.t4g.micro" }
  alarms    = { emails = var.alarm_emails, monthly_budget = var.monthly_budget }
  edge      = { hosts = var.hosts, zone_id = var.zone_id, certificate_arn = var.certificate_arn, write_limit = var.write_limit, read_limit = var.read_limit }
  log_days  = 7
}
