//! ACS3-HMAC-SHA256: the third signature version of Alibaba Cloud, in a header.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

use crate::clouds::credentials::Credentials;
use crate::clouds::http::{Request, host};

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// What a signature holds for.
pub struct Scope<'a> {
    pub action: &'a str,
    pub version: &'a str,
    pub at: Timestamp,
    /// Never used twice.
    pub nonce: &'a str,
}

/// Adds the headers that name the call, and its signature if there are credentials. The query must be in its
/// canonical form already.
pub fn sign(request: &mut Request, credentials: Option<&Credentials>, scope: &Scope<'_>) {
    let digest = hex::encode(Sha256::digest(&request.body));
    let headers = &mut request.headers;
    headers.push(("x-acs-action", scope.action.to_owned()));
    headers.push(("x-acs-version", scope.version.to_owned()));
    headers.push(("x-acs-date", scope.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
    headers.push(("x-acs-signature-nonce", scope.nonce.to_owned()));
    headers.push(("x-acs-content-sha256", digest.clone()));
    let Some(credentials) = credentials else {
        return;
    };
    if let Some(token) = &credentials.token {
        headers.push(("x-acs-accesskey-id", credentials.access_key.clone()));
        headers.push(("x-acs-security-token", token.expose_secret().to_owned()));
    }
    let (canonical, signed) = canonical(request, &digest);
    let text = format!(
        "{ALGORITHM}\n{}",
        hex::encode(Sha256::digest(canonical.as_bytes()))
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(credentials.secret_key.expose_secret().as_bytes())
        .expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    let authorization = format!(
        "{ALGORITHM} Credential={},SignedHeaders={signed},Signature={signature}",
        credentials.access_key
    );
    request.headers.push(("authorization", authorization));
}

/// The canonical request and the names of the headers it covers.
fn canonical(request: &Request, digest: &str) -> (String, String) {
    let mut headers: Vec<(&str, String)> = request
        .headers
        .iter()
        .filter(|(name, _)| *name == "content-type" || name.starts_with("x-acs-"))
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
        "{}\n{}\n{}\n{lines}\n{names}\n{digest}",
        request.method,
        request.url.path(),
        request.url.query().unwrap_or_default(),
    );
    (text, names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds::alicloud::encode::{Params, form, split};
    use crate::value::{Marks, Value};
    use reqwest::{Method, Url};

    struct Case<'a> {
        method: Method,
        action: &'a str,
        params: Value,
        token: Option<&'a str>,
    }

    fn post(action: &str, params: Value) -> Case<'_> {
        Case {
            method: Method::POST,
            action,
            params,
            token: None,
        }
    }

    #[track_caller]
    fn check(case: Case<'_>, signature: &str) {
        let Params { query, body } = split(&case.params).unwrap();
        let mut url = Url::parse("https://kms.cn-hangzhou.aliyuncs.com/").unwrap();
        url.set_query((!query.is_empty()).then(|| form(&query)).as_deref());
        let mut request = Request {
            method: case.method,
            url,
            headers: vec![],
            body: vec![].into(),
        };
        if !body.is_empty() {
            request
                .headers
                .push(("content-type", "application/x-www-form-urlencoded".into()));
            request.body = form(&body).into_bytes().into();
        }
        let secret = "keyformExampleSecret0123456789";
        let token = case.token.map(str::to_owned);
        let credentials = Credentials::fixed("LTAI5tKeyformExample01", secret, token);
        let scope = Scope {
            action: case.action,
            version: "2016-01-20",
            at: "2024-05-06T07:08:09Z".parse().unwrap(),
            nonce: "0123456789abcdef0123456789abcdef",
        };
        sign(&mut request, Some(&credentials), &scope);
        let (_, authorization) = request.headers.last().unwrap();
        assert_eq!(authorization.rsplit('=').next().unwrap(), signature);
    }

    #[test]
    fn the_vendors_own_example() {
        let url = "https://ecs.cn-shanghai.aliyuncs.com/\
            ?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai";
        let mut request = Request {
            method: Method::POST,
            url: Url::parse(url).unwrap(),
            headers: vec![],
            body: vec![].into(),
        };
        let credentials = Credentials::fixed("YourAccessKeyId", "YourAccessKeySecret", None);
        let scope = Scope {
            action: "RunInstances",
            version: "2014-05-26",
            at: "2023-10-26T10:22:32Z".parse().unwrap(),
            nonce: "3156853299f313e23d1673dc12e1703d",
        };
        sign(&mut request, Some(&credentials), &scope);
        let (_, authorization) = request.headers.last().unwrap();
        let expected = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";
        assert_eq!(authorization.rsplit('=').next().unwrap(), expected);
    }

    #[test]
    fn one_parameter() {
        let params = Value::object_of([("KeyId", Value::from("key-hzz6f1a2b3c4d5e6f7g8h"))]);
        check(
            post("DescribeKey", params),
            "9d8b0e5ed3c00fc556554453d44446f89c5fa15692ce5f4e98082b67f9bfa09b",
        );
    }

    #[test]
    fn every_awkward_character() {
        let params = Value::object_of([
            ("Description", Value::from("prod key: a+b=c & d/e *~ (ü)")),
            ("KeyUsage", Value::from("ENCRYPT/DECRYPT")),
            ("EnableAutomaticRotation", Value::from("True")),
            ("RotationInterval", Value::from("365d")),
            ("Tags", Value::from(r#"[{"TagKey":"env","TagValue":"prod"}]"#)),
        ]);
        check(
            post("CreateKey", params),
            "52c0663bfe8fceae2ca6b8d0a835faef1f0677653abfc34da44022727de34dd9",
        );
    }

    #[test]
    fn secrets_in_the_body() {
        let mut request = Request {
            method: Method::POST,
            url: Url::parse("https://kms.cn-hangzhou.aliyuncs.com/?SecretName=app%2Fdb&VersionId=v1")
                .unwrap(),
            headers: vec![("content-type", "application/x-www-form-urlencoded".into())],
            body: b"SecretData=p%40ss+word%2B1%26x%3D~%2A".to_vec().into(),
        };
        let secret = "keyformExampleSecret0123456789";
        let scope = Scope {
            action: "CreateSecret",
            version: "2016-01-20",
            at: "2024-05-06T07:08:09Z".parse().unwrap(),
            nonce: "0123456789abcdef0123456789abcdef",
        };
        let credentials = Credentials::fixed("LTAI5tKeyformExample01", secret, None);
        sign(&mut request, Some(&credentials), &scope);
        let (_, authorization) = request.headers.last().unwrap();
        let expected = "e71f075faf6e82d4e1625435c5464189b82f84100142aafa466685ea7ed4c38a";
        assert_eq!(authorization.rsplit('=').next().unwrap(), expected);
    }

    #[test]
    fn a_token() {
        let params = Value::object_of([("PageNumber", Value::int(1)), ("PageSize", Value::int(50))]);
        let case = Case {
            token: Some("CAISkeyformSTSTokenExample=="),
            ..post("ListKeys", params)
        };
        check(
            case,
            "7b8220522072882dfd0c0b9dcef37457bb8be7639a3256cb9862e132d2855f64",
        );
    }

    #[test]
    fn flattened_lists() {
        let tag = |key: &str, value: &str| {
            Value::object_of([("Key", Value::from(key)), ("Value", Value::from(value))])
        };
        let params = Value::object_of([
            ("RegionId", Value::from("cn-hangzhou")),
            ("ResourceType", Value::from("key")),
            (
                "ResourceId",
                Value::tuple(vec![Value::from("key-hzz6f1a2b3c4d5e6f7g8h")]),
            ),
            ("Tag", Value::tuple(vec![tag("env", "prod"), tag("team", "a b")])),
        ]);
        check(
            post("TagResources", params),
            "caaea1742803781f7326ffbc775fc23621773c1be625c3f0c570bbd83dcbd7a6",
        );
    }

    #[test]
    fn get() {
        let case = Case {
            method: Method::GET,
            ..post(
                "GetClientKey",
                Value::object_of([("ClientKeyId", Value::from("KAAP.0123"))]),
            )
        };
        check(
            case,
            "53cb0c977262cd8bfd7d98b9a7e8cb199d6ed795d6954b78657fcb09fb3261e5",
        );
    }

    #[test]
    fn no_parameters() {
        check(
            post("DescribeRegions", Value::object_of::<&str>([])),
            "84bb7008cc0d4312ac1b73aadf946b2a28a32522b4448709ef8ec80769cf4462",
        );
    }

    #[test]
    fn marked_values_leave_the_address() {
        let params = Value::object_of([
            ("SecretName", Value::from("n")),
            ("SecretData", Value::from("hidden").with_marks(Marks::SENSITIVE)),
        ]);
        let Params { query, body } = split(&params).unwrap();
        assert_eq!(
            (form(&query), form(&body)),
            ("SecretName=n".into(), "SecretData=hidden".into())
        );
    }
}
