//! What is told about types and providers: the reference in `docs/types`, of which no page is missing and none left
//! over, and the schemas and requirements that `providers` prints, beside Terraform's.
//!
//! `KEYFORM_TEST=bless` rewrites the reference.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fs_err as fs;
use keyform::schema::page;
use serde_json::Value as Json;

use crate::program;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
fn the_pages_of_types_are_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/types");
    let pages = page::pages().unwrap();
    let wanted: BTreeMap<PathBuf, String> = pages
        .into_iter()
        .map(|page| (page.path.into(), page.text))
        .collect();
    if std::env::var("KEYFORM_TEST").is_ok_and(|value| value == "bless") {
        fs::remove_dir_all(&root).unwrap();
        for (path, text) in &wanted {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), text).unwrap();
        }
    }
    let found = files(&root, &root);
    let mut stale: BTreeSet<&PathBuf> = wanted.keys().collect();
    stale.extend(found.keys());
    stale.retain(|path| wanted.get(*path) != found.get(*path));
    assert!(
        stale.is_empty(),
        "pages in docs/types are stale: KEYFORM_TEST=bless cargo test --test main the_pages writes them again\n{stale:#?}"
    );
}

#[test]
fn links_between_pages_lead_somewhere() {
    let pages = page::pages().unwrap();
    let known: BTreeSet<PathBuf> = pages.iter().map(|page| PathBuf::from(&page.path)).collect();
    let mut seen = 0;
    for page in &pages {
        let here = Path::new(&page.path).parent().unwrap();
        for link in page.text.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            seen += 1;
            match link.strip_prefix("#block-") {
                Some(block) => assert!(headings(&page.text).contains(block), "{}: {link}", page.path),
                None => assert!(known.contains(&plain(&here.join(link))), "{}: {link}", page.path),
            }
        }
    }
    assert!(seen > known.len(), "every page has a link");
}

/// The nested blocks that a page describes, as links name them.
fn headings(text: &str) -> BTreeSet<String> {
    let names = text.lines().filter_map(|line| line.strip_prefix("### Block `"));
    names
        .map(|name| name.trim_end_matches('`').replace('.', ""))
        .collect()
}

/// A path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut parts: Vec<&std::ffi::OsStr> = Vec::new();
    for part in path {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.iter().collect()
}

/// All files below a folder, by their path from the root.
fn files(root: &Path, folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return found;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(root, &path));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            found.insert(path.strip_prefix(root).unwrap().to_owned(), text);
        }
    }
    found
}

/// What both programs print in a folder with these files, the installed terraform's first; none without one.
fn both(files: &[(&str, &str)], words: &[&str]) -> Option<[String; 2]> {
    let (_home, folder) = program::folder();
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let run = |mut command: std::process::Command, words: &[&str]| {
        let output = command.args(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    run(program::terraform(&folder)?, &["init"]);
    let theirs = run(program::terraform(&folder)?, words);
    let ours = run(program::keyform(&folder), words);
    Some([theirs, ours])
}

const NESTED: [(&str, &str); 4] = [
    ("main.tf", "module \"m\" {\n source = \"./m\"\n}\n"),
    (
        "m/main.tf",
        "resource \"terraform_data\" \"a\" {}\nmodule \"n\" {\n source = \"./n\"\n}\n",
    ),
    (
        "m/n/main.tf",
        "data \"terraform_remote_state\" \"b\" {\n backend = \"local\"\n}\n",
    ),
    (
        "terraform.tfstate",
        r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"a","outputs":{},"resources":[{"mode":"managed","type":"terraform_data","name":"gone","provider":"provider[\"terraform.io/builtin/terraform\"]","instances":[{"schema_version":0,"attributes":{"id":"x","input":null,"output":null,"triggers_replace":null}}]}]}"#,
    ),
];

#[test]
fn requirements_are_listed_as_terraform_lists_them() {
    for files in [&NESTED[..], &NESTED[..3], &[("main.tf", "locals {}\n")]] {
        if let Some([theirs, ours]) = both(files, &["providers"]) {
            assert_eq!(ours, theirs);
        }
    }
}

/// Schemas without the words for people.
fn bare(json: &mut Json) {
    match json {
        Json::Object(entries) => {
            for word in ["description", "description_kind", "summary"] {
                entries.remove(word);
            }
            entries.values_mut().for_each(bare);
        }
        Json::Array(items) => items.iter_mut().for_each(bare),
        _ => {}
    }
}

#[test]
fn schemas_of_built_in_types_are_those_of_terraform() {
    let words = ["providers", "schema", "-json"];
    for files in [&NESTED[..], &[("main.tf", "locals {}\n")]] {
        let Some(printed) = both(files, &words) else {
            return;
        };
        let [theirs, ours] = printed.map(|text| {
            let mut json: Json = serde_json::from_str(&text).unwrap();
            bare(&mut json);
            // As text: the keys stand in the same order, too.
            serde_json::to_string_pretty(&json).unwrap()
        });
        assert_eq!(ours, theirs);
    }
}

#[test]
fn everything_in_a_schema_is_described() {
    let (_home, folder) = program::folder();
    let wanted = "terraform {\n required_providers {\n alicloud = { source = \"aliyun/alicloud\" }\n }\n}\nprovider \"aws\" {}\nprovider \"alicloud\" {}\nprovider \"random\" {}\nprovider \"time\" {}\nprovider \"local\" {}\nprovider \"null\" {}\n";
    fs::write(folder.join("main.tf"), wanted).unwrap();
    let mut command = program::keyform(&folder);
    let output = command.args(["providers", "schema", "-json"]).output().unwrap();
    let json: Json = serde_json::from_slice(&output.stdout).unwrap();
    let providers = json["provider_schemas"].as_object().unwrap();
    assert_eq!(providers.len(), 6);
    let mut silent = Vec::new();
    for (name, provider) in providers {
        undescribed(name, provider, &mut silent);
    }
    assert!(silent.is_empty(), "not described: {silent:#?}");
}

/// Blocks and attributes below a place that have no description.
fn undescribed(place: &str, json: &Json, silent: &mut Vec<String>) {
    for (name, inner) in json.as_object().into_iter().flatten() {
        let place = format!("{place}.{name}");
        if inner.get("description_kind").is_some() && inner.get("description").is_none() {
            silent.push(place.clone());
        }
        undescribed(&place, inner, silent);
    }
}
