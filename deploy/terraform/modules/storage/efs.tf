# For what needs a shared volume. Pharos does not.
resource "aws_efs_file_system" "this" {
  count           = var.efs ? 1 : 0
  creation_token  = var.name
  encrypted       = true
  kms_key_id      = var.key_arn
  throughput_mode = "elastic"
  tags            = { Name = var.name }

  lifecycle_policy {
    transition_to_ia = "AFTER_30_DAYS"
  }
}

# Daily, kept for 35 days, by AWS Backup's own plan for file systems.
resource "aws_efs_backup_policy" "this" {
  count          = var.efs ? 1 : 0
  file_system_id = aws_efs_file_system.this[0].id

  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_security_group" "efs" {
  count       = var.efs ? 1 : 0
  name        = "${var.name}-efs"
  description = "The shared file system, for the cluster"
  vpc_id      = var.network.vpc_id
  tags        = { Name = "${var.name}-efs" }
}

resource "aws_vpc_security_group_ingress_rule" "efs" {
  count                        = var.efs ? 1 : 0
  description                  = "NFS from the nodes and their pods"
  security_group_id            = aws_security_group.efs[0].id
  referenced_security_group_id = var.network.client_id
  from_port                    = 2049
  to_port                      = 2049
  ip_protocol                  = "tcp"
}

resource "aws_efs_mount_target" "this" {
  count           = var.efs ? 3 : 0
  file_system_id  = aws_efs_file_system.this[0].id
  subnet_id       = var.network.subnet_ids[count.index]
  security_groups = [aws_security_group.efs[0].id]
}
