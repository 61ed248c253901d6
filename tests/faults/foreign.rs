//! Answers of others: a page of a proxy or of a login, sent with the status of a success, is never taken for the
//! service's.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyform::sandbox;

use super::{Project, UNSETTLED, at};
use crate::imposter::{answer, server};

/// Bodies that could be read as an answer in which there is nothing, or a list without an end.
const BODIES: [&[u8]; 3] = [b"", b"{}", b"<html><body>Please sign in</body></html>"];

/// What others say that they send.
const HEADS: [&str; 3] = [
    "200 OK\r\ncontent-type: text/html; charset=utf-8",
    "200 OK\r\ncontent-type: application/octet-stream",
    "200 OK",
];

fn alicloud(at: SocketAddr) -> String {
    format!(
        "provider \"alicloud\" {{\n  region = \"cn-hangzhou\"\n  access_key = \"{}\"\n  secret_key = \"{}\"\n  endpoints {{\n    kms = \"http://{at}\"\n    sts = \"http://{at}\"\n  }}\n}}\nresource \"alicloud_kms_key\" \"a\" {{}}\n",
        sandbox::ALICLOUD_ACCESS_KEY_ID,
        sandbox::ALICLOUD_ACCESS_KEY_SECRET,
    )
}

#[test]
fn pages_of_others_create_nothing_and_are_asked_once() {
    for configuration in [|at| self::at(at, "resource \"aws_kms_key\" \"a\" {}\n"), alicloud] {
        for head in HEADS {
            for body in BODIES {
                let asked = Arc::new(AtomicUsize::new(0));
                let counted = asked.clone();
                let other = server(move |_| {
                    counted.fetch_add(1, Ordering::SeqCst);
                    answer(head, body)
                });
                let project = Project::new(&configuration(other));
                let told = format!("{other} answered with status 200");
                let told: Vec<&str> = vec![
                    "CreateKey",
                    "UnreadableAnswer",
                    &told,
                    "may have answered in its place",
                    "It was not sent again",
                ];
                project.ends(UNSETTLED, &["apply", "-auto-approve"], &told);
                assert!(project.recorded().is_empty());
                // A key is looked for once where its creation is in doubt, with its pages and attempts.
                assert!(asked.load(Ordering::SeqCst) < 12);
            }
        }
    }
}
