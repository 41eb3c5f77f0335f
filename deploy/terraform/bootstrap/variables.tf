variable "region" {
  description = "The region of the state."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region: allowed is the name of a region, such as us-east-1."
  }
}
