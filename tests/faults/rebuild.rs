//! A state that is lost is made again from what the clouds tell.

use keyform::sandbox::{Faults, Running};

use super::{Project, UNSETTLED, at_both, calls, clouds, misbehave};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const RECOVER: &[&str] = &["recover", "-from-cloud", "-auto-approve"];

/// What has been applied, and its state lost.
fn lost(configuration: &str) -> (Running, Project) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at_both(cloud.address, configuration));
    project.good(APPLY);
    lose(&project);
    (cloud, project)
}

fn lose(project: &Project) {
    for name in project.names() {
        if name.starts_with("terraform.tfstate") {
            fs_err::remove_file(project.path(&name)).unwrap();
        }
    }
    assert_eq!(project.recorded(), [""; 0]);
}

/// How many objects were made so far.
fn made(cloud: &Running) -> Vec<u64> {
    let all = ["CreateKey", "CreateAlias", "CreateSecret", "ReplicateKey"];
    all.iter().map(|action| calls(cloud.address, action)).collect()
}

/// Keys of both clouds that differ in what is declared of them, equal ones that their aliases tell apart, a replica, and
/// what has a name.
const ALL: &str = r#"
resource "aws_kms_key" "a" {
  description  = "a"
  multi_region = true
  tags         = { use = "a" }
}
resource "aws_kms_key" "b" {
  description             = "b"
  deletion_window_in_days = 7
  lifecycle {
    prevent_destroy = true
    on_destroy      = "disable"
  }
}
resource "aws_kms_replica_key" "r" {
  region          = "eu-central-1"
  primary_key_arn = aws_kms_key.a.arn
}
resource "aws_kms_key" "same" {
  count = 2
}
resource "aws_kms_alias" "same" {
  count         = 2
  name          = "alias/same${count.index}"
  target_key_id = aws_kms_key.same[count.index].key_id
}
resource "aws_kms_alias" "a" {
  name          = "alias/a"
  target_key_id = aws_kms_key.a.key_id
}
resource "alicloud_kms_key" "c" {
  description            = "c"
  pending_window_in_days = 9
}
resource "alicloud_kms_key" "same" {
  for_each = toset(["x", "y"])
}
resource "alicloud_kms_alias" "same" {
  for_each   = toset(["x", "y"])
  alias_name = "alias/${each.key}"
  key_id     = alicloud_kms_key.same[each.key].id
}
resource "alicloud_kms_secret" "s" {
  secret_name       = "s"
  secret_data       = "hunter22-canary"
  version_id        = "1"
  encryption_key_id = alicloud_kms_key.c.id
}
"#;

#[test]
fn a_lost_state_is_made_again_and_nothing_twice() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at_both(cloud.address, ALL));
    project.good(APPLY);
    let before = project.good(&["state", "pull"]);
    let recorded = project.recorded();
    assert_eq!(recorded.len(), 14, "{recorded:?}");
    let ids = |text: &str| -> Vec<String> {
        let state: serde_json::Value = serde_json::from_str(text).unwrap();
        let resources = state["resources"].as_array().unwrap();
        let of_it = resources.iter().flat_map(|one| {
            let name = format!("{}.{}", one["type"], one["name"]);
            let all = one["instances"].as_array().unwrap().clone();
            all.into_iter().map(move |instance| {
                format!("{name}{}={}", instance["index_key"], instance["attributes"]["id"])
            })
        });
        of_it.collect()
    };
    lose(&project);
    let count = made(&cloud);
    let said = project.good(RECOVER);
    assert!(said.contains("Recovered 14 objects"), "{said}");
    for name in project.names().iter().filter(|name| *name != "main.tf") {
        let text = fs_err::read(project.path(name)).unwrap_or_default();
        let is_there = text.windows(8).any(|window| window == b"hunter22");
        assert!(!is_there, "{name} holds the secret that was read");
    }
    assert!(!said.contains("may be one of these"), "{said}");
    let after = project.good(&["state", "pull"]);
    assert_eq!(ids(&after), ids(&before));
    let lineage = |text: &str| -> String {
        let state: serde_json::Value = serde_json::from_str(text).unwrap();
        state["lineage"].as_str().unwrap()[..8].to_owned()
    };
    assert_eq!(
        lineage(&after),
        lineage(&before),
        "the tags still tell their state"
    );
    let plan = project.good(&["plan", "-detailed-exitcode"]);
    assert!(plan.contains("No changes"), "{plan}");
    assert_eq!(
        project
            .good(APPLY)
            .matches("0 added, 0 changed, 0 destroyed")
            .count(),
        1
    );
    assert_eq!(made(&cloud), count);
    // What protects a key is known again.
    assert!(
        after.contains("\"prevent_destroy\": true") && after.contains("\"disable\""),
        "{after}"
    );
    cloud.stop().unwrap();
}

#[test]
fn equal_keys_that_nothing_tells_apart_are_not_guessed() {
    let (cloud, project) = lost("resource \"aws_kms_key\" \"k\" {\n  count = 2\n}\n");
    let ran = project.ends(
        UNSETTLED,
        RECOVER,
        &[
            "aws_kms_key.k[0] may be one of these",
            "keyform recover -from-cloud -adopt 'aws_kms_key.k[1]=",
        ],
    );
    let mut lines = ran.stdout.lines();
    let command = lines
        .find(|line| line.contains("-adopt 'aws_kms_key.k[0]="))
        .unwrap();
    let pair = command.split('\'').nth(1).unwrap();
    project.bad(
        &[RECOVER, &["-adopt=aws_kms_key.k[0]=other"]].concat(),
        &["Object does not fit"],
    );
    // With the one in its place the other is certain.
    let said = project.good(&[RECOVER, &["-adopt", pair]].concat());
    assert!(said.contains("  aws_kms_key.k[1] = "), "{said}");
    project.good(&["plan", "-detailed-exitcode"]);
    cloud.stop().unwrap();
}

#[test]
fn what_was_changed_elsewhere_or_is_not_declared_is_listed() {
    let two = "resource \"aws_kms_key\" \"k\" {\n  description = \"k\"\n}\nresource \"aws_kms_key\" \"l\" {\n  description = \"l\"\n}\nresource \"terraform_data\" \"d\" {}\n";
    let (cloud, project) = lost(two);
    let other = two.replace("\"l\"\n}", "\"other\"\n}");
    project.write("main.tf", at_both(cloud.address, &other));
    let said = &[
        "aws_kms_key.k = ",
        "aws_kms_key.l may be one of these",
        "they cannot be looked for; apply would make them: terraform_data.d",
    ];
    project.ends(UNSETTLED, RECOVER, said);
    assert_eq!(project.recorded(), ["aws_kms_key.k"]);
    let gone = two.split("resource \"aws_kms_key\" \"l\"").next().unwrap();
    project.write("main.tf", at_both(cloud.address, gone));
    lose(&project);
    // A key of another state is none of ours, and one that is not declared fits no other.
    let only = gone.replace(
        "description = \"k\"",
        "description = \"k\"\n  multi_region = false",
    );
    project.write("main.tf", at_both(cloud.address, &only));
    let ran = project.ends(
        UNSETTLED,
        RECOVER,
        &["These carry the tag of this state and are nothing that is declared"],
    );
    assert_eq!(ran.stdout.matches("aws_kms_key.").count(), 1, "{ran:?}");
    cloud.stop().unwrap();
}

#[test]
fn nothing_is_taken_of_other_states() {
    let text = "resource \"aws_kms_key\" \"k\" {\n  description = \"k\"\n}\n";
    let (cloud, project) = lost(text);
    let neighbour = Project::new(&at_both(cloud.address, text));
    neighbour.good(APPLY);
    let said = &[
        "Several states have left tags",
        "-lineage=",
        ": 1 objects, such as ",
    ];
    let ran = project.ends(UNSETTLED, RECOVER, said);
    let theirs: serde_json::Value = serde_json::from_str(&neighbour.good(&["state", "pull"])).unwrap();
    let theirs = &theirs["lineage"].as_str().unwrap()[..8];
    let lines = ran
        .stderr
        .lines()
        .filter_map(|line| line.trim().split_once(": 1 objects"));
    let own = lines
        .map(|(lineage, _)| lineage.to_owned())
        .find(|one| one != theirs)
        .unwrap();
    let said = project.good(&[RECOVER, &[&*format!("-lineage={own}")]].concat());
    assert!(said.contains("Recovered 1 objects"), "{said}");
    // Where the state is there it says itself which tags are its own.
    assert!(neighbour.good(RECOVER).contains("Nothing was found"));
    cloud.stop().unwrap();
}

#[test]
fn nothing_is_written_before_somebody_approves() {
    let (cloud, project) = lost("resource \"aws_kms_key\" \"k\" {}\n");
    project.bad(
        &["recover", "-from-cloud"],
        &["aws_kms_key.k = ", "Approval needed", "-auto-approve"],
    );
    assert_eq!(project.recorded(), [""; 0]);
    project.bad(&["recover", "-from-cloud", "-list"], &["exclude each other"]);
    cloud.stop().unwrap();
}

/// Two keys of each cloud.
const FOUR: &str = r#"
resource "aws_kms_key" "a" {
  description = "a"
}
resource "aws_kms_key" "b" {
  description = "b"
}
resource "alicloud_kms_key" "a" {
  description = "a"
}
resource "alicloud_kms_key" "b" {
  description = "b"
}
"#;

/// What the state has as the id of an object.
fn id_of(project: &Project, addr: &str) -> String {
    let shown = project.good(&["state", "show", "-no-color", addr]);
    let id = shown
        .lines()
        .find_map(|line| line.trim().strip_prefix("id ").map(str::to_owned));
    id.unwrap().trim_matches([' ', '=', '"']).to_owned()
}

#[test]
fn what_waits_for_its_deletion_is_told_and_not_taken_for_nothing() {
    for addr in ["aws_kms_key.a", "alicloud_kms_key.a"] {
        let cloud = clouds(Faults::default());
        let project = Project::new(&at_both(cloud.address, FOUR));
        project.good(APPLY);
        let id = id_of(&project, addr);
        let named = format!("-destroy-key={addr}");
        project.good(&["destroy", "-auto-approve", &format!("-target={addr}"), &named]);
        lose(&project);
        let told = format!("{id} waits for its deletion, lost for ever on 20");
        let said = [
            told.as_str(),
            "CancelKeyDeletion calls it back",
            "apply would make another one",
            &format!("{addr}: {id}"),
        ];
        let ran = project.ends(UNSETTLED, RECOVER, &said);
        assert!(!ran.stdout.contains("nothing that is declared"), "{ran:?}");
        assert!(!ran.stdout.contains("apply would make them"), "{ran:?}");
        assert_eq!(project.recorded().len(), 3, "the others have their places");
        lose(&project);
        let adopt = format!("-adopt={addr}={id}");
        let said = ["Object cannot be taken", "waits for its deletion"];
        project.bad(&[RECOVER, &[&*adopt]].concat(), &said);
        assert_eq!(project.recorded(), [""; 0]);
        cloud.stop().unwrap();
    }
}

#[test]
fn what_cannot_be_read_is_told_and_no_other_is_taken_in_its_place() {
    for (action, error, addr) in [
        ("GetKeyPolicy", "AccessDeniedException", "aws_kms_key.a"),
        ("DescribeKey", "AccessDeniedException", "aws_kms_key.a"),
        ("ListAliases", "AccessDeniedException", "aws_kms_alias.a"),
    ] {
        let text = FOUR.to_owned()
            + "resource \"aws_kms_alias\" \"a\" {\n  name = \"alias/a\"\n  target_key_id = aws_kms_key.a.id\n}\n";
        let (cloud, project) = lost(&text);
        misbehave(
            cloud.address,
            &format!(r#"[{{"action":"{action}","error":"{error}","times":50}}]"#),
        );
        let said = [
            "could not be read. Access denied",
            action,
            &format!("{addr}: "),
            "apply would make another one",
        ];
        let ran = project.ends(UNSETTLED, RECOVER, &said);
        assert!(!ran.stdout.contains("apply would make them"), "{ran:?}");
        misbehave(cloud.address, "[]");
        project.good(RECOVER);
        assert_eq!(project.recorded().len(), 5);
        project.good(&["plan", "-detailed-exitcode"]);
        cloud.stop().unwrap();
    }
}

#[test]
fn what_could_not_be_read_may_be_the_equal_of_what_was() {
    let (cloud, project) = lost("resource \"aws_kms_key\" \"k\" {\n  count = 2\n}\n");
    let one = "resource \"aws_kms_key\" \"k\" {}\n";
    project.write("main.tf", at_both(cloud.address, one));
    misbehave(
        cloud.address,
        r#"[{"action":"DescribeKey","error":"AccessDeniedException","times":1}]"#,
    );
    let said = ["could not be read", "aws_kms_key.k may be one of these"];
    let ran = project.ends(UNSETTLED, RECOVER, &said);
    assert_eq!(project.recorded(), [""; 0]);
    // Its user can say it.
    let command = ran.stdout.lines().find(|line| line.contains("-adopt '"));
    let pair = command.unwrap().split('\'').nth(1).unwrap();
    project.ends(UNSETTLED, &[RECOVER, &["-adopt", pair]].concat(), &[]);
    assert_eq!(project.recorded(), ["aws_kms_key.k"]);
    cloud.stop().unwrap();
}

#[test]
fn one_object_is_not_taken_for_two_addresses() {
    let (cloud, project) = lost("resource \"aws_kms_key\" \"k\" {\n  count = 2\n}\n");
    let ran = project.ends(UNSETTLED, RECOVER, &[]);
    let mut lines = ran.stdout.lines();
    let command = lines
        .find(|line| line.contains("-adopt 'aws_kms_key.k[0]="))
        .unwrap();
    let id = command.trim_end_matches('\'').rsplit('=').next().unwrap();
    let both = [0, 1].map(|i| format!("-adopt=aws_kms_key.k[{i}]={id}"));
    let said = [
        "Object is managed already",
        "aws_kms_key.k[1]=",
        "aws_kms_key.k[0] has this object",
    ];
    project.bad(&[RECOVER, &[&*both[0], &*both[1]]].concat(), &said);
    assert_eq!(project.recorded(), [""; 0]);
    project.good(&[RECOVER, &[&*both[0]]].concat());
    // What is recorded is no candidate for another address, of whichever type.
    let more =
        "resource \"aws_kms_key\" \"k\" {\n  count = 2\n}\nresource \"aws_kms_external_key\" \"e\" {}\n";
    project.write("main.tf", at_both(cloud.address, more));
    project.good(APPLY);
    lose(&project);
    let adopt = [0, 1].map(|i| format!("aws_kms_key.k[{i}] may be one of these"));
    let ran = project.ends(
        UNSETTLED,
        RECOVER,
        &[&*adopt[0], &*adopt[1], "aws_kms_external_key.e = "],
    );
    assert_eq!(
        ran.stdout.matches("-adopt 'aws_kms_key.k[0]=").count(),
        2,
        "{ran:?}"
    );
    cloud.stop().unwrap();
}
