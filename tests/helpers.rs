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
    assert!(failed.contains("it is no regular file"), "{failed}");
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
