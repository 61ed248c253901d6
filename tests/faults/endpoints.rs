//! Where signed requests may go: over TLS or to this machine, never to a metadata service, and the plan says where.

use keyform::sandbox::{self, Faults};

use super::{Project, at, calls, clouds, control};

/// A provider whose services are asked at this address, and something to ask for.
fn asking(cloud: &str, address: &str) -> Project {
    let (keys, rest) = match cloud {
        "aws" => (
            (sandbox::AWS_ACCESS_KEY_ID, sandbox::AWS_SECRET_ACCESS_KEY),
            "data \"aws_kms_alias\" \"a\" {\n  name = \"alias/a\"\n}\n",
        ),
        _ => (
            (
                sandbox::ALICLOUD_ACCESS_KEY_ID,
                sandbox::ALICLOUD_ACCESS_KEY_SECRET,
            ),
            "data \"alicloud_kms_aliases\" \"a\" {}\n",
        ),
    };
    let (access_key, secret_key) = keys;
    Project::new(&format!(
        "provider \"{cloud}\" {{\n  region = \"us-east-1\"\n  access_key = \"{access_key}\"\n  secret_key = \"{secret_key}\"\n  endpoints {{\n    kms = \"{address}\"\n    sts = \"{address}\"\n  }}\n}}\n{rest}"
    ))
}

#[test]
fn signed_requests_go_over_tls_and_to_no_metadata_service() {
    for cloud in ["aws", "alicloud"] {
        for address in [
            "http://kms.example.com",
            "http://10.0.0.1",
            "http://kms.localhost",
        ] {
            asking(cloud, address).bad(&["plan"], &["InsecureEndpoint", "must be reached by https"]);
        }
        for address in [
            "http://169.254.169.254",
            "https://169.254.1.1",
            "https://100.100.100.200",
            "https://[fe80::1]",
            "https://[fd00:ec2::254]",
            "https://[::ffff:169.254.169.254]",
        ] {
            asking(cloud, address).bad(&["plan"], &["ForbiddenEndpoint", "is a metadata address"]);
        }
    }
}

#[test]
fn plain_requests_stay_on_this_machine_whatever_the_block_says() {
    let project = asking("alicloud", "kms.example.com");
    let text = project
        .text("main.tf")
        .replace("  region", "  protocol = \"HTTP\"\n  region");
    project.write("main.tf", text);
    project.bad(
        &["plan"],
        &["InsecureEndpoint", "kms.example.com:80 must be reached by https"],
    );
}

#[test]
fn a_plan_says_which_services_are_asked_elsewhere() {
    let cloud = clouds(Faults::default());
    let address = cloud.address;
    let project = Project::new(&at(address, "resource \"aws_kms_key\" \"a\" {}\n"));
    let plan = project.good(&["plan"]);
    let told = format!(
        "Services asked at other addresses than their own:\n  aws kms: http://{address}\n  aws sts: http://{address}\n"
    );
    assert!(plan.starts_with(&format!("\n{told}")), "{plan}");
    cloud.stop().unwrap();
}

/// A project whose services are asked where the environment says.
fn by_environment() -> Project {
    let (key, secret) = (sandbox::AWS_ACCESS_KEY_ID, sandbox::AWS_SECRET_ACCESS_KEY);
    Project::new(&format!(
        "provider \"aws\" {{\n  region = \"eu-west-1\"\n  access_key = \"{key}\"\n  secret_key = \"{secret}\"\n}}\nresource \"aws_kms_key\" \"a\" {{}}\n"
    ))
}

#[test]
fn who_reads_a_saved_plan_sees_where_its_requests_go() {
    let cloud = clouds(Faults::default());
    let address = cloud.address;
    let set = format!("AWS_ENDPOINT_URL=http://{address}");
    let project = by_environment();
    let ran = project.shell(&format!("{set} $keyform plan -out=saved"));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let told = format!(
        "Services asked at other addresses than their own:\n  aws iam: http://{address}\n  aws kms: http://{address}\n  aws sts: http://{address}\n"
    );
    for command in ["show saved", "apply saved"] {
        let ran = project.shell(&format!("{set} $keyform {command}"));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stdout.starts_with(&format!("\n{told}")), "{command}: {ran:?}");
    }
    cloud.stop().unwrap();
}

#[test]
fn a_saved_plan_sends_nothing_to_addresses_that_it_does_not_tell() {
    let cloud = clouds(Faults::default());
    let other = clouds(Faults::default());
    let project = by_environment();
    let set = format!("AWS_ENDPOINT_URL=http://{}", cloud.address);
    let ran = project.shell(&format!("{set} $keyform plan -out=saved"));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let moved = format!("AWS_ENDPOINT_URL=http://{}", other.address);
    let ran = project.shell(&format!("{moved} $keyform apply saved"));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    ran.says(&["Other addresses than in the plan", "Make a new plan"]);
    assert!(project.recorded().is_empty());
    let heard = control(other.address, "GET", "calls", "");
    let heard: serde_json::Value = serde_json::from_str(&heard).unwrap();
    assert!(
        heard["aws"].as_object().is_none_or(serde_json::Map::is_empty),
        "{heard}"
    );
    assert_eq!(calls(other.address, "CreateKey"), 0);
    assert_eq!(
        project.shell(&format!("{set} $keyform apply saved")).code,
        Some(0)
    );
    cloud.stop().unwrap();
    other.stop().unwrap();
}
