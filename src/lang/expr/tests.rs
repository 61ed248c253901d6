//! Expressions against what Terraform's console answers, and the limits of evaluation.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::{Entry, EntryKind, Folder, FolderId, Host, Scope, Step, evaluate};
use crate::addr::Reference;
use crate::diag::{Diagnostic, Result, Sources, Span};
use crate::lang::syntax::parse_expression;
use crate::value::{Marks, Text, Type, Value};

/// A machine with files of its own.
pub(in crate::lang) struct Machine(pub(in crate::lang) BTreeMap<String, String>);

impl Host for Machine {
    fn read_file(&self, path: &str) -> std::result::Result<Vec<u8>, String> {
        let text = self
            .0
            .get(path)
            .ok_or_else(|| format!("no file exists at \"{path}\""))?;
        Ok(text.clone().into_bytes())
    }

    fn file_exists(&self, path: &str) -> std::result::Result<bool, String> {
        Ok(self.0.contains_key(path))
    }

    /// Folders have short names, which tell them apart.
    fn list_folder(&self, folder: &str) -> std::result::Result<Option<Folder>, String> {
        let prefix = if folder == "." {
            String::new()
        } else {
            format!("{folder}/")
        };
        let mut kinds = BTreeMap::new();
        for rest in self.0.keys().filter_map(|path| path.strip_prefix(&prefix)) {
            match rest.split_once('/') {
                Some((name, _)) => kinds.insert(name, EntryKind::Folder),
                None => kinds.insert(rest, EntryKind::File),
            };
        }
        let entries: Vec<Entry> = kinds
            .into_iter()
            .map(|(name, kind)| Entry {
                name: name.into(),
                kind,
            })
            .collect();
        let id = folder.bytes().fold(0, |id: u64, byte| id * 256 + u64::from(byte));
        Ok(Some(Folder {
            id: FolderId(0, id),
            entries,
        })
        .filter(|folder| !folder.entries.is_empty()))
    }

    fn home_dir(&self) -> Option<&Path> {
        Some(Path::new("/home"))
    }

    fn working_dir(&self) -> &Path {
        Path::new("/here")
    }

    fn now(&self) -> Option<Timestamp> {
        None
    }

    fn plan_time(&self) -> Option<Timestamp> {
        Some(Timestamp::UNIX_EPOCH)
    }
}

/// Knows variables.
pub(in crate::lang) struct Names {
    pub(in crate::lang) values: BTreeMap<Text, Value>,
    pub(in crate::lang) machine: Machine,
    pub(in crate::lang) null_tolerant: bool,
}

impl Scope for Names {
    fn resolve(&self, reference: &Reference, _rest: &[Step], at: Span) -> Result<(Value, usize)> {
        let name = reference.subject.to_string();
        match self.values.get(name.as_str()) {
            Some(value) => Ok((value.clone(), 0)),
            None => Err(Diagnostic::error("Unknown name", format!("There is no {name}."))
                .at(at)
                .into()),
        }
    }

    fn host(&self) -> &dyn Host {
        &self.machine
    }

    fn null_tolerant(&self) -> bool {
        self.null_tolerant
    }
}

/// A few variables of every sort.
pub(in crate::lang) fn names() -> Names {
    let values = [
        ("var.unknown", Value::unknown(Type::String)),
        ("var.unknown_number", Value::unknown(Type::Number)),
        ("var.unknown_bool", Value::unknown(Type::Bool)),
        ("var.unknown_list", Value::unknown(Type::list(Type::String))),
        ("var.dynamic", Value::dynamic()),
        (
            "var.partly",
            Value::tuple(vec![Value::int(1), Value::unknown(Type::Number)]),
        ),
        ("var.secret", Value::string("s").with_marks(Marks::SENSITIVE)),
        ("var.passing", Value::string("e").with_marks(Marks::EPHEMERAL)),
        ("var.object", Value::object_of([("a", Value::int(1))])),
        ("var.template", Value::string("<${x}>")),
        ("var.nothing", Value::null(Type::Dynamic)),
    ];
    let files = [
        ("t.tpl", "a${x}%{ if y }b%{ endif }"),
        ("r.tpl", "${templatefile(\"t.tpl\", {})}"),
        ("d/x.txt", ""),
    ];
    Names {
        values: values
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect(),
        machine: Machine(
            files
                .into_iter()
                .map(|(name, text)| (name.into(), text.into()))
                .collect(),
        ),
        null_tolerant: false,
    }
}

/// The value as the console shows it, or the first error as `! Summary: detail`.
fn show_in(names: &Names, text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add("<console-input>", text);
    let result = parse_expression(file, text).and_then(|expr| evaluate(&expr, names));
    match result {
        Ok(value) => value.to_string(),
        Err(errors) => {
            let first = errors.iter().next().expect("a failure says why");
            let detail: Vec<&str> = first.detail.split_whitespace().collect();
            format!("! {}: {}", first.summary, detail.join(" "))
        }
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(show_in(&names(), text), expected, "{text}");
}

/// Expressions and what Terraform's console answers.
fn console_table() -> Vec<(String, String)> {
    let mut table: Vec<(String, String)> = Vec::new();
    for line in include_str!("tests/console.txt").lines() {
        if let Some(text) = line.strip_prefix("> ") {
            table.push((text.to_owned(), String::new()));
        } else if let Some((_, answer)) = table.last_mut() {
            if !answer.is_empty() {
                answer.push('\n');
            }
            answer.push_str(line);
        }
    }
    table
}

#[test]
fn expressions_are_worth_what_the_console_of_terraform_says() {
    let names = names();
    let wrong: Vec<String> = console_table()
        .into_iter()
        .filter_map(|(text, expected)| {
            let got = show_in(&names, &text);
            (got != expected).then(|| format!("{text}\n  expected {expected}\n  got      {got}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Asks a terraform that is installed for all values of the table at once.
#[test]
fn an_installed_terraform_agrees_with_the_table() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let good: Vec<String> = console_table()
        .into_iter()
        .filter(|(_, answer)| !answer.starts_with("! "))
        .map(|(text, _)| text)
        .collect();
    let all = format!("[{}]", good.join(", "));
    let answer = ask_terraform(folder.path(), &all);
    let Some(answer) = answer else {
        // Nothing to compare with on this machine; the table itself is still checked.
        eprintln!("SKIPPED: no terraform 1.11 is installed");
        return;
    };
    assert_eq!(show_in(&names(), &all), answer.trim_end());
}

/// What the table calls an error is one for Terraform too: nothing of it can be evaluated.
#[test]
fn an_installed_terraform_refuses_what_the_table_refuses() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let refused = |(text, answer): (String, String)| {
        let is_name = ["! Invalid reference", "! Unknown name"]
            .iter()
            .any(|summary| answer.starts_with(summary));
        (answer.starts_with("! ") && !is_name && parses(&text)).then_some(text)
    };
    let bad: Vec<String> = console_table().into_iter().filter_map(refused).collect();
    assert!(bad.len() > 200, "only {} errors in the table", bad.len());
    let wrapped: Vec<String> = bad.iter().map(|text| format!("can({text})")).collect();
    let Some(answer) = ask_terraform(folder.path(), &format!("[{}]", wrapped.join(", "))) else {
        eprintln!("SKIPPED: no terraform 1.11 is installed");
        return;
    };
    let answers: Vec<&str> = answer.lines().filter(|line| line.starts_with("  ")).collect();
    assert_eq!(answers.len(), bad.len());
    let taken: Vec<&String> = bad
        .iter()
        .zip(answers)
        .filter(|(_, answer)| answer.trim() != "false,")
        .map(|(text, _)| text)
        .collect();
    assert!(taken.is_empty(), "Terraform takes {taken:#?}");
}

fn parses(text: &str) -> bool {
    parse_expression(Sources::new().add("<console-input>", text), text).is_ok()
}

#[allow(clippy::print_stderr)]
fn ask_terraform(folder: &Path, text: &str) -> Option<String> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let version = Command::new("terraform")
        .arg("version")
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .ok()?;
    if !String::from_utf8_lossy(&version.stdout).contains("Terraform v1.11.") {
        return None;
    }
    let mut child = Command::new("terraform")
        .arg("console")
        .current_dir(folder)
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .env("CHECKPOINT_DISABLE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn what_is_unknown_spreads() {
    for text in [
        "var.unknown == \"a\"",
        "\"x${var.unknown}\"",
        "upper(var.unknown)",
        "var.unknown_number + 1",
        "!var.unknown_bool",
        "var.unknown_bool ? 1 : 2",
        "length(var.unknown_list)",
        "var.unknown_list[0]",
        "var.dynamic.a.b[0]",
        "[for x in var.unknown_list : x]",
        "{(var.unknown) = 1}",
        "jsonencode(var.partly)",
        "join(\",\", var.unknown_list)",
        "max(var.unknown_list...)",
        "try(var.dynamic.a, 1)",
        "timestamp()",
        "uuid()",
    ] {
        check(text, "(known after apply)");
    }
    check("length(var.partly)", "2");
    check("var.partly[0]", "1");
    check("var.unknown_bool && false", "false");
    check("contains(var.partly, 1)", "true");
}

#[test]
fn marks_spread() {
    for text in [
        "\"x${var.secret}\"",
        "upper(var.secret)",
        "var.secret == \"s\"",
        "[for x in [var.secret] : x][0]",
    ] {
        check(text, "(sensitive value)");
    }
    check("\"x${var.passing}\"", "(ephemeral value)");
    check("nonsensitive(var.secret)", "\"s\"");
    check("ephemeralasnull(var.passing)", "tostring(null)");
}

#[test]
fn templates_are_filled() {
    check("templatefile(\"t.tpl\", {x = 1, y = true})", "\"a1b\"");
    check(
        "templatefile(\"t.tpl\", {x = 1})",
        "! Invalid function argument: Invalid value for \"vars\" parameter: vars map does not contain key \"y\", referenced at t.tpl:1,12-13.",
    );
    check("templatestring(var.template, {x = 1})", "\"<1>\"");
    check("can(templatefile(\"r.tpl\", {}))", "false");
    check("file(\"d/x.txt\")", "\"\"");
    check(
        "fileset(\".\", \"**/*.t{xt,pl}\")",
        "toset([\n  \"d/x.txt\",\n  \"r.tpl\",\n  \"t.tpl\",\n])",
    );
    check("plantimestamp()", "\"1970-01-01T00:00:00Z\"");
    check("abspath(\"x/../y\")", "\"/here/y\"");
}

#[test]
fn null_is_tolerated_where_the_scope_says_so() {
    let names = Names {
        null_tolerant: true,
        ..names()
    };
    for text in [
        "var.nothing.a.b",
        "var.nothing[0]",
        "var.object.b",
        "[1][5]",
        "{a = 1}[\"b\"].c",
    ] {
        assert_eq!(show_in(&names, text), "null", "{text}");
    }
}

#[test]
fn errors_say_what_names_stand_for() {
    let text = "var.object.b";
    let mut sources = Sources::new();
    let file = sources.add("x", text);
    let expr = parse_expression(file, text).expect("the text is an expression");
    let errors = evaluate(&expr, &names()).expect_err("there is no such attribute");
    let values: Vec<_> = errors.iter().flat_map(|error| error.values.clone()).collect();
    assert_eq!(
        values,
        [(
            "var.object".to_owned(),
            "is object with 1 attribute \"a\"".to_owned()
        )]
    );
}

#[test]
fn independent_errors_are_all_reported() {
    let text = "{a = [1][2], b = upper(), c = null.x}";
    let mut sources = Sources::new();
    let file = sources.add("x", text);
    let expr = parse_expression(file, text).expect("the text is an expression");
    assert_eq!(evaluate(&expr, &names()).expect_err("all fail").len(), 3);
}

#[test]
fn a_small_text_cannot_ask_for_endless_work() {
    let loops = "[for a in range(1000) : [for b in range(1000) : format(\"%60000s\", \"a\")]]";
    for text in [
        loops,
        "setproduct(range(1000), range(1000), range(1000), range(1000))",
        "replace(replace(replace(join(\"\", [for i in range(1000) : \"aaaaaaaaaa\"]), \"a\", join(\"\", [for i in range(1000) : \"a\"])), \"a\", \"aaaaaaaaaa\"), \"a\", \"aaaaaaaaaa\")",
    ] {
        assert!(
            show_in(&names(), text).starts_with("! Expression too large"),
            "{text}"
        );
    }
    let wide = show_in(&names(), "format(\"%2000000000s\", \"a\")");
    assert!(wide.contains("width and precision"), "{wide}");
    let indent = show_in(&names(), "indent(2000000000, \"a\")");
    assert!(indent.contains("from 0 to"), "{indent}");
}

/// What reads much and makes little is paid as well: an expression and what of the work is left.
#[test]
fn what_is_read_is_paid_for() {
    let work = |text: &str| {
        let mut sources = Sources::new();
        let file = sources.add("x", text);
        let expr = parse_expression(file, text).expect("the text is an expression");
        let budget = super::Budget::default();
        let all = budget.work_left();
        let names = names();
        let result = super::Evaluator::new(&names, &budget).evaluate(&expr, None);
        (all - budget.work_left(), result.is_ok())
    };
    // A look at the list and its elements, one at what is looked for, and a comparison with each.
    assert_eq!(work("contains([1, 2, 3], 4)"), (8 + 2 + 6, true));
    // Two looks at each side, and a comparison.
    assert_eq!(work("[1, 2] == [1, 3]"), (12 + 12 + 6, true));
    assert_eq!(work("sha512(\"abcde\")"), (2 + 5, true));
    assert_eq!(work("length(\"abcde\")").0, 0);
    // An endless pattern may look to the end for each match, others not.
    let (endless, _) = work("regexall(\".*b|a\", join(\"\", [for n in range(1000) : \"a\"]))");
    let (short, _) = work("regexall(\"...b|a\", join(\"\", [for n in range(1000) : \"a\"]))");
    assert!(endless > 500_000 && short < 60_000, "{endless} {short}");
}

#[test]
fn what_is_read_again_and_again_is_too_large() {
    let each = |inner: &str| {
        format!("[for l in [[for n in range(1000) : \"${{n}}\"]] : [for a in range(1000) : {inner}]]")
    };
    for inner in [
        "contains(l, \"z\")",
        "try(index(l, \"z\"), 0)",
        "l == [for n in l : n]",
        "length(toset(l))",
    ] {
        let shown = show_with_work_left(&each(inner), 100_000);
        let expected = shown.starts_with("! Expression too large") && shown.contains("reads too much");
        assert!(expected, "{inner}: {shown}");
    }
    let each_letter = "regexall(\".*b|a\", join(\"\", [for n in range(1000) : \"a\"]))";
    assert!(show_with_work_left(each_letter, 100_000).contains("reads too much"));
    let splat = "[for l in [[for n in range(1000) : {a = n}]] : [for a in range(1000) : [for b in range(100) : l[*].a]]]";
    assert!(show_in(&names(), splat).contains("more than 96 MiB"));
    let far = show_in(&names(), "[for n in range(1000) : 1e-99999]");
    assert!(far.contains("more than 96 MiB"), "{far}");
}

/// The error of an expression for which no more work is left.
fn show_with_work_left(text: &str, left: usize) -> String {
    let mut sources = Sources::new();
    let file = sources.add("x", text);
    let expr = parse_expression(file, text).expect("the text is an expression");
    let budget = super::Budget::default();
    let all = usize::try_from(budget.work_left()).unwrap();
    budget.work(all - left).unwrap();
    let errors = super::Evaluator::new(&names(), &budget).evaluate(&expr, None);
    let errors = errors.expect_err("too little is left");
    let first = errors.iter().next().unwrap();
    format!("! {}: {}", first.summary, first.detail)
}

#[test]
fn deep_nesting_ends_in_an_error() {
    let text = "[for x in [1] : ".repeat(120) + "x" + &"]".repeat(120);
    let shown = show_in(&names(), &text);
    assert!(shown.starts_with('[') || shown.starts_with("! "), "{shown}");
    let mut text = "var.object".to_owned();
    for _ in 0..2000 {
        text.push_str("[0]");
    }
    assert!(show_in(&names(), &text).starts_with("! "));
}

#[test]
fn a_tree_that_no_parser_makes_is_too_deep_as_well() {
    use crate::diag::FileId;
    use crate::lang::syntax::{Expr, ExprKind, UnaryOp};
    let span = Span::new(FileId(0), 0, 0);
    let mut expr = Expr {
        kind: ExprKind::Literal(Value::bool(true)),
        span,
    };
    for _ in 0..600 {
        expr = Expr {
            kind: ExprKind::Unary(UnaryOp::Not, Box::new(expr)),
            span,
        };
    }
    let errors = evaluate(&expr, &names()).expect_err("the tree is too deep");
    assert!(errors.iter().any(|error| error.detail.contains("500 levels")));
}

#[test]
fn errors_do_not_quote_secrets() {
    for text in [
        "parseint(var.secret, 10)",
        "tonumber(var.secret)",
        "formatdate(var.secret, \"2020\")",
        "{for x in [1, 2] : var.secret => x}",
    ] {
        let shown = show_in(&names(), text);
        assert!(shown.starts_with("! ") && !shown.contains("\"s\""), "{shown}");
    }
}
