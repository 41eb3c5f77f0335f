output "address" {
  description = "The page's address."
  value       = module.stack.install.address
}

output "values" {
  description = "Values of the chart, in YAML, to come after its values-aws.yaml."
  value       = module.stack.values
}

output "install" {
  description = "What install.sh asks for."
  value       = module.stack.install
}
