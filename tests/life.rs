//! The life of every type: its example is made on a sandbox, read, changed argument by argument, imported and
//! deleted, and after each step nothing is left to plan.
//!
//! A type needs nothing for this but its schema and its example: whatever can be changed without knowing more than
//! the schema says is changed. What needs to know more stands in `tests/life/<type>*.tf`: a configuration, and after
//! each line `#### name: update` or `#### name: replace` the arguments that change next. `kept` at the end of
//! such a line means that the cloud does not tell what changed; `SOON` is a time in ten days.

use std::path::Path;

use fs_err as fs;
use keyform::diag::Sources;
use keyform::lang::syntax::{self, Key};
use keyform::schema::{Argument, Catalog, ForceNew, Mode, ResourceType, Rule};
use keyform::value::{Text, Type, Value};

use crate::folder::{Folder, block};

/// Arguments that may hold anything by any name.
const TEXTS_BY_NAME: [&str; 5] = ["tags", "context", "encryption_context", "keepers", "triggers"];

/// Providers whose objects are nowhere but in the state.
const WITHOUT_CLOUD: [&str; 3] = ["null", "random", "time"];

/// What the text of an import holds besides the id.
const IMPORTED_WITH: [(&str, &str); 2] = [("time_offset", ",1,0,-1,0,0,0"), ("time_rotating", ",0,0,30,0,0")];

/// Types whose objects are parts of others: making one changes what the record of the other should show.
const PARTS_OF_OTHERS: [&str; 1] = ["aws_kms_key_policy"];

/// One change of a resource's arguments.
struct Step {
    name: String,
    /// None: the schema cannot tell.
    replaces: Option<bool>,
    /// The rules of the type may forbid it.
    may_be_refused: bool,
    /// The cloud does not tell what changed.
    is_kept: bool,
    edits: Vec<(String, String)>,
}

#[test]
fn every_type_lives_by_its_schema_and_example() {
    for name in Catalog::get().names(Mode::Managed) {
        let ty = Catalog::get().resource_type(&name).unwrap().unwrap();
        let text = fs::read_to_string(crate::schemas::example(Mode::Managed, &name)).unwrap();
        let address = address(&name, &text);
        let mut folder = Folder::new(&name);
        folder.write("main.tf", &text);
        apply(&folder, &address);
        folder.is_settled();
        let changes = derived(ty, &text, &address);
        let is_written = Path::new(&format!("tests/life/{name}.tf")).exists();
        assert!(
            is_written || !changes.is_empty(),
            "{name}: the schema gives nothing to change, so write tests/life/{name}.tf"
        );
        let carried_out = changes
            .iter()
            .filter(|step| check(&folder, &address, step))
            .count();
        assert!(
            is_written || carried_out > 0,
            "{name}: the rules of the type refuse every change"
        );
        if ty.native {
            // What users write of it is nowhere but in configuration, so that an import has something to plan.
        } else if ty.read.is_none() || ty.import.refused.is_some() {
            let id = folder.recorded(&address)["id"].as_str().unwrap().to_owned();
            folder.expect(0, "state rm", &[&address]);
            folder.expect(1, "import", &[&address, &id]);
        } else if let Some((_, more)) = IMPORTED_WITH.iter().find(|(known, _)| *known == &*name) {
            let id = folder.recorded(&address)["id"].as_str().unwrap().to_owned();
            folder.expect(0, "state rm", &[&address]);
            folder.expect(0, "import", &[&address, &format!("{id}{more}")]);
            folder.is_settled();
        } else {
            folder.import_again(&address);
        }
        folder.destroy();
    }
}

#[test]
fn every_written_life_goes_as_it_says() {
    let mut lives: Vec<_> = fs::read_dir("tests/life")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    lives.sort();
    assert!(!lives.is_empty(), "the lives are missing");
    let soon = soon();
    for path in lives {
        let text = fs::read_to_string(&path).unwrap().replace("SOON", &soon);
        let file = path.file_name().unwrap().to_str().unwrap();
        let ty = file.split('.').next().unwrap();
        let mut parts = text.split("\n#### ");
        let configuration = parts.next().unwrap();
        let address = address(ty, configuration);
        let folder = Folder::new(file);
        folder.write("main.tf", configuration);
        apply(&folder, &address);
        folder.is_settled();
        for part in parts {
            assert!(check(&folder, &address, &written(part)));
        }
        folder.destroy();
    }
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

/// The changes that can be made knowing the schema only: flags are turned over, texts that may be anything and tags
/// become others.
fn derived(ty: &ResourceType, text: &str, address: &str) -> Vec<Step> {
    let block = &text[block(text, address)];
    let mut steps = Vec::new();
    for argument in ty
        .arguments
        .values()
        .filter(|one| one.alias.is_none() && !one.write_only)
    {
        let Some(value) = other(argument, block) else {
            continue;
        };
        steps.push(Step {
            name: format!("other {}", argument.name),
            replaces: match argument.force_new {
                ForceNew::Never => Some(false),
                ForceNew::Always => Some(true),
                ForceNew::When(_) => None,
            },
            may_be_refused: ty.rules.iter().any(|rule| mentions(rule, &argument.name)),
            is_kept: ty.read.is_none()
                || WITHOUT_CLOUD.contains(&&*ty.provider)
                || argument.name.ends_with("_permission")
                || (argument.read.is_none() && matches!(argument.force_new, ForceNew::Never)),
            edits: vec![(argument.name.to_string(), value)],
        });
    }
    steps
}

/// Whether a rule of a type looks at an argument.
fn mentions(rule: &Rule, argument: &str) -> bool {
    let mut found = false;
    for expression in rule.when.iter().chain([&rule.holds]) {
        expression.visit_traversals(&mut Vec::new(), &mut |traversal, _| {
            found |= matches!(traversal.steps.first(), Some(Key::Attribute(name, _)) if &**name == argument);
        });
    }
    found
}

/// Another value of an argument, as source, if one is known to be good.
fn other(argument: &Argument, block: &str) -> Option<String> {
    let name = argument.name.as_ref();
    let checks = &argument.checks;
    let written = block.lines().find_map(|line| {
        let (found, value) = line.split_once('=')?;
        (found.trim() == name).then_some(value.trim())
    });
    match &argument.ty {
        // What is protected cannot be destroyed at the end.
        Type::Bool if name == "deletion_protection" => None,
        Type::Bool => {
            let default = argument
                .default
                .as_ref()
                .and_then(Value::as_bool)
                .unwrap_or(false);
            Some((!written.map_or(default, |value| value == "true")).to_string())
        }
        // Others may look into an object.
        Type::Dynamic if !written?.starts_with('{') => Some("\"another\"".to_owned()),
        Type::String if name == "description" => Some("\"another\"".to_owned()),
        Type::String if checks.one_of.is_empty() && checks.format.is_none() => {
            let text = written?.strip_prefix('"')?.strip_suffix('"')?;
            let longer = format!("{text}2");
            checks.validate(&Value::string(longer.as_str())).ok()?;
            Some(format!("\"{longer}\""))
        }
        Type::Map(_) if TEXTS_BY_NAME.contains(&name) => Some("{ another = \"one\" }".to_owned()),
        Type::Number if name.ends_with("window_in_days") => {
            let (least, greatest) = checks.range?;
            Some(least.midpoint(greatest).to_string())
        }
        _ => None,
    }
}

/// A change as `tests/life` has it.
fn written(part: &str) -> Step {
    let (head, body) = part.split_once('\n').unwrap();
    let (name, kind) = head.split_once(": ").unwrap();
    let mut words = kind.split(' ');
    let edits = if body.starts_with("resource \"") {
        vec![(String::new(), body.trim().to_owned())]
    } else {
        let lines = body.lines().filter_map(|line| line.split_once(" = "));
        lines
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    Step {
        name: name.to_owned(),
        replaces: Some(match words.next() {
            Some("replace") => true,
            Some("update") => false,
            other => panic!("{head}: {other:?} is no kind of change"),
        }),
        may_be_refused: false,
        is_kept: match words.next() {
            Some("kept") => true,
            None => false,
            Some(other) => panic!("{head}: {other:?} is no word"),
        },
        edits,
    }
}

/// The address of the last resource of a type in a configuration.
fn address(ty: &str, text: &str) -> String {
    let head = format!("resource \"{ty}\" \"");
    let start = text.rfind(&head).unwrap_or_else(|| panic!("no {ty}")) + head.len();
    let name = text[start..].split('"').next().unwrap();
    format!("{ty}.{name}")
}

/// The configuration with another value of an argument, or with another block in the place of a resource's.
fn edited(text: &str, address: &str, name: &str, value: &str) -> String {
    let place = block(text, address);
    let mut result = text.to_owned();
    if name.is_empty() {
        result.replace_range(place, value);
        return result;
    }
    let mut sources = Sources::new();
    let body = syntax::parse_body(sources.add("main.tf", text), text).unwrap();
    let found = body.blocks.iter().find(|one| {
        let labels: Vec<&Text> = one.labels.iter().map(|label| &label.text).collect();
        matches!(labels[..], [ty, label] if format!("{ty}.{label}") == address)
    });
    let found = found.unwrap();
    if let Some(attribute) = found.body.attributes.iter().find(|one| &*one.name == name) {
        let span = attribute.span.start as usize..attribute.span.end as usize;
        result.replace_range(span, &format!("{name} = {value}"));
    } else {
        let at = place.start + text[place].find('{').unwrap() + 1;
        result.insert_str(at, &format!("\n  {name} = {value}"));
    }
    result
}
