//! The reference of types in `docs/types`: what the schema files say, no page missing and none left over.
//!
//! `KEYFORM_TEST=bless` rewrites it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fs_err as fs;
use keyform::schema::page;

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
