output "vpc" {
  description = "The network."
  value       = aws_vpc.this
}

output "subnets" {
  description = "Its subnets: public, private and database, three of each."
  value = {
    public   = aws_subnet.public
    private  = aws_subnet.private
    database = aws_subnet.database
  }
}

output "nat" {
  description = "The one way out of the private subnets."
  value       = aws_nat_gateway.this
}

output "routes" {
  description = "The ways out: the public subnets' and the private ones'. The database subnets have none."
  value = {
    public   = aws_route.internet
    private  = aws_route.nat
    database = aws_route_table.database
  }
}

output "endpoints" {
  description = "The endpoints of AWS's services inside the network."
  value       = { s3 = aws_vpc_endpoint.s3, ecr = aws_vpc_endpoint.ecr }
}
