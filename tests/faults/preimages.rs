//! Objects that carry neither a tag nor a name, and whose creation was not answered: told by what was not there before.

use keyform::sandbox::Faults;

use super::replacements::age;
use super::{Project, UNSETTLED, at_both as at, calls, clouds, misbehave};

const APPLY: &[&str] = &["apply", "-auto-approve"];

const KEY: &str = "resource \"alicloud_kms_key\" \"k\" {\n  key_spec = \"EC_P256\"\n}\n";
const POINT: &str = "resource \"alicloud_kms_application_access_point\" \"p\" {\n  application_access_point_name = \"p\"\n  policies = [\"p\"]\n}\n";

fn version(name: &str) -> String {
    format!("resource \"alicloud_kms_key_version\" \"{name}\" {{\n  key_id = alicloud_kms_key.k.id\n}}\n")
}

fn client_key(name: &str) -> String {
    format!(
        "resource \"alicloud_kms_client_key\" \"{name}\" {{\n  aap_name = alicloud_kms_application_access_point.p.id\n  password = \"password-1\"\n  private_key_data_file = \"{name}.json\"\n}}\n"
    )
}

/// The next creations fail like this.
fn lose(cloud: &keyform::sandbox::Running, action: &str, after: bool, times: u32) {
    let rule =
        format!(r#"[{{"action":"{action}","error":"close","after":{after},"times":{times},"skip":0}}]"#);
    misbehave(cloud.address, &rule);
}

#[test]
fn the_one_new_version_is_taken_over() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, &format!("{KEY}{}", version("a"))));
    lose(&cloud, "CreateKeyVersion", true, 1);
    project.ends(UNSETTLED, APPLY, &["Object may exist without being recorded"]);
    assert!(
        project
            .text("terraform.tfstate.journal")
            .contains("\"before\":[\"")
    );
    let plan = project.run(&["plan", "-out=saved"]);
    plan.says(&["1 to import, 0 to add, 0 to change, 0 to destroy"]);
    project.good(&["apply", "saved"]);
    assert_eq!(calls(cloud.address, "CreateKeyVersion"), 1);
    assert_eq!(
        project.recorded(),
        ["alicloud_kms_key.k", "alicloud_kms_key_version.a"]
    );
    assert!(project.good(&["plan"]).contains("No changes"));
    cloud.stop().unwrap();
}

/// The ids among which the user is told to choose for the address.
fn choices(project: &Project, address: &str) -> Vec<String> {
    let told = project.run(&["plan"]).stderr.replace(['\n', ' '], "");
    let adopts = format!("-adopt'{address}=");
    let ids = told.split(&adopts).skip(1);
    let ids = ids.filter_map(|rest| Some(rest.split_once('\'')?.0.to_owned()));
    ids.filter(|id| id != "ID").collect()
}

/// The key of this address is taken over.
fn adopt(project: &Project, address: &str, id: &str) {
    let ran = project.run(&["recover", "-adopt", &format!("{address}={id}")]);
    assert!(project.recorded().iter().any(|one| one == address), "{ran:?}");
}

#[test]
fn what_is_recorded_is_nobody_elses() {
    let cloud = clouds(Faults::default());
    let text = format!("{POINT}{}{}", client_key("a"), client_key("b"));
    let project = Project::new(&at(cloud.address, &text));
    // Both look at the same list before. One of them is not answered.
    lose(&cloud, "CreateClientKey", true, 1);
    project.ends(UNSETTLED, APPLY, &["Object may exist without being recorded"]);
    assert_eq!(calls(cloud.address, "CreateClientKey"), 2);
    let recorded = project.recorded();
    let open = ["a", "b"].map(|name| format!("alicloud_kms_client_key.{name}"));
    let open: Vec<&String> = open.iter().filter(|one| !recorded.contains(one)).collect();
    assert_eq!((recorded.len(), open.len()), (2, 1));
    assert_eq!(choices(&project, open[0]).len(), 1);
    cloud.stop().unwrap();
}

#[test]
fn of_two_that_are_open_at_once_neither_takes_what_the_other_may_have_made() {
    let (a, b) = ("alicloud_kms_key_version.a", "alicloud_kms_key_version.b");
    let cloud = clouds(Faults::default());
    let text = format!("{KEY}{}{}", version("a"), version("b"));
    let project = Project::new(&at(cloud.address, &text));
    // The cloud makes one version a week: nobody knows which of the two requests came first.
    lose(&cloud, "CreateKeyVersion", true, 2);
    project.ends(UNSETTLED, APPLY, &["Object may exist without being recorded"]);
    assert_eq!(calls(cloud.address, "CreateKeyVersion"), 2);
    let told = choices(&project, a);
    assert_eq!(told.len(), 1);
    assert_eq!(choices(&project, b), told);
    project.ends(UNSETTLED, APPLY, &["Object may be one of those that are new"]);
    assert_eq!(project.recorded(), ["alicloud_kms_key.k"]);
    // One word settles it: to the other nothing is left.
    adopt(&project, b, &told[0]);
    assert!(choices(&project, a).is_empty());
    project.ends(UNSETTLED, APPLY, &["apply makes it anew after"]);
    assert_eq!(calls(cloud.address, "CreateKeyVersion"), 2);
    cloud.stop().unwrap();
}

#[test]
fn the_versions_of_another_key_are_not_mistaken_for_the_new_one() {
    let keys = KEY.to_owned() + &KEY.replace("\"k\"", "\"other\"");
    let text = |key: &str| {
        format!(
            "{keys}resource \"alicloud_kms_alias\" \"a\" {{\n  alias_name = \"alias/a\"\n  key_id = alicloud_kms_key.{key}.id\n}}\nresource \"alicloud_kms_key_version\" \"v\" {{\n  key_id = alicloud_kms_alias.a.alias_name\n}}\n"
        )
    };
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, &text("k")));
    lose(&cloud, "CreateKeyVersion", false, 1);
    project.ends(UNSETTLED, APPLY, &["Object may exist without being recorded"]);
    assert!(choices(&project, "alicloud_kms_key_version.v").is_empty());
    project.write("main.tf", at(cloud.address, &text("other")));
    let alias = ["apply", "-auto-approve", "-target=alicloud_kms_alias.a"];
    project.ends(UNSETTLED, &alias, &["1 changed", "Unclear, may exist"]);
    assert_eq!(choices(&project, "alicloud_kms_key_version.v").len(), 1);
    project.ends(UNSETTLED, APPLY, &["Object may be one of those that are new"]);
    assert_eq!(calls(cloud.address, "CreateKeyVersion"), 1);
    cloud.stop().unwrap();
}

#[test]
fn two_client_keys_that_are_open_at_once_are_both_told() {
    let cloud = clouds(Faults::default());
    let text = format!("{POINT}{}{}", client_key("a"), client_key("b"));
    let project = Project::new(&at(cloud.address, &text));
    lose(&cloud, "CreateClientKey", true, 2);
    project.ends(UNSETTLED, APPLY, &["Object may exist without being recorded"]);
    let told = choices(&project, "alicloud_kms_client_key.a");
    assert_eq!(told.len(), 2);
    assert_eq!(choices(&project, "alicloud_kms_client_key.b"), told);
    adopt(&project, "alicloud_kms_client_key.a", &told[1]);
    assert_eq!(choices(&project, "alicloud_kms_client_key.b"), told[..1]);
    cloud.stop().unwrap();
}

#[test]
fn what_was_never_made_is_made_anew_once_no_request_can_arrive_any_more() {
    for (rest, action, recorded) in [
        (format!("{KEY}{}", version("a")), "CreateKeyVersion", 2),
        (format!("{POINT}{}", client_key("a")), "CreateClientKey", 2),
    ] {
        let cloud = clouds(Faults::default());
        let project = Project::new(&at(cloud.address, &rest));
        lose(&cloud, action, false, 1);
        project.ends(UNSETTLED, APPLY, &["Object may exist without being recorded"]);
        project.ends(
            UNSETTLED,
            APPLY,
            &["Unsettled operation", "apply makes it anew after"],
        );
        assert_eq!(calls(cloud.address, action), 1);
        age(&project);
        project.good(APPLY);
        assert_eq!(calls(cloud.address, action), 2);
        assert_eq!(project.recorded().len(), recorded);
        assert!(project.good(&["plan"]).contains("No changes"));
        cloud.stop().unwrap();
    }
}

#[test]
fn a_client_key_without_its_private_key_is_told_and_not_taken_over() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, &format!("{POINT}{}", client_key("a"))));
    lose(&cloud, "CreateClientKey", true, 1);
    project.ends(UNSETTLED, APPLY, &["Object may exist without being recorded"]);
    // Neither taken over, nor made again, nor deleted, however late it is.
    age(&project);
    project.ends(
        UNSETTLED,
        APPLY,
        &[
            "Its private key was in the answer that was lost",
            "recover -adopt 'alicloud_kms_client_key.a=KAAP.",
            "-replace='alicloud_kms_client_key.a'",
        ],
    );
    assert_eq!(calls(cloud.address, "CreateClientKey"), 1);
    assert_eq!(calls(cloud.address, "DeleteClientKey"), 0);
    assert_eq!(project.recorded(), ["alicloud_kms_application_access_point.p"]);
    // The way out that is told is one.
    let told = choices(&project, "alicloud_kms_client_key.a");
    adopt(&project, "alicloud_kms_client_key.a", &told[0]);
    let replace = "-replace=alicloud_kms_client_key.a";
    project.good(&[
        "apply",
        "-auto-approve",
        replace,
        "-destroy-key=alicloud_kms_client_key.a",
    ]);
    assert!(project.names().contains(&"a.json".to_owned()));
    assert_eq!(calls(cloud.address, "CreateClientKey"), 2);
    assert_eq!(calls(cloud.address, "DeleteClientKey"), 1);
    assert!(project.good(&["plan"]).contains("No changes"));
    cloud.stop().unwrap();
}

#[test]
fn where_nothing_may_be_listed_objects_are_made_and_what_is_lost_is_left_to_the_user() {
    let cloud = clouds(Faults::default());
    let text = format!("{KEY}{}", version("a"));
    let project = Project::new(&at(cloud.address, &text));
    misbehave(
        cloud.address,
        r#"[{"action":"ListKeyVersions","error":"Forbidden.NoPermission","after":false,"times":1000,"skip":0},
            {"action":"CreateKeyVersion","error":"close","after":true,"times":1,"skip":0}]"#,
    );
    project.ends(UNSETTLED, APPLY, &["Object may exist without being recorded"]);
    assert!(!project.text("terraform.tfstate.journal").contains("before"));
    misbehave(cloud.address, "[]");
    project.ends(UNSETTLED, APPLY, &["Unsettled operation", "recover -adopt"]);
    assert_eq!(calls(cloud.address, "CreateKeyVersion"), 1);
    cloud.stop().unwrap();
}
