# One region; without arguments the provider's.

data "aws_region" {
  about = "A region."

  argument "region" {
    about     = "Its name."
    type      = string
    computed  = true
    conflicts = ["name"]
    read      = or(or(self.region, self.name), or(try(regex("ec2[.]([^.]+)", self.endpoint)[0], null), provider.region))
  }

  argument "name" {
    about      = "Its name."
    type       = string
    computed   = true
    deprecated = "Use region instead."
    read       = or(or(self.region, self.name), or(try(regex("ec2[.]([^.]+)", self.endpoint)[0], null), provider.region))
  }

  argument "endpoint" {
    about    = "The host of its EC2 service."
    type     = string
    computed = true
    read     = or(self.endpoint, "ec2.${or(or(self.region, self.name), provider.region)}.${native::aws_region(or(or(self.region, self.name), provider.region)).dns_suffix}")
  }

  attribute "description" {
    about = "Its name for people."
    type  = string
    read  = native::aws_region(or(or(self.region, self.name), or(try(regex("ec2[.]([^.]+)", self.endpoint)[0], null), provider.region))).description
  }

  read {
    refuse {
      when    = or(self.region, self.name) != null && native::aws_region(or(self.region, self.name)).description == null
      message = "There is no region ${or(self.region, self.name)}."
    }

    id = or(or(self.region, self.name), or(try(regex("ec2[.]([^.]+)", self.endpoint)[0], null), provider.region))
  }
}
