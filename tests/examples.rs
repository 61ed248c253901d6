//! The modules under `examples/modules` run on the sandbox from `validate` to `destroy`, print what they are about,
//! and refuse what they say they refuse. Each stands as both programs format it.

use std::path::{Path, PathBuf};

use crate::files::{copy, folders};
use crate::folder::Folder;
use crate::program;

/// What an example is about, as `apply` prints it: without it, it could do nothing and still come to an end.
const PRINTED: [(&str, &[&str]); 6] = [
    (
        "alicloud-secrets",
        &[
            "Resources: 6 added",
            "longest_password = 28",
            "\"database\" = \"test/database@v002\"",
            "values = <sensitive>",
        ],
    ),
    (
        "every-kind-of-key",
        &[
            "Resources: 19 added",
            "\"alias/foo/bar-\",",
            "\"Owners\",",
            "\"KEY_MATERIAL_DOES_NOT_EXPIRE\",",
            "\"eu-central-1\",",
            "nothing = \"none\"",
        ],
    ),
    (
        "keys-for-each",
        &[
            "Resources: 17 added",
            "\"test/shop/invoices\",",
            "\"guests/default\" = 365",
            "\"support\" = tolist([",
        ],
    ),
    (
        "kms-with-policy",
        &[
            "Resources: 7 added",
            "\"alias/shop/archive\",",
            "\"Administrators\",",
            "\"Unencrypted\",",
            "nothing = \"none\"",
        ],
    ),
    (
        "label-context",
        &[
            "Resources: 6 added",
            "\"alias/acme-euw1-prod-shop-pci-orders\" = ",
            "short = \"acme-e-f6e08\"",
            "\"Owner\" = \"forum@acme.example\"",
        ],
    ),
    (
        "multi-region",
        &[
            "Resources: 9 added",
            "\"eu-central-1\" = 1",
            "\"eu-west-1\" = 2",
            "\"us-east-1\" = 1",
        ],
    ),
];

/// What examples refuse: the arguments of `plan`, and a part of what it says.
const REFUSED: [(&str, &[&str], &str); 5] = [
    (
        "alicloud-secrets",
        &["-var=environment=prod"],
        "In prod, secrets need a recovery_window.",
    ),
    (
        "alicloud-secrets",
        &["-var=environment=dev"],
        "The environment is test or prod, not dev.",
    ),
    (
        "alicloud-secrets",
        &["-var=versions={ ftp = 1 }"],
        "There are versions of passwords that do not exist.",
    ),
    (
        "keys-for-each",
        &["-var=teams={ a = { keys = { b = { rotation = { days = 1 } } } } }"],
        "A key rotates every 90 to 2560 days.",
    ),
    (
        "multi-region",
        &["-var=regions={ far = \"eu-west-1\" }"],
        "Each of the regions is another one.",
    ),
];

/// Where the examples stand.
fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/modules")
}

/// An example in a folder of its own.
fn example(name: &str) -> Folder {
    let folder = Folder::new(name);
    copy(&examples().join(name), &folder.path(""));
    folder
}

#[test]
fn every_module_lives_from_validate_to_destroy() {
    let found = folders(&examples());
    let names = found
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap());
    let known = PRINTED.map(|(name, _)| name);
    assert_eq!(
        names.collect::<Vec<_>>(),
        known,
        "PRINTED has every folder, and every folder is there"
    );
    for (name, lines) in PRINTED {
        let folder = example(name);
        folder.expect(0, "fmt", &["-check", "-recursive"]);
        folder.expect(0, "validate", &[]);
        let planned = folder.expect(2, "plan", &["-detailed-exitcode"]);
        assert!(
            planned.contains(" to add, 0 to change, 0 to destroy."),
            "{name}:\n{planned}"
        );
        let applied = folder.apply();
        for line in lines {
            assert!(applied.contains(line), "{name} does not print {line}:\n{applied}");
        }
        let planned = folder.expect(0, "plan", &["-detailed-exitcode"]);
        assert!(planned.contains("No changes."), "{name}:\n{planned}");
        folder.is_settled();
        folder.destroy();
    }
}

#[test]
fn modules_refuse_what_they_say() {
    for (name, arguments, said) in REFUSED {
        let refused = example(name).expect(1, "plan", arguments);
        assert!(refused.contains(said), "{name} {arguments:?}:\n{refused}");
    }
}

#[test]
fn what_has_an_old_address_moves_and_stays_as_it_is() {
    let moves = [
        ("module.key[\"shop/orders\"]", "module.orders"),
        (
            "aws_kms_alias.name[\"prod/shop/orders\"]",
            "aws_kms_alias.name[0]",
        ),
        (
            "aws_kms_grant.reader[\"shop/orders:support\"]",
            "aws_kms_grant.support",
        ),
        (
            "module.key[\"forum/posts\"].aws_kms_key.this",
            "module.key[\"forum/posts\"].aws_kms_key.main",
        ),
    ];
    let folder = example("keys-for-each");
    folder.apply();
    for (new, old) in moves {
        folder.expect(0, "state mv", &[new, old]);
    }
    let planned = folder.expect(2, "plan", &["-detailed-exitcode"]);
    assert_eq!(
        planned.matches(" has moved to ").count(),
        moves.len(),
        "{planned}"
    );
    assert!(
        planned.contains("Plan: 0 to add, 0 to change, 0 to destroy."),
        "{planned}"
    );
    folder.apply();
    let listed = folder.expect(0, "state list", &[]);
    for (new, old) in moves {
        assert!(listed.contains(new), "{new}:\n{listed}");
        assert!(!listed.contains(old), "{old}:\n{listed}");
    }
    folder.is_settled();
}

#[test]
fn modules_stand_as_terraform_formats_them() {
    let Some(mut terraform) = program::terraform(&examples()) else {
        return;
    };
    let output = terraform
        .args(["fmt", "-check", "-recursive", "-diff"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}
