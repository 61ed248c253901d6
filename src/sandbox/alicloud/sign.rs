//! Signatures: what the two protocols sign and how the sandbox checks it.
//!
//! Nothing here is shared with the client's signer, so that each can catch a mistake of the other.

use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::errors::Failure;
use super::params::{Params, encode};
use crate::sandbox::Request;

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// Seconds that the client's clock may be off.
const TOLERANCE: i64 = 15 * 60;

/// How many used nonces are remembered.
const REMEMBERED: usize = 1024;

/// Nonces that were used, the oldest first.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Nonces(VecDeque<String>);

impl Nonces {
    /// Notes a nonce, or refuses the one that was used before.
    fn spend(&mut self, nonce: &str) -> Result<(), Failure> {
        if self.0.iter().any(|used| used == nonce) {
            return Err(Failure::gateway(
                400,
                "SignatureNonceUsed",
                "Specified signature nonce was used already.",
            ));
        }
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(nonce.to_owned());
        Ok(())
    }
}

/// What a signed request says of itself, before anything in it is believed.
pub(crate) struct Claim {
    pub(crate) access_key_id: String,
    pub(crate) security_token: Option<String>,
    pub(crate) action: String,
    pub(crate) version: String,
    date: String,
    nonce: Option<String>,
    proof: Proof,
}

enum Proof {
    /// The headers that the client signed, and its signature.
    Header { signed: Vec<String>, signature: String },
    /// The signature in the query.
    Query { signature: String },
}

impl Claim {
    /// Reads the claim of a request, by the newer protocol if it has its header, else by the older.
    pub(crate) fn of(request: &Request) -> Result<Self, Failure> {
        match request.header("authorization") {
            Some(header) if header.starts_with("ACS3-") => Self::of_header(request, header),
            _ => Self::of_params(request),
        }
    }

    fn of_header(request: &Request, authorization: &str) -> Result<Self, Failure> {
        let fields = authorization.strip_prefix(ALGORITHM).ok_or_else(incomplete)?;
        let field = |name: &str| {
            fields
                .split(',')
                .find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
                .ok_or_else(incomplete)
        };
        let need = |name: &str| {
            request
                .header(name)
                .filter(|v| !v.is_empty())
                .map(str::to_owned)
                .ok_or_else(|| absent(name))
        };
        let signed: Vec<String> = field("SignedHeaders")?
            .split(';')
            .map(str::to_ascii_lowercase)
            .collect();
        Ok(Self {
            access_key_id: field("Credential")?,
            security_token: request.header("x-acs-security-token").map(str::to_owned),
            action: need("x-acs-action")?,
            version: need("x-acs-version")?,
            date: request
                .header("x-acs-date")
                .map(str::to_owned)
                .ok_or_else(no_timestamp)?,
            nonce: Some(need("x-acs-signature-nonce")?),
            proof: Proof::Header {
                signed,
                signature: field("Signature")?,
            },
        })
    }

    fn of_params(request: &Request) -> Result<Self, Failure> {
        let params = Params::of(request);
        let need = |name: &str| params.get(name).map(str::to_owned).ok_or_else(|| absent(name));
        let action = need("Action")?;
        let version = need("Version")?;
        let access_key_id = need("AccessKeyId")?;
        let signature = need("Signature")?;
        if need("SignatureMethod")? != "HMAC-SHA1" || need("SignatureVersion")? != "1.0" {
            return Err(incomplete());
        }
        Ok(Self {
            access_key_id,
            security_token: params.get("SecurityToken").map(str::to_owned),
            action,
            version,
            date: params
                .get("Timestamp")
                .map(str::to_owned)
                .ok_or_else(no_timestamp)?,
            nonce: params.get("SignatureNonce").map(str::to_owned),
            proof: Proof::Query { signature },
        })
    }

    /// Checks the claim against the secret of the access key; a nonce is spent only by a true signature.
    pub(crate) fn verify(
        &self,
        request: &Request,
        secret: &str,
        nonces: &mut Nonces,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let date: Timestamp = self.date.parse().map_err(|_| no_timestamp())?;
        if (now.as_second() - date.as_second()).abs() > TOLERANCE {
            return Err(Failure::gateway(
                400,
                "InvalidTimeStamp.Expired",
                "Specified time stamp or date value is expired.",
            ));
        }
        match &self.proof {
            Proof::Header { signed, signature } => verify_header(request, signed, signature, secret)?,
            Proof::Query { signature } => {
                let expected =
                    rpc_signature(secret, &rpc_string_to_sign(&request.method, &Params::of(request)));
                if *signature != expected {
                    return Err(mismatch("(hidden)"));
                }
            }
        }
        self.nonce.as_deref().map_or(Ok(()), |nonce| nonces.spend(nonce))
    }
}

fn verify_header(request: &Request, signed: &[String], signature: &str, secret: &str) -> Result<(), Failure> {
    let claimed = request
        .header("x-acs-content-sha256")
        .ok_or_else(|| absent("x-acs-content-sha256"))?;
    if claimed != hex::encode(Sha256::digest(&request.body)) {
        return Err(Failure::gateway(
            400,
            "SignatureDoesNotMatch",
            "The header x-acs-content-sha256 is not the hash of the request body.",
        ));
    }
    let must_be_signed = |name: &str| name == "host" || name.starts_with("x-acs-");
    if request
        .headers
        .iter()
        .any(|(name, _)| must_be_signed(name) && !signed.contains(name))
    {
        return Err(incomplete());
    }
    let canonical = canonical_request(request, signed).ok_or_else(incomplete)?;
    let string_to_sign = acs3_string_to_sign(&canonical);
    // The newer protocol signs a hash, which tells nothing.
    if signature == acs3_signature(secret, &string_to_sign) {
        Ok(())
    } else {
        Err(mismatch(&string_to_sign))
    }
}

/// The canonical form of a request, or nothing when a header said to be signed is not there.
pub(crate) fn canonical_request(request: &Request, signed: &[String]) -> Option<String> {
    let mut headers = String::new();
    for name in signed {
        headers.extend([name, ":", request.header(name)?.trim(), "\n"]);
    }
    let hash = request.header("x-acs-content-sha256")?;
    let query = Params::of_query(request).canonical("");
    Some(format!(
        "{}\n{}\n{query}\n{headers}\n{}\n{hash}",
        request.method,
        request.path,
        signed.join(";")
    ))
}

/// What the newer protocol signs.
pub(crate) fn acs3_string_to_sign(canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{}", hex::encode(Sha256::digest(canonical_request)))
}

/// The signature of the newer protocol.
pub(crate) fn acs3_signature(secret: &str, string_to_sign: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("an HMAC takes a key of any length");
    mac.update(string_to_sign.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// What the older protocol signs.
pub(crate) fn rpc_string_to_sign(method: &str, params: &Params) -> String {
    format!("{method}&%2F&{}", encode(&params.canonical("Signature")))
}

/// The signature of the older protocol.
pub(crate) fn rpc_signature(secret: &str, string_to_sign: &str) -> String {
    let key = format!("{secret}&");
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("an HMAC takes a key of any length");
    mac.update(string_to_sign.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// A wrong signature. The older protocol signs every parameter, so that its text may hold secret values: it is
/// not echoed as the cloud does, but the words before it stay, since the official SDK takes the message apart.
fn mismatch(string_to_sign: &str) -> Failure {
    let message = "Specified signature is not matched with our calculation. server string to sign is:";
    Failure::gateway(400, "SignatureDoesNotMatch", format!("{message}{string_to_sign}"))
}

fn incomplete() -> Failure {
    Failure::gateway(
        400,
        "IncompleteSignature",
        "The request signature does not conform to Alibaba Cloud standards.",
    )
}

fn absent(name: &str) -> Failure {
    Failure {
        by_gateway: true,
        ..Failure::missing(name)
    }
}

fn no_timestamp() -> Failure {
    Failure::gateway(
        400,
        "IllegalTimestamp",
        "The input parameter \"Timestamp\" that is mandatory for processing this request is not supplied.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "keyformExampleSecret0123456789";
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// The request of a published or recomputed example, its headers as the classic rule has them.
    fn request(method: &str, action: &str, query: &str, more: &[(&str, &str)]) -> Request {
        let mut headers = vec![
            ("host", "kms.cn-hangzhou.aliyuncs.com"),
            ("x-acs-content-sha256", EMPTY),
            ("x-acs-date", "2024-05-06T07:08:09Z"),
            ("x-acs-signature-nonce", "0123456789abcdef0123456789abcdef"),
            ("x-acs-version", "2016-01-20"),
            ("x-acs-action", action),
        ];
        headers.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
        headers.extend(more);
        headers.sort_unstable();
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Request {
            method: method.to_owned(),
            path: "/".to_owned(),
            query: query.to_owned(),
            headers,
            body: Vec::new(),
        }
    }

    #[track_caller]
    fn check(request: &Request, secret: &str, expected: &str) {
        let names: Vec<String> = request.headers.iter().map(|(name, _)| name.clone()).collect();
        let canonical = canonical_request(request, &names).unwrap();
        assert_eq!(
            acs3_signature(secret, &acs3_string_to_sign(&canonical)),
            expected,
            "{canonical}"
        );
    }

    #[test]
    fn the_documented_example_of_the_newer_protocol() {
        let more = [
            ("host", "ecs.cn-shanghai.aliyuncs.com"),
            ("x-acs-date", "2023-10-26T10:22:32Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ("x-acs-version", "2014-05-26"),
        ];
        let query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai";
        check(
            &request("POST", "RunInstances", query, &more),
            "YourAccessKeySecret",
            "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
        );
    }

    #[test]
    fn a_plain_query() {
        let request = request("POST", "DescribeKey", "KeyId=key-hzz6f1a2b3c4d5e6f7g8h", &[]);
        check(
            &request,
            SECRET,
            "9d8b0e5ed3c00fc556554453d44446f89c5fa15692ce5f4e98082b67f9bfa09b",
        );
    }

    #[test]
    fn further_headers_are_signed_when_the_client_says_so() {
        let more = [("accept", "application/json")];
        let request = request("POST", "DescribeKey", "KeyId=key-hzz6f1a2b3c4d5e6f7g8h", &more);
        check(
            &request,
            SECRET,
            "ee73f2b9cf183c584a69f163a448f3aa751f21cda41d9de71cc59683d36e1d26",
        );
    }

    #[test]
    fn every_awkward_character() {
        let query = "Tags=%5B%7B%22TagKey%22:%22env%22,%22TagValue%22:%22prod%22%7D%5D&KeyUsage=ENCRYPT/DECRYPT\
             &Description=prod+key:+a%2Bb%3Dc+%26+d/e+*~+(%C3%BC)&RotationInterval=365d&EnableAutomaticRotation=True";
        let request = request("POST", "CreateKey", query, &[]);
        check(
            &request,
            SECRET,
            "52c0663bfe8fceae2ca6b8d0a835faef1f0677653abfc34da44022727de34dd9",
        );
    }

    #[test]
    fn a_form_in_the_body() {
        let more = [
            ("content-type", "application/x-www-form-urlencoded"),
            (
                "x-acs-content-sha256",
                "b350f511e6c3b8b9f15d9b4bcf433387853136c3865d298bf59bc1b70362a504",
            ),
        ];
        let mut request = request("POST", "CreateSecret", "SecretName=app%2Fdb&VersionId=v1", &more);
        request.body = b"SecretData=p%40ss+word%2B1%26x%3D~%2A".to_vec();
        let signature = "e71f075faf6e82d4e1625435c5464189b82f84100142aafa466685ea7ed4c38a";
        check(&request, SECRET, signature);
        let names: Vec<String> = request.headers.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(verify_header(&request, &names, signature, SECRET), Ok(()));
        request.body.push(b'x');
        assert!(verify_header(&request, &names, signature, SECRET).is_err());
    }

    #[test]
    fn a_security_token() {
        let more = [
            ("x-acs-accesskey-id", "LTAI5tKeyformExample01"),
            ("x-acs-security-token", "CAISkeyformSTSTokenExample=="),
        ];
        let request = request("POST", "ListKeys", "PageNumber=1&PageSize=50", &more);
        check(
            &request,
            SECRET,
            "7b8220522072882dfd0c0b9dcef37457bb8be7639a3256cb9862e132d2855f64",
        );
    }

    #[test]
    fn flattened_lists() {
        let query = "RegionId=cn-hangzhou&ResourceType=key&ResourceId.1=key-hzz6f1a2b3c4d5e6f7g8h\
             &Tag.1.Key=env&Tag.1.Value=prod&Tag.2.Key=team&Tag.2.Value=a%20b";
        let request = request("POST", "TagResources", query, &[]);
        check(
            &request,
            SECRET,
            "caaea1742803781f7326ffbc775fc23621773c1be625c3f0c570bbd83dcbd7a6",
        );
    }

    #[test]
    fn another_method_and_no_parameters() {
        let get = request("GET", "GetClientKey", "ClientKeyId=KAAP.0123", &[]);
        check(
            &get,
            SECRET,
            "53cb0c977262cd8bfd7d98b9a7e8cb199d6ed795d6954b78657fcb09fb3261e5",
        );
        let bare = request("POST", "DescribeRegions", "", &[]);
        check(
            &bare,
            SECRET,
            "84bb7008cc0d4312ac1b73aadf946b2a28a32522b4448709ef8ec80769cf4462",
        );
    }

    const COMMON: &str = "AccessKeyId=LTAI5tKeyformExample01&Format=json&SignatureMethod=HMAC-SHA1\
        &SignatureNonce=0123456789abcdef0123456789abcdef&SignatureVersion=1.0&Timestamp=2024-05-06T07%3A08%3A09Z\
        &Version=2016-01-20";

    #[track_caller]
    fn check_rpc(method: &str, query: &str, body: &str, (secret, expected): (&str, &str)) {
        let mut request = request(method, "", query, &[]);
        request.body = body.as_bytes().to_vec();
        let signed = rpc_string_to_sign(method, &Params::of(&request));
        assert_eq!(rpc_signature(secret, &signed), expected, "{signed}");
    }

    #[test]
    fn the_documented_example_of_the_older_protocol() {
        let query = "AccessKeyId=testid&Action=CreateKey&Format=json&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0\
             &Timestamp=2016-03-28T03%3A13%3A08Z&Version=2016-01-20";
        check_rpc("GET", query, "", ("testsecret", "41wk2SSX1GJh7fwnc5eqOfiJPFg="));
    }

    #[test]
    fn the_older_protocol_with_query_body_and_token() {
        let query = format!("{COMMON}&Action=DescribeKey&KeyId=key-hzz6f1a2b3c4d5e6f7g8h");
        check_rpc("POST", &query, "", (SECRET, "5yFJiVl/AKftepEUfka3/BbMxSw="));
        let query = format!("{COMMON}&Action=CreateSecret&SecurityToken=CAISkeyformSTSTokenExample%3D%3D");
        let body =
            "SecretData=p%40ss+word%2B1%26x%3D~%2A&SecretDataType=text&SecretName=app%2Fdb&VersionId=v1";
        check_rpc("POST", &query, body, (SECRET, "kZoaKgy1Jug4sXqXnX4lyCD8qAU="));
        let query = format!("{COMMON}&Action=GetClientKey&ClientKeyId=KAAP.0123");
        check_rpc("GET", &query, "", (SECRET, "OXw27cfe9Q+vNX5VbyeBX+V0V2Y="));
    }

    #[test]
    fn only_the_last_nonces_are_remembered() {
        let mut nonces = Nonces::default();
        for n in 0..=REMEMBERED {
            nonces.spend(&n.to_string()).unwrap();
        }
        assert_eq!(nonces.0.len(), REMEMBERED);
        assert!(nonces.spend("1").is_err());
        assert!(nonces.spend("0").is_ok());
    }
}
