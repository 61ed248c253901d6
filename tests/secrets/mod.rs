//! Nothing secret leaves the process, and nobody else reads what it writes.

mod credentials;
mod errors;
mod files;
mod log;
mod memory;
mod neighbours;
mod printed;
mod recorded;
mod scan;

use keyform::sandbox::Running;

use crate::faults::{Project, Ran};

/// What is secret in a run with all of the below, each by another way in.
pub const CANARIES: [&str; 5] = [
    "canary-of-a-secret-4711",
    "canary-of-a-password-4712",
    "canary-of-a-plaintext-4713",
    "canary-of-a-command-4714",
    keyform::sandbox::ALICLOUD_ACCESS_KEY_SECRET,
];

/// A run that takes in each of the canaries and stores none. In its middle it waits for somebody to write to `pipe`.
pub fn everything(cloud: &Running) -> Project {
    let body = r#"
variable "secret" {
  ephemeral = true
}
variable "password" {
  sensitive = true
  ephemeral = true
}
variable "plaintext" {
  ephemeral = true
}
variable "command" {
  ephemeral = true
}
resource "alicloud_kms_key" "k" {}
resource "alicloud_kms_secret" "s" {
  secret_name                   = "s"
  secret_data_wo                = var.secret
  secret_data_wo_version        = "1"
  version_id                    = "v1"
  force_delete_without_recovery = true
}
resource "alicloud_kms_ciphertext" "c" {
  key_id               = alicloud_kms_key.k.id
  plaintext_wo         = var.plaintext
  plaintext_wo_version = "1"
}
resource "alicloud_kms_application_access_point" "a" {
  application_access_point_name = "a"
  policies                      = ["p"]
}
resource "alicloud_kms_client_key" "k" {
  aap_name              = alicloud_kms_application_access_point.a.id
  password_wo           = var.password
  password_wo_version   = "1"
  private_key_data_file = "key.json"
}
resource "terraform_data" "last" {
  depends_on = [alicloud_kms_secret.s, alicloud_kms_ciphertext.c, alicloud_kms_client_key.k]
  input      = "x"
  provisioner "local-exec" {
    command     = "umask 022; cat pipe >/dev/null; cat nothing$SECRET"
    on_failure  = continue
    environment = { SECRET = var.command }
  }
}
"#;
    let project = Project::new(&format!("{}{body}", crate::alicloud_traps::at(cloud)));
    let names = ["secret", "password", "plaintext", "command"];
    let values = names.iter().zip(CANARIES);
    let values: Vec<String> = values
        .map(|(name, value)| format!("{name} = \"{value}\"\n"))
        .collect();
    // Beside the folder: it is no output of the run.
    project.write("../secrets", values.concat());
    crate::files::pipe(&project.path("pipe"));
    project
}

/// The options that every run of the above takes.
pub const GIVEN: &str = "-var-file=../secrets";

/// Lets a run that waits in its middle go on.
pub fn go_on(project: &Project) {
    drop(
        fs_err::OpenOptions::new()
            .write(true)
            .open(project.path("pipe"))
            .unwrap(),
    );
}

/// Bytes that turn up nowhere by chance, and what they are encoded to.
pub fn forms(canary: &str) -> Vec<String> {
    use base64::Engine as _;
    let base64 = |before: &str| {
        let encoded = base64::engine::general_purpose::STANDARD_NO_PAD.encode(format!("{before}{canary}"));
        // Without the characters that hold bits of what stands beside it.
        encoded[(before.len() * 8).div_ceil(6)..(before.len() + canary.len()) * 8 / 6].to_owned()
    };
    let hex = hex::encode(canary);
    let mut forms = vec![canary.to_owned(), hex.to_uppercase(), hex];
    forms.extend(["", "x", "xy"].map(base64));
    forms
}

/// How often a canary stands in these bytes, in one form or another.
pub fn count(bytes: &[u8], canary: &str) -> usize {
    let forms = forms(canary);
    let times = |form: &String| memchr_count(bytes, form.as_bytes());
    forms.iter().map(times).sum()
}

fn memchr_count(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes
        .windows(wanted.len())
        .filter(|window| *window == wanted)
        .count()
}

/// The canaries that a run has printed.
#[track_caller]
pub fn check_silent(ran: &Ran, canaries: &[&str]) {
    for canary in canaries {
        let told = count(ran.stdout.as_bytes(), canary) + count(ran.stderr.as_bytes(), canary);
        assert_eq!(told, 0, "{canary}: {ran:?}");
    }
}

#[test]
fn the_scan_finds_what_it_looks_for() {
    let canary = "canary-4711";
    assert_eq!(count(b"a canary-4711 and canary-4711", canary), 2);
    for form in forms(canary) {
        assert_eq!(count(format!("\"{form}\"").as_bytes(), canary), 1, "{form}");
    }
}
