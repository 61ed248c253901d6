//! States and plans are encrypted as the configuration says, in a form that OpenTofu reads and writes.

use fs_err as fs;
use keyform::sandbox::{self, Faults};
use serde_json::{Value as Json, json};

use crate::faults::clouds;
use crate::folder::Folder;

const PASSPHRASE: &str = "correct horse battery staple";
const CANARY: &str = "canary-hunter22-canary";

/// Something that is recorded whole.
const DATA: &str = "resource \"terraform_data\" \"d\" {\n  input = \"canary-hunter22-canary\"\n}\n";

/// An `encryption` block with this in it, and a key that is made from a passphrase.
fn encryption(inside: &str) -> String {
    format!(
        "terraform {{\n  encryption {{\n    key_provider \"pbkdf2\" \"a\" {{\n      passphrase = \"{PASSPHRASE}\"\n      iterations = 200000\n    }}\n    method \"aes_gcm\" \"a\" {{\n      keys = key_provider.pbkdf2.a\n    }}\n    method \"unencrypted\" \"no\" {{}}\n{inside}  }}\n}}\n"
    )
}

const BOTH: &str = "    state {\n      method   = method.aes_gcm.a\n      enforced = true\n    }\n    plan {\n      method = method.aes_gcm.a\n    }\n";

fn folder(text: &str) -> Folder {
    let folder = Folder::new("encryption");
    folder.write("main.tf", text);
    folder
}

fn state(folder: &Folder) -> Json {
    serde_json::from_str(&folder.read("terraform.tfstate")).unwrap()
}

/// The files beside the configuration that hold a text.
fn holding(folder: &Folder, text: &str) -> Vec<String> {
    let entries = fs::read_dir(folder.path(".")).unwrap();
    let files = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file());
    let names = files.map(|path| path.file_name().unwrap().to_string_lossy().into_owned());
    names
        .filter(|name| name != "main.tf" && folder.read(name).contains(text))
        .collect()
}

#[test]
fn states_and_plans_are_encrypted_and_read_again() {
    let folder = folder(&(encryption(BOTH) + DATA));
    folder.expect(0, "plan", &["-out=p"]);
    assert!(
        folder
            .read("p")
            .starts_with("{\"meta\":{\"key_provider.pbkdf2.a\":")
    );
    folder.expect(0, "apply", &["p"]);
    fs::remove_file(folder.path("p")).unwrap();
    let first = state(&folder);
    assert_eq!(first["encryption_version"], "v0");
    assert_eq!(first["serial"], 1);
    assert!(first["lineage"].is_string() && first["meta"]["key_provider.pbkdf2.a"].is_string());
    assert_eq!(first.as_object().unwrap().len(), 5, "{first}");
    folder.expect(0, "plan", &["-detailed-exitcode"]);
    folder.write("main.tf", &(encryption(BOTH) + &DATA.replace("canary", "other")));
    folder.apply();
    let second = state(&folder);
    assert_ne!(first["meta"], second["meta"], "each run has a key of its own");
    assert_eq!(holding(&folder, CANARY), [""; 0]);
    assert!(
        folder
            .expect(0, "state pull", &[])
            .contains("other-hunter22-other")
    );
    assert!(
        folder
            .expect(0, "show", &["terraform.tfstate.backup"])
            .contains(CANARY)
    );
    folder.expect(0, "state mv", &["terraform_data.d", "terraform_data.e"]);
    assert_eq!(folder.expect(0, "state list", &[]), "terraform_data.e\n");
    assert_eq!(holding(&folder, "terraform_data"), [""; 0]);
}

#[test]
fn the_passphrase_may_come_from_a_variable_or_stand_in_the_environment() {
    let text = encryption(BOTH).replace(&format!("\"{PASSPHRASE}\""), "var.passphrase");
    let mut folder = folder(&(text + "variable \"passphrase\" {\n  sensitive = true\n}\n" + DATA));
    let given = format!("-var=passphrase={PASSPHRASE}");
    folder.expect(0, "apply", &["-auto-approve", &given]);
    folder.set("TF_VAR_passphrase", PASSPHRASE);
    assert_eq!(folder.expect(0, "state list", &[]), "terraform_data.d\n");
    folder.write("main.tf", DATA);
    let json = json!({
        "key_provider": {"pbkdf2": {"a": {"passphrase": PASSPHRASE}}},
        "method": {"aes_gcm": {"a": {"keys": "${key_provider.pbkdf2.a}"}}},
        "state": {"method": "${method.aes_gcm.a}"},
    });
    folder.set("TF_ENCRYPTION", &json.to_string());
    assert_eq!(folder.expect(0, "state list", &[]), "terraform_data.d\n");
    folder.set("TF_ENCRYPTION", &json.to_string().replace("staple", "stable"));
    let said = folder.expect(1, "plan", &[]);
    assert!(said.contains("Error: Decryption failed"), "{said}");
    assert!(!said.contains("stable") && !said.contains("staple"), "{said}");
}

#[test]
fn a_passphrase_that_is_missing_is_named_with_a_way_that_the_command_has() {
    let text = encryption(BOTH).replace(&format!("\"{PASSPHRASE}\""), "var.passphrase");
    let folder = folder(&(text + "variable \"passphrase\" {\n  sensitive = true\n}\n" + DATA));
    let given = format!("-var=passphrase={PASSPHRASE}");
    folder.expect(0, "plan", &["-out=saved", &given]);
    for (command, arguments) in [
        ("show", &[][..]),
        ("state list", &[]),
        ("output", &[]),
        ("show", &["saved"]),
    ] {
        let said = folder.expect(1, command, arguments).replace('\n', " ");
        for part in [
            "stands in the settings of encryption",
            "TF_VAR_passphrase, or terraform.tfvars",
        ] {
            assert!(said.contains(part), "{command}: {said}");
        }
        assert!(
            !said.contains("where a module") && !said.contains("-var"),
            "{said}"
        );
    }
    // What the command line gives counts before the plan that is saved is opened.
    folder.expect(0, "apply", &["saved", &given]);
    folder.expect(0, "recover", &["-list", &given]);
    let said = folder.expect(1, "recover", &["-list"]);
    assert!(said.contains("-var 'passphrase=...'"), "{said}");
}

#[test]
fn without_settings_an_encrypted_state_is_not_touched() {
    let folder = folder(&(encryption(BOTH) + DATA));
    folder.apply();
    let before = folder.read("terraform.tfstate");
    folder.write("main.tf", DATA);
    let said = folder.expect(1, "apply", &["-auto-approve"]);
    assert!(said.contains("Error: State is encrypted"), "{said}");
    assert_eq!(folder.read("terraform.tfstate"), before);
}

#[test]
fn a_state_in_clear_is_encrypted_when_a_fallback_allows_it_and_the_other_way_round() {
    let folder = folder(DATA);
    folder.apply();
    folder.write("main.tf", &(encryption(BOTH) + DATA));
    let said = folder.expect(1, "plan", &[]);
    assert!(said.contains("Error: State is not encrypted"), "{said}");
    let there = "    state {\n      method = method.aes_gcm.a\n      fallback {\n        method = method.unencrypted.no\n      }\n    }\n";
    folder.write("main.tf", &(encryption(there) + &DATA.replace("\"d\"", "\"e\"")));
    folder.apply();
    assert_eq!(state(&folder)["encryption_version"], "v0");
    assert_eq!(holding(&folder, CANARY), [""; 0], "the backup too");
    let back = "    state {\n      method = method.unencrypted.no\n      fallback {\n        method = method.aes_gcm.a\n      }\n    }\n";
    folder.write("main.tf", &(encryption(back) + DATA));
    folder.apply();
    assert_eq!(state(&folder)["version"], 4);
}

/// An apply leaves nothing that only a fallback can read, though there is nothing else to do.
#[test]
fn an_apply_without_changes_changes_the_key() {
    let folder = folder(DATA);
    folder.apply();
    let kept = |method: &str, fallback: &str| {
        encryption(&format!(
            "    state {{\n      method = method.{method}\n      fallback {{\n        method = method.{fallback}\n      }}\n    }}\n"
        ))
    };
    folder.write("main.tf", &(kept("aes_gcm.a", "unencrypted.no") + DATA));
    folder.expect(0, "plan", &[]);
    assert_eq!(state(&folder)["version"], 4, "a plan writes nothing");
    folder.apply();
    assert_eq!(state(&folder)["encryption_version"], "v0");
    assert_eq!(holding(&folder, CANARY), [""; 0], "the backup too");
    let serial = state(&folder)["serial"].clone();
    folder.apply();
    assert_eq!(state(&folder)["serial"], serial, "once is enough");
    folder.write("main.tf", &(encryption(BOTH) + DATA));
    folder.is_settled();
    folder.write("main.tf", &(kept("unencrypted.no", "aes_gcm.a") + DATA));
    folder.apply();
    assert_eq!(state(&folder)["version"], 4);
}

#[test]
fn what_was_changed_or_put_back_is_refused() {
    let folder = folder(&(encryption(BOTH) + DATA));
    folder.apply();
    let old = folder.read("terraform.tfstate");
    let later = old.replace("\"serial\":1", "\"serial\":9");
    folder.write("terraform.tfstate", &later);
    let said = folder.expect(1, "plan", &[]).replace('\n', " ");
    assert!(said.contains("somebody has changed them"), "{said}");
    folder.write("terraform.tfstate", &old);
    folder.write("main.tf", &(encryption(BOTH) + &DATA.replace("canary", "other")));
    folder.apply();
    // Nobody has read the new one yet.
    folder.write("terraform.tfstate", &old);
    let said = folder.expect(1, "plan", &[]);
    assert!(
        said.contains("Error: State is older than one that was seen before"),
        "{said}"
    );
    fs::remove_file(folder.path(".keyform/serials.json")).unwrap();
    folder.expect(0, "plan", &[]);
    let damaged = old.replace("\"encrypted_data\":\"", "\"encrypted_data\":\"A");
    folder.write("terraform.tfstate", &damaged);
    let said = folder.expect(1, "plan", &[]);
    assert!(said.contains("Error: Decryption failed"), "{said}");
}

#[test]
fn serials_are_remembered_place_by_place_and_a_push_that_is_forced_begins_anew() {
    let folder = folder(&(encryption(BOTH) + DATA));
    folder.apply();
    let old = folder.read("terraform.tfstate");
    folder.expect(0, "workspace new", &["-state=terraform.tfstate", "w"]);
    let copy = folder.read("terraform.tfstate.d/w/terraform.tfstate");
    let copy: Json = serde_json::from_str(&copy).unwrap();
    assert_ne!(copy["lineage"], state(&folder)["lineage"]);
    for text in ["one", "two"] {
        folder.write("main.tf", &(encryption(BOTH) + &DATA.replace("canary", text)));
        folder.apply();
    }
    folder.expect(0, "workspace select", &["default"]);
    folder.expect(0, "plan", &[]);
    folder.apply();
    folder.expect(0, "plan", &[]);
    folder.write("old", &old);
    let refused = folder.expect(1, "state push", &["old"]);
    assert!(refused.contains("serial 1 over newer state"), "{refused}");
    folder.expect(0, "state push", &["-force", "old"]);
    folder.expect(0, "plan", &[]);
    folder.apply();
    folder.expect(0, "plan", &[]);
    // Who puts it back otherwise is found out.
    folder.write("terraform.tfstate", &old);
    let refused = folder.expect(1, "plan", &[]);
    assert!(
        refused.contains("older than one that was seen before"),
        "{refused}"
    );
    // Whoever says so may put it back all the same.
    folder.expect(0, "state push", &["-force", "old"]);
    folder.expect(0, "plan", &[]);
}

#[test]
fn a_bound_state_does_not_open_as_another() {
    let bound = encryption(BOTH).replace(
        "keys = key_provider.pbkdf2.a",
        "keys  = key_provider.pbkdf2.a\n      bound = true",
    );
    let folder = folder(&(bound + DATA));
    folder.apply();
    folder.expect(0, "plan", &["-detailed-exitcode"]);
    let text = folder
        .read("terraform.tfstate")
        .replace("\"serial\":1", "\"serial\":2");
    folder.write("terraform.tfstate", &text);
    let said = folder.expect(1, "plan", &[]).replace('\n', " ");
    assert!(
        said.contains("it was changed, or encrypted with another key"),
        "{said}"
    );
}

#[test]
fn secrets_may_stand_in_an_encrypted_state_and_in_no_other() {
    let ask = |text: &str| {
        text.replacen(
            "terraform {\n",
            "terraform {\n  secrets_in_state = \"encrypted\"\n",
            1,
        )
    };
    let secret = "resource \"aws_kms_key\" \"k\" {}\nresource \"aws_kms_ciphertext\" \"c\" {\n  key_id    = aws_kms_key.k.id\n  plaintext = \"canary-hunter22-canary\"\n}\n";
    let folder = folder(&(ask(&encryption(BOTH)) + secret));
    folder.apply();
    assert_eq!(holding(&folder, CANARY), [""; 0]);
    assert!(folder.expect(0, "state pull", &[]).contains(CANARY));
    folder.is_settled();
    folder.write(
        "main.tf",
        &("terraform {\n  secrets_in_state = \"encrypted\"\n}\n".to_owned() + secret),
    );
    let said = folder.expect(1, "plan", &[]).replace('\n', " ");
    assert!(said.contains("the state is not encrypted"), "{said}");
}

#[test]
fn a_key_service_makes_the_keys_of_states() {
    let cloud = clouds(Faults::default());
    for (provider, region, access_key, secret_key) in [
        (
            "aws",
            "eu-west-1",
            sandbox::AWS_ACCESS_KEY_ID,
            sandbox::AWS_SECRET_ACCESS_KEY,
        ),
        (
            "alicloud",
            "cn-hangzhou",
            sandbox::ALICLOUD_ACCESS_KEY_ID,
            sandbox::ALICLOUD_ACCESS_KEY_SECRET,
        ),
    ] {
        let folder = Folder::without_sandbox("encryption");
        let address = format!("http://{}", cloud.address);
        let arguments = format!(
            "region = \"{region}\"\n      access_key = \"{access_key}\"\n      secret_key = \"{secret_key}\"\n      endpoints {{\n        kms = \"{address}\"\n        sts = \"{address}\"\n      }}\n"
        );
        let key = format!(
            "provider \"{provider}\" {{\n{arguments}}}\nresource \"{provider}_kms_key\" \"k\" {{\n}}\n"
        );
        folder.write("main.tf", &key);
        folder.apply();
        let id = folder.recorded(&format!("{provider}_kms_key.k"))["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let text = format!(
            "terraform {{\n  encryption {{\n    key_provider \"{provider}_kms\" \"a\" {{\n      kms_key_id = \"{id}\"\n      {arguments}    }}\n    method \"aes_gcm\" \"a\" {{\n      keys = key_provider.{provider}_kms.a\n    }}\n    method \"unencrypted\" \"no\" {{}}\n    state {{\n      method = method.aes_gcm.a\n      fallback {{\n        method = method.unencrypted.no\n      }}\n    }}\n  }}\n}}\n"
        );
        folder.write("main.tf", &(text + &key + DATA));
        folder.apply();
        let meta = &state(&folder)["meta"][format!("key_provider.{provider}_kms.a")];
        assert!(meta.is_string(), "{}", state(&folder));
        folder.expect(0, "plan", &["-detailed-exitcode"]);
    }
    cloud.stop().unwrap();
}

#[test]
fn settings_that_cannot_be_are_told() {
    let check = |from: &str, to: &str, expected: &str| {
        let text = encryption(BOTH).replace(from, to);
        assert_ne!(text, encryption(BOTH), "{from}");
        let folder = folder(&(text + DATA));
        let said = folder.expect(1, "plan", &[]).replace('\n', " ");
        assert!(said.contains(expected), "{said}");
    };
    check(
        PASSPHRASE,
        "short",
        "A passphrase of at least 16 characters is required.",
    );
    check(
        "200000",
        "1000",
        "\"iterations\" must be a whole number from 200000 to",
    );
    check(
        "key_provider.pbkdf2.a",
        "key_provider.pbkdf2.b",
        "Did you mean key_provider.pbkdf2.a?",
    );
    check(
        "method.aes_gcm.a\n      enforced",
        "method.unencrypted.no\n      enforced",
        "the method leaves it in clear",
    );
    check(
        "\"aes_gcm\" \"a\"",
        "\"aes_cbc\" \"a\"",
        "There is no method \"aes_gcm\" \"a\"",
    );
    check(
        "key_provider \"pbkdf2\"",
        "key_provider \"xor\"",
        "The key_provider \"xor\" is not supported.",
    );
    check(
        "passphrase =",
        "password =",
        "An argument named \"password\" is not expected here.",
    );
    check("state {", "states {", "Did you mean \"state\"?");
}

#[test]
fn what_the_environment_says_wrong_points_at_no_file() {
    let mut folder = folder(&(encryption(BOTH) + DATA));
    folder.set(
        "TF_ENCRYPTION",
        "state {\n  method = method.aes_gcm.other\n}\nplan {}\n",
    );
    let said = folder.expect(1, "plan", &[]);
    assert!(
        said.contains("TF_ENCRYPTION over the configuration's") && !said.contains("main.tf"),
        "{said}"
    );
}

#[test]
fn workspaces_are_listed_whatever_the_settings_say() {
    let folder = folder(&(encryption(BOTH).replace(PASSPHRASE, "short") + DATA));
    assert_eq!(folder.expect(0, "workspace list", &[]), "* default\n\n");
    folder.expect(1, "plan", &[]);
}
