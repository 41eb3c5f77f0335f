output "container_log" {
  description = "Where containers' logs go."
  value       = aws_cloudwatch_log_group.containers
}

output "flow_log" {
  description = "The network's flow logs."
  value       = aws_flow_log.this
}

output "topic" {
  description = "Where alarms and the budget are told."
  value       = aws_sns_topic.alarms
}

output "alarms" {
  description = "The alarms."
  value       = aws_cloudwatch_metric_alarm.this
}

output "dashboards" {
  description = "The dashboards."
  value       = aws_cloudwatch_dashboard.this
}

output "budget" {
  description = "The budget."
  value       = aws_budgets_budget.monthly
}

output "guardduty" {
  description = "GuardDuty, if it watches."
  value       = one(aws_guardduty_detector.this)
}

output "spot" {
  description = "What is told when a SPOT instance goes."
  value       = { rule = aws_cloudwatch_event_rule.spot, target = aws_cloudwatch_event_target.spot }
}
