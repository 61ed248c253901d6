//! Tables of configurations and states, and the steps they come to.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// Recorded objects: name and key, and the names of what they depend on. All have `"old"` for `triggers_replace`.
type Recorded = Vec<(String, Option<u64>, Vec<String>)>;

fn recorded(objects: &[(&str, &[&str])]) -> Recorded {
    let object = |(name, dependencies): &(&str, &[&str])| {
        let (name, key) = name
            .split_once('#')
            .map_or((*name, None), |(name, key)| (name, Some(key)));
        let names = dependencies.iter().map(|&name| name.to_owned()).collect();
        (name.to_owned(), key.map(|key| key.parse().unwrap()), names)
    };
    objects.iter().map(object).collect()
}

fn state(objects: &Recorded) -> State {
    let mut state = State::new();
    for (name, key, dependencies) in objects {
        let dependencies: Vec<String> = dependencies
            .iter()
            .map(|name| format!("terraform_data.{name}"))
            .collect();
        let key = key.map_or(String::new(), |key| format!("\"index_key\":{key},"));
        let text = format!(
            r#"{{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","outputs":{{}},"resources":[{{"mode":"managed","type":"terraform_data","name":"{name}","provider":"provider[\"terraform.io/builtin/terraform\"]","instances":[{{{key}"schema_version":0,"attributes":{{"id":"{name}","input":null,"output":null,"triggers_replace":{{"value":"old","type":"string"}}}},"sensitive_attributes":[],"dependencies":{}}}]}}],"check_results":null}}"#,
            serde_json::json!(dependencies)
        );
        let one = State::parse(text, "test").unwrap();
        for (addr, object) in one.current() {
            let provider = one.resource(&addr.resource_addr()).unwrap().provider.clone();
            state.insert(&addr, &provider, object.clone());
        }
    }
    state
}

fn planned(text: &str, objects: &Recorded) -> (Made, Vec<Step>) {
    let made = crate::plan::for_tests::planned(text, state(objects));
    assert!(!made.problems.has_errors(), "{:?}", made.problems);
    let steps = steps(&made);
    (made, steps)
}

/// `delete a`, `create b[0]`; none for steps without a change.
fn name(made: &Made, step: &Step) -> Option<String> {
    let (word, i) = match step.kind {
        StepKind::Join | StepKind::Evaluate(_) => return None,
        StepKind::Check(i) => ("check", i),
        StepKind::Create(i) => ("create", i),
        StepKind::Update(i) => ("update", i),
        StepKind::Read(i) => ("read", i),
        StepKind::Delete(i) => ("delete", i),
        StepKind::DeleteOld(i) => ("delete old", i),
        StepKind::Forget(i) => ("forget", i),
    };
    let addr = made.plan.changes[i].addr.to_string();
    Some(format!("{word} {}", addr.trim_start_matches("terraform_data.")))
}

/// Steps that can never start.
fn stuck(steps: &[Step]) -> Vec<StepId> {
    let mut done = vec![false; steps.len()];
    loop {
        let ready = |id: &StepId| !done[*id] && steps[*id].waits_for.iter().all(|&before| done[before]);
        let Some(next) = (0..steps.len()).find(ready) else {
            return (0..steps.len()).filter(|&id| !done[id]).collect();
        };
        done[next] = true;
    }
}

/// Everything that must be done before a step.
fn before(steps: &[Step], step: StepId) -> Vec<StepId> {
    let mut found = Vec::new();
    let mut open = steps[step].waits_for.clone();
    while let Some(next) = open.pop() {
        if !found.contains(&next) {
            found.push(next);
            open.extend(steps[next].waits_for.iter().copied());
        }
    }
    found
}

/// `expected`: the steps that change something, each with those that must be done before, all by name.
#[track_caller]
fn check(text: &str, objects: &[(&str, &[&str])], expected: &[(&str, &[&str])]) {
    let (made, steps) = planned(text, &recorded(objects));
    assert_eq!(stuck(&steps), Vec::<StepId>::new());
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for (id, step) in steps.iter().enumerate() {
        if let Some(own) = name(&made, step) {
            let mut all: Vec<String> = before(&steps, id)
                .into_iter()
                .filter_map(|id| name(&made, &steps[id]))
                .collect();
            all.sort();
            found.push((own, all));
        }
    }
    found.sort();
    let expected: Vec<(String, Vec<String>)> = expected
        .iter()
        .map(|(own, all)| {
            (
                (*own).to_owned(),
                all.iter().map(|&name| name.to_owned()).collect(),
            )
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn what_is_referred_to_is_made_first() {
    check(
        r#"
        resource "terraform_data" "a" {}
        locals { id = terraform_data.a.id }
        resource "terraform_data" "b" { input = local.id }
        "#,
        &[],
        &[("create a", &[]), ("create b", &["create a"])],
    );
}

#[test]
fn what_is_no_longer_declared_goes_after_its_recorded_users() {
    check(
        "",
        &[("a", &[]), ("b", &["a"]), ("c", &["b"])],
        &[
            ("delete a", &["delete b", "delete c"]),
            ("delete b", &["delete c"]),
            ("delete c", &[]),
        ],
    );
}

#[test]
fn a_replaced_object_goes_after_what_refers_to_it_and_comes_before_it() {
    check(
        r#"
        resource "terraform_data" "a" { triggers_replace = "new" }
        resource "terraform_data" "b" { triggers_replace = terraform_data.a.id }
        "#,
        &[("a", &[]), ("b", &["a"])],
        &[
            ("create a", &["delete a", "delete b"]),
            ("create b", &["create a", "delete a", "delete b"]),
            ("delete a", &["delete b"]),
            ("delete b", &[]),
        ],
    );
}

#[test]
fn created_first_spreads_to_what_is_referred_to() {
    check(
        r#"
        resource "terraform_data" "a" { triggers_replace = "new" }
        resource "terraform_data" "b" {
          triggers_replace = terraform_data.a.id
          lifecycle { create_before_destroy = true }
        }
        "#,
        &[("a", &[]), ("b", &["a"])],
        &[
            ("create a", &[]),
            ("create b", &["create a"]),
            ("delete old a", &["create a", "create b", "delete old b"]),
            ("delete old b", &["create a", "create b"]),
        ],
    );
}

#[test]
fn what_used_an_object_is_changed_before_the_object_goes() {
    check(
        r#"resource "terraform_data" "b" {
          triggers_replace = "old"
          input            = "none"
        }"#,
        &[("a", &[]), ("b", &["a"])],
        &[("delete a", &["update b"]), ("update b", &[])],
    );
}

#[test]
fn conditions_that_wait_are_looked_at_again() {
    check(
        r#"
        resource "terraform_data" "a" {}
        resource "terraform_data" "b" {
          triggers_replace = "old"
          lifecycle {
            precondition {
              condition     = terraform_data.a.id != "x"
              error_message = "x"
            }
          }
        }
        resource "terraform_data" "c" { input = terraform_data.b.id }
        "#,
        &[("b", &[])],
        &[
            ("check b", &["create a"]),
            ("create a", &[]),
            ("create c", &["check b", "create a"]),
        ],
    );
}

#[test]
fn surplus_instances_go_while_the_others_are_made() {
    check(
        r#"resource "terraform_data" "a" {
          count            = 1
          triggers_replace = "new"
        }"#,
        &[("a#0", &[]), ("a#1", &[])],
        &[
            ("create a[0]", &["delete a[0]"]),
            ("delete a[0]", &[]),
            ("delete a[1]", &[]),
        ],
    );
}

#[test]
fn recorded_rings_hold_nothing_up() {
    check(
        "",
        &[("a", &["b"]), ("b", &["a"])],
        &[("delete a", &[]), ("delete b", &[])],
    );
}

#[test]
fn a_ring_elsewhere_does_not_let_a_user_go_late() {
    check(
        r#"
        resource "terraform_data" "a" { triggers_replace = "new" }
        resource "terraform_data" "c" {
          count = 0
          input = terraform_data.a.id
        }
        "#,
        &[("a", &[]), ("b", &["a"]), ("c#0", &["a", "b"])],
        &[
            ("create a", &["delete a", "delete b", "delete c[0]"]),
            ("delete a", &["delete b", "delete c[0]"]),
            ("delete b", &["delete c[0]"]),
            ("delete c[0]", &[]),
        ],
    );
}

#[test]
fn an_update_that_must_come_later_gives_way_alone() {
    check(
        r#"
        resource "terraform_data" "a" { triggers_replace = "new" }
        resource "terraform_data" "c" {
          triggers_replace = "old"
          input            = terraform_data.a.id
        }
        "#,
        &[("a", &[]), ("b", &["a"]), ("c", &["a", "b"]), ("d", &["b"])],
        &[
            ("create a", &["delete a", "delete b", "delete d"]),
            ("delete a", &["delete b", "delete d"]),
            ("delete b", &["delete d"]),
            ("delete d", &[]),
            ("update c", &["create a", "delete a", "delete b", "delete d"]),
        ],
    );
}

/// What becomes of one resource in a random plan.
#[derive(Clone, Debug)]
struct Fate {
    recorded: bool,
    declared: bool,
    triggers: &'static str,
    created_first: bool,
    /// References, among the resources before it; and recorded dependencies, among all.
    refers: Vec<usize>,
    depends: Vec<usize>,
}

fn fate() -> impl Strategy<Value = Fate> {
    let indexes = || prop::collection::vec(0..8usize, 0..4);
    (
        any::<bool>(),
        any::<bool>(),
        prop::sample::select(vec!["old", "new"]),
        any::<bool>(),
        indexes(),
        indexes(),
    )
        .prop_map(
            |(recorded, declared, triggers, created_first, refers, depends)| Fate {
                recorded,
                declared,
                triggers,
                created_first,
                refers,
                depends,
            },
        )
}

/// A configuration and a state in which that happens.
fn world(fates: &[Fate]) -> (String, Recorded) {
    let mut text = String::new();
    for (i, fate) in fates.iter().enumerate().filter(|(_, fate)| fate.declared) {
        let refers = fate.refers.iter().filter(|&&at| at < i && fates[at].declared);
        let ids: Vec<String> = refers.map(|at| format!("terraform_data.r{at}.id")).collect();
        let _ = write!(
            text,
            "resource \"terraform_data\" \"r{i}\" {{\n triggers_replace = \"{}\"\n input = [{}]\n lifecycle {{\n create_before_destroy = {}\n }}\n}}\n",
            fate.triggers,
            ids.join(", "),
            fate.created_first
        );
    }
    let depends = |fate: &Fate| fate.depends.iter().map(|at| format!("r{at}")).collect();
    let objects: Recorded = fates
        .iter()
        .enumerate()
        .filter(|(_, fate)| fate.recorded)
        .map(|(i, fate)| (format!("r{i}"), None, depends(fate)))
        .collect();
    (text, objects)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_plan_ever_deadlocks(fates in prop::collection::vec(fate(), 1..8)) {
        let (text, objects) = world(&fates);
        let (_, steps) = planned(&text, &objects);
        prop_assert_eq!(stuck(&steps), Vec::<StepId>::new());
    }

    #[test]
    fn recorded_users_go_first_where_they_can(mut fates in prop::collection::vec(fate(), 1..8)) {
        // Neither records nor references lead upwards, so there is always an order.
        for (i, fate) in fates.iter_mut().enumerate() {
            fate.depends.retain(|&at| at < i);
        }
        let (text, objects) = world(&fates);
        let (made, steps) = planned(&text, &objects);
        prop_assert_eq!(stuck(&steps), Vec::<StepId>::new());
        let deleted = |i: usize| {
            let names = [format!("delete r{i}"), format!("delete old r{i}")];
            (0..steps.len()).find(|&id| name(&made, &steps[id]).is_some_and(|own| names.contains(&own)))
        };
        for (i, fate) in fates.iter().enumerate().filter(|(_, fate)| fate.recorded) {
            for &used in fate.depends.iter().filter(|&&at| !(fate.declared && fates[at].declared)) {
                if let (Some(user), Some(used)) = (deleted(i), deleted(used)) {
                    prop_assert!(before(&steps, used).contains(&user), "r{} goes too late", i);
                }
            }
        }
    }
}
