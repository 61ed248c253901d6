# What is known of values that are not: whether they are null, how they begin, how long and how large they are.

resource "terraform_data" "x" {
  input = { a = timestamp() }
}

resource "terraform_data" "n" {
  input = tonumber(formatdate("s", timestamp()))
}

resource "terraform_data" "c" {
  count = 2
}

resource "terraform_data" "f" {
  for_each = toset(["a", "b"])
}

locals {
  tpl = "t-$${a}"
}

output "o000" {
  value = terraform_data.x.id
}

output "o001" {
  value = terraform_data.x.id != null
}

output "o002" {
  value = terraform_data.x.id == null
}

output "o003" {
  value = terraform_data.x.id == ""
}

output "o004" {
  value = terraform_data.x.id == "a"
}

output "o005" {
  value = terraform_data.x.id
}

output "o006" {
  value = "pre-${terraform_data.x.id}"
}

output "o007" {
  value = "pre-${terraform_data.x.id}" == null
}

output "o008" {
  value = "pre-${terraform_data.x.id}" == "abc"
}

output "o009" {
  value = "pre-${terraform_data.x.id}" == "pre-x"
}

output "o010" {
  value = "pre-${terraform_data.x.id}" != "abc"
}

output "o011" {
  value = startswith("pre-${terraform_data.x.id}", "pre")
}

output "o012" {
  value = startswith("pre-${terraform_data.x.id}", "abc")
}

output "o013" {
  value = startswith("pre-${terraform_data.x.id}", "pre-longer")
}

output "o014" {
  value = endswith("${terraform_data.x.id}-post", "post")
}

output "o015" {
  value = length("pre-${terraform_data.x.id}")
}

output "o016" {
  value = length("pre-${terraform_data.x.id}") > 0
}

output "o017" {
  value = length("pre-${terraform_data.x.id}") > 3
}

output "o018" {
  value = length("pre-${terraform_data.x.id}") >= 4
}

output "o019" {
  value = [terraform_data.x.id]
}

output "o020" {
  value = length([terraform_data.x.id])
}

output "o021" {
  value = [terraform_data.x.id][0] == null
}

output "o022" {
  value = toset([terraform_data.x.id])
}

output "o023" {
  value = length(toset([terraform_data.x.id]))
}

output "o024" {
  value = length(toset([terraform_data.x.id, "a"]))
}

output "o025" {
  value = length(toset([terraform_data.x.id, "a"])) > 0
}

output "o026" {
  value = length(toset([terraform_data.x.id, "a"])) > 2
}

output "o027" {
  value = length(toset([terraform_data.x.id, "a"])) <= 2
}

output "o028" {
  value = contains(toset([terraform_data.x.id, "a"]), "a")
}

output "o029" {
  value = contains([terraform_data.x.id, "a"], "a")
}

output "o030" {
  value = contains(["a"], terraform_data.x.id)
}

output "o031" {
  value = { a = terraform_data.x.id }
}

output "o032" {
  value = keys({ a = terraform_data.x.id })
}

output "o033" {
  value = values({ a = terraform_data.x.id })
}

output "o034" {
  value = { (terraform_data.x.id) = 1 }
}

output "o035" {
  value = merge({ a = 1 }, { b = terraform_data.x.id })
}

output "o036" {
  value = merge({ a = 1 }, terraform_data.x.output)
}

output "o037" {
  value = lookup({ a = terraform_data.x.id }, "a", "z")
}

output "o038" {
  value = lookup({ a = terraform_data.x.id }, "b", "z")
}

output "o039" {
  value = lookup({ a = "q" }, terraform_data.x.id, "z")
}

output "o040" {
  value = coalesce(terraform_data.x.id, "b")
}

output "o041" {
  value = coalesce("b", terraform_data.x.id)
}

output "o042" {
  value = coalesce(null, terraform_data.x.id)
}

output "o043" {
  value = coalescelist([terraform_data.x.id], ["b"])
}

output "o044" {
  value = coalescelist(tolist([]), [terraform_data.x.id])
}

output "o045" {
  value = compact([terraform_data.x.id, "", "b"])
}

output "o046" {
  value = length(compact([terraform_data.x.id, "b"])) > 0
}

output "o047" {
  value = concat([terraform_data.x.id], ["b"])
}

output "o048" {
  value = length(concat([terraform_data.x.id], ["b"]))
}

output "o049" {
  value = distinct([terraform_data.x.id, "a", "a"])
}

output "o050" {
  value = length(distinct([terraform_data.x.id, "a"]))
}

output "o051" {
  value = element([terraform_data.x.id, "b"], 1)
}

output "o052" {
  value = element([terraform_data.x.id, "b"], 0)
}

output "o053" {
  value = flatten([[terraform_data.x.id], ["b"]])
}

output "o054" {
  value = flatten([terraform_data.x.output, ["b"]])
}

output "o055" {
  value = format("a-%s", terraform_data.x.id)
}

output "o056" {
  value = format("a-%s", terraform_data.x.id) == "b"
}

output "o057" {
  value = format("%s", terraform_data.x.id) != null
}

output "o058" {
  value = formatlist("a-%s", [terraform_data.x.id, "b"])
}

output "o059" {
  value = length(formatlist("a-%s", [terraform_data.x.id, "b"]))
}

output "o060" {
  value = join(",", [terraform_data.x.id, "b"])
}

output "o061" {
  value = join(",", ["a", terraform_data.x.id])
}

output "o062" {
  value = upper(terraform_data.x.id)
}

output "o063" {
  value = upper(terraform_data.x.id) == null
}

output "o064" {
  value = split(",", terraform_data.x.id)
}

output "o065" {
  value = split(",", terraform_data.x.id) == null
}

output "o066" {
  value = length(split(",", terraform_data.x.id)) > 0
}

output "o067" {
  value = replace(terraform_data.x.id, "a", "b")
}

output "o068" {
  value = substr(terraform_data.x.id, 0, 3)
}

output "o069" {
  value = trimspace(terraform_data.x.id)
}

output "o070" {
  value = tostring(terraform_data.x.id)
}

output "o071" {
  value = tonumber(terraform_data.x.id)
}

output "o072" {
  value = tobool(terraform_data.x.id)
}

output "o073" {
  value = tolist([terraform_data.x.id])
}

output "o074" {
  value = tomap({ a = terraform_data.x.id })
}

output "o075" {
  value = try(terraform_data.x.id, "b")
}

output "o076" {
  value = try(terraform_data.x.output.foo, "b")
}

output "o077" {
  value = can(terraform_data.x.id)
}

output "o078" {
  value = can(terraform_data.x.output.foo)
}

output "o079" {
  value = terraform_data.x.output
}

output "o080" {
  value = terraform_data.x.output == null
}

output "o081" {
  value = terraform_data.x.output.a
}

output "o082" {
  value = terraform_data.x.output["a"]
}

output "o083" {
  value = [for v in [terraform_data.x.id, "b"] : v]
}

output "o084" {
  value = [for v in [terraform_data.x.id, "b"] : v if v != "b"]
}

output "o085" {
  value = [for v in terraform_data.x.output : v]
}

output "o086" {
  value = { for k, v in { a = terraform_data.x.id } : k => v }
}

output "o087" {
  value = { for v in [terraform_data.x.id] : v => 1 }
}

output "o088" {
  value = true ? terraform_data.x.id : "b"
}

output "o089" {
  value = false ? terraform_data.x.id : "b"
}

output "o090" {
  value = terraform_data.x.id == "x" ? "aa" : "ab"
}

output "o091" {
  value = terraform_data.x.id == "x" ? "aa" : null
}

output "o092" {
  value = (terraform_data.x.id == "x" ? "aa" : "ab") != null
}

output "o093" {
  value = terraform_data.x.id == "x" ? 1 : 2
}

output "o094" {
  value = (terraform_data.x.id == "x" ? 1 : 2) > 0
}

output "o095" {
  value = (terraform_data.x.id == "x" ? 1 : 2) > 2
}

output "o096" {
  value = terraform_data.x.id == "x" ? ["a"] : ["b"]
}

output "o097" {
  value = length(terraform_data.x.id == "x" ? ["a"] : ["b"])
}

output "o098" {
  value = length(terraform_data.x.id == "x" ? ["a"] : ["b", "c"])
}

output "o099" {
  value = length(terraform_data.x.id == "x" ? tolist(["a"]) : tolist(["b", "c"])) > 0
}

output "o100" {
  value = length(terraform_data.x.id == "x" ? tolist(["a"]) : tolist(["b", "c"])) > 2
}

output "o101" {
  value = terraform_data.x.id == "x" ? { a = 1 } : { a = 2 }
}

output "o102" {
  value = (terraform_data.x.id == "x" ? { a = 1 } : { a = 2 }).a
}

output "o103" {
  value = terraform_data.x.id == "x" || false
}

output "o104" {
  value = terraform_data.x.id == "x" && true
}

output "o105" {
  value = !(terraform_data.x.id == "x")
}

output "o106" {
  value = terraform_data.n.output + 1
}

output "o107" {
  value = terraform_data.n.output > 1
}

output "o108" {
  value = -terraform_data.n.output
}

output "o109" {
  value = max(1, terraform_data.n.output)
}

output "o110" {
  value = range(terraform_data.n.output)
}

output "o111" {
  value = abs(terraform_data.n.output)
}

output "o112" {
  value = abs(terraform_data.n.output) >= 0
}

output "o113" {
  value = jsonencode({ a = terraform_data.x.id })
}

output "o114" {
  value = jsonencode(terraform_data.x.id)
}

output "o115" {
  value = jsonencode([terraform_data.x.id]) == "b"
}

output "o116" {
  value = jsonencode({ a = terraform_data.x.id }) != null
}

output "o117" {
  value = startswith(jsonencode({ a = terraform_data.x.id }), "{")
}

output "o118" {
  value = startswith(jsonencode([terraform_data.x.id]), "[")
}

output "o119" {
  value = startswith(jsonencode(terraform_data.x.id), "\"")
}

output "o120" {
  value = jsondecode(terraform_data.x.id)
}

output "o121" {
  value = yamlencode({ a = terraform_data.x.id })
}

output "o122" {
  value = base64encode(terraform_data.x.id)
}

output "o123" {
  value = sha256(terraform_data.x.id)
}

output "o124" {
  value = sha256(terraform_data.x.id) == null
}

output "o125" {
  value = md5(terraform_data.x.id) != null
}

output "o126" {
  value = uuid()
}

output "o127" {
  value = timestamp()
}

output "o128" {
  value = timestamp() == null
}

output "o129" {
  value = bcrypt("x")
}

output "o130" {
  value = length(timestamp())
}

output "o131" {
  value = one([terraform_data.x.id])
}

output "o132" {
  value = one([])
}

output "o133" {
  value = one(toset([terraform_data.x.id]))
}

output "o134" {
  value = sort([terraform_data.x.id, "a"])
}

output "o135" {
  value = length(sort([terraform_data.x.id, "a"]))
}

output "o136" {
  value = reverse([terraform_data.x.id, "a"])
}

output "o137" {
  value = setunion([terraform_data.x.id], ["a"])
}

output "o138" {
  value = setintersection([terraform_data.x.id], ["a"])
}

output "o139" {
  value = length(setunion([terraform_data.x.id], ["a"])) > 0
}

output "o140" {
  value = setsubtract(["a"], [terraform_data.x.id])
}

output "o141" {
  value = setproduct([terraform_data.x.id], ["a"])
}

output "o142" {
  value = length(setproduct([terraform_data.x.id], ["a"]))
}

output "o143" {
  value = slice([terraform_data.x.id, "a"], 0, 1)
}

output "o144" {
  value = zipmap(["a"], [terraform_data.x.id])
}

output "o145" {
  value = zipmap([terraform_data.x.id], ["a"])
}

output "o146" {
  value = chunklist([terraform_data.x.id, "a"], 1)
}

output "o147" {
  value = matchkeys([terraform_data.x.id], ["a"], ["a"])
}

output "o148" {
  value = index([terraform_data.x.id, "a"], "a")
}

output "o149" {
  value = anytrue([terraform_data.x.id == "a", true])
}

output "o150" {
  value = anytrue([terraform_data.x.id == "a", false])
}

output "o151" {
  value = sum([1, terraform_data.n.output])
}

output "o152" {
  value = terraform_data.x.*.id
}

output "o153" {
  value = terraform_data.c[*].id
}

output "o154" {
  value = length(terraform_data.c)
}

output "o155" {
  value = length(terraform_data.c[*].id)
}

output "o156" {
  value = terraform_data.c[0].id
}

output "o157" {
  value = terraform_data.f
}

output "o158" {
  value = keys(terraform_data.f)
}

output "o159" {
  value = [for k, v in terraform_data.f : v.id]
}

output "o160" {
  value = { for k, v in terraform_data.f : k => v.id }
}

output "o161" {
  value = terraform_data.f["a"].id
}

output "o162" {
  value = "%{if terraform_data.x.id == "x"}a%{else}b%{endif}"
}

output "o163" {
  value = "%{for v in [terraform_data.x.id]}${v}%{endfor}"
}

output "o164" {
  value = "p-%{for v in [terraform_data.x.id]}${v}%{endfor}" == null
}

output "o165" {
  value = <<EOT
hello ${terraform_data.x.id}
EOT
}

output "o166" {
  value = startswith(<<EOT
hello ${terraform_data.x.id}
EOT
  , "hello")
}

output "o167" {
  value = regex("a", terraform_data.x.id)
}

output "o168" {
  value = regexall("a", terraform_data.x.id)
}

output "o169" {
  value = length(regexall("a", terraform_data.x.id)) >= 0
}

output "o170" {
  value = cidrhost(terraform_data.x.id, 1)
}

output "o171" {
  value = cidrsubnets("10.0.0.0/8", 1, terraform_data.n.output)
}

output "o172" {
  value = parseint(terraform_data.x.id, 10)
}

output "o173" {
  value = templatestring(local.tpl, { a = terraform_data.x.id })
}

output "o174" {
  value = alltrue([])
}

output "o175" {
  value = strcontains("a${terraform_data.x.id}", "a")
}

output "o176" {
  value = title(terraform_data.x.id)
}

output "o177" {
  value = indent(2, terraform_data.x.id)
}

output "o178" {
  value = chomp(terraform_data.x.id)
}

output "o179" {
  value = trimprefix("pre-${terraform_data.x.id}", "pre")
}

output "o180" {
  value = timeadd(terraform_data.x.id, "1h")
}

output "o181" {
  value = ephemeralasnull(terraform_data.x.id)
}

output "o182" {
  value = terraform_data.x
}

output "o183" {
  value = { a = terraform_data.x.id } == { a = "b" }
}

output "o184" {
  value = [terraform_data.x.id] == ["a", "b"]
}

output "o185" {
  value = tolist([terraform_data.x.id]) == tolist(["a", "b"])
}

output "o186" {
  value = terraform_data.x.output == terraform_data.x.output
}

output "o187" {
  value = terraform_data.x.id == terraform_data.x.id
}

output "o188" {
  value = null == terraform_data.x.id
}

output "o189" {
  value = transpose({ a = [terraform_data.x.id] })
}

output "o190" {
  value = length(terraform_data.x.output.a) > -1
}

output "o191" {
  value = length(split(",", terraform_data.x.id))
}

output "o192" {
  value = length(split(",", terraform_data.x.id)) >= 1
}

output "o193" {
  value = length(split(",", terraform_data.x.id)) == 0
}

output "o194" {
  value = length(terraform_data.x.id) > -1
}

output "o195" {
  value = length(terraform_data.x.id) < 0
}

output "o196" {
  value = length("abc-${terraform_data.x.id}") == 2
}

output "o197" {
  value = length("abc-${terraform_data.x.id}") == 9
}

output "o198" {
  value = length("abc-${terraform_data.x.id}") * 2 > 3
}

output "o199" {
  value = length("abc-${terraform_data.x.id}") / 2 > 1
}

output "o200" {
  value = length(toset([terraform_data.x.id, "a"])) == 0
}

output "o201" {
  value = length(toset([terraform_data.x.id, "a"])) == 3
}

output "o202" {
  value = length(toset([terraform_data.x.id, "a"])) < 3
}

output "o203" {
  value = length(toset(split(",", terraform_data.x.id))) > 0
}

output "o204" {
  value = length(setunion([terraform_data.x.id], ["a"])) < 3
}

output "o205" {
  value = abs(terraform_data.n.output) > -1
}

output "o206" {
  value = abs(terraform_data.n.output) == -1
}

output "o207" {
  value = (terraform_data.x.id == "x" ? 1 : 2) == 3
}

output "o208" {
  value = (terraform_data.x.id == "x" ? 1 : 2) < 3
}

output "o209" {
  value = length(terraform_data.x.id == "x" ? tolist(["a"]) : tolist([])) >= 0
}

output "o210" {
  value = length(terraform_data.x.id == "x" ? tolist(["a"]) : tolist(["b", "c"])) == 3
}

output "o211" {
  value = (terraform_data.x.id == "x" ? tolist(["a"]) : tolist(["b", "c"])) == null
}

output "o212" {
  value = (terraform_data.x.id == "x" ? tolist(["a"]) : tolist(["b", "c"])) == tolist(["a", "b", "c"])
}

output "o213" {
  value = (terraform_data.x.id == "x" ? toset(["a"]) : toset(["b", "c"])) == toset([])
}

output "o214" {
  value = (terraform_data.x.id == "x" ? null : null) == null
}

output "o215" {
  value = terraform_data.x.id == "x" ? null : null
}

output "o216" {
  value = length(keys(terraform_data.f)) > 1
}

output "o217" {
  value = length([for k in terraform_data.c : k.id]) > 1
}

output "o218" {
  value = length(formatlist("%s", [terraform_data.x.id])) == 1
}

output "o219" {
  value = length(concat([terraform_data.x.id], split(",", terraform_data.x.id))) > 0
}

output "o220" {
  value = length(merge({ a = 1 }, { b = terraform_data.x.id })) == 2
}

output "o221" {
  value = length(distinct([terraform_data.x.id, "a"])) > 0
}

output "o222" {
  value = length(distinct([terraform_data.x.id, "a"])) < 3
}

output "o223" {
  value = length(compact([terraform_data.x.id, "b"])) < 3
}

output "o224" {
  value = length(flatten([[terraform_data.x.id], ["b"]])) == 2
}

output "o225" {
  value = length(values({ a = terraform_data.x.id })) == 1
}

output "o226" {
  value = length(zipmap(["a"], [terraform_data.x.id])) == 1
}

output "o227" {
  value = length(reverse([terraform_data.x.id])) == 1
}

output "o228" {
  value = length(slice([terraform_data.x.id, "a"], 0, 1)) == 1
}

output "o229" {
  value = length(chunklist([terraform_data.x.id, "a"], 1)) == 2
}

output "o230" {
  value = length(setproduct([terraform_data.x.id], ["a"])) > 0
}

output "o231" {
  value = length(setproduct([terraform_data.x.id, "b"], ["a"])) > 0
}

output "o232" {
  value = length(regexall("a", terraform_data.x.id)) > -1
}

output "o233" {
  value = length(jsonencode([terraform_data.x.id])) > 0
}

output "o234" {
  value = length(sort(split(",", terraform_data.x.id))) > 0
}

output "o235" {
  value = length(uuid()) > 0
}

output "o236" {
  value = substr("pre-${terraform_data.x.id}", 0, 3) == "pre"
}

output "o237" {
  value = upper("pre-${terraform_data.x.id}") == "x"
}

output "o238" {
  value = format("%s-a", terraform_data.x.id) == null
}

output "o239" {
  value = format("pre-%s", terraform_data.x.id) == "other"
}

output "o240" {
  value = join("-", ["a", terraform_data.x.id]) == "b"
}

output "o241" {
  value = replace("a${terraform_data.x.id}", "a", "b") == null
}

output "o242" {
  value = trimspace(terraform_data.x.id) == null
}

output "o243" {
  value = lookup({ a = terraform_data.x.id }, "a", null) == null
}

output "o244" {
  value = coalesce(terraform_data.x.id, "b") == null
}

output "o245" {
  value = try(terraform_data.x.id, null) == null
}

output "o246" {
  value = element([terraform_data.x.id], 0) == null
}

output "o247" {
  value = one([terraform_data.x.id]) == null
}

output "o248" {
  value = terraform_data.x.output.a == null
}

output "o249" {
  value = terraform_data.x.output == {}
}

output "o250" {
  value = { a = terraform_data.x.id } == null
}

output "o251" {
  value = [terraform_data.x.id] != []
}

output "o252" {
  value = [terraform_data.x.id] == [null]
}

output "o253" {
  value = index(["a"], "a") == 0 && terraform_data.x.id != null
}

output "o254" {
  value = sha256("${terraform_data.x.id}") == ""
}

output "o255" {
  value = length(sha256(terraform_data.x.id)) == 64
}

output "o256" {
  value = timestamp() != null ? 1 : 2
}

output "o257" {
  value = terraform_data.x.id != null ? 1 : 2
}

output "o258" {
  value = [for i in range(terraform_data.x.id != null ? 2 : 1) : i]
}

output "o259" {
  value = toset(split(",", terraform_data.x.id)) == toset([])
}

output "o260" {
  value = split(",", terraform_data.x.id) == []
}

output "o261" {
  value = tolist(split(",", terraform_data.x.id)) == tolist([])
}

output "o262" {
  value = split(",", terraform_data.x.id) != null
}

output "o263" {
  value = { for v in split(",", terraform_data.x.id) : v => 1 } == {}
}

output "o264" {
  value = { for v in split(",", terraform_data.x.id) : v => 1 } == null
}

output "o265" {
  value = [for v in split(",", terraform_data.x.id) : v] == null
}

output "o266" {
  value = max(length(terraform_data.x.id), 3) > 2
}

output "o267" {
  value = min(length(terraform_data.x.id), 3) < 4
}

output "o268" {
  value = ceil(terraform_data.n.output) == null
}

output "o269" {
  value = sum([length(terraform_data.x.id), 3]) > 2
}

output "o270" {
  value = parseint("1${terraform_data.x.id}", 10) == null
}

output "o271" {
  value = can(tonumber(terraform_data.x.id))
}

output "o272" {
  value = cidrhost("10.0.0.0/8", terraform_data.n.output) == null
}

output "o273" {
  value = formatdate("YYYY", timestamp()) == null
}

output "o274" {
  value = base64decode(terraform_data.x.id) == null
}

output "o275" {
  value = jsondecode(terraform_data.x.id) == null
}

output "o276" {
  value = yamldecode(terraform_data.x.id) == null
}

output "o277" {
  value = csvdecode(terraform_data.x.id) == null
}

output "o278" {
  value = templatestring(local.tpl, { a = terraform_data.x.id }) == null
}

output "o279" {
  value = templatestring(local.tpl, { a = terraform_data.x.id }) == "x"
}

output "o280" {
  value = "${terraform_data.n.output}" == null
}

output "o281" {
  value = "${terraform_data.n.output}a" == null
}

output "o282" {
  value = "a-%{for v in split(",", terraform_data.x.id)}b%{endfor}" == "x"
}
