locals {
  # A zone can be written to, so that certificate and records are made; else a certificate is named, or there is none.
  by_zone     = var.zone_id != null
  certificate = local.by_zone ? one(aws_acm_certificate_validation.this[*].certificate_arn) : var.certificate_arn
  has_tls     = local.by_zone || var.certificate_arn != null
  # Behind CloudFront the load balancer needs a name of its own: the copy in S3 can't be asked by the visitor's.
  origin_host = "origin.${var.hosts[0]}"
  names       = concat(var.hosts, var.static_failover ? [local.origin_host] : [])
  certified   = toset(local.by_zone ? local.names : [])
}

resource "aws_acm_certificate" "this" {
  count                     = local.by_zone ? 1 : 0
  domain_name               = local.names[0]
  subject_alternative_names = slice(local.names, 1, length(local.names))
  validation_method         = "DNS"
  tags                      = { Name = var.name }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  for_each = local.certified
  zone_id  = var.zone_id
  name     = local.proofs[each.key].resource_record_name
  type     = local.proofs[each.key].resource_record_type
  records  = [local.proofs[each.key].resource_record_value]
  ttl      = 300
  # CloudFront's certificate is proven by the same records.
  allow_overwrite = true
}

locals {
  proofs = {
    for proof in try(aws_acm_certificate.this[0].domain_validation_options, []) : proof.domain_name => proof
  }
}

resource "aws_acm_certificate_validation" "this" {
  count                   = local.by_zone ? 1 : 0
  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

resource "aws_route53_record" "host" {
  for_each = toset(local.by_zone ? var.hosts : [])
  zone_id  = var.zone_id
  name     = each.key
  type     = "A"

  alias {
    name                   = var.static_failover ? aws_cloudfront_distribution.this[0].domain_name : aws_lb.this.dns_name
    zone_id                = var.static_failover ? aws_cloudfront_distribution.this[0].hosted_zone_id : aws_lb.this.zone_id
    evaluate_target_health = false
  }
}

resource "aws_route53_record" "origin" {
  count   = local.failover
  zone_id = var.zone_id
  name    = local.origin_host
  type    = "A"

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = false
  }
}
