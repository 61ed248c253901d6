//! What is large but honest works, and soon.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Project, measured};

/// As much as a machine may have: honest input is not bounded like hostile input.
const PLENTY: u64 = 4 << 20;

/// Far more than any of these needs: it is printed what each takes.
const SOON: Duration = Duration::from_mins(2);

fn locals() -> String {
    let mut text = String::from("locals {\n  l0 = \"x\"\n");
    for at in 1..200_000 {
        let _ = writeln!(text, "  l{at} = \"${{local.l0}}-{at}\"");
    }
    text + "}\noutput \"last\" {\n  value = local.l199999\n}\n"
}

fn chain() -> String {
    let lines = (1..20_000).map(|at| format!("  l{at} = local.l{} + 1\n", at - 1));
    let lines: String = lines.collect();
    format!("locals {{\n  l0 = 1\n{lines}}}\noutput \"last\" {{\n  value = local.l19999\n}}\n")
}

fn errors() -> String {
    let blocks =
        (0..20_000).map(|at| format!("resource \"terraform_data\" \"r{at}\" {{\n  nosuch = 1\n}}\n"));
    blocks.collect()
}

fn instances() -> String {
    "resource \"terraform_data\" \"d\" {\n  count = 100000\n}\n".into()
}

/// Each element is compared with each.
fn products() -> String {
    let product = |side: usize| {
        format!("[for p in setproduct(range({side}), range({side})) : \"${{p[0]}}-${{p[1]}}\"]")
    };
    format!(
        "locals {{\n  products = {}\n  searched = {}\n  found    = [for x in local.searched : contains(local.searched, \"none\")]\n}}\noutput \"found\" {{\n  value = length(local.found) + length(local.products)\n}}\n",
        product(316),
        product(100)
    )
}

/// What is printed is looked through for the secret at each of its places.
fn one_letter() -> String {
    let doubled = |at: usize| format!("  a{at} = \"${{local.a{0}}}${{local.a{0}}}\"\n", at - 1);
    let doubled: String = (1..17).map(doubled).collect();
    format!(
        "locals {{\n  a0 = \"aaaaaaaaaaaaaaaa\"\n{doubled}  s = sensitive(local.a12)\n}}\noutput \"s\" {{\n  value     = local.s\n  sensitive = true\n}}\noutput \"o\" {{\n  value = local.a16\n}}\n"
    )
}

#[test]
fn what_is_large_but_honest_works_soon() {
    let cases = [
        ("200,000 local values", locals(), 0),
        ("a chain of 20,000 local values", chain(), 0),
        ("20,000 errors", errors(), 1),
        ("100,000 instances", instances(), 0),
        ("100,000 products and a search of 10,000 in 10,000", products(), 0),
        ("a secret of one letter in a long text of it", one_letter(), 0),
    ];
    let mut told = Vec::new();
    let mut late = 0;
    for (name, text, code) in cases {
        let took = measured(&Project::new(&text), &["plan"], PLENTY);
        assert_eq!(took.code, Some(code), "{name}: {took:?}");
        assert!(took.time < SOON, "{name}: {:?}", took.time);
        late += u32::from(took.work > Duration::from_secs(2));
        told.push(format!(
            "{name} {} ms {} MiB",
            took.work.as_millis(),
            took.memory >> 10
        ));
    }
    println!(
        "R15: large honest inputs above 2 s = {late} ({})",
        told.join(", ")
    );
}
