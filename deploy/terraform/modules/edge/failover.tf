# Off by default. CloudFront asks the load balancer and, where that does not answer or answers with an error of its own,
# the copy of the public site in S3. A page at /de/ is the object site/de/, the front page the object site/: S3 takes
# names that end in a slash, so that neither needs another address.
locals {
  failover = var.static_failover ? 1 : 0
  # What is not for everybody, or is not only read: never from a cache and never from the copy.
  # AWS's own policies have fixed ids: CachingDisabled, AllViewer, AllViewerExceptHostHeader.
  no_cache         = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  whole_request    = "216adef6-5c7f-47e4-b989-5492eafa07d3"
  all_but_its_host = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
  live_paths       = toset(var.static_failover ? ["/admin*", "/v1/*", "/api/v1/*", "/subscribe*", "/events*", "/hooks/*"] : [])
}

# What our distribution is known by at the load balancer. It is made once, and stays in the state.
data "aws_secretsmanager_random_password" "origin" {
  count               = local.failover
  password_length     = 40
  exclude_punctuation = true
}

resource "terraform_data" "origin" {
  count = local.failover
  input = sensitive(data.aws_secretsmanager_random_password.origin[0].random_password)

  lifecycle {
    ignore_changes = [input]
  }
}

# As long as Pharos says, by address and coding. Not by host: S3 knows its bucket by none but its own.
resource "aws_cloudfront_cache_policy" "origin_decides" {
  count       = local.failover
  name        = "${var.name}-origin-decides"
  comment     = "As long as the origin says"
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 31536000

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "all"
    }
  }
}

resource "aws_acm_certificate" "cloudfront" {
  count                     = local.failover
  provider                  = aws.us_east_1
  domain_name               = var.hosts[0]
  subject_alternative_names = slice(var.hosts, 1, length(var.hosts))
  validation_method         = "DNS"
  tags                      = { Name = "${var.name}-cloudfront" }

  lifecycle {
    create_before_destroy = true
  }
}

# An account proves a name by one record, so that those of the load balancer's certificate prove this one too.
resource "aws_acm_certificate_validation" "cloudfront" {
  count                   = local.failover
  provider                = aws.us_east_1
  certificate_arn         = aws_acm_certificate.cloudfront[0].arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

resource "aws_cloudfront_origin_access_control" "this" {
  count                             = local.failover
  name                              = var.name
  description                       = "The copy of the public site of ${var.name}"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

# Whose request it is, for the firewall's limits; what a visitor says of that is overwritten.
resource "aws_cloudfront_function" "viewer" {
  count   = local.failover
  name    = "${var.name}-viewer"
  comment = "Says whose request it is"
  runtime = "cloudfront-js-2.0"
  publish = true
  code    = <<-EOT
    function handler(event) {
      var request = event.request;
      request.headers['${local.viewer_header}'] = { value: event.viewer.ip };
      return request;
    }
  EOT
}

resource "aws_cloudfront_distribution" "this" {
  # checkov:skip=CKV_AWS_68: The firewall stands at the load balancer behind it, which accepts CloudFront alone; the copy is static.
  # checkov:skip=CKV2_AWS_47: The firewall at the load balancer has the group against Log4j.
  # checkov:skip=CKV_AWS_305: The front page is the object site/: a default object would ask the load balancer for another page.
  # checkov:skip=CKV_AWS_86: It logs by a delivery to S3, below.
  # checkov:skip=CKV2_AWS_32: Pharos sends the headers itself, by page; the copy is published with them.
  count           = local.failover
  comment         = var.name
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = "PriceClass_100"
  aliases         = var.hosts

  # As CloudFront has it, a load balancer that is gone would be waited for three times ten seconds.
  origin {
    origin_id           = "balancer"
    domain_name         = aws_route53_record.origin[0].fqdn
    connection_attempts = 2
    connection_timeout  = 3

    custom_header {
      name  = local.origin_header
      value = terraform_data.origin[0].output
    }

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      origin_read_timeout    = 60
    }
  }

  origin {
    origin_id                = "copy"
    domain_name              = var.static_bucket.domain
    origin_path              = "/site"
    origin_access_control_id = aws_cloudfront_origin_access_control.this[0].id
  }

  origin_group {
    origin_id = "balancer-then-copy"

    failover_criteria {
      status_codes = [500, 502, 503, 504]
    }
    member {
      origin_id = "balancer"
    }
    member {
      origin_id = "copy"
    }
  }

  default_cache_behavior {
    target_origin_id         = "balancer-then-copy"
    viewer_protocol_policy   = "redirect-to-https"
    allowed_methods          = ["GET", "HEAD", "OPTIONS"]
    cached_methods           = ["GET", "HEAD"]
    compress                 = false
    cache_policy_id          = aws_cloudfront_cache_policy.origin_decides[0].id
    origin_request_policy_id = local.all_but_its_host

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.viewer[0].arn
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.live_paths
    content {
      path_pattern             = ordered_cache_behavior.value
      target_origin_id         = "balancer"
      viewer_protocol_policy   = "redirect-to-https"
      allowed_methods          = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
      cached_methods           = ["GET", "HEAD"]
      compress                 = false
      cache_policy_id          = local.no_cache
      origin_request_policy_id = local.whole_request

      function_association {
        event_type   = "viewer-request"
        function_arn = aws_cloudfront_function.viewer[0].arn
      }
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = length(var.blocked_countries) > 0 ? "blacklist" : "none"
      locations        = var.blocked_countries
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.cloudfront[0].certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}

# To the bucket that takes no access lists, which CloudFront's older way of logging would need.
resource "aws_cloudwatch_log_delivery_source" "cloudfront" {
  count        = local.failover
  provider     = aws.us_east_1
  name         = "${var.name}-cloudfront"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.this[0].arn
}

resource "aws_cloudwatch_log_delivery_destination" "cloudfront" {
  count         = local.failover
  provider      = aws.us_east_1
  name          = "${var.name}-cloudfront"
  output_format = "w3c"

  delivery_destination_configuration {
    destination_resource_arn = "arn:${var.account.partition}:s3:::${var.log_bucket}"
  }
}

resource "aws_cloudwatch_log_delivery" "cloudfront" {
  count                    = local.failover
  provider                 = aws.us_east_1
  delivery_source_name     = aws_cloudwatch_log_delivery_source.cloudfront[0].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.cloudfront[0].arn
}
