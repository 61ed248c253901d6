//! The parts of an ARN of AWS or of Alibaba Cloud.

/// The account of an ARN, and what it names there: `arn:aws:iam::ACCOUNT:REST`, and `acs:ram::ACCOUNT:REST` without a
/// service of its own.
pub fn parts(arn: &str) -> Option<(&str, &str)> {
    let places = if arn.starts_with("acs:") { 5 } else { 6 };
    let parts: Vec<&str> = arn.splitn(places, ':').collect();
    match parts.as_slice() {
        [.., account, rest] if parts.len() == places => Some((account, rest)),
        _ => None,
    }
}

/// The account that an ARN names; none where it names none.
pub fn account_of(arn: &str) -> Option<&str> {
    parts(arn)
        .map(|(account, _)| account)
        .filter(|account| !account.is_empty())
}

/// The region and the account that an ARN names, each empty where it names none.
pub fn place_of(arn: &str) -> Option<(&str, &str)> {
    let is_arn = arn.starts_with("arn:") || arn.starts_with("acs:");
    let (account, _) = parts(arn).filter(|_| is_arn)?;
    let region = arn.split(':').nth(if arn.starts_with("acs:") { 2 } else { 3 })?;
    Some((region, account))
}

#[cfg(test)]
mod tests {
    use super::{account_of, place_of};

    #[test]
    fn arns_name_their_place() {
        for (arn, place) in [
            (
                "arn:aws:kms:eu-west-1:111122223333:key/1",
                Some(("eu-west-1", "111122223333")),
            ),
            (
                "acs:kms:cn-hangzhou:1234567890123456:secret/a:b",
                Some(("cn-hangzhou", "1234567890123456")),
            ),
            ("acs:kms:cn-hangzhou::secret/a", Some(("cn-hangzhou", ""))),
            ("a:b:c:d:e:f", None),
            ("alias/a", None),
        ] {
            assert_eq!(place_of(arn), place, "{arn}");
        }
    }

    #[test]
    fn arns_of_both_clouds_name_their_account() {
        for (arn, account) in [
            ("arn:aws:kms:eu-west-1:111122223333:key/1", Some("111122223333")),
            ("arn:aws-cn:iam::111122223333:role/a:b", Some("111122223333")),
            (
                "acs:kms:cn-hangzhou:1234567890123456:key/1",
                Some("1234567890123456"),
            ),
            ("acs:ram::1234567890123456:role/a", Some("1234567890123456")),
            ("arn:aws:s3:::bucket", None),
            ("1234abcd", None),
        ] {
            assert_eq!(account_of(arn), account, "{arn}");
        }
    }
}
