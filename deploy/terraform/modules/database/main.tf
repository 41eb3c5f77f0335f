locals {
  # What runs is `this` until a point in time is named, and from then on what was restored from it.
  active = var.restore_to == null ? aws_db_instance.this : aws_db_instance.restored[0]
  port   = 5432

  # Its memory in GiB: of the small classes by their size, of all others at least 8.
  memory = lookup({ micro = 1, small = 2, medium = 4 }, split(".", var.instance_class)[2], 8)
  # A connection takes some MiB when it works.
  connections = 100 * local.memory

  # RDS reckons sizes from the instance's memory by itself; these are what it does not know of us: many small reads,
  # writes of a few rows, storage that is as fast at random as in order.
  parameters = {
    "rds.force_ssl"                       = { value = "1" }
    "shared_preload_libraries"            = { value = "pg_stat_statements", restart = true }
    "max_connections"                     = { value = tostring(local.connections), restart = true }
    "random_page_cost"                    = { value = "1.1" }
    "effective_io_concurrency"            = { value = "64" }
    "work_mem"                            = { value = tostring(max(4096, 2048 * local.memory)) }
    "maintenance_work_mem"                = { value = tostring(32768 * local.memory) }
    "statement_timeout"                   = { value = "60000" }
    "lock_timeout"                        = { value = "10000" }
    "idle_in_transaction_session_timeout" = { value = "60000" }
    "log_min_duration_statement"          = { value = "500" }
    "log_lock_waits"                      = { value = "1" }
  }
}

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "The database of ${var.name}"
  subnet_ids  = var.network.subnet_ids
}

resource "aws_security_group" "this" {
  name        = "${var.name}-database"
  description = "The database, for the cluster"
  vpc_id      = var.network.vpc_id
  tags        = { Name = "${var.name}-database" }
}

resource "aws_vpc_security_group_ingress_rule" "cluster" {
  description                  = "PostgreSQL from the nodes and their pods"
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = var.network.client_id
  from_port                    = local.port
  to_port                      = local.port
  ip_protocol                  = "tcp"
}

resource "aws_db_parameter_group" "this" {
  name        = "${var.name}-postgres${var.engine_version}"
  family      = "postgres${var.engine_version}"
  description = "The database of ${var.name}"
  # A new major version waits for the maintenance window, and the instance has the old group until then. What can be
  # deleted at once is upgraded at once.
  skip_destroy = var.protected

  dynamic "parameter" {
    for_each = local.parameters
    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = try(parameter.value.restart, false) ? "pending-reboot" : "immediate"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  # checkov:skip=CKV_AWS_157: One zone: the page is read without the database, and a second zone costs 50 dollars a month.
  # checkov:skip=CKV_AWS_118: Performance Insights shows what is asked for; enhanced monitoring bills its logs besides.
  # checkov:skip=CKV_AWS_161: The application has a role with a password in Secrets Manager, which is asked for by its own identity.
  identifier     = var.name
  db_name        = "pharos"
  engine         = "postgres"
  engine_version = tostring(var.engine_version)
  # Past standard support, extended support would cost more than the instance: RDS then upgrades it instead.
  engine_lifecycle_support    = "open-source-rds-extended-support-disabled"
  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = true
  apply_immediately           = !var.protected
  instance_class              = var.instance_class
  parameter_group_name        = aws_db_parameter_group.this.name
  port                        = local.port

  username                      = "postgres"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.key_arn

  allocated_storage     = 20
  max_allocated_storage = 100
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.key_arn

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  publicly_accessible    = false
  multi_az               = false

  backup_retention_period   = var.protected ? 7 : 1
  backup_window             = "03:10-03:40"
  maintenance_window        = "tue:04:00-tue:04:30"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !var.protected
  deletion_protection       = var.protected
  skip_final_snapshot       = !var.protected
  final_snapshot_identifier = var.protected ? "${var.name}-last" : null

  performance_insights_enabled          = true
  performance_insights_retention_period = 7
  performance_insights_kms_key_id       = var.key_arn
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]

  # The groups of its logs come first, or RDS would make them, with no end to what they keep.
  depends_on = [aws_cloudwatch_log_group.this]

  lifecycle {
    # So that what was restored can take its place in the state, by `terraform state mv`.
    ignore_changes = [restore_to_point_in_time]
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each          = toset(["postgresql", "upgrade"])
  name              = "/aws/rds/instance/${var.name}/${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = var.key_arn
}
