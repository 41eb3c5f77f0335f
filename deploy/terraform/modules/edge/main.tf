locals {
  pod_port = 8080
  # CloudFront's own addresses, where it stands in front.
  cloudfront = one(data.aws_ec2_managed_prefix_list.cloudfront)
}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  count = var.static_failover ? 1 : 0
  name  = "com.amazonaws.global.cloudfront.origin-facing"
}

resource "aws_security_group" "this" {
  name        = "${var.name}-balancer"
  description = "The load balancer"
  vpc_id      = var.network.vpc_id
  tags        = { Name = "${var.name}-balancer" }
}

# A page is for everybody. With CloudFront in front, HTTP is its business and only its addresses may come in; they are
# those of everybody's distributions, so that the firewall asks for what ours alone says (firewall.tf).
resource "aws_vpc_security_group_ingress_rule" "visitors" {
  for_each          = toset(var.static_failover ? ["443"] : local.has_tls ? ["80", "443"] : ["80"])
  description       = var.static_failover ? "CloudFront" : "Visitors, from everywhere"
  security_group_id = aws_security_group.this.id
  cidr_ipv4         = var.static_failover ? null : "0.0.0.0/0"
  prefix_list_id    = var.static_failover ? local.cloudfront.id : null
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
  ip_protocol       = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "pods" {
  description                  = "Pods of Pharos"
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = var.network.target_id
  from_port                    = local.pod_port
  to_port                      = local.pod_port
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_ingress_rule" "pods" {
  description                  = "The load balancer"
  security_group_id            = var.network.target_id
  referenced_security_group_id = aws_security_group.this.id
  from_port                    = local.pod_port
  to_port                      = local.pod_port
  ip_protocol                  = "tcp"
}

resource "aws_lb" "this" {
  # checkov:skip=CKV2_AWS_76: The firewall's groups, that against Log4j among them, are made by a dynamic block, which is not seen.
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = var.network.subnet_ids
  security_groups            = [aws_security_group.this.id]
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"
  idle_timeout               = 120
  enable_deletion_protection = var.protected

  access_logs {
    bucket  = var.log_bucket
    prefix  = "alb"
    enabled = true
  }

  lifecycle {
    precondition {
      condition     = local.has_tls || !var.protected
      error_message = "A protected environment needs zone_id (a certificate is then made) or certificate_arn."
    }
    precondition {
      condition     = !var.static_failover || (local.by_zone && length(var.hosts) == 1)
      error_message = "static_failover needs zone_id, in which certificates and records are made, and one host: behind CloudFront pages can't be told apart by it, and every further page is for those inside alone (docs/aws.md, \"The page, without any of it\")."
    }
  }
}

# Pods join it by a TargetGroupBinding, and are not ready before it counts them in.
resource "aws_lb_target_group" "this" {
  # checkov:skip=CKV_AWS_378: Inside the network, from the load balancer to pods that no other address may reach on this port.
  name                          = var.name
  vpc_id                        = var.network.vpc_id
  target_type                   = "ip"
  protocol                      = "HTTP"
  port                          = local.pod_port
  deregistration_delay          = 30
  load_balancing_algorithm_type = "least_outstanding_requests"

  health_check {
    path                = "/healthz"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "https" {
  count             = local.has_tls ? 1 : 0
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = local.certificate

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

# Leads to HTTPS. Only where there is no certificate, which an environment that is protected refuses, does it serve.
resource "aws_lb_listener" "http" {
  # checkov:skip=CKV_AWS_2: It leads to HTTPS; it serves only where there is no certificate, which a protected environment refuses.
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type             = local.has_tls ? "redirect" : "forward"
    target_group_arn = local.has_tls ? null : aws_lb_target_group.this.arn

    dynamic "redirect" {
      for_each = local.has_tls ? [1] : []
      content {
        protocol    = "HTTPS"
        port        = "443"
        status_code = "HTTP_301"
      }
    }
  }
}
