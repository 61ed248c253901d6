//! Grants: permissions on a key that are given and taken one by one.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::{Error, constraint, invalid, limit, not_found};
use super::params::{Paging, missing, one_of, page};
use super::world::{Key, Names, REFERENCE, partition};
use super::{Aws, Call, policy, random_hex, seconds};

/// The most grants that a key can have.
const MOST: usize = 50_000;

/// Every operation of the API that a grant can allow.
const OPERATIONS: &[&str] = &[
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "GetPublicKey",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
];

/// Who may do what with a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    pub id: String,
    pub wish: Wish,
    pub created: i64,
    pub issuing_account: String,
}

/// What the maker of a grant asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    pub name: Option<String>,
    pub grantee: String,
    pub retiring: Option<String>,
    pub operations: Vec<String>,
    pub context_equals: BTreeMap<String, String>,
    pub context_subset: BTreeMap<String, String>,
}

/// Makes a grant; the same wish under the same name gives the same grant again.
pub fn create(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let wish = wish(call)?;
    let dry = call.input.flag("DryRun")?;
    check_tokens(call)?;
    let key = world.key(call, Names::Foreign)?;
    key.check_enabled()?;
    check_operations(&wish, key)?;
    if dry {
        return Err(dry_run());
    }
    let same = key
        .grants
        .values()
        .find(|grant| wish.name.is_some() && grant.wish == wish)
        .map(|grant| grant.id.clone());
    let id = match same {
        Some(id) => id,
        None if key.grants.len() >= MOST => {
            return Err(limit(format!("A KMS key cannot have more than {MOST} grants.")));
        }
        None => {
            let id = random_hex(64)?;
            let issuing_account = format!("arn:{}:iam::{}:root", partition(call.region), call.caller.account);
            key.grants.insert(
                id.clone(),
                Grant {
                    id: id.clone(),
                    wish,
                    created: call.now,
                    issuing_account,
                },
            );
            id
        }
    };
    // Every answer has a token of its own.
    let token = URL_SAFE_NO_PAD.encode(format!("{}\n{}\n{id}\n{}", key.account, key.id, random_hex(64)?));
    Ok(json!({ "GrantToken": token, "GrantId": id }))
}

fn wish(call: &Call) -> Result<Wish, Error> {
    let grantee = principal(call, "GranteePrincipal")?.ok_or_else(|| missing("GranteePrincipal"))?;
    let retiring = principal(call, "RetiringPrincipal")?;
    let name = call.input.text("Name", 1..=256)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":/_-".contains(&byte);
    if let Some(name) = name.filter(|name| !name.bytes().all(allowed)) {
        let text = "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$";
        return Err(constraint("Name", name, text));
    }
    let listed = call
        .input
        .texts("Operations")?
        .ok_or_else(|| missing("Operations"))?;
    if listed.is_empty() {
        return Err(invalid("At least one operation must be specified."));
    }
    let mut operations: Vec<String> = Vec::new();
    for operation in listed {
        let operation = one_of("Operations", operation, OPERATIONS)?.to_owned();
        if !operations.contains(&operation) {
            operations.push(operation);
        }
    }
    let (context_equals, context_subset) = match call.input.structure("Constraints")? {
        Some(members) => (
            members.map("EncryptionContextEquals")?,
            members.map("EncryptionContextSubset")?,
        ),
        None => (BTreeMap::new(), BTreeMap::new()),
    };
    if !context_equals.is_empty() && !context_subset.is_empty() {
        return Err(invalid("More than one constraint supplied"));
    }
    Ok(Wish {
        name: name.map(str::to_owned),
        grantee,
        retiring,
        operations,
        context_equals,
        context_subset,
    })
}

/// A principal is an ARN, or the name of a service.
fn principal(call: &Call, member: &str) -> Result<Option<String>, Error> {
    let Some(text) = call.input.text(member, 1..=256)? else {
        return Ok(None);
    };
    let is_service = text.ends_with(".amazonaws.com") || text.ends_with(".amazon.com");
    if !is_service && !policy::is_principal_arn(text) {
        return Err(Error::new(
            "InvalidArnException",
            format!("ARN {text} is not a valid principal."),
        ));
    }
    Ok(Some(text.to_owned()))
}

/// An operation that the usage of the key rules out cannot be granted.
fn check_operations(wish: &Wish, key: &Key) -> Result<(), Error> {
    let fits = |operation: &str| match operation {
        "Decrypt" | "Encrypt" | "ReEncryptFrom" | "ReEncryptTo" => key.usage == "ENCRYPT_DECRYPT",
        "GenerateDataKey"
        | "GenerateDataKeyWithoutPlaintext"
        | "GenerateDataKeyPair"
        | "GenerateDataKeyPairWithoutPlaintext" => key.spec == "SYMMETRIC_DEFAULT",
        "Sign" | "Verify" => key.usage == "SIGN_VERIFY",
        "GenerateMac" | "VerifyMac" => key.usage == "GENERATE_VERIFY_MAC",
        "DeriveSharedSecret" => key.usage == "KEY_AGREEMENT",
        "GetPublicKey" => key.spec != "SYMMETRIC_DEFAULT" && !key.spec.starts_with("HMAC"),
        _ => true,
    };
    if let Some(wrong) = wish.operations.iter().find(|operation| !fits(operation)) {
        return Err(invalid(format!(
            "Operation {wrong} is not valid for KMS key {} with key usage {} and key spec {}.",
            key.arn, key.usage, key.spec
        )));
    }
    let constrained = !wish.context_equals.is_empty() || !wish.context_subset.is_empty();
    if constrained && key.spec != "SYMMETRIC_DEFAULT" {
        return Err(invalid(
            "Grant constraints are supported only for symmetric encryption KMS keys.",
        ));
    }
    Ok(())
}

fn check_tokens(call: &Call) -> Result<(), Error> {
    let tokens = call.input.texts("GrantTokens")?.unwrap_or_default();
    if tokens.len() > 10 {
        return Err(constraint(
            "GrantTokens",
            "[...]",
            "Member must have length less than or equal to 10",
        ));
    }
    if tokens.iter().any(|token| untoken(token).is_none()) {
        return Err(Error::bare("InvalidGrantTokenException"));
    }
    Ok(())
}

/// The account, key and grant that a token speaks of.
fn untoken(token: &str) -> Option<(String, String, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let mut parts = text.split('\n').map(str::to_owned);
    Some((parts.next()?, parts.next()?, parts.next()?))
}

/// Lists the grants of a key.
pub fn list(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let id = call.input.text("GrantId", 1..=128)?;
    let grantee = call.input.text("GranteePrincipal", 1..=256)?;
    let key = world.key(call, Names::Foreign)?;
    let items = key
        .grants
        .iter()
        .filter(|(_, grant)| id.is_none_or(|id| grant.id == id))
        .filter(|(_, grant)| grantee.is_none_or(|grantee| grant.wish.grantee == grantee))
        .map(|(id, grant)| (id.as_str(), grant));
    page(call.input, &PAGING, items, |grant| show(grant, &key.arn))
}

/// Lists the grants of all keys that a principal may retire.
pub fn list_retirable(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let retiring = call.input.required("RetiringPrincipal", 1..=256)?;
    let keys = &world.here(call).keys;
    let mut items: Vec<(&str, (&Grant, &str))> = keys
        .values()
        .flat_map(|key| {
            key.grants
                .iter()
                .map(|(id, grant)| (id.as_str(), (grant, key.arn.as_str())))
        })
        .filter(|(_, (grant, _))| grant.wish.retiring.as_deref() == Some(retiring))
        .collect();
    items.sort_unstable_by_key(|(id, _)| *id);
    page(call.input, &PAGING, items.into_iter(), |(grant, arn)| {
        show(grant, arn)
    })
}

const PAGING: Paging = Paging {
    member: "Grants",
    default: 50,
    most: 100,
};

fn show(grant: &Grant, arn: &str) -> Value {
    let wish = &grant.wish;
    let mut shown = json!({
        "KeyId": arn,
        "GrantId": grant.id,
        "Name": wish.name.as_deref().unwrap_or(""),
        "CreationDate": seconds(grant.created),
        "GranteePrincipal": wish.grantee,
        "IssuingAccount": grant.issuing_account,
        "Operations": wish.operations,
    });
    if let Some(retiring) = &wish.retiring {
        shown["RetiringPrincipal"] = json!(retiring);
    }
    if !wish.context_equals.is_empty() {
        shown["Constraints"] = json!({ "EncryptionContextEquals": wish.context_equals });
    } else if !wish.context_subset.is_empty() {
        shown["Constraints"] = json!({ "EncryptionContextSubset": wish.context_subset });
    }
    shown
}

/// Ends a grant, by its token or by key and id.
pub fn retire(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let dry = call.input.flag("DryRun")?;
    let (reference, id) = if let Some(token) = call.input.text("GrantToken", 1..=8192)? {
        let (account, key, id) = untoken(token).ok_or_else(|| Error::bare("InvalidGrantTokenException"))?;
        (
            super::world::arn(call.region, &account, &format!("key/{key}")),
            id,
        )
    } else {
        let key = call.input.text("KeyId", REFERENCE)?;
        let id = call.input.text("GrantId", 1..=128)?;
        let (Some(key), Some(id)) = (key, id) else {
            return Err(invalid(
                "Must specify either a grant token, or a key ID and a grant ID.",
            ));
        };
        (key.to_owned(), id.to_owned())
    };
    end(world.find(call, &reference, Names::Foreign)?, &id, dry)
}

/// Ends a grant, by key and id.
pub fn revoke(world: &mut Aws, call: &Call) -> Result<Value, Error> {
    let id = call.input.required("GrantId", 1..=128)?;
    let dry = call.input.flag("DryRun")?;
    end(world.key(call, Names::Foreign)?, id, dry)
}

fn end(key: &mut Key, id: &str, dry: bool) -> Result<Value, Error> {
    if !key.grants.contains_key(id) {
        return Err(not_found(format!("Grant ID {id} not found")));
    }
    if dry {
        return Err(dry_run());
    }
    key.grants.remove(id);
    Ok(Value::Null)
}

/// What a call that is only tried answers when it would have succeeded.
pub fn dry_run() -> Error {
    Error::new(
        "DryRunOperationException",
        "The request would have succeeded, but the DryRun option is set.",
    )
}
