//! Which cloud a request is for, and which action it asks of it.

use super::Request;

/// The cloud that a request is signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    Aws,
    Alicloud,
}

/// The cloud of a request, by the kind of its signature; nothing when it is for nobody here.
pub fn cloud(request: &Request) -> Option<Cloud> {
    let authorization = request.header("authorization").unwrap_or("");
    if authorization.starts_with("AWS4-") || request.header("x-amz-target").is_some() {
        return Some(Cloud::Aws);
    }
    if authorization.starts_with("ACS3-") || request.header("x-acs-action").is_some() {
        return Some(Cloud::Alicloud);
    }
    if parameter(request, "X-Amz-Signature").is_some()
        || parameter(request, "Version").as_deref() == Some("2011-06-15")
    {
        return Some(Cloud::Aws);
    }
    (parameter(request, "Signature").is_some() || parameter(request, "Action").is_some())
        .then_some(Cloud::Alicloud)
}

/// The action that a request asks for, or nothing readable.
pub fn action(request: &Request) -> String {
    if let Some(target) = request.header("x-amz-target") {
        return target.rsplit('.').next().unwrap_or(target).to_owned();
    }
    if let Some(action) = request.header("x-acs-action") {
        return action.to_owned();
    }
    parameter(request, "Action").unwrap_or_default()
}

/// Whether an action changes nothing: it may be answered from the past, and needs no saving.
pub fn is_read(action: &str) -> bool {
    ["Get", "List", "Describe"]
        .iter()
        .any(|verb| action.starts_with(verb))
        && action != "GetParametersForImport"
}

/// Whether an action leaves the world as it is, reads and pure cryptography alike: it needs no saving.
pub fn keeps_world(action: &str) -> bool {
    const PURE: [&str; 10] = [
        "Encrypt",
        "Decrypt",
        "ReEncrypt",
        "Generate",
        "Sign",
        "Verify",
        "Derive",
        "Asymmetric",
        "AdvanceEncrypt",
        "AdvanceDecrypt",
    ];
    is_read(action) || PURE.iter().any(|verb| action.starts_with(verb))
}

/// A parameter of the query or of a form body.
pub fn parameter(request: &Request, name: &str) -> Option<String> {
    pairs(request.query.as_bytes())
        .chain(form(request))
        .find(|(n, _)| n == name)
        .map(|(_, value)| value)
}

/// The parameters of a form body; none when the body is no form.
pub fn form(request: &Request) -> impl Iterator<Item = (String, String)> {
    let is_form = request.header("content-type").is_none_or(|kind| {
        kind.trim()
            .to_ascii_lowercase()
            .starts_with("application/x-www-form-urlencoded")
    });
    pairs(if is_form { &request.body } else { &[] })
}

/// The decoded pairs of a query string.
pub fn pairs(text: &[u8]) -> impl Iterator<Item = (String, String)> {
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            (decode(name), decode(value))
        })
}

fn decode(text: &[u8]) -> String {
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    percent_encoding::percent_decode(&spaced)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&str, &str)], query: &str, body: &str, expected: Option<(Cloud, &str)>) {
        let request = Request {
            method: "POST".into(),
            path: "/".into(),
            query: query.into(),
            headers: headers
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
        };
        let found = cloud(&request).map(|cloud| (cloud, action(&request)));
        assert_eq!(found, expected.map(|(cloud, action)| (cloud, action.to_owned())));
    }

    #[test]
    fn a_kms_target_is_for_aws() {
        let headers = [
            ("authorization", "AWS4-HMAC-SHA256 x"),
            ("x-amz-target", "TrentService.ListKeys"),
        ];
        check(&headers, "", "{}", Some((Cloud::Aws, "ListKeys")));
    }

    #[test]
    fn an_sts_form_is_for_aws_even_unsigned() {
        let body = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15";
        check(&[], "", body, Some((Cloud::Aws, "AssumeRoleWithWebIdentity")));
    }

    #[test]
    fn both_alibaba_signatures_are_known() {
        let headers = [
            ("authorization", "ACS3-HMAC-SHA256 x"),
            ("x-acs-action", "ListKeys"),
        ];
        check(&headers, "", "", Some((Cloud::Alicloud, "ListKeys")));
        check(
            &[],
            "Action=ListKeys&Signature=x",
            "",
            Some((Cloud::Alicloud, "ListKeys")),
        );
        check(
            &[],
            "",
            "Action=ListKeys&Signature=x",
            Some((Cloud::Alicloud, "ListKeys")),
        );
    }

    #[test]
    fn what_changes_the_world_is_saved() {
        for (action, reads, keeps) in [
            ("DescribeKey", true, true),
            ("ListAliases", true, true),
            ("Encrypt", false, true),
            ("GenerateDataKey", false, true),
            ("GetParametersForImport", false, false),
            ("CreateKey", false, false),
            ("UpdateAlias", false, false),
        ] {
            assert_eq!((is_read(action), keeps_world(action)), (reads, keeps), "{action}");
        }
    }

    #[test]
    fn anything_else_is_for_nobody() {
        check(&[], "", "", None);
    }
}
