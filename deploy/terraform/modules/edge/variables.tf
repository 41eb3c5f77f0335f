variable "name" {
  description = "What the names of all resources begin with."
  type        = string
}

variable "protected" {
  description = "Whether the load balancer can't be deleted, and visitors must come by TLS."
  type        = bool
}

variable "hosts" {
  description = "The names that visitors ask for; the first is the default page's."
  type        = list(string)
}

variable "zone_id" {
  description = "The hosted zone of those names: records and certificate are made in it."
  type        = string
}

variable "certificate_arn" {
  description = "A certificate that is there already, where there is no zone."
  type        = string
}

variable "network" {
  description = "The network, its public subnets, and the security group of the pods."
  type        = object({ vpc_id = string, subnet_ids = list(string), target_id = string })
}

variable "log_bucket" {
  description = "The bucket of the access logs."
  type        = string
}

variable "blocked_countries" {
  description = "Countries that are refused, in ISO 3166-1 alpha-2."
  type        = list(string)
}

variable "write_limit" {
  description = "Requests that one address may make in five minutes, other than GET and HEAD, or to sign in."
  type        = number
}

variable "read_limit" {
  description = "Requests that one address may make in five minutes: offices of thousands stand behind one."
  type        = number
}

variable "static_failover" {
  description = "Whether CloudFront stands in front, and serves the site's copy while the load balancer does not."
  type        = bool
}

variable "static_bucket" {
  description = "The bucket of the site's copy."
  type        = object({ id = string, domain = string })
}

variable "account" {
  description = "The account that is built in: its id, region and partition."
  type        = object({ id = string, region = string, partition = string })
}

variable "key_arn" {
  description = "The key that logs are encrypted with."
  type        = string
}

variable "log_days" {
  description = "How many days the firewall's logs are kept."
  type        = number
}
