//! What was begun and not heard of stays known: whatever is said, moved, imported or applied again meanwhile.

use keyform::sandbox::{self, Faults, Running};
use keyform::state::journal::Intent;

use super::replacements::{self, age, check_settled, id, killed, noted, unheard_of};
use super::{Project, REFUSED, UNSETTLED, at, at_both, calls, clouds, misbehave};

const APPLY: &[&str] = &["apply", "-auto-approve"];

/// A state in which an instance has nothing but an object that waits to be destroyed.
fn deposed_only() -> Project {
    let project = Project::new("resource \"terraform_data\" \"d\" {\n  input = 1\n}\n");
    project.good(APPLY);
    let state = project.text("terraform.tfstate");
    project.write(
        "terraform.tfstate",
        state.replace(
            "\"schema_version\"",
            "\"deposed\": \"00000000\", \"schema_version\"",
        ),
    );
    project
}

#[test]
fn an_instance_with_nothing_but_a_former_object_is_not_read_again_and_goes_with_the_rest() {
    let project = deposed_only();
    for look in [&["plan", "-refresh-only"][..], &["drift"], &["refresh"]] {
        project.good(look);
        assert!(project.text("terraform.tfstate").contains("00000000"), "{look:?}");
    }
    project.good(&["plan", "-destroy"]);
    project
        .run(&["destroy", "-auto-approve"])
        .says(&["(deposed object 00000000)", "1 destroyed"]);
    assert!(project.recorded().is_empty());
}

/// A key whose replacement was killed before anything was heard of the new one, and what its block says of its end.
fn interrupted(on_destroy: &str) -> (Running, Project) {
    let key = replacements::KEY.replace("lifecycle {", &format!("lifecycle {{\n    {on_destroy}"));
    let (cloud, project) = unheard_of(&key, false);
    killed(&project);
    project.write("main.tf", at(cloud.address, &key));
    (cloud, project)
}

#[test]
fn what_made_room_for_an_abandoned_creation_has_its_place_back() {
    for on_destroy in ["", "on_destroy = \"disable\"", "on_destroy = \"retain\""] {
        let words = if on_destroy.is_empty() {
            "state settle"
        } else {
            "recover -abandon"
        };
        let (cloud, project) = interrupted(on_destroy);
        let words: Vec<&str> = words.split(' ').chain(["aws_kms_key.a"]).collect();
        let told = project.good(&words);
        assert!(
            told.contains("aws_kms_key.a: its former object has its place back"),
            "{told}"
        );
        let former = id(&project);
        project
            .run(APPLY)
            .says(&["No changes", "0 added, 0 changed, 0 destroyed"]);
        assert_eq!(id(&project), former);
        for (action, times) in [("CreateKey", 2), ("DisableKey", 0), ("ScheduleKeyDeletion", 0)] {
            assert_eq!(calls(cloud.address, action), times, "{on_destroy} {action}");
        }
        check_settled(cloud, &project);
    }
}

const KEY: &str = "resource \"aws_kms_key\" \"k\" {\n  description = \"k\"\n}\n";

/// The next creation of a key is not answered, nor is it found. `after` says that it was made.
fn lose(cloud: &Running, after: bool) {
    let denied = "AccessDeniedException";
    misbehave(
        cloud.address,
        &format!(
            r#"[{{"action":"CreateKey","error":"close","after":{after}}},{{"action":"ListKeys","error":"{denied}","times":9}},{{"action":"ListTagResources","error":"NoPermission","times":9}}]"#
        ),
    );
}

/// An apply that does not hear of the key that it makes.
#[track_caller]
pub fn unheard(cloud: &Running, project: &Project, after: bool) {
    lose(cloud, after);
    project.ends(UNSETTLED, APPLY, &["Unclear, may exist"]);
    misbehave(cloud.address, "[]");
}

/// A key with this in its lifecycle that was made unheard, and whose block is gone.
fn undeclared(lifecycle: &str) -> (Running, Project) {
    let cloud = clouds(Faults::default());
    let lifecycle = format!("lifecycle {{\n    {lifecycle}\n  }}\n}}");
    let project = Project::new(&at(cloud.address, &KEY.replace('}', &lifecycle)));
    unheard(&cloud, &project, true);
    project.write("main.tf", at(cloud.address, ""));
    (cloud, project)
}

#[test]
fn what_was_made_unheard_is_protected_as_its_block_said() {
    let (cloud, project) = undeclared("prevent_destroy = true");
    let named: &[&str] = &["apply", "-auto-approve", "-destroy-key=aws_kms_key.k"];
    project.ends(REFUSED, APPLY, &["Protected instance cannot be destroyed"]);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    project.good(named);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 1);
    check_settled(cloud, &project);
}

#[test]
fn what_was_made_unheard_is_left_as_its_block_said() {
    for (word, disabled) in [("retain", 0), ("disable", 1)] {
        let (cloud, project) = undeclared(&format!("on_destroy = \"{word}\""));
        project.good(APPLY);
        assert!(project.recorded().is_empty());
        assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0, "{word}");
        assert_eq!(calls(cloud.address, "DisableKey"), disabled);
        check_settled(cloud, &project);
    }
}

#[test]
fn a_saved_plan_is_not_applied_again_after_its_own_creation_was_lost() {
    let cloud = clouds(Faults::default());
    let other = "resource \"aws_kms_key\" \"o\" {}\n";
    let project = Project::new(&at(cloud.address, other));
    project.good(APPLY);
    project.write("main.tf", at(cloud.address, &format!("{other}{KEY}")));
    unheard(&cloud, &project, false);
    age(&project);
    project.run(&["plan", "-out=saved"]).says(&["1 to add"]);
    lose(&cloud, true);
    project.ends(UNSETTLED, &["apply", "saved"], &["Unclear, may exist"]);
    misbehave(cloud.address, "[]");
    let made = calls(cloud.address, "CreateKey");
    project.ends(
        UNSETTLED,
        &["apply", "saved"],
        &[
            "Saved plan is stale",
            "what is open of the creation of aws_kms_key.k",
        ],
    );
    assert_eq!(calls(cloud.address, "CreateKey"), made);
    project.run(APPLY).says(&["1 imported, 0 added"]);
    check_settled(cloud, &project);
}

#[test]
fn a_saved_plan_that_looked_for_what_was_abandoned_since_is_stale() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, KEY));
    unheard(&cloud, &project, false);
    age(&project);
    project.run(&["plan", "-out=saved"]).says(&["1 to add"]);
    project.good(&["recover", "-abandon=aws_kms_key.k"]);
    project.bad(&["apply", "saved"], &["Saved plan is stale"]);
    project.good(APPLY);
    check_settled(cloud, &project);
}

/// A configuration with this argument of the key, and with a second provider of this alias.
fn served_by(cloud: &Running, alias: Option<&str>, argument: &str) -> String {
    let (access_key, secret_key) = (sandbox::AWS_ACCESS_KEY_ID, sandbox::AWS_SECRET_ACCESS_KEY);
    let address = cloud.address;
    let providers = alias.map_or_else(String::new, |alias| {
        format!(
            "provider \"aws\" {{\n  alias = \"{alias}\"\n  region = \"us-east-1\"\n  access_key = \"{access_key}\"\n  secret_key = \"{secret_key}\"\n  endpoints {{\n    kms = \"http://{address}\"\n    sts = \"http://{address}\"\n  }}\n}}\n"
        )
    });
    let key = KEY.replace("description", &format!("{argument}\n  description"));
    at(address, &(providers + &key))
}

#[test]
fn what_was_asked_for_through_another_provider_is_looked_for_there_and_not_taken_over() {
    let cloud = clouds(Faults::default());
    let former = served_by(&cloud, Some("w"), "provider = aws.w");
    let project = Project::new(&former);
    unheard(&cloud, &project, true);
    project.write("main.tf", served_by(&cloud, Some("w"), ""));
    for _ in 0..2 {
        project.ends(
            UNSETTLED,
            APPLY,
            &["Object was made through another provider", "Unsettled operation"],
        );
        age(&project);
    }
    project.write("main.tf", served_by(&cloud, None, ""));
    project.ends(
        UNSETTLED,
        APPLY,
        &[
            "Provider configuration not present",
            "keyform recover -abandon 'aws_kms_key.k'",
        ],
    );
    assert_eq!(calls(cloud.address, "CreateKey"), 1);
    project.write("main.tf", former);
    project.run(APPLY).says(&["1 imported, 0 added"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 1);
    check_settled(cloud, &project);
}

#[test]
fn what_was_not_made_through_another_provider_is_made_through_this_one_once_nothing_can_come() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&served_by(&cloud, Some("w"), "provider = aws.w"));
    unheard(&cloud, &project, false);
    project.write("main.tf", served_by(&cloud, Some("w"), ""));
    project.ends(UNSETTLED, APPLY, &["Unsettled operation"]);
    age(&project);
    project.run(APPLY).says(&["1 added"]);
    check_settled(cloud, &project);
}

const ALI_KEY: &str = "resource \"alicloud_kms_key\" \"k\" {}\n";

#[test]
fn what_was_asked_for_in_another_region_stays_open() {
    let cloud = clouds(Faults::default());
    let here = at_both(cloud.address, ALI_KEY);
    let project = Project::new(&here);
    unheard(&cloud, &project, true);
    age(&project);
    project.write("main.tf", here.replace("cn-hangzhou", "cn-beijing"));
    project.ends(
        UNSETTLED,
        APPLY,
        &[
            "Object may be in another region",
            "in the region cn-hangzhou",
            "keyform recover -abandon 'alicloud_kms_key.k'",
        ],
    );
    assert_eq!(calls(cloud.address, "CreateKey"), 1);
    project.write("main.tf", here);
    project.run(APPLY).says(&["1 imported, 0 added"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 1);
    check_settled(cloud, &project);
}

#[test]
fn what_was_asked_for_in_another_account_stays_open() {
    let cloud = clouds(Faults::default());
    for (block, account) in [(KEY, "123456789012"), (ALI_KEY, "1234567890123456")] {
        let project = Project::new(&at_both(cloud.address, block));
        unheard(&cloud, &project, true);
        age(&project);
        let made = calls(cloud.address, "CreateKey");
        let other = account.replace('1', "9");
        let asked_in = |account: &str| {
            noted(&project, |intent| Intent {
                account: Some(account.into()),
                ..intent
            });
        };
        assert!(
            project
                .text("terraform.tfstate.journal")
                .contains(&format!("\"account\":\"{account}\""))
        );
        asked_in(&other);
        let said = ["Object may be in another account", account, &other];
        project.ends(UNSETTLED, &["plan"], &said);
        project.ends(UNSETTLED, APPLY, &said);
        assert_eq!(calls(cloud.address, "CreateKey"), made);
        asked_in(account);
        project.run(APPLY).says(&["1 imported, 0 added"]);
        assert_eq!(calls(cloud.address, "CreateKey"), made);
        project.run(&["plan"]).says(&["No changes"]);
        project.good(&["recover", "-list"]);
    }
    cloud.stop().unwrap();
}

#[test]
fn a_saved_plan_is_not_carried_out_in_another_region() {
    let cloud = clouds(Faults::default());
    let text = at_both(cloud.address, ALI_KEY).replace("  region     = \"cn-hangzhou\"\n", "");
    let project = Project::new(&text);
    let run = |region: &str, arguments: &[&str]| {
        let mut command = project.command(arguments);
        command.env("ALICLOUD_REGION", region);
        super::ran(command)
    };
    run("cn-hangzhou", &["plan", "-out=saved"]).says(&["1 to add"]);
    let other = run("cn-beijing", &["apply", "saved"]);
    assert_eq!(other.code, Some(1), "{other:?}");
    other.says(&["Other region than in the plan", "cn-hangzhou", "cn-beijing"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 0);
    run("cn-hangzhou", &["apply", "saved"]).says(&["1 added"]);
    cloud.stop().unwrap();
}

/// The id of a key that somebody else made.
fn made_elsewhere(cloud: &Running) -> String {
    let text = replacements::KEY.replace("create_before_destroy", "prevent_destroy");
    let project = Project::new(&at(cloud.address, &text));
    project.good(APPLY);
    id(&project)
}

#[test]
fn what_is_imported_beside_an_open_creation_does_not_close_it() {
    for way in ["import", "block", "adopt"] {
        let cloud = clouds(Faults::default());
        let project = Project::new(&at(cloud.address, KEY));
        unheard(&cloud, &project, true);
        let other = made_elsewhere(&cloud);
        let block = format!("import {{\n  to = aws_kms_key.k\n  id = \"{other}\"\n}}\n");
        let text = KEY.replace(
            "description",
            "customer_master_key_spec = \"ECC_NIST_P256\"\n  key_usage = \"SIGN_VERIFY\"\n  description",
        );
        project.write("main.tf", at(cloud.address, &text));
        let ran = match way {
            "import" => project.run(&["import", "aws_kms_key.k", &other]),
            "adopt" => project.run(&["recover", &format!("-adopt=aws_kms_key.k={other}")]),
            _ => {
                project.write("main.tf", at(cloud.address, &(block + &text)));
                project.run(APPLY)
            }
        };
        ran.says(&["Another object was made for this instance"]);
        assert_eq!(id(&project), other, "{way}");
        project.ends(UNSETTLED, &["recover", "-list"], &["aws_kms_key.k: create"]);
        // It goes where it is named, and nothing goes by itself.
        project.ends(REFUSED, APPLY, &["aws_kms_key.k (deposed object"]);
        assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
        project.good(&["apply", "-auto-approve", "-destroy-key-in-use=aws_kms_key.k"]);
        assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 1);
        assert_eq!(id(&project), other);
        check_settled(cloud, &project);
    }
}

#[test]
fn nothing_is_imported_where_it_cannot_be_looked_for_what_is_open() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, KEY));
    unheard(&cloud, &project, true);
    let other = made_elsewhere(&cloud);
    lose(&cloud, true);
    let hint = "keyform recover -abandon 'aws_kms_key.k'";
    project.ends(
        UNSETTLED,
        &["import", "aws_kms_key.k", &other],
        &["AccessDeniedException", hint],
    );
    let block = format!("import {{\n  to = aws_kms_key.k\n  id = \"{other}\"\n}}\n");
    project.write("main.tf", at(cloud.address, &(block + KEY)));
    project.ends(UNSETTLED, APPLY, &["AccessDeniedException", hint]);
    assert!(project.recorded().is_empty());
    // The word of its user counts.
    project
        .run(&["recover", &format!("-adopt=aws_kms_key.k={other}")])
        .says(&["AccessDeniedException", "Nothing is open"]);
    assert_eq!(project.recorded(), ["aws_kms_key.k"]);
    cloud.stop().unwrap();
}

#[test]
fn what_was_found_and_imported_at_another_address_is_not_surplus() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at(cloud.address, KEY));
    unheard(&cloud, &project, true);
    let told = project.run(&["plan"]).stdout;
    let at_id = told.find("\"id\": ").or_else(|| told.find("[id="));
    let found = regex::Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap();
    let found = found
        .find(&told[at_id.unwrap_or_default()..])
        .unwrap()
        .as_str()
        .to_owned();
    let both = format!("{KEY}{}", KEY.replace("\"k\" {", "\"n\" {"));
    project.write("main.tf", at(cloud.address, &both));
    project.good(&["import", "aws_kms_key.n", &found]);
    project.run(APPLY).says(&["1 added"]);
    assert_eq!(calls(cloud.address, "CreateKey"), 2);
    assert_eq!(calls(cloud.address, "ScheduleKeyDeletion"), 0);
    check_settled(cloud, &project);
}

/// Whatever is open for `from` is open for `to`.
fn moved(from: &str, to: &str) -> String {
    format!("moved {{\n  from = {from}\n  to = {to}\n}}\n")
}

#[test]
fn what_makes_room_moves_with_the_creation_that_is_open() {
    for way in ["block", "state mv"] {
        let (cloud, project) = interrupted("on_destroy = \"disable\"");
        let text = project.text("main.tf").replace("\"a\" {", "\"n\" {");
        let (former, there) = ("aws_kms_key.a", "aws_kms_key.n");
        if way == "block" {
            project.write("main.tf", text + &moved(former, there));
        } else {
            project.write("main.tf", text);
            project.good(&["state", "mv", former, there]);
            project.ends(UNSETTLED, &["recover", "-list"], &["aws_kms_key.n: create"]);
        }
        project.ends(UNSETTLED, APPLY, &["Unsettled operation"]);
        assert_eq!(calls(cloud.address, "CreateKey"), 2, "{way}");
        age(&project);
        project.run(APPLY).says(&["0 added, 0 changed, 0 destroyed"]);
        assert_eq!(project.recorded(), [there]);
        assert!(!id(&project).is_empty());
        assert_eq!(calls(cloud.address, "CreateKey"), 2, "{way}");
        assert_eq!(calls(cloud.address, "DisableKey"), 0, "{way}");
        check_settled(cloud, &project);
    }
}

#[test]
fn what_was_made_unheard_is_found_at_the_address_that_its_instance_has_now() {
    for way in ["block", "count", "state mv"] {
        let cloud = clouds(Faults::default());
        let project = Project::new(&at(cloud.address, KEY));
        unheard(&cloud, &project, true);
        let renamed = KEY.replace("\"k\" {", "\"n\" {");
        let text = match way {
            "block" => renamed + &moved("aws_kms_key.k", "aws_kms_key.n"),
            "count" => KEY.replace("description", "count = 1\n  description"),
            _ => renamed,
        };
        project.write("main.tf", at(cloud.address, &text));
        if way == "state mv" {
            project.good(&["state", "mv", "aws_kms_key.k", "aws_kms_key.n"]);
        }
        project
            .run(APPLY)
            .says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
        let there = if way == "count" {
            "aws_kms_key.k[0]"
        } else {
            "aws_kms_key.n"
        };
        assert_eq!(project.recorded(), [there]);
        assert_eq!(calls(cloud.address, "CreateKey"), 1, "{way}");
        check_settled(cloud, &project);
    }
}

/// A key, and an alias at this address of which nothing was heard. `after` says that it was made. What is written where it
/// has another address.
fn unheard_alias(after: bool) -> (Running, Project, impl Fn(&str) -> String) {
    let cloud = clouds(Faults::default());
    let address = cloud.address;
    let text = move |name: &str| {
        let alias = format!(
            "{KEY}resource \"aws_kms_alias\" \"{name}\" {{\n  name = \"alias/one\"\n  target_key_id = aws_kms_key.k.key_id\n}}\n"
        );
        at(address, &alias)
    };
    let project = Project::new(&text("a"));
    // Asking again is no way out either.
    let times = if after { 1 } else { 20 };
    misbehave(
        cloud.address,
        &format!(
            r#"[{{"action":"CreateAlias","error":"close","after":{after},"times":{times}}},{{"action":"ListAliases","error":"AccessDeniedException","times":20}}]"#
        ),
    );
    project.ends(UNSETTLED, APPLY, &["Unclear, may exist"]);
    misbehave(cloud.address, "[]");
    (cloud, project, text)
}

#[test]
fn an_alias_of_which_nothing_was_heard_moves_too() {
    let (cloud, project, text) = unheard_alias(true);
    let there = text("b") + &moved("aws_kms_alias.a", "aws_kms_alias.b");
    project.write("main.tf", there);
    project
        .run(APPLY)
        .says(&["1 imported, 0 added, 0 changed, 0 destroyed"]);
    assert_eq!(project.recorded(), ["aws_kms_alias.b", "aws_kms_key.k"]);
    assert_eq!(calls(cloud.address, "DeleteAlias"), 0);
    check_settled(cloud, &project);
}

#[test]
fn an_alias_that_is_recorded_at_another_address_is_not_surplus() {
    let (cloud, project, text) = unheard_alias(false);
    project.write("main.tf", text("b"));
    project.ends(UNSETTLED, APPLY, &["1 added", "aws_kms_alias.a"]);
    project.good(APPLY);
    assert_eq!(project.recorded(), ["aws_kms_alias.b", "aws_kms_key.k"]);
    assert_eq!(calls(cloud.address, "DeleteAlias"), 0);
    check_settled(cloud, &project);
}

#[test]
fn nothing_moves_to_where_something_is_open() {
    let cloud = clouds(Faults::default());
    let other = KEY.replace("\"k\" {", "\"o\" {");
    let project = Project::new(&at(cloud.address, &other));
    project.good(APPLY);
    project.write("main.tf", at(cloud.address, &format!("{other}{KEY}")));
    unheard(&cloud, &project, true);
    project.bad(
        &["state", "mv", "aws_kms_key.o", "aws_kms_key.k"],
        &["Invalid destination address"],
    );
    project.run(APPLY).says(&["1 imported, 0 added"]);
    check_settled(cloud, &project);
}
