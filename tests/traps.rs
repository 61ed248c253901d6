//! The tables of traps: what they say is shown by tests that exist.

use std::path::Path;

use fs_err as fs;

#[test]
fn every_trap_is_shown_by_tests_that_exist() {
    let mut sources = String::new();
    for folder in ["src", "tests"] {
        gather(Path::new(folder), &mut sources);
    }
    let page = fs::read_to_string("docs/traps-aws.md").unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.trim_matches('|').split(" | ").collect())
        .filter(|row: &Vec<&str>| row[0].trim() != "trap")
        .collect();
    assert!(rows.len() > 40, "the tables are missing");
    for row in rows {
        let [trap, done, tests] = row[..] else {
            panic!("three columns: {row:?}")
        };
        assert!(!done.trim().is_empty(), "{trap}");
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test shows it: {trap}");
        for name in names {
            let exists = sources.contains(&format!("fn {name}()")) || Path::new(name).is_file();
            assert!(exists, "there is no test {name}, which is to show: {trap}");
        }
    }
}

/// All Rust below a folder.
fn gather(folder: &Path, sources: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, sources);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            sources.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}
