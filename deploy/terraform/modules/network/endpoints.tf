# Layers of images come from S3, past the NAT gateway and its price per gigabyte.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.account.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private.id]
  tags              = { Name = "${var.name}-s3" }
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "The interface endpoints, for the private subnets"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.name}-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  count             = 3
  description       = "HTTPS from a private subnet"
  security_group_id = aws_security_group.endpoints.id
  cidr_ipv4         = aws_subnet.private[count.index].cidr_block
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}

resource "aws_vpc_endpoint" "ecr" {
  for_each            = toset(var.endpoint_zones > 0 ? ["api", "dkr"] : [])
  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.account.region}.ecr.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = slice(aws_subnet.private[*].id, 0, var.endpoint_zones)
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  tags                = { Name = "${var.name}-ecr-${each.key}" }
}
