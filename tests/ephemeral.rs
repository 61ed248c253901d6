//! Ephemeral resources: opened for those who need them, in every run anew, and recorded nowhere.

use crate::folder::Folder;

/// A command that appends the secret to a file, whenever `release` changes.
const TOKEN: &str = r#"
variable "release" {
  default = 1
}

ephemeral "random_password" "token" {
  length  = 40
  special = false
}

locals {
  secret = "s-${ephemeral.random_password.token.result}"
}

resource "terraform_data" "registration" {
  triggers_replace = var.release

  provisioner "local-exec" {
    command     = "echo $TOKEN >>tokens"
    environment = { TOKEN = local.secret }
  }
}

resource "terraform_data" "other" {
  input = "other"
}
"#;

fn tokens(folder: &Folder) -> Vec<String> {
    let text = fs_err::read_to_string(folder.path("tokens")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// No file in the folder but that of the tokens holds one.
#[track_caller]
fn is_nowhere(folder: &Folder, token: &str) {
    let mut looked = 0;
    for entry in fs_err::read_dir(folder.path("")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && !path.ends_with("tokens") {
            looked += 1;
            let bytes = fs_err::read(&path).unwrap();
            let found = bytes.windows(token.len()).any(|part| part == token.as_bytes());
            assert!(!found, "{} holds it", path.display());
        }
    }
    assert!(looked > 1);
}

#[test]
fn an_ephemeral_value_reaches_a_command_and_no_file() {
    let folder = Folder::new("token");
    folder.write("main.tf", TOKEN);
    let applied = folder.apply();
    assert!(
        applied.contains("ephemeral.random_password.token: Opening..."),
        "{applied}"
    );
    assert!(applied.contains("Resources: 2 added"), "{applied}");
    let first = tokens(&folder);
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].len(), "s-".len() + 40);
    is_nowhere(&folder, &first[0]["s-".len()..]);
    assert!(!applied.contains(&first[0]["s-".len()..]));
    folder.is_settled();
    let shown = folder.expect(0, "show", &["-json"]);
    assert!(!shown.contains("random_password"), "{shown}");
}

#[test]
fn a_saved_plan_opens_anew_and_holds_nothing() {
    let folder = Folder::new("saved");
    folder.write("main.tf", TOKEN);
    folder.apply();
    let planned = folder.expect(0, "plan", &["-var=release=2", "-out=saved"]);
    assert!(!planned.contains("random_password"), "{planned}");
    let shown = folder.expect(0, "show", &["-json", "saved"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let changes = shown["resource_changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2, "{changes:?}");
    let blocks = shown["configuration"]["root_module"]["resources"]
        .as_array()
        .unwrap();
    assert!(
        blocks.iter().any(|block| block["mode"] == "ephemeral"),
        "{blocks:?}"
    );
    let applied = folder.expect(0, "apply", &["saved"]);
    assert!(applied.contains("Opening complete"), "{applied}");
    let both = tokens(&folder);
    assert_eq!(both.len(), 2);
    assert_ne!(both[0], both[1]);
    is_nowhere(&folder, &both[1]["s-".len()..]);
}

#[test]
fn what_nobody_needs_is_not_opened_again() {
    let folder = Folder::new("unneeded");
    folder.write("main.tf", TOKEN);
    folder.apply();
    folder.write("main.tf", &TOKEN.replace("\"other\"\n}", "\"changed\"\n}"));
    let applied = folder.apply();
    assert!(applied.contains("0 added, 1 changed"), "{applied}");
    assert!(!applied.contains("ephemeral."), "{applied}");
    let destroyed = folder.expect(0, "destroy", &["-auto-approve"]);
    assert!(!destroyed.contains("ephemeral."), "{destroyed}");
}

#[test]
fn what_is_not_known_yet_is_opened_when_it_is() {
    let folder = Folder::new("later");
    let text = TOKEN.replace(
        "length  = 40",
        "length  = length(terraform_data.other.output)\n  lifecycle {\n    postcondition {\n      condition     = length(self.result) == 5\n      error_message = \"Not five.\"\n    }\n  }",
    );
    folder.write("main.tf", &text);
    folder.apply();
    assert_eq!(tokens(&folder)[0].len(), "s-".len() + 5);
    // As it is known by now, the condition is judged while planning.
    folder.write("main.tf", &text.replace("\"other\"\n}", "\"longer\"\n}"));
    folder.expect(0, "plan", &[]);
    folder.write("main.tf", &text.replace("== 5", "== 6"));
    let refused = folder.expect(1, "plan", &[]);
    assert!(refused.contains("Not five."), "{refused}");
}

#[test]
fn instances_of_modules_have_their_own() {
    let folder = Folder::new("modules");
    fs_err::create_dir(folder.path("child")).unwrap();
    folder.write(
        "child/main.tf",
        "variable \"length\" {}\nephemeral \"random_password\" \"p\" {\n  count  = 2\n  length = var.length + count.index\n}\noutput \"all\" {\n  value     = ephemeral.random_password.p[*].result\n  ephemeral = true\n}\n",
    );
    folder.write(
        "main.tf",
        "module \"m\" {\n  source   = \"./child\"\n  for_each = { a = 3, b = 7 }\n  length   = each.value\n}\nresource \"terraform_data\" \"d\" {\n  provisioner \"local-exec\" {\n    command     = \"echo $ALL >>tokens\"\n    environment = { ALL = join(\" \", flatten([for one in module.m : [for all in one.all : length(all)]])) }\n  }\n}\n",
    );
    folder.apply();
    assert_eq!(tokens(&folder), ["3 4 7 8"]);
}

#[test]
fn a_provider_may_need_one_and_is_there_for_deletions_too() {
    let folder = Folder::new("provider");
    let text = |more: &str| {
        format!(
            "ephemeral \"random_password\" \"p\" {{\n  length = 8\n}}\nprovider \"aws\" {{\n  region = \"eu-west-1\"\n  token  = length(ephemeral.random_password.p.result) == 8 ? null : \"x\"\n}}\nresource \"aws_kms_key\" \"a\" {{\n  deletion_window_in_days = 7\n}}\n{more}"
        )
    };
    let second = "resource \"aws_kms_key\" \"b\" {\n  deletion_window_in_days = 7\n}\n";
    folder.write("main.tf", &text(second));
    folder.apply();
    // Neither what is replaced nor what no block describes any more goes before its provider is there.
    folder.write("main.tf", &text(""));
    folder.expect(0, "plan", &["-out=saved", "-replace=aws_kms_key.a"]);
    let applied = folder.expect(0, "apply", &["saved"]);
    assert!(applied.contains("1 added, 0 changed, 2 destroyed"), "{applied}");
    folder.is_settled();
    folder.destroy();
}
