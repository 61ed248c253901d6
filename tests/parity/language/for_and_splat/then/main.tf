locals {
  users = [{ name = "ann", roles = ["a", "b"], age = 3 }, { name = "bob", roles = [], age = 4 }]
  nothing = null
}
output "for" { value = [for i, u in local.users : "${i}:${u.name}" if u.age > 2] }
output "object" { value = { for u in local.users : u.name => length(u.roles) } }
output "grouped" { value = { for u in local.users : (u.age > 3 ? "old" : "young") => u.name... } }
output "keyed" { value = { for k, v in { b = 1, a = 2 } : upper(k) => v * 2 } }
output "splat" { value = local.users[*].name }
output "deep" { value = local.users[*].roles[0 + 0 == 0 ? length(local.users) - 2 : 0] == [] ? 1 : 2 }
output "legacy" { value = local.users.*.name }
output "none" { value = local.nothing[*] }
output "one" { value = "x"[*] }
output "sets" { value = [for s in toset(["b", "a"]) : s] }
output "nested" { value = flatten([for u in local.users : [for r in u.roles : { user = u.name, role = r }]]) }
