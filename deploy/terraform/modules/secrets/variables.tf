variable "name" {
  description = "What the names of all resources begin with."
  type        = string
}

variable "account" {
  description = "The account that is built in: its id, region and partition."
  type        = object({ id = string, region = string, partition = string })
}

variable "protected" {
  description = "Whether what is deleted can be had back for 30 days."
  type        = bool
}

variable "database" {
  description = "Where the database answers now; a restored one moves it."
  type        = object({ host = string, port = number, name = string })
}
