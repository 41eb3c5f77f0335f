variable "name" {
  description = "What the names of all resources begin with."
  type        = string
}

variable "protected" {
  description = "Whether it can't be deleted, leaves a last snapshot, and keeps backups for 7 days rather than 1."
  type        = bool
}

variable "engine_version" {
  description = "The major version of PostgreSQL."
  type        = number
}

variable "instance_class" {
  description = "What it runs on."
  type        = string
}

variable "restore_to" {
  description = "A point in time to build an instance from the backups at, or none."
  type        = string
}

variable "network" {
  description = "The network, the subnets that it may stand in, and the security group that may reach it."
  type        = object({ vpc_id = string, subnet_ids = list(string), client_id = string })
}

variable "key_arn" {
  description = "The key that it is encrypted with."
  type        = string
}

variable "log_days" {
  description = "How many days its logs are kept."
  type        = number
}
