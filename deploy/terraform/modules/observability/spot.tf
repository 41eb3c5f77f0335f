# EKS drains and replaces a SPOT node before AWS takes it away; how often that is can be read here.
resource "aws_cloudwatch_log_group" "spot" {
  name              = "/aws/events/${var.name}-spot"
  retention_in_days = var.log_days
  kms_key_id        = var.key_arn
}

resource "aws_cloudwatch_log_resource_policy" "events" {
  policy_name = "${var.name}-events"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["events.amazonaws.com", "delivery.logs.amazonaws.com"] }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "${aws_cloudwatch_log_group.spot.arn}:*"
    }]
  })
}

resource "aws_cloudwatch_event_rule" "spot" {
  name        = "${var.name}-spot"
  description = "A SPOT instance is about to be taken away"
  event_pattern = jsonencode({
    source      = ["aws.ec2"]
    detail-type = ["EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation"]
  })
}

resource "aws_cloudwatch_event_target" "spot" {
  rule       = aws_cloudwatch_event_rule.spot.name
  arn        = aws_cloudwatch_log_group.spot.arn
  depends_on = [aws_cloudwatch_log_resource_policy.events]
}
