//! What is told about functions: their signatures beside Terraform's, and the reference in `docs/functions.md`.
//!
//! `KEYFORM_TEST=bless` rewrites the reference.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use keyform::lang::func::{self, Func, Kind, Param, provider};
use keyform::value::type_expression;
use serde_json::Value as Json;

use crate::program;

/// The functions that Terraform 1.11 does not have.
const BEYOND: [&str; 4] = ["base64gunzip", "cidrcontains", "convert", "urldecode"];

fn signatures(mut command: Command) -> serde_json::Map<String, Json> {
    let output = command.args(["metadata", "functions", "-json"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let document: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["format_version"], "1.0");
    document["function_signatures"].as_object().unwrap().clone()
}

/// A signature without the words for people.
fn bare(signature: &Json) -> Json {
    let mut signature = signature.clone();
    let about = signature.as_object_mut().unwrap().remove("description");
    assert!(about.is_some_and(|about| about.as_str().is_some_and(|text| !text.is_empty())));
    let parameters = signature.get_mut("parameters").and_then(Json::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        parameter.as_object_mut().unwrap().remove("description");
    }
    if let Some(variadic) = signature.get_mut("variadic_parameter") {
        variadic.as_object_mut().unwrap().remove("description");
    }
    signature
}

#[test]
fn signatures_are_those_of_terraform() {
    let folder = tempfile::tempdir().unwrap();
    let Some(terraform) = program::terraform(folder.path()) else {
        return;
    };
    let theirs = signatures(terraform);
    let ours = signatures(program::keyform(folder.path()));
    assert_eq!(theirs.len(), 2 * 118);
    for (name, signature) in &theirs {
        let own = ours.get(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(bare(own), bare(signature), "{name}");
    }
    let beyond: Vec<&str> = ours
        .keys()
        .map(String::as_str)
        .filter(|name| !theirs.contains_key(*name) && !name.starts_with("core::"))
        .collect();
    assert_eq!(beyond, BEYOND);
    assert_eq!(ours.len(), theirs.len() + 2 * BEYOND.len());
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
fn the_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/functions.md");
    let wanted = reference();
    if std::env::var("KEYFORM_TEST").is_ok_and(|value| value == "bless") {
        fs_err::write(&path, &wanted).unwrap();
    }
    let found = fs_err::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/functions.md is stale: KEYFORM_TEST=bless cargo test --test main the_reference writes it again"
    );
}

fn reference() -> String {
    let mut text = String::from(HEAD);
    let mut functions: Vec<&Func> = func::all().collect();
    functions.sort_by_key(|function| function.name);
    for function in functions {
        entry(&mut text, "", function);
    }
    text.push_str(PROVIDERS);
    for (provider, functions) in provider::PROVIDERS {
        let local = provider.rsplit('/').next().unwrap();
        for function in *functions {
            entry(&mut text, &format!("provider::{local}::"), function);
        }
    }
    text
}

const HEAD: &str = "\
# Functions

Written by a test from the table of functions, like the signatures of `keyform metadata functions -json`: every example here is
run by the tests. `?` stands after arguments that may be null, `...` before one that may be given any number of times. Each
function may also be called with `core::` before its name.

The examples read `keys/app.txt`, which holds `hello` and a line break, and `hello.tftpl`, which holds `Hello, ${name}!` like
`var.greeting`. The working folder is `/here`, the home folder `/home`.
";

const PROVIDERS: &str = "
# Functions of providers

They can be called in modules that require the provider (`required_providers`). Between `provider::` and the function stands
the name under which the module requires it.
";

fn entry(text: &mut String, prefix: &str, function: &Func) {
    let name = format!("{prefix}{}", function.name);
    let parameters: Vec<String> = function
        .params
        .iter()
        .map(parameter)
        .chain(
            function
                .variadic
                .iter()
                .map(|param| format!("...{}", parameter(param))),
        )
        .collect();
    let returns = shown(function.returns);
    writeln!(
        text,
        "\n## {name}\n\n```\n{name}({}) -> {returns}\n```\n\n{}\n\n```",
        parameters.join(", "),
        function.about
    )
    .unwrap();
    for (expression, result) in function.examples {
        writeln!(text, "> {expression}\n{result}").unwrap();
    }
    text.push_str("```\n");
}

fn parameter(param: &Param) -> String {
    let null = if param.null { "?" } else { "" };
    format!("{} {}{null}", param.name, shown(param.ty))
}

/// A type on one line.
fn shown(kind: Kind) -> String {
    let text = type_expression(&kind.ty()).replace("dynamic", "any");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
