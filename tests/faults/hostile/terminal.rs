//! Every way for a text from outside to the terminal, with everything that a terminal would obey or hide.

use super::Project;
use crate::faults::Ran;

/// What a terminal would obey, or show as something else.
const PAYLOADS: &[(&str, &str)] = &[
    ("colour", "\u{1b}[31m"),
    ("link", "\u{1b}]8;;http://x\u{1b}\\"),
    ("clipboard", "\u{1b}]52;c;eA==\u{7}"),
    ("C1", "\u{9b}2J"),
    ("return", "\r"),
    ("backspace", "\u{8}\u{8}"),
    ("direction", "\u{202e}x\u{202c}"),
    ("isolate", "\u{2066}x\u{2069}"),
    ("nothing", "\u{200b}"),
];

/// A way to the terminal: a folder with the payload in it, and what is run there.
type Carrier = fn(&str) -> Vec<Ran>;

const CARRIERS: &[(&str, Carrier)] = &[
    ("a value of a line", |payload| applied("input = var.v", payload)),
    ("a value of lines", |payload| {
        applied("input = \"a${var.v}\\nb${var.v}\"", payload)
    }),
    ("a key", |payload| applied("input = { (var.v) = 1 }", payload)),
    ("JSON in a value", |payload| {
        applied("input = jsonencode({ a = var.v })", payload)
    }),
    ("an instance", |payload| {
        applied("for_each = toset([var.v])", payload)
    }),
    ("an output", |payload| {
        let project = folder("output \"o\" {\n  value = var.v\n}\n", payload);
        ways(
            &project,
            &[
                &["plan"],
                &["apply", "-auto-approve"],
                &["output"],
                &["output", "-json"],
                &["output", "o"],
            ],
        )
    }),
    ("a difference", |payload| {
        let project = folder(
            "resource \"terraform_data\" \"d\" {\n  input = \"a\\n${var.v}\\nb\"\n}\n",
            "x",
        );
        let mut all = ways(&project, &[&["apply", "-auto-approve"]]);
        project.write("terraform.tfvars", format!("v = {}\n", quoted(payload)));
        all.extend(ways(
            &project,
            &[
                &["plan"],
                &["apply", "-auto-approve"],
                &["destroy", "-auto-approve"],
            ],
        ));
        all
    }),
    ("an error message", |payload| {
        refused(
            "resource \"terraform_data\" \"d\" {\n  lifecycle {\n    precondition {\n      condition     = false\n      error_message = \"no ${var.v}\"\n    }\n  }\n}\n",
            payload,
        )
    }),
    ("a rule of a variable", |payload| {
        refused(
            "variable \"w\" {\n  default = 1\n  validation {\n    condition     = false\n    error_message = \"no ${var.v}\"\n  }\n}\n",
            payload,
        )
    }),
    ("a value that a message shows", |payload| {
        refused("output \"o\" {\n  value = tonumber(var.v)\n}\n", payload)
    }),
    ("a file that is not there", |payload| {
        refused("output \"o\" {\n  value = file(var.v)\n}\n", payload)
    }),
    ("a line that a message shows", |payload| {
        refused(&format!("locals {{ a = nosuch.a /* {payload} */ }}\n"), "x")
    }),
    ("a name", |payload| {
        refused(&format!("resource \"{payload}\" \"x\" {{}}\n"), "x")
    }),
    ("a file", |payload| {
        let project = folder("", "x");
        project.write(&format!("z{payload}.tf").replace('/', "_"), "x = \"");
        ways(&project, &[&["plan"], &["validate"], &["fmt"]])
    }),
    ("an argument", |payload| {
        let project = folder("", "x");
        let target = format!("-target=a{payload}");
        let variable = format!("-var={payload}");
        ways(
            &project,
            &[
                &["plan", &target],
                &["plan", &variable],
                &["state", "show", payload],
                &["workspace", "new", payload],
                &[payload],
            ],
        )
    }),
    ("a state", |payload| {
        let project = folder("", "x");
        let text = serde_json::json!(payload).to_string();
        project.write("terraform.tfstate", format!(
            r#"{{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","outputs":{{"o":{{"value":{text},"type":"string"}}}},"resources":[{{"mode":"managed","type":"terraform_data","name":"a","provider":"provider[\"terraform.io/builtin/terraform\"]","instances":[{{"index_key":{text},"schema_version":0,"attributes":{{"id":{text},"input":null,"output":null,"triggers_replace":null}}}}]}}]}}"#
        ));
        ways(
            &project,
            &[
                &["show"],
                &["state", "list"],
                &["output"],
                &["plan"],
                &["state", "pull"],
                &["show", "-json"],
            ],
        )
    }),
];

/// A folder in which the variable `v` is the payload.
fn folder(configuration: &str, payload: &str) -> Project {
    let project = Project::new(&format!(
        "variable \"v\" {{\n  default = \"\"\n}}\n{configuration}"
    ));
    project.write("terraform.tfvars", format!("v = {}\n", quoted(payload)));
    project
}

/// A text as HCL writes it, every character by its number.
fn quoted(text: &str) -> String {
    let escapes: Vec<String> = text.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let escapes = escapes.concat();
    format!("\"{escapes}\"")
}

fn ways(project: &Project, commands: &[&[&str]]) -> Vec<Ran> {
    commands.iter().map(|command| project.run(command)).collect()
}

fn applied(argument: &str, payload: &str) -> Vec<Ran> {
    let project = folder(
        &format!("resource \"terraform_data\" \"d\" {{\n  {argument}\n}}\n"),
        payload,
    );
    let all: &[&[&str]] = &[
        &["plan"],
        &["apply", "-auto-approve"],
        &["show"],
        &["state", "list"],
        &["plan", "-destroy"],
    ];
    let all = ways(&project, all);
    assert!(all.iter().all(|ran| ran.code == Some(0)), "{all:?}");
    all
}

fn refused(configuration: &str, payload: &str) -> Vec<Ran> {
    let ran = folder(configuration, payload).run(&["plan"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    vec![ran]
}

fn is_wild(char: char) -> bool {
    (char.is_control() && char != '\n')
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[test]
fn nothing_from_outside_is_raw_on_the_terminal() {
    let mut raw = Vec::new();
    let mut pairs = 0;
    for (carrier, run) in CARRIERS {
        for (name, payload) in PAYLOADS {
            pairs += 1;
            let ran = run(payload);
            let is_raw = |ran: &Ran| ran.stdout.contains(is_wild) || ran.stderr.contains(is_wild);
            raw.extend(
                ran.iter()
                    .find(|ran| is_raw(ran))
                    .map(|ran| format!("{name} in {carrier}: {ran:?}")),
            );
        }
    }
    println!(
        "R17: carriers with a payload, of {pairs}, that are raw on the terminal = {}",
        raw.len()
    );
    assert!(pairs >= 106 && raw.is_empty(), "{}", raw.join("\n"));
}
