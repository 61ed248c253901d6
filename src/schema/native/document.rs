//! IAM policy documents from their parts, byte for byte as the AWS provider writes them.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::one;
use crate::value::Value;
use crate::value::json::to_go_text_pretty;

/// The version in which `${...}` stands for itself.
const OLD_VERSION: &str = "2008-10-17";
const VERSION: &str = "2012-10-17";

/// `aws_iam_policy_document(arguments)`: an object of `json`, `minified_json` and `id`.
pub(super) fn function(arguments: &[Value]) -> Result<Value, String> {
    let configuration = one(arguments)?;
    let mut document = Document::default();
    let mut seen = Vec::new();
    for text in strings(configuration.get("source_policy_documents")) {
        let source = Document::parse(&text)?;
        no_sid_twice(&source, &mut seen)?;
        document.merge(source);
    }
    let own = Document::configured(configuration)?;
    no_sid_twice(&own, &mut Vec::new())?;
    document.merge(own);
    for text in strings(configuration.get("override_policy_documents")) {
        document.merge(Document::parse(&text)?);
    }
    Ok(document.written())
}

/// A document as it is put together. Statements are JSON objects with their members in the order of writing.
#[derive(Default)]
struct Document {
    version: String,
    id: String,
    statements: Vec<Map<String, Json>>,
}

/// The members of a statement in the order in which they are written.
const MEMBERS: &[&str] = &[
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
];

impl Document {
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let wrong = || "a policy document is not a JSON object with statements".to_owned();
        let json: Json =
            serde_json::from_str(text).map_err(|why| format!("a policy document is no JSON: {why}"))?;
        let members = json.as_object().ok_or_else(wrong)?;
        let word = |name: &str| {
            members
                .get(name)
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let statements = match members.get("Statement") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(items)) => items
                .iter()
                .map(|item| item.as_object().map(ordered).ok_or_else(wrong))
                .collect::<Result<_, _>>()?,
            Some(Json::Object(one)) => vec![ordered(one)],
            Some(_) => return Err(wrong()),
        };
        Ok(Self {
            version: word("Version"),
            id: word("Id"),
            statements,
        })
    }

    fn configured(configuration: &Value) -> Result<Self, String> {
        let version = string(configuration.get("version")).unwrap_or_else(|| VERSION.into());
        let blocks = configuration
            .get("statement")
            .and_then(Value::as_items)
            .unwrap_or_default();
        let statements = blocks
            .iter()
            .map(|block| statement(block, &version))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            id: string(configuration.get("policy_id")).unwrap_or_default(),
            version,
            statements,
        })
    }

    /// Statements of an id that is already there replace it in its place; all others follow.
    fn merge(&mut self, new: Self) {
        if !new.id.is_empty() {
            self.id = new.id;
        }
        if new.version > self.version {
            self.version = new.version;
        }
        for statement in new.statements {
            let old = self
                .statements
                .iter_mut()
                .find(|old| !sid(&statement).is_empty() && sid(old) == sid(&statement));
            match old {
                Some(old) => *old = statement,
                None => self.statements.push(statement),
            }
        }
    }

    fn written(self) -> Value {
        let mut members = Map::new();
        members.insert("Version".into(), self.version.into());
        if !self.id.is_empty() {
            members.insert("Id".into(), self.id.into());
        }
        if !self.statements.is_empty() {
            let statements = self.statements.into_iter().map(Json::Object).collect();
            members.insert("Statement".into(), Json::Array(statements));
        }
        let json = Json::Object(members);
        let pretty = to_go_text_pretty(&json);
        let pretty = pretty.trim_end();
        Value::object_of([
            (
                "id",
                Value::string(&crc32fast::hash(pretty.as_bytes()).to_string()),
            ),
            ("json", Value::string(pretty)),
            ("minified_json", Value::string(&compact(&json))),
        ])
    }
}

/// Compact text in the order given. The characters to escape can only stand inside strings.
fn compact(json: &Json) -> String {
    let escapes = [
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u{2028}", "\\u2028"),
        ("\u{2029}", "\\u2029"),
    ];
    escapes.iter().fold(json.to_string(), |text, (plain, escaped)| {
        text.replace(plain, escaped)
    })
}

fn sid(statement: &Map<String, Json>) -> &str {
    statement.get("Sid").and_then(Json::as_str).unwrap_or_default()
}

fn no_sid_twice(document: &Document, seen: &mut Vec<String>) -> Result<(), String> {
    for statement in &document.statements {
        let sid = sid(statement);
        if seen.iter().any(|other| other == sid) {
            return Err(format!("the statement id {sid:?} is used twice"));
        }
        if !sid.is_empty() {
            seen.push(sid.to_owned());
        }
    }
    Ok(())
}

/// A statement that was read, with its members in order and its lists in the form in which they are written.
fn ordered(members: &Map<String, Json>) -> Map<String, Json> {
    let mut found = Map::new();
    for name in MEMBERS {
        let value = match (*name, members.get(*name)) {
            (_, None | Some(Json::Null)) => continue,
            ("Action" | "NotAction" | "Resource" | "NotResource", Some(Json::Array(items))) => {
                let texts: Option<Vec<String>> = items
                    .iter()
                    .map(|item| item.as_str().map(str::to_owned))
                    .collect();
                texts.map_or_else(|| Json::Array(items.clone()), descending)
            }
            ("Principal" | "NotPrincipal", Some(Json::Object(kinds))) => {
                let sorted: BTreeMap<_, _> = kinds.iter().collect();
                Json::Object(
                    sorted
                        .into_iter()
                        .map(|(kind, list)| (kind.clone(), scalar_of_one(list)))
                        .collect(),
                )
            }
            ("Condition", Some(Json::Object(tests))) => {
                let sorted: BTreeMap<_, _> = tests.iter().collect();
                Json::Object(
                    sorted
                        .into_iter()
                        .map(|(test, keys)| (test.clone(), sorted_keys(keys)))
                        .collect(),
                )
            }
            (_, Some(other)) => other.clone(),
        };
        found.insert((*name).to_owned(), value);
    }
    found
}

fn sorted_keys(json: &Json) -> Json {
    let Json::Object(keys) = json else {
        return json.clone();
    };
    let sorted: BTreeMap<_, _> = keys.iter().collect();
    Json::Object(
        sorted
            .into_iter()
            .map(|(key, values)| (key.clone(), scalar_of_one(values)))
            .collect(),
    )
}

fn scalar_of_one(json: &Json) -> Json {
    match json {
        Json::Array(items) if items.len() == 1 => items[0].clone(),
        other => other.clone(),
    }
}

/// One text alone, or all of them from the last to the first.
fn descending(mut texts: Vec<String>) -> Json {
    texts.sort_by(|left, right| right.cmp(left));
    in_order(texts)
}

fn in_order(texts: Vec<String>) -> Json {
    match <[String; 1]>::try_from(texts) {
        Ok([only]) => only.into(),
        Err(texts) => texts.into(),
    }
}

fn statement(block: &Value, version: &str) -> Result<Map<String, Json>, String> {
    let variables = |texts: Vec<String>| {
        texts
            .into_iter()
            .map(|text| variable(text, version))
            .collect::<Result<Vec<_>, _>>()
    };
    let mut members = Map::new();
    if let Some(sid) = string(block.get("sid")).filter(|sid| !sid.is_empty()) {
        members.insert("Sid".into(), sid.into());
    }
    let effect = string(block.get("effect")).unwrap_or_else(|| "Allow".into());
    members.insert("Effect".into(), effect.into());
    for (name, argument) in [("Action", "actions"), ("NotAction", "not_actions")] {
        let texts = strings(block.get(argument));
        if !texts.is_empty() {
            members.insert(name.into(), descending(texts));
        }
    }
    for (name, argument) in [("Resource", "resources"), ("NotResource", "not_resources")] {
        let texts = variables(strings(block.get(argument)))?;
        if !texts.is_empty() {
            members.insert(name.into(), descending(texts));
        }
    }
    for (name, argument) in [("Principal", "principals"), ("NotPrincipal", "not_principals")] {
        if let Some(principals) = principals(block.get(argument), version)? {
            members.insert(name.into(), principals);
        }
    }
    if let Some(conditions) = conditions(block.get("condition"), version)? {
        members.insert("Condition".into(), conditions);
    }
    Ok(members)
}

fn principals(blocks: Option<&Value>, version: &str) -> Result<Option<Json>, String> {
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for block in blocks.and_then(Value::as_items).unwrap_or_default() {
        let kind = string(block.get("type")).unwrap_or_default();
        let mut identifiers = strings(block.get("identifiers"))
            .into_iter()
            .map(|text| variable(text, version))
            .collect::<Result<Vec<_>, _>>()?;
        identifiers.sort_by(|left, right| right.cmp(left));
        kinds.entry(kind).or_default().extend(identifiers);
    }
    if kinds.is_empty() {
        return Ok(None);
    }
    if kinds.len() == 1 && kinds.get("*").is_some_and(|all| all.as_slice() == ["*"]) {
        return Ok(Some("*".into()));
    }
    let members = kinds.into_iter().map(|(kind, texts)| (kind, in_order(texts)));
    Ok(Some(Json::Object(members.collect())))
}

fn conditions(blocks: Option<&Value>, version: &str) -> Result<Option<Json>, String> {
    let mut tests: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for block in blocks.and_then(Value::as_items).unwrap_or_default() {
        let test = string(block.get("test")).unwrap_or_default();
        let key = string(block.get("variable")).unwrap_or_default();
        let values = tests.entry(test).or_default().entry(key).or_default();
        for text in strings(block.get("values")) {
            values.push(variable(text, version)?);
        }
    }
    if tests.is_empty() {
        return Ok(None);
    }
    let members = tests.into_iter().map(|(test, keys)| {
        let keys = keys.into_iter().map(|(key, values)| (key, in_order(values)));
        (test, Json::Object(keys.collect()))
    });
    Ok(Some(Json::Object(members.collect())))
}

/// `&{name}` is written for `${name}`, which the language would take for its own.
fn variable(text: String, version: &str) -> Result<String, String> {
    if !text.contains("&{") {
        return Ok(text);
    }
    if version == OLD_VERSION {
        return Err(format!(
            "the text {text:?} has a policy variable, which version {OLD_VERSION} does not know"
        ));
    }
    Ok(text.replace("&{", "${"))
}

fn string(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::to_owned)
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_items).unwrap_or_default();
    items
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json::from_plain_json;

    #[track_caller]
    fn build(configuration: &Json) -> Result<Value, String> {
        function(&[from_plain_json(configuration)])
    }

    #[track_caller]
    fn check(configuration: &Json, minified: &str) {
        let built = build(configuration).expect("a document");
        assert_eq!(built.get("minified_json").and_then(Value::as_str), Some(minified));
    }

    fn json(text: &str) -> Json {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn a_document_is_written_with_indents_and_an_id() {
        let built = build(&json(
            r#"{"statement":[{"actions":["kms:*"],"resources":["*"]}]}"#,
        ))
        .expect("a document");
        let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"kms:*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}";
        assert_eq!(built.get("json").and_then(Value::as_str), Some(text));
        let id = crc32fast::hash(text.as_bytes()).to_string();
        assert_eq!(built.get("id").and_then(Value::as_str), Some(&*id));
    }

    #[test]
    fn lists_are_written_from_the_last_to_the_first() {
        check(
            &json(r#"{"policy_id":"p","statement":[{"sid":"a","effect":"Deny","actions":["b","a","c"]}]}"#),
            r#"{"Version":"2012-10-17","Id":"p","Statement":[{"Sid":"a","Effect":"Deny","Action":["c","b","a"]}]}"#,
        );
    }

    #[test]
    fn principals_are_sorted_by_type() {
        check(
            &json(
                r#"{"statement":[{"principals":[{"type":"Service","identifiers":["s"]},{"type":"AWS","identifiers":["a","b"]}]}]}"#,
            ),
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["b","a"],"Service":"s"}}]}"#,
        );
        check(
            &json(r#"{"statement":[{"principals":[{"type":"*","identifiers":["*"]}]}]}"#),
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*"}]}"#,
        );
        check(
            &json(r#"{"statement":[{"principals":[{"type":"AWS","identifiers":["*"]}]}]}"#),
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"}}]}"#,
        );
    }

    #[test]
    fn conditions_keep_the_order_of_values_and_join_equal_keys() {
        check(
            &json(
                r#"{"statement":[{"condition":[{"test":"T","variable":"v","values":["b","a"]},{"test":"T","variable":"v","values":["c"]},{"test":"S","variable":"w","values":["<"]}]}]}"#,
            ),
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Condition":{"S":{"w":"\u003c"},"T":{"v":["b","a","c"]}}}]}"#,
        );
    }

    #[test]
    fn variables_are_unescaped() {
        check(
            &json(r#"{"statement":[{"resources":["a/&{aws:username}"]}]}"#),
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"a/${aws:username}"}]}"#,
        );
        assert!(
            build(&json(
                r#"{"version":"2008-10-17","statement":[{"resources":["&{a}"]}]}"#
            ))
            .is_err()
        );
    }

    #[test]
    fn overrides_replace_by_id_and_sources_come_first() {
        check(
            &json(
                r#"{"source_policy_documents":["{\"Statement\":[{\"Sid\":\"a\",\"Effect\":\"Allow\"},{\"Sid\":\"b\",\"Effect\":\"Allow\"}]}"],
                "statement":[{"sid":"c"}],
                "override_policy_documents":["{\"Statement\":{\"Effect\":\"Deny\",\"Sid\":\"a\"}}"]}"#,
            ),
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Deny"},{"Sid":"b","Effect":"Allow"},{"Sid":"c","Effect":"Allow"}]}"#,
        );
    }

    #[test]
    fn an_id_may_not_be_used_twice() {
        assert!(build(&json(r#"{"statement":[{"sid":"a"},{"sid":"a"}]}"#)).is_err());
    }
}
