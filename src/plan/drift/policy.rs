//! What a changed policy means: who gained and who lost what.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

/// One permission of a statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    effect: String,
    principal: String,
    action: String,
    resource: String,
    condition: String,
}

/// Sentences on the difference between two policies; none when either text is no policy document.
pub(super) fn differences(before: &str, after: &str) -> Vec<String> {
    let (Some(before), Some(after)) = (grants(before), grants(after)) else {
        return Vec::new();
    };
    let lost = before.difference(&after).map(|grant| ("lost", grant));
    let gained = after.difference(&before).map(|grant| ("gained", grant));
    // Actions of the same principal, effect, resource and condition are told in one sentence.
    let mut told: BTreeMap<(String, &str, String, String), Vec<String>> = BTreeMap::new();
    for (verb, grant) in gained.chain(lost) {
        let effect = if grant.effect.eq_ignore_ascii_case("allow") {
            ""
        } else {
            "a denial of "
        };
        let tail = format!(
            "{}{}",
            if grant.resource == "*" {
                String::new()
            } else {
                format!(" on {}", grant.resource)
            },
            if grant.condition.is_empty() {
                String::new()
            } else {
                format!(" if {}", grant.condition)
            }
        );
        told.entry((grant.principal.clone(), verb, effect.to_owned(), tail))
            .or_default()
            .push(grant.action.clone());
    }
    told.into_iter()
        .map(|((principal, verb, effect, tail), actions)| {
            format!(
                "principal {principal} {verb} {effect}{}{tail}",
                actions.join(", ")
            )
        })
        .collect()
}

/// Every permission that a policy document speaks of.
fn grants(text: &str) -> Option<BTreeSet<Grant>> {
    let document: Json = serde_json::from_str(text).ok()?;
    let statements = match document.get("Statement")? {
        Json::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    let mut found = BTreeSet::new();
    for statement in &statements {
        let effect = statement.get("Effect").and_then(Json::as_str).unwrap_or("Allow");
        let condition = statement
            .get("Condition")
            .filter(|condition| !condition.is_null())
            .map(ToString::to_string);
        for principal in principals(statement) {
            for action in either(statement, "Action") {
                for resource in either(statement, "Resource") {
                    found.insert(Grant {
                        effect: effect.to_owned(),
                        principal: principal.clone(),
                        action: action.to_lowercase(),
                        resource: resource.clone(),
                        condition: condition.clone().unwrap_or_default(),
                    });
                }
            }
        }
    }
    Some(found)
}

/// The values of a member or of its negation, which is said so.
fn either(statement: &Json, name: &str) -> Vec<String> {
    let not = format!("Not{name}");
    match (statement.get(name), statement.get(&not)) {
        (Some(values), _) => texts(values),
        (None, Some(values)) => texts(values)
            .into_iter()
            .map(|text| format!("everything but {text}"))
            .collect(),
        (None, None) => vec!["*".into()],
    }
}

fn principals(statement: &Json) -> Vec<String> {
    let (values, not) = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(values), _) => (values, ""),
        (None, Some(values)) => (values, "everybody but "),
        (None, None) => return vec!["*".into()],
    };
    let all = match values {
        Json::Object(kinds) => kinds.values().flat_map(texts).collect(),
        other => texts(other),
    };
    all.into_iter()
        .map(|text| format!("{not}{}", known_as(&text)))
        .collect()
}

/// An account's number stands for its root; the id of a role or user for one that was deleted.
fn known_as(principal: &str) -> String {
    let is_account = principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit());
    let is_id = principal.starts_with("AROA") || principal.starts_with("AIDA");
    let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if is_account {
        format!("arn:aws:iam::{principal}:root")
    } else if is_id && principal.len() >= 16 && principal.bytes().all(is_plain) {
        format!("{principal} (somebody who was deleted)")
    } else {
        principal.to_owned()
    }
}

fn texts(value: &Json) -> Vec<String> {
    match value {
        Json::Array(all) => all.iter().flat_map(texts).collect(),
        Json::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::differences;

    #[track_caller]
    fn check(before: &str, after: &str, expected: &[&str]) {
        assert_eq!(differences(before, after), expected);
    }

    const ROOT: &str = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}]}"#;

    #[test]
    fn equal_policies_have_no_difference() {
        check(
            ROOT,
            r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["kms:*"],"Resource":"*"}}"#,
            &[],
        );
    }

    #[test]
    fn who_gained_what_is_said() {
        check(
            ROOT,
            r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"},
                {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:role/x"},"Action":["kms:Decrypt","kms:Encrypt"],"Resource":"*"}]}"#,
            &["principal arn:aws:iam::444455556666:role/x gained kms:decrypt, kms:encrypt"],
        );
    }

    #[test]
    fn a_removed_condition_is_a_gain_and_a_loss() {
        check(
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"Bool":{"a":"true"}}}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*"}]}"#,
            &[
                "principal * gained kms:decrypt",
                "principal * lost kms:decrypt if {\"Bool\":{\"a\":\"true\"}}",
            ],
        );
    }

    #[test]
    fn an_id_is_somebody_who_was_deleted() {
        let policy = |principal: &str| {
            format!(
                r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"kms:*","Resource":"*"}}]}}"#
            )
        };
        let role = "arn:aws:iam::111122223333:role/AROAD";
        check(
            &policy(role),
            &policy("AROAEXAMPLEEXAMPLE123"),
            &[
                "principal AROAEXAMPLEEXAMPLE123 (somebody who was deleted) gained kms:*",
                &format!("principal {role} lost kms:*"),
            ],
        );
    }

    #[test]
    fn other_texts_are_no_policies() {
        check("a", "b", &[]);
        check("{}", "{\"a\":1}", &[]);
    }
}
