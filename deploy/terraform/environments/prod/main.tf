locals {
  name = "pharos-prod"
  tags = { Project = "pharos", Environment = local.name, ManagedBy = "terraform" }
}

module "stack" {
  source    = "../../modules/stack"
  providers = { aws = aws, aws.us_east_1 = aws.us_east_1 }
  name      = local.name
  protected = var.protected
  network   = { endpoint_zones = var.endpoint_zones }
  cluster   = { api_cidrs = var.api_cidrs, administrators = var.administrators }
  database  = { engine_version = var.database_version, restore_to = var.restore_to }
  cache     = { engine = var.cache_engine }
  alarms    = { emails = var.alarm_emails, monthly_budget = var.monthly_budget }
  efs       = var.efs
  guardduty = var.guardduty

  edge = {
    hosts             = var.hosts
    zone_id           = var.zone_id
    certificate_arn   = var.certificate_arn
    blocked_countries = var.blocked_countries
    static_failover   = var.static_failover
    write_limit       = var.write_limit
    read_limit        = var.read_limit
  }
}
