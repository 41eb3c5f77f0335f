# One role a workload, handed to it by EKS Pod Identity: the name of the role is the name of what runs with it.
locals {
  workloads = {
    pharos = { namespace = "pharos", account = "pharos", statements = concat(local.reads_settings, local.publishes) }
    bootstrap = {
      namespace = "pharos", account = "pharos-bootstrap", statements = concat(local.makes_roles, local.writes["bootstrap"])
    }
    owner   = { namespace = "pharos", account = "pharos-owner", statements = concat(local.reads_owner, local.writes["owner"]) }
    export  = { namespace = "pharos-jobs", account = "pharos-export", statements = concat(local.reads_database, local.exports) }
    restore = { namespace = "pharos-jobs", account = "pharos-restore", statements = local.restores }
    autoscaler = {
      namespace = "kube-system", account = "cluster-autoscaler", statements = local.scales
    }
    load-balancing = {
      namespace = "kube-system", account = "aws-load-balancer-controller", statements = local.balances
    }
    logs   = { namespace = "logging", account = "aws-for-fluent-bit", statements = local.logs }
    alerts = { namespace = "monitoring", account = "alertmanager", statements = local.alerts }
  }

  arn = "arn:${var.account.partition}"

  reads_settings = concat(local.decrypts, [
    {
      Sid      = "ReadItsSecrets"
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = [for use in ["database", "endpoint", "cache", "keys"] : var.secret_arns[use]]
    },
  ])

  reads_database = concat(local.decrypts, [
    {
      Sid      = "ReadItsSecrets"
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = [for use in ["database", "endpoint", "keys"] : var.secret_arns[use]]
    },
  ])

  # Who makes the roles of the database is its administrator, and the only one.
  makes_roles = concat(local.decrypts, [
    {
      Sid      = "ReadItsSecrets"
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = concat([for use in ["database", "owner", "endpoint"] : var.secret_arns[use]], [var.master_secret_arn])
    },
  ])

  # Who migrates the schema owns it, and changes the application's password.
  reads_owner = concat(local.decrypts, [
    {
      Sid      = "ReadItsSecrets"
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = [for use in ["database", "owner", "endpoint"] : var.secret_arns[use]]
    },
  ])

  # What is written is encrypted, too.
  writes = { for workload, uses in { bootstrap = ["database", "owner"], owner = ["database"] } : workload => [
    {
      Sid      = "WritePasswords"
      Effect   = "Allow"
      Action   = "secretsmanager:PutSecretValue"
      Resource = [for use in uses : var.secret_arns[use]]
    },
    {
      Sid       = "EncryptPasswords"
      Effect    = "Allow"
      Action    = "kms:GenerateDataKey"
      Resource  = var.key_arn
      Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.account.region}.amazonaws.com" } }
    },
  ] }

  decrypts = [
    {
      Sid       = "DecryptItsSecrets"
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = var.key_arn
      Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.account.region}.amazonaws.com" } }
    },
  ]

  publishes = var.publishes ? [
    {
      Sid      = "PublishTheSite"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      Resource = "${var.static_bucket_arn}/site/*"
    },
  ] : []

  exports = [
    {
      Sid      = "WriteExports"
      Effect   = "Allow"
      Action   = "s3:PutObject"
      Resource = "${var.static_bucket_arn}/exports/*"
    },
  ]

  restores = [
    {
      Sid      = "ReadExports"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "${var.static_bucket_arn}/exports/*"
    },
    {
      Sid       = "FindTheLastExport"
      Effect    = "Allow"
      Action    = "s3:ListBucket"
      Resource  = var.static_bucket_arn
      Condition = { StringLike = { "s3:prefix" = "exports/*" } }
    },
    {
      # Metrics have no ARN: the namespace is what can be said.
      Sid       = "SayThatItWorked"
      Effect    = "Allow"
      Action    = "cloudwatch:PutMetricData"
      Resource  = "*"
      Condition = { StringEquals = { "cloudwatch:namespace" = var.name } }
    },
  ]

  # The unique part of the group's ARN is known to nobody before it is made.
  scales = [
    {
      Sid      = "ResizeTheNodes"
      Effect   = "Allow"
      Action   = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
      Resource = "${local.arn}:autoscaling:${var.account.region}:${var.account.id}:autoScalingGroup:*:autoScalingGroupName/${var.autoscaling_group}"
    },
    {
      Sid    = "SeeTheNodes"
      Effect = "Allow"
      Action = [
        "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations", "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags", "ec2:DescribeImages", "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions", "ec2:GetInstanceTypesFromInstanceRequirements",
      ]
      Resource = "*"
    },
    {
      Sid      = "SeeTheNodeGroup"
      Effect   = "Allow"
      Action   = "eks:DescribeNodegroup"
      Resource = "${local.arn}:eks:${var.account.region}:${var.account.id}:nodegroup/${var.cluster_name}/*/*"
    },
  ]

  # Balancers, target groups and security groups are Terraform's: the controller only lets pods in and out.
  balances = [
    {
      Sid      = "PodsJoinAndLeave"
      Effect   = "Allow"
      Action   = ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"]
      Resource = var.target_group_arn
    },
    {
      Sid    = "SeeTargets"
      Effect = "Allow"
      Action = [
        "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
        "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
      ]
      Resource = "*"
    },
  ]

  logs = [
    {
      Sid      = "WriteContainerLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = ["${var.container_log_arn}:*"]
    },
  ]

  # The topic is encrypted, so that who writes to it needs its key, too.
  alerts = [
    {
      Sid      = "TellOfAlerts"
      Effect   = "Allow"
      Action   = "sns:Publish"
      Resource = var.topic_arn
    },
    {
      Sid       = "EncryptWhatIsTold"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = var.key_arn
      Condition = { StringEquals = { "kms:ViaService" = "sns.${var.account.region}.amazonaws.com" } }
    },
  ]
}

resource "aws_iam_role" "this" {
  for_each = local.workloads
  name     = "${var.name}-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = {
        StringEquals = {
          "aws:SourceAccount"                         = var.account.id
          "aws:RequestTag/kubernetes-namespace"       = each.value.namespace
          "aws:RequestTag/kubernetes-service-account" = each.value.account
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.workloads
  name     = each.key
  role     = aws_iam_role.this[each.key].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = each.value.statements })
}

resource "aws_eks_pod_identity_association" "this" {
  for_each        = local.workloads
  cluster_name    = var.cluster_name
  namespace       = each.value.namespace
  service_account = each.value.account
  role_arn        = aws_iam_role.this[each.key].arn
}
