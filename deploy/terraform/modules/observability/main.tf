# Where containers' logs go.
resource "aws_cloudwatch_log_group" "containers" {
  name              = "/${var.name}/containers"
  retention_in_days = var.log_days
  kms_key_id        = var.key_arn
}

# To S3, where a gigabyte costs half of what it does in CloudWatch.
resource "aws_flow_log" "this" {
  vpc_id                   = var.network.vpc_id
  traffic_type             = "ALL"
  log_destination_type     = "s3"
  log_destination          = var.network.log_bucket_arn
  max_aggregation_interval = 600
  tags                     = { Name = var.name }

  destination_options {
    file_format                = "parquet"
    per_hour_partition         = true
    hive_compatible_partitions = true
  }
}

resource "aws_guardduty_detector" "this" {
  # checkov:skip=CKV2_AWS_3: It watches the account where it is asked to; an organisation is not ours to say.
  count                        = var.guardduty ? 1 : 0
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

resource "aws_guardduty_detector_feature" "audit_logs" {
  count       = var.guardduty ? 1 : 0
  detector_id = aws_guardduty_detector.this[0].id
  name        = "EKS_AUDIT_LOGS"
  status      = "ENABLED"
}
