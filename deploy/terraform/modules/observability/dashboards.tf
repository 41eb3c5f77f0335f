# Three, since three cost nothing: the cluster with Pharos, the data, the edge.
locals {
  metrics = {
    cluster = {
      "Requests that Pharos answered" = [["AWS/ApplicationELB", "RequestCount", "LoadBalancer", var.watched.balancer, "TargetGroup", var.watched.target_group, { stat = "Sum" }]]
      "How long Pharos took (s)"      = [for stat in ["p50", "p95", "p99"] : ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.watched.balancer, "TargetGroup", var.watched.target_group, { stat = stat, label = stat }]]
      "Errors that Pharos answered"   = [["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", var.watched.balancer, "TargetGroup", var.watched.target_group, { stat = "Sum" }]]
      "Pods that serve"               = [for metric in ["HealthyHostCount", "UnHealthyHostCount"] : ["AWS/ApplicationELB", metric, "LoadBalancer", var.watched.balancer, "TargetGroup", var.watched.target_group, { stat = "Average" }]]
      "Nodes"                         = [for metric in ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize"] : ["AWS/AutoScaling", metric, "AutoScalingGroupName", var.watched.autoscaling_group]]
      "Nodes' CPU (%)"                = [["AWS/EC2", "CPUUtilization", "AutoScalingGroupName", var.watched.autoscaling_group]]
      "Control plane: requests"       = [["AWS/EKS", "apiserver_request_total", "ClusterName", var.watched.cluster, { stat = "Sum" }]]
      "Control plane: pods that wait" = [["AWS/EKS", "scheduler_pending_pods", "ClusterName", var.watched.cluster]]
      "Exports restored and compared" = [[var.name, "RestoredExports", { stat = "Sum", period = 86400 }]]
    }
    data = merge(
      { for title, metric in {
        "Database: CPU (%)"                = "CPUUtilization", "Database: connections" = "DatabaseConnections",
        "Database: free memory (bytes)"    = "FreeableMemory", "Database: free storage (bytes)" = "FreeStorageSpace",
        "Database: reads (s)"              = "ReadLatency", "Database: writes (s)" = "WriteLatency",
        "Database: load (active sessions)" = "DBLoad", "Database: CPU credits" = "CPUCreditBalance",
      } : title => [["AWS/RDS", metric, "DBInstanceIdentifier", var.watched.database]] },
      { for title, metric in {
        "Cache: CPU of the engine (%)" = "EngineCPUUtilization", "Cache: memory (%)" = "DatabaseMemoryUsagePercentage",
        "Cache: connections"           = "CurrConnections", "Cache: evictions" = "Evictions",
        "Cache: hits (%)"              = "CacheHitRate",
      } : title => [["AWS/ElastiCache", metric, "CacheClusterId", var.watched.cache]] },
    )
    edge = {
      "Requests"                       = [["AWS/ApplicationELB", "RequestCount", "LoadBalancer", var.watched.balancer, { stat = "Sum" }]]
      "Answers"                        = [for metric in ["HTTPCode_Target_2XX_Count", "HTTPCode_Target_3XX_Count", "HTTPCode_Target_4XX_Count", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"] : ["AWS/ApplicationELB", metric, "LoadBalancer", var.watched.balancer, { stat = "Sum" }]]
      "Open connections"               = [["AWS/ApplicationELB", "ActiveConnectionCount", "LoadBalancer", var.watched.balancer, { stat = "Sum" }]]
      "Capacity units"                 = [["AWS/ApplicationELB", "ConsumedLCUs", "LoadBalancer", var.watched.balancer]]
      "Bytes"                          = [["AWS/ApplicationELB", "ProcessedBytes", "LoadBalancer", var.watched.balancer, { stat = "Sum" }]]
      "TLS that failed"                = [["AWS/ApplicationELB", "ClientTLSNegotiationErrorCount", "LoadBalancer", var.watched.balancer, { stat = "Sum" }]]
      "Firewall: let through"          = [["AWS/WAFV2", "AllowedRequests", "WebACL", var.watched.firewall, "Region", var.account.region, "Rule", "ALL", { stat = "Sum" }]]
      "Firewall: refused, by rule"     = [for rule in ["ALL", "writes", "reads", "countries", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet"] : ["AWS/WAFV2", "BlockedRequests", "WebACL", var.watched.firewall, "Region", var.account.region, "Rule", rule, { stat = "Sum" }]]
      "Firewall: counted, not refused" = [["AWS/WAFV2", "CountedRequests", "WebACL", var.watched.firewall, "Region", var.account.region, "Rule", "ALL", { stat = "Sum" }]]
    }
  }

  charts = { for name, charts in local.metrics : name => [
    for index, title in keys(charts) : {
      type       = "metric", width = 8, height = 6, x = index % 3 * 8, y = floor(index / 3) * 6
      properties = { title = title, metrics = charts[title], region = var.account.region, view = "timeSeries", period = 60 }
    }
  ] }

  # What Pharos itself says is wrong.
  pharos_log = {
    type = "log", width = 24, height = 6, x = 0, y = 18
    properties = {
      title  = "Warnings and errors of Pharos"
      region = var.account.region
      view   = "table"
      query  = "SOURCE '${aws_cloudwatch_log_group.containers.name}' | fields @timestamp, data.level, data.message | filter kubernetes.namespace_name = 'pharos' and data.level in ['WARN', 'ERROR'] | sort @timestamp desc | limit 50"
    }
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  for_each       = local.charts
  dashboard_name = "${var.name}-${each.key}"
  dashboard_body = jsonencode({ widgets = concat(each.value, each.key == "cluster" ? [local.pharos_log] : []) })
}
