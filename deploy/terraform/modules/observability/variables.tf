variable "name" {
  description = "What the names of all resources begin with."
  type        = string
}

variable "account" {
  description = "The account that is built in: its id, region and partition."
  type        = object({ id = string, region = string, partition = string })
}

variable "key_arn" {
  description = "The key that logs and alarms are encrypted with."
  type        = string
}

variable "log_days" {
  description = "How many days logs are kept."
  type        = number
}

variable "emails" {
  description = "Who is told of alarms by mail; each confirms it once."
  type        = list(string)
}

variable "monthly_budget" {
  description = "Dollars a month that the account may cost before somebody is told."
  type        = number
}

variable "guardduty" {
  description = "Whether GuardDuty watches the account."
  type        = bool
}

variable "network" {
  description = "The network, and the bucket that its flow logs go to."
  type        = object({ vpc_id = string, log_bucket_arn = string })
}

variable "watched" {
  description = "What dashboards and alarms are about, by their names in CloudWatch."
  type = object({
    cluster           = string
    autoscaling_group = string
    database          = string
    cache             = string
    balancer          = string
    target_group      = string
    firewall          = string
    certificates      = map(string)
    connections       = number
    database_memory   = number
  })
}
