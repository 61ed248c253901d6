//! The page `docs/coverage.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use fs_err as fs;
use keyform::schema::{Mode, ResourceType};

use super::{arguments, attributes, changed, entries, foreign, found, list};
use crate::steps;

const HEAD: &str = "\
# Coverage

How far each type is here, and who says so. Written by `KEYFORM_TEST=bless cargo test --test main the_page_of_coverage` from the schema
files, the lists in `tests/coverage` of what the providers of the same names have, and the tests themselves. A test fails when
one of the providers' arguments or attributes is neither here nor a gap with a reason, when no step of a life changes an argument
of a resource, when no configuration writes one of a data source, and when no client that other people wrote calls an action.

* **arguments**, **attributes**: how many of those that the provider has are here. `timeouts` and nested ones count.
* **changed**: how many arguments a step of the type's life changes, each step followed by an empty plan, and the
  files below `tests/life` with steps that the schema does not give by itself. Each life begins with a creation and goes through
  import (where there is one) to deletion: `tests/life.rs`.
* **read by**: the tests with a configuration that reads it, beside `tests/life.rs`, which reads each type's example, and
  `tests/reads`, where each argument is written that no example has, and what comes out is compared.
* **judged by**: the scripts below `tests/interop` in which clients that other people wrote call its actions on the same emulated
  clouds.
* **works on**: the emulated AWS of other people on which keyform itself works with the type: `tests/moto.rs`, and the lives in
  `tests/emulators.rs`, which says what is left out of a life and why.
";

/// The headings, and which providers stand below them.
const PARTS: [(&str, &[&str]); 3] = [
    ("AWS", &["aws"]),
    ("Alibaba Cloud", &["alicloud"]),
    (
        "Without a cloud",
        &["terraform", "null", "random", "time", "local"],
    ),
];

/// Tests with configurations of data sources and ephemeral resources.
const READERS: [(&str, &str); 8] = [
    ("alicloud.rs", include_str!("../alicloud.rs")),
    ("alicloud_traps.rs", include_str!("../alicloud_traps.rs")),
    ("aws_data.rs", include_str!("../aws_data.rs")),
    ("ephemeral.rs", include_str!("../ephemeral.rs")),
    ("helpers.rs", include_str!("../helpers.rs")),
    ("moto.rs", include_str!("../moto.rs")),
    ("providers.rs", include_str!("../providers.rs")),
    ("refresh.rs", include_str!("../refresh.rs")),
];

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
fn the_page_of_coverage_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/coverage.md");
    let wanted = page();
    if std::env::var("KEYFORM_TEST").is_ok_and(|value| value == "bless") {
        fs::write(&path, &wanted).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == wanted,
        "docs/coverage.md is stale: KEYFORM_TEST=bless cargo test --test main the_page_of_coverage writes it again"
    );
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for (heading, providers) in PARTS {
        let _ = write!(page, "\n## {heading}\n\n### Resource types\n\n");
        page +=
            "| type | arguments | attributes | changed | judged by | works on |\n|---|---|---|---|---|---|\n";
        for (_, entry, ty) in of(providers, &[Mode::Managed]) {
            let _ = writeln!(
                page,
                "| `{}` | {} | {} | {} | {} | {} |",
                entry.name,
                share(&entry.arguments, &arguments(ty)),
                share(&entry.attributes, &attributes(ty)),
                life(&entry, ty),
                judges(ty),
                foreign::emulators(Mode::Managed, &entry.name).join(", "),
            );
        }
        let rows = of(providers, &[Mode::Data, Mode::Ephemeral]);
        page += "\n### Data sources and ephemeral resources\n\n";
        page +=
            "| type | arguments | attributes | read by | judged by | works on |\n|---|---|---|---|---|---|\n";
        for (mode, entry, ty) in rows {
            let kind = if mode == Mode::Ephemeral {
                " (ephemeral)"
            } else {
                ""
            };
            let _ = writeln!(
                page,
                "| `{}`{kind} | {} | {} | {} | {} | {} |",
                entry.name,
                share(&entry.arguments, &arguments(ty)),
                share(&entry.attributes, &attributes(ty)),
                readers(mode, &entry.name),
                judges(ty),
                foreign::emulators(mode, &entry.name).join(", "),
            );
        }
    }
    page + &reasons() + include_str!("emulators.md")
}

/// The types of some providers.
fn of(providers: &[&str], modes: &[Mode]) -> Vec<(Mode, list::Entry, &'static ResourceType)> {
    entries()
        .map(|(mode, entry)| {
            let ty = found(mode, &entry.name);
            (mode, entry, ty)
        })
        .filter(|(mode, _, ty)| modes.contains(mode) && providers.contains(&&*ty.provider))
        .collect()
}

/// How many of what is listed are here.
fn share(listed: &BTreeSet<String>, here: &BTreeSet<String>) -> String {
    format!("{} of {}", listed.intersection(here).count(), listed.len())
}

fn life(entry: &list::Entry, ty: &ResourceType) -> String {
    let all = steps::arguments(ty);
    let changed = changed(ty).intersection(&all).count();
    let files = steps::files(&entry.name);
    let files: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
    [format!("{changed} of {}", all.len())]
        .into_iter()
        .chain(files)
        .collect::<Vec<_>>()
        .join(", ")
}

fn readers(mode: Mode, name: &str) -> String {
    let head = format!("{} \"{name}\" \"", mode.word());
    let escaped = head.replace('"', "\\\"");
    let files = READERS
        .iter()
        .filter(|(_, text)| text.contains(&head) || text.contains(&escaped));
    let mut found: Vec<String> = files.map(|(file, _)| format!("`{file}`")).collect();
    let folders = ["tests/cases", "tests/parity", "examples/modules"];
    let folders = folders
        .into_iter()
        .filter(|folder| holds(Path::new(folder), &head));
    found.extend(folders.map(|folder| format!("`{folder}`")));
    found.join(", ")
}

/// Whether a configuration below a folder has this text.
fn holds(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if path.is_dir() => holds(&path, text),
            Some("tf" | "hcl") => fs::read_to_string(&path).is_ok_and(|found| found.contains(text)),
            _ => false,
        }
    })
}

fn judges(ty: &ResourceType) -> String {
    let driven = foreign::driven(ty);
    if driven.is_empty() {
        return "calls no cloud".to_owned();
    }
    let scripts: BTreeSet<&str> = driven.values().flatten().copied().collect();
    let known = driven.values().filter(|scripts| !scripts.is_empty()).count();
    let scripts: Vec<String> = scripts.iter().map(|name| format!("`{name}`")).collect();
    format!("{known} of {} actions: {}", driven.len(), scripts.join(", "))
}

/// What is not as the tables would have it, with the reasons.
fn reasons() -> String {
    let mut rows: [Vec<String>; 6] = Default::default();
    let absent = list::absent().into_iter();
    rows[5].extend(absent.map(|(ty, why)| format!("| {} | | {why} |\n", ty.replacen(' ', " `", 1) + "`")));
    for (mode, entry) in entries() {
        let name = match mode {
            Mode::Managed => format!("`{}`", entry.name),
            mode => format!("{} `{}`", mode.word(), entry.name),
        };
        let row = |(what, why): (&String, &String)| format!("| {name} | `{what}` | {why} |\n");
        rows[0].extend(entry.gaps.iter().map(row));
        rows[1].extend(entry.is_ours.iter().map(|why| format!("| {name} | | {why} |\n")));
        rows[1].extend(entry.ours.iter().map(row));
        rows[2].extend(entry.unchanged.iter().map(row));
        rows[3].extend(entry.undriven.iter().map(row));
        rows[4].extend(entry.moto.iter().map(|why| format!("| {name} | | {why} |\n")));
    }
    let headings = [
        "Gaps: what the providers have and keyform does not",
        "What keyform has and the providers do not",
        "Arguments that no step changes",
        "Actions that nobody else calls",
        "What moto cannot serve",
        "Types that the providers have and keyform does not",
    ];
    let mut text = String::new();
    for (heading, rows) in headings.iter().zip(rows) {
        let _ = write!(text, "\n## {heading}\n\n");
        match rows.concat() {
            rows if rows.is_empty() => text += "None.\n",
            rows => {
                let _ = write!(text, "| type | what | why |\n|---|---|---|\n{rows}");
            }
        }
    }
    text
}
