//! Clouds that refuse, stumble, lose answers, or are none.

use std::net::{SocketAddr, TcpListener};

use keyform::sandbox::{self, Faults, Options};
use keyform::state::journal;

use super::{Project, UNSETTLED, at, calls, clouds, failing, misbehave, rule, with_keys};
use crate::imposter::{answer, imposter};

const KEY: &str = r#"resource "aws_kms_key" "a" { description = "A" }"#;
const APPLY: &[&str] = &["apply", "-auto-approve"];
/// An apply that may destroy the key.
const NAMED: &[&str] = &["apply", "-auto-approve", "-destroy-key=aws_kms_key.a"];

/// An apply against this address fails, says this, records nothing, and writes no raw control character.
#[track_caller]
fn check_imposter(address: SocketAddr, code: i32, said: &[&str]) {
    let project = Project::new(&at(address, KEY));
    let ran = project.ends(code, APPLY, said);
    ran.says(&[
        "with aws_kms_key.a",
        "CreateKey failed while creating the object",
        "0 added",
    ]);
    assert!(
        !ran.stderr.chars().any(|char| char.is_control() && char != '\n'),
        "{ran:?}"
    );
    assert!(project.recorded().is_empty());
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    check_imposter(
        address,
        1,
        &["Service unavailable", "Could not connect to", "Try again later"],
    );
}

#[test]
fn what_is_no_answer_of_the_service_is_described_and_not_believed() {
    let unclear = "It was not sent again, because that could make a second one";
    let page = answer(
        "200 OK\r\ncontent-type: text/html",
        b"<html>\x1b[31mWelcome</html>",
    );
    check_imposter(
        imposter(page, 1),
        UNSETTLED,
        &["UnreadableAnswer", "25 bytes, text/html", unclear],
    );
    let garbage: Vec<u8> = (0..=255).collect();
    let garbage = answer("200 OK\r\ncontent-type: application/json", &garbage);
    check_imposter(
        imposter(garbage, 1),
        UNSETTLED,
        &["UnreadableAnswer", "cannot be understood", unclear],
    );
    let refusal = answer("403 Forbidden", b"<html>no</html>");
    check_imposter(imposter(refusal, 1), 1, &["The service answered with status 403"]);
}

#[test]
fn an_answer_that_breaks_off_is_lost() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"KeyMetadata\":{".to_vec();
    check_imposter(imposter(half, 1), UNSETTLED, &["Answer lost", "ConnectionLost"]);
}

#[test]
fn an_answer_without_end_is_cut() {
    let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    endless.extend(vec![b'x'; 1 << 20]);
    check_imposter(
        imposter(endless, 1000),
        UNSETTLED,
        &["OversizedAnswer", "exceeds 16 MiB"],
    );
}

#[test]
fn a_signed_request_is_not_redirected() {
    let away = answer("302 Found\r\nlocation: http://elsewhere.example/x", b"");
    check_imposter(
        imposter(away, 1),
        1,
        &["redirects to elsewhere.example", "never redirected"],
    );
}

#[test]
fn wrong_credentials_are_told_from_missing_permissions() {
    let cloud = clouds(Faults::default());
    for (access_key, secret_key, code) in [
        (
            sandbox::AWS_ACCESS_KEY_ID,
            "not+the+secret",
            "InvalidSignatureException",
        ),
        (
            "AKIANOBODY0000000000",
            sandbox::AWS_SECRET_ACCESS_KEY,
            "UnrecognizedClientException",
        ),
    ] {
        let project = Project::new(&with_keys(cloud.address, access_key, secret_key, KEY));
        let ran = project.bad(
            APPLY,
            &[
                "Access denied",
                code,
                "request id",
                "Check which credentials are in use",
            ],
        );
        assert!(
            !ran.stderr.contains("Grant the permission") && !ran.stderr.contains(secret_key),
            "{ran:?}"
        );
    }
    misbehave(
        cloud.address,
        r#"[{"action":"CreateKey","error":"AccessDeniedException"}]"#,
    );
    let project = Project::new(&at(cloud.address, KEY));
    project.bad(
        APPLY,
        &[
            "AccessDeniedException",
            "request id",
            "Grant the permission kms:CreateKey",
        ],
    );
    cloud.stop().unwrap();
}

#[test]
fn without_credentials_nothing_is_done_and_the_sources_are_named() {
    let block = r#"
        provider "aws" {
          region                      = "eu-west-1"
          skip_metadata_api_check     = true
        }
    "#;
    let project = Project::new(&format!("{block}{KEY}"));
    project.bad(
        APPLY,
        &[
            "NoCredentials",
            "provider block",
            "environment",
            "profile",
            "0 added",
        ],
    );
    assert!(project.recorded().is_empty());
}

#[test]
fn a_storm_of_refusals_that_ends_is_sat_out() {
    let cloud = clouds(Faults {
        rules: vec![rule("CreateKey", "throttle", false, 2)],
        ..Faults::default()
    });
    let project = Project::new(&at(cloud.address, KEY));
    project.good(APPLY);
    assert_eq!(calls(cloud.address, "CreateKey"), 3);
    cloud.stop().unwrap();
}

#[test]
fn bad_moments_of_repeatable_calls_are_sat_out() {
    let rules = vec![
        rule("DescribeKey", "500", false, 2),
        rule("DescribeKey", "close", false, 2),
    ];
    let cloud = clouds(Faults {
        rules,
        ..Faults::default()
    });
    let project = Project::new(&at(cloud.address, KEY));
    project.good(APPLY);
    assert!(project.good(&["plan"]).contains("No changes"));
    cloud.stop().unwrap();
}

#[test]
fn a_create_whose_answer_was_lost_is_never_sent_again() {
    for (error, after) in [("close", true), ("500", true), ("500", false)] {
        let cloud = failing("CreateKey", error, after);
        let project = Project::without_markers(&at(cloud.address, KEY));
        let ran = project.ends(
            UNSETTLED,
            APPLY,
            &[
                "Object may exist without being recorded",
                "description = \"A\"",
                "import it or delete it",
            ],
        );
        ran.says(&["Unclear, may exist without being recorded: aws_kms_key.a"]);
        assert_eq!(calls(cloud.address, "CreateKey"), 1);
        assert!(project.recorded().is_empty());
        // Whoever comes next learns of it, as often as he looks and whatever he does; nobody makes it again.
        project.good(&["plan", "-out=saved"]);
        for command in [
            &["plan"][..],
            &["destroy", "-auto-approve"],
            &["state", "pull"],
            &["plan"],
        ] {
            project.run(command);
        }
        let open = [
            "Unsettled operation",
            "with aws_kms_key.a",
            "recover -adopt 'aws_kms_key.a=ID'",
        ];
        project.run(&["plan"]).says(&open);
        project.ends(UNSETTLED, APPLY, &open);
        project.ends(UNSETTLED, &["apply", "saved"], &open);
        assert_eq!(calls(cloud.address, "CreateKey"), 1);
        let listed = project.ends(UNSETTLED, &["recover", "-list"], &["aws_kms_key.a: create, 20"]);
        assert!(listed.stderr.is_empty(), "{listed:?}");
        project.bad(&["recover", "-abandon=aws_kms_key.b"], &["Nothing to recover"]);
        let settled = project.good(&["recover", "-abandon=aws_kms_key.a"]);
        assert!(
            settled.starts_with("Abandoned aws_kms_key.a\nNothing is open"),
            "{settled}"
        );
        project.good(&["recover", "-list"]);
        project.bad(&["state", "settle", "aws_kms_key.a"], &["Nothing to settle"]);
        assert!(!project.run(&["plan"]).stderr.contains("Unsettled"));
        project.good(APPLY);
        assert_eq!(project.recorded(), ["aws_kms_key.a"]);
        cloud.stop().unwrap();
    }
}

#[test]
fn a_replacement_whose_answer_was_lost_leaves_the_old_object_in_its_place() {
    let cloud = clouds(Faults::default());
    let key = "resource \"aws_kms_key\" \"a\" {\n  key_usage = \"SIGN_VERIFY\"\n  customer_master_key_spec = \"ECC_NIST_P256\"\n  lifecycle {\n    create_before_destroy = true\n  }\n}";
    let project = Project::without_markers(&at(cloud.address, key));
    project.good(APPLY);
    let state = project.text("terraform.tfstate");
    project.write("main.tf", at(cloud.address, &key.replace("P256", "P384")));
    misbehave(
        cloud.address,
        r#"[{"action":"CreateKey","error":"close","after":true}]"#,
    );
    project.ends(
        UNSETTLED,
        NAMED,
        &[
            "Unclear, may exist",
            "Skipped: aws_kms_key.a (the old object stays)",
        ],
    );
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    let resources =
        |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["resources"].clone();
    assert_eq!(resources(&project.text("terraform.tfstate")), resources(&state));
    project
        .run(&["plan"])
        .says(&["Unsettled operation", "1 to add, 0 to change, 1 to destroy"]);
    project.ends(UNSETTLED, APPLY, &["Unsettled operation", "delete it by hand"]);
    // What happens to the old object says nothing of the new one.
    project.write(
        "main.tf",
        at(
            cloud.address,
            &key.replace("  lifecycle", "  description = \"A\"\n  lifecycle"),
        ),
    );
    project.ends(UNSETTLED, APPLY, &["1 changed", "Unclear, may exist"]);
    project.run(&["plan"]).says(&["Unsettled operation"]);
    project.write("main.tf", at(cloud.address, &key.replace("P256", "P384")));
    project.good(&["state", "settle", "aws_kms_key.a"]);
    project.good(NAMED);
    assert_eq!(project.recorded(), ["aws_kms_key.a"]);
    project.run(&["plan"]).says(&["No changes"]);
    cloud.stop().unwrap();
}

#[test]
fn a_delete_whose_answer_was_lost_is_asked_again() {
    let cloud = failing("ScheduleKeyDeletion", "close", true);
    let project = Project::new(&at(cloud.address, KEY));
    project.good(APPLY);
    project.good(&["destroy", "-auto-approve", "-destroy-key=aws_kms_key.a"]);
    assert!(project.recorded().is_empty());
    cloud.stop().unwrap();
}

#[test]
fn a_name_that_is_taken_is_not_taken_over() {
    let cloud = clouds(Faults::default());
    let rest = r#"
resource "aws_kms_key" "a" {}
resource "aws_kms_alias" "a" {
  name          = "alias/a"
  target_key_id = aws_kms_key.a.key_id
}
"#;
    let first = Project::new(&at(cloud.address, rest));
    first.good(APPLY);
    let second = Project::new(&at(cloud.address, rest));
    second.bad(
        APPLY,
        &[
            "AlreadyExistsException",
            "bring it under management with \"import ADDRESS ID\"",
        ],
    );
    first.run(&["plan"]).says(&["No changes"]);
    cloud.stop().unwrap();
}

#[test]
fn an_object_that_was_lost_can_be_imported() {
    let project = Project::without_markers("");
    let data = Some(project.path("clouds.json"));
    let faults = Faults {
        rules: vec![rule("CreateKey", "close", true, 1)],
        ..Faults::default()
    };
    let cloud = sandbox::start(Options {
        data: data.clone(),
        faults,
        ..Options::default()
    })
    .unwrap();
    project.write("main.tf", at(cloud.address, KEY));
    project.ends(UNSETTLED, APPLY, &["Answer lost"]);
    cloud.stop().unwrap();
    let uuid = regex::Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap();
    let id = uuid
        .find(&project.text("clouds.json"))
        .unwrap()
        .as_str()
        .to_owned();
    let cloud = sandbox::start(Options {
        data,
        ..Options::default()
    })
    .unwrap();
    project.write("main.tf", at(cloud.address, KEY));
    project.good(&["recover", &format!("-adopt=aws_kms_key.a={id}")]);
    let plan = project.run(&["plan"]);
    assert!(
        !plan.stderr.contains("Unsettled") && !plan.stdout.contains("to add"),
        "{plan:?}"
    );
    assert_eq!(calls(cloud.address, "CreateKey"), 0);
    cloud.stop().unwrap();
}

#[test]
fn a_key_whose_follow_up_failed_is_recorded_as_it_is() {
    let cloud = failing("EnableKeyRotation", "AccessDeniedException", false);
    let resource =
        "resource \"aws_kms_key\" \"a\" {\n  description         = \"A\"\n  enable_key_rotation = true\n}";
    let project = Project::new(&at(cloud.address, resource));
    project.bad(
        APPLY,
        &[
            "EnableKeyRotation failed while creating the object",
            "Grant the permission kms:EnableKeyRotation",
        ],
    );
    let state = project.text("terraform.tfstate");
    assert!(
        !state.contains("tainted") && state.contains("\"enable_key_rotation\": false"),
        "{state}"
    );
    let told = project.good(APPLY);
    assert!(told.contains("0 added, 1 changed, 0 destroyed"), "{told}");
    assert_eq!(calls(cloud.address, "CreateKey"), 1);
    cloud.stop().unwrap();
}

#[test]
fn a_failure_stops_only_what_depends_on_it() {
    let cloud = failing("CreateAlias", "LimitExceededException", false);
    let rest = r#"
resource "aws_kms_key" "a" {}
resource "aws_kms_alias" "a" {
  name          = "alias/a"
  target_key_id = aws_kms_key.a.key_id
}
resource "terraform_data" "after" { input = aws_kms_alias.a.arn }
resource "terraform_data" "later" { input = terraform_data.after.output }
resource "terraform_data" "apart" { input = 1 }
"#;
    let project = Project::new(&at(cloud.address, rest));
    project.bad(
        APPLY,
        &[
            "CreateAlias failed while creating the object: LimitExceededException",
            "Apply incomplete. Resources: 2 added, 0 changed, 0 destroyed; all of it is recorded.",
            "Failed: aws_kms_alias.a",
            "Skipped: terraform_data.after (because of aws_kms_alias.a) terraform_data.later (because of aws_kms_alias.a)",
        ],
    );
    assert_eq!(project.recorded(), ["aws_kms_key.a", "terraform_data.apart"]);
    cloud.stop().unwrap();
}

#[test]
fn an_object_that_cannot_be_read_is_counted_and_hides_no_other() {
    let cloud = clouds(Faults::default());
    let rest = "resource \"aws_kms_key\" \"k\" {\n  count = 3\n}";
    let project = Project::new(&at(cloud.address, rest));
    project.good(APPLY);
    let denied = r#"[{"action":"DescribeKey","error":"AccessDeniedException"}]"#;
    misbehave(cloud.address, denied);
    let ran = project.bad(
        &["drift"],
        &[
            "unreadable: Access denied",
            "2 in sync, 1 unreadable of 3 objects",
        ],
    );
    ran.says(&["Grant the permission kms:DescribeKey"]);
    misbehave(cloud.address, denied);
    let told = project.run(&["drift", "-format=json"]);
    let told: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(
        (&told["complete"], &told["drift"]),
        (&false.into(), &false.into())
    );
    assert_eq!(told["objects"].as_array().unwrap().len(), 3);
    assert_eq!(project.run(&["drift"]).code, Some(0));
    cloud.stop().unwrap();
}

#[test]
fn what_was_made_without_an_answer_is_recorded_where_its_name_tells_it() {
    let cloud = failing("CreateAlias", "close", true);
    let rest = r#"
resource "aws_kms_key" "a" {}
resource "aws_kms_alias" "a" {
  name_prefix   = "alias/a"
  target_key_id = aws_kms_key.a.key_id
}
"#;
    let project = Project::new(&at(cloud.address, rest));
    project.good(APPLY);
    assert_eq!(calls(cloud.address, "CreateAlias"), 2);
    assert_eq!(project.recorded(), ["aws_kms_alias.a", "aws_kms_key.a"]);
    project.run(&["plan"]).says(&["No changes"]);
    cloud.stop().unwrap();
}

#[test]
fn a_key_whose_creation_was_not_answered_is_found_by_its_tag() {
    for error in ["close", "500"] {
        let cloud = failing("CreateKey", error, true);
        let project = Project::new(&at(cloud.address, KEY));
        project.good(APPLY);
        assert_eq!(calls(cloud.address, "CreateKey"), 1);
        assert_eq!(project.recorded(), ["aws_kms_key.a"]);
        // The tag is no drift, and nobody sees it.
        project.good(&["plan", "-detailed-exitcode"]);
        project.good(&["drift"]);
        assert!(!project.text("terraform.tfstate").contains("keyform:id"));
        cloud.stop().unwrap();
    }
}

#[test]
fn a_key_that_could_not_be_looked_for_is_taken_over_by_the_next_run() {
    let cloud = clouds(Faults {
        rules: vec![
            rule("CreateKey", "close", true, 1),
            rule("ListKeys", "AccessDeniedException", false, 1),
        ],
        ..Faults::default()
    });
    let project = Project::new(&at(cloud.address, KEY));
    project.ends(UNSETTLED, APPLY, &["by which the next run finds it"]);
    let plan = project.run(&["plan", "-out=saved"]);
    plan.says(&["keyform:id", "1 to import, 0 to add, 0 to change, 0 to destroy"]);
    let told = project.good(&["apply", "saved"]);
    assert!(
        told.contains("1 imported, 0 added, 0 changed, 0 destroyed"),
        "{told}"
    );
    assert_eq!(calls(cloud.address, "CreateKey"), 1);
    assert_eq!(project.recorded(), ["aws_kms_key.a"]);
    assert!(
        !project
            .run(&["plan", "-detailed-exitcode"])
            .stderr
            .contains("Unsettled")
    );
    cloud.stop().unwrap();
}

#[test]
fn a_key_that_was_never_made_is_made_anew_once_no_request_can_arrive_any_more() {
    let cloud = failing("CreateKey", "500", false);
    let project = Project::new(&at(cloud.address, KEY));
    project.ends(UNSETTLED, APPLY, &["by which the next run finds it"]);
    project.ends(
        UNSETTLED,
        APPLY,
        &["Unsettled operation", "apply makes it anew after"],
    );
    assert_eq!(calls(cloud.address, "CreateKey"), 1);
    // Half an hour later.
    let journal = project.read("terraform.tfstate.journal");
    let (records, _) = journal::read(&journal, "journal", &keyform::state::Manner::default()).unwrap();
    let aged = records.into_iter().map(|record| match record {
        journal::Record::Intent(intent) => journal::Record::Intent(journal::Intent {
            begun: keyform::state::protocol::Begun {
                since: intent.begun.since - 1800,
                ..intent.begun
            },
            ..intent
        }),
        record => record,
    });
    let aged: String = aged
        .map(|record| record.line(&keyform::state::Secrets::default()))
        .collect();
    project.write("terraform.tfstate.journal", aged);
    project.good(APPLY);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
    assert_eq!(project.recorded(), ["aws_kms_key.a"]);
    assert!(!project.run(&["plan"]).stderr.contains("Unsettled"));
    cloud.stop().unwrap();
}

#[test]
fn a_grant_is_gone_where_its_id_is_refused() {
    let cloud = clouds(Faults::default());
    let rest = r#"
resource "aws_kms_key" "a" {}
resource "aws_kms_grant" "a" {
  key_id            = aws_kms_key.a.key_id
  grantee_principal = "arn:aws:iam::123456789012:role/reader"
  operations        = ["Encrypt"]
}
"#;
    let project = Project::new(&at(cloud.address, rest));
    project.good(APPLY);
    misbehave(
        cloud.address,
        r#"[{"action":"ListGrants","error":"InvalidGrantIdException"}]"#,
    );
    let planned = project.run(&["plan"]);
    planned.says(&[
        "aws_kms_grant.a will be created",
        "Plan: 1 to add, 0 to change, 0 to destroy.",
    ]);
    cloud.stop().unwrap();
}

#[test]
fn what_is_open_is_noted_without_secrets() {
    let cloud = clouds(Faults {
        rules: vec![rule("CreateSecret", "500", false, 99)],
        ..Faults::default()
    });
    let secret = "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  secret_data = \"hunter22\"\n  version_id = \"v1\"\n}";
    let (key, key_secret) = (
        sandbox::ALICLOUD_ACCESS_KEY_ID,
        sandbox::ALICLOUD_ACCESS_KEY_SECRET,
    );
    let provider = format!(
        "provider \"alicloud\" {{\n  region = \"cn-hangzhou\"\n  access_key = \"{key}\"\n  secret_key = \"{key_secret}\"\n  endpoints {{\n    kms = \"http://{}\"\n  }}\n}}\n",
        cloud.address
    );
    let project = Project::new(&(provider + secret));
    project.ends(UNSETTLED, APPLY, &["Object may exist without being recorded"]);
    let journal = project.text("terraform.tfstate.journal");
    assert!(
        journal.contains("alicloud_kms_secret.s") && journal.contains("\"v1\""),
        "{journal}"
    );
    assert!(!journal.contains("hunter22"), "{journal}");
    misbehave(cloud.address, "[]");
    // Two of one name cannot come to be, so it is simply made.
    project.good(APPLY);
    assert_eq!(project.recorded(), ["alicloud_kms_secret.s"]);
    cloud.stop().unwrap();
}
