//! Signed requests, and those with a password, are not redirected: nobody else ever hears of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyform::sandbox;

use super::{Project, with_keys};
use crate::imposter::{answer, server};

const STATUSES: &[&str] = &[
    "301 Moved Permanently",
    "302 Found",
    "303 See Other",
    "307 Temporary Redirect",
    "308 Permanent Redirect",
];

/// A request with credentials: the configuration that makes it from a service at this address.
type Asker = fn(SocketAddr) -> String;

const ASKERS: &[(&str, Asker)] = &[
    ("aws kms", |at| {
        keyed(at, "data \"aws_kms_alias\" \"a\" {\n  name = \"alias/a\"\n}\n")
    }),
    ("aws sts", |at| {
        keyed(at, "data \"aws_caller_identity\" \"a\" {}\n")
    }),
    ("alicloud kms", |at| {
        format!(
            "provider \"alicloud\" {{\n  region = \"cn-hangzhou\"\n  access_key = \"{}\"\n  secret_key = \"{}\"\n  endpoints {{\n    kms = \"http://{at}\"\n    sts = \"http://{at}\"\n  }}\n}}\ndata \"alicloud_kms_aliases\" \"a\" {{}}\n",
            sandbox::ALICLOUD_ACCESS_KEY_ID,
            sandbox::ALICLOUD_ACCESS_KEY_SECRET,
        )
    }),
    ("a state", |at| {
        format!(
            "data \"terraform_remote_state\" \"a\" {{\n  backend = \"http\"\n  config = {{\n    address  = \"http://{at}/state\"\n    username = \"u\"\n    password = \"p\"\n  }}\n}}\n"
        )
    }),
];

fn keyed(at: SocketAddr, rest: &str) -> String {
    with_keys(
        at,
        sandbox::AWS_ACCESS_KEY_ID,
        sandbox::AWS_SECRET_ACCESS_KEY,
        rest,
    )
}

#[test]
fn nothing_with_credentials_follows_a_redirect() {
    let followed = Arc::new(AtomicUsize::new(0));
    let heard = followed.clone();
    let elsewhere = server(move |_| {
        heard.fetch_add(1, Ordering::SeqCst);
        answer("200 OK", b"{}")
    });
    let mut pairs = 0;
    for status in STATUSES {
        for (name, configuration) in ASKERS {
            let asked = Arc::new(AtomicUsize::new(0));
            let counted = asked.clone();
            let away = format!("{status}\r\nlocation: http://{elsewhere}/x");
            let service = server(move |_| {
                counted.fetch_add(1, Ordering::SeqCst);
                answer(&away, b"")
            });
            let project = Project::new(&configuration(service));
            project.bad(&["plan"], &["redirect"]);
            assert!(asked.load(Ordering::SeqCst) > 0, "{name} was not asked");
            pairs += 1;
        }
    }
    let followed = followed.load(Ordering::SeqCst);
    println!("R24: redirects, of {pairs}, that a request with credentials followed = {followed}");
    assert_eq!(followed, 0);
}
