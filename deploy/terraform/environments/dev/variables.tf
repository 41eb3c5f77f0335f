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
  description = "The hosted zone of those names: certificate and records are made in it. Without it and without certificate_arn, the page answers by HTTP."
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
  default     = 200
}

variable "database_version" {
  description = "PostgreSQL's major version: 14 to 18."
  type        = number
  default     = 18
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
