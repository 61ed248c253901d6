//! The policy of an organisation, and what a plan tells beside its differences.

use keyform::sandbox::Faults;

use super::{Project, REFUSED, Ran, at_both, calls, clouds, ran};

const APPLY: &[&str] = &["apply", "-auto-approve"];

/// A key of each cloud with these windows.
fn keys(aws: &str, alicloud: &str) -> String {
    format!(
        "resource \"aws_kms_key\" \"k\" {{\n{aws}}}\nresource \"alicloud_kms_key\" \"k\" {{\n{alicloud}}}\n"
    )
}

const FLOOR: &str = "deletion {\n  window_floor = 30\n}\n";

#[test]
fn no_key_is_destroyed_in_fewer_days_than_the_policy_asks_for() {
    let cloud = clouds(Faults::default());
    let short = keys(
        "  deletion_window_in_days = 7\n",
        "  pending_window_in_days = 7\n",
    );
    let project = Project::new(&at_both(cloud.address, &short));
    project.good(APPLY);
    project.good(&[
        "plan",
        "-destroy",
        "-destroy-key=aws_kms_key.k",
        "-destroy-key=alicloud_kms_key.k",
        "-out=p",
    ]);
    project.write("keyform.policy.hcl", FLOOR);
    let said = &[
        "Refused by policy",
        "aws_kms_key.k: its deletion window is 7 days, and the policy asks for 30 at least",
        "alicloud_kms_key.k: its deletion window is 7 days",
        "keyform.policy.hcl:2:18",
    ];
    let destroy = &[
        "destroy",
        "-auto-approve",
        "-destroy-key=aws_kms_key.k",
        "-destroy-key=alicloud_kms_key.k",
    ];
    project.ends(REFUSED, &["plan"], said);
    project.ends(REFUSED, APPLY, said);
    project.ends(REFUSED, destroy, said);
    // A plan that was saved before there was a policy is no way around it.
    project.ends(REFUSED, &["apply", "p"], said);
    project.good(&["show", "p"]);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    project.write("main.tf", at_both(cloud.address, &keys("", "")));
    project.good(APPLY);
    project.good(destroy);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 2);
    cloud.stop().unwrap();
}

#[test]
fn what_is_lost_at_once_is_not_destroyed_under_a_floor() {
    let cloud = clouds(Faults::default());
    let text = r#"
resource "alicloud_kms_application_access_point" "app" {
  application_access_point_name = "app"
  policies                      = ["aa"]
}
resource "alicloud_kms_client_key" "k" {
  aap_name              = alicloud_kms_application_access_point.app.application_access_point_name
  password              = "YouPassword123!"
  private_key_data_file = "./key.txt"
}
resource "alicloud_kms_instance" "i" {
  payment_type = "PayAsYouGo"
  vpc_id       = "vpc-1"
  zone_ids     = ["cn-hangzhou-j", "cn-hangzhou-k"]
  vswitch_ids  = ["vsw-1"]
}
"#;
    let project = Project::new(&at_both(cloud.address, text));
    project.write("keyform.policy.hcl", FLOOR);
    // Such objects may be made.
    project.good(APPLY);
    let named = [
        "-destroy-key=alicloud_kms_client_key.k",
        "-destroy-key=alicloud_kms_instance.i",
    ];
    for command in [&["destroy", "-auto-approve"][..], &["plan", "-destroy"]] {
        let said = &[
            "Refused by policy",
            "alicloud_kms_client_key.k: it would be lost at once, and the policy asks for 30 days at least",
            "alicloud_kms_instance.i: it would be lost at once",
            "keyform.policy.hcl:2:18",
        ];
        project.ends(REFUSED, &[command, &named[..]].concat(), said);
    }
    assert_eq!(calls(cloud.address, "DeleteClientKey"), 0);
    assert_eq!(calls(cloud.address, "ReleaseKmsInstance"), 0);
    project.write("keyform.policy.hcl", "");
    project.good(&["plan", "-destroy"]);
    cloud.stop().unwrap();
}

#[test]
fn material_that_expires_sooner_is_said_and_refused_under_a_floor() {
    let cloud = clouds(Faults::default());
    let key = |valid_to: &str| {
        let text = format!(
            "resource \"aws_kms_external_key\" \"k\" {{\n  key_material_base64 = base64encode(\"0123456789abcdef0123456789abcdef\")\n  valid_to = {valid_to}\n}}\n"
        );
        at_both(cloud.address, &text)
    };
    let after = |hours: i32| key(&format!("timeadd(plantimestamp(), \"{hours}h\")"));
    let project = Project::new(&key("null"));
    project.good(APPLY);
    project.write("keyform.policy.hcl", FLOOR);
    project.write("main.tf", after(72));
    let said = &[
        "Refused by policy",
        "aws_kms_external_key.k: its material expires in 3 days, and the policy asks for 30 at least",
    ];
    project.ends(REFUSED, APPLY, said);
    assert_eq!(calls(cloud.address, "ImportKeyMaterial"), 1);
    // Far enough away it is only said.
    project.write("main.tf", after(7_200));
    let ran = project.run(&[APPLY, &["-no-color"]].concat());
    ran.says(&[
        "To be known of this plan:",
        "aws_kms_external_key.k: its material expires on 2",
        "UTC, and up to now it expires never.",
        "without a copy of it that is lost for ever",
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    project.write("main.tf", after(8_000));
    let plan = project.good(&["plan", "-no-color"]);
    assert!(
        plan.contains("1 to change") && !plan.contains("To be known"),
        "{plan}"
    );
    // Without a floor it is said too, and done.
    project.write("keyform.policy.hcl", "");
    project.write("main.tf", after(72));
    project.run(APPLY).says(&["and up to now it expires on 2"]);
    assert_eq!(calls(cloud.address, "ImportKeyMaterial"), 3);
    cloud.stop().unwrap();
}

/// Runs a plan under the policy in a file elsewhere.
fn under(project: &Project, policy: &str) -> Ran {
    let mut command = project.command(&["plan", "-no-color"]);
    command.env("KEYFORM_POLICY", policy);
    ran(command)
}

#[test]
fn the_policy_that_the_environment_names_wins() {
    let project = Project::new("resource \"terraform_data\" \"d\" {}");
    let other = tempfile::tempdir().unwrap();
    let path = other.path().join("policy.hcl");
    project.write("keyform.policy.hcl", "wrong {}\n");
    project.bad(&["plan"], &["Blocks of type \"wrong\""]);
    fs_err::write(&path, FLOOR).unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(under(&project, path).code, Some(0));
    for (wrong, why) in [
        ("keyform.policy.hcl", "absolute path"),
        ("/nowhere/p.hcl", "/nowhere/p.hcl"),
        ("/dev/zero", "not a regular file"),
    ] {
        let ran = under(&project, wrong);
        ran.says(&["Failed to read the policy", why]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
    }
}

#[test]
fn a_window_that_becomes_shorter_is_said() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at_both(cloud.address, &keys("", "")));
    project.good(APPLY);
    let shorter = keys(
        "  deletion_window_in_days = 7\n",
        "  pending_window_in_days = 8\n",
    );
    project.write("main.tf", at_both(cloud.address, &shorter));
    let plan = project.good(&["plan", "-no-color"]);
    for said in [
        "  aws_kms_key.k: its deletion window becomes shorter: once it is destroyed it can be called back for 7 days, not for 30.",
        "  alicloud_kms_key.k: its deletion window becomes shorter: once it is destroyed it can be called back for 8 days, not for 30.",
    ] {
        assert!(plan.contains(said), "{plan}");
    }
    project.good(APPLY);
    project.write("main.tf", at_both(cloud.address, &keys("", "")));
    assert!(!project.good(&["plan"]).contains("window becomes"));
    cloud.stop().unwrap();
}

/// Two keys of each cloud and an alias for one of them.
fn aliases(of: &str) -> String {
    format!(
        "resource \"aws_kms_key\" \"a\" {{}}\nresource \"aws_kms_key\" \"b\" {{}}\nresource \"aws_kms_alias\" \"n\" {{\n  name = \"alias/app\"\n  target_key_id = aws_kms_key.{of}.key_id\n}}\nresource \"alicloud_kms_key\" \"a\" {{}}\nresource \"alicloud_kms_key\" \"b\" {{}}\nresource \"alicloud_kms_alias\" \"n\" {{\n  alias_name = \"alias/app\"\n  key_id = alicloud_kms_key.{of}.id\n}}\n"
    )
}

#[test]
fn a_plan_that_moves_an_alias_tells_what_follows() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at_both(cloud.address, &aliases("a")));
    project.good(APPLY);
    let quiet = project.good(&["plan", "-no-color"]);
    assert!(!quiet.contains("To be known"), "{quiet}");
    project.write("main.tf", at_both(cloud.address, &aliases("b")));
    let plan = project.good(&["plan", "-no-color", "-out=p"]);
    for said in [
        "  aws_kms_alias.n: from now on what is encrypted under alias/app uses the key ",
        "  alicloud_kms_alias.n: from now on what is encrypted under alias/app uses the key ",
        " is still needed to decrypt what was encrypted before: do not destroy it in the same run.",
    ] {
        assert!(plan.contains(said), "{plan}");
    }
    let json: serde_json::Value = serde_json::from_str(&project.good(&["show", "-json", "p"])).unwrap();
    let changes = json["resource_changes"].as_array().unwrap();
    let kinds: Vec<&str> = changes
        .iter()
        .filter_map(|change| change["keyform"]["notes"][0]["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["alias_target", "alias_target"]);
    let gone = aliases("b")
        .replace("resource \"aws_kms_key\" \"a\" {}\n", "")
        .replace("resource \"alicloud_kms_key\" \"a\" {}\n", "");
    project.write("main.tf", at_both(cloud.address, &gone));
    let refused = [
        "Destruction refused",
        "and this plan destroys it (aws_kms_key.a)",
        "and this plan destroys it (alicloud_kms_key.a)",
    ];
    project.ends(REFUSED, APPLY, &refused);
    assert_eq!(calls(cloud.address, "UpdateAlias"), 0);
    cloud.stop().unwrap();
}

#[test]
fn a_policy_does_not_vanish_by_a_link_that_leads_nowhere_or_an_empty_variable() {
    let project = Project::new("resource \"terraform_data\" \"d\" {}");
    project.good(&["plan"]);
    let ran = under(&project, "");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    ran.says(&[
        "Failed to read the policy",
        "KEYFORM_POLICY is set, and empty",
        "unset it",
    ]);
    std::os::unix::fs::symlink("/nowhere/policy.hcl", project.path("keyform.policy.hcl")).unwrap();
    let said = ["The policy file keyform.policy.hcl cannot be read"];
    project.bad(&["plan"], &said);
    project.bad(&["apply", "-auto-approve"], &said);
}
