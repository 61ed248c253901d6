//! What ends with its container: client keys with their access point, keys and secrets with their instance.

use keyform::sandbox::{Faults, Running};

use super::{Project, REFUSED, at_both, calls, clouds, misbehave};

const APPLY: &[&str] = &["apply", "-auto-approve", "-no-color"];
const DESTROY: &[&str] = &["destroy", "-auto-approve", "-no-color"];
const PLAN: &[&str] = &["plan", "-no-color"];

const APP: &str = "alicloud_kms_application_access_point.app";
const KEY: &str = "-destroy-key=alicloud_kms_client_key.k";
const BY_NAME: &str = "alicloud_kms_application_access_point.app.application_access_point_name";
const BY_TEXT: &str = "\"app\"";

/// An access point that another value of `input` replaces.
fn app(input: u32) -> String {
    format!(
        "resource \"terraform_data\" \"v\" {{\n  input = {input}\n}}\nresource \"alicloud_kms_application_access_point\" \"app\" {{\n  application_access_point_name = \"app\"\n  policies = [\"aa\"]\n  lifecycle {{\n    replace_triggered_by = [terraform_data.v]\n  }}\n}}\n"
    )
}

/// A client key of it.
fn client_key(app: &str, lifecycle: &str) -> String {
    format!(
        "resource \"alicloud_kms_client_key\" \"k\" {{\n  aap_name = {app}\n  password = \"YouPassword123!\"\n  private_key_data_file = \"key.txt\"\n  lifecycle {{\n    {lifecycle}\n  }}\n}}\n"
    )
}

const INSTANCE: &str = "resource \"alicloud_kms_instance\" \"i\" {\n  payment_type = \"PayAsYouGo\"\n  vpc_id = \"vpc-1\"\n  zone_ids = [\"cn-hangzhou-j\", \"cn-hangzhou-k\"]\n  vswitch_ids = [\"vsw-1\"]\n  force_delete_without_backup = \"true\"\n}\n";

/// A key and a secret in it.
fn contents(lifecycle: &str) -> String {
    format!(
        "resource \"alicloud_kms_key\" \"k\" {{\n  dkms_instance_id = alicloud_kms_instance.i.id\n  lifecycle {{\n    {lifecycle}\n  }}\n}}\nresource \"alicloud_kms_secret\" \"s\" {{\n  secret_name = \"s\"\n  secret_data = \"dddddddd\"\n  version_id = \"1\"\n  dkms_instance_id = alicloud_kms_instance.i.id\n  encryption_key_id = alicloud_kms_key.k.id\n  lifecycle {{\n    {lifecycle}\n  }}\n}}\n"
    )
}

/// A project with this in a cloud, applied.
fn applied(text: &str) -> (Running, Project) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at_both(cloud.address, text));
    project.good(APPLY);
    (cloud, project)
}

fn with<'a>(command: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [command, more].concat()
}

/// Nothing has ended, and the books know it.
#[track_caller]
fn all_is_there(cloud: &Running, project: &Project) {
    let ended = [
        "DeleteApplicationAccessPoint",
        "DeleteClientKey",
        "ReleaseKmsInstance",
        "ScheduleKeyDeletion",
        "DeleteSecret",
    ];
    for action in ended {
        assert_eq!(calls(cloud.address, action), 0, "{action}");
    }
    assert_ne!(project.recorded(), Vec::<String>::new());
}

#[test]
fn a_client_key_is_replaced_in_plain_sight_with_its_access_point() {
    let (cloud, project) = applied(&(app(1) + &client_key(BY_NAME, "")));
    let former = project.text("key.txt");
    project.write(
        "main.tf",
        at_both(cloud.address, &(app(2) + &client_key(BY_NAME, ""))),
    );
    project.ends(0, PLAN, &[
        "alicloud_kms_client_key.k must be replaced",
        "lost for ever as soon as alicloud_kms_application_access_point.app, which holds it, is destroyed",
    ]);
    project.ends(REFUSED, APPLY, &["Destruction refused", KEY]);
    all_is_there(&cloud, &project);
    project.ends(0, &with(APPLY, &[KEY]), &["2 added, 1 changed, 2 destroyed"]);
    assert_ne!(project.text("key.txt"), former);
    project.ends(0, PLAN, &["No changes."]);
    cloud.stop().unwrap();
}

#[test]
fn what_protects_a_client_key_holds_when_its_access_point_is_replaced() {
    for lifecycle in ["prevent_destroy = true", "on_destroy = \"retain\""] {
        let text = app(1) + &client_key(BY_NAME, lifecycle);
        let (cloud, project) = applied(&text);
        let replace = format!("-replace={APP}");
        let ran = project.run(&with(APPLY, &[&replace, KEY]));
        assert_eq!(ran.code, Some(REFUSED), "{lifecycle}: {ran:?}");
        ran.says(&["alicloud_kms_client_key.k", APP]);
        all_is_there(&cloud, &project);
        cloud.stop().unwrap();
    }
}

#[test]
fn a_client_key_that_stays_keeps_its_access_point_whether_it_refers_to_it_or_not() {
    let key = client_key(BY_TEXT, "");
    let (cloud, project) = applied(&app(1));
    project.write("main.tf", at_both(cloud.address, &(app(1) + &key)));
    project.good(APPLY);
    let names = format!("-destroy-key={APP}");
    // The block is gone, it is replaced, it is destroyed alone.
    for (text, more) in [
        (key.clone(), vec![]),
        (app(2) + &key, vec![]),
        (
            app(1) + &key,
            vec!["-destroy", "-target=alicloud_kms_application_access_point.app"],
        ),
    ] {
        project.write("main.tf", at_both(cloud.address, &text));
        let all = [APPLY, &more, &[KEY, &names]].concat();
        project.ends(
            REFUSED,
            &all,
            &[
                "Object would be lost with what holds it",
                "alicloud_kms_client_key.k is in",
            ],
        );
        all_is_there(&cloud, &project);
    }
    // A new one is not made in what goes.
    project.write("main.tf", at_both(cloud.address, &app(1)));
    project.good(&with(APPLY, &[KEY]));
    project.write("main.tf", at_both(cloud.address, &(app(2) + &key)));
    project.ends(REFUSED, APPLY, &["Object would be lost with what holds it"]);
    cloud.stop().unwrap();
}

#[test]
fn an_access_point_that_holds_what_nobody_has_recorded_must_be_named() {
    let text = app(1) + &client_key(BY_NAME, "");
    let (cloud, project) = applied(&text);
    project.good(&["state", "rm", "alicloud_kms_client_key.k"]);
    project.write("main.tf", at_both(cloud.address, &app(1)));
    let name = format!("-destroy-key={APP}");
    project.ends(REFUSED, DESTROY, &["Destruction refused", "KAAP.", &name]);
    // It is asked whatever else is taken as recorded.
    project.ends(REFUSED, &with(DESTROY, &["-refresh=false"]), &["KAAP.", &name]);
    misbehave(
        cloud.address,
        r#"[{"action":"ListClientKeys","error":"Forbidden.NoPermission","times":9}]"#,
    );
    project.ends(REFUSED, DESTROY, &["what is in it is unknown", &name]);
    misbehave(cloud.address, "[]");
    all_is_there(&cloud, &project);
    project.good(&with(DESTROY, &[&name]));
    cloud.stop().unwrap();
}

#[test]
fn an_access_point_of_which_the_client_keys_go_too_needs_no_name_of_its_own() {
    let (cloud, project) = applied(&app(1));
    let told = project.good(DESTROY);
    assert!(!told.contains("will be destroyed:\n"), "{told}");
    let key = client_key(BY_NAME, "");
    project.write("main.tf", at_both(cloud.address, &(app(1) + &key)));
    project.good(APPLY);
    project.ends(
        0,
        &with(DESTROY, &[KEY]),
        &["1 key will be destroyed:", "3 destroyed"],
    );
    cloud.stop().unwrap();
}

#[test]
fn keys_and_secrets_that_are_to_stay_keep_their_instance() {
    let name = "-destroy-key=alicloud_kms_instance.i";
    let (cloud, project) = applied(&(INSTANCE.to_owned() + &contents("on_destroy = \"retain\"")));
    project.ends(
        REFUSED,
        &with(DESTROY, &[name]),
        &[
            "alicloud_kms_key.k is in alicloud_kms_instance.i",
            "alicloud_kms_secret.s is in alicloud_kms_instance.i",
        ],
    );
    all_is_there(&cloud, &project);
    cloud.stop().unwrap();
}

#[test]
fn the_block_of_an_instance_is_gone_and_its_key_is_not() {
    let key = |id: &str| {
        format!(
            "resource \"alicloud_kms_key\" \"k\" {{\n  dkms_instance_id = {id}\n  lifecycle {{\n    prevent_destroy = true\n  }}\n}}\n"
        )
    };
    let (cloud, project) = applied(&(INSTANCE.to_owned() + &key("alicloud_kms_instance.i.id")));
    let id = project.good(&["state", "show", "-no-color", "alicloud_kms_instance.i"]);
    let id = id
        .lines()
        .find_map(|line| line.trim().strip_prefix("id "))
        .unwrap();
    let id = id.trim_start_matches([' ', '=']).to_owned();
    project.write("main.tf", at_both(cloud.address, &key(&id)));
    let more = &[
        "-destroy-key=alicloud_kms_instance.i",
        "-destroy-key=alicloud_kms_key.k",
    ];
    project.ends(
        REFUSED,
        &with(APPLY, more),
        &["alicloud_kms_key.k is in alicloud_kms_instance.i"],
    );
    all_is_there(&cloud, &project);
    cloud.stop().unwrap();
}

#[test]
fn keys_of_an_instance_cannot_be_called_back_when_both_go() {
    let (cloud, project) = applied(&(INSTANCE.to_owned() + &contents("")));
    project.ends(
        0,
        &["plan", "-destroy", "-no-color"],
        &["lost for ever as soon as alicloud_kms_instance.i, which holds it, is destroyed"],
    );
    project.write("keyform.policy.hcl", "deletion {\n  window_floor = 7\n}\n");
    let names = [
        "-destroy-key=alicloud_kms_instance.i",
        "-destroy-key=alicloud_kms_key.k",
        "-destroy-key=alicloud_kms_secret.s",
    ];
    project.ends(
        REFUSED,
        &with(DESTROY, &names),
        &[
            "Refused by policy",
            "alicloud_kms_key.k: it would be lost at once",
        ],
    );
    all_is_there(&cloud, &project);
    project.write("keyform.policy.hcl", "");
    project.good(&with(DESTROY, &names));
    cloud.stop().unwrap();
}
