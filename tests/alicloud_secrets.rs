//! Secrets and private keys of Alibaba Cloud: where they are kept, where they never come, and what happens to them when
//! somebody else or a bad moment interferes.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use fs_err as fs;
use keyform::sandbox::Faults;

use crate::alicloud_traps::{
    POLICY, applied, apply, at, calls, destroyed_elsewhere, key, refused, secret, write,
};
use crate::faults::{clouds, control, failing, misbehave};
use crate::folder::Folder;

#[test]
fn a_point_in_time_with_another_offset_replaces_no_client_key() {
    let key = |before: &str| {
        format!(
            "resource \"alicloud_kms_application_access_point\" \"a\" {{\n  application_access_point_name = \"a\"\n  policies = [\"p\"]\n}}\nresource \"alicloud_kms_client_key\" \"k\" {{\n  aap_name = alicloud_kms_application_access_point.a.id\n  password = \"password-1\"\n  not_before = \"{before}\"\n  not_after = \"2033-09-01T14:11:22Z\"\n}}\n"
        )
    };
    let folder = applied("offset", &key("2023-09-01T14:11:22Z"));
    write(&folder, &key("2023-09-01T22:11:22+08:00"));
    folder.is_settled();
    refused(&folder, &key("2023-09-01 14:11:22Z"), "not_before");
}

#[test]
fn no_client_key_is_made_whose_file_cannot_be_written() {
    let cloud = clouds(Faults::default());
    let folder = Folder::without_sandbox("unwritable");
    let text = "resource \"alicloud_kms_application_access_point\" \"a\" {\n  application_access_point_name = \"a\"\n  policies = [\"p\"]\n}\nresource \"alicloud_kms_client_key\" \"k\" {\n  aap_name = alicloud_kms_application_access_point.a.id\n  password = \"password-1\"\n  private_key_data_file = \"FILE\"\n}\n";
    let with = |file: &str| {
        folder.write(
            "main.tf",
            &format!("{}{}", at(&cloud), text.replace("FILE", file)),
        );
    };
    fs::create_dir(folder.path("taken")).unwrap();
    for file in ["taken", "main.tf/k.json"] {
        with(file);
        let told = folder.expect(1, "apply", &["-auto-approve"]);
        assert!(told.contains(file), "{told}");
    }
    assert_eq!(calls(&cloud, "CreateClientKey"), 0);
    // What stands in its place stays, and nothing is made.
    folder.write("k.json", "old");
    with("k.json");
    folder.expect(5, "apply", &["-auto-approve"]);
    assert_eq!(
        (folder.read("k.json"), calls(&cloud, "CreateClientKey")),
        ("old".into(), 0)
    );
    fs::remove_file(folder.path("k.json")).unwrap();
    folder.apply();
    // The file of the one that is replaced stays readable for nobody else.
    fs::set_permissions(folder.path("k.json"), Permissions::from_mode(0o644)).unwrap();
    let key = "alicloud_kms_client_key.k";
    let (replace, name) = (format!("-replace={key}"), format!("-destroy-key={key}"));
    folder.expect(0, "apply", &["-auto-approve", &replace, &name]);
    let mode = fs::metadata(folder.path("k.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = folder.read("k.json");
    assert!(
        text.starts_with("{\"KeyId\":\"KAAP.") && !text.ends_with('\n'),
        "{text}"
    );
    cloud.stop().unwrap();
}

#[test]
fn a_client_key_is_not_replaced_after_an_import() {
    let text = "resource \"alicloud_kms_application_access_point\" \"a\" {\n  application_access_point_name = \"a\"\n  policies = [\"p\"]\n}\nresource \"alicloud_kms_client_key\" \"k\" {\n  aap_name = alicloud_kms_application_access_point.a.id\n  PASSWORD\n  private_key_data_file = \"k.json\"\n}\n";
    let mut folder = applied("kept", &text.replace("PASSWORD", "password = \"password-1\""));
    folder.import_again("alicloud_kms_client_key.k");
    let hidden = "password_wo = \"password-1\"\n  password_wo_version = \"1\"";
    apply(&folder, &text.replace("PASSWORD", hidden));
    let id = folder.recorded("alicloud_kms_client_key.k")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    folder.expect(0, "state rm", &["alicloud_kms_client_key.k"]);
    folder.expect(0, "import", &["alicloud_kms_client_key.k", &id]);
    folder.is_settled();
    assert!(!folder.read("terraform.tfstate").contains("password-1"));
}

#[test]
fn a_list_that_cannot_be_written_to_its_file_is_an_error() {
    let folder = Folder::new("list");
    fs::create_dir(folder.path("taken")).unwrap();
    let data = "data \"alicloud_kms_aliases\" \"a\" {\n  output_file = \"taken\"\n}\n";
    refused(&folder, data, "taken");
}

#[test]
fn a_text_that_a_data_source_encrypts_stays_as_it_is() {
    let data = |text: &str| {
        format!(
            "resource \"alicloud_kms_key\" \"k\" {{}}\ndata \"alicloud_kms_ciphertext\" \"c\" {{\n  key_id = alicloud_kms_key.k.id\n  plaintext = \"{text}\"\n}}\noutput \"o\" {{\n  value = data.alicloud_kms_ciphertext.c.ciphertext_blob\n}}\n"
        )
    };
    let folder = applied("data", &data("YQ=="));
    let output = || folder.expect(0, "output", &["-raw", "o"]);
    let first = output();
    folder.apply();
    assert_eq!(output(), first);
    apply(&folder, &data("Yg=="));
    assert_ne!(output(), first);
}

#[test]
fn a_policy_that_is_not_there_hides_no_object() {
    let cloud = clouds(Faults::default());
    let folder = Folder::without_sandbox("policy");
    let secret = format!(
        "resource \"alicloud_kms_secret\" \"s\" {{\n  secret_name = \"s\"\n  secret_data = \"d\"\n  version_id = \"v1\"\n  dkms_instance_id = \"kst-hzz1\"\n{POLICY}}}\n"
    );
    let key = key(&format!("  dkms_instance_id = \"kst-hzz1\"\n{POLICY}"));
    folder.write("main.tf", &format!("{}{key}{secret}", at(&cloud)));
    folder.apply();
    misbehave(
        cloud.address,
        r#"[{"action":"GetKeyPolicy","error":"Forbidden.KeyPolicyUnSupported","times":9},{"action":"GetSecretPolicy","error":"Forbidden.ResourceNotFound","times":9}]"#,
    );
    folder.is_settled();
    cloud.stop().unwrap();
}

#[test]
fn a_secret_that_somebody_deleted_is_called_back() {
    let secret = "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  secret_data = \"d\"\n  version_id = \"v1\"\n}\n";
    let folder = applied("deleted", secret);
    destroyed_elsewhere(&folder, "alicloud_kms_secret.s", secret);
    let plan = folder.expect(2, "plan", &["-detailed-exitcode"]);
    assert!(plan.contains("0 to add, 1 to change, 0 to destroy"), "{plan}");
    folder.apply();
    folder.is_settled();
}

#[test]
fn a_bad_moment_in_which_a_key_was_made_makes_no_second_key() {
    for error in ["500", "close"] {
        let cloud = failing("CreateKey", error, true);
        let folder = Folder::without_sandbox("second");
        folder.write("main.tf", &format!("{}{}", at(&cloud), key("")));
        // It is found by its tag, and goes under management.
        folder.apply();
        assert_eq!(calls(&cloud, "CreateKey"), 1);
        folder.is_settled();
        cloud.stop().unwrap();
    }
}

#[test]
fn what_is_never_to_be_stored_is_stored_nowhere() {
    let text = |value: &str, version: &str| {
        secret(&format!(
            "  secret_data_wo = \"{value}\"\n  secret_data_wo_version = \"{version}\"\n  version_id = \"{version}\""
        )) + "data \"alicloud_kms_secrets\" \"d\" {\n  depends_on = [alicloud_kms_secret.s]\n  enable_details = true\n}\noutput \"o\" {\n  value = nonsensitive(data.alicloud_kms_secrets.d.secrets[0].secret_data) == \"never-kept-2\"\n}\n"
    };
    let folder = Folder::new("write-only");
    let resource = |text: &str| text.split("data \"").next().unwrap().to_owned();
    folder.write("main.tf", &resource(&text("never-kept-1", "v1")));
    let told = folder.apply();
    folder.is_settled();
    assert!(!format!("{told}{}", folder.read("terraform.tfstate")).contains("never-kept"));
    // Another value under the same version cannot be stored.
    let wrong = text("never-kept-2", "v2").replace("version_id = \"v2\"", "version_id = \"v1\"");
    folder.write("main.tf", &wrong);
    let told = folder.expect(1, "plan", &[]).replace('\n', " ");
    assert!(told.contains("together with secret_data_wo_version"), "{told}");
    folder.write("main.tf", &text("never-kept-2", "v2"));
    folder.apply();
    assert_eq!(folder.expect(0, "output", &["o"]).trim(), "true");
}

#[test]
fn a_secret_is_moved_out_of_the_state_without_being_replaced() {
    for updates in ["replace", "in_place"] {
        let text =
            |value: &str| secret(&format!("  {value}\n  version_id = \"v1\"")).replace("in_place", updates);
        let mut folder = Folder::new("moved out");
        folder.write("main.tf", &text("secret_data = \"never-kept\""));
        folder.set("KEYFORM_SECRETS_IN_STATE", "terraform");
        folder.apply();
        assert!(folder.read("terraform.tfstate").contains("never-kept"));
        folder.write(
            "main.tf",
            &text("secret_data_wo = \"never-kept\"\n  secret_data_wo_version = \"1\""),
        );
        let told = folder.apply();
        assert!(told.contains("0 added, 1 changed, 0 destroyed"), "{told}");
        assert!(!folder.read("terraform.tfstate").contains("never-kept"));
        folder.is_settled();
        // An import does not bring it back.
        folder.expect(0, "state rm", &["alicloud_kms_secret.s"]);
        folder.expect(0, "import", &["alicloud_kms_secret.s", "s"]);
        assert!(!folder.read("terraform.tfstate").contains("never-kept"));
        let told = folder.apply();
        assert!(told.contains("0 added, 1 changed, 0 destroyed"), "{told}");
        assert!(!folder.read("terraform.tfstate").contains("never-kept"));
    }
}

#[test]
fn what_time_changes_is_no_change_of_ours() {
    let cloud = clouds(Faults::default());
    let wait_days = |days: u32| {
        let path = format!("advance?seconds={}", days * 86_400);
        assert!(control(cloud.address, "POST", &path, "").contains("ok"));
    };
    let folder = Folder::without_sandbox("time");
    let rotating = key("  automatic_rotation = \"Enabled\"\n  rotation_interval = \"7d\"");
    let secret = "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  secret_data = \"d\"\n  version_id = \"v1\"\n  recovery_window_in_days = 7\n}\n";
    folder.write("main.tf", &format!("{}{rotating}{secret}", at(&cloud)));
    folder.apply();
    let version = || folder.recorded("alicloud_kms_key.k")["primary_key_version"].to_string();
    let first = version();
    wait_days(15);
    folder.expect(0, "plan", &["-detailed-exitcode"]);
    folder.expect(0, "refresh", &[]);
    assert_ne!(version(), first);
    // While the deleted secret can be called back its name is taken; then it is free.
    folder.write("main.tf", &format!("{}{rotating}", at(&cloud)));
    folder.apply();
    folder.write("main.tf", &format!("{}{rotating}{secret}", at(&cloud)));
    wait_days(6);
    folder.expect(1, "apply", &["-auto-approve"]);
    wait_days(1);
    folder.apply();
    folder.is_settled();
    // A key whose window is over is as gone as one that waits.
    folder.destroy();
    wait_days(31);
    folder.apply();
    folder.destroy();
    cloud.stop().unwrap();
}

#[test]
fn an_ephemeral_value_becomes_a_secret_and_is_no_change_in_the_next_run() {
    let text = r#"
ephemeral "random_password" "p" {
  length = 30
}
resource "alicloud_kms_secret" "s" {
  secret_name                   = "s"
  secret_data_wo                = ephemeral.random_password.p.result
  secret_data_wo_version        = "1"
  version_id                    = "v1"
  force_delete_without_recovery = true
}
"#;
    let data = r#"
data "alicloud_kms_secrets" "d" {
  enable_details = true
}
output "length" {
  value = nonsensitive(length(data.alicloud_kms_secrets.d.secrets[0].secret_data))
}
"#;
    let folder = Folder::new("ephemeral");
    write(&folder, text);
    folder.expect(0, "plan", &["-out=saved"]);
    folder.expect(0, "apply", &["saved"]);
    // Every run opens another password; only its version counts.
    folder.is_settled();
    assert!(folder.recorded("alicloud_kms_secret.s")["secret_data_wo"].is_null());
    apply(&folder, &format!("{text}{data}"));
    assert_eq!(folder.expect(0, "output", &["length"]).trim(), "30");
}

#[test]
fn a_text_that_is_encrypted_once_is_stored_nowhere() {
    let text = r#"
resource "alicloud_kms_key" "k" {}
resource "alicloud_kms_ciphertext" "c" {
  key_id               = alicloud_kms_key.k.id
  plaintext_wo         = "bmV2ZXIta2VwdA=="
  plaintext_wo_version = "1"
}
"#;
    let folder = applied("once", text);
    assert!(!folder.read("terraform.tfstate").contains("bmV2ZXIta2VwdA"));
    let blob = folder.recorded("alicloud_kms_ciphertext.c")["ciphertext_blob"].clone();
    write(&folder, &text.replace("bmV2ZXIta2VwdA==", "b3RoZXI="));
    folder.is_settled();
    apply(&folder, &text.replace("\"1\"", "\"2\""));
    assert_ne!(
        folder.recorded("alicloud_kms_ciphertext.c")["ciphertext_blob"],
        blob
    );
    let both = text.replace(
        "  plaintext_wo_version",
        "  plaintext = \"YQ==\"\n  plaintext_wo_version",
    );
    refused(&folder, &both, "Exactly one of");
    refused(
        &folder,
        &text.replace("  plaintext_wo_version = \"1\"\n", ""),
        "plaintext_wo_version",
    );
}

#[test]
fn a_password_that_is_not_stored_is_checked_by_the_plan_all_the_same() {
    let folder = Folder::new("password_wo");
    let text = |password: &str| {
        format!(
            "resource \"alicloud_kms_client_key\" \"k\" {{\n  aap_name = \"a\"\n  password_wo = \"{password}\"\n  password_wo_version = \"1\"\n  private_key_data_file = \"k.json\"\n}}\n"
        )
    };
    refused(&folder, &text("onlyletters"), "at least two of these kinds");
    refused(&folder, &text("short1"), "password_wo");
    write(&folder, &text("letters-and-signs"));
    folder.expect(2, "plan", &["-detailed-exitcode"]);
}

#[test]
fn what_the_cloud_cannot_do_is_refused_by_the_plan() {
    let folder = Folder::new("cannot");
    let rotating = "  automatic_rotation = \"Enabled\"\n  rotation_interval = \"7d\"";
    for (arguments, message) in [
        (
            "  key_spec = \"RSA_2048\"",
            "Only symmetric keys whose material Alibaba Cloud makes can rotate",
        ),
        (
            "  origin = \"EXTERNAL\"",
            "Only symmetric keys whose material Alibaba Cloud makes can rotate",
        ),
        ("  policy = \"{\"", "policy"),
        (
            "  key_usage = \"SIGN/VERIFY\"",
            "A symmetric key can only ENCRYPT/DECRYPT",
        ),
    ] {
        refused(&folder, &key(&format!("{rotating}\n{arguments}")), message);
    }
    let secret = "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  secret_data = \"d\"\n  version_id = \"v1\"\n  enable_automatic_rotation = true\n  rotation_interval = \"7d\"\n}\n";
    refused(
        &folder,
        secret,
        "A secret of the type Generic cannot rotate by itself",
    );
    let client = "resource \"alicloud_kms_client_key\" \"k\" {\n  aap_name = \"a\"\n  password = \"password-1\"\n  not_before = \"2023-09-01T14:11:22Z\"\n}\n";
    refused(&folder, client, "not_after");
    let point = "resource \"alicloud_kms_application_access_point\" \"a\" {\n  application_access_point_name = \"a\"\n  policies = [\"a\", \"b\", \"c\", \"d\"]\n}\n";
    refused(&folder, point, "policies");
    assert!(!folder.path("terraform.tfstate").exists());
}
