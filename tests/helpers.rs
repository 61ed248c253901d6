//! The types that need no cloud: files of this machine, points in time, random values.

use std::os::unix::fs::PermissionsExt as _;

use fs_err as fs;

use crate::folder::Folder;

fn mode(folder: &Folder, file: &str) -> u32 {
    fs::metadata(folder.path(file)).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_file_is_written_as_described_and_again_when_somebody_changes_it() {
    let folder = Folder::new("file");
    let text = |content: &str| {
        format!(
            "resource \"local_file\" \"f\" {{\n  filename = \"new/folder/names\"\n  content = \"{content}\"\n  file_permission = \"0640\"\n  directory_permission = \"0750\"\n}}\nresource \"local_sensitive_file\" \"s\" {{\n  filename = \"secret\"\n  content_base64 = \"aGlkZGVu\"\n}}\nresource \"local_file\" \"copy\" {{\n  filename = \"copy\"\n  source = local_sensitive_file.s.filename\n}}\n"
        )
    };
    folder.write("main.tf", &text("first"));
    let applied = folder.apply();
    assert!(
        !applied.contains("aGlkZGVu") && !applied.contains("hidden"),
        "{applied}"
    );
    assert_eq!(folder.read("new/folder/names"), "first");
    assert_eq!(folder.read("secret"), "hidden");
    assert_eq!(folder.read("copy"), "hidden");
    assert_eq!(mode(&folder, "new/folder/names"), 0o640);
    assert_eq!(mode(&folder, "new/folder"), 0o750);
    assert_eq!(mode(&folder, "secret"), 0o700);
    folder.is_settled();
    // Another hand has written there, and then taken the file away.
    fs::write(folder.path("new/folder/names"), "other").unwrap();
    let planned = folder.expect(2, "plan", &["-detailed-exitcode"]);
    assert!(
        planned.contains("1 to add, 0 to change, 0 to destroy"),
        "{planned}"
    );
    folder.apply();
    assert_eq!(folder.read("new/folder/names"), "first");
    fs::remove_file(folder.path("secret")).unwrap();
    folder.apply();
    assert_eq!(folder.read("secret"), "hidden");
    // What is described otherwise is replaced.
    folder.write("main.tf", &text("second"));
    let planned = folder.expect(2, "plan", &["-detailed-exitcode"]);
    assert!(planned.contains("must be replaced"), "{planned}");
    folder.apply();
    assert_eq!(folder.read("new/folder/names"), "second");
    folder.destroy();
    for file in ["new/folder/names", "secret", "copy"] {
        assert!(!folder.path(file).exists(), "{file} is left");
    }
}

#[test]
fn what_cannot_be_written_or_read_is_an_error_and_nothing_is_recorded() {
    let folder = Folder::new("unwritable");
    fs::create_dir(folder.path("taken")).unwrap();
    folder.write(
        "main.tf",
        "resource \"local_file\" \"f\" {\n  filename = \"taken\"\n  content = \"x\"\n}\nresource \"local_file\" \"g\" {\n  filename = \"g\"\n  source = \"nothing\"\n}\n",
    );
    let failed = folder.expect(1, "apply", &["-auto-approve"]);
    assert!(failed.contains("it is a folder"), "{failed}");
    assert!(failed.contains("there is no file nothing"), "{failed}");
    assert!(folder.path("taken").is_dir());
    assert_eq!(folder.run("state list", &[]).1.matches("local_file").count(), 0);
    folder.write(
        "main.tf",
        "data \"local_file\" \"d\" {\n  filename = \"/dev/zero\"\n}\n",
    );
    let failed = folder.expect(1, "plan", &[]);
    assert!(failed.contains("it is not a regular file"), "{failed}");
}

#[test]
fn a_time_that_has_come_is_made_anew() {
    let folder = Folder::new("rotation");
    folder.write(
        "main.tf",
        "resource \"time_rotating\" \"r\" {\n  rotation_minutes = 5\n}\n",
    );
    folder.apply();
    folder.is_settled();
    let state = folder.read("terraform.tfstate");
    let made = folder.recorded("time_rotating.r");
    let (id, end) = (
        made["id"].as_str().unwrap(),
        made["rotation_rfc3339"].as_str().unwrap(),
    );
    // As the state would be had it been made long ago.
    let aged = state
        .replace(end, "2020-01-01T00:05:00Z")
        .replace(id, "2020-01-01T00:00:00Z");
    folder.write("terraform.tfstate", &aged);
    let planned = folder.expect(2, "plan", &["-detailed-exitcode"]);
    assert!(
        planned.contains("1 to add, 0 to change, 0 to destroy"),
        "{planned}"
    );
    folder.apply();
    assert_ne!(folder.recorded("time_rotating.r")["id"], "2020-01-01T00:00:00Z");
    // It may last longer without being another one.
    let id = folder.recorded("time_rotating.r")["id"].clone();
    folder.write(
        "main.tf",
        "resource \"time_rotating\" \"r\" {\n  rotation_days = 400\n}\n",
    );
    let planned = folder.expect(2, "plan", &["-detailed-exitcode"]);
    assert!(planned.contains("will be updated in-place"), "{planned}");
    folder.apply();
    folder.is_settled();
    assert_eq!(folder.recorded("time_rotating.r")["id"], id);
}

#[test]
fn a_time_is_counted_from_another() {
    let folder = Folder::new("offset");
    let text = |months: i32| {
        format!(
            "resource \"time_offset\" \"o\" {{\n  base_rfc3339 = \"2026-01-31T10:00:00+01:00\"\n  offset_months = {months}\n}}\nresource \"time_static\" \"s\" {{\n  rfc3339 = time_offset.o.rfc3339\n}}\noutput \"parts\" {{\n  value = [time_offset.o.rfc3339, time_static.s.day, time_static.s.hour, time_static.s.unix]\n}}\n"
        )
    };
    folder.write("main.tf", &text(1));
    // All of it is known while planning.
    let planned = folder.expect(0, "plan", &[]);
    assert!(planned.contains("+ \"2026-03-03T10:00:00+01:00\","), "{planned}");
    folder.apply();
    folder.is_settled();
    let shown = folder.expect(0, "output", &["-json", "parts"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(
        shown,
        serde_json::json!(["2026-03-03T10:00:00+01:00", 3, 10, 1_772_528_400])
    );
    folder.write("main.tf", &text(-1));
    let planned = folder.expect(0, "plan", &[]);
    assert!(
        planned.contains("1 to add, 1 to change, 1 to destroy"),
        "{planned}"
    );
}

#[test]
fn random_values_keep_to_their_keepers() {
    let folder = Folder::new("keepers");
    let text = |keeper: &str| {
        format!(
            "resource \"random_password\" \"p\" {{\n  length = 24\n  min_special = 4\n  override_special = \"-_\"\n  keepers = {{ k = \"{keeper}\" }}\n}}\noutput \"p\" {{\n  value     = random_password.p.result\n  sensitive = true\n}}\n"
        )
    };
    folder.write("main.tf", &text("a"));
    let applied = folder.apply();
    let first = folder.expect(0, "output", &["-raw", "p"]);
    assert_eq!(first.len(), 24);
    assert!(first.matches(['-', '_']).count() >= 4, "{first}");
    assert!(
        first
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)),
        "{first}"
    );
    assert!(!applied.contains(&first));
    folder.apply();
    assert_eq!(folder.expect(0, "output", &["-raw", "p"]), first);
    folder.write("main.tf", &text("b"));
    folder.apply();
    assert_ne!(folder.expect(0, "output", &["-raw", "p"]), first);
    folder.write("main.tf", &text("b").replace("length = 24", "length = 3"));
    let refused = folder.expect(1, "plan", &[]);
    assert!(refused.contains("which is 4."), "{refused}");
}

/// The folder with a state in which a provider of an older version has recorded objects: type, name, schema version
/// and attributes.
fn recorded_by_older(folder: &Folder, objects: &[(&str, &str, u64, serde_json::Value)]) {
    let resources: Vec<serde_json::Value> = objects
        .iter()
        .map(|(ty, name, version, attributes)| {
            let provider = ty.split('_').next().unwrap();
            serde_json::json!({
                "mode": "managed", "type": ty, "name": name,
                "provider": format!("provider[\"registry.terraform.io/hashicorp/{provider}\"]"),
                "instances": [{"schema_version": version, "attributes": attributes}],
            })
        })
        .collect();
    let state = serde_json::json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "outputs": {}, "resources": resources,
    });
    folder.write("terraform.tfstate", &state.to_string());
}

#[test]
fn random_texts_of_older_providers_stay_as_they_are() {
    let folder = Folder::new("older");
    let kinds = serde_json::json!({
        "id": "abcd", "result": "abcd", "keepers": null, "length": 4, "lower": true, "upper": true, "number": true,
        "special": true, "min_lower": 0, "min_numeric": 0, "min_special": 0, "min_upper": 0, "override_special": null,
    });
    // An import by a provider before 3.4 recorded nothing but the text.
    let imported = serde_json::json!({ "id": "none", "result": "abcd", "bcrypt_hash": "$2a$10$" });
    let objects = [
        ("random_password", "p0", 0, kinds.clone()),
        ("random_password", "p1", 1, kinds.clone()),
        ("random_password", "p2", 2, imported.clone()),
        ("random_password", "p3", 1, imported),
        ("random_string", "s0", 0, kinds.clone()),
        ("random_string", "s1", 1, kinds),
    ];
    recorded_by_older(&folder, &objects);
    let blocks = objects.map(|(ty, name, ..)| format!("resource \"{ty}\" \"{name}\" {{\n  length = 4\n}}\n"));
    folder.write("main.tf", &blocks.concat());
    folder.expect(0, "plan", &["-detailed-exitcode"]);
    // What asks for something else is told so.
    folder.write("main.tf", &blocks.concat().replace("length = 4", "length = 5"));
    let planned = folder.expect(2, "plan", &["-detailed-exitcode"]);
    assert!(
        planned.contains("6 to add, 0 to change, 6 to destroy"),
        "{planned}"
    );
}

/// An instance, its arguments, the text of its import, and an attribute with what it then is.
const IMPORTS: [(&str, &str, &str, &str, &str); 11] = [
    ("random_id.plain", "byte_length = 4", "p-9hUg", "hex", "a7ef6152"),
    (
        "random_id.prefixed",
        "byte_length = 4\n  prefix = \"a,b-\"",
        "a,b-,p-9hUg",
        "hex",
        "a,b-a7ef6152",
    ),
    ("random_password.p", "length = 5", "s3 c,", "result", "s3 c,"),
    ("random_string.s", "length = 5", "ab,c ", "result", "ab,c "),
    (
        "random_uuid.u",
        "",
        "aabbccdd-eeff-0011-2233-445566778899",
        "result",
        "aabbccdd-eeff-0011-2233-445566778899",
    ),
    (
        "time_static.t",
        "",
        "2020-02-12T06:36:13Z",
        "rfc3339",
        "2020-02-12T06:36:13Z",
    ),
    (
        "time_offset.o",
        "offset_days = 7",
        "2020-02-12T06:36:13Z,0,0,7,0,0,0",
        "rfc3339",
        "2020-02-19T06:36:13Z",
    ),
    (
        "time_rotating.days",
        "rotation_days = 300000",
        "2020-02-12T06:36:13Z,0,0,300000,0,0",
        "rotation_rfc3339",
        "2841-06-27T06:36:13Z",
    ),
    (
        "time_rotating.at",
        "rotation_rfc3339 = \"2998-01-31T10:00:00Z\"",
        "2020-02-12T06:36:13Z,2998-01-31T10:00:00Z",
        "rfc3339",
        "2020-02-12T06:36:13Z",
    ),
    (
        "time_sleep.before",
        "create_duration = \"30s\"",
        "30s,",
        "create_duration",
        "30s",
    ),
    (
        "time_sleep.after",
        "destroy_duration = \"1.5ms\"",
        ",1.5ms",
        "destroy_duration",
        "1.5ms",
    ),
];

#[test]
fn values_are_imported_in_the_forms_of_their_providers() {
    let folder = Folder::new("imports");
    let blocks = IMPORTS.map(|(address, arguments, id, ..)| {
        let (ty, name) = address.split_once('.').unwrap();
        format!("resource \"{ty}\" \"{name}\" {{\n  {arguments}\n}}\nimport {{\n  to = {address}\n  id = \"{id}\"\n}}\n")
    });
    folder.write("main.tf", &blocks.concat());
    let planned = folder.expect(0, "plan", &[]);
    assert!(
        planned.contains("Plan: 11 to import, 0 to add, 0 to change, 0 to destroy."),
        "{planned}"
    );
    assert!(!planned.contains("s3 c,"), "{planned}");
    folder.apply();
    folder.is_settled();
    for (address, _, _, attribute, expected) in IMPORTS {
        assert_eq!(folder.recorded(address)[attribute], expected, "{address}");
    }
    let password = folder.recorded("random_password.p");
    assert_eq!(password["id"], "none");
    assert!(
        password["bcrypt_hash"].as_str().unwrap().starts_with("$2a$10$"),
        "{password}"
    );
    assert!(
        folder.recorded("time_sleep.after")["id"]
            .as_str()
            .unwrap()
            .starts_with("20")
    );
    folder.destroy();
}

#[test]
fn what_cannot_be_imported_says_so() {
    let folder = Folder::new("no_imports");
    folder.write(
        "main.tf",
        "resource \"random_pet\" \"p\" {}\nresource \"null_resource\" \"n\" {}\nresource \"time_sleep\" \"s\" {\n  create_duration = \"1s\"\n}\nresource \"random_uuid\" \"u\" {}\n",
    );
    for (address, id, said) in [
        ("random_pet.p", "a-b", "cannot be imported"),
        ("null_resource.n", "1", "cannot be imported"),
        ("time_sleep.s", "1d,", "It looks like this: 30s,"),
        ("random_uuid.u", "aabb", "It looks like this: aabbccdd-"),
    ] {
        let refused = folder.expect(1, "import", &[address, id]);
        let refused = refused.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(refused.contains(said), "{address}: {refused}");
    }
}

#[test]
fn values_that_providers_refuse_are_refused_while_planning() {
    let folder = Folder::new("validations");
    for (ty, arguments, said) in [
        ("local_file", "filename = \"x\"", "and none is"),
        (
            "local_file",
            "filename = \"x\"\n  content = \"a\"\n  source = \"b\"",
            "and \"content\", \"source\" are",
        ),
        (
            "local_file",
            "filename = \"x\"\n  content = \"a\"\n  file_permission = \"888\"",
            "must match the pattern",
        ),
        (
            "local_sensitive_file",
            "filename = \"x\"\n  content_base64 = \"?\"",
            "base64",
        ),
        ("random_id", "byte_length = 0", "from 1 to"),
        ("random_string", "length = 0", "from 1 to"),
        ("random_string", "length = 3\n  min_upper = 4", "which is 4."),
        (
            "random_string",
            "length = 3\n  upper = false\n  lower = false\n  numeric = false\n  special = false",
            "No kind of character",
        ),
        ("random_password", "length = 1.5", "whole number"),
        ("time_offset", "", "must be set"),
        (
            "time_offset",
            "offset_days = 1\n  base_rfc3339 = \"2020-02-30T00:00:00Z\"",
            "RFC 3339",
        ),
        ("time_rotating", "", "must be set"),
        ("time_rotating", "rotation_days = 0", "from 1 to"),
        ("time_sleep", "", "must be set"),
        ("time_sleep", "create_duration = \"1d\"", "must match the pattern"),
        ("time_static", "rfc3339 = \"yesterday\"", "RFC 3339"),
    ] {
        folder.write(
            "main.tf",
            &format!("resource \"{ty}\" \"a\" {{\n  {arguments}\n}}\n"),
        );
        let refused = folder.expect(1, "plan", &[]);
        let refused = refused.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(refused.contains(said), "{ty}, {arguments}: {refused}");
    }
}

#[test]
fn keepers_and_triggers_that_are_null_or_empty_keep_nothing() {
    let folder = Folder::new("keepers");
    let text = |values: &str| {
        let blocks = [
            ("random_pet", "keepers"),
            ("null_resource", "triggers"),
            ("time_static", "triggers"),
        ];
        blocks
            .map(|(ty, name)| format!("resource \"{ty}\" \"a\" {{\n  {name} = {values}\n}}\n"))
            .concat()
    };
    folder.write("main.tf", &text("null"));
    folder.apply();
    for same in ["{}", "{ a = null }"] {
        folder.write("main.tf", &text(same));
        folder.expect(0, "plan", &["-detailed-exitcode"]);
    }
    folder.write("main.tf", &text("{ a = \"b\" }"));
    let planned = folder.expect(2, "plan", &["-detailed-exitcode"]);
    assert!(
        planned.contains("3 to add, 0 to change, 3 to destroy"),
        "{planned}"
    );
}

#[test]
fn a_file_may_be_empty_and_tells_its_checksums() {
    let folder = Folder::new("empty");
    folder.write(
        "main.tf",
        "resource \"local_file\" \"f\" {\n  filename = \"x\"\n  content = \"\"\n}\n",
    );
    folder.apply();
    folder.is_settled();
    let recorded = folder.recorded("local_file.f");
    for (attribute, expected) in [
        ("content_md5", "d41d8cd98f00b204e9800998ecf8427e"),
        ("content_sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        (
            "content_sha256",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            "content_base64sha256",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        ),
        ("file_permission", "0777"),
        ("directory_permission", "0777"),
        ("id", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ] {
        assert_eq!(recorded[attribute], expected, "{attribute}");
    }
    assert_eq!(mode(&folder, "x"), 0o777);
    folder.destroy();
}
