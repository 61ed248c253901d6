//! Where a service of Alibaba Cloud listens.

use reqwest::Url;

use crate::clouds::retry::Failure;
use crate::clouds::settings::{Place, Settings};
use crate::schema::Service;

/// The regions there are.
pub const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ap-southeast-8",
    "cn-beijing",
    "cn-beijing-finance-1",
    "cn-beijing-finance-1-pub",
    "cn-chengdu",
    "cn-fuzhou",
    "cn-guangzhou",
    "cn-hangzhou",
    "cn-hangzhou-finance",
    "cn-heyuan",
    "cn-heyuan-acdr-1",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-hzfinance",
    "cn-hzjbp",
    "cn-nanjing",
    "cn-north-2-gov-1",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shanghai-finance-1",
    "cn-shanghai-finance-1-pub",
    "cn-shenzhen",
    "cn-shenzhen-finance",
    "cn-shenzhen-finance-1",
    "cn-szfinance",
    "cn-wuhan-lr",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "cn-zhengzhou-jva",
    "cn-zhongwei",
    "eu-central-1",
    "eu-west-1",
    "me-central-1",
    "me-east-1",
    "na-south-1",
    "rus-west-1",
    "us-east-1",
    "us-southeast-1",
    "us-west-1",
];

/// A service's endpoint: from the block, from the environment, or the public one.
pub fn find(settings: &Settings, service: &Service, place: &Place<'_>) -> Result<Url, Failure> {
    match configured(settings, &service.name) {
        Some(address) => parse(settings, &address),
        None => place
            .endpoint
            .map_or_else(|| public(service, place.region), |host| parse(settings, host)),
    }
}

/// The endpoint that the block or the environment gives for a service.
pub fn configured(settings: &Settings, service: &str) -> Option<String> {
    settings.endpoint(service).or_else(|| {
        let name = service.to_ascii_uppercase();
        settings.first_variable(&[
            &format!("ALIBABA_CLOUD_ENDPOINT_{name}"),
            &format!("{name}_ENDPOINT"),
        ])
    })
}

/// The host of the security token service in a region, on the public network or a private one.
pub fn sts_host(region: &str, is_private: bool) -> Result<String, Failure> {
    check_region(region)?;
    let network = if is_private { "-vpc" } else { "" };
    Ok(format!("sts{network}.{region}.aliyuncs.com"))
}

/// Where the environment wants the security token service to be asked, unless it is the usual place.
pub fn usual_sts(settings: &Settings, region: &str) -> Result<Option<String>, Failure> {
    let named = settings.variable("ALIBABA_CLOUD_STS_REGION");
    let is_private = settings.variable_flag("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED");
    if named.is_none() && !is_private {
        return Ok(None);
    }
    sts_host(named.as_deref().unwrap_or(region), is_private).map(Some)
}

/// An address that somebody gave: a host with or without port, or with its scheme.
pub fn parse(settings: &Settings, address: &str) -> Result<Url, Failure> {
    let text = if address.contains("://") {
        address.to_owned()
    } else if wants_plain(settings) {
        format!("http://{address}")
    } else {
        format!("https://{address}")
    };
    let url = Url::parse(&text)
        .ok()
        .filter(|url| url.host_str().is_some() && url.username().is_empty() && url.password().is_none());
    let mut url = url.ok_or_else(|| {
        Failure::refused(
            "InvalidEndpoint",
            format!("{address:?} is not an endpoint like host or host:port"),
        )
    })?;
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// Whether the block asks for plain HTTP. On this machine it gets it, and nowhere else.
fn wants_plain(settings: &Settings) -> bool {
    settings
        .own_text("protocol")
        .is_some_and(|protocol| protocol.eq_ignore_ascii_case("http"))
}

/// A region becomes part of a host name: it must be nothing else than a name.
fn check_region(region: &str) -> Result<(), Failure> {
    let plain_name = region
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if region.is_empty() || !plain_name {
        let message = format!("{region:?} is not the name of a region");
        return Err(Failure::refused("InvalidRegion", message));
    }
    Ok(())
}

fn public(service: &Service, region: &str) -> Result<Url, Failure> {
    check_region(region)?;
    let address = service
        .endpoint
        .replace("${region}", region)
        .replace("${dns_suffix}", "aliyuncs.com");
    Url::parse(&address)
        .map_err(|_| Failure::refused("InvalidEndpoint", format!("{address:?} is not an address")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds::alicloud::tests::{schema, settings};
    use crate::value::Value;

    const AT_HOME: Place<'_> = Place {
        region: "cn-hangzhou",
        endpoint: None,
    };

    #[test]
    fn another_host_is_asked_unless_the_user_named_one() {
        let elsewhere = Place {
            endpoint: Some("business.ap-southeast-1.aliyuncs.com"),
            ..AT_HOME
        };
        let find = |variables: &[(&str, &str)]| {
            let settings = settings(&Value::object_of([] as [(&str, Value); 0]), variables);
            find(&settings, &schema().services["kms"], &elsewhere).map(|url| url.to_string())
        };
        assert_eq!(
            find(&[]).unwrap(),
            "https://business.ap-southeast-1.aliyuncs.com/"
        );
        assert_eq!(
            find(&[("ALIBABA_CLOUD_ENDPOINT_KMS", "kms.example")]).unwrap(),
            "https://kms.example/"
        );
    }

    #[track_caller]
    fn check(block: &[(&str, &str)], variables: &[(&str, &str)], expected: &str) {
        let endpoints = block
            .iter()
            .filter(|(name, _)| *name != "protocol")
            .map(|(name, value)| (*name, Value::from(*value)));
        let mut arguments = vec![("endpoints", Value::tuple(vec![Value::object_of(endpoints)]))];
        if let Some((name, value)) = block.iter().find(|(name, _)| *name == "protocol") {
            arguments.push((*name, Value::from(*value)));
        }
        let settings = settings(&Value::object_of(arguments), variables);
        let url = find(&settings, &schema().services["kms"], &AT_HOME);
        assert_eq!(
            url.map_or_else(|failure| failure.code, |url| url.to_string()),
            expected
        );
    }

    #[test]
    fn the_public_endpoint_has_the_region() {
        check(&[], &[], "https://kms.cn-hangzhou.aliyuncs.com/");
    }

    #[test]
    fn the_block_beats_the_environment() {
        let variables = [
            ("KMS_ENDPOINT", "third"),
            ("ALIBABA_CLOUD_ENDPOINT_KMS", "second"),
        ];
        check(&[("kms", "first:8443")], &variables, "https://first:8443/");
        check(&[], &variables, "https://second/");
        check(&[], &variables[..1], "https://third/");
    }

    #[test]
    fn instances_and_private_networks_have_endpoints_of_their_own() {
        for host in [
            "kms-vpc.cn-hangzhou.aliyuncs.com",
            "kst-hzz1.cryptoservice.kms.aliyuncs.com",
        ] {
            check(&[("kms", host)], &[], &format!("https://{host}/"));
        }
    }

    #[track_caller]
    fn check_sts(variables: &[(&str, &str)], expected: Result<Option<&str>, &str>) {
        let settings = settings(&Value::object_of([] as [(&str, Value); 0]), variables);
        let found = usual_sts(&settings, "cn-hangzhou").map_err(|failure| failure.code);
        assert_eq!(
            found,
            expected
                .map(|host| host.map(str::to_owned))
                .map_err(str::to_owned)
        );
    }

    #[test]
    fn the_environment_moves_the_token_service() {
        let region = ("ALIBABA_CLOUD_STS_REGION", "cn-beijing");
        let private = ("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED", "true");
        check_sts(&[], Ok(None));
        check_sts(&[region], Ok(Some("sts.cn-beijing.aliyuncs.com")));
        check_sts(&[private], Ok(Some("sts-vpc.cn-hangzhou.aliyuncs.com")));
        check_sts(&[region, private], Ok(Some("sts-vpc.cn-beijing.aliyuncs.com")));
        check_sts(&[("ALIBABA_CLOUD_STS_REGION", "x/y")], Err("InvalidRegion"));
    }

    #[test]
    fn the_protocol_gives_the_scheme() {
        check(
            &[("kms", "127.0.0.1:1"), ("protocol", "HTTP")],
            &[],
            "http://127.0.0.1:1/",
        );
        check(&[("kms", "http://127.0.0.1:1")], &[], "http://127.0.0.1:1/");
    }
}
