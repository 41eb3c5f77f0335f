locals {
  rds   = { DBInstanceIdentifier = var.watched.database }
  redis = { CacheClusterId = var.watched.cache }
  alb   = { LoadBalancer = var.watched.balancer }
  pods  = { LoadBalancer = var.watched.balancer, TargetGroup = var.watched.target_group }
  nodes = { AutoScalingGroupName = var.watched.autoscaling_group }
  mib   = 1024 * 1024

  # ACM renews two months before the end, if the records are still there; one that was imported is renewed by people.
  expiries = { for name, arn in var.watched.certificates : name => {
    says       = "The certificate ends within 30 days, and has not renewed itself: are its records still in the zone?"
    namespace  = "AWS/CertificateManager", metric = "DaysToExpiry", below = 30, minutes = 1440, statistic = "Minimum"
    dimensions = { CertificateArn = arn }
  } }

  # Each says what is wrong, in words that help at three in the morning. It is raised after `times` periods of
  # `minutes` (one, if nothing is said); `missing` is what silence means.
  alarms = {
    nodes-cpu = {
      says      = "The nodes' CPU is above 85 % for a quarter of an hour: is the autoscaler at its limit?"
      namespace = "AWS/EC2", metric = "CPUUtilization", dimensions = local.nodes, above = 85, minutes = 5, times = 3
    }
    database-cpu = {
      says      = "The database's CPU is above 80 % for a quarter of an hour: see Performance Insights."
      namespace = "AWS/RDS", metric = "CPUUtilization", dimensions = local.rds, above = 80, minutes = 5, times = 3
    }
    database-memory = {
      says      = "The database has less than a sixteenth of its memory left."
      namespace = "AWS/RDS", metric = "FreeableMemory", dimensions = local.rds, below = var.watched.database_memory * 64 * local.mib, minutes = 5, times = 3
    }
    database-connections = {
      says      = "More than four in five of the database's ${var.watched.connections} connections are taken: fewer replicas, or smaller pools."
      namespace = "AWS/RDS", metric = "DatabaseConnections", dimensions = local.rds, above = var.watched.connections * 0.8, minutes = 5
    }
    database-storage = {
      says      = "The database has less than 3 GiB of storage left, and has not grown by itself."
      namespace = "AWS/RDS", metric = "FreeStorageSpace", dimensions = local.rds, below = 3072 * local.mib, minutes = 5, times = 3
    }
    database-credits = {
      says      = "The database has used up its CPU credits, and more are paid for by the hour."
      namespace = "AWS/RDS", metric = "CPUSurplusCreditsCharged", dimensions = local.rds, above = 0, minutes = 60
    }
    cache-cpu = {
      says      = "The cache's engine is above 80 % of its core for a quarter of an hour."
      namespace = "AWS/ElastiCache", metric = "EngineCPUUtilization", dimensions = local.redis, above = 80, minutes = 5, times = 3
    }
    cache-memory = {
      says      = "The cache's memory is above 85 %: it forgets what was least used."
      namespace = "AWS/ElastiCache", metric = "DatabaseMemoryUsagePercentage", dimensions = local.redis, above = 85, minutes = 5, times = 3
    }
    cache-connections = {
      says      = "The cache has more than 2,000 connections."
      namespace = "AWS/ElastiCache", metric = "CurrConnections", dimensions = local.redis, above = 2000, minutes = 5, times = 3
    }
    balancer-errors = {
      says      = "The load balancer itself answered more than 25 requests in five minutes with an error: no healthy pods?"
      namespace = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count", dimensions = local.alb, above = 25, minutes = 5, statistic = "Sum"
    }
    pharos-errors = {
      says      = "Pharos answered more than 25 requests in five minutes with an error."
      namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", dimensions = local.pods, above = 25, minutes = 5, statistic = "Sum"
    }
    pharos-gone = {
      says      = "No pod of Pharos is healthy. The page is dark."
      namespace = "AWS/ApplicationELB", metric = "HealthyHostCount", dimensions = local.pods, below = 1, minutes = 1, times = 3, statistic = "Minimum", missing = "breaching"
    }
    pharos-slow = {
      says      = "One in a hundred requests takes longer than a second."
      namespace = "AWS/ApplicationELB", metric = "TargetResponseTime", dimensions = local.pods, above = 1, minutes = 5, times = 3, percentile = "p99"
    }
    firewall-blocks = {
      says       = "The firewall refused more than 5,000 requests in five minutes: an attack, or an office behind one address?"
      namespace  = "AWS/WAFV2", metric = "BlockedRequests", above = 5000, minutes = 5, statistic = "Sum"
      dimensions = { WebACL = var.watched.firewall, Region = var.account.region, Rule = "ALL" }
    }
    restore = {
      says      = "No export was restored and found whole for 48 hours."
      namespace = var.name, metric = "RestoredExports", dimensions = {}, below = 1, minutes = 1440, times = 2, statistic = "Sum", missing = "breaching"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = merge(local.alarms, local.expiries)
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.says
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  comparison_operator = can(each.value.above) ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = try(each.value.above, each.value.below)
  period              = each.value.minutes * 60
  evaluation_periods  = try(each.value.times, 1)
  statistic           = can(each.value.percentile) ? null : try(each.value.statistic, "Average")
  extended_statistic  = try(each.value.percentile, null)
  treat_missing_data  = try(each.value.missing, "notBreaching")
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
