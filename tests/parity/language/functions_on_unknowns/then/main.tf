resource "terraform_data" "x" { input = "a" }
locals {
  u    = tostring(terraform_data.x.output)
  ul   = [local.u, "b"]
  us   = toset([local.u, "b"])
  tpl  = "$${a}-$${b}%%{ if c }!%%{ endif }"
  rec  = "$${templatestring(a, {})}"
  bad  = "$${"
  loop = "%%{ for x in xs }$${x},%%{ endfor }"
  one  = "$${xs}"
  file = "$${templatefile(\"t.tpl\", {})}"
  sens = sensitive("$${a}")
  notstr = { a = 1 }
}

output "o000" { value = upper(local.u) }
output "o001" { value = local.ul }
output "o002" { value = length(local.ul) }
output "o003" { value = length(local.us) }
output "o004" { value = setproduct(local.ul, ["x"]) }
output "o005" { value = setproduct(local.us, ["x"]) }
output "o006" { value = setproduct([], local.us) }
output "o008" { value = setintersection(local.us, ["b"]) }
output "o009" { value = setsubtract(local.us, ["b"]) }
output "o010" { value = contains(local.ul, "b") }
output "o011" { value = contains(local.ul, "c") }
output "o012" { value = contains(["b"], local.u) }
output "o013" { value = index(local.ul, "b") }
output "o014" { value = element(local.ul, 1) }
output "o015" { value = element(local.ul, 0) }
output "o016" { value = slice(local.ul, 1, 2) }
output "o017" { value = reverse(local.ul) }
output "o018" { value = concat(local.ul, ["c"]) }
output "o019" { value = flatten([local.ul, ["c"]]) }
output "o020" { value = flatten([local.u, "c"]) }
output "o021" { value = coalesce(local.u, "x") }
output "o022" { value = coalesce("x", local.u) }
output "o023" { value = coalescelist(local.ul, ["x"]) }
output "o024" { value = coalescelist([], local.ul) }
output "o025" { value = compact(local.ul) }
output "o026" { value = distinct(local.ul) }
output "o027" { value = join(",", local.ul) }
output "o028" { value = split(",", local.u) }
output "o029" { value = split(local.u, "a") }
output "o030" { value = lookup({a=local.u}, "a", "x") }
output "o031" { value = lookup({a=local.u, b=1}, "b", "x") }
output "o032" { value = lookup({a=1}, local.u, "x") }
output "o033" { value = keys({a=local.u}) }
output "o034" { value = keys({(local.u)=1}) }
output "o035" { value = values({a=local.u}) }
output "o036" { value = merge({a=local.u}, {b=1}) }
output "o037" { value = zipmap(["a","b"], local.ul) }
output "o038" { value = zipmap(local.ul, ["a","b"]) }
output "o039" { value = chunklist(local.ul, 1) }
output "o040" { value = transpose({a=local.ul}) }
output "o041" { value = matchkeys(local.ul, ["a","b"], ["b"]) }
output "o042" { value = one([local.u]) }
output "o043" { value = tolist(local.ul) }
output "o044" { value = toset(local.ul) }
output "o045" { value = tomap({a=local.u}) }
output "o046" { value = tostring(local.u) }
output "o048" { value = jsonencode(local.ul) }
output "o049" { value = jsonencode({a=local.u}) }
output "o050" { value = jsonencode(local.u) }
output "o051" { value = yamlencode(local.ul) }
output "o052" { value = format("%s", local.u) }
output "o054" { value = format("a %s", local.u) }
output "o056" { value = formatlist("%s-%s", local.ul, "x") }
output "o057" { value = formatlist("%s", local.us) }
output "o058" { value = startswith(local.u, "a") }
output "o059" { value = endswith("${local.u}a", "a") }
output "o060" { value = regex("a", local.u) }
output "o061" { value = regexall("a", local.u) }
output "o062" { value = replace(local.u, "a", "b") }
output "o063" { value = substr(local.u, 0, 1) }
output "o064" { value = max(1, length(local.ul)) }
output "o066" { value = alltrue([local.u == "a", true]) }
output "o067" { value = anytrue([local.u == "a", true]) }
output "o068" { value = anytrue([local.u == "a"]) }
output "o069" { value = try(local.u, "x") }
output "o070" { value = try(local.ul[0], "x") }
output "o071" { value = try(local.ul, "x") }
output "o072" { value = try(local.ul[5], "x") }
output "o073" { value = can(local.u) }
output "o074" { value = can(local.ul[5]) }
output "o075" { value = can(tonumber(local.u)) }
output "o076" { value = issensitive(local.u) }
output "o077" { value = nonsensitive(local.u) }
output "o078" { value = range(length(local.ul)) }
output "o079" { value = range(length(local.us)) }
output "o083" { value = templatefile("t.tpl", {x=local.u, y=true}) }
output "o084" { value = templatestring(local.tpl, {a=local.u, b=1, c=true}) }
output "o085" { value = local.u == null }
output "o086" { value = local.u != "" }
output "o087" { value = local.u == "" }
output "o088" { value = length(local.u) > 0 }
output "o089" { value = templatefile("t.tpl", {x=1, y=false}) }
output "o090" { value = templatefile("t.tpl", tomap({x=true, y=true})) }
output "o091" { value = templatefile("l.tpl", {xs=[1,2]}) }
output "o092" { value = templatefile("m.tpl", {m={a=1,b=2}}) }
output "o093" { value = templatefile("m.tpl", {m=[]}) }
output "o094" { value = templatefile("n.tpl", {xs=[1], nope="a"}) }
output "o096" { value = filebase64("bin.tpl") }
output "o097" { value = filemd5("bin.tpl") }
output "o098" { value = fileset(".", "*.tpl") }
output "o099" { value = fileset(".", "{t,r}.tpl") }
output "o100" { value = fileset(".", "[!t].tpl") }
output "o101" { value = fileset("nope", "*") }
output "o102" { value = templatestring(local.tpl, {a="x", b=2, c=true}) }
output "o103" { value = templatestring(local.loop, {xs=[1,2]}) }
output "o104" { value = templatestring(local.one, {xs=1}) }
output "o105" { value = templatestring(local.ul[1], {}) }
output "o106" { value = templatestring(local.u, {}) }
output "s000" {
  value     = sensitive(local.u)
  sensitive = true
}
output "s001" {
  value     = templatefile("t.tpl", {x=sensitive(1), y=true})
  sensitive = true
}
output "s002" {
  value     = templatefile("t.tpl", sensitive({x=1, y=true}))
  sensitive = true
}
output "s003" {
  value     = templatefile(sensitive("t.tpl"), {x=1,y=true})
  sensitive = true
}
output "s004" {
  value     = templatestring(local.sens, {a="x"})
  sensitive = true
}
output "s005" {
  value     = templatestring(local.tpl, {a=sensitive("x"), b=1, c=true})
  sensitive = true
}
output "refused" {
  value = [
    can(zipmap(["a"], local.ul)),
    can(templatefile("t.tpl", {x=1})),
    can(templatefile("t.tpl", {x=[], y=true})),
    can(templatefile("t.tpl", {x=1, y="z"})),
    can(templatefile("t.tpl", [1])),
    can(templatefile("t.tpl", null)),
    can(templatefile("t.tpl", {x=null, y=true})),
    can(templatefile("t.tpl", {"a b"=1, x=1, y=true})),
    can(templatefile("t.tpl", {"1a"=1, x=1, y=true})),
    can(templatefile("r.tpl", {})),
    can(templatefile("bad.tpl", {})),
    can(templatefile("n.tpl", {xs=[1]})),
    can(fileset(".", "[")),
    can(file(".")),
    can(fileexists(".")),
    can(templatestring(local.tpl, {a="x", b=2})),
    can(templatestring(local.file, {})),
    can(templatestring(local.bad, {})),
    can(templatestring(local.one, {xs=[1]})),
    can(templatestring(local.notstr, {})),
    can(templatestring("${local.tpl}", {})),
    can(templatestring(upper(local.tpl), {})),
  ]
}
