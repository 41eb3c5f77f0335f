locals {
  # AWS's groups in the order they are asked in, and which of their rules only count. Bodies: an incident's text may be
  # 25,000 characters of anything, an exploit that is written about included. No user agent: monitors often have none.
  managed = {
    AWSManagedRulesAmazonIpReputationList = []
    AWSManagedRulesCommonRuleSet = [
      "SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY",
      "NoUserAgent_HEADER",
    ]
    AWSManagedRulesKnownBadInputsRuleSet = [
      "Log4JRCE_BODY", "JavaDeserializationRCE_BODY", "ReactJSRCE_BODY",
    ]
    AWSManagedRulesSQLiRuleSet = ["SQLi_BODY", "SQLiExtendedPatterns_BODY"]
  }
  priorities = { for index, name in keys(local.managed) : name => 20 + index }

  # Behind CloudFront all requests come from its addresses: a function there (failover.tf) says whose they are.
  viewer_header = "x-pharos-viewer"
  origin_header = "x-pharos-origin"
}

resource "aws_wafv2_web_acl" "this" {
  name        = var.name
  description = "In front of ${var.name}"
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = true
  }

  dynamic "rule" {
    for_each = length(var.blocked_countries) > 0 && !var.static_failover ? [var.blocked_countries] : []
    content {
      name     = "countries"
      priority = 0

      action {
        block {}
      }

      statement {
        geo_match_statement {
          country_codes = rule.value
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "countries"
        sampled_requests_enabled   = true
      }
    }
  }

  # Only our own distribution says whose request it is.
  dynamic "rule" {
    for_each = var.static_failover ? [1] : []
    content {
      name     = "cloudfront"
      priority = 1

      action {
        block {}
      }

      statement {
        not_statement {
          statement {
            byte_match_statement {
              search_string         = terraform_data.origin[0].output
              positional_constraint = "EXACTLY"
              field_to_match {
                single_header {
                  name = local.origin_header
                }
              }
              text_transformation {
                priority = 0
                type     = "NONE"
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "cloudfront"
        sampled_requests_enabled   = true
      }
    }
  }

  # Strict: what is not a GET or a HEAD, and signing in.
  rule {
    name     = "writes"
    priority = 10

    action {
      block {
        custom_response {
          response_code = 429
        }
      }
    }

    statement {
      rate_based_statement {
        limit                 = var.write_limit
        evaluation_window_sec = 300
        aggregate_key_type    = var.static_failover ? "CUSTOM_KEYS" : "IP"

        dynamic "custom_key" {
          for_each = var.static_failover ? [1] : []
          content {
            header {
              name = local.viewer_header
              text_transformation {
                priority = 0
                type     = "NONE"
              }
            }
          }
        }

        scope_down_statement {
          or_statement {
            statement {
              not_statement {
                statement {
                  regex_match_statement {
                    regex_string = "^(GET|HEAD|OPTIONS)$"
                    field_to_match {
                      method {}
                    }
                    text_transformation {
                      priority = 0
                      type     = "NONE"
                    }
                  }
                }
              }
            }
            statement {
              byte_match_statement {
                search_string         = "/admin/sign-in"
                positional_constraint = "STARTS_WITH"
                field_to_match {
                  uri_path {}
                }
                text_transformation {
                  priority = 0
                  type     = "NORMALIZE_PATH"
                }
                text_transformation {
                  priority = 1
                  type     = "LOWERCASE"
                }
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "writes"
      sampled_requests_enabled   = true
    }
  }

  # Wide: everything. During an outage a whole office reloads behind one address.
  rule {
    name     = "reads"
    priority = 11

    action {
      block {
        custom_response {
          response_code = 429
        }
      }
    }

    statement {
      rate_based_statement {
        limit                 = var.read_limit
        evaluation_window_sec = 300
        aggregate_key_type    = var.static_failover ? "CUSTOM_KEYS" : "IP"

        dynamic "custom_key" {
          for_each = var.static_failover ? [1] : []
          content {
            header {
              name = local.viewer_header
              text_transformation {
                priority = 0
                type     = "NONE"
              }
            }
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "reads"
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = local.managed
    content {
      name     = rule.key
      priority = local.priorities[rule.key]

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          name        = rule.key
          vendor_name = "AWS"

          dynamic "rule_action_override" {
            for_each = rule.value
            content {
              name = rule_action_override.value
              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
        sampled_requests_enabled   = true
      }
    }
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = aws_lb.this.arn
  web_acl_arn  = aws_wafv2_web_acl.this.arn
}

# The name has to begin like this.
resource "aws_cloudwatch_log_group" "firewall" {
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_days
  kms_key_id        = var.key_arn
}

# What was blocked or counted, without what is secret: links carry tokens in their query.
resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.firewall.arn]

  redacted_fields {
    query_string {}
  }
  dynamic "redacted_fields" {
    for_each = concat(["cookie", "authorization"], var.static_failover ? [local.origin_header] : [])
    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }

  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      dynamic "condition" {
        for_each = ["BLOCK", "COUNT", "EXCLUDED_AS_COUNT"]
        content {
          action_condition {
            action = condition.value
          }
        }
      }
    }
  }
}
