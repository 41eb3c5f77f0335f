output "key" {
  description = "The key that everything is encrypted with."
  value       = aws_kms_key.this
}

output "arns" {
  description = "The secrets, by what they are for: database, owner, endpoint, cache, keys."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.arn }
}

output "secrets" {
  description = "The secrets themselves, without what is in them."
  value       = aws_secretsmanager_secret.this
}

output "endpoint" {
  description = "What the application is told of where its database is."
  value       = aws_secretsmanager_secret_version.endpoint
  sensitive   = true
}
