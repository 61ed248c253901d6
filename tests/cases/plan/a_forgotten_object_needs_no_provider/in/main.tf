provider "aws" { region = "eu-west-1" }
removed {
  from = module.m
  lifecycle { destroy = false }
}
