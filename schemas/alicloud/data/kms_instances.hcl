# The KMS instances of a region.

data "alicloud_kms_instances" {
  service = "kms"
  about   = "KMS instances, by id and name."

  include "output_file" {
    list = self.instances
  }

  argument "ids" {
    about    = "Only instances with one of these ids. After the read: the ids of all that were found."
    type     = list(string)
    computed = true
    read     = listed[*].KmsInstanceId
  }

  argument "instance_name" {
    about = "Only instances of this name."
    type  = string
  }

  attribute "instances" {
    about = "The instances."
    type  = list(object({ instance_id = string }))
    read  = [for i in listed : { instance_id = i.KmsInstanceId }]
  }

  read {
    call "ListKmsInstances" {
      as      = "listed"
      params  = { PageSize = 100, Filters = or(self.instance_name, null) == null ? null : jsonencode([{ Key = "InstanceName", Values = [self.instance_name] }]) }
      pages   = { ask = "PageNumber", total = reply.TotalCount, size = or(reply.PageSize, 100) }
      expects = reply.TotalCount
      shared  = true
      take    = [for i in or(reply.KmsInstances.KmsInstance, []) : i if length(or(self.ids, [])) == 0 || contains(or(self.ids, []), i.KmsInstanceId)]
    }

    id = native::id_of_list(listed[*].KmsInstanceId)
  }
}
