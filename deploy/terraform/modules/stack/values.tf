locals {
  secret = merge(module.secrets.arns, { master = module.database.master_secret_arn })

  # A reference that Pharos looks up in Secrets Manager when it starts.
  references = { for use, keys in {
    database = ["username", "password"], owner = ["username", "password"], master = ["username", "password"],
    endpoint = ["host"], cache = ["auth_token"], keys = ["keys"]
  } : use => { for key in keys : key => "{aws:${local.secret[use]}#${key}}" } }

  # The database by each of its roles. Only the host is looked up: a restored instance has another.
  database_urls = { for role in ["database", "owner", "master"] : role => join("", [
    "postgres://", local.references[role].username, ":", local.references[role].password, "@",
    local.references.endpoint.host, ":${module.database.address.port}/${module.database.address.name}",
    "?sslmode=verify-full&sslrootcert=/etc/pharos/database-ca/ca.pem",
  ]) }
  # A twentieth of them is left to people and to the exports.
  connections = floor(module.database.connections * 0.95)
  redis_url = join("", [
    "rediss://:", local.references.cache.auth_token, "@", module.cache.address.host, ":", module.cache.address.port,
  ])

  # What comes after the chart's values-aws.yaml. install.sh adds the image's digest.
  values = {
    image          = { repository = module.storage.repository.repository_url }
    baseUrl        = module.edge.address
    trustedProxies = concat(local.cidrs.public, module.edge.proxies)
    keys           = { reference = local.references.keys.keys }
    database = {
      url            = local.database_urls.database
      maxConnections = local.connections
      migrations     = { url = local.database_urls.owner }
      bootstrap = {
        administratorUrl  = local.database_urls.master
        ownerSecret       = local.secret.owner
        applicationSecret = local.secret.database
      }
    }
    # As many as the chart lets a database of that size have, and no more than its own most.
    autoscaling        = { maxReplicas = max(2, min(12, ceil(0.06 * local.connections) - 3)) }
    redis              = { url = local.redis_url }
    copyTo             = var.edge.static_failover ? "s3://${module.storage.buckets["static"].id}/site" : ""
    targetGroupBinding = { targetGroupArn = module.edge.target_group.arn }
    networkPolicy = {
      # The network plugin lets a node's own probes through by itself: the nodes' subnets are those of all pods, too.
      clients  = [for cidr in local.cidrs.public : { ipBlock = { cidr = cidr } }]
      postgres = { cidrs = local.cidrs.database }
      redis    = { cidrs = local.cidrs.database }
    }
  }
}

# The same, for whoever deploys without this state.
resource "aws_ssm_parameter" "values" {
  # checkov:skip=CKV2_AWS_34: Nothing in it is secret: it names secrets.
  name        = "/${var.name}/values"
  description = "Values of Pharos' chart; nothing secret"
  type        = "String"
  tier        = "Intelligent-Tiering"
  value       = yamlencode(local.values)
}
