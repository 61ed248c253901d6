//! What both programs know while planning of values that are not known yet: whether they are null, how they begin, how
//! long and how large they are. `tests/unknowns/main.tf` holds one output for each question.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value};

use crate::program;

/// Outputs as the plan's JSON has them.
fn planned(program: impl Fn(&Path) -> Command, text: &str) -> Map<String, Value> {
    let (_home, folder) = program::folder();
    fs_err::write(folder.join("main.tf"), text).unwrap();
    let run = |words: &[&str]| {
        let output = program(&folder).args(words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {said}");
        output.stdout
    };
    run(&["init"]);
    run(&["plan", "-out=saved"]);
    let shown: Value = serde_json::from_slice(&run(&["show", "-json", "saved"])).unwrap();
    shown["output_changes"].as_object().unwrap().clone()
}

#[test]
fn what_terraform_knows_of_unknowns_is_known() {
    let text = fs_err::read_to_string("tests/unknowns/main.tf").unwrap();
    let ours = planned(program::keyform, &text);
    assert!(ours.len() > 250, "{}", ours.len());
    let (_home, folder) = program::folder();
    if program::terraform(&folder).is_none() {
        return;
    }
    let theirs = planned(|folder| program::terraform(folder).unwrap(), &text);
    let differing: Vec<&str> = theirs
        .keys()
        .filter(|name| ours.get(*name) != theirs.get(*name))
        .map(|name| {
            let at = text.find(&format!("output \"{name}\"")).unwrap();
            text[at..].split("\n}").next().unwrap()
        })
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    println!(
        "what is known of unknowns: {} of {} agree",
        theirs.len(),
        theirs.len()
    );
}

/// What Terraform 1.11 leaves open and is decided here.
const DECIDED: [(&str, &str); 8] = [
    ("contains([], terraform_data.x.id)", "false"),
    ("terraform_data.x.id == \"x\" || true", "true"),
    ("false && terraform_data.x.id == \"x\"", "false"),
    ("[terraform_data.x.id, 1] == [\"a\", 2]", "false"),
    ("length(\"abc-${terraform_data.x.id}\") + 1 > 3", "true"),
    ("-length(\"abc-${terraform_data.x.id}\") < 0", "true"),
    ("(terraform_data.x.id == \"x\" ? 1 : 2) + 1 < 4", "true"),
    ("tostring(terraform_data.x.id) == null", "false"),
];

#[test]
fn what_follows_for_sure_is_known_too() {
    let outputs = DECIDED
        .iter()
        .enumerate()
        .map(|(at, (expression, _))| format!("output \"o{at}\" {{\n  value = {expression}\n}}\n"));
    let text = format!(
        "resource \"terraform_data\" \"x\" {{}}\n{}",
        outputs.collect::<String>()
    );
    let ours = planned(program::keyform, &text);
    for (at, (expression, expected)) in DECIDED.iter().enumerate() {
        assert_eq!(
            ours[&format!("o{at}")]["after"].to_string(),
            *expected,
            "{expression}"
        );
    }
}
