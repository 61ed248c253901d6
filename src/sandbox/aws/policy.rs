//! Key policies: stored as they are given, checked for form and for the lock-out.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::errors::{Error, not_found};
use super::params::{Paging, page};
use super::sts::Caller;
use super::world::{Names, partition};
use super::{Aws, Call};

/// The most bytes of a policy.
const MOST: usize = 32_768;

/// Shows the policy of a key.
pub fn get(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    check_name(call)?;
    let key = world.key(call, Names::Own)?;
    Ok(json!({ "Policy": key.policy, "PolicyName": "default" }))
}

/// Replaces the policy of a key.
pub fn put(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    check_name(call)?;
    let text = call.input.required("Policy", 1..=131_072)?;
    let bypass = call.input.flag("BypassPolicyLockoutSafetyCheck")?;
    let key = world.own_key(call, "PutKeyPolicy")?;
    check(text, call, &key.arn, bypass)?;
    text.clone_into(&mut key.policy);
    Ok(Value::Null)
}

/// Lists the names of the policies of a key: the one that there is.
pub fn list(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    world.key(call, Names::Own)?;
    let paging = Paging {
        member: "PolicyNames",
        default: 100,
        most: 1000,
    };
    page(
        call.input,
        &paging,
        std::iter::once(("default", "default")),
        |name| json!(name),
    )
}

fn check_name(call: &Call) -> Result<(), Error> {
    match call.input.text("PolicyName", 1..=128)? {
        None | Some("default") => Ok(()),
        Some(_) => Err(not_found("No such policy exists")),
    }
}

/// The policy of a key that was made without one: the account decides.
pub fn default(region: &str, account: &str) -> String {
    let partition = partition(region);
    format!(
        "{{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ {{\n    \
         \"Sid\" : \"Enable IAM User Permissions\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {{\n      \
         \"AWS\" : \"arn:{partition}:iam::{account}:root\"\n    }},\n    \"Action\" : \"kms:*\",\n    \
         \"Resource\" : \"*\"\n  }} ]\n}}"
    )
}

/// The policy of a key that AWS made for one of its services.
pub fn managed(region: &str, account: &str, service: &str) -> String {
    let statement = |sid: &str, principal: &str, actions: Value| json!({ "Sid": sid, "Effect": "Allow", "Principal": { "AWS": principal }, "Action": actions, "Resource": "*" });
    let root = format!("arn:{}:iam::{account}:root", partition(region));
    let mut use_it = statement(
        &format!(
            "Allow access through {service} for all principals in the account that are authorized to use it"
        ),
        "*",
        json!([
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:CreateGrant",
            "kms:DescribeKey"
        ]),
    );
    use_it["Condition"] = json!({ "StringEquals": {
        "kms:CallerAccount": account, "kms:ViaService": format!("{service}.{region}.amazonaws.com") } });
    let read_it = statement(
        "Allow direct access to key metadata to the account",
        &root,
        json!(["kms:Describe*", "kms:Get*", "kms:List*"]),
    );
    json!({ "Version": "2012-10-17", "Id": format!("auto-{service}"), "Statement": [use_it, read_it] })
        .to_string()
}

/// Checks a policy as the service does before it takes it.
pub fn check(text: &str, call: &Call, arn: &str, bypass: bool) -> Result<(), Error> {
    if text.len() > MOST {
        return Err(Error::new(
            "LimitExceededException",
            "The policy document exceeds the maximum size.",
        ));
    }
    if text
        .chars()
        .any(|c| !matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}'))
    {
        return Err(malformed("Policy contains characters that are not allowed."));
    }
    let document: Value = serde_json::from_str(text).map_err(|_| malformed("Syntax errors in policy."))?;
    let statements = form(&document)?;
    if !bypass && !lets_change(&statements, call.caller, arn) {
        return Err(malformed(
            "The new key policy will not allow you to update the key policy in the future.",
        ));
    }
    Ok(())
}

fn malformed(message: &str) -> Error {
    Error::new("MalformedPolicyDocumentException", message)
}

/// The statements of a document of proper form.
fn form(document: &Value) -> Result<Vec<&Map<String, Value>>, Error> {
    let syntax = || malformed("Syntax errors in policy.");
    let document = document.as_object().ok_or_else(syntax)?;
    if document
        .keys()
        .any(|name| !["Version", "Id", "Statement"].contains(&name.as_str()))
    {
        return Err(syntax());
    }
    match document.get("Version").map(Value::as_str) {
        None | Some(Some("2012-10-17" | "2008-10-17")) => {}
        Some(_) => {
            return Err(malformed(
                "Syntax errors in policy. The policy version is not valid.",
            ));
        }
    }
    if document.get("Id").is_some_and(|id| !id.is_string()) {
        return Err(syntax());
    }
    let statements: Vec<&Map<String, Value>> = match document.get("Statement") {
        Some(Value::Object(statement)) => vec![statement],
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_object().ok_or_else(syntax))
            .collect::<Result<_, _>>()?,
        _ => return Err(syntax()),
    };
    if statements.is_empty() {
        return Err(malformed("Policy document must contain at least one statement."));
    }
    let mut sids = BTreeSet::new();
    for statement in &statements {
        check_statement(statement)?;
        let sid = statement
            .get("Sid")
            .and_then(Value::as_str)
            .filter(|sid| !sid.is_empty());
        if sid.is_some_and(|sid| !sids.insert(sid)) {
            return Err(malformed(
                "Statement IDs (SID) in a single policy must be unique.",
            ));
        }
    }
    Ok(statements)
}

const MEMBERS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

fn check_statement(statement: &Map<String, Value>) -> Result<(), Error> {
    if statement.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(malformed("Syntax errors in policy."));
    }
    if statement.get("Sid").is_some_and(|sid| !sid.is_string()) {
        return Err(malformed("Syntax errors in policy."));
    }
    if !matches!(
        statement.get("Effect").and_then(Value::as_str),
        Some("Allow" | "Deny")
    ) {
        return Err(malformed("Policy contains a statement with an invalid effect."));
    }
    let one_of = |names: [&str; 2], none: &str| match names.map(|name| statement.contains_key(name)) {
        [false, false] => Err(malformed(&format!("Policy contains a statement with no {none}."))),
        [true, true] => Err(malformed("Syntax errors in policy.")),
        _ => Ok(()),
    };
    one_of(["Principal", "NotPrincipal"], "principal")?;
    one_of(["Action", "NotAction"], "action")?;
    one_of(["Resource", "NotResource"], "resource")?;
    for name in ["Action", "NotAction", "Resource", "NotResource"] {
        if let Some(value) = statement.get(name) {
            let texts = texts(value)
                .filter(|texts| !texts.is_empty())
                .ok_or_else(|| malformed("Syntax errors in policy."))?;
            let is_action = name.ends_with("Action");
            if is_action && texts.iter().any(|text| *text != "*" && !text.contains(':')) {
                return Err(malformed(
                    "Policy contains a statement with one or more invalid actions.",
                ));
            }
        }
    }
    for name in ["Principal", "NotPrincipal"] {
        statement.get(name).map_or(Ok(()), check_principal)?;
    }
    if statement
        .get("Condition")
        .is_some_and(|condition| !condition.is_object())
    {
        return Err(malformed("Syntax errors in policy."));
    }
    Ok(())
}

fn check_principal(value: &Value) -> Result<(), Error> {
    let wrong = || malformed("Policy contains a statement with one or more invalid principals.");
    let Value::Object(kinds) = value else {
        return if value == "*" { Ok(()) } else { Err(wrong()) };
    };
    if kinds.is_empty() {
        return Err(wrong());
    }
    for (kind, who) in kinds {
        let who = texts(who).filter(|who| !who.is_empty()).ok_or_else(wrong)?;
        let fits = |text: &&str| match kind.as_str() {
            "AWS" => *text == "*" || is_account(text) || is_principal_arn(text) || is_unique_id(text),
            "Service" => text.contains('.'),
            "Federated" | "CanonicalUser" => !text.is_empty(),
            _ => false,
        };
        if !who.iter().all(fits) {
            return Err(wrong());
        }
    }
    Ok(())
}

/// A text, or a list of texts.
fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What the ARN of a principal turns into once the principal is gone.
fn is_unique_id(text: &str) -> bool {
    (text.starts_with("AROA") || text.starts_with("AIDA"))
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a text has the form of the ARN of an account, user, role or session.
pub fn is_principal_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, service, "", account, resource] = parts[..] else {
        return false;
    };
    let kinds: &[&str] = match service {
        "iam" => &["user/", "role/"],
        "sts" => &["assumed-role/", "federated-user/"],
        _ => return false,
    };
    let named = kinds.iter().any(|kind| {
        resource
            .strip_prefix(kind)
            .is_some_and(|name| !name.is_empty() && !name.contains('*'))
    });
    partition.starts_with("aws") && is_account(account) && (named || (service == "iam" && resource == "root"))
}

/// Whether the caller could still replace the policy once it stands.
fn lets_change(statements: &[&Map<String, Value>], caller: &Caller, arn: &str) -> bool {
    let is_put = |action: &str| matches(&action.to_ascii_lowercase(), "kms:putkeypolicy");
    let about = |effect: &str, conditional: bool| {
        statements.iter().any(|statement| {
            statement.get("Effect").and_then(Value::as_str) == Some(effect)
                && (conditional || !statement.contains_key("Condition"))
                && is_about(statement, "Principal", |who| has_caller(who, caller))
                && is_about(statement, "Action", |actions| any(actions, is_put))
                && is_about(statement, "Resource", |resources| {
                    any(resources, |resource| matches(resource, arn))
                })
        })
    };
    about("Allow", true) && !about("Deny", false)
}

/// Whether a statement is about something, directly or by naming all but others.
fn is_about(statement: &Map<String, Value>, member: &str, fits: impl Fn(&Value) -> bool) -> bool {
    match (statement.get(member), statement.get(&format!("Not{member}"))) {
        (Some(value), _) => fits(value),
        (None, Some(value)) => !fits(value),
        (None, None) => false,
    }
}

/// Whether one of the texts of a value fits.
fn any(value: &Value, fits: impl Fn(&str) -> bool) -> bool {
    texts(value).is_some_and(|texts| texts.iter().any(|text| fits(text)))
}

/// Whether the caller is among the principals.
fn has_caller(principals: &Value, caller: &Caller) -> bool {
    match principals {
        Value::Object(kinds) => kinds
            .get("AWS")
            .is_some_and(|who| any(who, |who| is_caller(who, caller))),
        other => other == "*",
    }
}

/// A statement for the account reaches the caller through IAM, whose policies here allow everything.
fn is_caller(who: &str, caller: &Caller) -> bool {
    let root = who.strip_suffix(":root").and_then(|rest| rest.rsplit(':').next());
    who == "*"
        || who == caller.arn
        || who == caller.account
        || root == Some(caller.account.as_str())
        || caller.role.as_deref() == Some(who)
}

/// Whether a text fits a pattern with `*` and `?`.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:kms:us-east-1:123456789012:key/1";

    #[track_caller]
    fn check_text(text: &str, expected: &str) {
        let caller = Caller {
            account: "123456789012".into(),
            arn: "arn:aws:sts::123456789012:assumed-role/admin/me".into(),
            user_id: "AROA:me".into(),
            role: Some("arn:aws:iam::123456789012:role/admin".into()),
        };
        let members = Map::new();
        let call = Call {
            region: "us-east-1",
            caller: &caller,
            now: 0,
            input: super::super::Input(&members),
        };
        let found = check(text, &call, ARN, false)
            .err()
            .and_then(|why| why.message)
            .unwrap_or_default();
        assert!(
            if expected.is_empty() {
                found.is_empty()
            } else {
                found.contains(expected)
            },
            "{found:?}"
        );
    }

    /// A policy of one statement, with members replaced; null takes a member away.
    fn with(changes: &Value) -> String {
        let mut statement =
            json!({ "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "kms:*", "Resource": "*" });
        for (name, value) in changes.as_object().unwrap() {
            statement[name] = value.clone();
        }
        statement
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
    }

    #[test]
    fn the_default_policies_are_accepted() {
        check_text(&default("us-east-1", "123456789012"), "");
    }

    #[test]
    fn the_form_is_checked() {
        check_text("{", "Syntax errors");
        check_text("[]", "Syntax errors");
        check_text(
            "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
            "at least one statement",
        );
        check_text("{\"Version\":\"2020-01-01\",\"Statement\":[]}", "version");
        check_text(&with(&json!({ "Effect": "allow" })), "invalid effect");
        check_text(&with(&json!({ "Principal": null })), "no principal");
        check_text(&with(&json!({ "Action": null })), "no action");
        check_text(&with(&json!({ "Action": "encrypt" })), "invalid actions");
        check_text(&with(&json!({ "Resource": null })), "no resource");
        check_text(&with(&json!({ "Resource": 5 })), "Syntax errors");
        check_text(&with(&json!({ "Colour": "blue" })), "Syntax errors");
        check_text(
            &with(&json!({ "Principal": { "AWS": "somebody" } })),
            "invalid principals",
        );
        check_text(&with(&json!({ "Principal": "me" })), "invalid principals");
    }

    #[test]
    fn a_policy_that_locks_out_is_refused() {
        let locked = "will not allow you to update";
        check_text(&with(&json!({ "Action": "kms:Encrypt" })), locked);
        check_text(&with(&json!({ "Action": ["kms:Encrypt", "KMS:Put*"] })), "");
        check_text(
            &with(&json!({ "NotAction": "kms:PutKeyPolicy", "Action": null })),
            locked,
        );
        check_text(&with(&json!({ "Effect": "Deny" })), locked);
        check_text(
            &with(&json!({ "Resource": "arn:aws:kms:us-east-1:123456789012:key/2" })),
            locked,
        );
        check_text(
            &with(&json!({ "Principal": { "AWS": "arn:aws:iam::999999999999:root" } })),
            locked,
        );
        check_text(
            &with(&json!({ "Principal": { "Service": "s3.amazonaws.com" } })),
            locked,
        );
    }

    #[test]
    fn the_caller_is_known_by_account_role_and_session() {
        for who in [
            "123456789012",
            "arn:aws:iam::123456789012:root",
            "arn:aws:iam::123456789012:role/admin",
            "arn:aws:sts::123456789012:assumed-role/admin/me",
        ] {
            check_text(&with(&json!({ "Principal": { "AWS": who } })), "");
        }
    }

    #[test]
    fn patterns_have_stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abb", false),
            ("a?c", "abc", true),
            ("**a", "ba", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
