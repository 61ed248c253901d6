//! What data sources and ephemeral resources tell, each argument written: configurations in `tests/reads` whose output
//! `found` is their output `expected`.

use std::collections::BTreeSet;

use fs_err as fs;
use keyform::diag::Sources;
use keyform::lang::syntax::{self, Body};

use crate::folder::Folder;

#[test]
fn data_sources_tell_what_is_expected() {
    let mut files: Vec<_> = fs::read_dir("tests/reads")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "the configurations are missing");
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let folder = Folder::new(name);
        folder.write("main.tf", &fs::read_to_string(&path).unwrap());
        folder.apply();
        let output = |name: &str| -> serde_json::Value {
            serde_json::from_str(&folder.expect(0, "output", &["-json", name])).unwrap()
        };
        let (found, expected) = (output("found"), output("expected"));
        assert_eq!(found, expected, "{name}: {found:#}");
        let told = folder.expect(0, "plan", &[]);
        assert!(!told.contains("Plan:"), "{name}: {told}");
        folder.destroy();
    }
}

/// The arguments of a type, nested ones by their path, that are written in one of these configurations or in the type's
/// example.
pub fn written(kind: &str, ty: &str, example: &str) -> BTreeSet<String> {
    let entries = fs::read_dir("tests/reads").unwrap();
    let files = entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let mut found = BTreeSet::new();
    for text in files.chain([example.to_owned()]) {
        let body = syntax::parse_body(Sources::new().add("main.tf", text.as_str()), &text).unwrap();
        let blocks = body.blocks.iter().filter(|block| {
            &*block.kind == kind && block.labels.first().is_some_and(|label| &*label.text == ty)
        });
        blocks.for_each(|block| add("", &block.body, &mut found));
    }
    found
}

fn add(place: &str, body: &Body, found: &mut BTreeSet<String>) {
    let names = body.attributes.iter().map(|one| format!("{place}{}", one.name));
    found.extend(names);
    for block in &body.blocks {
        add(&format!("{place}{}.", block.kind), &block.body, found);
    }
}
