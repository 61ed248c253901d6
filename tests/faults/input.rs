//! Hostile and broken configurations: an error soon, never a crash, and nothing raw on the terminal.

use std::time::{Duration, Instant};

use fs_err as fs;

use super::{Project, Ran};
use crate::program;

/// Far more than any of these needs, far less than a hang.
const SOON: Duration = Duration::from_secs(30);

/// A plan of this configuration ends soon, and not by a crash.
#[track_caller]
fn check(configuration: impl AsRef<[u8]>, said: &[&str]) -> Ran {
    let project = Project::new("");
    project.write("main.tf", configuration);
    plan(&project, said)
}

#[track_caller]
fn plan(project: &Project, said: &[&str]) -> Ran {
    let begun = Instant::now();
    let ran = project.bad(&["plan"], said);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert!(ran.stderr.len() < 50_000, "{} bytes were said", ran.stderr.len());
    ran
}

#[test]
fn deep_nesting_is_an_error() {
    let too_deep = &["Configuration is nested too deeply"];
    for (open, inner, close) in [
        ("[", "", "]"),
        ("(", "1", ")"),
        ("{a=", "1", "}"),
        ("\"${", "1", "}\""),
        ("abs(", "1", ")"),
        ("!", "true", ""),
        ("-", "1", ""),
        ("true ? 1 : ", "1", ""),
        ("1 + ", "1", ""),
        ("[for x in ", "[]", ": x]"),
    ] {
        let value = format!("{}{inner}{}", open.repeat(100_000), close.repeat(100_000));
        check(format!("locals {{ a = {value} }}"), too_deep);
        check(format!("locals {{ a = {}", open.repeat(100_000)), too_deep);
    }
    check("a {\n".repeat(100_000), too_deep);
    check(
        format!(
            "output \"o\" {{ value = jsondecode(\"{}\") }}",
            "[".repeat(20_000)
        ),
        &["JSON is nested more than"],
    );
}

#[test]
fn huge_numbers_are_an_error() {
    for number in [
        format!("1{}", "0".repeat(1_000_000)),
        "1e999999999".into(),
        "1e-999999999".into(),
    ] {
        check(
            format!("output \"o\" {{ value = {number} }}"),
            &["Invalid number literal"],
        );
    }
    check("output \"o\" { value = 0 / 0 }", &["zero"]);
}

#[test]
fn small_texts_with_huge_values_are_an_error() {
    let too_large = &["Expression too large"];
    let doubled = |first: &str, next: &dyn Fn(usize) -> String| {
        let locals: String = (1..40)
            .map(|n| format!("a{n} = {}\n", next(n - 1)))
            .collect::<Vec<_>>()
            .concat();
        format!("locals {{\na0 = {first}\n{locals}}}\noutput \"o\" {{ value = local.a39 }}")
    };
    check(
        doubled("\"xxxxxxxxxxxxxxxx\"", &|n| {
            format!("\"${{local.a{n}}}${{local.a{n}}}\"")
        }),
        too_large,
    );
    check(
        doubled("[1, 2, 3, 4, 5, 6, 7, 8]", &|n| {
            format!("concat(local.a{n}, local.a{n})")
        }),
        too_large,
    );
    check(
        "output \"o\" { value = [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a]]] }",
        too_large,
    );
    check(
        "output \"o\" { value = setproduct(range(1000), range(1000), range(1000), range(1000)) }",
        too_large,
    );
    check(
        "output \"o\" { value = format(\"%2000000000s\", \"a\") }",
        &["format"],
    );
    check(
        "output \"o\" { value = indent(2000000000, \"a\\nb\") }",
        &["indent"],
    );
    check("output \"o\" { value = range(1000000000) }", &["range"]);
    check(
        "resource \"terraform_data\" \"d\" { count = 1e9 }",
        &["Invalid count argument"],
    );
    check(
        "output \"o\" { value = regex(\"(a{1000}){1000}\", \"a\") }",
        &["regex"],
    );
    let aliases: String = ('b'..='j')
        .zip('a'..)
        .map(|(this, last)| format!("{this}: &{this} [{}]\\n", vec![format!("*{last}"); 9].join(",")))
        .collect::<Vec<_>>()
        .concat();
    check(
        format!("output \"o\" {{ value = yamldecode(\"a: &a [x]\\n{aliases}\") }}"),
        too_large,
    );
}

#[test]
fn special_files_do_not_hang() {
    check("output \"o\" { value = file(\"/dev/zero\") }", &["regular file"]);
    let project = Project::new("output \"o\" { value = file(\"pipe\") }");
    for name in ["pipe", "z.tf"] {
        let path = project.path(name);
        crate::files::pipe(&path);
    }
    plan(&project, &["z.tf", "not a regular file"]);
    fs::remove_file(project.path("z.tf")).unwrap();
    plan(&project, &["not a regular file"]);
    fs::rename(project.path("pipe"), project.path("terraform.tfvars")).unwrap();
    plan(&project, &["terraform.tfvars"]);
}

#[test]
fn garbage_is_an_error() {
    let garbage: Vec<u8> = (0_u32..5_000_000)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    check(&garbage, &["not valid UTF-8"]);
    let letters: String = garbage.iter().map(|byte| char::from(b' ' + byte % 95)).collect();
    check(letters, &["Error"]);
    check(b"locals { a = \"\xff\xfe\" }", &["not valid UTF-8 (line 1)"]);
    check("locals { a = 1 }\n\0\0", &["Invalid character", "\\u{0}"]);
    check("locals { a = \"", &["Unterminated template string"]);
    check("locals { a = <<E\n", &["Unterminated"]);
}

#[test]
fn a_variable_that_cannot_be_read_is_an_error() {
    use std::os::unix::ffi::OsStringExt as _;
    let project = Project::new("variable \"x\" {\n  default = \"d\"\n}");
    let with = |name: &str| {
        let mut command = project.command(&["plan"]);
        command.env(name, std::ffi::OsString::from_vec(vec![0xff]));
        super::ran(command)
    };
    let ran = with("TF_VAR_x");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    ran.says(&[
        "Invalid environment variable",
        "TF_VAR_x is no valid Unicode text",
    ]);
    assert_eq!(with("OTHER").code, Some(0));
}

#[test]
fn circles_are_an_error() {
    let many: String = (0..20_000)
        .map(|n| format!("a{n} = local.a{}\n", (n + 1) % 20_000))
        .collect::<Vec<_>>()
        .concat();
    check(format!("locals {{\n{many}}}"), &["Cycle"]);
    let project = Project::new("module \"m\" { source = \"./m\" }");
    fs::create_dir(project.path("m")).unwrap();
    project.write("m/main.tf", "module \"m\" { source = \"../m\" }");
    plan(&project, &["Module calls itself"]);
    check("module \"m\" { source = \"./\" }", &["Module calls itself"]);
}

#[test]
fn what_is_long_but_honest_works() {
    let chain: String = (1..20_000)
        .map(|n| format!("a{n} = local.a{} + 1\n", n - 1))
        .collect::<Vec<_>>()
        .concat();
    let project = Project::new(&format!(
        "locals {{\na0 = 1\n{chain}}}\noutput \"o\" {{ value = local.a19999 }}"
    ));
    let begun = Instant::now();
    assert!(project.good(&["plan"]).contains("20000"));
    assert!(begun.elapsed() < SOON);
}

#[test]
fn many_errors_are_counted_rather_than_shown() {
    let blocks: String = (0..5000)
        .map(|n| format!("resource \"terraform_data\" \"r{n}\" {{ nosuch = 1 }}\n"))
        .collect::<Vec<_>>()
        .concat();
    check(blocks, &["Unsupported argument", "more errors"]);
}

/// What a terminal would obey, or show as something else.
pub const TRICKS: &str = "\u{1b}[31m \u{1b}]52;c;eA==\u{7} \u{9b}2J \u{202e}x \u{200b} \u{8}\r";

#[track_caller]
pub fn check_tame(ran: &Ran) {
    let wild = |char: &char| {
        (char.is_control() && *char != '\n')
            || matches!(*char, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let found: Vec<char> = ran
        .stdout
        .chars()
        .chain(ran.stderr.chars())
        .filter(wild)
        .collect();
    assert!(found.is_empty(), "{found:?} in {ran:?}");
}

#[test]
fn values_do_not_speak_to_the_terminal() {
    let value = TRICKS.replace('\r', "");
    let project = Project::new(
        "variable \"v\" {}\nresource \"terraform_data\" \"d\" {\n  input = \"one ${var.v}\\ntwo ${var.v}\"\n}\nresource \"terraform_data\" \"k\" {\n  for_each = toset([var.v])\n  input = { (var.v) = jsonencode({ a = var.v }) }\n}\noutput \"o\" { value = var.v }\noutput \"p\" { value = terraform_data.d.output }",
    );
    project.write("terraform.tfvars", format!("v = \"{value}\""));
    let mut commands = vec![
        vec!["plan"],
        vec!["apply", "-auto-approve"],
        vec!["state", "list"],
        vec!["show"],
        vec!["output"],
    ];
    commands.extend([
        vec!["state", "show", "terraform_data.d"],
        vec!["drift"],
        vec!["graph"],
        vec!["output", "-json"],
        vec!["show", "-json"],
    ]);
    for command in commands {
        let ran = project.run(&command);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        check_tame(&ran);
    }
    project.write("terraform.tfvars", format!("v = \"{value} changed\""));
    for command in [
        vec!["plan"],
        vec!["apply", "-auto-approve"],
        vec!["destroy", "-auto-approve"],
    ] {
        let ran = project.run(&command);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        check_tame(&ran);
    }
}

#[test]
fn messages_do_not_speak_to_the_terminal() {
    let value = TRICKS.replace('\r', "");
    for configuration in [
        format!(
            "variable \"v\" {{\n  default = \"{value}\"\n  validation {{\n    condition     = false\n    error_message = \"no: ${{var.v}}\"\n  }}\n}}"
        ),
        format!(
            "resource \"terraform_data\" \"d\" {{\n  lifecycle {{\n    precondition {{\n      condition     = false\n      error_message = \"{value}\"\n    }}\n  }}\n}}"
        ),
        format!("locals {{ a = no{TRICKS} }}"),
        format!("locals {{ \"{TRICKS}\" = 1 }}"),
        format!("resource \"{TRICKS}\" \"x\" {{}}"),
        format!("# {TRICKS}\nlocals {{ a = nosuch.a /* {TRICKS} */ }}"),
        format!("output \"o\" {{ value = file(\"{value}\") }}"),
    ] {
        let project = Project::new(&configuration);
        let ran = project.bad(&["plan"], &["Error"]);
        check_tame(&ran);
    }
}

#[test]
fn names_and_words_do_not_speak_to_the_terminal() {
    let project = Project::new("locals {}");
    project.write("z\u{1b}[31m\u{202e}.tf", "x = \"");
    check_tame(&project.bad(&["plan"], &["Error"]));
    fs::remove_file(project.path("z\u{1b}[31m\u{202e}.tf")).unwrap();
    for arguments in [
        vec!["pl\u{1b}[31man"],
        vec!["plan", "-x\u{1b}[31m"],
        vec!["plan", "-target=a\u{1b}[31m"],
        vec!["plan", "-var=\u{1b}[31m"],
        vec!["plan", "-var-file=\u{1b}[31m"],
        vec!["state", "show", "a\u{1b}[31m"],
        vec!["-chdir=\u{1b}[31m", "plan"],
        vec!["output", "\u{1b}[31m"],
        vec!["workspace", "new", "\u{1b}[31m"],
        vec!["apply", "\u{1b}[31m"],
        vec!["show", "\u{1b}[31m"],
        vec!["import", "a\u{1b}[31m", "x"],
    ] {
        let ran = project.run(&arguments);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        check_tame(&ran);
    }
}

/// Two links to the folder they stand in are as many folders as there are ways through them.
#[test]
fn links_in_a_circle_do_not_keep_fileset_busy() {
    let project = Project::new(
        r#"
output "files" {
  value = join(" ", concat(sort(fileset(path.module, "*.tf")), sort(fileset(path.module, "**/*.txt"))))
}
"#,
    );
    fs::create_dir(project.path("in")).unwrap();
    project.write("in/a.txt", "");
    for link in ["one", "two", "in/three"] {
        std::os::unix::fs::symlink(project.path(""), project.path(link)).unwrap();
    }
    let begun = Instant::now();
    let plan = project.good(&["plan"]);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert!(plan.contains("main.tf in/a.txt"), "{plan}");
}

#[test]
fn a_tilde_stands_for_the_home_folder() {
    let project = Project::new(
        r#"
output "text" { value = "${file("~/note.txt")} ${fileexists("~/note.txt")} ${fileexists("~/none")}" }
output "path" { value = pathexpand("~/a/../b") == "${pathexpand("~")}/b" }
"#,
    );
    project.write("note.txt", "noted");
    let mut command = project.command(&["plan"]);
    command.env("HOME", project.path(""));
    super::ran(command).says(&["noted true false", "path = true"]);
}

/// What a state cannot hold is refused before anything is made.
#[test]
fn values_too_deep_for_a_state_are_refused_while_planning() {
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let locals = |levels: usize| {
        let first = "locals {\n  a0 = 1\n".to_owned();
        let lines = (1..=levels).map(|at| format!("  a{at} = [local.a{}]\n", at - 1));
        first + &lines.collect::<String>() + "}\n"
    };
    let too_deep = &["Value nested too deeply"];
    check(locals(5_000), too_deep);
    check(
        format!(
            "resource \"terraform_data\" \"a\" {{\n  input = {}\n}}",
            nested(50)
        ),
        too_deep,
    );
    check(format!("output \"o\" {{ value = {} }}", nested(50)), too_deep);
    let fits = format!(
        "resource \"terraform_data\" \"a\" {{\n  input = {}\n}}\n",
        nested(44)
    );
    let project = Project::new(&format!("{fits}output \"o\" {{ value = {} }}\n", nested(45)));
    project.good(&["apply", "-auto-approve"]);
    let again = project.good(&["plan", "-detailed-exitcode"]);
    assert!(again.contains("No changes"), "{again}");
}

/// A file that a program wrote by mistake: it would take gigabytes as a tree.
#[test]
fn files_of_millions_of_words_are_an_error() {
    let most = &["Configuration too large", "main.tf:2:", "2.5 million words"];
    for (open, word, close) in [("[", "[],", "]"), ("[", "a.b,", "]"), ("\"", "${1}", "\"")] {
        let words = word.repeat(7_000_000);
        check(format!("locals {{\n  a = {open}{words}{close}\n}}\n"), most);
    }
    let heredoc = format!("locals {{\n  a = <<E\n{}E\n}}\n", "x\n".repeat(7_000_000));
    check(&heredoc, &["Configuration too large", "2.5 million words"]);
    check(
        "locals {}\n".repeat(1_000_000),
        &["Configuration too large", "2.5 million words"],
    );
    check(
        "b {}\n".repeat(300_000),
        &["Configuration too large", "main.tf:100001:1", "100,000 blocks"],
    );
    let project = Project::new("variable \"v\" {}");
    project.write("terraform.tfvars", format!("v = [{}]\n", "[],".repeat(7_000_000)));
    plan(&project, &["Configuration too large", "terraform.tfvars:1:"]);
    fs::remove_file(project.path("terraform.tfvars")).unwrap();
    let lists = format!("[{}[]]", "[],".repeat(7_000_000));
    project.write("a.tf.json", format!("{{\"locals\": {{\"a\": {lists}}}}}"));
    plan(
        &project,
        &["Configuration too large", "a.tf.json:1:", "500,000 values"],
    );
    project.write("main.tf", heredoc);
    let ran = project.run(&["fmt"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    ran.says(&["Configuration too large"]);
}

/// What is long without being much still works.
#[test]
fn half_a_million_words_are_no_error() {
    let project = Project::new(&format!("locals {{\n  a = [{}]\n}}\n", "1,".repeat(250_000)));
    project.good(&["validate"]);
}

#[test]
fn one_endless_word_is_an_error() {
    let word = "x".repeat(30_000_000);
    check(&word, &["Argument or block definition required", "main.tf:1:1"]);
    check(
        format!("locals {{\n  a = 1{}\n}}\n", "0".repeat(30_000_000)),
        &["Invalid number literal", "main.tf:2:7"],
    );
    let ran = check(
        format!("locals {{\n  a = {word}.b\n}}\n"),
        &["Reference to undeclared", "main.tf:2:7"],
    );
    assert!(ran.stderr.contains("..."), "{}", ran.stderr.len());
    check(
        "a ".repeat(1_000_000) + "{}",
        &["Unsupported block type", "main.tf:1:1"],
    );
}

/// Every error costs something: to look for the nearest name, to be kept, to be shown.
#[test]
fn hundreds_of_thousands_of_errors_are_an_error() {
    for (word, said) in [
        ("nosuch.b,", "Reference to undeclared resource"),
        ("nosuch(),", "Call to unknown function"),
        ("1[0],", "Invalid index"),
        ("\"${nosuch}\",", "Invalid reference"),
        ("null.a,", "Attempt to get attribute from null value"),
    ] {
        let words = word.repeat(200_000);
        check(
            format!("locals {{\n  a = [{words}]\n}}\n"),
            &[said, "main.tf:2:8"],
        );
    }
    let unknown = (0..200_000)
        .map(|n| format!("  a{n} = 1\n"))
        .collect::<Vec<_>>()
        .concat();
    check(
        format!("resource \"terraform_data\" \"d\" {{\n{unknown}}}\n"),
        &[
            "Unsupported argument",
            "900 more errors and 0 more warnings are not shown",
        ],
    );
}

/// Small objects take far more than their text.
#[test]
fn texts_of_many_objects_are_an_error() {
    let project = Project::new("");
    project.write("data.csv", "a\n".repeat(1_000_000));
    project.write("data.json", format!("[{}{{}}]", "{\"a\":1},".repeat(1_000_000)));
    project.write("data.yaml", "- {a: 1}\n".repeat(300_000));
    for kind in ["csv", "json", "yaml"] {
        let call = format!("{kind}decode(file(\"data.{kind}\"))");
        project.write(
            "main.tf",
            format!("output \"o\" {{\n  value = length({call})\n}}\n"),
        );
        plan(&project, &["Expression too large", &call]);
    }
    check(
        format!("locals {{\n  a = [{}]\n}}\n", "{a=1},".repeat(240_000)),
        &["Expression too large", "main.tf:2:"],
    );
}

#[test]
fn what_unpacks_to_much_is_an_error() {
    // 100 MB of zeros, packed twice.
    let project = Project::new("output \"o\" {\n  value = length(base64gunzip(file(\"bomb\")))\n}\n");
    let mut shell = program::start("sh", &project.dir);
    shell.args(["-c", "head -c 100000000 /dev/zero | gzip -9 | base64 -w0 > bomb"]);
    assert!(shell.status().unwrap().success());
    plan(&project, &["base64gunzip", "main.tf:2:"]);
}

#[test]
fn loops_that_never_end_are_an_error() {
    let range = "range(1000)";
    let nested = |inner: &str| {
        format!("[for a in {range} : [for b in {range} : length([for c in {range} : {inner}])]]")
    };
    for inner in ["1", "a == b ? c : a", "abs(c)"] {
        check(
            format!("output \"o\" {{\n  value = {}\n}}\n", nested(inner)),
            &["Expression too large", "main.tf:2:"],
        );
    }
}

#[test]
fn wide_numbers_of_a_format_are_an_error() {
    for verb in ["%999999999d", "%.999999999f", "%-999999999s", "%0999999999d"] {
        check(
            format!("output \"o\" {{\n  value = format(\"{verb}\", 1)\n}}\n"),
            &["Invalid function argument", "main.tf:2:18", "format"],
        );
    }
}

#[test]
fn patterns_of_any_size_are_an_error() {
    let long = "a".repeat(120_000);
    let deep = "(".repeat(60_000);
    for pattern in [&*long, &*deep, "((((a{10}){10}){10}){10}){10}", "(a{1000}){1000}"] {
        check(
            format!("output \"o\" {{\n  value = regex(\"{pattern}\", \"a\")\n}}\n"),
            &["Invalid function argument", "main.tf:2:17", "\"pattern\""],
        );
    }
}

#[test]
fn more_instances_than_anybody_has_are_an_error() {
    let each = "toset(flatten([for a in range(200) : [for b in range(1000) : \"${a}.${b}\"]]))";
    check(
        format!("resource \"terraform_data\" \"d\" {{\n  for_each = {each}\n}}\n"),
        &["Invalid for_each argument", "main.tf:2:"],
    );
    check(
        "resource \"terraform_data\" \"d\" {\n  count = 100001\n}\n",
        &["Invalid count argument", "main.tf:2:"],
    );
    let project = Project::new("module \"m\" {\n  source = \"./m\"\n  count  = 1000000000\n}\n");
    fs::create_dir(project.path("m")).unwrap();
    project.write("m/main.tf", "resource \"terraform_data\" \"d\" {}\n");
    plan(&project, &["Invalid count argument", "main.tf:3:"]);
}

/// As many local values as anybody has written so far.
#[test]
fn two_hundred_thousand_local_values_are_no_error() {
    use std::fmt::Write as _;
    let mut text = String::from("locals {\n  l0 = \"x\"\n");
    for at in 1..200_000 {
        let _ = writeln!(text, "  l{at} = \"${{local.l0}}-{at}\"");
    }
    text.push_str("}\noutput \"last\" {\n  value = local.l199999\n}\n");
    let said = Project::new(&text).good(&["plan"]);
    assert!(said.contains("+ last = \"x-199999\""), "{said}");
}
