//! Modules from archives, and from pages that name them.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::{FILES, INDEX, tar, zip};
use crate::faults::Project;
use crate::imposter::{answer, server};

/// A server with archives under several addresses.
fn archives() -> SocketAddr {
    server(|head| {
        let path = head.split(' ').nth(1).unwrap();
        let path = path.split('?').next().unwrap();
        match path {
            "/m.zip" => answer("200 OK", &zip(&FILES)),
            "/m.tar.gz" | "/packed" => answer("200 OK", &tar(&FILES)),
            "/moved.zip" => answer("302 Found\r\nlocation: /m.zip", b""),
            "/away.zip" => answer("302 Found\r\nlocation: ftp://127.0.0.1/m.zip", b""),
            "/round.zip" => answer("302 Found\r\nlocation: /round.zip", b""),
            "/header" if head.contains("?terraform-get=1") => {
                let host = head.split("\r\nhost: ").nth(1).unwrap();
                let host = host.split("\r\n").next().unwrap();
                answer(
                    &format!("204 No Content\r\nx-terraform-get: http://{host}/m.tar.gz//top"),
                    b"",
                )
            }
            "/meta" => {
                let page = "<html><head><meta name=\"terraform-get\" content=\"/etc/m.zip\"></head></html>";
                answer("200 OK", page.as_bytes())
            }
            "/silent" => answer("200 OK", b"<html></html>"),
            _ => answer("404 Not Found", b""),
        }
    })
}

#[test]
fn archives_are_installed_as_terraform_does_it() {
    let address = archives();
    let (zipped, tarred) = (zip(&FILES), tar(&FILES));
    let project = Project::new("");
    project.write("local.zip", &zipped);
    project.write("local.tgz", tarred);
    let here = project.dir.display();
    let sources = [
        format!("http://{address}/m.zip//top"),
        format!("http://{address}/m.tar.gz//top/sub"),
        format!("http://{address}/m.tar.gz//*/sub?x=1"),
        format!("http://{address}/packed//top?archive=tar.gz"),
        format!("http://{address}/moved.zip//top"),
        format!("{here}/local.zip//top/sub"),
        format!("file://{here}/local.tgz//top"),
    ];
    let mut text = String::new();
    for (number, source) in sources.iter().enumerate() {
        write!(text, "module \"m{number}\" {{\n  source = \"{source}\"\n}}\n").unwrap();
    }
    text += "output \"all\" {\n  value = join(\" \", [module.m0.from, module.m1.from, module.m2.from, module.m3.from, module.m4.from, module.m5.from, module.m6.from])\n}\n";
    project.write("main.tf", text);
    let said = project.good(&["init"]);
    assert!(said.contains("- m2 in .terraform/modules/m2/top/sub"), "{said}");
    let plan = project.good(&["plan"]);
    assert!(plan.contains("\"top sub sub top top sub top\""), "{plan}");
    assert!(
        !project.good(&["init"]).contains("Downloading"),
        "nothing is fetched twice"
    );
    let index = project.text(INDEX);
    let Some(mut terraform) = project.terraform(&["init", "-no-color"]) else {
        return;
    };
    let output = terraform.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(
        !String::from_utf8_lossy(&output.stdout).contains("Downloading"),
        "terraform takes ours"
    );
    fs_err::remove_dir_all(project.path(".terraform")).unwrap();
    let output = project
        .terraform(&["init", "-no-color"])
        .unwrap()
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(project.text(INDEX), index);
    assert!(
        !project.good(&["init"]).contains("Downloading"),
        "we take terraform's"
    );
}

#[test]
fn archives_may_stand_beside_the_caller_or_be_named_by_a_page() {
    let address = archives();
    let project = Project::new(
        "module \"m\" {\n  source = \"./inner\"\n}\noutput \"all\" {\n  value = module.m.all\n}\n",
    );
    fs_err::create_dir(project.path("inner")).unwrap();
    let inner = format!(
        "module \"zip\" {{\n  source = \"../packed/m.zip//top\"\n}}\nmodule \"page\" {{\n  source = \"http://{address}/header//sub\"\n}}\noutput \"all\" {{\n  value = \"${{module.zip.from}} ${{module.page.from}}\"\n}}\n"
    );
    project.write("inner/main.tf", inner);
    fs_err::create_dir(project.path("packed")).unwrap();
    project.write("packed/m.zip", zip(&FILES));
    project.good(&["init"]);
    let plan = project.good(&["plan"]);
    assert!(plan.contains("\"top sub\""), "{plan}");
}

#[track_caller]
fn check_refused(source: &str, said: &[&str]) {
    let project = Project::new(&format!("module \"m\" {{\n  source = \"{source}\"\n}}\n"));
    project.bad(&["init"], &[&["Failed to install module"], said].concat());
    let left: Vec<_> = fs_err::read_dir(project.path(".terraform/modules"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name != "modules.json")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_cannot_be_fetched_is_said_and_leaves_nothing() {
    let address = archives();
    let at = |path: &str| format!("http://{address}/{path}");
    check_refused(&at("none.zip"), &["status 404"]);
    check_refused(&at("m.zip?archive=tar.gz"), &["no tar file"]);
    check_refused(&at("m.tar.gz?archive=zip"), &["no zip file"]);
    check_refused(&at("m.zip//none"), &["no folder none"]);
    check_refused(&at("m.zip//top/*/*"), &["there are 0"]);
    check_refused(&at("m.zip?checksum=md5:00"), &["checksum by md5", "should be 00"]);
    check_refused(&at("away.zip"), &["ftp://127.0.0.1", "not followed"]);
    check_refused(&at("round.zip"), &["without end"]);
    check_refused(&at("meta"), &["\"/etc/m.zip\"", "no address"]);
    check_refused(&at("silent"), &["X-Terraform-Get"]);
    check_refused("http://127.0.0.1:1/m.zip", &["Could not connect"]);
    check_refused("/nowhere/m.zip", &["/nowhere/m.zip", "no such file"]);
    check_refused("/dev/zero?archive=zip", &["/dev/zero", "not a regular file"]);
    check_refused("http://169.254.169.254/m.zip", &["metadata"]);
}
