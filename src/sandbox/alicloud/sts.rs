//! The security token service: who am I, and the temporary keys of a role.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::Failure;
use super::material::random;
use super::params::Params;
use super::sign::Claim;
use super::{ACCOUNT_ID, STS_VERSION, time};
use crate::sandbox::Request;

/// Temporary keys are kept a day after their end, so that their use is told from that of unknown keys.
const KEPT: i64 = 86_400;

/// A temporary access key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    secret: String,
    token: String,
    expires_at: i64,
    role: String,
    name: String,
}

/// Who signed a request.
pub(crate) enum Caller {
    Account,
    Role { role: String, session: String },
}

type Sessions = BTreeMap<String, Session>;

/// The secret of a temporary access key, and whom it stands for.
pub(crate) fn session(sessions: &Sessions, claim: &Claim, now: i64) -> Result<(String, Caller), Failure> {
    let refuse = |code: &str, message: &str| Failure::gateway(400, code, message);
    let session = sessions.get(&claim.access_key_id).ok_or_else(|| {
        Failure::gateway(
            404,
            "InvalidAccessKeyId.NotFound",
            "Specified access key is not found.",
        )
    })?;
    match claim.security_token.as_deref() {
        None | Some("") => {
            return Err(refuse(
                "MissingSecurityToken",
                "SecurityToken is mandatory for this action.",
            ));
        }
        Some(token) if token != session.token => {
            return Err(refuse(
                "InvalidSecurityToken.Malformed",
                "Specified SecurityToken is malformed.",
            ));
        }
        Some(_) => {}
    }
    if session.expires_at <= now {
        return Err(refuse(
            "InvalidSecurityToken.Expired",
            "Specified SecurityToken is expired.",
        ));
    }
    let caller = Caller::Role {
        role: session.role.clone(),
        session: session.name.clone(),
    };
    Ok((session.secret.clone(), caller))
}

/// Serves an action of the service.
pub(crate) fn serve(
    sessions: &mut Sessions,
    caller: &Caller,
    action: &str,
    (params, now): (&Params, i64),
) -> Result<Value, Failure> {
    let reply = match action {
        "GetCallerIdentity" => Ok(identity(caller)),
        "AssumeRole" => assume_role(sessions, params, now),
        _ => Err(Failure::no_action()),
    };
    // This service answers in the envelope of the gateway.
    reply.map_err(Failure::through_gateway)
}

fn identity(caller: &Caller) -> Value {
    match caller {
        Caller::Account => json!({
            "IdentityType": "Account",
            "AccountId": ACCOUNT_ID,
            "PrincipalId": ACCOUNT_ID,
            "UserId": ACCOUNT_ID,
            "Arn": format!("acs:ram::{ACCOUNT_ID}:root"),
        }),
        Caller::Role { role, session } => json!({
            "IdentityType": "AssumedRoleUser",
            "AccountId": ACCOUNT_ID,
            "PrincipalId": format!("{}:{session}", role_id(role)),
            "RoleId": role_id(role),
            "Arn": format!("acs:ram::{ACCOUNT_ID}:assumed-role/{role}/{session}"),
        }),
    }
}

/// Whether a request is the one that nobody signs, because who sends it has no key yet.
pub(crate) fn is_unsigned(request: &Request) -> bool {
    let params = Params::of(request);
    let told = |header: &str, param: &str| {
        let told = request.header(header).or_else(|| params.get(param));
        told.unwrap_or_default().to_owned()
    };
    let is_signed = request.header("authorization").is_some() || params.get("Signature").is_some();
    !is_signed
        && told("x-acs-action", "Action") == "AssumeRoleWithOIDC"
        && told("x-acs-version", "Version") == STS_VERSION
}

/// Temporary keys for a token of an identity provider. Any provider of the account and any token will do.
pub(crate) fn assume_with_token(
    sessions: &mut Sessions,
    params: &Params,
    now: i64,
) -> Result<Value, Failure> {
    let reply = checked_token(params).and_then(|()| assume_role(sessions, params, now));
    reply.map_err(Failure::through_gateway)
}

fn checked_token(params: &Params) -> Result<(), Failure> {
    let provider = params.need("OIDCProviderArn")?;
    if !provider.starts_with(&format!("acs:ram::{ACCOUNT_ID}:oidc-provider/")) {
        return Err(Failure::gateway(
            404,
            "EntityNotExist.OIDCProvider",
            "The specified OIDC provider does not exist.",
        ));
    }
    let token = params.need("OIDCToken")?;
    if !(4..=20_000).contains(&token.len()) {
        return Err(Failure::gateway(
            400,
            "InvalidParameter.OIDCToken",
            "The OIDCToken parameter is wrong.",
        ));
    }
    Ok(())
}

fn assume_role(sessions: &mut Sessions, params: &Params, now: i64) -> Result<Value, Failure> {
    let refuse = |code: &str, message: &str| Failure::gateway(400, code, message);
    let arn = params.need("RoleArn")?;
    let name = params.need("RoleSessionName")?;
    let seconds = params.number("DurationSeconds", 900, 43_200).map_err(|_| {
        refuse(
            "InvalidParameter.DurationSeconds",
            "The DurationSeconds parameter is wrong.",
        )
    })?;
    let role = arn
        .strip_prefix(&format!("acs:ram::{ACCOUNT_ID}:role/"))
        .filter(|role| !role.is_empty());
    let role = role
        .ok_or_else(|| Failure::gateway(404, "EntityNotExist.Role", "The specified Role does not exist."))?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".@-_".contains(c);
    if !(2..=64).contains(&name.len()) || !name.chars().all(is_allowed) {
        return Err(refuse(
            "InvalidParameter.RoleSessionName",
            "The RoleSessionName parameter is wrong.",
        ));
    }
    if params.json("Policy").is_err() {
        return Err(refuse(
            "InvalidParameter.PolicyGrammar",
            "The policy is not a valid document.",
        ));
    }
    let session = Session {
        secret: hex::encode(random::<22>()?),
        token: format!("CAIS{}", hex::encode(random::<48>()?)),
        expires_at: now + seconds.unwrap_or(3600),
        role: role.to_owned(),
        name: name.to_owned(),
    };
    let access_key_id = format!("STS.{}", hex::encode(random::<12>()?));
    let reply = json!({
        "AssumedRoleUser": {
            "Arn": format!("acs:ram::{ACCOUNT_ID}:assumed-role/{role}/{name}"),
            "AssumedRoleId": format!("{}:{name}", role_id(role)),
        },
        "Credentials": {
            "AccessKeyId": access_key_id,
            "AccessKeySecret": session.secret,
            "SecurityToken": session.token,
            "Expiration": time(session.expires_at),
        },
    });
    sessions.retain(|_, old| old.expires_at + KEPT > now);
    sessions.insert(access_key_id, session);
    Ok(reply)
}

/// A number made of the name of the role.
fn role_id(role: &str) -> String {
    format!("3{:017}", crc32fast::hash(role.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{Bench, Signer, read};

    const ROLE: [(&str, &str); 2] = [
        ("RoleArn", "acs:ram::1234567890123456:role/admin"),
        ("RoleSessionName", "keyform"),
    ];

    fn assume(bench: &mut Bench) -> Signer {
        let reply = bench.ok_of("2015-04-01", "AssumeRole", &ROLE);
        let text = |name: &str| reply["Credentials"][name].as_str().unwrap().to_owned();
        Signer {
            id: text("AccessKeyId"),
            secret: text("AccessKeySecret"),
            token: Some(text("SecurityToken")),
        }
    }

    #[test]
    fn temporary_keys_sign_until_they_end() {
        let mut bench = Bench::new();
        bench.signer = assume(&mut bench);
        bench.ok("ListKeys", &[]);
        let identity = bench.ok_of("2015-04-01", "GetCallerIdentity", &[]);
        assert_eq!(
            identity["Arn"],
            "acs:ram::1234567890123456:assumed-role/admin/keyform"
        );
        bench.wait_seconds(3600);
        bench.fails("ListKeys", &[], "400 InvalidSecurityToken.Expired");
    }

    #[test]
    fn a_temporary_key_needs_its_token() {
        let mut bench = Bench::new();
        bench.signer = Signer {
            token: None,
            ..assume(&mut bench)
        };
        bench.fails("ListKeys", &[], "400 MissingSecurityToken");
        bench.signer = Signer {
            token: Some("other".to_owned()),
            ..bench.signer.clone()
        };
        bench.fails("ListKeys", &[], "400 InvalidSecurityToken.Malformed");
    }

    #[test]
    fn the_account_knows_itself() {
        let identity = Bench::new().ok_of("2015-04-01", "GetCallerIdentity", &[]);
        assert_eq!(identity["AccountId"], "1234567890123456");
    }

    #[test]
    fn a_token_of_an_identity_provider_needs_no_signature() {
        let mut bench = Bench::new();
        let good = [
            ROLE[0],
            ROLE[1],
            ("OIDCProviderArn", "acs:ram::1234567890123456:oidc-provider/ci"),
            ("OIDCToken", "made-up"),
        ];
        let mut ask = |params: &[(&str, &str)]| {
            let mut request = bench.request("2015-04-01", "AssumeRoleWithOIDC", params);
            request.headers.retain(|(name, _)| name != "authorization");
            read(&bench.send(&request)).map(|reply| reply["Credentials"]["AccessKeyId"].is_string())
        };
        assert_eq!(ask(&good), Ok(true));
        let mut check = |at: usize, value: &'static str, expected: &str| {
            let mut params = good;
            params[at].1 = value;
            assert_eq!(ask(&params), Err(expected.to_owned()));
        };
        check(0, "acs:ram::1:role/x", "404 EntityNotExist.Role");
        check(
            2,
            "acs:ram::1:oidc-provider/ci",
            "404 EntityNotExist.OIDCProvider",
        );
        check(3, "x", "400 InvalidParameter.OIDCToken");
        check(3, "", "400 MissingParameter");
        // No other action is served without a signature.
        let mut request = bench.request("2015-04-01", "AssumeRole", &ROLE);
        request.headers.retain(|(name, _)| name != "authorization");
        assert!(read(&bench.send(&request)).is_err());
    }
}
