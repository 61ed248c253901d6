//! Where signed requests may go: over TLS or to this machine, never to a metadata service, and the plan says where.

use keyform::sandbox::{self, Faults};

use super::{Project, at, clouds};

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
