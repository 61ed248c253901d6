//! Ways into values.

use serde_json::json;

use super::super::{Marks, Type, Value};
use super::{
    Path, PathText, Step, get, map_deep, marked_paths, path_from_json, path_to_json, unmark_with_paths, walk,
    with_marks_at,
};

/// `{ conn = { token, user }, list = [1, 2], map = { hidden }, tags = set }`
fn sample() -> Value {
    let conn = Value::object_of([("token", Value::from("t")), ("user", "u".into())]);
    let list = Value::list(Type::Number, vec![1.into(), 2.into()]);
    let map = Value::map(Type::String, [("hidden".into(), "h".into())].into());
    let tags = Value::set(Type::String, vec!["a".into(), "b".into()]);
    Value::object_of([("conn", conn), ("list", list), ("map", map), ("tags", tags)])
}

fn token() -> Path {
    vec![Step::attribute("conn"), Step::attribute("token")]
}

fn second() -> Path {
    vec![Step::attribute("list"), Step::index(1)]
}

fn hidden() -> Path {
    vec![Step::attribute("map"), Step::key("hidden")]
}

#[test]
fn paths_print_as_messages_have_them() {
    let path = [
        token(),
        second(),
        hidden(),
        vec![Step::Index(Value::tuple(vec![]))],
    ]
    .concat();
    let text = PathText(&path).to_string();
    assert_eq!(text, ".conn.token.list[1].map[\"hidden\"][...]");
}

#[test]
fn a_path_leads_to_its_part_and_collects_marks() {
    let value = sample();
    assert_eq!(get(&value, &token()), Some("t".into()));
    assert_eq!(get(&value, &second()), Some(2.into()));
    assert_eq!(get(&value, &hidden()), Some("h".into()));
    let element = vec![Step::attribute("tags"), Step::Index("b".into())];
    assert_eq!(get(&value, &element), Some("b".into()));
    assert_eq!(get(&value, &[Step::attribute("list"), Step::index(2)]), None);
    assert_eq!(
        get(&value, &[Step::attribute("list"), Step::Index((-1).into())]),
        None
    );
    assert_eq!(get(&value, &[Step::attribute("none")]), None);
    assert_eq!(get(&Value::dynamic(), &token()), Some(Value::dynamic()));
    let marked = with_marks_at(&value, &[vec![Step::attribute("conn")]], Marks::SENSITIVE);
    assert!(get(&marked, &token()).is_some_and(|part| part.is_sensitive()));
}

#[test]
fn marks_are_set_found_and_taken_away_by_path() {
    let value = sample();
    let paths = vec![token(), second(), hidden()];
    let marked = with_marks_at(&value, &paths, Marks::SENSITIVE);
    assert_eq!(marked_paths(&marked, Marks::SENSITIVE), paths);
    assert!(marked_paths(&marked, Marks::EPHEMERAL).is_empty());
    let (plain, found) = unmark_with_paths(&marked);
    assert_eq!(plain, value);
    assert_eq!(found.into_iter().map(|(path, _)| path).collect::<Vec<_>>(), paths);
    assert_ne!(marked, value);
}

#[test]
fn a_mark_inside_a_set_or_an_unknown_stands_on_the_whole() {
    let paths = [vec![Step::attribute("tags"), Step::Index("a".into())]];
    let marked = with_marks_at(&sample(), &paths, Marks::SENSITIVE);
    assert_eq!(
        marked_paths(&marked, Marks::SENSITIVE),
        [vec![Step::attribute("tags")]]
    );
    let unknown = with_marks_at(&Value::dynamic(), &[token()], Marks::SENSITIVE);
    assert!(unknown.is_sensitive());
    let missing = with_marks_at(&sample(), &[vec![Step::attribute("none")]], Marks::SENSITIVE);
    assert_eq!(missing, sample());
}

#[test]
fn a_walk_meets_every_part_outside_first() {
    let mut met = Vec::new();
    walk(&sample(), &mut |path, _| met.push(PathText(path).to_string()));
    assert_eq!(
        met,
        [
            "",
            ".conn",
            ".conn.token",
            ".conn.user",
            ".list",
            ".list[0]",
            ".list[1]",
            ".map",
            ".map[\"hidden\"]",
            ".tags",
            ".tags[\"a\"]",
            ".tags[\"b\"]"
        ]
    );
}

#[test]
fn a_value_is_rebuilt_from_the_inside_out() {
    let doubled = map_deep(&sample(), &mut |_, part| match part.as_i64() {
        Some(number) => Value::int(number * 2).with_marks(part.marks()),
        None => part,
    });
    assert_eq!(get(&doubled, &second()), Some(4.into()));
    assert_eq!(get(&doubled, &token()), Some("t".into()));
    let retyped = map_deep(&sample(), &mut |_, part| match part.as_i64() {
        Some(number) => Value::string(&number.to_string()),
        None => part,
    });
    let list = get(&retyped, &[Step::attribute("list")]).expect("the list is there");
    assert_eq!(list.ty(), Type::list(Type::String));
}

#[test]
fn paths_read_and_write_as_in_state_files() {
    let path = [hidden(), second()].concat();
    let json = json!([
        {"type": "get_attr", "value": "map"},
        {"type": "index", "value": {"value": "hidden", "type": "string"}},
        {"type": "get_attr", "value": "list"},
        {"type": "index", "value": {"value": 1, "type": "number"}},
    ]);
    assert_eq!(path_to_json(&path), json);
    assert_eq!(path_from_json(&json).expect("this is a path"), path);
    for wrong in [
        json!({}),
        json!([{"type": "get_attr"}]),
        json!([{"type": "x", "value": "y"}]),
        json!([1]),
    ] {
        assert!(path_from_json(&wrong).is_err());
    }
}
