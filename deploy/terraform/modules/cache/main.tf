locals {
  port = 6379
  engines = {
    redis  = { version = "7.1", family = "redis7" }
    valkey = { version = "8.0", family = "valkey8" }
  }
}

# A cache is made with a token or can have none. This one is in the state, so that install.sh puts another in its place as
# soon as the cache is there, and only that one is written to the secret.
data "aws_secretsmanager_random_password" "first_token" {
  password_length     = 64
  exclude_punctuation = true
}

resource "aws_elasticache_subnet_group" "this" {
  name        = var.name
  description = "The cache of ${var.name}"
  subnet_ids  = var.network.subnet_ids
}

resource "aws_security_group" "this" {
  name        = "${var.name}-cache"
  description = "The cache, for the cluster"
  vpc_id      = var.network.vpc_id
  tags        = { Name = "${var.name}-cache" }
}

resource "aws_vpc_security_group_ingress_rule" "cluster" {
  description                  = "The cache's protocol from the nodes and their pods"
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = var.network.client_id
  from_port                    = local.port
  to_port                      = local.port
  ip_protocol                  = "tcp"
}

# Every key that Pharos writes has a time to live and can be lost: when memory is short, the one least used goes.
resource "aws_elasticache_parameter_group" "this" {
  name        = "${var.name}-${local.engines[var.engine].family}"
  family      = local.engines[var.engine].family
  description = "The cache of ${var.name}"

  parameter {
    name  = "maxmemory-policy"
    value = "volatile-lru"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_elasticache_replication_group" "this" {
  # checkov:skip=CKV2_AWS_50: A single node: everything in it can be lost, and Pharos serves on without it.
  replication_group_id       = var.name
  description                = "State and announcements of ${var.name}"
  engine                     = var.engine
  engine_version             = local.engines[var.engine].version
  auto_minor_version_upgrade = true
  parameter_group_name       = aws_elasticache_parameter_group.this.name
  node_type                  = var.node_type
  port                       = local.port

  # A single node: without it Pharos serves from memory and asks the database.
  num_cache_clusters         = 1
  automatic_failover_enabled = false
  multi_az_enabled           = false
  snapshot_retention_limit   = 0
  maintenance_window         = "tue:05:00-tue:06:00"

  at_rest_encryption_enabled = true
  kms_key_id                 = var.key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  auth_token                 = data.aws_secretsmanager_random_password.first_token.random_password

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [aws_security_group.this.id]
  apply_immediately  = true

  lifecycle {
    ignore_changes = [auth_token, auth_token_update_strategy]
  }
}
