//! The log: what it tells of a run, and that it is kept from others.

use keyform::sandbox::Faults;

use super::{CANARIES, GIVEN, count, everything};
use crate::faults::{Project, at, clouds, rule};

fn logged(project: &Project, variables: &[(&str, &str)], command: &[&str]) -> crate::faults::Ran {
    let mut run = project.command(command);
    run.envs(variables.iter().copied());
    crate::faults::ran(run)
}

#[test]
fn a_request_is_told_by_named_fields_and_never_by_its_content() {
    let cloud = clouds(Faults {
        rules: vec![rule("CreateKey", "throttle", false, 1)],
        ..Faults::default()
    });
    let project = Project::new(&at(
        cloud.address,
        "resource \"aws_kms_key\" \"k\" {\n  description = \"described-so\"\n}",
    ));
    let ran = logged(&project, &[("TF_LOG", "debug")], &["apply", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let line = |parts: &[&str]| {
        let found = ran
            .stderr
            .lines()
            .find(|line| parts.iter().all(|part| line.contains(part)));
        found.unwrap_or_else(|| panic!("{parts:?}: {ran:?}")).to_owned()
    };
    line(&[
        "[WARN] request failed: method=POST host=127.0.0.1:",
        "action=CreateKey attempt=1",
        "error=",
    ]);
    line(&[
        "[DEBUG] request: ",
        "action=CreateKey attempt=2 status=200",
        "request_id=",
        "sent_bytes=",
        "duration_ms=",
    ]);
    line(&["[INFO] step begins: address=aws_kms_key.k doing=creating"]);
    line(&["[INFO] step ends: address=aws_kms_key.k doing=creating"]);
    for part in ["described-so", "Signature", "Credential", "x-amz"] {
        assert!(!ran.stderr.contains(part), "{part}: {ran:?}");
    }
    cloud.stop().unwrap();
}

#[test]
fn a_log_of_json_is_one_object_in_a_line() {
    let project = Project::new("resource \"terraform_data\" \"d\" {}");
    let variables = [("TF_LOG", "JSON"), ("TF_LOG_PATH", "run.log")];
    let ran = logged(&project, &variables, &["apply", "-auto-approve"]);
    assert!(ran.code == Some(0) && ran.stderr.is_empty(), "{ran:?}");
    logged(&project, &variables, &["state", "show", "none.none"]);
    let told: Vec<serde_json::Value> = project
        .text("run.log")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let messages: Vec<&str> = told
        .iter()
        .map(|line| line["@message"].as_str().unwrap())
        .collect();
    assert_eq!(
        messages,
        [
            "run begins",
            "step begins",
            "step ends",
            "run ends",
            "run begins",
            "run fails"
        ]
    );
    assert_eq!(
        (&told[1]["address"], &told[1]["@level"]),
        (&"terraform_data.d".into(), &"info".into())
    );
}

#[test]
fn a_log_that_cannot_be_kept_stops_the_run_before_it_begins() {
    let project = Project::new("resource \"terraform_data\" \"d\" {}");
    for (variables, said) in [
        (vec![("KEYFORM_LOG", "loud")], "Invalid log level"),
        (
            vec![("KEYFORM_LOG", "info"), ("TF_LOG_PATH", "none/log")],
            "Failed to open the log",
        ),
    ] {
        let ran = logged(&project, &variables, &["apply", "-auto-approve"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        ran.says(&[said]);
    }
    assert_eq!(project.names(), ["main.tf"]);
}

#[test]
fn a_log_at_its_loudest_holds_no_secret() {
    let cloud = clouds(Faults::default());
    let project = everything(&cloud);
    project.write(
        "main.tf",
        project.text("main.tf").replace("cat pipe >/dev/null; ", ""),
    );
    for level in ["trace", "json"] {
        let variables = [("TF_LOG", level), ("TF_LOG_PATH", "run.log")];
        logged(&project, &variables, &["apply", "-auto-approve", GIVEN]);
    }
    let log = project.read("run.log");
    assert!(log.len() > 2000, "{}", String::from_utf8_lossy(&log));
    for canary in CANARIES {
        assert_eq!(count(&log, canary), 0, "{canary}");
    }
    cloud.stop().unwrap();
}
