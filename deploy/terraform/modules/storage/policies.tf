locals {
  only_tls = { for use, bucket in aws_s3_bucket.this : use => {
    Sid       = "OnlyTls"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = "s3:*"
    Resource  = [bucket.arn, "${bucket.arn}/*"]
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  } }

  # Which service may write logs below which folder.
  log_writers = {
    alb     = "logdelivery.elasticloadbalancing.amazonaws.com"
    AWSLogs = "delivery.logs.amazonaws.com"
    s3      = "logging.s3.amazonaws.com"
  }

  log_statements = [for folder, service in local.log_writers : {
    Sid       = "Write${title(folder)}"
    Effect    = "Allow"
    Principal = { Service = service }
    Action    = "s3:PutObject"
    Resource  = "${aws_s3_bucket.this["logs"].arn}/${folder}/*"
    Condition = { StringEquals = { "aws:SourceAccount" = var.account.id } }
  }]

  # Delivery of flow logs asks for the bucket's access list first.
  flow_check = {
    Sid       = "CheckAWSLogs"
    Effect    = "Allow"
    Principal = { Service = local.log_writers.AWSLogs }
    Action    = "s3:GetBucketAcl"
    Resource  = aws_s3_bucket.this["logs"].arn
    Condition = { StringEquals = { "aws:SourceAccount" = var.account.id } }
  }

  # Without the right to list, what is missing would be a 403 rather than a 404.
  distribution = [for arn in compact([var.distribution_arn]) : {
    Sid       = "DistributionReadsTheSite"
    Effect    = "Allow"
    Principal = { Service = "cloudfront.amazonaws.com" }
    Action    = "s3:GetObject"
    Resource  = "${aws_s3_bucket.this["static"].arn}/site/*"
    Condition = { StringEquals = { "AWS:SourceArn" = arn } }
  }]
}

resource "aws_s3_bucket_policy" "static" {
  bucket     = aws_s3_bucket.this["static"].id
  policy     = jsonencode({ Version = "2012-10-17", Statement = concat([local.only_tls.static], local.distribution) })
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.this["logs"].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.only_tls.logs, local.flow_check], local.log_statements)
  })
  depends_on = [aws_s3_bucket_public_access_block.this]
}
