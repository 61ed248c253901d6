//! Modules from a registry.

use std::net::SocketAddr;

use super::{FILES, INDEX, zip};
use crate::faults::Project;
use crate::imposter::{answer, server};

const TOKEN: &str = "a-token";

/// A registry that shows itself to those who know the token.
fn registry() -> SocketAddr {
    server(|head| {
        let path = head.split(' ').nth(1).unwrap();
        let is_known = head
            .to_lowercase()
            .contains(&format!("authorization: bearer {TOKEN}"));
        match path {
            "/.well-known/terraform.json" => answer("200 OK", br#"{"modules.v1": "/modules/v1"}"#),
            // Others than the registry are told no token.
            "/archive/m.zip" if !is_known => answer("200 OK", &zip(&FILES)),
            "/archive/m.zip" => answer("400 Bad Request", b""),
            _ if !is_known => answer("401 Unauthorized", b""),
            "/modules/v1/ns/name/aws/versions" => answer(
                "200 OK",
                br#"{"modules":[{"versions":[{"version":"1.0.0"},{"version":"1.2.0"},{"version":"1.10.0"},{"version":"2.0.0-rc.1"}]}]}"#,
            ),
            "/modules/v1/ns/name/aws/1.2.0/download" => answer(
                "204 No Content\r\nx-terraform-get: /archive/m.zip//top?archive=zip",
                b"",
            ),
            "/modules/v1/ns/name/aws/1.10.0/download" => {
                answer("200 OK", br#"{"location": "../../../../../../archive/m.zip//top?archive=zip"}"#)
            }
            "/modules/v1/ns/evil/aws/versions" => {
                answer("200 OK", br#"{"modules":[{"versions":[{"version":"1.0.0"}]}]}"#)
            }
            "/modules/v1/ns/evil/aws/1.0.0/download" => answer(
                "204 No Content\r\nx-terraform-get: file:///etc/m.zip",
                b"",
            ),
            _ => answer("404 Not Found", b""),
        }
    })
}

fn call(address: SocketAddr, rest: &str, version: &str) -> String {
    let version = if version.is_empty() {
        String::new()
    } else {
        format!("  version = \"{version}\"\n")
    };
    format!(
        "module \"m\" {{\n  source = \"{address}/{rest}\"\n{version}}}\noutput \"from\" {{\n  value = module.m.from\n}}\n"
    )
}

/// The credentials as `terraform login` writes them.
fn know(project: &Project, address: SocketAddr, token: &str) {
    let folder = project.dir.parent().unwrap().join(".terraform.d");
    fs_err::create_dir_all(&folder).unwrap();
    let text = format!(r#"{{"credentials":{{"{address}":{{"token":"{token}"}}}}}}"#);
    fs_err::write(folder.join("credentials.tfrc.json"), text).unwrap();
}

#[test]
fn the_newest_version_that_fits_is_installed() {
    let address = registry();
    let project = Project::new(&call(address, "ns/name/aws", "~> 1.2, < 1.10"));
    know(&project, address, TOKEN);
    let said = project.good(&["init"]);
    assert!(
        said.contains(&format!("Downloading {address}/ns/name/aws 1.2.0 for m...")),
        "{said}"
    );
    assert!(said.contains("- m in .terraform/modules/m/top"), "{said}");
    let entry = format!(
        r#"{{"Key":"m","Source":"{address}/ns/name/aws","Version":"1.2.0","Dir":".terraform/modules/m/top"}}"#
    );
    assert!(project.text(INDEX).contains(&entry), "{}", project.text(INDEX));
    assert!(project.good(&["plan"]).contains("\"top\""));
    assert!(
        !project.good(&["init"]).contains("Downloading"),
        "nothing is fetched twice"
    );
    // What is installed must fit; what is asked for anew is fetched.
    project.write("main.tf", call(address, "ns/name/aws//sub", "1.10.0"));
    project.bad(&["plan"], &["Module source has changed"]);
    project.good(&["init"]);
    assert!(project.good(&["plan"]).contains("\"sub\""));
    project.write("main.tf", call(address, "ns/name/aws//sub", "< 1.10"));
    project.bad(
        &["plan"],
        &["Module version requirements have changed", "(1.10.0)"],
    );
    project.write("main.tf", call(address, "ns/name/aws", ""));
    assert!(project.good(&["init"]).contains("aws 1.10.0 for m"));
}

#[test]
fn the_environment_weighs_more_than_the_file() {
    let address = registry();
    let project = Project::new(&call(address, "ns/name/aws", ""));
    know(&project, address, "an-old-one");
    project.bad(&["init"], &["refuses the token"]);
    let name = format!("TF_TOKEN_{}", address.to_string().replace(['.', ':'], "_"));
    let output = project.command(&["init"]).env(name, TOKEN).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn another_host_is_told_no_token() {
    let elsewhere = server(|head| {
        if head.to_lowercase().contains("authorization") {
            return answer("400 Bad Request", b"");
        }
        answer("200 OK", br#"{"modules":[{"versions":[{"version":"7.0.0"}]}]}"#)
    });
    let address = server(move |head| match head.split(' ').nth(1).unwrap() {
        "/.well-known/terraform.json" => answer("200 OK", br#"{"modules.v1": "/"}"#),
        _ if !head.contains(TOKEN) => answer("401 Unauthorized", b""),
        "/ns/name/aws/versions" => answer(
            &format!("302 Found\r\nlocation: http://{elsewhere}/versions"),
            b"",
        ),
        "/ns/name/aws/7.0.0/download" => answer(
            &format!("204 No Content\r\nx-terraform-get: http://{elsewhere}/m.txt?archive=zip"),
            b"",
        ),
        _ => answer("404 Not Found", b""),
    });
    // What is no archive there was asked for without a token.
    check_refused(address, "ns/name/aws", "", &["no zip file"]);
}

#[track_caller]
fn check_refused(address: SocketAddr, rest: &str, version: &str, said: &[&str]) {
    let project = Project::new(&call(address, rest, version));
    know(&project, address, TOKEN);
    let ran = project.bad(&["init"], &[&["Failed to install module"], said].concat());
    assert!(!ran.stderr.contains(TOKEN), "{ran:?}");
}

#[test]
fn what_a_registry_does_not_give_is_said() {
    let address = registry();
    check_refused(address, "ns/none/aws", "", &["no such module"]);
    check_refused(
        address,
        "ns/name/aws",
        "> 3",
        &["no available version", "2.0.0-rc.1"],
    );
    check_refused(address, "ns/name/aws", "1.0.0", &["no such module"]);
    check_refused(address, "ns/evil/aws", "", &["file:///etc/m.zip"]);
    check_refused(address, "ns/name/aws//none", "", &["no folder top/none"]);
    let silent = server(|_| answer("404 Not Found", b""));
    check_refused(silent, "ns/name/aws", "", &["no registry of modules"]);
    let project = Project::new(&call(address, "ns/name/aws", ""));
    project.bad(&["init"], &["wants to know who asks", "TF_TOKEN_127_0_0_1_"]);
}
