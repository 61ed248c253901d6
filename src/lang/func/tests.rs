//! The examples of the documentation, and what every entry must have.

use std::collections::{BTreeMap, BTreeSet};

use super::{Func, all, provider};
use crate::addr::{ProviderName, Reference};
use crate::diag::{Result, Sources, Span};
use crate::lang::expr::tests::{Machine, Names};
use crate::lang::expr::{Host, Scope, Step, evaluate};
use crate::lang::syntax::parse_expression;
use crate::value::Value;

/// What the examples see: two files, one variable, and all providers with functions by their usual names.
struct Surroundings(Names);

impl Scope for Surroundings {
    fn resolve(&self, reference: &Reference, rest: &[Step], at: Span) -> Result<(Value, usize)> {
        self.0.resolve(reference, rest, at)
    }

    fn host(&self) -> &dyn Host {
        self.0.host()
    }

    fn provider(&self, local: &str) -> Option<ProviderName> {
        Some(ProviderName::implied(local))
    }
}

fn surroundings() -> Surroundings {
    let files = [("hello.tftpl", "Hello, ${name}!"), ("keys/app.txt", "hello\n")];
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    Surroundings(Names {
        values: BTreeMap::from([("var.greeting".into(), Value::string("Hello, ${name}!"))]),
        machine: Machine(BTreeMap::from(files)),
        null_tolerant: false,
    })
}

fn show(text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add("<console-input>", text);
    let value = parse_expression(file, text).and_then(|expr| evaluate(&expr, &surroundings()));
    match value {
        Ok(value) => value.to_string(),
        Err(errors) => {
            let first = errors.iter().next().expect("a failure says why");
            format!("! {}: {}", first.summary, first.detail)
        }
    }
}

fn everything() -> impl Iterator<Item = &'static Func> {
    let of_providers = provider::PROVIDERS.iter().flat_map(|(_, functions)| *functions);
    all().chain(of_providers)
}

#[test]
fn every_example_comes_out_as_it_says() {
    let wrong: Vec<String> = everything()
        .flat_map(|function| function.examples)
        .map(|(text, expected)| (text, expected, show(text)))
        .filter(|(_, expected, got)| got != *expected)
        .map(|(text, expected, got)| format!("{text}\n  expected {expected}\n  got      {got}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_function_is_described_and_shown_at_work() {
    let mut seen = BTreeSet::new();
    for function in everything() {
        let name = function.name;
        assert!(seen.insert(name), "{name} stands twice in the table");
        let called = |text: &str| text.contains(&format!("{name}("));
        assert!(
            function.examples.iter().any(|(text, _)| called(text)),
            "{name} has no example"
        );
        assert!(
            function.about.ends_with('.'),
            "{name}: its description is no sentence"
        );
    }
    assert_eq!(seen.len(), 118 + 4 + 7);
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(show(text), expected, "{text}");
}

#[test]
fn what_is_packed_comes_back_within_limits() {
    check(
        "base64gunzip(\"aGVsbG8=\")",
        "! Invalid function argument: Invalid value for \"str\" parameter: the decoded Base64 is not compressed with gzip, or is damaged.",
    );
    check(
        "base64gunzip(\"?\")",
        "! Error in function call: Call to function \"base64gunzip\" failed: failed to decode base64 data \"?\".",
    );
    check("base64gunzip(sensitive(base64gzip(\"a\")))", "(sensitive value)");
    // 20 MiB of one letter, in some 20 KiB.
    let bomb = "base64gunzip(base64gzip(join(\"\", [for i in range(320) : format(\"%65536s\", \"a\")])))";
    check(
        bomb,
        "! Invalid function argument: Invalid value for \"str\" parameter: the decompressed text is longer than 16 MiB.",
    );
}

#[test]
fn urls_are_decoded_strictly() {
    check("urldecode(\"a%20b+c%C3%A9%2B\")", "\"a b cé+\"");
    check("urldecode(urlencode(\"ä ?&=/%+\"))", "\"ä ?&=/%+\"");
    for (text, escape) in [
        ("a%", "%"),
        ("a%2", "%2"),
        ("%zz", "%zz"),
        ("%é", "%é"),
        ("%+1", "%+1"),
    ] {
        check(
            &format!("urldecode(\"{}\")", text.replace("%{", "%%{")),
            &format!(
                "! Invalid function argument: Invalid value for \"str\" parameter: invalid URL escape \"{escape}\"."
            ),
        );
    }
    check(
        "urldecode(\"%ff\")",
        "! Invalid function argument: Invalid value for \"str\" parameter: the decoded bytes are not valid UTF-8.",
    );
}

#[test]
fn networks_contain_what_lies_in_them() {
    for (outer, inner, within) in [
        ("10.0.0.0/8", "10.255.255.255", "true"),
        ("10.0.0.0/8", "11.0.0.0", "false"),
        ("10.0.0.0/8", "10.0.0.0/8", "true"),
        ("10.0.0.0/8", "10.0.0.0/7", "false"),
        ("0.0.0.0/0", "255.255.255.255", "true"),
        ("fe80::/48", "fe80::1", "true"),
        ("fe80::/48", "fe81::1/128", "false"),
        ("::/0", "::1", "true"),
    ] {
        check(&format!("cidrcontains(\"{outer}\", \"{inner}\")"), within);
    }
    check(
        "cidrcontains(\"10.0.0.0/8\", \"::1\")",
        "! Error in function call: Call to function \"cidrcontains\" failed: address family mismatch: 10.0.0.0/8 and ::1 are not both IPv4 or both IPv6.",
    );
    check(
        "cidrcontains(\"10.0.0.0/8\", \"x\")",
        "! Invalid function argument: Invalid value for \"contained_ip_or_prefix\" parameter: invalid IP address or prefix: x.",
    );
}

#[test]
fn convert_reads_its_second_argument_as_a_type() {
    check("convert(null, string)", "tostring(null)");
    check("convert([1, \"a\"], list(string))[0]", "\"1\"");
    check("convert(sensitive(1), string)", "(sensitive value)");
    check("core::convert(\"true\", bool)", "true");
    check("[for string in [1] : convert(string, string)][0]", "\"1\"");
    check(
        "convert(\"a\", number)",
        "! Invalid function argument: Invalid value for \"value\" parameter: a number is required.",
    );
    check(
        "convert(1, text)",
        "! Invalid type specification: The keyword \"text\" is not a valid type specification.",
    );
    check(
        "convert({}, object({ a = optional(string, var.greeting) }))",
        "! Variables not allowed: Variables may not be used here.",
    );
    check(
        "convert(1)",
        "! Not enough function arguments: Function \"convert\" expects 2 argument(s): a value and a type.",
    );
}

#[test]
fn functions_of_providers_are_refused_where_there_are_none() {
    check(
        "provider::aws::arn_pars(\"\")",
        "! Unknown provider function: The function \"arn_pars\" is not available from the provider \"aws\". Did you mean \"arn_parse\"?",
    );
    check(
        "provider::aws::a::arn_parse(\"\")",
        "! Unknown provider function: There is no function named \"provider::aws::a::arn_parse\". Ensure that provider name \"aws\" is declared in this module's required_providers block, and that this provider offers a function named \"arn_parse\".",
    );
    let invalid = show("aws::arn_parse(\"\")");
    assert!(
        invalid.contains("The function namespace \"aws\" is not valid"),
        "{invalid}"
    );
}

#[test]
fn arns_are_taken_apart_only_when_they_are_some() {
    check(
        "provider::aws::arn_parse(\"arn:a:b:c:d:e:f/g\").resource",
        "\"e:f/g\"",
    );
    for text in ["", "arn", "arn:", "arn:aws:kms::1", "urn:a:b:c:d:e"] {
        let shown = show(&format!("provider::aws::arn_parse(\"{text}\")"));
        assert!(shown.contains("is no ARN"), "{text}: {shown}");
    }
    for text in [
        "arn:aws:kms::1:role/a",
        "arn:aws:iam:x:1:role/a",
        "arn:aws:iam::1:user/a",
    ] {
        let shown = show(&format!("provider::aws::trim_iam_role_path(\"{text}\")"));
        assert!(
            shown.starts_with("! Invalid function argument"),
            "{text}: {shown}"
        );
    }
    check("provider::aws::user_agent(\"a\", \"\", \"\")", "\"a\"");
    check(
        "provider::aws::arn_build(\"aws\", \"iam\", \"\", \"1\", \"role/a\")",
        "\"arn:aws:iam::1:role/a\"",
    );
}

#[test]
fn variables_files_hold_constants_only() {
    for (text, why) in [
        ("a = foo", ":1,5-8: Variables not allowed"),
        ("a = upper(\\\"x\\\")", "Function calls not allowed"),
        ("a = ", "invalid tfvars syntax"),
        ("a = 1\\na = 2", "invalid tfvars syntax"),
        ("b {}", "Unexpected \"b\" block"),
    ] {
        let shown = show(&format!("provider::terraform::decode_tfvars(\"{text}\")"));
        assert!(shown.contains(why), "{text}: {shown}");
    }
    check("provider::terraform::decode_tfvars(\"a = 1 + 1\").a", "2");
    let infinite = show("provider::terraform::encode_expr([1 / 0])");
    assert!(infinite.contains("infinite"), "{infinite}");
}

#[test]
fn text_is_written_in_encodings_by_the_names_of_iana() {
    for (letter, encoding, bytes) in [
        ("あ", "Shift_JIS", "gqA="),
        ("あ", "euc-jp", "pKI="),
        ("あ", "ISO-2022-JP", "GyRCJCIbKEI="),
        ("中", "GBK", "1tA="),
        ("中", "Big5", "pKQ="),
        ("한", "csEUCKR", "x9E="),
        ("é", "macintosh", "jg=="),
        ("é", "windows-1250", "6Q=="),
        ("ş", "latin5", "/g=="),
    ] {
        check(
            &format!("textencodebase64(\"{letter}\", \"{encoding}\")"),
            &format!("\"{bytes}\""),
        );
        check(
            &format!("textdecodebase64(\"{bytes}\", \"{encoding}\")"),
            &format!("\"{letter}\""),
        );
    }
    // What the web makes of them in silence is not theirs.
    for call in [
        "textencodebase64(\"¥\", \"Shift_JIS\")",
        "textencodebase64(\"é\", \"Shift_JIS\")",
        "textdecodebase64(\"gQ==\", \"windows-1252\")",
        "textdecodebase64(\"gg==\", \"Shift_JIS\")",
        "textencodebase64(\"a\", \"x-user-defined\")",
    ] {
        let shown = show(call);
        assert!(
            shown.starts_with("! Invalid function argument"),
            "{call}: {shown}"
        );
    }
}

#[test]
fn every_argument_of_coalescelist_is_a_list() {
    check("coalescelist([1], [])", "[\n  1,\n]");
    check("coalescelist(tolist(null), [1])", "[\n  1,\n]");
    for call in [
        "coalescelist([1], {})",
        "coalescelist(null, [1])",
        "coalescelist([1], toset([]))",
    ] {
        let shown = show(call);
        assert!(
            shown.contains("arguments must be lists or tuples"),
            "{call}: {shown}"
        );
    }
}

#[test]
fn yaml_says_which_version_it_is() {
    check("yamldecode(\"%YAML 1.1\\n---\\na\")", "\"a\"");
    check("yamldecode(\"a: |\\n  %FOO\\n\").a", "<<EOT\n%FOO\n\nEOT");
    for (text, why) in [
        ("%YAML 1.2", "version 1.2"),
        ("# x\\n%FOO", "unknown directive name"),
    ] {
        let shown = show(&format!("yamldecode(\"{text}\\n---\\na\")"));
        assert!(shown.contains(why), "{text}: {shown}");
    }
}
