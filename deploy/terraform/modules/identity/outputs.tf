output "roles" {
  description = "The roles, by workload."
  value       = aws_iam_role.this
}

output "policies" {
  description = "What each may do."
  value       = aws_iam_role_policy.this
}

output "associations" {
  description = "Which service account has which role."
  value       = aws_eks_pod_identity_association.this
}
