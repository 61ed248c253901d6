//! Objects of other accounts and regions than those that are asked: what is recorded there is not gone, and what an ARN names there
//! is not what has the same id here.

use keyform::sandbox::Faults;

use super::{Project, REFUSED, at_both, clouds};

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

#[test]
fn an_arn_of_another_place_is_not_taken_for_what_has_the_id_here() {
    let cloud = clouds(Faults::default());
    let secret = "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"q\"\n  secret_data = \"d\"\n  version_id = \"1\"\n}\n";
    let alias = "resource \"alicloud_kms_key\" \"k\" {}\nresource \"alicloud_kms_alias\" \"a\" {\n  alias_name = \"alias/q\"\n  key_id = alicloud_kms_key.k.id\n}\n";
    let key = "resource \"aws_kms_key\" \"k\" {}\n";
    let made = Project::new(&at_both(cloud.address, &(secret.to_owned() + alias + key)));
    made.good(&["apply", "-auto-approve"]);
    let state: serde_json::Value = serde_json::from_str(&made.text("terraform.tfstate")).unwrap();
    let resources = state["resources"].as_array().unwrap().iter();
    let aws = resources.map(|one| &one["instances"][0]["attributes"]["arn"]);
    let aws = aws
        .filter_map(|arn| arn.as_str())
        .find(|arn| arn.starts_with("arn:"));
    let aws = aws.unwrap();
    for (addr, own) in [
        (
            "alicloud_kms_secret.s",
            "acs:kms:cn-hangzhou:1234567890123456:secret/q",
        ),
        (
            "alicloud_kms_alias.a",
            "acs:kms:cn-hangzhou:1234567890123456:alias/q",
        ),
        ("aws_kms_key.k", aws),
    ] {
        let other = own.replace("123456789012", "999956789012");
        let mut wrong = vec![other.clone()];
        if addr.starts_with("alicloud") {
            wrong.push(own.replace("cn-hangzhou", "cn-beijing"));
        }
        let project = Project::new(&at_both(cloud.address, &(secret.to_owned() + alias + key)));
        for arn in &wrong {
            let said = ["Object of another place", arn, "give its id in place of the ARN"];
            project.bad(&["import", addr, arn], &said);
        }
        let import = format!("import {{\n  to = {addr}\n  id = \"{other}\"\n}}\n");
        project.write("import.tf", &import);
        project.bad(&["plan"], &["Object of another place"]);
        project.write("import.tf", "");
        assert_eq!(project.recorded(), [""; 0]);
        project.good(&["import", addr, own]);
        assert_eq!(project.recorded(), [addr]);
    }
    cloud.stop().unwrap();
}

#[test]
fn what_has_no_arn_is_in_the_account_of_what_is_recorded_beside_it() {
    let cloud = clouds(Faults::default());
    let point = "resource \"alicloud_kms_key\" \"k\" {}\nresource \"alicloud_kms_application_access_point\" \"o\" {\n  application_access_point_name = \"place7\"\n  policies = [\"p\"]\n}\n";
    let grant = "resource \"aws_kms_key\" \"k\" {}\nresource \"aws_kms_grant\" \"o\" {\n  key_id = aws_kms_key.k.id\n  grantee_principal = \"arn:aws:iam::123456789012:role/r\"\n  operations = [\"Decrypt\"]\n}\n";
    for (block, account) in [(point, "1234567890123456"), (grant, "123456789012")] {
        let project = Project::new(&at_both(cloud.address, block));
        project.good(&["apply", "-auto-approve"]);
        let state = project.text("terraform.tfstate");
        let recorded: serde_json::Value = serde_json::from_str(&state).unwrap();
        let all = recorded["resources"].as_array().unwrap().iter();
        let object = all.map(|one| (&one["name"], &one["instances"][0]["attributes"]));
        let (_, object) = object.clone().find(|(name, _)| *name == "o").unwrap();
        let name = object["grant_id"].as_str().unwrap_or("place7");
        let lost = state.replace(name, "lost");
        project.write("terraform.tfstate", &lost);
        project
            .run(&["plan"])
            .says(&["1 to add, 0 to change, 0 to destroy"]);
        let other = account.replace('1', "9");
        let (own, away) = (format!(":{account}:key"), format!(":{other}:key"));
        project.write("terraform.tfstate", lost.replace(&own, &away));
        let beside = format!("recorded beside objects of the account {other}");
        let said = [
            "Credentials of another account",
            account,
            &beside,
            "keyform state rm",
        ];
        project.bad(&["plan"], &said);
        project.bad(&["apply", "-auto-approve"], &said);
        let address = project.recorded().into_iter().find(|addr| addr.ends_with(".o"));
        project.good(&["state", "rm", &address.unwrap()]);
        project.ends(0, &["plan"], &["1 to add"]);
    }
    cloud.stop().unwrap();
}

#[test]
fn the_sandbox_changes_no_state_of_real_objects() {
    let cloud = clouds(Faults::default());
    let block = "resource \"alicloud_kms_application_access_point\" \"a\" {\n  application_access_point_name = \"x\"\n  policies = [\"p\"]\n}\nresource \"alicloud_kms_client_key\" \"c\" {\n  aap_name = alicloud_kms_application_access_point.a.id\n  password = \"Abcdefg1234!\"\n}\nresource \"aws_kms_key\" \"k\" {}\nresource \"aws_kms_key\" \"l\" {}\n";
    let project = Project::new(&at_both(cloud.address, block));
    project.good(&["apply", "-auto-approve"]);
    project.good(&["state", "rm", "aws_kms_key.l"]);
    let state = project.text("terraform.tfstate");
    let said = [
        "State was not made with the sandbox",
        "leave -sandbox out",
        "keyform workspace new sandbox",
        "keyform state rm ADDRESS",
    ];
    project.good(&["plan", "-sandbox", "-out=p"]);
    for command in [
        &["apply", "-sandbox", "-auto-approve"][..],
        &["apply", "p"],
        &["destroy", "-sandbox", "-auto-approve"],
        &["refresh", "-sandbox"],
        &["import", "-sandbox", "aws_kms_key.l", "1234"],
        &["recover", "-sandbox", "-from-cloud"],
    ] {
        project.ends(REFUSED, command, &said);
        assert_eq!(project.text("terraform.tfstate"), state, "{command:?}");
    }
    // What is made with it is changed with it, and what is real stays real.
    project.good(&["workspace", "new", "sandbox"]);
    project.good(&["apply", "-sandbox", "-auto-approve"]);
    project.good(&["apply", "-sandbox", "-auto-approve"]);
    project.good(&["workspace", "select", "default"]);
    project.ends(REFUSED, &["apply", "-sandbox", "-auto-approve"], &said);
    project.ends(
        0,
        &["apply", "-auto-approve"],
        &["1 added, 0 changed, 0 destroyed"],
    );
    cloud.stop().unwrap();
}
