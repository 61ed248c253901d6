//! Data sources that list things, and look at each.

use super::*;
use crate::value::path::marked_paths;

const LIST: &str = r#"
    argument "file" { type = string }
    attribute "things" {
      type = list(object({ name = string, value = string }))
      read = [for d in details : { name = d.Name, value = sensitive(d.Value) } if d != null]
    }
    read {
      call "ListThings" {
        as      = "list"
        expects = reply.Names
      }
      call "GetThing" {
        as        = "details"
        for_each  = list.Names
        params    = { Name = each.value }
        expects   = reply.Name
        null_when = error.code == "NotThere"
      }
      id = native::id_of_list(list.Names)
      effect "write_file" {
        when    = self.file != null
        path    = self.file
        content = native::json_with_tabs(self.things)
      }
    }
"#;

fn thing_named(name: &str) -> Json {
    json!({"Name": name, "Value": format!("value of {name}")})
}

/// What is read of the list, and the script it was read from.
#[track_caller]
fn listed(names: &[&str], file: Option<&str>) -> (Bench, Script, Value) {
    let bench = Bench::data(LIST);
    let script = Script::new(&[("ListThings", json!({"Names": names}))]);
    let script = script.then("GetThing", thing_named("a"));
    let script = script.fail("GetThing", Class::Gone, "NotThere", "it went meanwhile");
    let script = script.then("GetThing", thing_named("c"));
    let found = now(read_data(
        bench.site(&script),
        &Value::null(crate::value::Type::Dynamic),
        &object(bench.ty, &json!({"file": file})),
    ));
    (bench, script, found.expect("a list"))
}

#[test]
fn each_element_is_asked_for_and_those_that_went_are_left_out() {
    let (_, script, found) = listed(&["a", "b", "c"], None);
    let names: Vec<Json> = script.log.borrow()[1..]
        .iter()
        .map(|call| to_plain_json(&call.params)["Name"].clone())
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
    let things = found.get("things").expect("things").unmark_deep().0;
    let names: Vec<_> = things.as_items().expect("a list").iter().collect();
    assert_eq!(names.len(), 2);
    assert_eq!(names[1].get("name").and_then(Value::as_str), Some("c"));
}

#[test]
fn an_empty_list_asks_for_nothing_more() {
    let (_, script, found) = listed(&[], None);
    assert_eq!(script.count("GetThing"), 0);
    assert_eq!(
        found.get("things").and_then(Value::as_items).map(<[_]>::len),
        Some(0)
    );
}

#[test]
fn what_is_sensitive_in_a_list_stays_hidden_and_the_rest_is_seen() {
    let (_, _, found) = listed(&["a", "b", "c"], None);
    let hidden: Vec<String> = marked_paths(&found, crate::value::Marks::SENSITIVE)
        .iter()
        .map(|path| crate::value::path::path_to_json(path).to_string())
        .collect();
    assert_eq!(hidden.len(), 2, "{hidden:?}");
    assert!(hidden.iter().all(|path| path.contains("value\"}")), "{hidden:?}");
}

#[test]
fn a_list_is_written_to_the_file_that_is_asked_for() {
    let (bench, _, _) = listed(&["a", "b", "c"], None);
    assert!(bench.clock.files.borrow().is_empty());
    let (bench, _, _) = listed(&["a", "b", "c"], Some("out.json"));
    let files = bench.clock.files.borrow();
    let [(path, text)] = &files[..] else {
        panic!("{files:?}")
    };
    assert_eq!(path, "out.json");
    let written: Json = serde_json::from_str(text).expect("JSON");
    assert_eq!(written[1], json!({"name": "c", "value": "value of c"}));
}
