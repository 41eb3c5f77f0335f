data "aws_caller_identity" "here" {}
data "aws_region" "here" {}
data "aws_partition" "here" {}

locals {
  account = {
    id        = data.aws_caller_identity.here.account_id
    region    = data.aws_region.here.name
    partition = data.aws_partition.here.partition
  }
  vpc_id = module.network.vpc.id
  ids    = { for kind, subnets in module.network.subnets : kind => subnets[*].id }
  cidrs  = { for kind, subnets in module.network.subnets : kind => subnets[*].cidr_block }
}

module "network" {
  source         = "../network"
  name           = var.name
  cidr           = var.network.cidr
  endpoint_zones = var.network.endpoint_zones
  account        = local.account
}

module "secrets" {
  source    = "../secrets"
  name      = var.name
  account   = local.account
  protected = var.protected
  database  = module.database.address
}

module "cluster" {
  source             = "../cluster"
  name               = var.name
  kubernetes_version = var.cluster.kubernetes_version
  api_cidrs          = var.cluster.api_cidrs
  administrators     = var.cluster.administrators
  nodes              = var.cluster
  network            = { vpc_id = local.vpc_id, subnet_ids = local.ids.private }
  key_arn            = module.secrets.key.arn
  account            = local.account
  log_days           = var.log_days
}

module "database" {
  source         = "../database"
  name           = var.name
  protected      = var.protected
  engine_version = var.database.engine_version
  instance_class = var.database.instance_class
  restore_to     = var.database.restore_to
  network        = { vpc_id = local.vpc_id, subnet_ids = local.ids.database, client_id = module.cluster.security_group_id }
  key_arn        = module.secrets.key.arn
  log_days       = var.log_days
}

module "cache" {
  source    = "../cache"
  name      = var.name
  engine    = var.cache.engine
  node_type = var.cache.node_type
  network   = { vpc_id = local.vpc_id, subnet_ids = local.ids.database, client_id = module.cluster.security_group_id }
  key_arn   = module.secrets.key.arn
}

module "storage" {
  source           = "../storage"
  name             = var.name
  account          = local.account
  protected        = var.protected
  log_days         = var.log_days
  efs              = var.efs
  network          = { vpc_id = local.vpc_id, subnet_ids = local.ids.private, client_id = module.cluster.security_group_id }
  key_arn          = module.secrets.key.arn
  distribution_arn = module.edge.distribution_arn
}

module "edge" {
  source            = "../edge"
  providers         = { aws = aws, aws.us_east_1 = aws.us_east_1 }
  name              = var.name
  protected         = var.protected
  hosts             = var.edge.hosts
  zone_id           = var.edge.zone_id
  certificate_arn   = var.edge.certificate_arn
  blocked_countries = var.edge.blocked_countries
  write_limit       = var.edge.write_limit
  read_limit        = var.edge.read_limit
  static_failover   = var.edge.static_failover
  static_bucket = {
    id     = module.storage.buckets["static"].id
    domain = module.storage.buckets["static"].bucket_regional_domain_name
  }
  network    = { vpc_id = local.vpc_id, subnet_ids = local.ids.public, target_id = module.cluster.security_group_id }
  log_bucket = module.storage.log_bucket.id
  account    = local.account
  key_arn    = module.secrets.key.arn
  log_days   = var.log_days
}

module "observability" {
  source         = "../observability"
  name           = var.name
  account        = local.account
  key_arn        = module.secrets.key.arn
  log_days       = var.log_days
  emails         = var.alarms.emails
  monthly_budget = var.alarms.monthly_budget
  guardduty      = var.guardduty
  network        = { vpc_id = local.vpc_id, log_bucket_arn = module.storage.log_bucket.arn }
  watched = {
    cluster           = var.name
    autoscaling_group = module.cluster.autoscaling_group
    database          = module.database.identifier
    cache             = module.cache.node
    balancer          = module.edge.balancer.arn_suffix
    target_group      = module.edge.target_group.arn_suffix
    firewall          = var.name
    certificates      = module.edge.certificates
    connections       = module.database.connections
    database_memory   = module.database.memory
  }
}

module "identity" {
  source            = "../identity"
  name              = var.name
  account           = local.account
  cluster_name      = module.cluster.cluster.name
  autoscaling_group = module.cluster.autoscaling_group
  target_group_arn  = module.edge.target_group.arn
  container_log_arn = module.observability.container_log.arn
  topic_arn         = module.observability.topic.arn
  secret_arns       = module.secrets.arns
  master_secret_arn = module.database.master_secret_arn
  key_arn           = module.secrets.key.arn
  static_bucket_arn = module.storage.buckets["static"].arn
  publishes         = var.edge.static_failover
}
