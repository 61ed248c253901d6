//! Encrypted states, judged by a program in Python with a library of cryptography that we did not write.
//!
//! Needs a Python with `cryptography`; `KEYFORM_INTEROP_PYTHON` names it. Without, the test says loudly that nothing was
//! proven.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::folder::Folder;

const PASSPHRASE: &str = "correct horse battery staple";

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
fn others_read_what_is_encrypted_here_and_the_other_way_round() {
    let python = std::env::var("KEYFORM_INTEROP_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let present = Command::new(&python).args(["-c", "import cryptography"]).output();
    if !present.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: {python} has no cryptography, so nobody judges encrypted states");
        return;
    }
    let folder = Folder::new("envelope");
    let text = format!(
        "terraform {{\n  encryption {{\n    key_provider \"pbkdf2\" \"a\" {{\n      passphrase = \"{PASSPHRASE}\"\n    }}\n    method \"aes_gcm\" \"a\" {{\n      keys = key_provider.pbkdf2.a\n    }}\n    state {{\n      method = method.aes_gcm.a\n    }}\n  }}\n}}\nresource \"terraform_data\" \"d\" {{\n  input = \"in here\"\n}}\n"
    );
    folder.write("main.tf", &text);
    folder.apply();
    let clear = run(&python, "open", &folder.read("terraform.tfstate"));
    assert!(clear.contains("\"in here\""), "{clear}");
    let later = clear
        .replace("\"serial\": 1", "\"serial\": 2")
        .replace("in here", "from there");
    assert_ne!(later, clear);
    folder.write("terraform.tfstate", &run(&python, "seal", &later));
    let plan = folder.expect(2, "plan", &["-detailed-exitcode"]);
    assert!(plan.contains("\"from there\" -> \"in here\""), "{plan}");
}

/// Lets the script do something with a text.
fn run(python: &str, action: &str, text: &str) -> String {
    let script = format!("{}/tests/interop/envelope.py", env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(python)
        .args([&script, action, PASSPHRASE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{action} failed");
    String::from_utf8(output.stdout).unwrap()
}
