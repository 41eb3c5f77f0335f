output "cluster" {
  description = "The cluster."
  value       = aws_eks_cluster.this
}

output "node_group" {
  description = "Its nodes."
  value       = aws_eks_node_group.this
}

output "launch_template" {
  description = "What each node begins as."
  value       = aws_launch_template.node
}

output "addons" {
  description = "What EKS keeps in the cluster."
  value       = merge(aws_eks_addon.before_nodes, { coredns = aws_eks_addon.coredns })
}

output "access_entries" {
  description = "Who administers it."
  value       = aws_eks_access_entry.administrator
}

output "roles" {
  description = "The roles of the control plane, the nodes and the network plugin."
  value       = { cluster = aws_iam_role.cluster, node = aws_iam_role.node, network_plugin = aws_iam_role.network_plugin }
}

output "log_group" {
  description = "Where the control plane's logs go."
  value       = aws_cloudwatch_log_group.cluster
}

output "security_group_id" {
  description = "The security group of the nodes and their pods."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "autoscaling_group" {
  description = "The group that the cluster autoscaler makes larger and smaller."
  value       = aws_eks_node_group.this.resources[0].autoscaling_groups[0].name
}
