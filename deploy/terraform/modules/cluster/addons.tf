# What EKS keeps in the cluster, by version. `aws eks describe-addon-versions --kubernetes-version …` lists what fits.
locals {
  addons = {
    vpc-cni = {
      version = "v1.22.4-eksbuild.3"
      values = {
        # Policies are enforced by the plugin, and addresses come sixteen at a time: else a t3a.medium holds 17 pods.
        enableNetworkPolicy = "true"
        env                 = { ENABLE_PREFIX_DELEGATION = "true", WARM_PREFIX_TARGET = "1" }
      }
      role_arn        = aws_iam_role.network_plugin.arn
      service_account = "aws-node"
    }
    kube-proxy             = { version = "v1.36.0-eksbuild.21" }
    eks-pod-identity-agent = { version = "v1.3.10-eksbuild.3" }
  }
}

resource "aws_iam_role" "network_plugin" {
  name = "${var.name}-network-plugin"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = { StringEquals = { "aws:SourceAccount" = var.account.id } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "network_plugin" {
  role       = aws_iam_role.network_plugin.name
  policy_arn = "arn:${var.account.partition}:iam::aws:policy/AmazonEKS_CNI_Policy"
}

# A node without these does not become ready.
resource "aws_eks_addon" "before_nodes" {
  for_each                    = local.addons
  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = each.value.version
  configuration_values        = try(jsonencode(each.value.values), null)
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  dynamic "pod_identity_association" {
    for_each = try([each.value.role_arn], [])
    content {
      role_arn        = pod_identity_association.value
      service_account = each.value.service_account
    }
  }

  depends_on = [aws_iam_role_policy_attachment.network_plugin]
}

# And this one is not ready without a node.
resource "aws_eks_addon" "coredns" {
  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = "coredns"
  addon_version               = "v1.14.3-eksbuild.16"
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  depends_on                  = [aws_eks_node_group.this]
}
