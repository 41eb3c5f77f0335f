variable "name" {
  description = "What the names of all resources begin with."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name: allowed are 3 to 20 characters: lower-case letters, digits and hyphens, a letter first, no hyphen last."
  }
}

variable "protected" {
  description = "Whether it is worth keeping: deletion protection, backups for 7 days, nothing with data deleted for good, visitors only by TLS."
  type        = bool
}

variable "network" {
  description = "cidr: its addresses, a /16. endpoint_zones: in how many zones ECR's endpoints stand; none is the NAT gateway's way."
  type = object({
    cidr           = optional(string, "10.42.0.0/16")
    endpoint_zones = optional(number, 1)
  })
  default = {}

  validation {
    condition     = can(cidrhost(var.network.cidr, 0)) && endswith(var.network.cidr, "/16")
    error_message = "network.cidr: allowed is a network of the size /16, such as 10.42.0.0/16."
  }
  validation {
    condition     = contains([0, 1, 2, 3], var.network.endpoint_zones)
    error_message = "network.endpoint_zones: allowed are 0 to 3."
  }
}

variable "cluster" {
  description = "api_cidrs: the networks that Kubernetes' API is reached from. administrators: roles that administer it, besides whoever creates it. The nodes: how many, SPOT or ON_DEMAND, and of which types, the preferred first."
  type = object({
    api_cidrs          = list(string)
    administrators     = optional(list(string), [])
    kubernetes_version = optional(string, "1.36")
    min                = optional(number, 1)
    max                = optional(number, 5)
    desired            = optional(number, 2)
    capacity_type      = optional(string, "SPOT")
    instance_types     = optional(list(string), ["t3a.medium", "t3.medium"])
  })

  validation {
    condition = length(var.cluster.api_cidrs) > 0 && alltrue([
      for cidr in var.cluster.api_cidrs : can(cidrhost(cidr, 0)) && try(tonumber(split("/", cidr)[1]) >= 8, false)
    ])
    error_message = "cluster.api_cidrs: allowed are one or more networks in CIDR notation, none larger than a /8: not the whole internet."
  }
  validation {
    condition     = alltrue([for arn in var.cluster.administrators : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "cluster.administrators: allowed are the ARNs of IAM roles and users, such as arn:aws:iam::123456789012:role/operators."
  }
  validation {
    condition     = can(regex("^1\\.(3[3-9]|[4-9][0-9])$", var.cluster.kubernetes_version))
    error_message = "cluster.kubernetes_version: allowed is a minor version from 1.33 on, such as 1.36."
  }
  validation {
    condition     = var.cluster.min >= 1 && var.cluster.min <= var.cluster.desired && var.cluster.desired <= var.cluster.max && var.cluster.max <= 20
    error_message = "cluster: allowed are 1 <= min <= desired <= max <= 20 nodes."
  }
  validation {
    condition     = contains(["SPOT", "ON_DEMAND"], var.cluster.capacity_type)
    error_message = "cluster.capacity_type: allowed are SPOT and ON_DEMAND."
  }
  validation {
    condition     = length(var.cluster.instance_types) > 0
    error_message = "cluster.instance_types: allowed are one or more types, such as t3a.medium."
  }
}

variable "database" {
  description = "engine_version: PostgreSQL's major version. restore_to: a point in time, such as 2026-11-27T10:00:00Z, or latest, to build an instance from the backups at and to move the application to."
  type = object({
    engine_version = optional(number, 18)
    instance_class = optional(string, "db.t4g.medium")
    restore_to     = optional(string)
  })
  default = {}

  validation {
    condition     = contains([14, 15, 16, 17, 18], var.database.engine_version)
    error_message = "database.engine_version: allowed are 14, 15, 16, 17 and 18."
  }
  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.database.instance_class))
    error_message = "database.instance_class: allowed is a class of RDS, such as db.t4g.medium."
  }
  validation {
    condition     = var.database.restore_to == null || var.database.restore_to == "latest" || can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", var.database.restore_to))
    error_message = "database.restore_to: allowed are a time in UTC such as 2026-11-27T10:00:00Z, latest, or nothing."
  }
}

variable "cache" {
  description = "engine: redis or valkey, which speak the same protocol; valkey costs a fifth less."
  type = object({
    engine    = optional(string, "valkey")
    node_type = optional(string, "cache.t4g.medium")
  })
  default = {}

  validation {
    condition     = contains(["redis", "valkey"], var.cache.engine)
    error_message = "cache.engine: allowed are redis and valkey."
  }
  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.cache.node_type))
    error_message = "cache.node_type: allowed is a type of ElastiCache, such as cache.t4g.medium."
  }
}

variable "edge" {
  description = "hosts: the names that visitors ask for, the default page's first. zone_id: their hosted zone; or certificate_arn. blocked_countries: in ISO 3166-1. The limits are requests that one address may make in five minutes."
  type = object({
    hosts             = list(string)
    zone_id           = optional(string)
    certificate_arn   = optional(string)
    blocked_countries = optional(list(string), [])
    write_limit       = optional(number, 500)
    read_limit        = optional(number, 20000)
    static_failover   = optional(bool, false)
  })

  validation {
    condition     = length(var.edge.hosts) > 0 && alltrue([for host in var.edge.hosts : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", host))])
    error_message = "edge.hosts: allowed are one or more host names in lower case, such as status.example.com."
  }
  validation {
    condition     = var.edge.zone_id == null || can(regex("^[A-Z0-9]{8,32}$", var.edge.zone_id))
    error_message = "edge.zone_id: allowed is the id of a hosted zone of Route 53, such as Z0123456789ABCDEFGHIJ."
  }
  validation {
    condition     = var.edge.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:", var.edge.certificate_arn))
    error_message = "edge.certificate_arn: allowed is the ARN of a certificate in ACM, in the same region."
  }
  validation {
    condition     = alltrue([for country in var.edge.blocked_countries : can(regex("^[A-Z]{2}$", country))])
    error_message = "edge.blocked_countries: allowed are codes of two capital letters (ISO 3166-1 alpha-2)."
  }
  validation {
    condition     = var.edge.write_limit >= 10 && var.edge.read_limit >= 1000 && var.edge.read_limit <= 2000000000
    error_message = "edge: allowed are a write_limit from 10 and a read_limit from 1,000 on, in requests in five minutes."
  }
}

variable "alarms" {
  description = "emails: who is told. monthly_budget: dollars that the account may cost."
  type = object({
    emails         = optional(list(string), [])
    monthly_budget = optional(number, 300)
  })
  default = {}

  validation {
    condition     = alltrue([for email in var.alarms.emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", email))])
    error_message = "alarms.emails: allowed are mail addresses."
  }
  validation {
    condition     = var.alarms.monthly_budget > 0
    error_message = "alarms.monthly_budget: allowed is a number of dollars above 0."
  }
}

variable "log_days" {
  description = "How many days logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365], var.log_days)
    error_message = "log_days: allowed are 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180 and 365."
  }
}

variable "efs" {
  description = "Whether there is a shared file system with backups; Pharos needs none."
  type        = bool
  default     = false
}

variable "guardduty" {
  description = "Whether GuardDuty watches the account."
  type        = bool
  default     = false
}
