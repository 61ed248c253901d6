//! Reads that several objects ask for.

use super::*;

const LISTED: &str = r#"
    attribute "target" {
      type = string
      read = one.Target
    }
    read {
      call "ListAll" {
        as     = "one"
        shared = true
        pages  = {
          ask  = "Marker"
          next = reply.Next
        }
        take = try([for a in reply.All : a if a.Name == id][0], null)
      }
      gone = one == null
    }"#;

#[test]
fn one_list_serves_all_objects_in_it() {
    let bench = Bench::thing(LISTED);
    let script = Script::new(&[(
        "ListAll",
        json!({"All": [{"Name": "a", "Target": "1"}], "Next": "x"}),
    )])
    .then("ListAll", json!({"All": [{"Name": "b", "Target": "2"}]}));
    let shared = SharedReads::new();
    let site = Site {
        shared: Some(&shared),
        ..bench.site(&script)
    };
    let target = |id: &str| {
        let found = now(read(site, &object(bench.ty, &json!({"id": id})))).unwrap();
        found
            .object()
            .and_then(|found| found.get("target").and_then(Value::as_str).map(str::to_owned))
    };
    assert_eq!(target("a").as_deref(), Some("1"));
    assert_eq!(target("b").as_deref(), Some("2"));
    assert_eq!(target("c"), None);
    assert_eq!(script.count("ListAll"), 2);
}

const TAGGED: &str = r#"
    attribute "tag" {
      type = string
      read = tag.Value
    }
    read {
      call "ListTags" {
        as       = "tag"
        params   = { Ids = [id] }
        together = {
          param = "Ids"
          most  = 2
        }
        find = {
          in = reply.Tags
          by = "Id"
          is = id
        }
      }
    }"#;

#[test]
fn objects_are_asked_for_together_and_alone_where_that_fails() {
    let bench = Bench::thing(TAGGED);
    let tags = json!({"Tags": [{"Id": "a", "Value": "1"}, {"Id": "b", "Value": "2"}]});
    let script = Script::new(&[("ListTags", tags.clone())]).then("ListTags", json!({"Tags": []}));
    let shared = SharedReads::new();
    let site = Site {
        shared: Some(&shared),
        ..bench.site(&script)
    };
    shared.ask_together(&script, &bench.ty.name, &["a".into(), "b".into()]);
    let tag = |site: Site<'_>, id: &str| {
        let found = now(read(site, &object(bench.ty, &json!({"id": id}))))
            .unwrap()
            .object();
        found.and_then(|found| found.get("tag").and_then(Value::as_str).map(str::to_owned))
    };
    assert_eq!(tag(site, "a").as_deref(), Some("1"));
    assert_eq!(tag(site, "b").as_deref(), Some("2"));
    assert_eq!(script.count("ListTags"), 1);
    // Who is nobody's companion asks for itself.
    assert_eq!(tag(site, "c"), None);
    assert_eq!(script.count("ListTags"), 2);
    let failing = Script::default()
        .fail("ListTags", Class::Refused, "Refused", "no")
        .then("ListTags", tags);
    let shared = SharedReads::new();
    let site = Site {
        shared: Some(&shared),
        ..bench.site(&failing)
    };
    shared.ask_together(&failing, &bench.ty.name, &["a".into(), "b".into()]);
    assert_eq!(tag(site, "a").as_deref(), Some("1"));
    assert_eq!(tag(site, "b").as_deref(), Some("2"));
    assert_eq!(failing.count("ListTags"), 3);
}
