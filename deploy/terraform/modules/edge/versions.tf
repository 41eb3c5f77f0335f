terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 6"
      # CloudFront's certificates stand in us-east-1, wherever everything else is.
      configuration_aliases = [aws.us_east_1]
    }
  }
}
