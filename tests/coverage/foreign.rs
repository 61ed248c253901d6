//! Which actions of which types clients call that other people wrote.

use std::collections::{BTreeMap, BTreeSet};

use keyform::schema::{Mode, ResourceType};

use super::{entries, found, list};
use crate::emulators::{Life, ON_LOCALSTACK, ON_MOTO};

/// The scripts by the cloud that they know.
const SCRIPTS: [(&str, &str, &str); 4] = [
    (
        "alicloud",
        "alicloud_sandbox.py",
        include_str!("../interop/alicloud_sandbox.py"),
    ),
    ("aws", "aws_others.py", include_str!("../interop/aws_others.py")),
    ("aws", "aws_origins.py", include_str!("../interop/aws_origins.py")),
    ("aws", "aws_sandbox.py", include_str!("../interop/aws_sandbox.py")),
];

/// The program drives moto in it.
const MOTO: &str = include_str!("../moto.rs");

#[test]
fn every_action_is_called_by_a_client_of_others_or_has_a_reason() {
    let mut problems = Vec::new();
    for (mode, entry) in entries() {
        for (action, scripts) in driven(found(mode, &entry.name)) {
            match (scripts.is_empty(), entry.undriven.contains_key(&action)) {
                (true, false) => problems.push(format!("{}: nobody calls {action}", entry.name)),
                (false, true) => problems.push(format!("{}: {scripts:?} call {action}", entry.name)),
                _ => {}
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn moto_serves_every_type_of_aws_or_there_is_a_reason() {
    let mut problems = Vec::new();
    for (mode, entry) in entries() {
        let is_asked = entry.name.starts_with("aws_") && asks_a_cloud(found(mode, &entry.name));
        let is_there = emulators(mode, &entry.name).contains(&"moto");
        match (is_asked && !is_there, entry.moto.is_some()) {
            (true, false) => problems.push(format!("moto is not asked for {}", entry.name)),
            (false, true) => problems.push(format!("moto is asked for {}", entry.name)),
            _ => {}
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// The actions that a type calls, and who else does.
pub fn driven(ty: &ResourceType) -> BTreeMap<String, BTreeSet<&'static str>> {
    actions(ty)
        .into_iter()
        .map(|action| {
            let scripts = SCRIPTS.iter().filter(|(cloud, ..)| *cloud == &*ty.provider);
            let callers = scripts.filter(|(_, _, text)| calls(text, &action));
            let names = callers.map(|(_, name, _)| *name).collect();
            (action, names)
        })
        .collect()
}

/// Whether a type asks a cloud at all.
pub fn asks_a_cloud(ty: &ResourceType) -> bool {
    !actions(ty).is_empty()
}

/// Which emulators that other people wrote the program works on with a type.
pub fn emulators(mode: Mode, name: &str) -> Vec<&'static str> {
    let lives_on = |lives: &[Life]| {
        let mut files = lives.iter().map(|(file, _)| file.split('.').next());
        mode == Mode::Managed && files.any(|ty| ty == Some(name))
    };
    let is_there = [
        ("moto", lives_on(&ON_MOTO) || is_in_moto(mode, name)),
        ("LocalStack", lives_on(&ON_LOCALSTACK)),
    ];
    let found = is_there.into_iter().filter(|(_, is_there)| *is_there);
    found.map(|(emulator, _)| emulator).collect()
}

/// Whether `tests/moto.rs` has a type.
fn is_in_moto(mode: Mode, name: &str) -> bool {
    let kind = list::kind(mode);
    MOTO.contains(&format!("{kind} \"{name}\" \"")) || MOTO.contains(&format!("{kind} \\\"{name}\\\" \\\""))
}

/// The actions of clouds that a type calls.
fn actions(ty: &ResourceType) -> BTreeSet<String> {
    let of_clouds = ty
        .calls()
        .filter(|call| &**call.service.as_ref().unwrap_or(&ty.service) != "machine");
    of_clouds.map(|call| call.action.to_string()).collect()
}

/// Whether a script calls an action: by its method, or by its name in quotes.
fn calls(script: &str, action: &str) -> bool {
    let method = format!(".{}", method(action));
    let ends = |at: usize| !script[at..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let mut methods = script.match_indices(&method);
    methods.any(|(at, _)| ends(at + method.len())) || script.contains(&format!("\"{action}\""))
}

/// The method of an action as clients in Python have it: `create_key`.
fn method(action: &str) -> String {
    let mut method = String::new();
    let mut was_upper = true;
    for letter in action.chars() {
        if letter.is_uppercase() && !was_upper {
            method.push('_');
        }
        was_upper = letter.is_uppercase();
        method.extend(letter.to_lowercase());
    }
    method
}

#[test]
fn methods_are_named_after_actions() {
    assert_eq!(method("CreateKey"), "create_key");
    assert!(calls("kms.create_key(", "CreateKey"));
    assert!(!calls("kms.create_key_store(", "CreateKey"));
    assert!(calls("refused(kms.create_key, a)", "CreateKey"));
    assert!(calls("(\"CreateKey\", {})", "CreateKey"));
}
