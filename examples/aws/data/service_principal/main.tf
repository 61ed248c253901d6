# The name by which key policies know a service.

provider "aws" {
  region = "eu-west-1"
}

data "aws_service_principal" "logs" {
  service_name = "logs"
}

data "aws_service_principal" "logs_in_china" {
  service_name = "logs"
  region       = "cn-north-1"
}

output "principals" {
  value = [data.aws_service_principal.logs.name, data.aws_service_principal.logs_in_china.name]
}
