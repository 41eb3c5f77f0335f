variable "name" {
  description = "What the names of all resources begin with."
  type        = string
}

variable "account" {
  description = "The account that is built in: its id, region and partition."
  type        = object({ id = string, region = string, partition = string })
}

variable "protected" {
  description = "Whether buckets and the repository can be deleted only when they are empty."
  type        = bool
}

variable "log_days" {
  description = "How many days logs are kept."
  type        = number
}

variable "efs" {
  description = "Whether there is a shared file system; Pharos needs none."
  type        = bool
}

variable "network" {
  description = "The network, the subnets that the file system has an address in, and who may reach it."
  type        = object({ vpc_id = string, subnet_ids = list(string), client_id = string })
}

variable "key_arn" {
  description = "The key that images and the file system are encrypted with."
  type        = string
}

variable "distribution_arn" {
  description = "The distribution that may read the site's copy, if there is one."
  type        = string
}
