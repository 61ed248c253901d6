//! The life of every type: its example is made on a sandbox, read, changed argument by argument, imported and
//! deleted, and after each step nothing is left to plan.
//!
//! A type needs nothing for this but its schema and its example: whatever can be changed without knowing more than
//! the schema says is changed. What needs to know more stands in `tests/life/<type>*.tf`: a configuration, and after
//! each line `#### name: update` or `#### name: replace` the arguments that change next. `kept` at the end of
//! such a line means that the cloud does not tell what changed; `SOON` is a time in ten days.
//!
//! `KEYFORM_LIFE=word` lives only those with the word in their name.

use std::path::Path;

use fs_err as fs;
use keyform::schema::{Catalog, Mode};

use crate::coverage::list;
use crate::folder::Folder;
use crate::steps::{self, Step, address, derived, edited, written};

/// Types whose objects are parts of others: making one changes what the record of the other should show.
const PARTS_OF_OTHERS: [&str; 1] = ["aws_kms_key_policy"];

#[test]
fn every_type_lives_by_its_schema_and_example() {
    let names = Catalog::get().names(Mode::Managed);
    for name in names.into_iter().filter(|name| is_wanted(name)) {
        let ty = Catalog::get().resource_type(&name).unwrap().unwrap();
        let text = fs::read_to_string(crate::schemas::example(Mode::Managed, &name)).unwrap();
        let address = address(&name, &text);
        let mut folder = Folder::new(&name);
        folder.write("main.tf", &text);
        apply(&folder, &address);
        folder.is_settled();
        let mut changed = steps::written_to(&name);
        for step in derived(ty, &text, &address) {
            if check(&folder, &address, &step) {
                changed.extend(step.edits.into_iter().map(|(argument, _)| argument));
            }
        }
        let excused = list::entry(Mode::Managed, &name).unchanged;
        let mut missing = steps::arguments(ty);
        missing.retain(|argument| !changed.contains(argument) && !excused.contains_key(argument));
        assert!(
            missing.is_empty(),
            "{name}: no step changes {missing:?}; write one in tests/life/{name}.tf"
        );
        if ty.native {
            // What users write of it is nowhere but in configuration, so that an import has something to plan.
        } else if let Some(text) = imported_by(&folder, &name, &address) {
            folder.expect(0, "state rm", &[&address]);
            folder.expect(0, "import", &["--", &address, &text]);
            // Who uses its id or its hash sees another one.
            let plan = folder.expect(0, "plan", &[]);
            assert!(!plan.contains(&format!("# {address} ")), "{name}: {plan}");
            folder.apply();
            folder.is_settled();
        } else if ty.read.is_none() || ty.import.refused.is_some() {
            let id = folder.recorded(&address)["id"].as_str().unwrap().to_owned();
            folder.expect(0, "state rm", &[&address]);
            folder.expect(1, "import", &[&address, &id]);
        } else {
            folder.import_again(&address);
        }
        folder.destroy();
    }
}

/// The text of an import, where it is not the id.
fn imported_by(folder: &Folder, ty: &str, address: &str) -> Option<String> {
    let recorded = folder.recorded(address);
    let text = |name: &str| recorded[name].as_str().unwrap_or_default();
    match ty {
        "random_password" => Some(text("result").to_owned()),
        "time_offset" => Some(format!("{},1,0,-1,0,0,0", text("id"))),
        "time_rotating" => Some(format!("{},0,0,30,0,0", text("id"))),
        "time_sleep" => Some(format!(
            "{},{}",
            text("create_duration"),
            text("destroy_duration")
        )),
        _ => None,
    }
}

#[test]
fn every_written_life_goes_as_it_says() {
    let mut files: Vec<_> = fs::read_dir("tests/life")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "the lives are missing");
    for file in files.iter().filter(|file| is_wanted(file)) {
        live(&Folder::new(file), file, |text| text, |_| true);
    }
}

/// Lives a life that is written, as far as this cloud allows: with other text, and without some steps.
#[track_caller]
pub fn live(
    folder: &Folder,
    file: &str,
    adapted: impl Fn(String) -> String,
    is_possible: impl Fn(&str) -> bool,
) {
    let text = fs::read_to_string(format!("tests/life/{file}")).unwrap();
    let text = adapted(text.replace("SOON", &soon()));
    let mut parts = text.split("\n#### ");
    let configuration = parts.next().unwrap();
    let address = address(file.split('.').next().unwrap(), configuration);
    folder.write("main.tf", configuration);
    apply(folder, &address);
    folder.is_settled();
    for step in parts.map(written).filter(|step| is_possible(&step.name)) {
        assert!(check(folder, &address, &step));
    }
    folder.destroy();
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
pub fn is_wanted(name: &str) -> bool {
    std::env::var("KEYFORM_LIFE").map_or(true, |word| name.contains(&word))
}

/// A time in ten days.
#[expect(clippy::disallowed_methods, reason = "the sandbox goes by the clock")]
fn soon() -> String {
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(240);
    soon.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[test]
fn every_data_source_and_ephemeral_resource_is_read_and_stays() {
    let of = |mode| {
        Catalog::get()
            .names(mode)
            .into_iter()
            .map(move |name| (mode, name))
    };
    for (mode, name) in of(Mode::Data).chain(of(Mode::Ephemeral)) {
        let folder = Folder::new(&name);
        let example = crate::schemas::example(mode, &name);
        for entry in fs::read_dir(Path::new(&example).parent().unwrap()).unwrap() {
            let entry = entry.unwrap();
            let text = fs::read_to_string(entry.path()).unwrap();
            folder.write(entry.file_name().to_str().unwrap(), &text);
        }
        folder.apply();
        folder.is_settled();
        folder.destroy();
    }
}

/// Applies, and brings the records of objects up to date of which the one at this address is a part.
#[track_caller]
fn apply(folder: &Folder, address: &str) {
    folder.apply();
    if PARTS_OF_OTHERS.iter().any(|ty| address.starts_with(ty)) {
        folder.expect(0, "refresh", &[]);
    }
}

/// Plans and applies a change. The plan says what it is, afterwards nothing is left to do, and whoever remembers
/// the object as it was sees the change as drift. False where the rules of the type forbid it, which the plan says.
#[track_caller]
fn check(folder: &Folder, address: &str, step: &Step) -> bool {
    let before = folder.read("main.tf");
    let text = step.edits.iter().fold(before.clone(), |text, (name, value)| {
        edited(&text, address, name, value)
    });
    folder.write("main.tf", &text);
    let (exit, plan) = folder.run("plan", &["-detailed-exitcode"]);
    if step.may_be_refused && exit == 1 {
        // Together with the other arguments this value makes no sense, and the plan says so.
        assert!(
            plan.contains("Invalid configuration of the resource"),
            "{address}, {}:\n{plan}",
            step.name
        );
        folder.write("main.tf", &before);
        return false;
    }
    assert_eq!(exit, 2, "{address}, {}:\n{plan}", step.name);
    let header = |action: &str| plan.contains(&format!("# {address} {action}"));
    let replaces = header("must be replaced");
    assert!(
        replaces || header("will be updated in-place"),
        "{address}, {}:\n{plan}",
        step.name
    );
    if let Some(expected) = step.replaces {
        assert_eq!(replaces, expected, "{address}, {}:\n{plan}", step.name);
    }
    fs::copy(folder.path("terraform.tfstate"), folder.path("old.tfstate")).unwrap();
    apply(folder, address);
    folder.expect(0, "plan", &["-detailed-exitcode"]);
    folder.expect(if step.is_kept { 0 } else { 2 }, "drift", &["-state=old.tfstate"]);
    true
}
