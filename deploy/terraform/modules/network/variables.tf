variable "name" {
  description = "What the names of all resources begin with."
  type        = string
}

variable "cidr" {
  description = "The network's addresses: a /16."
  type        = string
}

variable "endpoint_zones" {
  description = "In how many zones the interface endpoints of ECR have an address; each costs about 15 dollars a month."
  type        = number
}

variable "account" {
  description = "The account that is built in: its id, region and partition."
  type        = object({ id = string, region = string, partition = string })
}
