output "instance" {
  description = "The instance."
  value       = aws_db_instance.this
  sensitive   = true
}

output "restored" {
  description = "The instance that was restored to a point in time, if one is named."
  value       = one(aws_db_instance.restored)
  sensitive   = true
}

output "identifier" {
  description = "The name of the instance that the application uses."
  value       = local.active.identifier
}

output "address" {
  description = "Where the application finds it."
  value       = { host = local.active.address, port = local.port, name = aws_db_instance.this.db_name }
}

output "master_secret_arn" {
  description = "The secret of its administrator, which RDS makes and rotates."
  value       = local.active.master_user_secret[0].secret_arn
}

output "parameters" {
  description = "Its parameter group."
  value       = aws_db_parameter_group.this
}

output "subnet_group" {
  description = "The subnets that it may stand in."
  value       = aws_db_subnet_group.this
}

output "ingress" {
  description = "What may reach it."
  value       = aws_vpc_security_group_ingress_rule.cluster
}

output "connections" {
  description = "How many connections it takes."
  value       = local.connections
}

output "memory" {
  description = "How much memory it has, in GiB."
  value       = local.memory
}
