output "backend" {
  description = "What goes into backend_override.tf of each environment: terraform output -json backend | jq -r .prod"
  value = { for environment in ["prod", "dev"] : environment => <<-EOT
    # Written by bootstrap/: where this environment's state is. It takes the place of the backend in providers.tf.
    terraform {
      backend "s3" {
        bucket         = "${aws_s3_bucket.state.id}"
        key            = "${environment}/terraform.tfstate"
        region         = "${var.region}"
        dynamodb_table = "${aws_dynamodb_table.lock.name}"
        kms_key_id     = "${aws_kms_key.state.arn}"
        encrypt        = true
        use_lockfile   = true
      }
    }
  EOT
  }
}
