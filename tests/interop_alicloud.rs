//! The official Alibaba Cloud SDKs, current and old, against the sandbox: `tests/interop/alicloud_actions.py` on a loopback port,
//! with all checks of `alicloud_sandbox.py`. Each SDK drives every action that the schemas call.
//!
//! And the official SDK of dedicated instances on the file of a client key: `tests/interop/alicloud_dedicated.py`.
//!
//! Needs a Python with the packages of `tests/interop/requirements-alicloud.txt`; `KEYFORM_INTEROP_PYTHON` names
//! it. Without, the test says loudly that nothing was proven.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use fs_err as fs;
use keyform::sandbox::{self, Options};

use crate::folder::Folder;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
fn the_official_sdks_live_whole_lives_in_the_sandbox() {
    let python = std::env::var("KEYFORM_INTEROP_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let modules = "import alibabacloud_bssopenapi20171214, alibabacloud_ecs20140526, alibabacloud_kms20160120, alibabacloud_sts20150401, aliyunsdkbssopenapi, aliyunsdkecs, aliyunsdkkms, aliyunsdksts, cryptography";
    let found = Command::new(&python).args(["-c", modules]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: {python} lacks the packages of tests/interop/requirements-alicloud.txt");
        return;
    }
    let running = sandbox::start(Options::default()).unwrap();
    let endpoint = format!("http://{}", running.address);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/alicloud_actions.py");
    let output = Command::new(&python).args([script, &endpoint]).output().unwrap();
    running.stop().unwrap();
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}{complained}");
    println!("{said}");
    let called = actions("schemas/alicloud".as_ref());
    assert!(called.len() > 50, "the schemas are missing");
    for sdk in ["newer", "older"] {
        let line = said
            .lines()
            .find_map(|line| line.strip_prefix(&format!("the {sdk} SDK asked for: ")));
        let driven: BTreeSet<&str> = line.unwrap().split(' ').collect();
        let left: Vec<&String> = called
            .iter()
            .filter(|action| !driven.contains(&*action.to_lowercase()))
            .collect();
        assert!(left.is_empty(), "the {sdk} SDK was not asked for {left:?}");
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
fn the_file_of_a_client_key_is_one_for_the_official_sdk() {
    let python = std::env::var("KEYFORM_DEDICATED_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python)
        .args(["-c", "import openapi_credential.client, OpenSSL"])
        .output();
    if !found.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: {python} lacks the packages of tests/interop/requirements-dedicated.txt");
        return;
    }
    let folder = Folder::new("client key");
    folder.write(
        "main.tf",
        "provider \"alicloud\" {\n  region = \"cn-hangzhou\"\n}\nresource \"alicloud_kms_application_access_point\" \"a\" {\n  application_access_point_name = \"a\"\n  policies = [\"p\"]\n}\nresource \"alicloud_kms_client_key\" \"k\" {\n  aap_name = alicloud_kms_application_access_point.a.id\n  password = \"password-1\"\n  private_key_data_file = \"k.json\"\n}\n",
    );
    folder.apply();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/alicloud_dedicated.py");
    let file = folder.path("k.json");
    let output = Command::new(&python)
        .args([script, file.to_str().unwrap(), "password-1"])
        .output()
        .unwrap();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complained}");
    let told = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert_eq!(folder.recorded("alicloud_kms_client_key.k")["id"], told);
}

/// The actions that schema files call.
fn actions(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut actions(&path));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let calls = text.lines().filter_map(|line| {
            let name = line.trim().strip_prefix("call \"")?;
            name.split('"').next()
        });
        found.extend(calls.map(str::to_owned));
    }
    found
}
