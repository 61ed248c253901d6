//! What fuzzing starts from and what it has found, tried again: `fuzz/` runs the same checks for longer.

#[path = "../fuzz/src/language.rs"]
mod language;
#[path = "../fuzz/src/records.rs"]
mod records;

use std::path::Path;

use fs_err as fs;

/// Every seed of a target passes its check.
fn check(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Shown where a seed fails.
        println!("{}", path.display());
        check(&fs::read(path).unwrap());
        count += 1;
    }
    assert!(count > 3, "{target} has {count} seeds");
}

#[test]
fn seeds_of_the_language_pass() {
    check("hcl", language::hcl);
    check("template", language::template);
    check("json_syntax", language::json_syntax);
    check("evaluator", language::evaluator);
}

#[test]
fn seeds_of_what_is_written_down_pass() {
    check("state", records::state);
    check("journal", records::journal);
    check("plan_file", records::plan_file);
    check("envelope", records::envelope);
}

#[test]
fn seeds_of_answers_pass() {
    check("aws_answer", records::aws_answer);
    check("alicloud_answer", records::alicloud_answer);
}

/// A format that moves on leaves seeds behind that are refused at the first word.
#[test]
fn seeds_reach_what_they_are_for() {
    let seed = |name: &str| {
        fs::read(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("fuzz/corpus")
                .join(name),
        )
        .unwrap()
    };
    assert!(keyform::cli::plan_file::unsealed(&seed("plan_file/whole")).is_some());
    let (records, end) = keyform::state::journal::read(
        &seed("journal/whole"),
        "journal",
        &keyform::state::Manner::default(),
    )
    .unwrap();
    assert_eq!((records.len(), end), (9, seed("journal/whole").len()));
}
