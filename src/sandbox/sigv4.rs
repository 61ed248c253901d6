//! Checks Signature Version 4 in its header form.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use sha2::{Digest as _, Sha256};

use super::{Request, route};

/// The parts of an `Authorization` header.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorization {
    pub access_key_id: String,
    date: String,
    pub region: String,
    pub service: String,
    signed_headers: String,
    signature: String,
}

/// Why a signature is refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// Parts of the signature are missing or malformed.
    Incomplete(String),
    /// The request was signed too long ago, or ahead of the clock.
    Skewed(String),
    /// The signature is another one.
    Mismatch,
}

/// How far the clocks of client and service may differ.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Takes an `Authorization` header apart.
pub fn parse(header: &str) -> Result<Authorization, Refusal> {
    let wrong = |what: &str| Refusal::Incomplete(format!("{what} Authorization={header}"));
    let Some(rest) = header.strip_prefix("AWS4-HMAC-SHA256") else {
        return Err(wrong("Unsupported signature algorithm."));
    };
    let part = |name: &str| {
        let found = rest
            .split([',', ' '])
            .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        found
            .map(str::to_owned)
            .ok_or_else(|| wrong(&format!("Authorization header requires '{name}' parameter.")))
    };
    let credential = part("Credential")?;
    let scope: Vec<&str> = credential.rsplitn(5, '/').collect();
    let [terminator, service, region, date, access_key_id] = scope[..] else {
        return Err(wrong("Credential must have exactly 5 slash-delimited elements."));
    };
    if terminator != "aws4_request" {
        return Err(wrong(
            "Credential should be scoped with a valid terminator: 'aws4_request'.",
        ));
    }
    Ok(Authorization {
        access_key_id: access_key_id.to_owned(),
        date: date.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        signed_headers: part("SignedHeaders")?,
        signature: part("Signature")?,
    })
}

/// Checks the signature of a request made with this secret, at the real time `received`.
pub fn verify(
    request: &Request,
    authorization: &Authorization,
    secret: &str,
    received: Timestamp,
) -> Result<(), Refusal> {
    let Some(date) = request.header("x-amz-date") else {
        return Err(Refusal::Incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.".into(),
        ));
    };
    let Some(signed_at) = instant(date) else {
        return Err(Refusal::Incomplete(format!(
            "Date must be in ISO-8601 'basic format'. Got '{date}'."
        )));
    };
    if !date.starts_with(&authorization.date) {
        return Err(Refusal::Mismatch);
    }
    check_skew(date, signed_at, received)?;
    let names: Vec<&str> = authorization.signed_headers.split(';').collect();
    if !names.contains(&"host") || !names.contains(&"x-amz-date") {
        return Err(Refusal::Mismatch);
    }
    let scope = format!(
        "{}/{}/{}/aws4_request",
        authorization.date, authorization.region, authorization.service
    );
    let canonical = hex::encode(Sha256::digest(canonical_request(
        request,
        &names,
        &authorization.signed_headers,
    )));
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{canonical}");
    let mut key = mac(format!("AWS4{secret}").as_bytes(), authorization.date.as_bytes());
    for part in [
        authorization.region.as_str(),
        authorization.service.as_str(),
        "aws4_request",
    ] {
        key = mac(&key, part.as_bytes());
    }
    let expected = hex::encode(mac(&key, text.as_bytes()));
    if expected == authorization.signature {
        Ok(())
    } else {
        Err(Refusal::Mismatch)
    }
}

fn check_skew(date: &str, signed_at: Timestamp, received: Timestamp) -> Result<(), Refusal> {
    let shown = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
    if received.duration_since(signed_at) > SKEW {
        let earliest = shown(received.checked_sub(SKEW).unwrap_or(received));
        let now = shown(received);
        return Err(Refusal::Skewed(format!(
            "Signature expired: {date} is now earlier than {earliest} ({now} - 5 min.)"
        )));
    }
    if signed_at.duration_since(received) > SKEW {
        let latest = shown(received.checked_add(SKEW).unwrap_or(received));
        let now = shown(received);
        return Err(Refusal::Skewed(format!(
            "Signature not yet current: {date} is still later than {latest} ({now} + 5 min.)"
        )));
    }
    Ok(())
}

fn canonical_request(request: &Request, names: &[&str], signed_headers: &str) -> String {
    let mut text = format!(
        "{}\n{}\n{}\n",
        request.method,
        path(&request.path),
        query(&request.query)
    );
    for name in names {
        text.push_str(name);
        text.push(':');
        let values: Vec<String> = request
            .headers
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        text.push_str(&values.join(","));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(signed_headers);
    text.push('\n');
    text.push_str(&hex::encode(Sha256::digest(&request.body)));
    text
}

/// Every service but S3 encodes the already encoded path once more.
fn path(raw: &str) -> String {
    if raw.is_empty() {
        return "/".to_owned();
    }
    raw.split('/').map(encode).collect::<Vec<_>>().join("/")
}

fn query(raw: &str) -> String {
    let mut pairs: Vec<(String, String)> = route::pairs(raw.as_bytes())
        .map(|(name, value)| (encode(&name), encode(&value)))
        .collect();
    pairs.sort();
    pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

fn encode(text: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    percent_encoding::utf8_percent_encode(text, KEPT).to_string()
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn instant(text: &str) -> Option<Timestamp> {
    let at = civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of the AWS documentation: ListUsers of IAM.
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    const HEADER: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date, \
        Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

    #[track_caller]
    fn check(header: &str, secret: &str, received: &str, expected: Result<(), &str>) {
        let request = Request {
            method: "GET".into(),
            path: "/".into(),
            query: "Action=ListUsers&Version=2010-05-08".into(),
            headers: [
                ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
                ("host", "iam.amazonaws.com"),
                ("x-amz-date", "20150830T123600Z"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
            body: Vec::new(),
        };
        let found = parse(header).and_then(|a| verify(&request, &a, secret, received.parse().unwrap()));
        match (found, expected) {
            (Ok(()), Ok(())) => {}
            (Err(why), Err(part)) => assert!(format!("{why:?}").contains(part), "{why:?}"),
            (found, _) => panic!("{found:?}"),
        }
    }

    #[test]
    fn the_documented_example_is_accepted() {
        check(HEADER, SECRET, "2015-08-30T12:38:00Z", Ok(()));
    }

    #[test]
    fn another_secret_is_refused() {
        check(HEADER, "other", "2015-08-30T12:38:00Z", Err("Mismatch"));
    }

    #[test]
    fn a_clock_apart_is_refused() {
        check(
            HEADER,
            SECRET,
            "2015-08-30T12:42:00Z",
            Err("20150830T123600Z is now earlier than 20150830T123700Z"),
        );
        check(HEADER, SECRET, "2015-08-30T12:30:00Z", Err("not yet current"));
    }

    #[test]
    fn a_header_in_parts_is_refused() {
        check(
            "AWS4-HMAC-SHA256 Credential=A/b/c/d/aws4_request",
            SECRET,
            "2015-08-30T12:38:00Z",
            Err("SignedHeaders"),
        );
        check(
            "AWS4-HMAC-SHA256 Credential=A/b",
            SECRET,
            "2015-08-30T12:38:00Z",
            Err("slash-delimited"),
        );
    }
}
