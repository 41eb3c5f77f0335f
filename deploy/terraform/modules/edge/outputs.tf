output "balancer" {
  description = "The load balancer."
  value       = aws_lb.this
}

output "target_group" {
  description = "The group that pods join."
  value       = aws_lb_target_group.this
}

output "listeners" {
  description = "What it listens on."
  value       = { http = aws_lb_listener.http, https = one(aws_lb_listener.https) }
}

output "ingress" {
  description = "Who may reach the load balancer, and from where pods are reached."
  value       = { visitors = aws_vpc_security_group_ingress_rule.visitors, pods = aws_vpc_security_group_ingress_rule.pods }
}

output "certificate" {
  description = "The certificate that was made."
  value       = one(aws_acm_certificate.this)
}

output "certificates" {
  description = "The ARN of the certificate that visitors see first, if there is one."
  value       = local.has_tls ? { certificate = local.certificate } : {}
}

output "records" {
  description = "The records of the hosts."
  value       = aws_route53_record.host
}

output "firewall" {
  description = "The web ACL, what it is attached to, and what it logs."
  value = {
    acl         = aws_wafv2_web_acl.this
    association = aws_wafv2_web_acl_association.this
    logging     = aws_wafv2_web_acl_logging_configuration.this
    log_group   = aws_cloudwatch_log_group.firewall
  }
  # Behind CloudFront it holds what ours is known by.
  sensitive = true
}

output "distribution" {
  description = "CloudFront, if it stands in front."
  value       = one(aws_cloudfront_distribution.this)
  sensitive   = true
}

output "distribution_arn" {
  description = "Its ARN, if it stands in front."
  value       = one(aws_cloudfront_distribution.this[*].arn)
}

output "proxies" {
  description = "Networks of the proxies in front of the pods, besides the load balancer."
  value       = local.cloudfront == null ? [] : [for entry in local.cloudfront.entries : entry.cidr]
}

output "address" {
  description = "The page's address."
  value       = local.has_tls ? "https://${var.hosts[0]}" : "http://${aws_lb.this.dns_name}"
}
