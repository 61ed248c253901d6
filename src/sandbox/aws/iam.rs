//! IAM, as far as a role is asked for. Every role exists here, as every role can be assumed.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::super::{Request, Response, route, sigv4};
use super::errors::Error;
use super::request_id;
use super::sts::{self, elements, escape, xml};
use super::world::{Aws, partition};

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// Whether a request was signed for IAM.
pub fn is_for(request: &Request) -> bool {
    request
        .header("authorization")
        .and_then(|header| sigv4::parse(header).ok())
        .is_some_and(|authorization| authorization.service == "iam")
}

/// Answers one request.
pub fn handle(world: &Aws, request: &Request, now: Timestamp) -> Response {
    match answer(world, request, now) {
        Ok(text) => xml(200, &text),
        Err(why) => sts::refusal(&why),
    }
}

fn answer(world: &Aws, request: &Request, now: Timestamp) -> Result<String, Error> {
    let (caller, region) = sts::authenticate(world, request, now, "iam")?;
    let action = route::action(request);
    if action != "GetRole" {
        return Err(Error::new(
            "InvalidAction",
            format!("Could not find operation {action} in the sandbox"),
        ));
    }
    let name = route::parameter(request, "RoleName").unwrap_or_default();
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(good) {
        return Err(Error::new(
            "ValidationError",
            format!(
                "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the \
                 following: +=,.@_-: '{}'",
                escape(&name)
            ),
        ));
    }
    let plain = format!("arn:{}:iam::{}:role/{name}", partition(&region), caller.account);
    // A role with a path is known once it was assumed.
    let end = format!("/{name}");
    let mut assumed = world.sessions.values().map(sts::Session::role);
    let arn = assumed
        .find(|role| role.ends_with(&end) && role.contains(&format!("::{}:", caller.account)))
        .unwrap_or(&plain);
    let role = elements(&[
        ("Path", "/"),
        ("RoleName", &name),
        ("RoleId", &role_id(arn)),
        ("Arn", arn),
        ("CreateDate", "2024-01-01T00:00:00Z"),
    ]);
    Ok(format!(
        "<GetRoleResponse xmlns=\"{NAMESPACE}\"><GetRoleResult><Role>{role}</Role></GetRoleResult><ResponseMetadata>\
         <RequestId>{}</RequestId></ResponseMetadata></GetRoleResponse>",
        request_id()
    ))
}

/// The unique id of a role.
pub fn role_id(arn: &str) -> String {
    format!("AROA{}", &hex::encode_upper(Sha256::digest(arn))[..17])
}
