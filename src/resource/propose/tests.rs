//! From wish and prior object to change.

use super::*;
use crate::lang::syntax::Key;
use crate::resource::for_tests::object;
use crate::schema::load::for_tests::thing;

fn proposed(body: &str, config: &serde_json::Value, prior: &serde_json::Value) -> Result<Proposal> {
    let (ty, _) = thing("", &format!("about = \"\"\n{body}"));
    let provider = Value::object_of([("region", Value::from("here"))]);
    let config = object(ty, config);
    let prior = (!prior.is_null()).then(|| object(ty, prior));
    propose(&Wish {
        ty,
        config: &config,
        prior: prior.as_ref(),
        provider: &provider,
        forced: false,
    })
}

/// What comes of it: the action, the paths that force a replacement, and the planned object less its nulls.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "cases read better")]
fn check(body: &str, config: serde_json::Value, prior: serde_json::Value, expected: &str) {
    let change = proposed(body, &config, &prior).expect("a proposal").change;
    let paths: Vec<String> = change
        .replace_paths
        .iter()
        .map(|path| crate::value::PathText(path).to_string())
        .collect();
    let parts = change
        .after
        .as_entries()
        .unwrap()
        .iter()
        .filter(|(_, value)| !value.is_null());
    let parts: Vec<String> = parts
        .map(|(name, value)| format!("{name}={}", shown(value)))
        .collect();
    assert_eq!(
        format!("{:?}{} {}", change.action, paths.concat(), parts.join(" ")),
        expected
    );
}

fn shown(value: &Value) -> String {
    match crate::value::placeholder(value.marks_deep()) {
        _ if !value.is_known() => "?".into(),
        Some(hidden) => hidden.into(),
        None => crate::value::json::to_plain_json(value).to_string(),
    }
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "cases read better")]
fn check_error(body: &str, config: serde_json::Value, prior: serde_json::Value, part: &str) {
    let errors = proposed(body, &config, &prior).expect_err("an error");
    assert!(
        errors.iter().any(|error| error.detail.contains(part)),
        "{errors:?}"
    );
}

use serde_json::json;

const NAME: &str = "argument \"name\" {\n type = string\n force_new = true\n}";

#[test]
fn a_new_object_has_defaults_and_unknown_results() {
    let body = r#"
        argument "size" {
          type    = number
          default = 3
        }
        argument "chosen" {
          type     = string
          computed = true
        }
        argument "free" { type = string }
        attribute "arn" { type = string }"#;
    check(body, json!({}), json!(null), "Create arn=? chosen=? id=? size=3");
}

#[test]
fn what_is_as_wished_stays() {
    let body = r#"
        argument "size" {
          type    = number
          default = 3
        }
        argument "chosen" {
          type     = string
          computed = true
        }
        attribute "arn" { type = string }"#;
    let prior = json!({"id": "i", "arn": "a", "size": 3, "chosen": "c"});
    check(
        body,
        json!({}),
        prior.clone(),
        "NoOp arn=\"a\" chosen=\"c\" id=\"i\" size=3",
    );
    check(
        body,
        json!({"size": 4}),
        prior,
        "Update arn=\"a\" chosen=\"c\" id=\"i\" size=4",
    );
}

#[test]
fn a_change_that_cannot_be_made_in_place_replaces() {
    check(
        NAME,
        json!({"name": "b"}),
        json!({"id": "i", "name": "a"}),
        "Replace.name id=\"i\" name=\"b\"",
    );
    check(
        NAME,
        json!({"name": "?"}),
        json!({"id": "i", "name": "a"}),
        "Replace.name id=\"i\" name=?",
    );
}

#[test]
fn a_condition_decides_whether_a_change_replaces() {
    let body = r#"argument "a" {
        type      = string
        force_new = prior.a == "fixed"
      }"#;
    check(
        body,
        json!({"a": "x"}),
        json!({"id": "i", "a": "fixed"}),
        "Replace.a a=\"x\" id=\"i\"",
    );
    check(
        body,
        json!({"a": "x"}),
        json!({"id": "i", "a": "b"}),
        "Update a=\"x\" id=\"i\"",
    );
}

#[test]
fn null_is_the_empty_value_where_there_is_no_default() {
    let body = r#"
        argument "on" { type = bool }
        argument "tags" { type = map(string) }
        argument "full" {
          type    = bool
          default = true
        }"#;
    let prior = json!({"id": "i", "on": false, "tags": {}, "full": true});
    check(body, json!({}), prior, "NoOp full=true id=\"i\" on=false tags={}");
    check(
        body,
        json!({"on": false, "full": false}),
        json!({"id": "i", "full": true}),
        "Update full=false id=\"i\"",
    );
}

#[test]
fn what_counts_as_equal_keeps_the_recorded_text() {
    let body = r#"argument "for" {
        type = string
        same = "duration"
      }"#;
    check(
        body,
        json!({"for": "7d"}),
        json!({"id": "i", "for": "604800s"}),
        "NoOp for=\"604800s\" id=\"i\"",
    );
    check(
        body,
        json!({"for": "8d"}),
        json!({"id": "i", "for": "604800s"}),
        "Update for=\"8d\" id=\"i\"",
    );
}

#[test]
fn a_normal_form_is_what_is_stored() {
    let body = r#"argument "policy" {
        type   = string
        same   = "json"
        stored = "json"
      }"#;
    let config = json!({"policy": "{ \"b\": 1, \"a\": 2 }"});
    check(
        body,
        config.clone(),
        json!(null),
        r#"Create id=? policy="{\"a\":2,\"b\":1}""#,
    );
    check(
        body,
        config,
        json!({"id": "i", "policy": r#"{"a":2,"b":1}"#}),
        r#"NoOp id="i" policy="{\"a\":2,\"b\":1}""#,
    );
}

const ALIASES: &str = r#"
    argument "status" {
      type      = string
      computed  = true
      conflicts = ["on"]
    }
    argument "on" {
      type       = bool
      alias_of   = "status"
      deprecated = "Use status instead."
      into       = on ? "Enabled" : "Disabled"
      back       = status == "Enabled"
    }"#;

#[test]
fn an_older_name_is_rewritten() {
    check(
        ALIASES,
        json!({"on": true}),
        json!(null),
        "Create id=? on=true status=\"Enabled\"",
    );
    let prior = json!({"id": "i", "status": "Enabled"});
    check(
        ALIASES,
        json!({"on": true}),
        prior.clone(),
        "NoOp id=\"i\" status=\"Enabled\"",
    );
    check(
        ALIASES,
        json!({"on": false}),
        prior,
        "Update id=\"i\" on=false status=\"Disabled\"",
    );
    check(ALIASES, json!({}), json!(null), "Create id=? on=? status=?");
}

#[test]
fn an_older_name_takes_what_the_argument_takes() {
    let ty = "argument \"state\" {\n type = string\n one_of = [\"On\"]\n}\nargument \"old\" {\n type = string\n alias_of = \"state\"\n}";
    check_error(ty, json!({"old": "Foo"}), json!(null), "must be one of");
}

#[test]
fn what_is_recorded_already_is_not_checked_again() {
    let ty = "argument \"state\" {\n type = string\n one_of = [\"On\"]\n}";
    let pending = json!({"id": "i", "state": "Pending"});
    check(ty, pending.clone(), pending, "NoOp id=\"i\" state=\"Pending\"");
}

#[test]
fn an_older_name_is_warned_of() {
    let (ty, _) = thing("", &format!("about = \"\"\n{ALIASES}"));
    let warnings = aliases::deprecated(ty, &object(ty, &json!({"on": true})));
    assert_eq!(warnings.iter().next().unwrap().summary, "Argument is deprecated");
}

#[test]
fn arguments_that_rule_each_other_out_are_refused() {
    check_error(
        ALIASES,
        json!({"on": true, "status": "Enabled"}),
        json!(null),
        "cannot be given together",
    );
}

#[test]
fn a_value_that_is_not_allowed_is_shown_unless_it_is_secret() {
    let body =
        |more: &str| format!("argument \"a\" {{\n type = string\n one_of = [\"x\", \"y\"]\n {more}\n}}");
    check_error(
        &body(""),
        json!({"a": "z"}),
        json!(null),
        r#"must be one of "x", "y". It is "z"."#,
    );
    check_error(
        &body("sensitive = true"),
        json!({"a": "z"}),
        json!(null),
        "It is (sensitive value).",
    );
    check_error(
        &body(""),
        json!({"a": "!z"}),
        json!(null),
        "It is (sensitive value).",
    );
}

const RULE: &str = r#"
    argument "a" { type = string }
    rule {
      when    = self.a != null
      holds   = self.a == "x"
      message = "a is ${self.a}."
    }"#;

#[test]
fn a_broken_rule_is_an_error_once_it_is_known() {
    check_error(RULE, json!({"a": "z"}), json!(null), "a is z.");
    check(RULE, json!({"a": "?"}), json!(null), "Create a=? id=?");
    check(RULE, json!({"a": "x"}), json!(null), "Create a=\"x\" id=?");
}

#[test]
fn a_planned_value_is_worked_out() {
    let body = r#"
        argument "tags" { type = map(string) }
        argument "region" {
          type      = string
          computed  = true
          force_new = true
          plan      = provider.region
        }
        attribute "all" {
          type = map(string)
          plan = merge({ a = "1" }, or(self.tags, {}))
        }"#;
    check(
        body,
        json!({"tags": {"b": "2"}}),
        json!(null),
        r#"Create all={"a":"1","b":"2"} id=? region="here" tags={"b":"2"}"#,
    );
    let prior = json!({"id": "i", "all": {"a": "1"}});
    check(
        body,
        json!({}),
        prior,
        r#"Update all={"a":"1"} id="i" region="here""#,
    );
}

#[test]
fn an_ignored_value_counts_as_the_recorded_one() {
    let body = r#"argument "status" {
        type        = string
        computed    = true
        ignore_when = self.status == "Pending"
      }"#;
    check(
        body,
        json!({"status": "Pending"}),
        json!({"id": "i", "status": "On"}),
        "NoOp id=\"i\" status=\"On\"",
    );
    check(
        body,
        json!({"status": "Pending"}),
        json!(null),
        "Create id=? status=?",
    );
}

#[test]
fn what_becomes_sensitive_is_recorded_anew() {
    let body = "argument \"a\" { type = string }";
    check(
        body,
        json!({"a": "!x"}),
        json!({"id": "i", "a": "x"}),
        "Update a=(sensitive value) id=\"i\"",
    );
    check(
        body,
        json!({"a": "!x"}),
        json!({"id": "i", "a": "!x"}),
        "NoOp a=(sensitive value) id=\"i\"",
    );
}

#[test]
fn nested_blocks_are_compared_part_by_part() {
    let body = r#"block "rule" {
        nesting = "list"
        argument "a" {
          type    = string
          default = "d"
        }
        argument "b" {
          type      = bool
          force_new = true
        }
      }"#;
    let prior = json!({"id": "i", "rule": [{"a": "d", "b": false}]});
    let one = |change: &serde_json::Value, prior: &serde_json::Value| {
        let change = proposed(body, change, prior).unwrap().change;
        let paths: Vec<String> = change
            .replace_paths
            .iter()
            .map(|path| crate::value::PathText(path).to_string())
            .collect();
        format!("{:?}{}", change.action, paths.concat())
    };
    assert_eq!(one(&json!({"rule": [{"a": null, "b": null}]}), &prior), "NoOp");
    assert_eq!(one(&json!({"rule": [{"a": "e", "b": null}]}), &prior), "Update");
    assert_eq!(
        one(&json!({"rule": [{"a": null, "b": true}]}), &prior),
        "Replace.rule[0].b"
    );
    assert_eq!(one(&json!({}), &prior), "Replace.rule");
}

/// Whether a rule may want an argument that can be written by itself.
fn is_ruled(ty: &ResourceType, argument: &crate::schema::Argument) -> bool {
    let mut found = false;
    let checks = &argument.checks;
    if !checks.conflicts.is_empty() || !checks.needs.is_empty() {
        return false;
    }
    for rule in &ty.rules {
        rule.holds.visit_traversals(&mut Vec::new(), &mut |traversal, _| {
            let step = traversal.steps.first();
            found |= &*traversal.root == "self"
                && matches!(step, Some(Key::Attribute(name, _)) if *name == argument.name);
        });
    }
    found
}

#[test]
fn a_wish_of_which_nothing_is_known_can_be_planned() {
    let catalog = crate::schema::Catalog::get();
    for name in catalog.names(crate::addr::Mode::Managed) {
        let ty = catalog.resource_type(&name).unwrap().unwrap();
        let empty = crate::resource::empty_object(&ty.spec);
        let parts = empty.as_entries().unwrap().iter().map(|(name, value)| {
            let first = |one: &crate::schema::Argument| one.checks.exactly_one.first() == Some(name);
            let open = ty
                .arguments
                .get(name)
                .is_some_and(|one| one.required || first(one) || is_ruled(ty, one));
            (
                name.clone(),
                if open {
                    Value::unknown(value.ty())
                } else {
                    value.clone()
                },
            )
        });
        let config = Value::object_of(parts);
        let provider = Value::dynamic();
        let found = propose(&Wish {
            ty,
            config: &config,
            prior: None,
            provider: &provider,
            forced: false,
        });
        let change = found.unwrap_or_else(|errors| panic!("{name}: {errors:?}")).change;
        assert_eq!(change.action, Action::Create, "{name}");
    }
}

#[test]
fn key_state_and_is_enabled_are_names_of_status() {
    let ty = crate::schema::Catalog::get()
        .resource_type("alicloud_kms_key")
        .unwrap()
        .unwrap();
    let provider = Value::object_of([("region", Value::from("cn-hangzhou"))]);
    let prior = object(
        ty,
        &json!({"id": "k", "status": "Enabled", "protection_level": "SOFTWARE", "rotation_interval": "604800s"}),
    );
    for (config, expected) in [
        (
            json!({"is_enabled": true, "rotation_interval": "7d"}),
            Action::NoOp,
        ),
        (json!({"key_state": "Enabled"}), Action::NoOp),
        (
            json!({"key_state": "Disabled", "rotation_interval": "7d"}),
            Action::Update,
        ),
        (
            json!({"status": "PendingDeletion", "rotation_interval": "7d"}),
            Action::NoOp,
        ),
    ] {
        let wish = Wish {
            ty,
            config: &object(ty, &config),
            prior: Some(&prior),
            provider: &provider,
            forced: false,
        };
        assert_eq!(propose(&wish).unwrap().change.action, expected, "{config}");
    }
}

#[test]
fn a_secret_whose_name_stays_taken_is_not_replaced_on_demand_either() {
    let ty = crate::schema::Catalog::get()
        .resource_type("alicloud_kms_secret")
        .unwrap()
        .unwrap();
    let provider = Value::object_of([("secret_updates", Value::from("replace"))]);
    let written = json!({"secret_name": "s", "secret_data": "d", "version_id": "v1"});
    let recorded = |forever: bool| {
        json!({
            "id": "s", "secret_name": "s", "secret_data": "d", "version_id": "v1", "version_stages": ["ACSCurrent"], "secret_data_type": "text",
            "recovery_window_in_days": 30, "force_delete_without_recovery": forever,
        })
    };
    let asked = |forever: bool, forced: bool| {
        let mut config = written.clone();
        config["force_delete_without_recovery"] = json!(forever);
        let wish = Wish {
            ty,
            config: &object(ty, &config),
            prior: Some(&object(ty, &recorded(forever))),
            provider: &provider,
            forced,
        };
        propose(&wish).is_ok()
    };
    assert!(asked(false, false) && asked(true, true) && !asked(false, true));
}

#[test]
fn elements_of_maps_that_are_null_are_left_out() {
    let ty = "argument \"tags\" { type = map(string) }";
    let config = json!({"tags": {"a": "1", "b": null}});
    check(ty, config.clone(), json!(null), "Create id=? tags={\"a\":\"1\"}");
    let prior = json!({"id": "i", "tags": {"a": "1"}});
    check(ty, config, prior, "NoOp id=\"i\" tags={\"a\":\"1\"}");
}
