//! Policies of keys that lock out who writes them, or who uses the key.

use keyform::sandbox::{Faults, Running};

use super::{Project, REFUSED, at_both, calls, clouds};

const APPLY: &[&str] = &["apply", "-auto-approve"];
/// The accounts of the sandbox.
const ROOT: &str = "arn:aws:iam::123456789012:root";
const ALL: &str = "acs:ram::1234567890123456:*";

/// A policy of AWS in which each of these may do everything, as the text of an expression.
fn aws(principals: &[&str], more: &str) -> String {
    let statements = principals.iter().enumerate().map(|(i, principal)| {
        format!("{{ Sid = \"s{i}\", Effect = \"Allow\", Principal = {{ AWS = \"{principal}\" }}, Action = \"kms:*\", Resource = \"*\"{more} }}")
    });
    let statements: Vec<String> = statements.collect();
    format!(
        "jsonencode({{ Version = \"2012-10-17\", Statement = [{}] }})",
        statements.join(", ")
    )
}

/// A key of AWS with this policy.
fn key(policy: &str, more: &str) -> String {
    format!("resource \"aws_kms_key\" \"k\" {{\n  policy = {policy}\n{more}}}\n")
}

/// A key that has been made with this policy.
fn made(policy: &str) -> (Running, Project) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at_both(cloud.address, &key(policy, "")));
    project.good(APPLY);
    (cloud, project)
}

#[test]
fn a_policy_that_keeps_its_writer_is_changed_without_a_word() {
    let (cloud, project) = made(&aws(&[ROOT], ""));
    let other = aws(&[ROOT, "arn:aws:iam::123456789012:role/app"], "");
    project.write("main.tf", at_both(cloud.address, &key(&other, "")));
    let ran = project.run(&["plan"]);
    assert!(!ran.stderr.contains("Warning"), "{ran:?}");
    project.good(APPLY);
    cloud.stop().unwrap();
}

const BYPASS: &str = "  bypass_policy_lockout_safety_check = true\n";

#[test]
fn a_policy_that_locks_everybody_out_is_refused_whatever_is_bypassed() {
    let (cloud, project) = made(&aws(&[ROOT], ""));
    let decrypt = aws(&[ROOT], "").replace("kms:*", "kms:Decrypt");
    let put = calls(cloud.address, "PutKeyPolicy");
    for more in ["", BYPASS] {
        project.write("main.tf", at_both(cloud.address, &key(&decrypt, more)));
        project.ends(REFUSED, &["plan"], &["kms:PutKeyPolicy", "aws_kms_key.k"]);
        project.ends(REFUSED, APPLY, &["kms:PutKeyPolicy"]);
    }
    project.ends(REFUSED, APPLY, &["Policy locks everybody out"]);
    assert_eq!(calls(cloud.address, "PutKeyPolicy"), put);
    // Nor is such a key made.
    let second = key(&decrypt, BYPASS).replace("\"k\"", "\"l\"");
    project.write("main.tf", at_both(cloud.address, &second));
    project.ends(
        REFUSED,
        &["plan", "-target=aws_kms_key.l"],
        &["Policy locks everybody out"],
    );
    cloud.stop().unwrap();
}

#[test]
fn a_key_is_handed_over_only_where_that_is_said() {
    let (cloud, project) = made(&aws(&[ROOT], ""));
    let others = aws(&["arn:aws:iam::123456789012:role/admin"], "");
    project.write("main.tf", at_both(cloud.address, &key(&others, "")));
    let who = "only arn:aws:iam::123456789012:role/admin";
    project.ends(
        REFUSED,
        &["plan"],
        &[
            "neither you nor your account may call kms:PutKeyPolicy",
            who,
            "bypass_policy_lockout_safety_check",
        ],
    );
    project.write("main.tf", at_both(cloud.address, &key(&others, BYPASS)));
    let ran = project.run(&["plan"]);
    ran.says(&["Warning: Key is handed over", who]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    cloud.stop().unwrap();
}

#[test]
fn what_cannot_be_decided_is_a_warning_that_names_the_statement() {
    let (cloud, project) = made(&aws(&[ROOT], ""));
    let with_condition = aws(
        &[ROOT],
        ", Condition = { Bool = { \"aws:MultiFactorAuthPresent\" = \"true\" } }",
    );
    project.write("main.tf", at_both(cloud.address, &key(&with_condition, "")));
    let said = &[
        "Warning: Lockout cannot be ruled out",
        "depends on the statement \"s0\"",
    ];
    let ran = project.run(&["plan"]);
    ran.says(said);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let unknown =
        key("terraform_data.p.output", "") + "resource \"terraform_data\" \"p\" {\n  input = \"x\"\n}\n";
    project.write("main.tf", at_both(cloud.address, &unknown));
    project.run(&["plan"]).says(&[
        "Warning: Lockout cannot be ruled out",
        "policy is not known before the apply",
    ]);
    cloud.stop().unwrap();
}

#[test]
fn who_loses_the_use_of_a_key_is_named() {
    let app = "arn:aws:iam::123456789012:role/app";
    let (cloud, project) = made(&aws(&[ROOT, app], ""));
    project.write("main.tf", at_both(cloud.address, &key(&aws(&[ROOT], ""), "")));
    let ran = project.run(&["plan"]);
    ran.says(&[
        "Warning: Principals lose the use of the key",
        "allows kms:Decrypt to these",
        app,
    ]);
    assert!(!ran.stderr.contains(ROOT), "{ran:?}");
    cloud.stop().unwrap();
}

#[test]
fn policies_of_alibaba_cloud_are_held_to_the_same() {
    let policy = |principal: &str| {
        aws(&[principal], "")
            .replace("AWS =", "RAM =")
            .replace("2012-10-17", "1")
    };
    let key = |policy: &str| format!("resource \"alicloud_kms_key\" \"k\" {{\n  policy = {policy}\n}}\n");
    let cloud = clouds(Faults::default());
    let project = Project::new(&at_both(cloud.address, &key(&policy(ALL))));
    project.good(APPLY);
    let others = policy("acs:ram::1234567890123456:user/u");
    project.write("main.tf", at_both(cloud.address, &key(&others)));
    project.ends(
        REFUSED,
        &["plan"],
        &["neither you nor your account may call kms:SetKeyPolicy"],
    );
    let lost = policy(ALL).replace("kms:*", "kms:Decrypt");
    project.write("main.tf", at_both(cloud.address, &key(&lost)));
    project.ends(
        REFUSED,
        &["plan"],
        &["Policy locks everybody out", "alicloud_kms_key.k"],
    );
    cloud.stop().unwrap();
}

#[test]
fn who_asks_is_looked_up_once_in_a_run_and_only_for_policies() {
    let (cloud, project) = made(&aws(&[ROOT], ""));
    let asked = calls(cloud.address, "GetCallerIdentity");
    project.good(&["plan"]);
    assert_eq!(calls(cloud.address, "GetCallerIdentity"), asked);
    let three = key(&aws(&[ROOT], ""), "  count = 3\n");
    project.write("main.tf", at_both(cloud.address, &three));
    project.good(&["plan"]);
    assert_eq!(calls(cloud.address, "GetCallerIdentity"), asked + 1);
    cloud.stop().unwrap();
}

#[test]
fn a_policy_that_is_known_only_while_it_is_applied_is_judged_then() {
    let cloud = clouds(Faults::default());
    // Whom it names is decided while it is applied.
    let policy = |action: &str| {
        aws(&["arn:aws:iam::${terraform_data.account.output}:root"], "").replace("kms:*", action)
    };
    let account = "resource \"terraform_data\" \"account\" {\n  input = \"123456789012\"\n}\n";
    let project = Project::new(&at_both(
        cloud.address,
        &(key(&policy("kms:Decrypt"), BYPASS) + account),
    ));
    project.run(&["plan"]);
    // Something has been made by then.
    project.ends(1, APPLY, &["Policy locks everybody out", "1 added, 0 changed"]);
    // Now nothing is.
    project.ends(REFUSED, APPLY, &["Policy locks everybody out", "aws_kms_key.k"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 0);
    project.write(
        "main.tf",
        at_both(cloud.address, &(key(&policy("kms:*"), "") + account)),
    );
    project.good(APPLY);
    // The same while it is changed.
    let other = account.replace("123456789012", "210987654321");
    project.write(
        "main.tf",
        at_both(cloud.address, &(key(&policy("kms:*"), "") + &other)),
    );
    let put = calls(cloud.address, "PutKeyPolicy");
    project.run(&["plan"]).says(&["Lockout cannot be ruled out"]);
    project.ends(
        1,
        APPLY,
        &["Policy locks everybody out", "nobody may call kms:PutKeyPolicy"],
    );
    assert_eq!(calls(cloud.address, "PutKeyPolicy"), put);
    cloud.stop().unwrap();
}

#[test]
fn what_denies_the_account_or_names_nobody_locks_everybody_out() {
    let cloud = clouds(Faults::default());
    let denied = |principal: &str, action: &str| {
        format!(
            "jsonencode({{ Statement = [{{ Effect = \"Allow\", Principal = {{ AWS = \"*\" }}, Action = \"kms:*\", Resource = \"*\" }}, {{ Effect = \"Deny\", Principal = {{ AWS = \"{principal}\" }}, Action = \"{action}\", Resource = \"*\" }}] }})"
        )
    };
    let project = Project::new("");
    for policy in [
        denied(ROOT, "kms:*"),
        denied("123456789012", "kms:Put*"),
        aws(&["*"], "").replace("AWS =", "Service ="),
        aws(&["123456789012"], "").replace("AWS =", "Federated ="),
    ] {
        for more in ["", BYPASS] {
            project.write("main.tf", at_both(cloud.address, &key(&policy, more)));
            project.ends(REFUSED, APPLY, &["Policy locks everybody out", "aws_kms_key.k"]);
        }
    }
    assert_eq!(calls(cloud.address, "CreateKey"), 0);
    // Who denies something else, or somebody else, locks nobody out.
    for policy in [denied(ROOT, "kms:Decrypt"), denied("210987654321", "kms:*")] {
        project.write("main.tf", at_both(cloud.address, &key(&policy, "")));
        let ran = project.run(&["plan"]);
        assert!(ran.code == Some(0) && !ran.stderr.contains("Warning"), "{ran:?}");
    }
    cloud.stop().unwrap();
}

const LOSERS: &str = "Warning: Principals lose the use of the key";
const APP: &str = "arn:aws:iam::123456789012:role/app";

/// A key with this policy that is no longer managed, and a folder that may manage its policy apart from it.
fn key_of_others(policy: &str) -> (Running, Project, String) {
    let (cloud, project) = made(policy);
    let state: serde_json::Value = serde_json::from_str(&project.text("terraform.tfstate")).unwrap();
    let id = &state["resources"][0]["instances"][0]["attributes"]["id"];
    let id = id.as_str().unwrap().to_owned();
    project.good(&["state", "rm", "aws_kms_key.k"]);
    (cloud, project, id)
}

fn apart(id: &str, policy: &str, more: &str) -> String {
    format!("resource \"aws_kms_key_policy\" \"p\" {{\n  key_id = \"{id}\"\n  policy = {policy}\n{more}}}\n")
}

#[test]
fn who_loses_the_use_of_a_key_is_named_when_its_policy_is_taken_over() {
    let (cloud, project, id) = key_of_others(&aws(&[ROOT, APP], ""));
    project.write(
        "main.tf",
        at_both(cloud.address, &apart(&id, &aws(&[ROOT], ""), "")),
    );
    let ran = project.run(&["plan"]);
    ran.says(&[
        LOSERS,
        "allows kms:Decrypt to these, and the new one does not",
        APP,
    ]);
    assert!(!ran.stderr.contains(ROOT), "{ran:?}");
    // The same where nothing is lost.
    let same = apart(&id, &aws(&[ROOT, APP], ""), "");
    project.write("main.tf", at_both(cloud.address, &same));
    let ran = project.run(&["plan"]);
    assert!(ran.code == Some(0) && !ran.stderr.contains("Warning"), "{ran:?}");
    // What cannot be read is told as such, and so is what is not read.
    let denied =
        r#"[{"action":"GetKeyPolicy","error":"AccessDeniedException","after":false,"times":1000,"skip":0}]"#;
    let unknown = "Warning: Who loses the use of the key is not known";
    project.run(&["plan", "-refresh=false"]).says(&[unknown]);
    super::misbehave(cloud.address, denied);
    project.run(&["plan"]).says(&[unknown]);
    cloud.stop().unwrap();
}

#[test]
fn who_loses_the_use_of_a_key_is_named_when_its_policy_goes() {
    let (cloud, project, id) = key_of_others(&aws(&[ROOT], ""));
    let policy = apart(&id, &aws(&[ROOT, APP], ""), "");
    project.write("main.tf", at_both(cloud.address, &policy));
    project.good(APPLY);
    let ran = project.run(&["plan", "-destroy"]);
    ran.says(&[LOSERS, "the one that is left behind does not", APP]);
    assert!(!ran.stderr.contains(ROOT), "{ran:?}");
    // What is made anew at once is held against what is there now.
    let ran = project.run(&["plan", "-replace=aws_kms_key_policy.p"]);
    assert!(ran.code == Some(0) && !ran.stderr.contains("Warning"), "{ran:?}");
    let less = apart(&id, &aws(&[ROOT], ""), "");
    project.write("main.tf", at_both(cloud.address, &less));
    let ran = project.run(&["plan", "-replace=aws_kms_key_policy.p"]);
    ran.says(&[LOSERS, "and the new one does not"]);
    // Nothing is put in the place of a policy whose writer bypasses the check.
    let stays = apart(&id, &aws(&[ROOT, APP], ""), BYPASS);
    project.write("main.tf", at_both(cloud.address, &stays));
    project.good(APPLY);
    let ran = project.run(&["plan", "-destroy"]);
    assert!(ran.code == Some(0) && !ran.stderr.contains("Warning"), "{ran:?}");
    // Of a key that is made together with its policy nobody loses anything.
    let new = "resource \"aws_kms_key\" \"n\" {\n}\n".to_owned()
        + &apart("X", &aws(&[ROOT], ""), "")
            .replace("\"X\"", "aws_kms_key.n.key_id")
            .replace("\"p\"", "\"n\"")
        + &stays;
    project.write("main.tf", at_both(cloud.address, &new));
    let ran = project.run(&["plan"]);
    assert!(ran.code == Some(0) && !ran.stderr.contains("Warning"), "{ran:?}");
    cloud.stop().unwrap();
}
