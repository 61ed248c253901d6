//! Regions, partitions, and where a service listens.

use reqwest::Url;

use crate::clouds::retry::Failure;
use crate::schema::Service;

/// A set of regions with accounts of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    pub name: &'static str,
    pub dns_suffix: &'static str,
    dual_stack_suffix: &'static str,
    /// Region names start so, and go on with a word and a number.
    prefixes: &'static [&'static str],
}

const PARTITIONS: &[Partition] = &[
    Partition {
        name: "aws-us-gov",
        dns_suffix: "amazonaws.com",
        dual_stack_suffix: "api.aws",
        prefixes: &["us-gov"],
    },
    Partition {
        name: "aws-iso",
        dns_suffix: "c2s.ic.gov",
        dual_stack_suffix: "api.aws.ic.gov",
        prefixes: &["us-iso"],
    },
    Partition {
        name: "aws-iso-b",
        dns_suffix: "sc2s.sgov.gov",
        dual_stack_suffix: "api.aws.scloud",
        prefixes: &["us-isob"],
    },
    Partition {
        name: "aws-iso-e",
        dns_suffix: "cloud.adc-e.uk",
        dual_stack_suffix: "api.cloud-aws.adc-e.uk",
        prefixes: &["eu-isoe"],
    },
    Partition {
        name: "aws-iso-f",
        dns_suffix: "csp.hci.ic.gov",
        dual_stack_suffix: "api.aws.hci.ic.gov",
        prefixes: &["us-isof"],
    },
    Partition {
        name: "aws-cn",
        dns_suffix: "amazonaws.com.cn",
        dual_stack_suffix: "api.amazonwebservices.com.cn",
        prefixes: &["cn"],
    },
    Partition {
        name: "aws-eusc",
        dns_suffix: "amazonaws.eu",
        dual_stack_suffix: "api.amazonwebservices.eu",
        prefixes: &["eusc-de"],
    },
    STANDARD,
];

const STANDARD: Partition = Partition {
    name: "aws",
    dns_suffix: "amazonaws.com",
    dual_stack_suffix: "api.aws",
    prefixes: &["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"],
};

/// The partition of a region; none where the name is not that of a region.
pub fn known_partition(region: &str) -> Option<&'static Partition> {
    let (rest, number) = region.rsplit_once('-')?;
    let (prefix, word) = rest.rsplit_once('-')?;
    let shaped = !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !shaped {
        return None;
    }
    PARTITIONS
        .iter()
        .find(|partition| partition.prefixes.contains(&prefix))
}

/// The partition of a region; the standard one where the name is not known.
pub fn partition(region: &str) -> &'static Partition {
    known_partition(region).unwrap_or(&STANDARD)
}

/// Which kind of public endpoint to use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kind {
    pub fips: bool,
    pub dual_stack: bool,
}

/// A service's public endpoint.
pub fn public(service: &Service, region: &str, kind: Kind) -> Result<Url, Failure> {
    let plain_name = region
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if region.is_empty() || !plain_name {
        return Err(Failure::refused(
            "InvalidRegion",
            format!("{region:?} is not the name of a region"),
        ));
    }
    let partition = partition(region);
    let suffix = if kind.dual_stack {
        partition.dual_stack_suffix
    } else {
        partition.dns_suffix
    };
    let mut address = pattern(service, partition, kind)
        .replace("${region}", region)
        .replace("${dns_suffix}", suffix);
    if kind.fips {
        if lacks_fips(region) {
            return Err(Failure::refused(
                "NoFipsEndpoint",
                format!("The region {region} has no FIPS endpoint"),
            ));
        }
        if !is_fips_already(service, partition, kind)
            && let Some(at) = address.find(&format!(".{region}.")).or_else(|| address.find('.'))
        {
            address.insert_str(at, "-fips");
        }
    }
    parse(&address)
}

/// IAM is one for a whole partition. In the oldest two its name does not tell a region.
fn pattern<'a>(service: &'a Service, partition: &Partition, kind: Kind) -> &'a str {
    match (&*service.name, partition.name) {
        ("iam", "aws") if kind.dual_stack => "https://iam.global.${dns_suffix}/",
        ("iam", "aws") => "https://iam.${dns_suffix}/",
        ("iam", "aws-us-gov") => "https://iam.us-gov.${dns_suffix}/",
        _ => &service.endpoint,
    }
}

/// The government's services have no second name: the first one is validated.
fn is_fips_already(service: &Service, partition: &Partition, kind: Kind) -> bool {
    let is_one = match &*service.name {
        "iam" => true,
        "sts" | "sso" => !kind.dual_stack,
        _ => false,
    };
    partition.name == "aws-us-gov" && is_one
}

fn lacks_fips(region: &str) -> bool {
    region.starts_with("cn-")
        || ["ap-east-2", "ap-southeast-6", "us-isob-west-1", "eusc-de-east-1"].contains(&region)
}

/// An address that somebody gave.
pub fn parse(address: &str) -> Result<Url, Failure> {
    let invalid = || {
        Failure::refused(
            "InvalidEndpoint",
            format!("{address:?} is not an address like https://host"),
        )
    };
    let mut url = Url::parse(address).map_err(|_| invalid())?;
    if url.host_str().is_none() || !url.username().is_empty() || url.password().is_some() {
        return Err(invalid());
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Protocol;

    const PLAIN: Kind = Kind {
        fips: false,
        dual_stack: false,
    };
    const FIPS: Kind = Kind { fips: true, ..PLAIN };
    const DUAL_STACK: Kind = Kind {
        dual_stack: true,
        ..PLAIN
    };
    const BOTH: Kind = Kind {
        fips: true,
        ..DUAL_STACK
    };

    fn service(name: &str) -> Service {
        Service {
            name: name.into(),
            protocol: Protocol::AwsJson,
            signing: name.into(),
            target: "TrentService".into(),
            version: "".into(),
            endpoint: format!("https://{name}.${{region}}.${{dns_suffix}}").into(),
            quotas: vec![],
            permissions: crate::schema::Permissions::default(),
        }
    }

    #[track_caller]
    fn check(region: &str, kind: Kind, expected: &str) {
        check_service("kms", region, kind, expected);
    }

    #[track_caller]
    fn check_service(name: &str, region: &str, kind: Kind, expected: &str) {
        let found =
            public(&service(name), region, kind).map_or_else(|failure| failure.code, |url| url.to_string());
        assert_eq!(found, expected);
    }

    #[test]
    fn the_region_picks_the_domain() {
        check("eu-west-1", PLAIN, "https://kms.eu-west-1.amazonaws.com/");
        check("cn-north-1", PLAIN, "https://kms.cn-north-1.amazonaws.com.cn/");
        check(
            "us-isob-east-1",
            PLAIN,
            "https://kms.us-isob-east-1.sc2s.sgov.gov/",
        );
        check(
            "eusc-de-east-1",
            PLAIN,
            "https://kms.eusc-de-east-1.amazonaws.eu/",
        );
    }

    #[test]
    fn fips_and_dual_stack_have_names_of_their_own() {
        check(
            "us-gov-west-1",
            FIPS,
            "https://kms-fips.us-gov-west-1.amazonaws.com/",
        );
        check("us-east-1", DUAL_STACK, "https://kms.us-east-1.api.aws/");
        check("us-east-1", BOTH, "https://kms-fips.us-east-1.api.aws/");
    }

    #[test]
    fn the_governments_token_service_has_one_name() {
        let check = |region, kind, expected| check_service("sts", region, kind, expected);
        check("us-gov-west-1", FIPS, "https://sts.us-gov-west-1.amazonaws.com/");
        check("us-gov-west-1", BOTH, "https://sts-fips.us-gov-west-1.api.aws/");
        check("us-east-1", FIPS, "https://sts-fips.us-east-1.amazonaws.com/");
    }

    #[test]
    fn the_portal_of_single_sign_on_has_its_mark_in_the_middle() {
        let check = |region, kind, expected: &str| {
            let portal = Service {
                endpoint: "https://portal.sso.${region}.${dns_suffix}".into(),
                ..service("sso")
            };
            let found =
                public(&portal, region, kind).map_or_else(|failure| failure.code, |url| url.to_string());
            assert_eq!(found, expected);
        };
        check("eu-west-1", PLAIN, "https://portal.sso.eu-west-1.amazonaws.com/");
        check(
            "cn-north-1",
            PLAIN,
            "https://portal.sso.cn-north-1.amazonaws.com.cn/",
        );
        check(
            "us-east-1",
            FIPS,
            "https://portal.sso-fips.us-east-1.amazonaws.com/",
        );
        check("us-east-1", BOTH, "https://portal.sso-fips.us-east-1.api.aws/");
        check(
            "us-gov-west-1",
            FIPS,
            "https://portal.sso.us-gov-west-1.amazonaws.com/",
        );
        check("cn-north-1", FIPS, "NoFipsEndpoint");
    }

    #[test]
    fn iam_is_one_for_a_partition() {
        let check = |region, kind, expected| check_service("iam", region, kind, expected);
        check("us-east-1", PLAIN, "https://iam.amazonaws.com/");
        check("us-east-1", FIPS, "https://iam-fips.amazonaws.com/");
        check("us-east-1", DUAL_STACK, "https://iam.global.api.aws/");
        check("us-gov-west-1", FIPS, "https://iam.us-gov.amazonaws.com/");
        check("cn-north-1", PLAIN, "https://iam.cn-north-1.amazonaws.com.cn/");
    }

    #[test]
    fn a_missing_fips_endpoint_is_an_error_not_a_fallback() {
        check("cn-north-1", FIPS, "NoFipsEndpoint");
    }

    #[test]
    fn a_region_cannot_smuggle_in_a_host() {
        check("x.evil.example/", PLAIN, "InvalidRegion");
        check("", PLAIN, "InvalidRegion");
    }

    #[test]
    fn misspelt_regions_are_not_known() {
        assert!(known_partition("us-eats1").is_none());
        assert!(known_partition("mars-north-1").is_none());
        assert_eq!(
            known_partition("us-gov-east-1").map(|found| found.name),
            Some("aws-us-gov")
        );
    }
}
