//! What is told of the use of keys before they are destroyed, and keys that are in use.

use keyform::sandbox::{Faults, Running};

use super::approval::at_terminal;
use super::{Project, REFUSED, at, at_both, calls, clouds, misbehave};
use crate::program;

const APPLY: &[&str] = &["apply", "-auto-approve"];
const KEY: &str = "resource \"aws_kms_key\" \"k\" {}\n";
const NAMED: &str = "-destroy-key=aws_kms_key.k";
const IN_USE: &str = "-destroy-key-in-use=aws_kms_key.k";

/// A key with this beside it.
fn with(rest: &str) -> (Running, Project) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, &(KEY.to_owned() + rest)));
    project.good(APPLY);
    (cloud, project)
}

/// Something that was encrypted with the key.
const SECRET: &str =
    "resource \"aws_kms_ciphertext\" \"c\" {\n  key_id    = aws_kms_key.k.id\n  plaintext = \"p\"\n}\n";

/// What a plan says of the key that is to be destroyed.
fn told(project: &Project) -> String {
    let plan = project.good(&["plan", "-destroy", "-no-color"]);
    let lines: Vec<&str> = plan
        .lines()
        .skip_while(|line| !line.contains("will be scheduled for deletion"))
        .collect();
    lines.join("\n")
}

#[test]
fn a_plan_tells_who_would_miss_a_key() {
    let rest = "resource \"aws_kms_alias\" \"a\" {\n  count = 2\n  name = \"alias/a${count.index}\"\n  target_key_id = aws_kms_key.k.id\n}\n";
    let (cloud, project) = with(rest);
    let said = told(&project);
    assert!(said.contains("    no use known since 20"), "{said}");
    assert!(said.contains("; 2 aliases (alias/a0, alias/a1)\n"), "{said}");
    assert!(said.contains("    referred to by aws_kms_alias.a\n"), "{said}");
    assert!(!said.contains("grant") && !said.contains("replica"), "{said}");
    cloud.stop().unwrap();
}

#[test]
fn replicas_of_a_key_are_counted() {
    let cloud = clouds(Faults::default());
    let text = "resource \"aws_kms_key\" \"k\" {\n  multi_region = true\n}\nresource \"aws_kms_replica_key\" \"r\" {\n  region = \"eu-central-1\"\n  primary_key_arn = aws_kms_key.k.arn\n}\n";
    let project = Project::new(&at(cloud.address, text));
    project.good(APPLY);
    let said = told(&project);
    assert_eq!(
        said.matches("; 1 replica key (eu-central-1)\n").count(),
        1,
        "{said}"
    );
    assert!(
        said.contains("    referred to by aws_kms_replica_key.r\n"),
        "{said}"
    );
    cloud.stop().unwrap();
}

#[test]
fn what_cannot_be_asked_fails_no_plan_and_counts_as_in_use() {
    let (cloud, project) = with("");
    misbehave(
        cloud.address,
        r#"[{"action":"GetKeyLastUsage","error":"AccessDeniedException","after":false,"times":1000,"skip":0},
            {"action":"ListGrants","error":"AccessDeniedException","after":false,"times":1000,"skip":0}]"#,
    );
    let said = told(&project);
    assert!(said.contains("    last use unknown\n"), "{said}");
    let refused = &["Destruction refused", IN_USE, "of some nobody could tell"];
    project.ends(REFUSED, &["destroy", "-auto-approve", NAMED], refused);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    // Where no days are asked for, nobody needs to know.
    project.write("keyform.policy.hcl", "in_use {\n  days = 0\n}\n");
    project.good(&["plan", "-destroy", NAMED]);
    project.write("keyform.policy.hcl", "");
    project.good(&["destroy", "-auto-approve", IN_USE]);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 1);
    cloud.stop().unwrap();
}

#[test]
fn who_would_miss_a_lost_key_is_asked_also_where_nothing_is_read() {
    let (cloud, project) = with(SECRET);
    let refused = &[
        "Destruction refused",
        IN_USE,
        "for Encrypt",
        "used in the last 3650 days",
    ];
    project.write("keyform.policy.hcl", "in_use {\n  days = 3650\n}\n");
    let destroy = ["destroy", "-auto-approve", "-refresh=false", NAMED];
    project.ends(REFUSED, &destroy, refused);
    project.good(&["plan", "-destroy", "-refresh=false", NAMED, "-out=p"]);
    project.ends(REFUSED, &["apply", "p"], refused);
    project.write("main.tf", at(cloud.address, ""));
    project.ends(
        REFUSED,
        &["apply", "-auto-approve", "-refresh=false", NAMED],
        refused,
    );
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    cloud.stop().unwrap();
}

#[test]
fn nobody_is_asked_who_would_miss_a_key_that_is_only_disabled_where_nothing_is_read() {
    let (cloud, project) = with("");
    project.write(
        "main.tf",
        at(cloud.address, &kept("on_destroy = \"disable\"", "")),
    );
    let said = project.good(&["plan", "-destroy", "-refresh=false", "-no-color"]);
    assert!(said.contains("    last use unknown\n"), "{said}");
    assert_eq!(calls(cloud.address, "GetKeyLastUsage"), 0);
    cloud.stop().unwrap();
}

/// The key with this in its lifecycle, and this beside it.
fn kept(lifecycle: &str, rest: &str) -> String {
    format!("resource \"aws_kms_key\" \"k\" {{\n  lifecycle {{\n    {lifecycle}\n  }}\n}}\n{rest}")
}

/// A primary key, and a replica with this in its lifecycle.
fn family(lifecycle: &str) -> String {
    format!(
        "resource \"aws_kms_key\" \"k\" {{\n  multi_region = true\n}}\nresource \"aws_kms_replica_key\" \"r\" {{\n  region = \"eu-central-1\"\n  primary_key_arn = aws_kms_key.k.arn\n  lifecycle {{\n    {lifecycle}\n  }}\n}}\n"
    )
}

#[test]
fn a_primary_key_whose_replicas_stay_is_in_use() {
    let refused = &[
        "its deletion begins only when its replica keys are gone, and it is lost for ever 30 days later",
        "1 replica key (eu-central-1)",
        IN_USE,
        "replica keys of some stay",
    ];
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, &family("on_destroy = \"retain\"")));
    project.good(APPLY);
    let ran = project.ends(REFUSED, &["destroy", "-auto-approve", NAMED], refused);
    assert!(!ran.stdout.contains("lost for ever on"), "{ran:?}");
    // No record of the replica is left.
    project.good(&["state", "rm", "aws_kms_replica_key.r"]);
    project.ends(REFUSED, &["destroy", "-auto-approve", NAMED], refused);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    project.good(&["destroy", "-auto-approve", IN_USE]);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 1);
    cloud.stop().unwrap();
}

#[test]
fn a_primary_key_that_goes_with_its_replicas_is_named_as_any_other() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, &family("")));
    project.good(APPLY);
    let said = told(&project);
    assert_eq!(said.matches("its deletion begins only when").count(), 1, "{said}");
    let named = [NAMED, "-destroy-key=aws_kms_replica_key.r"];
    project.good(&[&["destroy", "-auto-approve"], &named[..]].concat());
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 2);
    cloud.stop().unwrap();
}

#[test]
fn a_replica_does_not_go_with_what_only_has_its_id() {
    let cloud = clouds(Faults::default());
    let policy = "resource \"aws_kms_key_policy\" \"p\" {\n  region = \"eu-central-1\"\n  key_id = aws_kms_replica_key.r.id\n  policy = jsonencode({ Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Principal = { AWS = \"*\" }, Action = \"kms:*\", Resource = \"*\" }] })\n}\n";
    let project = Project::new(&at(cloud.address, &format!("{}{policy}", family(""))));
    project.good(APPLY);
    project.good(&["state", "rm", "aws_kms_replica_key.r"]);
    let refused = &["1 replica key (eu-central-1)", IN_USE];
    project.ends(REFUSED, &["destroy", "-auto-approve", NAMED], refused);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    cloud.stop().unwrap();
}

#[test]
fn who_disables_a_key_in_use_is_told_so() {
    let (cloud, project) = with(SECRET);
    let said = &[
        "1 key will be disabled: aws_kms_key.k (",
        "last used on 20",
        "for Encrypt",
        "What was encrypted under it cannot be read until it is enabled again.",
        "Key in use is disabled",
        "It was last used on 20",
        "nobody can use it, and what it encrypted cannot be read until it is enabled again",
    ];
    let retired = kept("on_destroy = \"disable\"", SECRET);
    project.write("main.tf", at(cloud.address, &retired));
    let ran = project.run(&["plan", "-destroy", "-no-color"]);
    ran.says(said);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // It can be undone, so nothing has to be named.
    project.write(
        "main.tf",
        at(
            cloud.address,
            &("resource \"aws_kms_key\" \"k\" {\n  is_enabled = false\n}\n".to_owned() + SECRET),
        ),
    );
    project.run(APPLY).says(said);
    assert_eq!(calls(cloud.address, "DisableKey"), 1);
    // To leave it disabled disables nothing.
    let plan = project.run(&["plan", "-no-color"]);
    assert!(!plan.stdout.contains("will be disabled"), "{plan:?}");
    cloud.stop().unwrap();
}

#[test]
fn a_key_of_alibaba_cloud_that_is_disabled_under_its_secrets_is_told_so() {
    let cloud = clouds(Faults::default());
    let key = |status: &str| format!("resource \"alicloud_kms_key\" \"k\" {{\n  status = \"{status}\"\n}}\n");
    let text = |status: &str| at_both(cloud.address, &of_alicloud(&key(status), "alicloud_kms_key.k.id"));
    let project = Project::new(&text("Enabled"));
    project.good(APPLY);
    project.write("main.tf", text("Disabled"));
    project.run(&["plan", "-no-color"]).says(&[
        "1 key will be disabled: alicloud_kms_key.k (",
        "Key in use is disabled",
        "Secrets are encrypted under it",
    ]);
    cloud.stop().unwrap();
}

#[test]
fn a_key_in_use_is_destroyed_only_where_it_is_named_as_such() {
    let (cloud, project) = with(SECRET);
    let said = told(&project);
    assert!(said.contains(" for Encrypt"), "{said}");
    assert!(
        said.contains("unless -destroy-key-in-use=ADDRESS names it"),
        "{said}"
    );
    let refused = &[
        "Destruction refused",
        IN_USE,
        "on_destroy = \"disable\"",
        "used in the last 90 days",
    ];
    project.ends(REFUSED, &["destroy", "-auto-approve"], refused);
    project.ends(REFUSED, &["destroy", "-auto-approve", NAMED], refused);
    if program::is_installed("script", "--version") {
        // Its id cannot be typed.
        let ran = at_terminal(&project, "destroy -no-color", "yes\n");
        ran.says(&["Destruction refused"]);
        assert_eq!(ran.code, Some(REFUSED), "{ran:?}");
    }
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    project.good(&["destroy", "-auto-approve", IN_USE]);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 1);
    cloud.stop().unwrap();
}

#[test]
fn a_plan_tells_who_would_miss_a_key_that_is_disabled() {
    let rest =
        "resource \"aws_kms_alias\" \"a\" {\n  name = \"alias/a\"\n  target_key_id = aws_kms_key.k.id\n}\n";
    let key = "resource \"aws_kms_key\" \"k\" {\n  lifecycle {\n    on_destroy = \"disable\"\n  }\n}\n";
    let (cloud, project) = with(rest);
    project.write("main.tf", at(cloud.address, &(key.to_owned() + rest)));
    let said = project.good(&["plan", "-destroy", "-no-color"]);
    assert!(
        said.contains("\n\n1 key will be disabled:\n  aws_kms_key.k ("),
        "{said}"
    );
    assert!(said.contains(")\n    no use known since 20"), "{said}");
    assert!(
        said.contains("; 1 alias (alias/a)\n    referred to by aws_kms_alias.a\n"),
        "{said}"
    );
    cloud.stop().unwrap();
}

#[test]
fn a_saved_plan_is_refused_too_where_a_key_is_in_use() {
    let (cloud, project) = with(SECRET);
    project.good(&["plan", "-destroy", NAMED, "-out=p"]);
    project.ends(REFUSED, &["apply", "p"], &["Destruction refused", IN_USE]);
    project.good(&["apply", IN_USE, "p"]);
    project.good(APPLY);
    project.good(&["plan", "-destroy", IN_USE, "-out=p"]);
    project.good(&["apply", "p"]);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 2);
    cloud.stop().unwrap();
}

#[test]
fn a_policy_says_how_long_a_use_is_recent() {
    let (cloud, project) = with(SECRET);
    project.write("keyform.policy.hcl", "in_use {\n  days = 0\n}\n");
    project.ends(
        REFUSED,
        &["destroy", "-auto-approve"],
        &["Destruction refused", NAMED],
    );
    project.good(&["destroy", "-auto-approve", NAMED]);
    cloud.stop().unwrap();
}

/// A key of Alibaba Cloud with an alias, and a secret that it encrypts.
fn of_alicloud(key: &str, id: &str) -> String {
    format!(
        "{key}resource \"alicloud_kms_secret\" \"s\" {{\n  secret_name = \"s\"\n  secret_data = \"d\"\n  version_id = \"1\"\n  encryption_key_id = {id}\n}}\nresource \"alicloud_kms_alias\" \"a\" {{\n  alias_name = \"alias/a\"\n  key_id = {id}\n}}\n"
    )
}

#[test]
fn a_key_of_alibaba_cloud_that_encrypts_a_secret_is_in_use() {
    let cloud = clouds(Faults::default());
    let key = "resource \"alicloud_kms_key\" \"k\" {}\n";
    let text =
        of_alicloud(key, "alicloud_kms_key.k.id") + "output \"id\" {\n  value = alicloud_kms_key.k.id\n}\n";
    let project = Project::new(&at_both(cloud.address, &text));
    project.good(APPLY);
    let id = project.good(&["output", "id"]).trim().to_owned();
    project.write("main.tf", at_both(cloud.address, &of_alicloud("", &id)));
    let said = &[
        "Destruction refused",
        "its cloud does not tell when it was used last; 1 alias (alias/a); 1 secret (s)",
        "referred to by alicloud_kms_alias.a, alicloud_kms_secret.s",
        "-destroy-key-in-use=alicloud_kms_key.k",
        "The safe way has three steps",
    ];
    project.ends(REFUSED, APPLY, said);
    project.ends(
        REFUSED,
        &[APPLY, &["-destroy-key=alicloud_kms_key.k"]].concat(),
        said,
    );
    project.good(&["plan", "-out=p"]);
    let json: serde_json::Value = serde_json::from_str(&project.good(&["show", "-json", "p"])).unwrap();
    let changes = json["resource_changes"].as_array().unwrap();
    let told = changes
        .iter()
        .find(|one| one["address"] == "alicloud_kms_key.k")
        .unwrap();
    let usage = &told["keyform"]["usage"];
    assert_eq!(usage["secrets"][0], "s", "{usage}");
    assert_eq!(usage["in_use"], true);
    assert_eq!(usage["tells_last_use"], false);
    // What goes with it does not miss it.
    project.write("main.tf", at_both(cloud.address, &text));
    let named = [
        "destroy",
        "-auto-approve",
        "-destroy-key=alicloud_kms_key.k",
        "-destroy-key=alicloud_kms_secret.s",
    ];
    project.good(&named);
    cloud.stop().unwrap();
}

#[test]
fn a_protected_key_of_alibaba_cloud_is_told_as_such() {
    let cloud = clouds(Faults::default());
    let key = "resource \"alicloud_kms_key\" \"k\" {\n  deletion_protection = \"Enabled\"\n  lifecycle {\n    on_destroy = \"disable\"\n  }\n}\n";
    let project = Project::new(&at_both(cloud.address, key));
    project.good(APPLY);
    let said = project.good(&["plan", "-destroy", "-no-color"]);
    assert!(said.contains("last; protected from deletion\n"), "{said}");
    cloud.stop().unwrap();
}

#[test]
fn a_secret_does_not_go_with_what_only_has_its_name() {
    let cloud = clouds(Faults::default());
    let text = "resource \"alicloud_kms_key\" \"k\" {}\noutput \"id\" {\n  value = alicloud_kms_key.k.id\n}\nresource \"alicloud_kms_application_access_point\" \"a\" {\n  application_access_point_name = \"s\"\n  policies = [\"p\"]\n}\n";
    let project = Project::new(&at_both(cloud.address, text));
    project.good(APPLY);
    let id = project.good(&["output", "id"]).trim().to_owned();
    let elsewhere = Project::new(&at_both(cloud.address, &of_alicloud("", &id)));
    elsewhere.good(APPLY);
    let destroy = ["destroy", "-auto-approve", "-destroy-key=alicloud_kms_key.k"];
    let refused = &["1 secret (s)", "-destroy-key-in-use=alicloud_kms_key.k"];
    project.ends(REFUSED, &destroy, refused);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    cloud.stop().unwrap();
}
