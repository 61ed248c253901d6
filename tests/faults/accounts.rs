//! Recorded keys that are not found: because the credentials are those of another account, or because they are gone.

use keyform::sandbox::Faults;

use keyform::sandbox::{AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY};

use super::{Project, Ran, at_both, calls, clouds, misbehave, ran};

#[test]
fn a_key_of_another_account_is_not_taken_for_gone() {
    let cloud = clouds(Faults::default());
    for (block, account) in [
        ("resource \"aws_kms_key\" \"k\" {\n}\n", "123456789012"),
        ("resource \"alicloud_kms_key\" \"k\" {\n}\n", "1234567890123456"),
    ] {
        let project = Project::new(&at_both(cloud.address, block));
        project.good(&["apply", "-auto-approve"]);
        let state = project.text("terraform.tfstate");
        let recorded: serde_json::Value = serde_json::from_str(&state).unwrap();
        let id = recorded["resources"][0]["instances"][0]["attributes"]["id"].clone();
        let lost = state.replace(id.as_str().unwrap(), "lost");
        // Found, or gone in its own account: as ever.
        project.good(&["plan", "-detailed-exitcode"]);
        project.write("terraform.tfstate", &lost);
        project
            .run(&["plan"])
            .says(&["1 to add, 0 to change, 0 to destroy"]);
        let other = account.replace('1', "9");
        project.write("terraform.tfstate", lost.replace(account, &other));
        let said = [
            "Credentials of another account",
            account,
            &other,
            "lost was not found",
        ];
        project.bad(&["plan"], &said);
        project.bad(&["apply", "-auto-approve"], &said);
        project.bad(&["drift"], &said);
    }
    cloud.stop().unwrap();
}

#[test]
fn a_protected_key_that_is_gone_is_told() {
    let cloud = clouds(Faults::default());
    let protected = "  lifecycle {\n    prevent_destroy = true\n  }\n";
    for (more, is_told) in [(protected, true), ("", false)] {
        let block = format!("resource \"aws_kms_key\" \"k\" {{\n{more}}}\n");
        let project = Project::new(&at_both(cloud.address, &block));
        project.good(&["apply", "-auto-approve"]);
        let state = project.text("terraform.tfstate");
        let recorded: serde_json::Value = serde_json::from_str(&state).unwrap();
        let id = recorded["resources"][0]["instances"][0]["attributes"]["id"].clone();
        project.write("terraform.tfstate", state.replace(id.as_str().unwrap(), "lost"));
        let ran = project.run(&["plan"]);
        ran.says(&["1 to add, 0 to change, 0 to destroy"]);
        let told = ran.stderr.contains("Warning: Protected object is gone");
        assert_eq!(told, is_told, "{ran:?}");
    }
    cloud.stop().unwrap();
}

/// A folder whose credentials are those of the profile "a", or of "b", which is of another account.
fn of_two(address: std::net::SocketAddr, blocks: &str) -> Project {
    let provider = format!(
        "provider \"aws\" {{\n  region = \"eu-west-1\"\n  endpoints {{\n    kms = \"http://{address}\"\n    sts = \"http://{address}\"\n  }}\n}}\n"
    );
    let project = Project::new(&format!("{provider}{blocks}"));
    project.write(
        "profiles",
        format!(
            "[profile a]\naws_access_key_id = {AWS_ACCESS_KEY_ID}\naws_secret_access_key = {AWS_SECRET_ACCESS_KEY}\n[profile b]\nrole_arn = arn:aws:iam::999999999999:role/x\nsource_profile = a\n"
        ),
    );
    project
}

fn run_as(project: &Project, profile: &str, arguments: &[&str]) -> Ran {
    let mut command = project.command(arguments);
    command
        .env("AWS_PROFILE", profile)
        .env("AWS_CONFIG_FILE", project.path("profiles"))
        .env("AWS_SHARED_CREDENTIALS_FILE", project.path("none"));
    ran(command)
}

const APPLY: &[&str] = &["apply", "-auto-approve"];
const SAID: &[&str] = &["Credentials of another account", "123456789012", "999999999999"];

#[test]
fn nothing_is_done_with_the_credentials_of_another_account() {
    let cloud = clouds(Faults::default());
    let key = "resource \"aws_kms_key\" \"k\" {\n  description = \"DESCRIPTION\"\n}\n";
    let project = of_two(cloud.address, key);
    assert_eq!(run_as(&project, "a", APPLY).code, Some(0));
    let state = project.text("terraform.tfstate");
    let in_use = "-destroy-key-in-use=aws_kms_key.k";
    // Planned with the right ones.
    let planned = run_as(&project, "a", &["plan", "-destroy", in_use, "-out=saved"]);
    assert_eq!(planned.code, Some(0), "{planned:?}");
    // Or not looked at while planning.
    let blindly = ["destroy", "-auto-approve", "-refresh=false", in_use];
    for arguments in [&["apply", "saved"][..], &blindly] {
        let other = run_as(&project, "b", arguments);
        assert_eq!(other.code, Some(1), "{other:?}");
        other.says(SAID);
    }
    let more = format!("{key}resource \"aws_kms_key\" \"l\" {{}}\n");
    let text = project
        .text("main.tf")
        .replace(key, &more.replace("DESCRIPTION", "other"));
    project.write("main.tf", text);
    let other = run_as(&project, "b", &[APPLY, &["-refresh=false"]].concat());
    assert_eq!(other.code, Some(1), "{other:?}");
    other.says(SAID);
    assert_eq!(project.text("terraform.tfstate"), state);
    for (action, times) in [
        ("CreateKey", 1),
        ("ScheduleKeyDeletion", 0),
        ("UpdateKeyDescription", 0),
    ] {
        assert_eq!(calls(cloud.address, action), times, "{action}");
    }
    assert_eq!(run_as(&project, "a", APPLY).code, Some(0));
    cloud.stop().unwrap();
}

#[test]
fn where_nobody_tells_the_account_work_goes_on() {
    let cloud = clouds(Faults::default());
    let project = of_two(cloud.address, "resource \"aws_kms_key\" \"k\" {\n}\n");
    misbehave(
        cloud.address,
        r#"[{"action":"GetCallerIdentity","error":"AccessDenied"}]"#,
    );
    assert_eq!(run_as(&project, "a", APPLY).code, Some(0));
    assert_eq!(
        run_as(
            &project,
            "a",
            &["destroy", "-auto-approve", "-destroy-key=aws_kms_key.k"]
        )
        .code,
        Some(0)
    );
    cloud.stop().unwrap();
}

#[test]
fn an_object_of_the_same_name_in_another_account_is_another_one() {
    let cloud = clouds(Faults::default());
    let alias = "resource \"aws_kms_key\" \"k\" {\n}\nresource \"aws_kms_alias\" \"o\" {\n  name = \"alias/prod\"\n  target_key_id = aws_kms_key.k.id\n}\n";
    let secret = "resource \"alicloud_kms_secret\" \"o\" {\n  secret_name = \"prod\"\n  secret_data = \"d\"\n  version_id = \"1\"\n}\n";
    for (blocks, account) in [(alias, "123456789012"), (secret, "1234567890123456")] {
        let project = Project::new(&at_both(cloud.address, blocks));
        project.good(APPLY);
        let state = project.text("terraform.tfstate");
        let other = account.replace('1', "9");
        project.write("terraform.tfstate", state.replace(account, &other));
        let said = ["Credentials of another account", account, &*other];
        project.bad(&["plan"], &said);
        project.bad(&["destroy", "-auto-approve"], &said);
        let destroy = ["destroy", "-auto-approve", "-refresh=false"];
        let named = ["-destroy-key=aws_kms_key.k", "-destroy-key=alicloud_kms_secret.o"];
        let named = if blocks == alias { named[0] } else { named[1] };
        project.bad(&[&destroy[..], &[named]].concat(), &said);
    }
    for action in ["DeleteAlias", "DeleteSecret", "ScheduleKeyDeletion"] {
        assert_eq!(calls(cloud.address, action), 0, "{action}");
    }
    cloud.stop().unwrap();
}
