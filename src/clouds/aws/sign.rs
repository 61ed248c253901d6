//! Signature version 4, with the signature in a header.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::clouds::credentials::Credentials;
use crate::clouds::http::{Request, host};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What a signature holds for.
pub struct Scope<'a> {
    pub region: &'a str,
    pub service: &'a str,
    pub at: Timestamp,
}

/// Adds date, token and signature to a request whose headers are otherwise complete.
pub fn sign(request: &mut Request, credentials: &Credentials, scope: &Scope<'_>) {
    let stamp = scope.at.strftime("%Y%m%dT%H%M%SZ").to_string();
    request.headers.push(("x-amz-date", stamp.clone()));
    if let Some(token) = &credentials.token {
        let token = token.expose_secret().to_owned();
        request.headers.push(("x-amz-security-token", token));
    }
    let (canonical, signed) = canonical(request);
    let date = &stamp[..8];
    let path = format!("{date}/{}/{}/aws4_request", scope.region, scope.service);
    let text = format!("{ALGORITHM}\n{stamp}\n{path}\n{}", digest(canonical.as_bytes()));
    let secret = Zeroizing::new(format!("AWS4{}", credentials.secret_key.expose_secret()).into_bytes());
    let parts = [date, scope.region, scope.service, "aws4_request"].into_iter();
    let key = parts.fold(secret, |key, part| {
        Zeroizing::new(authenticate(&key, part.as_bytes()))
    });
    let signature = hex::encode(authenticate(&key, text.as_bytes()));
    let authorization = format!(
        "{ALGORITHM} Credential={}/{path}, SignedHeaders={signed}, Signature={signature}",
        credentials.access_key
    );
    request.headers.push(("authorization", authorization));
}

/// The canonical request and the names of the headers it covers.
fn canonical(request: &Request) -> (String, String) {
    let mut headers: Vec<(&str, String)> = request
        .headers
        .iter()
        .map(|(name, value)| (*name, value.trim().to_owned()))
        .collect();
    headers.push(("host", host(&request.url)));
    headers.sort();
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let lines = lines.concat();
    let text = format!(
        "{}\n{}\n{}\n{lines}\n{names}\n{}",
        request.method,
        request.url.path(),
        request.url.query().unwrap_or_default(),
        digest(&request.body)
    );
    (text, names)
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn authenticate(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Url;

    /// The signature of a request of AWS's published test suite.
    #[track_caller]
    fn check(method: reqwest::Method, headers: &[(&'static str, &str)], body: &str, signature: &str) {
        let mut request = Request {
            method,
            url: Url::parse("https://example.amazonaws.com/").unwrap(),
            headers: headers
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec().into(),
        };
        let credentials = Credentials::fixed("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None);
        let scope = Scope {
            region: "us-east-1",
            service: "service",
            at: "2015-08-30T12:36:00Z".parse().unwrap(),
        };
        sign(&mut request, &credentials, &scope);
        let (_, authorization) = request.headers.last().unwrap();
        assert_eq!(authorization.rsplit('=').next().unwrap(), signature);
    }

    #[test]
    fn get_vanilla() {
        check(
            reqwest::Method::GET,
            &[],
            "",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        );
    }

    #[test]
    fn post_vanilla() {
        check(
            reqwest::Method::POST,
            &[],
            "",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        );
    }

    #[test]
    fn post_x_www_form_urlencoded() {
        check(
            reqwest::Method::POST,
            &[("content-type", "application/x-www-form-urlencoded")],
            "Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        );
    }
}
