//! Cases that ask for little again and again: of functions, of modules, of numbers, and of what must not be printed.

use super::corpus::{Case, case};

pub fn repeated() -> Vec<Case> {
    [far_numbers(), read_again(), modules(), secrets(), filled()]
        .into_iter()
        .flatten()
        .collect()
}

/// The length of a value, so that nothing of it is printed.
fn length(name: &str, locals: &str, value: &str) -> Case {
    case(
        name,
        format!("locals {{\n{locals}}}\noutput \"o\" {{\n  value = length(jsonencode({value}))\n}}\n"),
    )
}

fn far_numbers() -> Vec<Case> {
    let row = |count: usize| vec!["1e-99999"; count].join(",");
    let state = |count: usize| {
        format!(
            r#"{{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","outputs":{{"o":{{"value":[{}],"type":["list","number"]}}}},"resources":[],"check_results":null}}"#,
            row(count)
        )
    };
    vec![
        length(
            "numbers with many digits",
            "",
            "[for n in range(1000) : 1e-99999]",
        ),
        length(
            "quotients with many digits",
            "",
            "[for n in range(1000) : 1e2991/94e99000/9943]",
        ),
        length("numbers with many digits in JSON", "", "jsondecode(file(\"d\"))")
            .beside("d", format!("[{}]", row(5_000))),
        length("numbers with many digits in YAML", "", "yamldecode(file(\"d\"))")
            .beside("d", format!("[{}]", row(5_000))),
        case("numbers with many digits in a state", "").beside("terraform.tfstate", state(200)),
        case("numbers with many digits to show", "")
            .beside("terraform.tfstate", state(200))
            .by(&["show"]),
    ]
}

fn read_again() -> Vec<Case> {
    let many = "  l = [for p in setproduct(range(300), range(300)) : \"${p[0]}-${p[1]}\"]\n";
    let long =
        "  l = join(\"\", [for p in setproduct(range(300), range(300)) : \"aaaaaaaaaaaaaaaaaaaaaaa\"])\n";
    let thousand = "setproduct(range(100), range(300))";
    let each = |what: &str| format!("[for x in {thousand} : {what}]");
    let letters = "a".repeat(128 << 10);
    let twice = |name: &str, first: &str| {
        let line = |at: usize| format!("  {name}{at} = [local.{name}{0}, local.{name}{0}]\n", at - 1);
        format!("  {name}0 = {first}\n{}", (1..40).map(line).collect::<String>())
    };
    vec![
        length("contained in much", many, &each("contains(local.l, \"zz\")")),
        length("much that is equal", many, &each("local.l == local.l")),
        length("hashed again", long, &each("sha512(local.l)")),
        length("searched again", long, &each("strcontains(local.l, \"b\")")),
        length("decoded again", long, &each("can(jsondecode(local.l))")),
        length(
            "a tuple in each of its elements",
            "  l = [for p in setproduct(range(60), range(100)) : { a = p }]\n",
            "[for x in local.l : local.l[*].a]",
        ),
        length(
            "matches that look far ahead",
            "",
            "regexall(\".*b|a\", file(\"d\"))",
        )
        .beside("d", &letters),
        length(
            "a replacement that looks far ahead",
            "",
            "replace(file(\"d\"), \"/.*b|a/\", \"c\")",
        )
        .beside("d", &letters),
        length(
            "large patterns",
            "",
            "[for x in setproduct(range(2), range(1000)) : regexall(\"([\\\\p{L}]{1,100}){1,5}${x[1]}\", \"a\")]",
        ),
        length(
            "equal parts of equal parts",
            &(twice("a", "[1]") + &twice("b", "[1]")),
            "local.a39 == local.b39",
        ),
    ]
}

fn modules() -> Vec<Case> {
    let nothing = "output \"o\" {\n  value = 1\n}\n";
    let called = |count: usize| format!("module \"m\" {{\n  source = \"./m\"\n  count  = {count}\n}}\n");
    let mut tree = case("modules that call the next one twice", pair(1)).by(&["validate"]);
    for at in 1..19 {
        tree = tree.beside(&format!("m{at}/main.tf"), pair(at + 1));
    }
    let local = |at: usize| format!("locals {{\n  l{at} = [[], [], []]\n}}\n");
    let large: String = (0..2_000).map(local).collect();
    let call = |at: usize| format!("module \"m{at}\" {{\n  source = \"./m\"\n}}\n");
    let calls: String = (0..400).map(call).collect();
    vec![
        case("a thousand of modules in a thousand", called(1_000))
            .beside("m/main.tf", called(1_000))
            .beside("m/m/main.tf", nothing),
        case("modules in modules, and resources", called(1_000)).beside(
            "m/main.tf",
            "resource \"terraform_data\" \"d\" {\n  count = 101\n}\n",
        ),
        case("a large module called often", calls).beside("m/main.tf", large),
        tree.beside("m19/main.tf", nothing),
    ]
}

fn filled() -> Vec<Case> {
    let attribute = |at: usize| format!("    a{at} = optional(string)\n");
    let attributes: String = (0..1_000).map(attribute).collect();
    let variable = format!("variable \"v\" {{\n  type = list(object({{\n{attributes}  }}))\n}}\n");
    vec![
        case("attributes that are not given", variable)
            .beside("terraform.tfvars", format!("v = [{}]\n", "{},".repeat(5_000))),
    ]
}

/// Two calls of one module, below the root or beside the caller.
fn pair(at: usize) -> String {
    let from = if at == 1 { "./" } else { "../" };
    ["a", "b"]
        .map(|name| format!("module \"{name}\" {{\n  source = \"{from}m{at}\"\n}}\n"))
        .concat()
}

/// What ends with an error here is only that nothing else would: they are slow without one.
fn secrets() -> Vec<Case> {
    let doubled = |at: usize| format!("  a{at} = \"${{local.a{0}}}${{local.a{0}}}\"\n", at - 1);
    let doubled: String = (1..17).map(doubled).collect();
    let text = format!("  a0 = \"aaaaaaaaaaaaaaaa\"\n{doubled}");
    let failing = "output \"e\" {\n  value = nosuch()\n}\n";
    let alike = (0..10_000)
        .map(|at| format!("\"secret-alike-{at}-xxxxxxxxxxxx\""))
        .collect::<Vec<_>>()
        .join(",");
    vec![
        case(
            "secrets that begin alike",
            format!("variable \"s\" {{\n  type      = list(string)\n  sensitive = true\n}}\noutput \"o\" {{\n  value     = var.s\n  sensitive = true\n}}\n{failing}"),
        )
        .beside("terraform.tfvars", format!("s = [{alike}]\n")),
        case(
            "a secret of one letter that is let out",
            format!("locals {{\n{text}}}\noutput \"o\" {{\n  value = length(nonsensitive(sensitive(local.a16)))\n}}\n{failing}"),
        ),
    ]
}
