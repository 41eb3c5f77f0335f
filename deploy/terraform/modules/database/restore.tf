# A second instance, as the first one was at a point in time. The application's secret names it from then on; the first
# one stays as it is, so that the way back is to name no point in time any more.
resource "aws_db_instance" "restored" {
  # checkov:skip=CKV_AWS_157: As the instance it is restored from.
  # checkov:skip=CKV_AWS_118: As the instance it is restored from.
  count          = var.restore_to == null ? 0 : 1
  identifier     = "${var.name}-${lower(replace(var.restore_to, "/[^0-9A-Za-z]/", ""))}"
  instance_class = var.instance_class

  restore_to_point_in_time {
    source_db_instance_identifier = aws_db_instance.this.identifier
    restore_time                  = var.restore_to == "latest" ? null : var.restore_to
    use_latest_restorable_time    = var.restore_to == "latest" ? true : null
  }

  engine_lifecycle_support    = aws_db_instance.this.engine_lifecycle_support
  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = true
  apply_immediately           = !var.protected
  parameter_group_name        = aws_db_parameter_group.this.name
  port                        = local.port

  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.key_arn

  max_allocated_storage = 100
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.key_arn

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  publicly_accessible    = false
  multi_az               = false

  backup_retention_period   = aws_db_instance.this.backup_retention_period
  backup_window             = aws_db_instance.this.backup_window
  maintenance_window        = aws_db_instance.this.maintenance_window
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !var.protected
  deletion_protection       = var.protected
  skip_final_snapshot       = !var.protected
  final_snapshot_identifier = var.protected ? "${var.name}-restored-last" : null

  performance_insights_enabled          = true
  performance_insights_retention_period = 7
  performance_insights_kms_key_id       = var.key_arn
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
}
