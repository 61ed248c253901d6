//! The official Alibaba Cloud SDKs against the sandbox: `tests/interop/alicloud_sandbox.py` on a loopback port.
//!
//! Needs a Python with the packages of `tests/interop/requirements-alicloud.txt`; `KEYFORM_INTEROP_PYTHON` names
//! it. Without, the test says loudly that nothing was proven.

use std::process::Command;

use keyform::sandbox::{self, Options};

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
fn the_official_sdks_live_whole_lives_in_the_sandbox() {
    let python = std::env::var("KEYFORM_INTEROP_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let modules =
        "import alibabacloud_bssopenapi20171214, alibabacloud_kms20160120, aliyunsdkkms, cryptography";
    let found = Command::new(&python).args(["-c", modules]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: {python} lacks the packages of tests/interop/requirements-alicloud.txt");
        return;
    }
    let running = sandbox::start(Options::default()).unwrap();
    let endpoint = format!("http://{}", running.address);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/alicloud_sandbox.py");
    let output = Command::new(&python).args([script, &endpoint]).output().unwrap();
    running.stop().unwrap();
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}{complained}");
    println!("{said}");
}
