# What is allowed is checked where it is used: modules/stack/variables.tf.

variable "region" {
  description = "The region that everything is in. The prices in docs/cost.md are those of us-east-1."
  type        = string
  default     = "us-east-1"
}

variable "hosts" {
  description = "The names that visitors ask for; the first is the default page's."
  type        = list(string)
}

variable "zone_id" {
  description = "The hosted zone of those names: certificate and records are made in it. Either this or certificate_arn."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "A certificate for those names that is in ACM already; the records are then yours to make."
  type        = string
  default     = null
}

variable "api_cidrs" {
  description = "The networks that Kubernetes' API is reached from: your office, your VPN. Never the whole internet."
  type        = list(string)
}

variable "administrators" {
  description = "IAM roles and users that administer the cluster, besides whoever creates it."
  type        = list(string)
  default     = []
}

variable "alarm_emails" {
  description = "Who is told of alarms; each confirms it once."
  type        = list(string)
  default     = []
}

variable "monthly_budget" {
  description = "Dollars a month that the account may cost before somebody is told."
  type        = number
  default     = 300
}

variable "endpoint_zones" {
  description = "In how many zones ECR's endpoints stand: 0 to 3. Each is about 15 dollars a month."
  type        = number
  default     = 1
}

variable "cache_engine" {
  description = "redis or valkey. They speak the same protocol; redis costs a quarter more."
  type        = string
  default     = "valkey"
}

variable "database_version" {
  description = "PostgreSQL's major version: 14 to 18."
  type        = number
  default     = 18
}

variable "restore_to" {
  description = "A point in time in UTC, such as 2026-11-27T10:00:00Z, or latest: an instance is built from the backups, and the application moves to it. See docs/aws.md."
  type        = string
  default     = null
}

variable "blocked_countries" {
  description = "Countries that are refused, in ISO 3166-1 alpha-2."
  type        = list(string)
  default     = []
}

variable "write_limit" {
  description = "Requests that one address may make in five minutes, other than GET and HEAD, or to sign in. A token of the API may make 3,000: where several work behind one address, allow that for each."
  type        = number
  default     = 500
}

variable "read_limit" {
  description = "Requests of any kind that one address may make in five minutes. Offices of thousands stand behind one."
  type        = number
  default     = 20000
}

variable "efs" {
  description = "Whether there is a shared file system with backups; Pharos needs none."
  type        = bool
  default     = false
}

variable "guardduty" {
  description = "Whether GuardDuty watches the account."
  type        = bool
  default     = false
}

variable "static_failover" {
  description = "Whether CloudFront stands in front, and serves a copy of the public site while the load balancer does not."
  type        = bool
  default     = false
}

variable "protected" {
  description = "Deletion protection, backups for 7 days, nothing with data deleted for good. Before a destroy, apply once without it."
  type        = bool
  default     = true
}
