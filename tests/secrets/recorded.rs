//! Secrets of earlier runs: what the state calls secret is printed by no command, copies without a mark included.

use keyform::sandbox::Faults;

use super::check_silent;
use crate::faults::{Project, at, clouds};

const OLD: &str = "canary-of-before-4711";

/// What is made of a secret and has ids and computed attributes that carry no mark.
const COPIED: &str = r#"
variable "s" {
  sensitive = true
}
resource "aws_kms_key" "k" {
  deletion_window_in_days = 30
}
resource "aws_kms_alias" "a" {
  name          = "alias/${var.s}"
  target_key_id = aws_kms_key.k.id
}
resource "local_file" "f" {
  filename = "zz-${upper(var.s)}"
  content  = "x"
}
resource "terraform_data" "p" {
  depends_on = [local_file.f]
  provisioner "local-exec" {
    when    = destroy
    command = "ls"
  }
}
"#;

/// Runs commands of which none prints the secret that was current before, in either case.
#[track_caller]
fn silent(project: &Project, commands: &[&[&str]]) {
    for command in commands {
        let ran = project.run(command);
        assert!(matches!(ran.code, Some(0 | 2)), "{ran:?}");
        check_silent(&ran, &[OLD, &OLD.to_uppercase()]);
    }
}

#[test]
fn a_secret_that_changes_is_not_printed_as_it_was() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, COPIED));
    let (old, new) = (format!("-var=s={OLD}"), "-var=s=another-one-4712");
    project.good(&["apply", "-auto-approve", &old]);
    silent(
        &project,
        &[
            &["plan", new],
            &["plan", "-destroy", new],
            &["plan", "-refresh-only", new],
            &["plan", new, "-out=saved"],
            &["drift", new],
            &["show", "saved"],
            &["show"],
        ],
    );
    let ran = project.shell(&format!(
        "echo '[aws_kms_alias.a.id, aws_kms_alias.a.arn]' | $keyform console {new}"
    ));
    ran.says(&["(sensitive value)"]);
    check_silent(&ran, &[OLD]);
    silent(&project, &[&["apply", "saved"]]);
    // Now the other one is that of before, and its file goes last.
    let destroy = [
        "apply",
        "-destroy",
        "-auto-approve",
        "-destroy-key=aws_kms_key.k",
        "-var=s=third-one-4713",
    ];
    let ran = project.ends(0, &destroy, &["(local-exec): (sensitive value)"]);
    check_silent(&ran, &["another-one-4712", "ANOTHER-ONE-4712"]);
    cloud.stop().unwrap();
}

/// A condition of a document for policies, which a computed attribute carries into the policy of a key.
const DOCUMENT: &str = r#"
variable "s" {
  sensitive = true
}
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:root"]
    }
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:x"
      values   = [var.s]
    }
  }
}
resource "aws_kms_key" "k" {
  policy = data.aws_iam_policy_document.d.json
}
"#;

#[test]
fn a_policy_is_not_printed_with_the_secret_of_before() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, DOCUMENT));
    project.good(&["apply", "-auto-approve", &format!("-var=s={OLD}")]);
    let new = "-var=s=another-one-4712";
    silent(
        &project,
        &[
            &["plan", new],
            &["plan", "-destroy", new],
            &["drift", new],
            &["apply", "-auto-approve", new],
        ],
    );
    cloud.stop().unwrap();
}

/// What a configuration lets out is let out by each run of it; what an older one let out is no word of this one.
#[test]
fn what_is_let_out_is_so_by_the_configuration_and_not_by_the_state() {
    let with = |value: &str| {
        format!(
            "variable \"s\" {{\n  sensitive = true\n}}\nresource \"terraform_data\" \"d\" {{\n  input = var.s\n}}\nresource \"terraform_data\" \"copy\" {{\n  input = nonsensitive(terraform_data.d.output)\n}}\noutput \"o\" {{\n  value = {value}\n}}\n"
        )
    };
    let given = format!("-var=s={OLD}");
    let project = Project::new(&with("terraform_data.copy.output"));
    project.good(&["apply", "-auto-approve", &given]);
    for command in [&["apply", "-auto-approve", &given][..], &["output"], &["show"]] {
        project.ends(0, command, &[OLD]);
    }
    let closed = with("1").replace("nonsensitive(terraform_data.d.output)", "2");
    project.write("main.tf", closed);
    silent(&project, &[&["plan", "-var=s=another-one-4712"]]);
}
