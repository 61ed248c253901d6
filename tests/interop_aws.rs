//! The emulated AWS, judged by boto3: a client that we did not write.
//!
//! Needs a Python with boto3; `KEYFORM_INTEROP_PYTHON` names it. Without, the test says loudly that nothing was proven.

use std::process::Command;

use keyform::sandbox::{self, Options};
use keyform::schema::{Catalog, Mode};

#[test]
fn boto3_lives_a_whole_life_in_the_sandbox() {
    check("aws_sandbox.py");
}

#[test]
fn boto3_imports_replicates_and_keeps_keys_elsewhere() {
    check("aws_origins.py");
}

#[test]
fn boto3_drives_every_action_that_a_type_calls() {
    let scripts: String = ["aws_sandbox.py", "aws_origins.py"]
        .map(|script| fs_err::read_to_string(format!("tests/interop/{script}")).unwrap())
        .concat();
    let mut actions = std::collections::BTreeSet::new();
    for mode in [Mode::Managed, Mode::Data, Mode::Ephemeral] {
        for name in Catalog::get()
            .names(mode)
            .iter()
            .filter(|name| name.starts_with("aws_"))
        {
            let ty = Catalog::get().find(mode, name).unwrap().unwrap();
            actions.extend(ty.calls().map(|call| call.action.to_string()));
        }
    }
    assert!(actions.len() > 30, "{actions:?}");
    for action in actions {
        let mut name = String::new();
        for letter in action.chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.extend(letter.to_lowercase());
        }
        let calls = [format!(".{name}("), format!(".{name},"), format!("(\"{name}\")")];
        assert!(
            calls.iter().any(|call| scripts.contains(call)),
            "no script calls {action}"
        );
    }
}

/// Lets a script judge a fresh sandbox.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
fn check(script: &str) {
    let python = std::env::var("KEYFORM_INTEROP_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let present = Command::new(&python).args(["-c", "import boto3"]).output();
    if !present.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: {python} has no boto3, so nobody judges the emulated AWS");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("sandbox.json");
    let running = sandbox::start(Options {
        data: Some(data.clone()),
        ..Options::default()
    })
    .unwrap();
    let script = format!("{}/tests/interop/{script}", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(&python)
        .args([script, format!("http://{}", running.address)])
        .args([sandbox::AWS_ACCESS_KEY_ID, sandbox::AWS_SECRET_ACCESS_KEY])
        .output()
        .unwrap();
    running.stop().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let last = told.lines().last().unwrap_or_default();
    assert!(last.ends_with(" 0 failed"), "{told}");
    // What boto3 made is there for the next sandbox.
    assert!(sandbox::store::load(&data).is_ok());
    assert!(fs_err::metadata(&data).unwrap().len() > 1000);
}

#[test]
fn what_one_sandbox_saved_the_next_one_knows() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("sandbox.json");
    let options = Options {
        data: Some(data),
        ..Options::default()
    };
    for expected in ["\"ahead_seconds\":5", "\"ahead_seconds\":10"] {
        let running = sandbox::start(options.clone()).unwrap();
        let answer = raw(
            &running.address.to_string(),
            "POST /_keyform/advance?seconds=5 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        );
        running.stop().unwrap();
        assert!(answer.contains(expected), "{answer}");
    }
}

#[test]
fn a_request_for_no_cloud_is_not_found() {
    let running = sandbox::start(Options::default()).unwrap();
    let answer = raw(
        &running.address.to_string(),
        "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    running.stop().unwrap();
}

fn raw(address: &str, request: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
