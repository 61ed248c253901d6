//! States read, changed and written.

use super::*;
use crate::addr::{ProviderName, ResourceName};

const FILE: &str = r#"{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 7,
  "lineage": "c6d555aa-cb04-026a-1d92-bcdf07d9c667",
  "outputs": {
    "o": {
      "value": "hunter2",
      "type": "string",
      "sensitive": true
    }
  },
  "resources": [
    {
      "mode": "data",
      "type": "mock_thing",
      "name": "z",
      "provider": "provider[\"registry.terraform.io/hashicorp/mock\"]",
      "instances": [
        {
          "schema_version": 0,
          "attributes": {
            "id": "\u003c1\u003e"
          },
          "sensitive_attributes": []
        }
      ]
    },
    {
      "mode": "managed",
      "type": "mock_thing",
      "name": "a",
      "provider": "provider[\"registry.terraform.io/hashicorp/mock\"].other",
      "instances": [
        {
          "index_key": 0,
          "schema_version": 1,
          "attributes": {
            "id": "x",
            "list": [],
            "secret": "s"
          },
          "sensitive_attributes": [
            [
              {
                "type": "get_attr",
                "value": "secret"
              }
            ]
          ],
          "private": "eyJ9",
          "dependencies": [
            "mock_thing.b"
          ],
          "create_before_destroy": true,
          "prevent_destroy": true,
          "on_destroy": "disable"
        },
        {
          "index_key": "app",
          "status": "tainted",
          "schema_version": 1,
          "attributes": {},
          "sensitive_attributes": []
        },
        {
          "index_key": "app",
          "deposed": "10769f36",
          "schema_version": 1,
          "attributes": {},
          "sensitive_attributes": [],
          "skip_destroy": {
            "x": 1.50
          }
        }
      ]
    }
  ],
  "check_results": [
    {
      "object_kind": "check",
      "config_addr": "check.health",
      "status": "fail",
      "objects": [
        {
          "object_addr": "check.health",
          "status": "fail",
          "failure_messages": [
            "no"
          ]
        }
      ]
    },
    {
      "object_kind": "var",
      "config_addr": "var.x",
      "status": "unknown",
      "objects": null
    }
  ]
}
"#;

fn address(name: &str) -> InstanceAddr {
    InstanceAddr::new(
        crate::addr::ModulePath::root(),
        ResourceName::managed("mock_thing", name),
        InstanceKey::None,
    )
}

fn provider() -> ProviderConfig {
    ProviderConfig {
        module: crate::addr::ModulePath::root(),
        provider: ProviderName::implied("mock"),
        alias: None,
        key: None,
    }
}

#[track_caller]
fn check_error(text: &str, expected: &str) {
    let error = State::parse(text, "terraform.tfstate").unwrap_err();
    assert!(error.detail.contains(expected), "{}", error.detail);
    assert!(!error.detail.contains("hunter2"));
}

#[test]
fn a_file_is_written_as_it_was_read() {
    assert_eq!(State::parse(FILE, "f").unwrap().to_text(), FILE);
}

#[test]
fn another_layout_and_order_become_ours() {
    let mut state = State::parse(FILE, "f").unwrap();
    state.check_results.as_mut().unwrap().reverse();
    let compact = FILE.replace('\n', "").replace("  ", "").replace("\\u003c", "<");
    let other = State::parse(compact, "f").unwrap();
    assert_eq!(other.to_text(), FILE);
    assert!(state.same_content(&other));
}

#[test]
fn an_empty_state_has_all_keys() {
    let text = State {
        serial: 1,
        lineage: "l".into(),
        ..State::new()
    }
    .to_text();
    assert_eq!(
        text,
        "{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": 1,\n  \"lineage\": \"l\",\n  \"outputs\": {},\n  \"resources\": [],\n  \"check_results\": null\n}\n"
    );
    assert!(State::parse(text, "f").unwrap().is_empty());
}

#[test]
fn damaged_files_are_refused_with_the_place() {
    check_error("", "ends too early");
    check_error("{\"version\": 4,\n \"serial\": x}", "line 2, column 12");
    check_error("{\"version\": 4, \"serial\": -1}", "not negative");
    check_error("{\"version\": 4, \"lineage\": [\"hunter2\"]}", "has not the form");
    check_error("{\"version\": 4, \"outputs\": \"hunter2\"}", "has not the form");
    check_error(
        "{\"version\": 4, \"serial\": 9223372036854775808}",
        "at most 9223372036854775807",
    );
    check_error(
        "{\"version\": 4, \"serial\": 1, \"serial\": 2}",
        "a member is there twice",
    );
    check_error(
        "{\"version\": 4, \"resources\": [], \"resources\": []}",
        "a member is there twice",
    );
    check_error("{\"serial\": 1}", "which version");
    check_error("{\"version\": 5, \"resources\": {}}", "version 5");
    check_error("{\"version\": 3, \"modules\": []}", "version 3");
}

#[test]
fn wrong_instances_are_refused() {
    check_error(&FILE.replace("\"tainted\"", "\"strange\""), "status");
    check_error(&FILE.replace("10769f36", "1"), "8 characters");
    check_error(
        &FILE.replace("\"deposed\": \"10769f36\",", ""),
        "mock_thing.a[\"app\"] is there twice",
    );
    check_error(
        &FILE.replace("\"index_key\": 0", "\"index_key\": -3"),
        "whole number",
    );
    check_error(
        &FILE
            .replace("\"mode\": \"data\"", "\"mode\": \"managed\"")
            .replace("\"z\"", "\"a\""),
        "twice",
    );
}

#[test]
fn an_instance_moves_with_its_deposed_objects() {
    let (from, to) = (address("a"), address("b"));
    let mut state = State::new();
    state.insert(&from, &provider(), Object::empty());
    assert!(state.depose(&from, "00000001".into()));
    state.insert(&from, &provider(), Object::empty());
    assert!(state.rename(&from, &to) && !state.rename(&from, &to));
    assert!(state.get(&from).is_none() && state.get(&to).is_some());
    assert!(state.get_deposed(&to, "00000001").is_some());
    assert_eq!(state.objects().count(), 2);
    assert!(!state.restore(&to, "00000001"));
    state.remove(&to);
    assert!(state.restore(&to, "00000001"));
    state.remove(&to);
    assert!(state.is_empty());
}

#[test]
fn what_depends_on_a_moved_object_finds_it() {
    let mut state = State::new();
    let user = |names: &[&str]| {
        let mut object = Object::empty();
        object.dependencies = names.iter().map(|&name| name.into()).collect::<Vec<_>>().into();
        object
    };
    state.insert(&address("b"), &provider(), Object::empty());
    state.insert(&address("stays"), &provider(), Object::empty());
    state.insert(
        &address("c"),
        &provider(),
        user(&["mock_thing.a", "mock_thing.stays", "mock_thing.x"]),
    );
    let moves = [(address("a"), address("b")), (address("stays"), address("d"))];
    state.rename_dependencies(moves.iter().map(|(from, to)| (from, to)));
    let names: Vec<&str> = state
        .get(&address("c"))
        .unwrap()
        .dependencies
        .iter()
        .map(|name| &**name)
        .collect();
    assert_eq!(
        names,
        ["mock_thing.b", "mock_thing.d", "mock_thing.stays", "mock_thing.x"]
    );
}

#[test]
fn secrets_do_not_show_in_debug() {
    let state = State::parse(FILE, "f").unwrap();
    assert!(!format!("{state:?}").contains("hunter2"));
}
