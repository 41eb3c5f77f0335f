# What is refused, with a message that says what is allowed. Each run breaks one thing of several variables at once, and
# all of them have to be refused.

mock_provider "aws" {
  source = "../../mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "../../mocks"
}

variables {
  name      = "pharos-test"
  protected = true
  cluster   = { api_cidrs = ["203.0.113.0/24"] }
  edge      = { hosts = ["status.example.com"], zone_id = "Z0123456789ABCDEFGHIJ" }
}

run "first" {
  command = plan

  module {
    source = "../../modules/stack"
  }

  variables {
    # a long name
    name = "pharos-in-a-very-long-name"
    # a small network
    network = { cidr = "10.42.0.0/20" }
    # an api for the whole internet
    cluster = { api_cidrs = ["0.0.0.0/0"] }
    # postgres 13
    database = { engine_version = 13 }
    # memcached
    cache = { engine = "memcached" }
    # no host
    edge = { hosts = [], zone_id = "Z0123456789ABCDEFGHIJ" }
    # no mail address
    alarms = { emails = ["operators"] }
    # logs for 31 days
    log_days = 31
  }

  expect_failures = [var.name, var.network, var.cluster, var.database, var.cache, var.edge, var.alarms, var.log_days]
}

run "second" {
  command = plan

  module {
    source = "../../modules/stack"
  }

  variables {
    # a name in capitals
    name = "Pharos"
    # four zones of endpoints
    network = { endpoint_zones = 4 }
    # an api for half the internet
    cluster = { api_cidrs = ["0.0.0.0/1"] }
    # a class of ec2
    database = { instance_class = "t4g.medium" }
    # a node of ec2
    cache = { node_type = "t4g.medium" }
    # an address for a host
    edge = { hosts = ["https://status.example.com"], zone_id = "Z0123456789ABCDEFGHIJ" }
    # no budget
    alarms = { monthly_budget = 0 }
  }

  expect_failures = [var.name, var.network, var.cluster, var.database, var.cache, var.edge, var.alarms]
}

run "third" {
  command = plan

  module {
    source = "../../modules/stack"
  }

  variables {
    # an api for nobody
    cluster = { api_cidrs = [] }
    # a time without zone
    database = { restore_to = "2026-11-27 10:00" }
    # a zone by name
    edge = { hosts = ["status.example.com"], zone_id = "example.com" }
  }

  expect_failures = [var.cluster, var.database, var.edge]
}

run "fourth" {
  command = plan

  module {
    source = "../../modules/stack"
  }

  variables {
    # an administrator without arn
    cluster = { api_cidrs = ["203.0.113.0/24"], administrators = ["operators"] }
    # a certificate of iam
    edge = { hosts = ["status.example.com"], certificate_arn = "arn:aws:iam::123456789012:server-certificate/x" }
  }

  expect_failures = [var.cluster, var.edge]
}

run "fifth" {
  command = plan

  module {
    source = "../../modules/stack"
  }

  variables {
    # an old kubernetes
    cluster = { api_cidrs = ["203.0.113.0/24"], kubernetes_version = "1.29" }
    # a country by name
    edge = { hosts = ["status.example.com"], zone_id = "Z0123456789ABCDEFGHIJ", blocked_countries = ["Atlantis"] }
  }

  expect_failures = [var.cluster, var.edge]
}

run "sixth" {
  command = plan

  module {
    source = "../../modules/stack"
  }

  variables {
    # no node
    cluster = { api_cidrs = ["203.0.113.0/24"], min = 0 }
    # a limit of nothing
    edge = { hosts = ["status.example.com"], zone_id = "Z0123456789ABCDEFGHIJ", write_limit = 0 }
  }

  expect_failures = [var.cluster, var.edge]
}

run "seventh" {
  command = plan

  module {
    source = "../../modules/stack"
  }

  variables {
    # more wanted than allowed
    cluster = { api_cidrs = ["203.0.113.0/24"], desired = 6 }
  }

  expect_failures = [var.cluster]
}

run "eighth" {
  command = plan

  module {
    source = "../../modules/stack"
  }

  variables {
    # another capacity
    cluster = { api_cidrs = ["203.0.113.0/24"], capacity_type = "RESERVED" }
  }

  expect_failures = [var.cluster]
}

run "ninth" {
  command = plan

  module {
    source = "../../modules/stack"
  }

  variables {
    # no instance type
    cluster = { api_cidrs = ["203.0.113.0/24"], instance_types = [] }
  }

  expect_failures = [var.cluster]
}

run "neither_zone_nor_certificate" {
  command = plan

  module {
    source = "../../modules/edge"
  }

  variables {
    hosts             = ["status.example.com"]
    zone_id           = null
    certificate_arn   = null
    blocked_countries = []
    write_limit       = 500
    read_limit        = 20000
    static_failover   = false
    static_bucket     = { id = "static", domain = "static.s3.amazonaws.com" }
    network           = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], target_id = "sg-1" }
    log_bucket        = "logs"
    account           = { id = "123456789012", region = "us-east-1", partition = "aws" }
    key_arn           = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    log_days          = 30
  }

  expect_failures = [aws_lb.this]
}
