//! What types of Alibaba Cloud do beyond the life that every type has: lists, files, hidden values, traps avoided.

use std::os::unix::fs::PermissionsExt;

use fs_err as fs;

use serde_json::Value;

use crate::folder::Folder;

const REGION: &str = "provider \"alicloud\" {\n  region = \"cn-hangzhou\"\n}\n";

/// A folder with a configuration, the provider put before it.
fn folder(name: &str, text: &str) -> Folder {
    let folder = Folder::new(name);
    write(&folder, text);
    folder
}

fn write(folder: &Folder, text: &str) {
    folder.write("main.tf", &format!("{REGION}{text}"));
}

/// What an output is worth.
#[track_caller]
fn output(folder: &Folder, name: &str) -> Value {
    serde_json::from_str(&folder.expect(0, "output", &["-json", name])).unwrap()
}

const KEYS: &str = r#"
resource "alicloud_kms_key" "one" {
  description = "one: first"
}
resource "alicloud_kms_key" "two" {
  description = "two: second"
  status      = "Disabled"
}
"#;

/// How many keys a data source finds, and what it says of the first.
#[track_caller]
fn finds(folder: &Folder, arguments: &str, expected: &str) {
    let data = format!(
        r#"
data "alicloud_kms_keys" "found" {{
  {arguments}
}}
output "found" {{
  value = join(" ", [for k in data.alicloud_kms_keys.found.keys : "${{k.key_id == k.id}} ${{coalesce(k.description, "-")}}"])
}}
"#
    );
    write(folder, &format!("{KEYS}{data}"));
    folder.apply();
    assert_eq!(output(folder, "found"), expected, "{arguments}");
}

#[test]
fn keys_are_found_by_what_they_are() {
    let folder = folder("keys", KEYS);
    folder.apply();
    finds(&folder, r#"description_regex = "^one""#, "true one: first");
    finds(&folder, r#"status = "Disabled""#, "true two: second");
    finds(&folder, "ids = [alicloud_kms_key.two.id]", "true two: second");
    finds(
        &folder,
        r#"filters = jsonencode([{ Key = "KeyState", Values = ["Disabled"] }])"#,
        "true two: second",
    );
    // A filter counts, though nobody wants to see what it looks at.
    finds(
        &folder,
        "description_regex = \"^(two|three)\"\n  enable_details = false",
        "true -",
    );
    finds(&folder, r#"description_regex = "^three""#, "");
}

#[test]
fn a_regular_expression_that_is_none_is_refused_before_anything_is_asked() {
    let folder = folder(
        "regex",
        "data \"alicloud_kms_aliases\" \"a\" {\n  name_regex = \"a(\"\n}\n",
    );
    let text = folder.expect(1, "plan", &[]);
    assert!(text.contains("must be a regular expression"), "{text}");
}

#[test]
fn lists_are_written_to_files_for_their_owner_only() {
    let folder = folder(
        "files",
        r#"
resource "alicloud_kms_key" "k" {}
data "alicloud_kms_key_versions" "here" {
  key_id      = alicloud_kms_key.k.id
  output_file = "versions.json"
}
data "alicloud_kms_key_versions" "home" {
  key_id      = alicloud_kms_key.k.id
  output_file = "~/versions.json"
}
"#,
    );
    folder.apply();
    let text = folder.read("versions.json");
    assert!(text.starts_with("[\n\t{\n\t\t\"create_time\": "), "{text}");
    assert_eq!(folder.read("../versions.json"), text);
    let mode = fs::metadata(folder.path("versions.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

const SECRET: &str = r#"
resource "alicloud_kms_secret" "s" {
  secret_name                   = "s"
  secret_data                   = "never-shown"
  version_id                    = "v1"
  force_delete_without_recovery = true
}
"#;

/// The value of a secret comes out of a data source hidden, whatever shows it.
#[track_caller]
fn hides(data: &str, value: &str) {
    let folder = folder(data, &format!("{SECRET}{data}"));
    folder.apply();
    for (command, arguments) in [
        ("show", &[][..]),
        ("plan", &[][..]),
        ("state show", &["data.alicloud_kms_secrets.d"][..]),
    ] {
        let (_, text) = folder.run(command, arguments);
        assert!(!text.contains("never-shown"), "{command}:\n{text}");
    }
    let shown =
        |sensitive: &str| format!("{SECRET}{data}\noutput \"o\" {{\n  value = {value}\n  {sensitive}\n}}\n");
    write(&folder, &shown(""));
    let text = folder.expect(1, "plan", &[]);
    assert!(text.contains("Output refers to sensitive values"), "{text}");
    write(&folder, &shown("sensitive = true"));
    assert!(!folder.apply().contains("never-shown"));
    assert_eq!(output(&folder, "o"), "never-shown");
}

#[test]
fn values_of_secrets_that_are_listed_stay_hidden() {
    hides(
        "data \"alicloud_kms_secrets\" \"d\" {\n  ids            = [alicloud_kms_secret.s.id]\n  enable_details = true\n}\n",
        "data.alicloud_kms_secrets.d.secrets[0].secret_data",
    );
}

#[test]
fn values_of_versions_that_are_listed_stay_hidden() {
    hides(
        "data \"alicloud_kms_secret_versions\" \"d\" {\n  secret_name    = alicloud_kms_secret.s.id\n  enable_details = true\n}\n",
        "data.alicloud_kms_secret_versions.d.versions[0].secret_data",
    );
}

#[test]
fn a_secret_that_waits_for_its_end_is_listed_without_its_value() {
    let secret = SECRET.replace("force_delete_without_recovery = true", "");
    let other = secret.replace("\"s\"", "\"t\"");
    let folder = folder("waiting", &format!("{secret}{other}"));
    folder.apply();
    let list = r#"
data "alicloud_kms_secrets" "d" {
  enable_details = true
}
output "o" {
  value = [for s in data.alicloud_kms_secrets.d.secrets : [s.secret_name, s.version_id, s.planned_delete_time != null]]
}
"#;
    write(&folder, &secret);
    folder.apply();
    write(&folder, &format!("{secret}{list}"));
    folder.apply();
    let expected = serde_json::json!([["s", "v1", false], ["t", null, true]]);
    assert_eq!(output(&folder, "o"), expected);
}

#[test]
fn what_is_opened_is_what_was_encrypted_and_stays_hidden() {
    let folder = folder(
        "plaintext",
        r#"
resource "alicloud_kms_key" "k" {}
data "alicloud_kms_ciphertext" "c" {
  key_id    = alicloud_kms_key.k.id
  plaintext = base64encode("never-shown")
}
data "alicloud_kms_plaintext" "p" {
  ciphertext_blob = data.alicloud_kms_ciphertext.c.ciphertext_blob
}
output "same_key" {
  value = data.alicloud_kms_plaintext.p.key_id == alicloud_kms_key.k.id
}
output "text" {
  value     = base64decode(data.alicloud_kms_plaintext.p.plaintext)
  sensitive = true
}
"#,
    );
    folder.apply();
    assert_eq!(output(&folder, "same_key"), true);
    assert_eq!(output(&folder, "text"), "never-shown");
    let base64 = "bmV2ZXItc2hvd24=";
    assert!(!folder.expect(0, "show", &[]).contains(base64));
}

#[test]
fn a_text_that_is_no_base64_comes_back_as_it_was() {
    let folder = folder(
        "plain_text",
        r#"
resource "alicloud_kms_key" "k" {}
resource "alicloud_kms_ciphertext" "c" {
  key_id    = alicloud_kms_key.k.id
  plaintext = "Pass word!"
}
data "alicloud_kms_plaintext" "p" {
  ciphertext_blob = alicloud_kms_ciphertext.c.ciphertext_blob
}
output "text" {
  value     = data.alicloud_kms_plaintext.p.plaintext
  sensitive = true
}
"#,
    );
    folder.apply();
    assert_eq!(output(&folder, "text"), "Pass word!");
}

#[test]
fn a_region_is_named_or_the_current_one_but_not_both() {
    let data = |arguments: &str| {
        format!(
            "data \"alicloud_regions\" \"r\" {{\n{arguments}\n}}\noutput \"o\" {{\n  value = data.alicloud_regions.r.ids\n}}\n"
        )
    };
    let folder = folder("regions", &data("  name = \"eu-central-1\""));
    folder.apply();
    assert_eq!(output(&folder, "o"), serde_json::json!(["eu-central-1"]));
    for (arguments, message) in [
        (
            "  name = \"eu-central-1\"\n  current = true",
            "The current region is cn-hangzhou, not eu-central-1",
        ),
        (
            "  name = \"nowhere\"",
            "No region of this account is named nowhere",
        ),
    ] {
        write(&folder, &data(arguments));
        let text = folder.expect(1, "plan", &[]);
        assert!(text.contains(message), "{text}");
    }
}

#[test]
fn what_depends_on_things_to_come_is_planned_without_any_cloud() {
    let folder = Folder::without_sandbox("no cloud");
    let mut text = REGION.to_owned();
    text.push_str(
        r#"
resource "alicloud_kms_key" "k" {}
data "alicloud_kms_key_versions" "v" {
  key_id = alicloud_kms_key.k.id
}
data "alicloud_kms_ciphertext" "c" {
  key_id    = alicloud_kms_key.k.id
  plaintext = "YQ=="
}
data "alicloud_kms_keys" "k" {
  ids = [alicloud_kms_key.k.id]
}
output "o" {
  value = [data.alicloud_kms_key_versions.v.ids, data.alicloud_kms_keys.k.keys[0].arn]
}
"#,
    );
    folder.write("main.tf", &text);
    folder.expect(0, "validate", &[]);
    let plan = folder.expect(2, "plan", &["-detailed-exitcode"]);
    assert!(
        plan.contains("data.alicloud_kms_keys.k will be read during apply"),
        "{plan}"
    );
    assert!(plan.contains("+ ciphertext_blob = (known after apply)"), "{plan}");
}

#[test]
fn every_example_of_a_resource_is_planned_without_any_cloud() {
    for entry in fs::read_dir("examples/alicloud").unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("data") {
            continue;
        }
        let folder = Folder::without_sandbox(path.to_str().unwrap());
        folder.write("main.tf", &fs::read_to_string(path.join("main.tf")).unwrap());
        folder.expect(0, "validate", &[]);
        let plan = folder.expect(2, "plan", &["-detailed-exitcode"]);
        assert!(plan.contains("(known after apply)"), "{plan}");
    }
}

#[test]
fn a_version_of_a_key_is_forgotten_with_a_word_that_it_stays() {
    let folder = folder(
        "version",
        r#"
resource "alicloud_kms_key" "k" {
  key_spec = "RSA_2048"
}
resource "alicloud_kms_key_version" "v" {
  key_id = alicloud_kms_key.k.id
}
"#,
    );
    folder.apply();
    let text = folder.expect(0, "destroy", &["-auto-approve"]);
    assert!(text.contains("No version of a key can be deleted"), "{text}");
}

#[test]
fn a_symmetric_key_gets_no_version_and_the_cloud_says_why() {
    let folder = folder(
        "symmetric",
        r#"
resource "alicloud_kms_key" "k" {}
resource "alicloud_kms_key_version" "v" {
  key_id = alicloud_kms_key.k.id
}
"#,
    );
    let text = folder.expect(1, "apply", &["-auto-approve"]);
    assert!(text.contains("Rejected.UnsupportedOperation"), "{text}");
}

const INSTANCE: &str = r#"
resource "alicloud_kms_instance" "i" {
  vpc_id              = "vpc-1"
  zone_ids            = ["cn-hangzhou-k", "cn-hangzhou-j"]
  vswitch_ids         = ["vsw-1"]
  product_version     = "3"
  deletion_protection = true
}
"#;

#[test]
fn a_protected_instance_is_neither_destroyed_nor_replaced() {
    let folder = folder("instance", INSTANCE);
    folder.apply();
    folder.is_settled();
    let text = folder.expect(5, "plan", &["-destroy"]);
    assert!(text.contains("is protected from deletion"), "{text}");
    write(&folder, &INSTANCE.replace("vpc-1", "vpc-2"));
    let text = folder.expect(5, "plan", &[]);
    assert!(text.contains("is protected from deletion"), "{text}");
    write(&folder, &INSTANCE.replace("\"3\"", "\"5\""));
    let text = folder.expect(1, "plan", &[]);
    assert!(
        text.contains("The product version of an instance cannot be changed"),
        "{text}"
    );
    write(&folder, &INSTANCE.replace("true", "false"));
    folder.apply();
    let plan = folder.expect(0, "plan", &["-destroy"]);
    assert!(
        plan.contains("lost for ever as soon as it is destroyed"),
        "{plan}"
    );
    folder.destroy();
}

#[test]
fn an_order_of_zones_is_no_change() {
    let folder = folder("zones", INSTANCE);
    folder.apply();
    let swapped = INSTANCE.replace(
        "[\"cn-hangzhou-k\", \"cn-hangzhou-j\"]",
        "[\"cn-hangzhou-j\", \"cn-hangzhou-k\"]",
    );
    assert_ne!(swapped, INSTANCE);
    write(&folder, &swapped);
    folder.is_settled();
}

#[test]
fn a_network_rule_needs_a_name_before_anything_is_asked() {
    let folder = folder(
        "rule",
        "resource \"alicloud_kms_network_rule\" \"r\" {\n  source_private_ip = [\"10.0.0.0/8\"]\n}\n",
    );
    let text = folder.expect(1, "validate", &[]);
    assert!(text.contains("network_rule_name"), "{text}");
}

#[test]
fn a_service_paid_by_use_is_not_bought_again() {
    let folder = folder(
        "service",
        "resource \"alicloud_kms_value_added_service\" \"s\" {\n  payment_type        = \"PayAsYouGo\"\n  value_added_service = \"2\"\n}\n",
    );
    folder.apply();
    folder.is_settled();
    let recorded = folder.recorded("alicloud_kms_value_added_service.s");
    assert_eq!(recorded["payment_type"], "PayAsYouGo");
}

#[test]
fn a_protected_key_is_neither_destroyed_nor_replaced() {
    let key = "resource \"alicloud_kms_key\" \"k\" {\n  key_spec            = \"RSA_2048\"\n  deletion_protection = \"Enabled\"\n}\n";
    let folder = folder("protected", key);
    folder.apply();
    for (text, arguments) in [
        (key.to_owned(), &["-destroy"][..]),
        (key.replace("RSA_2048", "RSA_3072"), &[][..]),
        (key.to_owned(), &["-replace=alicloud_kms_key.k"][..]),
        (String::new(), &[][..]),
    ] {
        write(&folder, &text);
        // Refused by a guard.
        let told = folder.expect(5, "plan", arguments);
        assert!(
            told.contains("is protected from deletion"),
            "{arguments:?}: {told}"
        );
    }
}

/// All sources below a folder, as one text.
fn sources(folder: &std::path::Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_trap_names_a_test_or_a_life_that_exists() {
    let mut all = String::new();
    for folder in ["src", "tests"] {
        sources(folder.as_ref(), &mut all);
    }
    let text = include_str!("../docs/traps-alicloud.md");
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| trap"));
    let mut named = 0;
    for row in rows {
        let shown = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let words: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        assert!(!words.is_empty(), "nothing shows that {row}");
        for word in words {
            let name = word.rsplit("::").next().unwrap();
            let is_life = fs::metadata(format!("tests/life/{name}.tf")).is_ok();
            assert!(
                is_life || all.contains(&format!("fn {name}()")),
                "{word} does not exist"
            );
            named += 1;
        }
    }
    assert!(named > 80, "only {named} are named");
}
