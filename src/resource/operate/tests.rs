//! Operations against a scripted cloud and a clock that jumps.

mod alicloud;
mod answers;
mod aws;
mod aws_drift;
mod bought;
mod data;
mod script;
mod shared;
mod turns;

use futures_util::FutureExt as _;
use serde_json::{Value as Json, json};

use super::*;
use crate::cloud::{Call, Class};
use crate::resource::for_tests::object;
use crate::resource::{Action, Proposal, Wish, propose};
use crate::schema::Catalog;
use crate::schema::load::for_tests::{data, thing};
use crate::value::json::{from_plain_json, to_plain_json};
use script::{Clock, Script};

/// A type, and what serves it in a test.
struct Bench {
    ty: &'static ResourceType,
    schema: Option<ProviderSchema>,
    provider: Value,
    clock: Clock,
}

impl Bench {
    fn of(name: &str) -> Self {
        let catalog = Catalog::get();
        let ty = catalog
            .resource_type(name)
            .expect("a known type")
            .expect("a sound schema");
        let schema = catalog
            .provider(&ty.provider)
            .expect("a known provider")
            .expect("a sound schema")
            .clone();
        let provider = from_plain_json(&json!({"region": "eu-west-1", "secret_updates": "replace"}));
        Self {
            ty,
            schema: Some(schema),
            provider,
            clock: Clock::default(),
        }
    }

    fn thing(body: &str) -> Self {
        let (ty, schema) = thing(
            "settle = \"1m\"",
            &format!("service = \"kms\"\nabout = \"\"\n{body}"),
        );
        Self {
            ty,
            schema: Some(schema),
            provider: from_plain_json(&json!({})),
            clock: Clock::default(),
        }
    }

    /// A data source.
    fn data(body: &str) -> Self {
        let (ty, schema) = data(&format!("service = \"kms\"\nabout = \"\"\n{body}"));
        Self {
            ty,
            schema: Some(schema),
            provider: from_plain_json(&json!({})),
            clock: Clock::default(),
        }
    }

    fn site<'a>(&'a self, script: &'a Script) -> Site<'a> {
        Site {
            ty: self.ty,
            cloud: Some(script),
            schema: self.schema.as_ref(),
            provider: &self.provider,
            machine: &self.clock,
            shared: None,
            turn: None,
            made: None,
            marker: None,
            account: None,
            again: false,
            until: None,
            former: None,
        }
    }

    fn propose(&self, config: &Value, prior: Option<&Value>) -> Proposal {
        propose(&Wish {
            ty: self.ty,
            config,
            prior,
            provider: &self.provider,
            forced: false,
        })
        .expect("a proposal")
    }

    fn create(&self, script: &Script, config: &Json) -> Outcome {
        let config = object(self.ty, config);
        let planned = self.propose(&config, None).change.after;
        now(create(self.site(script), &planned, &config))
    }

    fn update(&self, script: &Script, prior: &Value, config: &Json) -> Outcome {
        let config = object(self.ty, config);
        let planned = self.propose(&config, Some(prior)).change.after;
        now(update(self.site(script), prior, &planned, &config))
    }

    #[track_caller]
    fn check_empty(&self, config: &Json, object_now: &Value) {
        let change = self.propose(&object(self.ty, config), Some(object_now)).change;
        assert_eq!(
            change.action,
            Action::NoOp,
            "{} to {}",
            change.before,
            change.after
        );
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    Box::pin(future)
        .now_or_never()
        .expect("nothing here waits for real")
}

#[track_caller]
fn fine(outcome: Outcome) -> Value {
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
    outcome.object.expect("an object")
}

fn key(more: &Json) -> Json {
    let mut key = json!({
        "KeyId": "k-1", "Arn": "arn:aws:kms:eu-west-1:111122223333:key/k-1", "Enabled": true, "KeyState": "Enabled", "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS", "MultiRegion": false,
    });
    for (name, value) in more.as_object().expect("an object") {
        key[name] = value.clone();
    }
    json!({ "KeyMetadata": key })
}

fn aws_key(more: &Json, rotates: bool) -> Script {
    Script::new(&[
        ("CreateKey", key(&json!({}))),
        ("DescribeKey", key(more)),
        (
            "GetKeyPolicy",
            json!({"Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"}),
        ),
        ("GetKeyRotationStatus", json!({"KeyRotationEnabled": rotates})),
        ("ListResourceTags", json!({"Tags": []})),
        ("EnableKeyRotation", json!({})),
        ("DisableKeyRotation", json!({})),
        ("EnableKey", json!({})),
        ("DisableKey", json!({})),
        ("PutKeyPolicy", json!({})),
        ("ScheduleKeyDeletion", json!({})),
    ])
}

const OFF: &str = r#"{"Enabled": false, "KeyState": "Disabled"}"#;

#[test]
fn an_answer_can_forbid_what_comes_after_it() {
    let bench = Bench::thing(
        r#"
        argument "name" {
          type      = string
          force_new = true
        }
        create {
          call "ListThings" {
            as = "there"
            refuse {
              when    = contains(reply.Names, self.name)
              message = "${self.name} is there already."
            }
          }
          call "CreateThing" { params = { Name = self.name } }
          id = reply.Id
        }
        "#,
    );
    let script = || {
        Script::new(&[
            ("ListThings", json!({"Names": ["a"]})),
            ("CreateThing", json!({"Id": "1"})),
        ])
    };
    let refused = script();
    let outcome = bench.create(&refused, &json!({"name": "a"}));
    assert!(format!("{:?}", outcome.problems).contains("a is there already."));
    assert!(outcome.object.is_none() && !outcome.unclear);
    assert_eq!(refused.count("CreateThing"), 0);
    fine(bench.create(&script(), &json!({"name": "b"})));
}

#[test]
fn a_key_that_starts_disabled_and_rotating_takes_three_calls() {
    let bench = Bench::of("aws_kms_key");
    // Enabling is waited for before the key is disabled, so both answers come.
    let off: Json = serde_json::from_str(OFF).unwrap();
    let script = aws_key(&off, true);
    let config = json!({"is_enabled": false, "enable_key_rotation": true});
    let made = fine(bench.create(&script, &config));
    assert_eq!(script.changes(), "CreateKey EnableKeyRotation DisableKey");
    assert_eq!(
        script.params("CreateKey"),
        json!({"BypassPolicyLockoutSafetyCheck": false, "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"})
    );
    bench.check_empty(&config, &made);
}

#[test]
fn a_policy_that_says_the_same_is_not_sent() {
    let bench = Bench::of("aws_kms_key");
    let script = aws_key(&json!({}), false);
    let config = json!({"policy": "{\"Version\": \"2012-10-17\",\n  \"Statement\": []}"});
    let made = fine(bench.create(&script, &config));
    assert_eq!(script.changes(), "CreateKey");
    bench.check_empty(&config, &made);
    bench.check_empty(
        &json!({"policy": "{\"Statement\":[],\"Version\":\"2012-10-17\"}"}),
        &made,
    );
}

#[test]
fn an_object_stays_recorded_when_a_later_step_fails() {
    let bench = Bench::of("aws_kms_key");
    let script = aws_key(&json!({}), false);
    script.answers.borrow_mut().remove("EnableKeyRotation");
    let script = script.fail(
        "EnableKeyRotation",
        Class::Denied,
        "AccessDeniedException",
        "not you",
    );
    let config = json!({"enable_key_rotation": true});
    let outcome = bench.create(&script, &config);
    let object_now = outcome.object.expect("it exists");
    assert_eq!(object_now.get("key_id").and_then(Value::as_str), Some("k-1"));
    let problem = outcome.problems.iter().next().unwrap();
    assert_eq!(problem.summary, "Access denied");
    assert!(
        problem.detail.contains("not you") && problem.detail.contains("r-1"),
        "{}",
        problem.detail
    );
    assert!(
        problem.hints[0].contains("kms:EnableKeyRotation"),
        "{:?}",
        problem.hints
    );
    let next = bench
        .propose(&object(bench.ty, &config), Some(&object_now))
        .change;
    assert_eq!(next.action, Action::Update);
}

#[test]
fn a_lost_answer_to_a_create_is_unclear_and_not_sent_again() {
    let bench = Bench::of("aws_kms_key");
    let script = Script::default().fail("CreateKey", Class::Unclear, "ConnectionFailed", "reset");
    let outcome = bench.create(&script, &json!({"description": "for orders"}));
    assert!(outcome.unclear && outcome.object.is_none());
    assert_eq!(script.count("CreateKey"), 1);
    let told: Vec<&str> = outcome.problems.iter().map(|one| one.detail.as_str()).collect();
    assert!(told.concat().contains("description = \"for orders\""), "{told:?}");
}

#[test]
fn a_refused_create_makes_nothing() {
    let bench = Bench::of("aws_kms_key");
    let script = Script::default().fail("CreateKey", Class::Refused, "LimitExceededException", "too many");
    let outcome = bench.create(&script, &json!({}));
    assert!(!outcome.unclear && outcome.object.is_none());
    assert!(
        outcome
            .problems
            .iter()
            .next()
            .unwrap()
            .detail
            .contains("LimitExceededException: too many")
    );
}

#[test]
fn only_what_differs_is_changed_in_file_order() {
    let bench = Bench::of("aws_kms_key");
    let script = aws_key(&json!({}), false);
    let made = fine(bench.create(&script, &json!({})));
    script.log.borrow_mut().clear();
    for (action, answer) in [
        ("DescribeKey", key(&json!({"Enabled": false, "Description": "d"}))),
        ("UpdateKeyDescription", json!({})),
    ] {
        script
            .answers
            .borrow_mut()
            .insert(action.into(), vec![Ok(answer)]);
    }
    let config = json!({"is_enabled": false, "description": "d"});
    let changed = fine(bench.update(&script, &made, &config));
    assert_eq!(script.changes(), "UpdateKeyDescription DisableKey");
    bench.check_empty(&config, &changed);
}

#[test]
fn what_is_being_deleted_counts_as_gone() {
    let bench = Bench::of("aws_kms_key");
    let made = fine(bench.create(&aws_key(&json!({}), false), &json!({})));
    let script = aws_key(&json!({"KeyState": "PendingDeletion"}), false);
    assert!(
        now(read(bench.site(&script), &made))
            .expect("an answer")
            .object()
            .is_none()
    );
    assert!(now(delete(bench.site(&script), &made)).is_ok());
    assert_eq!(script.params("ScheduleKeyDeletion"), json!({"KeyId": "k-1"}));
    let told = now(import(bench.site(&script), "k-1")).expect_err("it cannot be imported");
    assert!(told.iter().next().unwrap().detail.contains("being deleted"));
}

#[test]
fn a_key_that_is_not_there_is_gone() {
    let bench = Bench::of("aws_kms_key");
    let made = fine(bench.create(&aws_key(&json!({}), false), &json!({})));
    let script = aws_key(&json!({}), false);
    script.answers.borrow_mut().remove("DescribeKey");
    let script = script.fail("DescribeKey", Class::Gone, "NotFoundException", "no");
    assert!(
        now(read(bench.site(&script), &made))
            .expect("an answer")
            .object()
            .is_none()
    );
}

#[test]
fn an_imported_object_needs_no_change() {
    let bench = Bench::of("aws_kms_key");
    let script = aws_key(&json!({}), false);
    let found = now(import(
        bench.site(&script),
        "arn:aws:kms:eu-west-1:111122223333:key/k-1",
    ))
    .expect("an object");
    assert_eq!(found.get("id").and_then(Value::as_str), Some("k-1"));
    bench.check_empty(&json!({}), &found);
}

const SLOW: &str = r#"
    argument "name" { type = string }
    attribute "arn" {
      type = string
      read = one.Arn
    }
    read {
      call "GetOne" {
        as     = "one"
        params = { Id = id }
      }
    }
    create {
      call "MakeOne" {
        params     = { Name = self.name }
        retry_when = error.code == "Later"
        retry_for  = "5s"
      }
      id = reply.Id
    }"#;

#[test]
fn what_was_just_made_may_be_missing_for_a_while() {
    let bench = Bench::thing(SLOW);
    let gone = |script: Script| script.fail("GetOne", Class::Gone, "NotFound", "no");
    let script =
        gone(gone(Script::new(&[("MakeOne", json!({"Id": "1"}))]))).then("GetOne", json!({"Arn": "a"}));
    let made = fine(bench.create(&script, &json!({"name": "n"})));
    assert_eq!(made.get("arn").and_then(Value::as_str), Some("a"));
    assert_eq!(bench.clock.elapsed(), Duration::from_millis(1500));
}

#[test]
fn an_object_that_stays_missing_is_recorded() {
    let bench = Bench::thing(SLOW);
    let script =
        Script::new(&[("MakeOne", json!({"Id": "1"}))]).fail("GetOne", Class::Gone, "NotFound", "no");
    let outcome = bench.create(&script, &json!({"name": "n"}));
    assert!(outcome.problems.has_errors());
    assert_eq!(
        outcome.object.unwrap().get("id").and_then(Value::as_str),
        Some("1")
    );
    assert_eq!(bench.clock.elapsed(), Duration::from_mins(1));
}

#[test]
fn a_call_is_tried_again_as_long_as_its_schema_says() {
    let bench = Bench::thing(SLOW);
    let script = Script::default().fail("MakeOne", Class::Refused, "Later", "not yet");
    assert!(bench.create(&script, &json!({})).object.is_none());
    assert_eq!(bench.clock.elapsed(), Duration::from_secs(5));
}

const ELSEWHERE: &str = r#"
    argument "name" { type = string }
    create {
      call "MakeOne" {
        params = { Name = self.name }
        fallback {
          when     = error.code == "NotApplicable"
          endpoint = "business.${self.name}.example"
        }
      }
      id = reply.Id
    }"#;

/// The hosts that were asked to make one, "-" for the usual, and whether it was made.
fn asked_to_make(script: &Script) -> (Vec<String>, bool) {
    let made = Bench::thing(ELSEWHERE).create(script, &json!({"name": "south"}));
    let log = script.log.borrow();
    let host = |call: &Call| call.endpoint.as_deref().unwrap_or("-").to_owned();
    (log.iter().map(host).collect(), made.object.is_some())
}

#[test]
fn the_wrong_endpoint_is_left_for_the_other_once() {
    let refused = |script: Script| script.fail("MakeOne", Class::Refused, "NotApplicable", "not here");
    let both = vec!["-".to_owned(), "business.south.example".to_owned()];
    let helped = refused(Script::default()).then("MakeOne", json!({"Id": "1"}));
    assert_eq!(asked_to_make(&helped), (both.clone(), true));
    assert_eq!(asked_to_make(&refused(Script::default())), (both, false));
}

#[test]
fn the_other_endpoint_is_not_asked_when_the_first_may_have_made_it() {
    let one = (vec!["-".to_owned()], false);
    let other_error = Script::default().fail("MakeOne", Class::Refused, "Busy", "no");
    assert_eq!(asked_to_make(&other_error), one);
    let lost = Script::default().fail("MakeOne", Class::Unclear, "NotApplicable", "lost");
    assert_eq!(asked_to_make(&lost), one);
    let silence = Script::default().refuse_after_silence("MakeOne", "NotApplicable");
    assert_eq!(asked_to_make(&silence), one);
}

#[test]
fn secrets_in_an_error_are_hidden() {
    let bench = Bench::thing(SLOW);
    let script = Script::default().fail("MakeOne", Class::Refused, "Bad", "hunter2 is taken");
    let outcome = bench.create(&script, &json!({"name": "!hunter2"}));
    let text = format!("{:?}", outcome.problems);
    assert!(
        text.contains("(sensitive value) is taken") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn a_value_sensitive_by_configuration_stays_so_when_read() {
    let bench = Bench::thing(SLOW);
    let script = Script::new(&[("MakeOne", json!({"Id": "1"})), ("GetOne", json!({"Arn": "a"}))]);
    let made = fine(bench.create(&script, &json!({"name": "!n"})));
    let again = now(read(bench.site(&script), &made)).unwrap().object().unwrap();
    assert!(again == made && again.get("name").unwrap().is_sensitive());
}

#[test]
fn a_file_that_cannot_be_written_stops_the_create() {
    let mut bench = Bench::thing(
        r#"
        argument "file" { type = string }
        create {
          call "MakeOne" {}
          effect "write_file" {
            path    = self.file
            content = reply.Secret
          }
          id = reply.Id
        }"#,
    );
    let script = Script::new(&[("MakeOne", json!({"Id": "1", "Secret": "s"}))]);
    fine(bench.create(&script, &json!({"file": "f"})));
    assert_eq!(*bench.clock.files.borrow(), [("f".to_owned(), "s".to_owned())]);
    bench.clock.read_only = true;
    assert!(bench.create(&script, &json!({"file": "f"})).object.is_none());
    assert_eq!(script.count("MakeOne"), 1);
}

#[test]
fn a_native_type_keeps_its_input() {
    let bench = Bench {
        schema: None,
        ..Bench::of("terraform_data")
    };
    let script = Script::default();
    let made = fine(bench.create(&script, &json!({"input": "a"})));
    assert_eq!(
        to_plain_json(&made),
        json!({"id": bench.clock.uuid(), "input": "a", "output": "a", "triggers_replace": null})
    );
    bench.check_empty(&json!({"input": "a"}), &made);
    let config = object(bench.ty, &json!({"input": "b"}));
    let change = bench.propose(&config, Some(&made)).change;
    assert_eq!(change.action, Action::Update);
    assert!(!change.after.get("output").unwrap().is_known());
    let changed = now(update(bench.site(&script), &made, &change.after, &config))
        .object
        .unwrap();
    assert_eq!(changed.get("output").and_then(Value::as_str), Some("b"));
    let config = object(bench.ty, &json!({"input": "b", "triggers_replace": ["x"]}));
    assert_eq!(
        bench.propose(&config, Some(&changed)).change.action,
        Action::Replace
    );
}
