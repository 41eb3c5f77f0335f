variable "name" {
  description = "What the names of all resources begin with."
  type        = string
}

variable "account" {
  description = "The account that is built in: its id, region and partition."
  type        = object({ id = string, region = string, partition = string })
}

variable "cluster_name" {
  description = "The cluster that the workloads run in."
  type        = string
}

variable "autoscaling_group" {
  description = "The group of nodes that the cluster autoscaler resizes."
  type        = string
}

variable "target_group_arn" {
  description = "The target group that pods join."
  type        = string
}

variable "container_log_arn" {
  description = "The group that containers' logs go to."
  type        = string
}

variable "topic_arn" {
  description = "The topic that alerts are told to."
  type        = string
}

variable "secret_arns" {
  description = "The secrets by what they are for: database, owner, endpoint, cache, keys."
  type        = map(string)
}

variable "master_secret_arn" {
  description = "The secret of the database's administrator."
  type        = string
}

variable "key_arn" {
  description = "The key that they are encrypted with."
  type        = string
}

variable "static_bucket_arn" {
  description = "The bucket of exports and of the site's copy."
  type        = string
}

variable "publishes" {
  description = "Whether Pharos writes the public site to the bucket."
  type        = bool
}
