variable "name" {
  description = "What the names of all resources begin with."
  type        = string
}

variable "engine" {
  description = "redis or valkey, which speak the same protocol."
  type        = string
}

variable "node_type" {
  description = "What it runs on."
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
