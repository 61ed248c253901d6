# The regions that are open to the account.

data "alicloud_regions" {
  service = "ecs"
  about   = "Regions, all or one."

  include "output_file" {
    list = self.regions
  }

  argument "name" {
    about = "Only the region of this name."
    type  = string
  }

  argument "current" {
    about = "Only the provider's region."
    type  = bool
  }

  attribute "ids" {
    about = "The names of the regions."
    type  = list(string)
    read  = listed[*].RegionId
  }

  attribute "regions" {
    about = "The regions."
    type  = list(object({ id = string, local_name = string, region_id = string }))
    read  = [for r in listed : { id = r.RegionId, local_name = r.LocalName, region_id = r.RegionId }]
  }

  read {
    call "DescribeRegions" {
      as      = "listed"
      params  = { RegionId = provider.region }
      expects = reply.Regions.Region
      take    = [for r in reply.Regions.Region : r if(self.current != true || r.RegionId == provider.region) && or(self.name, r.RegionId) == r.RegionId]
    }

    refuse {
      when    = self.current == true && or(self.name, provider.region) != provider.region
      message = "The current region is ${provider.region}, not ${self.name}. Take name or current out."
    }

    refuse {
      when    = length(listed) == 0
      message = "No region of this account is named ${or(self.name, provider.region)}."
    }

    id = native::id_of_list(listed[*].RegionId)
  }
}
