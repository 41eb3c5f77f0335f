output "group" {
  description = "The replication group, which is a single node."
  value       = aws_elasticache_replication_group.this
  sensitive   = true
}

output "parameters" {
  description = "Its parameter group."
  value       = aws_elasticache_parameter_group.this
}

output "subnet_group" {
  description = "The subnets that it may stand in."
  value       = aws_elasticache_subnet_group.this
}

output "ingress" {
  description = "What may reach it."
  value       = aws_vpc_security_group_ingress_rule.cluster
}

output "node" {
  description = "The name of its node in CloudWatch."
  value       = "${aws_elasticache_replication_group.this.id}-001"
}

output "address" {
  description = "Where the application finds it."
  value       = { host = aws_elasticache_replication_group.this.primary_endpoint_address, port = local.port }
}
