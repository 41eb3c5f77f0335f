locals {
  # The name of each secret, by what it is for. What is in them is written later, by install.sh and by Pharos itself, so
  # that neither a plan nor the state ever holds it; all but `endpoint`, which is no secret by itself.
  secrets = {
    database = "The database role of the application: username, password"
    owner    = "The database role that owns the schema: username, password"
    endpoint = "Where the database answers: host, port, dbname"
    cache    = "The cache: auth_token"
    keys     = "The application's keys, comma-separated: keys"
  }
}

resource "aws_secretsmanager_secret" "this" {
  # checkov:skip=CKV2_AWS_57: A CronJob of the chart changes the application's role, install.sh --rotate the cache's token; keys are changed by people, since old ones verify.
  for_each                = local.secrets
  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = var.protected ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "endpoint" {
  secret_id = aws_secretsmanager_secret.this["endpoint"].id
  secret_string = jsonencode({
    host   = var.database.host
    port   = tostring(var.database.port)
    dbname = var.database.name
  })
}
