locals {
  buckets = { for use in ["static", "logs"] : use => "${var.name}-${use}-${var.account.id}" }
}

# static: exports (`exports/`) and copies of the public site (`site/`). logs: what the load balancer, the network and
# the other bucket log.
resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18: The bucket for static files logs to the other, which would log to itself.
  # checkov:skip=CKV_AWS_21: The bucket for static files keeps versions; of logs there is one.
  # checkov:skip=CKV_AWS_144: Exports can be made anew from the database, whose backups are apart; logs end after 30 days.
  # checkov:skip=CKV_AWS_145: The load balancer's logs can be written with the bucket's own key alone.
  # checkov:skip=CKV2_AWS_61: Both have a lifecycle, below; for_each hides it.
  # checkov:skip=CKV2_AWS_62: Nothing waits for new objects.
  for_each      = local.buckets
  bucket        = each.value
  force_destroy = !var.protected
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each                = aws_s3_bucket.this
  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = aws_s3_bucket.this
  bucket   = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# With the bucket's own key, since the load balancer's logs can be written with no other.
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = aws_s3_bucket.this
  bucket   = each.value.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "static" {
  bucket = aws_s3_bucket.this["static"].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_logging" "static" {
  bucket        = aws_s3_bucket.this["static"].id
  target_bucket = aws_s3_bucket.this["logs"].id
  target_prefix = "s3/"
  depends_on    = [aws_s3_bucket_policy.logs]
}

resource "aws_s3_bucket_lifecycle_configuration" "static" {
  bucket = aws_s3_bucket.this["static"].id

  rule {
    id     = "exports"
    status = "Enabled"
    filter {
      prefix = "exports/"
    }
    expiration {
      days = 90
    }
  }

  rule {
    id     = "old-versions"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.static]
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.this["logs"].id

  rule {
    id     = "logs"
    status = "Enabled"
    filter {}
    expiration {
      days = var.log_days
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}
