//! State files and locks against the real `terraform`: what either writes the other reads, and neither writes
//! while the other holds the lock. Skipped, and said so, where there is no `terraform`.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use keyform::addr::{InstanceAddr, InstanceKey, ModulePath, ProviderConfig, ProviderName, ResourceName};
use keyform::state::store::{LocalStore, LockInfo, Session, Store as _};
use keyform::state::{Object, OutputValue, State};
use keyform::value::{Type, Value};

use crate::program;

const CONFIGURATION: &str = r#"
variable "secret" {
  default   = "hunter2"
  sensitive = true
}
resource "terraform_data" "counted" {
  count = 11
  input = { html = "<a> & \u2028 \"q\" \\ é", number = 12345678901234567890.5, list = [1, "x", null, []], empty = {} }
}
resource "terraform_data" "each" {
  for_each         = toset(["k", "l.m", "\"q\""])
  input            = terraform_data.counted[0].output.number
  triggers_replace = [each.key]
}
resource "terraform_data" "secret" {
  input = var.secret
}
resource "terraform_data" "first" {
  lifecycle {
    create_before_destroy = true
  }
  input = toset(["b", "a"])
}
check "health" {
  assert {
    condition     = length(terraform_data.counted) == 11
    error_message = "no"
  }
}
module "m" {
  source   = "./m"
  for_each = toset(["x", "y"])
}
module "n" {
  source = "./m"
  count  = 11
}
output "text" {
  value = "<s>"
}
output "secret" {
  value     = var.secret
  sensitive = true
}
output "deep" {
  value = { a = [1, null], b = tolist(["x"]), c = tomap({ k = 1.5 }), d = toset([2, 1]), e = null }
}
"#;

const MODULE: &str = r#"
resource "terraform_data" "inner" {
  input = 1
}
"#;

fn terraform(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = program::terraform(folder).unwrap();
    command.args(arguments);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    terraform(folder, arguments).output().unwrap()
}

#[track_caller]
fn succeed(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "terraform {arguments:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// A folder with this configuration, unless there is no terraform.
fn folder(configuration: &str) -> Option<(tempfile::TempDir, PathBuf)> {
    let (home, folder) = program::folder();
    program::terraform(&folder)?;
    fs_err::write(folder.join("main.tf"), configuration).unwrap();
    fs_err::create_dir(folder.join("m")).unwrap();
    fs_err::write(folder.join("m/main.tf"), MODULE).unwrap();
    succeed(&folder, &["init", "-no-color"]);
    Some((home, folder))
}

fn store(folder: &Path) -> LocalStore {
    LocalStore::new(folder.join("terraform.tfstate"))
}

fn address(name: &str, key: InstanceKey) -> InstanceAddr {
    InstanceAddr::new(
        ModulePath::root(),
        ResourceName::managed("terraform_data", name),
        key,
    )
}

fn provider() -> ProviderConfig {
    ProviderConfig {
        module: ModulePath::root(),
        provider: ProviderName::implied("terraform"),
        alias: None,
        key: None,
    }
}

/// A `terraform_data` object with this input.
#[expect(clippy::disallowed_methods, reason = "what Terraform writes is compared")]
fn object(id: &str, input: &Value) -> Object {
    let ty = Type::object(
        [
            ("id", Type::String),
            ("input", Type::Dynamic),
            ("output", Type::Dynamic),
            ("triggers_replace", Type::Dynamic),
        ]
        .map(|(name, ty)| (name.into(), ty))
        .into(),
    );
    let value = Value::object_of([
        ("id", Value::from(id)),
        ("input", input.clone()),
        // Terraform does not carry marks over to the output; it would plan to take them off.
        ("output", input.reveal()),
        ("triggers_replace", Value::null(Type::Dynamic)),
    ]);
    Object::new(&value, &ty, 0, [].into()).unwrap()
}

#[test]
fn a_state_of_terraform_is_written_back_byte_for_byte() {
    let Some((_home, folder)) = folder(CONFIGURATION) else {
        return;
    };
    succeed(&folder, &["apply", "-auto-approve", "-no-color"]);
    let text = fs_err::read_to_string(folder.join("terraform.tfstate")).unwrap();
    let state = State::parse(text.as_str(), "terraform.tfstate").unwrap();
    assert_eq!(state.to_text(), text);
    let listed = succeed(&folder, &["state", "list"]);
    let listed: Vec<&str> = listed.lines().collect();
    let ours: Vec<String> = state.current().map(|(address, _)| address.to_string()).collect();
    assert_eq!(ours, listed);
}

#[test]
fn terraform_takes_a_state_of_ours_as_its_own() {
    let Some((_home, folder)) = folder(
        r#"
variable "secret" {
  default   = "hunter2"
  sensitive = true
}
resource "terraform_data" "a" {
  count = 2
  input = { text = "<a> & é", number = 1.5, list = [1, null] }
}
resource "terraform_data" "b" {
  for_each = toset(["k"])
  input    = { plain = 1, secret = var.secret }
}
output "o" {
  value = [1, "<x>"]
}
"#,
    ) else {
        return;
    };
    let plain = Value::object_of([
        ("text", Value::from("<a> & é")),
        (
            "number",
            Value::number(keyform::value::Number::parse("1.5").unwrap()),
        ),
        (
            "list",
            Value::tuple(vec![Value::int(1), Value::null(Type::Dynamic)]),
        ),
    ]);
    let secret = Value::from("hunter2").with_marks(keyform::value::Marks::SENSITIVE);
    let mut state = State::new();
    for number in 0..2 {
        state.insert(
            &address("a", InstanceKey::Number(number)),
            &provider(),
            object("id", &plain),
        );
    }
    let hidden = Value::object_of([("plain", Value::int(1)), ("secret", secret)]);
    state.insert(
        &address("b", InstanceKey::Text("k".into())),
        &provider(),
        object("id", &hidden),
    );
    let output = Value::tuple(vec![Value::int(1), Value::from("<x>")]);
    state.outputs.insert("o".into(), OutputValue::new(&output, false));
    let mut store = store(&folder);
    store
        .lock(LockInfo::new("OperationTypeApply", "me@here"), Duration::ZERO)
        .unwrap();
    Session::begin(&mut store, &State::new())
        .finish(&state)
        .whole()
        .unwrap();
    drop(store);

    let text = fs_err::read_to_string(folder.join("terraform.tfstate")).unwrap();
    assert_eq!(succeed(&folder, &["state", "pull"]), format!("{text}\n"));
    let listed = succeed(&folder, &["state", "list"]);
    assert_eq!(
        listed,
        "terraform_data.a[0]\nterraform_data.a[1]\nterraform_data.b[\"k\"]\n"
    );
    assert!(succeed(&folder, &["output", "-json"]).contains("\"\\u003cx\\u003e\""));
    let said = succeed(&folder, &["plan", "-no-color", "-detailed-exitcode"]);
    assert!(said.contains("No changes."), "{said}");
}

#[track_caller]
fn check_locked_out(folder: &Path, arguments: &[&str]) {
    let output = run(folder, arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && error.contains("Error acquiring the state lock"),
        "{error}"
    );
    assert!(
        error.contains("me@here") && error.contains("OperationTypeApply"),
        "{error}"
    );
}

#[test]
fn terraform_waits_outside_while_we_hold_the_lock() {
    let Some((_home, folder)) = folder("resource \"terraform_data\" \"a\" {}\n") else {
        return;
    };
    let mut store = store(&folder);
    store
        .lock(LockInfo::new("OperationTypeApply", "me@here"), Duration::ZERO)
        .unwrap();
    check_locked_out(&folder, &["plan", "-no-color"]);
    // A written state is another file; it must be locked as well.
    let mut session = Session::begin(&mut store, &State::new());
    let null = Value::null(Type::Dynamic);
    let mut state = State::new();
    state.insert(&address("a", InstanceKey::None), &provider(), object("id", &null));
    session.checkpoint(&state).unwrap();
    check_locked_out(&folder, &["apply", "-auto-approve", "-no-color"]);
    session.finish(&state).whole().unwrap();
    store.read().unwrap().unwrap();
    check_locked_out(&folder, &["apply", "-auto-approve", "-no-color"]);
    store.unlock().unwrap();
    let plan = succeed(&folder, &["plan", "-no-color"]);
    assert!(plan.contains("No changes."), "{plan}");
}

/// Reads what a program prints until it has printed this.
fn read_until(child: &mut Child, wanted: &str) {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(wanted.as_bytes()) {
        let read = child.stdout.as_mut().unwrap().read(&mut byte).unwrap();
        assert!(read == 1, "{}", String::from_utf8_lossy(&seen));
        seen.push(byte[0]);
    }
}

#[test]
fn we_wait_outside_while_terraform_holds_the_lock() {
    let Some((_home, folder)) = folder("resource \"terraform_data\" \"a\" {}\n") else {
        return;
    };
    let mut child = terraform(&folder, &["apply", "-no-color"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    read_until(&mut child, "Enter a value: ");
    let mut store = store(&folder);
    let info = || LockInfo::new("OperationTypeApply", "me@here");
    let error = store.lock(info(), Duration::from_millis(150)).unwrap_err();
    assert_eq!(error.summary, "Error acquiring the state lock");
    assert!(
        error.detail.contains("Operation: OperationTypeApply"),
        "{}",
        error.detail
    );
    let id = error
        .detail
        .split_once("ID:")
        .unwrap()
        .1
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    assert!(
        store
            .force_unlock(&id)
            .unwrap_err()
            .detail
            .contains("running process")
    );
    child.stdin.take().unwrap().write_all(b"yes\n").unwrap();
    assert!(child.wait().unwrap().success());
    store.lock(info(), Duration::ZERO).unwrap();
    assert_eq!(store.read().unwrap().unwrap().state.objects().count(), 1);
}
