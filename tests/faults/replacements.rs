//! Replacements that make the new object first, and do not hear of it.

use keyform::sandbox::{Faults, Running};
use keyform::state::journal::{Intent, Record, read};
use keyform::state::protocol::Begun;
use keyform::state::{Manner, Secrets};

use rustix::process::Signal;

use super::{Project, REFUSED, UNSETTLED, at, calls, clouds, misbehave};

pub const NAMED: &[&str] = &["apply", "-auto-approve", "-destroy-key-in-use=aws_kms_key.a"];
pub const KEY: &str = "resource \"aws_kms_key\" \"a\" {\n  key_usage = \"SIGN_VERIFY\"\n  customer_master_key_spec = \"ECC_NIST_P256\"\n  lifecycle {\n    create_before_destroy = true\n  }\n}";

/// A key that is to be replaced, and the apply that does not hear of the new one. `after` says that it was made.
fn unheard(after: bool) -> (Running, Project) {
    unheard_of(KEY, after)
}

/// The same with a key that is written like this.
pub fn unheard_of(key: &str, after: bool) -> (Running, Project) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, key));
    project.good(NAMED);
    project.write("main.tf", at(cloud.address, &key.replace("P256", "P384")));
    // Neither is it found at once.
    let rules = format!(
        r#"[{{"action":"CreateKey","error":"close","after":{after}}},{{"action":"ListKeys","error":"AccessDeniedException","times":20}}]"#
    );
    misbehave(cloud.address, &rules);
    project.ends(UNSETTLED, NAMED, &["Unclear, may exist"]);
    misbehave(cloud.address, "[]");
    (cloud, project)
}

pub fn id(project: &Project) -> String {
    let state: serde_json::Value = serde_json::from_str(&project.text("terraform.tfstate")).unwrap();
    let instances = state["resources"][0]["instances"].as_array().unwrap();
    assert_eq!(instances.len(), 1, "{state}");
    instances[0]["attributes"]["id"].as_str().unwrap().to_owned()
}

/// What is open is as if it had been noted otherwise.
pub fn noted(project: &Project, otherwise: impl Fn(Intent) -> Intent) {
    let journal = project.read("terraform.tfstate.journal");
    let (records, _) = read(&journal, "journal", &Manner::default()).unwrap();
    let now = records.into_iter().map(|record| match record {
        Record::Intent(intent) => Record::Intent(otherwise(intent)),
        record => record,
    });
    project.write(
        "terraform.tfstate.journal",
        now.map(|record| record.line(&Secrets::default()))
            .collect::<String>(),
    );
}

/// Half an hour passes over what is open.
pub fn age(project: &Project) {
    noted(project, |intent| Intent {
        begun: Begun {
            since: intent.begun.since - 1800,
            ..intent.begun
        },
        ..intent
    });
}

pub fn check_settled(cloud: Running, project: &Project) {
    project.run(&["plan"]).says(&["No changes"]);
    project.good(&["recover", "-list"]);
    cloud.stop().unwrap();
}

#[test]
fn a_replacement_that_was_made_unheard_goes_and_is_made_again() {
    let (cloud, project) = unheard(true);
    let former = id(&project);
    project.good_one_by_one(NAMED);
    assert_ne!(id(&project), former);
    // The former one and the unheard one.
    assert_eq!(calls(cloud.address, "CreateKey"), 3);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 2);
    check_settled(cloud, &project);
}

/// A key whose replacement has made a new one and kept the former one, because its alias could not be moved; and the command.
fn half_replaced() -> (Running, Project, [&'static str; 4]) {
    let cloud = clouds(Faults::default());
    let alias =
        "resource \"aws_kms_alias\" \"a\" {\n  name = \"alias/a\"\n  target_key_id = aws_kms_key.a.key_id\n}";
    let project = Project::new(&at(cloud.address, &format!("{KEY}\n{alias}\n")));
    project.good(&["apply", "-auto-approve"]);
    misbehave(
        cloud.address,
        r#"[{"action":"UpdateAlias","error":"AccessDeniedException","times":20}]"#,
    );
    let again = [
        "apply",
        "-auto-approve",
        "-replace=aws_kms_key.a",
        "-destroy-key=aws_kms_key.a",
    ];
    project.bad(&again, &["AccessDeniedException"]);
    misbehave(cloud.address, "[]");
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    (cloud, project, again)
}

#[test]
fn an_address_names_one_object_of_those_that_go_there() {
    let (cloud, project, again) = half_replaced();
    let now = id_of(&project, "current");
    let own = format!("-destroy-key=aws_kms_key.a={now}");
    let former = format!("-destroy-key=aws_kms_key.a={}", id_of(&project, "deposed"));
    let refused = &["Keys must be named one by one", "(deposed object ", &own, &former];
    project.ends(REFUSED, &again, refused);
    let [.., option] = &again;
    let one = [&again[..3], &[own.as_str()]].concat();
    let ran = project.ends(REFUSED, &one, &["Destruction refused", &former]);
    assert!(!ran.stderr.contains(&own), "{ran:?}");
    project.ends(REFUSED, &["plan", "-destroy", option], refused);
    project.good(&["plan", "-destroy", option, &former]);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    project.good(&[&again[..], &[former.as_str()]].concat());
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 2);
    check_settled(cloud, &project);
}

#[test]
fn an_address_names_what_alone_goes_there() {
    let (cloud, project, [.., option]) = half_replaced();
    let now = id_of(&project, "current");
    let wrong = format!("{option}={now}");
    project.ends(
        REFUSED,
        &["apply", "-auto-approve", &wrong],
        &["Destruction refused"],
    );
    project.good(&["apply", "-auto-approve", option]);
    assert_eq!(id_of(&project, "current"), now);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 1);
    check_settled(cloud, &project);
}

/// The id of the current object of the key, or of the one that a replacement has put aside.
fn id_of(project: &Project, which: &str) -> String {
    let state: serde_json::Value = serde_json::from_str(&project.text("terraform.tfstate")).unwrap();
    let resources = state["resources"].as_array().unwrap();
    let key = resources.iter().find(|one| one["type"] == "aws_kms_key").unwrap();
    let instances = key["instances"].as_array().unwrap();
    let is_it = |one: &&serde_json::Value| one["deposed"].is_string() == (which == "deposed");
    let found = instances.iter().find(is_it).unwrap();
    found["attributes"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_replacement_that_is_not_wished_for_any_more_leaves_the_former_object_in_peace() {
    let (cloud, project) = unheard(true);
    let former = id(&project);
    project.write("main.tf", at(cloud.address, KEY));
    project.good(NAMED);
    assert_eq!(id(&project), former);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 1);
    check_settled(cloud, &project);
}

#[test]
fn a_replacement_that_was_not_made_is_made_once_nothing_can_come_any_more() {
    let (cloud, project) = unheard(false);
    project.ends(UNSETTLED, NAMED, &["Unsettled operation"]);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    age(&project);
    project.good(NAMED);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 1);
    check_settled(cloud, &project);
}

#[test]
fn a_killed_replacement_that_was_not_made_gives_the_former_object_its_place_back() {
    let (cloud, project) = unheard(false);
    let former = id(&project);
    killed(&project);
    project.write("main.tf", at(cloud.address, KEY));
    project.ends(UNSETTLED, NAMED, &["Unsettled operation"]);
    age(&project);
    project.good(NAMED);
    assert_eq!(id(&project), former);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    check_settled(cloud, &project);
}

/// As if the run had died before it heard anything: the former object still makes room.
pub fn killed(project: &Project) {
    let journal = project.read("terraform.tfstate.journal");
    let (mut records, _) = read(&journal, "journal", &Manner::default()).unwrap();
    let intent = records.pop().unwrap();
    let Record::Intent(intent) = intent else {
        panic!("{intent:?}")
    };
    let deposed = Record::Deposed {
        address: intent.address.clone(),
        key: "00000000".into(),
    };
    records.extend([Record::Intent(intent), deposed]);
    let text: String = records
        .iter()
        .map(|record| record.line(&Secrets::default()))
        .collect();
    project.write("terraform.tfstate.journal", text);
}

/// An alias cannot be there twice under one name; under two it can.
#[test]
fn what_was_asked_for_under_another_name_is_waited_for() {
    let cloud = clouds(Faults::default());
    let alias = |name: &str| {
        let text = format!(
            "resource \"aws_kms_key\" \"k\" {{}}\nresource \"aws_kms_alias\" \"a\" {{\n  name = \"alias/{name}\"\n  target_key_id = aws_kms_key.k.key_id\n}}"
        );
        at(cloud.address, &text)
    };
    let project = Project::new(&alias("one"));
    misbehave(
        cloud.address,
        r#"[{"action":"CreateAlias","error":"close","after":false,"times":20}]"#,
    );
    let started = project.start(NAMED);
    while calls(cloud.address, "CreateAlias") == 0 {
        std::thread::yield_now();
    }
    started.signal(Signal::KILL);
    started.end();
    misbehave(cloud.address, "[]");
    project.write("main.tf", alias("two"));
    let asked = calls(cloud.address, "CreateAlias");
    project.ends(
        UNSETTLED,
        NAMED,
        &["Unsettled operation", "under the name alias/one"],
    );
    assert_eq!(calls(cloud.address, "CreateAlias"), asked);
    project.ends(UNSETTLED, &["recover", "-list"], &["aws_kms_alias.a"]);
    age(&project);
    project.good(NAMED);
    assert_eq!(calls(cloud.address, "CreateAlias"), asked + 1);
    check_settled(cloud, &project);
}
