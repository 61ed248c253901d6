//! Secrets that somebody else keeps are not in the state, and a change of one is told all the same.

use fs_err as fs;
use serde_json::Value as Json;

use crate::folder::Folder;

const CANARY: &str = "canary-hunter22-canary";
const OTHER: &str = "canary-other33-canary";

/// A secret with this value and these other arguments.
fn secret(value: &str, rest: &str) -> String {
    format!(
        "resource \"alicloud_kms_secret\" \"s\" {{\n  secret_name = \"s\"\n  secret_data = \"{value}\"\n  version_id = \"v1\"\n  force_delete_without_recovery = true\n{rest}}}\n"
    )
}

/// A ciphertext, of which the cloud does not give back the plain text.
fn ciphertext(value: &str, rest: &str) -> String {
    format!(
        "resource \"aws_kms_key\" \"k\" {{}}\nresource \"aws_kms_ciphertext\" \"c\" {{\n  key_id = aws_kms_key.k.id\n  plaintext = \"{value}\"\n{rest}}}\n"
    )
}

const PROVIDERS: &str = "provider \"alicloud\" {\n  region = \"cn-hangzhou\"\n}\nprovider \"aws\" {\n  region = \"eu-west-1\"\n}\n";

fn applied(name: &str, text: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("main.tf", &(PROVIDERS.to_owned() + text));
    folder.apply();
    folder
}

fn rewritten(folder: &Folder, text: &str) {
    folder.write("main.tf", &(PROVIDERS.to_owned() + text));
}

/// The object of the state at this place.
fn instance(folder: &Folder, name: &str) -> Json {
    let state: Json = serde_json::from_str(&folder.read("terraform.tfstate")).unwrap();
    let all = state["resources"].as_array().unwrap().iter();
    let mut found = all.filter(|one| one["name"] == name);
    found.next().expect("it is recorded")["instances"][0].clone()
}

/// The files below the folder that hold a text, but for configuration and the sandbox, which is the cloud.
fn holding(folder: &Folder, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.path(".")];
    while let Some(here) = folders.pop() {
        for entry in fs::read_dir(&here).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name != "main.tf" && name != "sandbox.json" {
                let bytes = fs::read(&path).unwrap();
                let held = bytes.windows(text.len()).any(|window| window == text.as_bytes());
                found.extend(held.then_some(name));
            }
        }
    }
    found
}

#[test]
fn what_the_cloud_keeps_is_not_in_the_state() {
    let both = secret(CANARY, "") + &ciphertext(CANARY, "");
    let folder = applied("secrets", &both);
    folder.is_settled();
    rewritten(&folder, &(both + "output \"o\" {\n  value = \"x\"\n}\n"));
    folder.apply();
    let held = holding(&folder, CANARY);
    println!("R20: files that hold a secret argument = {}", held.len());
    assert_eq!(held, [""; 0]);
    for (name, argument) in [("s", "secret_data"), ("c", "plaintext")] {
        let object = instance(&folder, name);
        assert_eq!(object["attributes"][argument], Json::Null);
        assert_eq!(object["withheld"][0]["path"][0]["value"], argument);
        assert!(object["withheld"][0]["digest"].is_string(), "{object}");
        assert!(
            object["sensitive_attributes"].to_string().contains(argument),
            "{object}"
        );
    }
    folder.expect(0, "plan", &["-refresh=false", "-detailed-exitcode"]);
}

#[test]
fn a_changed_secret_is_planned_whether_the_cloud_gives_it_back_or_not() {
    let folder = applied("secrets", &(secret(CANARY, "") + &ciphertext(CANARY, "")));
    rewritten(&folder, &(secret(OTHER, "") + &ciphertext(OTHER, "")));
    for refresh in ["-refresh=true", "-refresh=false"] {
        let plan = folder.expect(2, "plan", &["-detailed-exitcode", refresh]);
        assert!(
            plan.contains("~ plaintext       = (sensitive value) # forces replacement"),
            "{plan}"
        );
        assert!(
            plan.contains("secret_data                   = (sensitive value)"),
            "{plan}"
        );
        assert!(plan.contains("2 to add, 0 to change, 2 to destroy"), "{plan}");
        assert!(!plan.contains("canary") && !plan.contains("not kept"), "{plan}");
    }
}

#[test]
fn a_secret_changed_in_the_cloud_is_drift() {
    let folder = applied("secrets", &secret(CANARY, ""));
    let mut cloud: Json = serde_json::from_str(&folder.read(".keyform/sandbox.json")).unwrap();
    let text = cloud.to_string();
    assert!(text.contains(CANARY), "the sandbox keeps it in clear");
    cloud = serde_json::from_str(&text.replace(CANARY, OTHER)).unwrap();
    folder.write(".keyform/sandbox.json", &cloud.to_string());
    let drift = folder.expect(2, "drift", &[]);
    assert!(drift.contains("secret_data"), "{drift}");
    assert!(!drift.contains("canary"), "{drift}");
}

#[test]
fn a_secret_keeps_its_digest_when_its_object_moves() {
    let folder = applied("secrets", &ciphertext(CANARY, ""));
    folder.expect(0, "state mv", &["aws_kms_ciphertext.c", "aws_kms_ciphertext.d"]);
    let moved = ciphertext(CANARY, "").replace("\"c\"", "\"d\"");
    rewritten(&folder, &moved);
    folder.is_settled();
    rewritten(&folder, &moved.replace(CANARY, OTHER));
    folder.expect(2, "plan", &["-detailed-exitcode"]);
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "material expires by the clock of the sandbox"
)]
fn what_stands_for_a_secret_that_is_not_known_is_not_recorded_when_an_update_fails() {
    const MATERIAL: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    const WRONG: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    let days = |days: i64| jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    let key = |arguments: &str, days_left: i64| {
        let date = days(days_left).strftime("%Y-%m-%dT%H:%M:%SZ");
        format!("resource \"aws_kms_external_key\" \"e\" {{\n{arguments}  valid_to = \"{date}\"\n}}\n")
    };
    let own = format!("  key_material_base64 = \"{MATERIAL}\"\n");
    let other = format!("  key_material_base64_wo = \"{WRONG}\"\n  key_material_base64_wo_version = \"1\"\n");
    let folder = applied("failed update", &key(&own, 20));
    let before = instance(&folder, "e")["withheld"].clone();
    assert!(before[0]["digest"].is_string(), "{before}");
    rewritten(&folder, &key(&other, 30));
    let said = folder.expect(1, "apply", &["-auto-approve"]);
    assert!(said.contains("IncorrectKeyMaterial"), "{said}");
    assert_eq!(instance(&folder, "e")["withheld"], before);
    rewritten(&folder, &key(&own, 40));
    let plan = folder.expect(2, "plan", &["-detailed-exitcode"]);
    assert!(plan.contains("0 to add, 1 to change, 0 to destroy"), "{plan}");
    folder.apply();
    folder.is_settled();
}

#[test]
fn without_the_key_of_digests_a_change_is_not_made_up() {
    let folder = applied("secrets", &ciphertext(CANARY, ""));
    fs::remove_file(folder.path(".keyform/plan.key")).unwrap();
    rewritten(&folder, &ciphertext(OTHER, ""));
    let plan = folder.expect(0, "plan", &["-detailed-exitcode"]);
    assert!(
        plan.contains("Warning: Change of a secret cannot be told"),
        "{plan}"
    );
}

#[test]
fn a_damaged_key_of_digests_is_told_and_makes_no_state_without_them() {
    let mut folder = applied("secrets", &ciphertext(CANARY, ""));
    let (state, key) = (folder.read("terraform.tfstate"), folder.read(".keyform/plan.key"));
    folder.write(".keyform/plan.key", "no key");
    for (command, arguments) in [("plan", &[][..]), ("apply", &["-auto-approve"])] {
        let said = folder.expect(1, command, arguments);
        assert!(said.contains("Error: Invalid plan key"), "{said}");
    }
    folder.write(".keyform/plan.key", &key);
    folder.set("KEYFORM_PLAN_KEY", "abc");
    let said = folder.expect(1, "plan", &[]);
    assert!(said.contains("KEYFORM_PLAN_KEY must be 64"), "{said}");
    assert_eq!(folder.read("terraform.tfstate"), state);
}

#[test]
fn the_credential_of_a_proxy_is_written_once_and_never_kept_where_that_is_asked_for() {
    const KEY: &str = "canary-hunter22-canary-hunter22-canary-hunter22";
    let store = |beside: &str, inside: &str| {
        format!(
            "resource \"aws_kms_custom_key_store\" \"x\" {{\n  custom_key_store_name = \"x\"\n  custom_key_store_type = \"EXTERNAL_KEY_STORE\"\n  xks_proxy_connectivity = \"PUBLIC_ENDPOINT\"\n  xks_proxy_uri_endpoint = \"https://keys.example.com\"\n  xks_proxy_uri_path = \"/x/kms/xks/v1\"\n{beside}  xks_proxy_authentication_credential {{\n    access_key_id = \"ABCDEFGHIJKLMNOPQRSTUVWXYZ\"\n{inside}  }}\n}}\n"
        )
    };
    let beside = |version: &str| {
        format!(
            "  xks_proxy_raw_secret_access_key_wo = \"{KEY}\"\n  xks_proxy_raw_secret_access_key_wo_version = \"{version}\"\n"
        )
    };
    let inside = format!("    raw_secret_access_key = \"{KEY}\"\n");
    let folder = applied("secrets", &store(&beside("1"), ""));
    assert_eq!(holding(&folder, KEY), [""; 0]);
    folder.is_settled();
    rewritten(&folder, &store(&beside("2"), ""));
    folder.expect(2, "plan", &["-detailed-exitcode"]);
    for wrong in [store("", ""), store(&beside("1"), &inside)] {
        rewritten(&folder, &wrong);
        let said = folder.expect(1, "plan", &[]).replace('\n', " ");
        assert!(said.contains("needs either raw_secret_access_key"), "{said}");
    }
}

#[test]
fn where_changes_are_ignored_nothing_is_planned_and_nothing_else_is_sent() {
    let ignored = "  lifecycle {\n    ignore_changes = [secret_data]\n  }\n";
    let folder = applied("secrets", &secret(CANARY, ignored));
    rewritten(&folder, &secret(OTHER, ignored));
    folder.expect(0, "plan", &["-detailed-exitcode"]);
    folder.expect(0, "plan", &["-detailed-exitcode", "-refresh=false"]);
    let tagged = format!("{ignored}  description = \"d\"\n");
    rewritten(&folder, &secret(OTHER, &tagged));
    folder.apply();
    folder.expect(0, "plan", &["-detailed-exitcode"]);
    let cloud = folder.read(".keyform/sandbox.json");
    assert!(cloud.contains(CANARY) && !cloud.contains(OTHER) && !cloud.contains("not kept"));
}

#[test]
fn a_state_with_secrets_loses_them_at_the_next_write() {
    let text = secret(CANARY, "") + &ciphertext(CANARY, "");
    let mut folder = Folder::new("secrets");
    folder.set("KEYFORM_SECRETS_IN_STATE", "terraform");
    folder.write("main.tf", &(PROVIDERS.to_owned() + &text));
    folder.apply();
    assert_eq!(instance(&folder, "s")["attributes"]["secret_data"], CANARY);
    assert_eq!(instance(&folder, "c")["attributes"]["plaintext"], CANARY);
    assert_eq!(instance(&folder, "c")["withheld"], Json::Null);
    folder.is_settled();
    folder.set("KEYFORM_SECRETS_IN_STATE", "omit");
    folder.is_settled();
    folder.apply();
    assert_eq!(instance(&folder, "s")["attributes"]["secret_data"], Json::Null);
    folder.is_settled();
    folder.set("KEYFORM_SECRETS_IN_STATE", "terraform");
    folder.apply();
    assert_eq!(instance(&folder, "s")["attributes"]["secret_data"], CANARY);
    assert_eq!(instance(&folder, "c")["attributes"]["plaintext"], CANARY);
}

#[test]
fn the_configuration_says_what_becomes_of_secrets() {
    let settings = "terraform {\n  secrets_in_state = \"terraform\"\n}\n";
    let folder = applied("secrets", &(settings.to_owned() + &ciphertext(CANARY, "")));
    assert_eq!(instance(&folder, "c")["attributes"]["plaintext"], CANARY);
    rewritten(
        &folder,
        &(settings.replace("\"terraform\"", "\"hide\"") + &ciphertext(CANARY, "")),
    );
    let said = folder.expect(1, "plan", &[]);
    assert!(
        said.contains("Error: Invalid value for secrets_in_state"),
        "{said}"
    );
}

#[test]
fn a_saved_plan_and_its_apply_know_secrets_that_the_state_does_not_hold() {
    let folder = applied("secrets", &(secret(CANARY, "") + &ciphertext(CANARY, "")));
    let described = "  description = \"d\"\n";
    rewritten(&folder, &(secret(CANARY, described) + &ciphertext(CANARY, "")));
    folder.expect(0, "plan", &["-out=p"]);
    assert_eq!(holding(&folder, CANARY), [""; 0]);
    let said = folder.expect(0, "apply", &["p"]);
    assert!(said.contains("0 added, 1 changed, 0 destroyed"), "{said}");
    folder.is_settled();
}

/// Of a JSON text only the parts are hidden that are secret, whatever else changes, and whoever shows it.
#[test]
fn a_secret_in_a_document_hides_itself_alone() {
    let text = |a: i32, secret: &str| {
        format!(
            "variable \"s\" {{\n  sensitive = true\n  default = \"{secret}\"\n}}\nresource \"terraform_data\" \"d\" {{\n  input = jsonencode({{ a = {a}, b = var.s, c = [\"x\", var.s] }})\n}}\n"
        )
    };
    let folder = Folder::new("secrets");
    folder.write("main.tf", &text(1, CANARY));
    folder.apply();
    let serial = || folder.read("terraform.tfstate").contains("\"serial\": 1,");
    assert!(serial());
    folder.apply();
    assert!(serial(), "nothing has changed");
    let check = |said: &str, expected: &[&str]| {
        for expected in expected {
            assert!(said.contains(expected), "{said}");
        }
        assert!(!said.contains(CANARY) && !said.contains(OTHER), "{said}");
    };
    let whole = ["a = 1\n", "b = (sensitive value)\n", "\"x\","];
    check(&folder.expect(0, "show", &[]), &whole);
    check(&folder.expect(0, "state show", &["terraform_data.d"]), &whole);
    check(
        &folder.expect(0, "plan", &["-destroy"]),
        &["- a = 1\n", "- b = (sensitive value)\n"],
    );
    folder.write("main.tf", &text(2, CANARY));
    let plan = folder.expect(0, "plan", &[]);
    check(&plan, &["~ a = 1 -> 2\n", "# (2 unchanged attributes hidden)"]);
    folder.write("main.tf", &text(2, OTHER));
    let plan = folder.expect(0, "plan", &["-out=p"]);
    let both = [
        "~ a = 1 -> 2\n",
        "~ b = (sensitive value)\n",
        "~ (sensitive value),",
    ];
    check(&plan, &both);
    check(&folder.expect(0, "show", &["p"]), &both);
    // A state of which only is known that all of it is secret.
    let mut older: Json = serde_json::from_str(&folder.read("terraform.tfstate")).unwrap();
    let object = &mut older["resources"][0]["instances"][0];
    assert!(
        object
            .as_object_mut()
            .unwrap()
            .remove("sensitive_within")
            .is_some()
    );
    folder.write("terraform.tfstate", &older.to_string());
    let plan = folder.expect(0, "plan", &[]);
    check(&plan, &["~ input  = (sensitive value)"]);
    assert!(!plan.contains("a = "), "{plan}");
}

#[test]
fn what_data_sources_are_told_in_secret_is_not_in_the_state_either() {
    let data = "data \"alicloud_kms_secrets\" \"all\" {\n  ids = [alicloud_kms_secret.s.id]\n  enable_details = true\n}\ndata \"alicloud_kms_secret_versions\" \"each\" {\n  secret_name = alicloud_kms_secret.s.id\n  enable_details = true\n}\noutput \"same\" {\n  value = nonsensitive(data.alicloud_kms_secrets.all.secrets[0].secret_data == data.alicloud_kms_secret_versions.each.versions[0].secret_data)\n}\n";
    let folder = applied("withheld-told", &(secret(CANARY, "") + data));
    assert_eq!(folder.expect(0, "output", &["same"]).trim(), "true");
    // The second run writes a backup, and an output from what is read again.
    rewritten(&folder, &(secret(OTHER, "") + data));
    folder.apply();
    assert_eq!(folder.expect(0, "output", &["same"]).trim(), "true");
    for text in [CANARY, OTHER] {
        assert_eq!(holding(&folder, text), Vec::<String>::new());
    }
    let all = instance(&folder, "all");
    assert_eq!(all["attributes"]["secrets"][0]["secret_data"], Json::Null);
    assert_eq!(all["attributes"]["secrets"][0]["secret_name"], "s");
    folder.expect(0, "plan", &["-detailed-exitcode"]);
}
