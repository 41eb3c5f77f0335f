output "buckets" {
  description = "The buckets: static and logs."
  value       = aws_s3_bucket.this
}

output "versioning" {
  description = "Whether versions of the static bucket's objects are kept."
  value       = aws_s3_bucket_versioning.static
}

output "public_access" {
  description = "What keeps the buckets from the public."
  value       = aws_s3_bucket_public_access_block.this
}

output "encryption" {
  description = "How the buckets are encrypted."
  value       = aws_s3_bucket_server_side_encryption_configuration.this
}

output "lifecycles" {
  description = "How long the buckets keep what."
  value       = { static = aws_s3_bucket_lifecycle_configuration.static, logs = aws_s3_bucket_lifecycle_configuration.logs }
}

output "policies" {
  description = "Who may do what with the buckets."
  value       = { static = aws_s3_bucket_policy.static, logs = aws_s3_bucket_policy.logs }
}

output "repository" {
  description = "Where our copies of the image are."
  value       = aws_ecr_repository.this
}

output "file_system" {
  description = "The shared file system, if there is one."
  value       = one(aws_efs_file_system.this)
}

output "file_system_backup" {
  description = "Its backups."
  value       = one(aws_efs_backup_policy.this)
}

output "mount_targets" {
  description = "Its addresses, one a zone."
  value       = aws_efs_mount_target.this
}

# What is written to it waits for its policy.
output "log_bucket" {
  description = "The bucket for logs, once they may be written to it."
  value       = { id = aws_s3_bucket.this["logs"].id, arn = aws_s3_bucket.this["logs"].arn }
  depends_on  = [aws_s3_bucket_policy.logs]
}
