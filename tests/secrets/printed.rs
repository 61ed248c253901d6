//! What is printed: no secret, in whatever form it comes.

use super::{check_silent, forms};
use crate::faults::Project;

const APPLY: &[&str] = &["apply", "-auto-approve"];

const CANARY: &str = "canary~ \"hunter\" <4711>?";

/// A program that says what stands in a file, and variables of which one is secret.
const SAYING: &str = r#"
variable "secret" {
  type      = string
  sensitive = true
}
resource "terraform_data" "used" {
  input = sha256(var.secret)
}
resource "terraform_data" "says" {
  depends_on = [terraform_data.used]
  provisioner "local-exec" {
    command = "cat said; cat said >&2; exit 1"
  }
}
"#;

#[test]
fn what_a_program_says_is_printed_without_secrets() {
    let project = Project::new(SAYING);
    let json = serde_json::to_string(CANARY).unwrap();
    let mut said = forms(CANARY);
    said.push(json.clone());
    said.push(json.replace('<', "\\u003c").replace('>', "\\u003e"));
    said.push("canary~%20%22hunter%22%20%3C4711%3E%3F".to_owned());
    project.write("said", said.join("\n-\n"));
    project.write(
        "terraform.tfvars",
        format!("secret = {}\n", serde_json::to_string(CANARY).unwrap()),
    );
    let ran = project.run(APPLY);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    check_silent(&ran, &[CANARY]);
    for form in said {
        assert!(
            !ran.stdout.contains(&form) && !ran.stderr.contains(&form),
            "{form}: {ran:?}"
        );
    }
    let hidden = ran.stdout.matches("(local-exec): (sensitive value)").count();
    assert!(hidden >= 6, "{ran:?}");
}

#[test]
fn messages_are_broken_into_lines_without_secrets() {
    let words = "correct horse battery staple, and many more words than stand in one line of a terminal of the usual width";
    let project = Project::new(&SAYING.replace("cat said; cat said >&2; exit 1", "true"));
    project.write("main.tf", format!("{}\nresource \"terraform_data\" \"wrong\" {{\n  input = \"${{var.secret}}\"\n  lifecycle {{\n    precondition {{\n      condition     = var.secret == \"no\"\n      error_message = \"not with {words}\"\n    }}\n  }}\n}}\n", project.text("main.tf")));
    project.write("terraform.tfvars", format!("secret = \"{words}\"\n"));
    let ran = project.run(&["plan"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    ran.says(&["not with (sensitive value)"]);
    for part in ["correct horse", "battery staple", "of the usual width"] {
        assert!(
            !ran.stderr.contains(part) && !ran.stdout.contains(part),
            "{part}: {ran:?}"
        );
    }
}

#[test]
fn what_is_declared_to_be_no_secret_is_printed() {
    let configuration =
        format!("{SAYING}output \"plain\" {{\n  value = \"as ${{nonsensitive(var.secret)}}\"\n}}\n");
    let project = Project::new(&configuration.replace("cat said; cat said >&2; exit 1", "cat said"));
    project.write("said", "hunter2-hunter2\n");
    project.write("terraform.tfvars", "secret = \"hunter2-hunter2\"\n");
    let ran = project.run(APPLY);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.says(&["(local-exec): hunter2-hunter2", "plain = \"as hunter2-hunter2\""]);
}

#[test]
fn what_is_asked_for_by_name_is_printed() {
    let project = Project::new(
        "variable \"secret\" {\n  sensitive = true\n}\nresource \"terraform_data\" \"d\" {\n  input = var.secret\n}\noutput \"o\" {\n  value     = terraform_data.d.output\n  sensitive = true\n}\n",
    );
    project.write("terraform.tfvars", "secret = \"hunter2-hunter2\"\n");
    project.good(APPLY);
    project.good(&["plan", "-out=saved"]);
    let asked: [&[&str]; 6] = [
        &["output", "o"],
        &["output", "-raw", "o"],
        &["output", "-json"],
        &["show", "-json"],
        &["show", "-json", "saved"],
        &["state", "pull"],
    ];
    for command in asked {
        assert!(project.good(command).contains("hunter2-hunter2"), "{command:?}");
    }
    let others: [&[&str]; 7] = [
        &["output"],
        &["show"],
        &["show", "saved"],
        &["state", "show", "terraform_data.d"],
        &["plan"],
        &["drift"],
        APPLY,
    ];
    for command in others {
        check_silent(&project.run(command), &["hunter2-hunter2"]);
    }
}

/// A document with a secret in it, in an attribute that holds any text and in one that holds secrets only.
const DOCUMENT: &str = r#"
variable "secret" {
  sensitive = true
}
variable "user" {
  default = "somebody"
}
resource "terraform_data" "open" {
  input = jsonencode({ user = var.user, keys = ["plain", var.secret] })
}
resource "terraform_data" "closed" {
  input = sensitive(jsonencode({ user = var.user, key = var.secret }))
}
resource "terraform_data" "chosen" {
  input = var.secret == "x" ? "" : jsonencode({ user = var.user, key = var.secret })
}
"#;

/// The block of a resource in a plan.
fn planned(project: &Project, name: &str, arguments: &[&str]) -> String {
    let plan = project.good(&[&["plan"], arguments].concat());
    let from = plan.find(&format!("\"terraform_data\" \"{name}\"")).unwrap();
    plan[from..].split("\n    }\n").next().unwrap().to_owned()
}

#[test]
fn of_a_document_only_the_secret_parts_are_hidden() {
    let project = Project::new(DOCUMENT);
    let given = ["-var=secret=hunter2-hunter2"];
    let open = planned(&project, "open", &given);
    let expected = "      + input  = jsonencode(\n            {\n              + keys = [\n                  + \"plain\",\n                  + (sensitive value),\n                ]\n              + user = \"somebody\"\n            }\n        )";
    assert!(open.contains(expected), "{open}");
    for name in ["closed", "chosen"] {
        let closed = planned(&project, name, &given);
        assert!(closed.contains("+ input  = (sensitive value)"), "{closed}");
    }
    project.good(&["apply", "-auto-approve", given[0]]);
    // Which parts were secret before is recorded.
    let changed = planned(&project, "open", &["-var=secret=hunter3-hunter3"]);
    let expected = "          ~ {\n              ~ keys = [\n                    \"plain\",\n                  ~ (sensitive value),\n                ]\n";
    assert!(changed.contains(expected), "{changed}");
    let other = planned(&project, "open", &[given[0], "-var=user=other"]);
    let expected = "          ~ {\n              ~ user = \"somebody\" -> \"other\"\n                # (1 unchanged attribute hidden)\n";
    assert!(other.contains(expected), "{other}");
    let closed = planned(&project, "closed", &[given[0], "-var=user=other"]);
    assert!(closed.contains("~ input  = (sensitive value)"), "{closed}");
}

#[test]
fn keys_of_the_environment_are_neither_printed_nor_handed_on() {
    let (plan_key, credential) = ("5e".repeat(32), "wJalrXUtnFEMIcanary4711");
    let project = Project::new(
        "resource \"terraform_data\" \"says\" {\n  provisioner \"local-exec\" {\n    command = \"echo plan=$KEYFORM_PLAN_KEY. encryption=$TF_ENCRYPTION. aws=$AWS_SECRET_ACCESS_KEY.\"\n  }\n}\noutput \"o\" {\n  value = \"THE_KEY\"\n}\n",
    );
    project.write("main.tf", project.text("main.tf").replace("THE_KEY", &plan_key));
    let ran = project.shell(&format!(
        "KEYFORM_PLAN_KEY={plan_key} AWS_SECRET_ACCESS_KEY={credential} $keyform apply -auto-approve"
    ));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    check_silent(&ran, &[&plan_key, credential]);
    assert!(
        ran.stdout.contains("plan=. encryption=. aws=(sensitive value)."),
        "{ran:?}"
    );
}
