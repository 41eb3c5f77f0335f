output "values" {
  description = "Values of the chart, in YAML, to come after its values-aws.yaml. Nothing in it is secret."
  value       = yamlencode(local.values)
}

output "install" {
  description = "What install.sh asks for."
  value = {
    name              = var.name
    region            = local.account.region
    address           = module.edge.address
    cluster           = module.cluster.cluster.name
    vpc               = local.vpc_id
    autoscaling_group = module.cluster.autoscaling_group
    repository        = module.storage.repository.repository_url
    container_log     = module.observability.container_log.name
    topic             = module.observability.topic.arn
    cache             = { group = var.name, secret = local.secret.cache }
    keys              = { secret = local.secret.keys }
    backup = {
      bucket       = module.storage.buckets["static"].id
      namespace    = var.name
      database_url = local.database_urls.database
      keys         = local.references.keys.keys
    }
  }
}

output "network" {
  description = "The network."
  value       = module.network
}

output "cluster" {
  description = "The cluster."
  value       = module.cluster
}

output "database" {
  description = "The database."
  value       = module.database
  sensitive   = true
}

output "cache" {
  description = "The cache."
  value       = module.cache
  sensitive   = true
}

output "edge" {
  description = "Load balancer, firewall, certificate and records."
  value       = module.edge
  sensitive   = true
}

output "storage" {
  description = "Buckets, registry and file system."
  value       = module.storage
}

output "secrets" {
  description = "The key and the secrets, without what is in them."
  value       = module.secrets
}

output "observability" {
  description = "Logs, alarms, dashboards and the budget."
  value       = module.observability
}

output "identity" {
  description = "The workloads' roles."
  value       = module.identity
}
