//! When two AWS policy documents say the same.
//!
//! Order of statements, of actions and of members, scalars against lists of one, an account's number against the
//! ARN of its root, and the case of actions make no difference. A document that cannot be read equals only its
//! own text.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use crate::value::Value;

/// Whether both allow and deny the same.
pub(super) fn equivalent(left: &str, right: &str) -> bool {
    let (left, right) = (unwrapped(left), unwrapped(right));
    left == right
        || matches!((Document::read(left), Document::read(right)), (Some(a), Some(b)) if a.says_the_same(&b))
}

/// `aws_policy_allows(policy, action)`: false where no statement of a policy allows an action to anybody, under any
/// condition. A text that is no policy, and one without statements, are left for others to judge.
pub(super) fn allows(arguments: &[Value]) -> Result<Value, String> {
    let [policy, action] = arguments else {
        return Err(format!("two arguments are needed, not {}", arguments.len()));
    };
    let action = action.as_str().ok_or("the action must be a string")?;
    let document = policy.as_str().and_then(Document::read);
    Ok(Value::bool(document.is_none_or(|document| {
        let statements = &document.statements;
        statements.is_empty() || statements.iter().any(|one| one.may_allow(action))
    })))
}

/// The text without the brackets of a list of one; `{}` when there is nothing.
fn unwrapped(text: &str) -> &str {
    let text = text.trim();
    let inner = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text)
        .trim();
    if inner.is_empty() { "{}" } else { inner }
}

pub(super) struct Document {
    version: String,
    id: String,
    pub(super) statements: Vec<Statement>,
}

pub(super) struct Statement {
    pub(super) sid: String,
    pub(super) effect: String,
    /// Sorted texts of Action, NotAction, Resource, NotResource.
    pub(super) lists: [Vec<String>; 4],
    /// Principal and NotPrincipal.
    pub(super) principals: [Principals; 2],
    pub(super) conditions: Conditions,
}

/// Identifiers by type.
type Principals = BTreeMap<String, Vec<String>>;

/// By operator and key: how many values there are, and which.
type Conditions = BTreeMap<String, BTreeMap<String, (usize, BTreeSet<String>)>>;

impl Document {
    pub(super) fn read(text: &str) -> Option<Self> {
        let json: Json = serde_json::from_str(text).ok()?;
        let members = json.as_object()?;
        let statements = match member(members, "Statement") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(items)) => items.iter().map(Statement::read).collect::<Option<_>>()?,
            Some(one) => vec![Statement::read(one)?],
        };
        Some(Self {
            version: word(members, "Version")?,
            id: word(members, "Id")?,
            statements,
        })
    }

    fn says_the_same(&self, other: &Self) -> bool {
        let covered = |ours: &[Statement], theirs: &[Statement]| {
            ours.iter()
                .all(|one| theirs.iter().any(|another| one.says_the_same(another)))
        };
        self.version == other.version
            && self.id == other.id
            && self.statements.len() == other.statements.len()
            && covered(&self.statements, &other.statements)
            && covered(&other.statements, &self.statements)
    }
}

impl Statement {
    fn read(json: &Json) -> Option<Self> {
        let members = json.as_object()?;
        let sorted = |name: &str, lower: bool| -> Option<Vec<String>> {
            let mut texts = texts(member(members, name))?;
            if lower {
                for text in &mut texts {
                    text.make_ascii_lowercase();
                }
            }
            texts.sort();
            Some(texts)
        };
        Some(Self {
            sid: word(members, "Sid")?,
            effect: word(members, "Effect")?.to_ascii_lowercase(),
            lists: [
                sorted("Action", true)?,
                sorted("NotAction", true)?,
                sorted("Resource", false)?,
                sorted("NotResource", false)?,
            ],
            principals: [
                principals(member(members, "Principal"))?,
                principals(member(members, "NotPrincipal"))?,
            ],
            conditions: conditions(member(members, "Condition"))?,
        })
    }

    fn may_allow(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        let [actions, others, ..] = &self.lists;
        let named = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, &action));
        self.effect != "deny" && (named(actions) || (actions.is_empty() && !named(others)))
    }

    fn says_the_same(&self, other: &Self) -> bool {
        self.sid == other.sid
            && self.effect == other.effect
            && self.lists == other.lists
            && self.conditions == other.conditions
            && same_principals(&self.principals[0], &other.principals[0])
            && same_principals(&self.principals[1], &other.principals[1])
    }
}

/// Whether a text fits a pattern with `*` and `?`.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen) = (0, 0);
    // Where the last star stands, and up to where it has taken the text.
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(&one) if one == '?' || one == text[seen] => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((place, taken)) = &mut star else {
                    return false;
                };
                *taken += 1;
                (at, seen) = (*place + 1, *taken);
            }
        }
    }
    pattern[at..].iter().all(|left| *left == '*')
}

/// A member by its name in any case, as the cloud reads it.
fn member<'a>(members: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    members.get(name).or_else(|| {
        members
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

/// A string member, empty when absent; None when it is something else.
fn word(members: &Map<String, Json>, name: &str) -> Option<String> {
    match member(members, name) {
        None | Some(Json::Null) => Some(String::new()),
        Some(value) => value.as_str().map(str::to_owned),
    }
}

/// A scalar or a list of scalars as texts.
fn texts(json: Option<&Json>) -> Option<Vec<String>> {
    match json {
        None | Some(Json::Null) => Some(Vec::new()),
        Some(Json::Array(items)) => items.iter().map(scalar).collect(),
        Some(one) => scalar(one).map(|text| vec![text]),
    }
}

fn scalar(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(json.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// `"*"` alone is everybody, which is also what `{"AWS":"*"}` means.
fn principals(json: Option<&Json>) -> Option<Principals> {
    let mut found = Principals::new();
    match json {
        None | Some(Json::Null) => {}
        Some(Json::String(text)) => {
            let kind = if text == "*" { "AWS" } else { "" };
            found.insert(kind.to_owned(), vec![text.clone()]);
        }
        Some(other) => {
            for (kind, value) in other.as_object()? {
                let texts = texts(Some(value))?;
                if !texts.is_empty() {
                    found.insert(kind.clone(), texts);
                }
            }
        }
    }
    Some(found)
}

fn same_principals(ours: &Principals, theirs: &Principals) -> bool {
    let covered = |some: &[String], others: &[String]| {
        some.iter()
            .all(|one| others.iter().any(|another| same_principal(one, another)))
    };
    ours.len() == theirs.len()
        && ours.iter().all(|(kind, list)| {
            theirs.get(kind).is_some_and(|other| {
                list.len() == other.len() && covered(list, other) && covered(other, list)
            })
        })
}

fn same_principal(left: &str, right: &str) -> bool {
    left == right || is_root_of(left, right) || is_root_of(right, left)
}

/// Whether the ARN is that of the root of the account.
fn is_root_of(arn: &str, account: &str) -> bool {
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    is_account && matches!(parts.as_slice(), ["arn", _, "iam", "", of, "root"] if *of == account)
}

fn conditions(json: Option<&Json>) -> Option<Conditions> {
    let operators = match json {
        None | Some(Json::Null) => return Some(Conditions::new()),
        Some(other) => other.as_object()?,
    };
    let mut found = Conditions::new();
    for (operator, keys) in operators {
        let mut inner = BTreeMap::new();
        for (key, values) in keys.as_object()? {
            let values = texts(Some(values))?;
            inner.insert(key.clone(), (values.len(), values.into_iter().collect()));
        }
        found.insert(operator.clone(), inner);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::{allows, equivalent};
    use crate::value::Value;

    #[track_caller]
    fn check(left: &str, right: &str, expected: bool) {
        assert_eq!(equivalent(left, right), expected);
        assert_eq!(equivalent(right, left), expected, "the other way round");
    }

    /// A document with one statement of these members.
    fn statement(members: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{members}}}]}}"#)
    }

    #[track_caller]
    fn check_members(left: &str, right: &str, expected: bool) {
        check(&statement(left), &statement(right), expected);
    }

    #[test]
    fn nothing_is_the_empty_document() {
        check("", " {} ", true);
        check("[]", "{}", true);
        check("", &statement(r#""Action":"a""#), false);
    }

    #[test]
    fn a_single_statement_needs_no_list() {
        check(
            r#"{"Statement":{"Sid":"a"}}"#,
            r#"{"statement":[{"sid":"a"}]}"#,
            true,
        );
        check(
            r#"[{"Statement":{"Sid":"a"}}]"#,
            r#"{"Statement":{"Sid":"a"}}"#,
            true,
        );
    }

    #[test]
    fn order_and_case_of_actions_make_no_difference() {
        check_members(
            r#""Action":["kms:A","kms:b"]"#,
            r#""Action":["kms:B","kms:a"]"#,
            true,
        );
        check_members(r#""Action":"kms:*""#, r#""Action":["kms:*"]"#, true);
        check_members(r#""Action":["a","a"]"#, r#""Action":["a"]"#, false);
        check_members(r#""Resource":"A""#, r#""Resource":"a""#, false);
    }

    #[test]
    fn order_of_statements_makes_no_difference() {
        check(
            r#"{"Statement":[{"Sid":"a"},{"Sid":"b"}]}"#,
            r#"{"Statement":[{"Sid":"b"},{"Sid":"a"}]}"#,
            true,
        );
        check(
            r#"{"Statement":[{"Sid":"a"}]}"#,
            r#"{"Statement":[{"Sid":"a"},{"Sid":"b"}]}"#,
            false,
        );
    }

    #[test]
    fn an_account_is_its_root() {
        check_members(
            r#""Principal":{"AWS":"111122223333"}"#,
            r#""Principal":{"AWS":["arn:aws:iam::111122223333:root"]}"#,
            true,
        );
        check_members(
            r#""Principal":{"AWS":"111122223333"}"#,
            r#""Principal":{"AWS":"arn:aws:iam::111122223334:root"}"#,
            false,
        );
    }

    #[test]
    fn everybody_is_everybody() {
        check_members(r#""Principal":"*""#, r#""Principal":{"AWS":"*"}"#, true);
        check_members(r#""Principal":"*""#, r#""NotPrincipal":"*""#, false);
    }

    #[test]
    fn conditions_are_sets() {
        let condition = |values: &str| format!(r#""Condition":{{"StringEquals":{{"k":{values}}}}}"#);
        check_members(&condition(r#"["a","b"]"#), &condition(r#"["b","a"]"#), true);
        check_members(&condition("true"), &condition(r#"["true"]"#), true);
        check_members(&condition(r#""a""#), &condition(r#""A""#), false);
    }

    #[test]
    fn versions_count() {
        check(
            r#"{"Version":"2012-10-17"}"#,
            r#"{"Version":"2008-10-17"}"#,
            false,
        );
    }

    #[test]
    fn what_cannot_be_read_equals_only_itself() {
        check(
            r#"{"Statement":[{"Sid":1}]}"#,
            r#"{"Statement":[{"Sid":1}]}"#,
            true,
        );
        check(
            r#"{"Statement":[{"Sid":1}]}"#,
            r#"{ "Statement":[{"Sid":1}]}"#,
            false,
        );
        check("{", "[", false);
    }

    #[track_caller]
    fn check_allows(statements: &str, expected: bool) {
        let policy = format!("{{\"Version\":\"2012-10-17\",\"Statement\":{statements}}}");
        let found = allows(&[Value::string(&policy), Value::string("kms:PutKeyPolicy")]);
        assert_eq!(found.expect("an answer"), Value::bool(expected), "{statements}");
    }

    #[test]
    fn a_policy_that_allows_an_action_to_nobody_is_found() {
        let statement = |effect: &str, actions: &str| {
            format!(r#"{{"Effect":"{effect}",{actions},"Principal":"*","Resource":"*"}}"#)
        };
        for (actions, expected) in [
            (r#""Action":"kms:*""#, true),
            (r#""Action":["kms:Encrypt","KMS:put*"]"#, true),
            (r#""Action":"kms:P?tKeyPolicy""#, true),
            (r#""NotAction":"kms:Encrypt""#, true),
            (r#""NotAction":"kms:Put*""#, false),
            (r#""Action":["kms:Encrypt","kms:Decrypt"]"#, false),
            (r#""Action":"kmsxPutKeyPolicy""#, false),
        ] {
            check_allows(&statement("Allow", actions), expected);
            check_allows(&format!("[{}]", statement("Deny", actions)), false);
        }
        check_allows("[]", true);
        check_allows(r#"[{"Effect":1}]"#, true);
    }
}
