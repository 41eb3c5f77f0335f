# What a node may do by itself. The network plugin's rights are a pod's (addons.tf), and pods can't take the node's:
# its credentials are one hop too far from them.
resource "aws_iam_role" "node" {
  name               = "${var.name}-node"
  assume_role_policy = jsonencode(local.assume["ec2.amazonaws.com"])
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each   = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])
  role       = aws_iam_role.node.name
  policy_arn = "arn:${var.account.partition}:iam::aws:policy/${each.value}"
}

locals {
  # With prefixes a t3a.medium could hold 110 pods. The kubelet keeps memory back for each that there may be, so that
  # 40 leave a node of 4 GiB the most for those that there are. EKS adds settings of its own for its groups of nodes:
  # install.sh says how many each node really takes. Pods have a minute to end in before those that a node lives by.
  node_config = <<-EOT
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary="BOUNDARY"

    --BOUNDARY
    Content-Type: application/node.eks.aws

    apiVersion: node.eks.aws/v1alpha1
    kind: NodeConfig
    spec:
      kubelet:
        config:
          maxPods: 40
          shutdownGracePeriod: 75s
          shutdownGracePeriodCriticalPods: 15s

    --BOUNDARY--
  EOT
}

resource "aws_launch_template" "node" {
  name                   = "${var.name}-node"
  description            = "The nodes of ${var.name}"
  update_default_version = true
  user_data              = base64encode(local.node_config)

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_type           = "gp3"
      volume_size           = 20
      encrypted             = true
      delete_on_termination = true
    }
  }

  # The provider's tags reach neither instances nor their disks.
  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]
    content {
      resource_type = tag_specifications.value
      tags          = { Name = "${var.name}-node", Project = "pharos", Environment = var.name }
    }
  }
}

# EKS itself watches for the notice of a SPOT instance's end, starts another node and drains the first. Two kinds of
# instances in three zones are six pools to find one in.
resource "aws_eks_node_group" "this" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "${var.name}-nodes"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = var.network.subnet_ids
  version         = var.kubernetes_version
  ami_type        = "AL2023_x86_64_STANDARD"
  capacity_type   = var.nodes.capacity_type
  instance_types  = var.nodes.instance_types
  labels          = { "pharos.node/capacity" = lower(var.nodes.capacity_type) }

  scaling_config {
    min_size     = var.nodes.min
    max_size     = var.nodes.max
    desired_size = var.nodes.desired
  }

  update_config {
    max_unavailable = 1
  }

  node_repair_config {
    enabled = true
  }

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  lifecycle {
    # The cluster autoscaler's to say.
    ignore_changes = [scaling_config[0].desired_size]
  }

  depends_on = [aws_iam_role_policy_attachment.node, aws_eks_addon.before_nodes]
}
