variable "name" {
  description = "What the names of all resources begin with, and the cluster's own."
  type        = string
}

variable "kubernetes_version" {
  description = "The minor version of Kubernetes."
  type        = string
}

variable "api_cidrs" {
  description = "The networks that Kubernetes' API may be reached from."
  type        = list(string)
}

variable "administrators" {
  description = "IAM roles and users that administer the cluster, besides whoever creates it."
  type        = list(string)
}

variable "nodes" {
  description = "How many nodes there are, and of what kind."
  type = object({
    min            = number
    max            = number
    desired        = number
    capacity_type  = string
    instance_types = list(string)
  })
}

variable "network" {
  description = "The network and its private subnets."
  type        = object({ vpc_id = string, subnet_ids = list(string) })
}

variable "key_arn" {
  description = "The key that secrets and logs are encrypted with."
  type        = string
}

variable "account" {
  description = "The account that is built in: its id, region and partition."
  type        = object({ id = string, region = string, partition = string })
}

variable "log_days" {
  description = "How many days the control plane's logs are kept."
  type        = number
}
