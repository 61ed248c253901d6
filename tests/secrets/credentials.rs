//! Files that credentials come from: who keeps them where others can read them is told so, once.

use std::os::unix::fs::PermissionsExt as _;

use fs_err as fs;
use keyform::sandbox::{self, Faults};

use crate::faults::{Project, clouds};

/// What a plan says where credentials come from a file of this mode: how often it warns, after all has gone well.
#[track_caller]
fn check_warned(mode: u32, warnings: usize) {
    let cloud = clouds(Faults::default());
    let address = cloud.address;
    let block = |alias: &str| {
        format!(
            "provider \"aws\" {{\n  {alias}\n  region = \"eu-west-1\"\n  shared_credentials_files = [\"keys\"]\n  endpoints {{\n    kms = \"http://{address}\"\n    sts = \"http://{address}\"\n  }}\n}}\n"
        )
    };
    let project = Project::new(&format!(
        "{}{}data \"aws_kms_custom_key_store\" \"a\" {{\n  count = 0\n  custom_key_store_name = \"a\"\n}}\nresource \"aws_kms_key\" \"a\" {{}}\nresource \"aws_kms_key\" \"b\" {{\n  provider = aws.other\n}}\n",
        block(""),
        block("alias = \"other\""),
    ));
    let (key, secret) = (sandbox::AWS_ACCESS_KEY_ID, sandbox::AWS_SECRET_ACCESS_KEY);
    let keys = format!("[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n");
    project.write("keys", keys);
    let set =
        |mode| fs::set_permissions(project.path("keys"), std::fs::Permissions::from_mode(mode)).unwrap();
    set(mode);
    for command in [&["plan"][..], &["apply", "-auto-approve"]] {
        let ran = project.ends(0, command, &[]);
        let told = ran.stderr.matches("Others can read your credentials").count();
        assert_eq!(told, warnings, "{mode:o}: {ran:?}");
        if warnings > 0 {
            ran.says(&["may read the secrets in keys", "chmod 600 keys"]);
        }
    }
    cloud.stop().unwrap();
}

#[test]
fn keys_that_others_can_read_are_told_once() {
    check_warned(0o600, 0);
    check_warned(0o644, 1);
}

/// Kubernetes gives such tokens to all: there is nothing that its user could do about it.
#[test]
fn tokens_of_an_identity_may_be_readable() {
    let cloud = clouds(Faults::default());
    let address = cloud.address;
    let project = Project::new(&format!(
        "provider \"aws\" {{\n  region = \"eu-west-1\"\n  assume_role_with_web_identity {{\n    role_arn = \"arn:aws:iam::123456789012:role/r\"\n    web_identity_token_file = \"token\"\n  }}\n  endpoints {{\n    kms = \"http://{address}\"\n    sts = \"http://{address}\"\n  }}\n}}\ndata \"aws_kms_alias\" \"a\" {{\n  name = \"alias/aws/s3\"\n}}\n"
    ));
    project.write("token", "accessToken-like text");
    let open = std::fs::Permissions::from_mode(0o644);
    fs::set_permissions(project.path("token"), open).unwrap();
    let ran = project.run(&["plan"]);
    assert!(!ran.stderr.contains("Others can read"), "{ran:?}");
    cloud.stop().unwrap();
}
