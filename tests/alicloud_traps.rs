//! Where a configuration of Alibaba Cloud that is right looks changed, fails or loses something elsewhere: here it
//! does not.

use keyform::sandbox::{self, Faults, Options, Running};

use crate::faults::{clouds, control};
use crate::folder::Folder;

const REGION: &str = "provider \"alicloud\" {\n  region = \"cn-hangzhou\"\n}\n";

/// A folder in which a configuration was applied, after which nothing is left to do.
#[track_caller]
pub fn applied(name: &str, text: &str) -> Folder {
    let folder = Folder::new(name);
    apply(&folder, text);
    folder
}

#[track_caller]
pub fn apply(folder: &Folder, text: &str) {
    write(folder, text);
    folder.apply();
    folder.is_settled();
}

pub fn write(folder: &Folder, text: &str) {
    folder.write("main.tf", &format!("{REGION}{text}"));
}

/// A plan that is refused, and says this.
#[track_caller]
pub fn refused(folder: &Folder, text: &str, message: &str) {
    write(folder, text);
    let told = folder.expect(1, "plan", &[]).replace('\n', " ");
    assert!(told.contains(message), "{told}");
}

/// Somebody else destroys an object of which this folder knows.
#[track_caller]
pub fn destroyed_elsewhere(folder: &Folder, address: &str, configuration: &str) {
    let id = folder.recorded(address)["id"].as_str().unwrap().to_owned();
    let before = folder.read("main.tf");
    write(folder, configuration);
    folder.expect(0, "import", &["-state=other.tfstate", address, &id]);
    // Arguments that no cloud tells are taken over from the configuration.
    folder.expect(0, "apply", &["-state=other.tfstate", "-auto-approve"]);
    folder.expect(0, "destroy", &["-state=other.tfstate", "-auto-approve"]);
    folder.write("main.tf", &before);
}

/// The provider block of a cloud that counts calls or misbehaves.
pub fn at(cloud: &Running) -> String {
    let services = ["kms", "sts", "bssopenapi", "ecs"];
    let endpoints = services.map(|name| format!("    {name} = \"http://{}\"\n", cloud.address));
    format!(
        "provider \"alicloud\" {{\n  region = \"cn-hangzhou\"\n  access_key = \"{}\"\n  secret_key = \"{}\"\n  endpoints {{\n{}  }}\n}}\n",
        sandbox::ALICLOUD_ACCESS_KEY_ID,
        sandbox::ALICLOUD_ACCESS_KEY_SECRET,
        endpoints.concat()
    )
}

/// How often an action was called.
pub fn calls(cloud: &Running, action: &str) -> u64 {
    let told: serde_json::Value = serde_json::from_str(&control(cloud.address, "GET", "calls", "")).unwrap();
    told["alicloud"][action].as_u64().unwrap_or_default()
}

pub fn key(arguments: &str) -> String {
    format!("resource \"alicloud_kms_key\" \"k\" {{\n{arguments}\n}}\n")
}

#[test]
fn a_week_in_days_is_a_week_in_seconds() {
    let rotating = |interval: &str| {
        key(&format!(
            "  automatic_rotation = \"Enabled\"\n  rotation_interval = \"{interval}\""
        ))
    };
    let folder = applied("week", &rotating("7d"));
    write(&folder, &rotating("604800s"));
    folder.is_settled();
    write(&folder, &rotating("168h"));
    folder.is_settled();
}

#[test]
fn an_interval_that_stays_written_while_nothing_rotates_is_no_change() {
    let rotating = |state: &str| {
        key(&format!(
            "  automatic_rotation = \"{state}\"\n  rotation_interval = \"7d\""
        ))
    };
    let folder = applied("interval", &rotating("Enabled"));
    apply(&folder, &rotating("Disabled"));
    apply(&folder, &rotating("Enabled"));
}

#[test]
fn the_rotation_of_a_disabled_key_is_suspended_and_cannot_be_changed() {
    let key = |interval: &str| {
        key(&format!(
            "  automatic_rotation = \"Enabled\"\n  rotation_interval = \"{interval}\"\n  status = \"Disabled\""
        ))
    };
    let folder = applied("suspended", &key("7d"));
    refused(
        &folder,
        &key("8d"),
        "The rotation of a disabled key cannot be changed",
    );
    apply(&folder, &key("8d").replace("\"Disabled\"", "\"Enabled\""));
    apply(&folder, &key("8d"));
}

#[test]
fn a_status_of_pending_deletion_is_no_endless_change() {
    let folder = applied("pending", &key("  status = \"PendingDeletion\""));
    let told = folder.expect(0, "plan", &[]);
    assert!(told.contains("destroy the resource"), "{told}");
    assert_eq!(folder.recorded("alicloud_kms_key.k")["status"], "Enabled");
}

#[test]
fn a_key_of_foreign_material_has_no_status_of_our_choice() {
    let folder = Folder::new("external");
    let external = "  origin = \"EXTERNAL\"";
    refused(
        &folder,
        &key(&format!("{external}\n  status = \"Enabled\"")),
        "waits until its material is imported",
    );
    apply(&folder, &key(external));
    // Once it waits, a status is no reason to call what must fail.
    apply(&folder, &key(&format!("{external}\n  status = \"Enabled\"")));
}

#[test]
fn the_level_that_an_instance_chooses_replaces_no_key() {
    let hardware = r#"
resource "alicloud_kms_instance" "i" {
  product_version = "5"
  vpc_id          = "vpc-1"
  zone_ids        = ["cn-hangzhou-j", "cn-hangzhou-k"]
  vswitch_ids     = ["vsw-1"]
}
"#;
    let key = key("  dkms_instance_id = alicloud_kms_instance.i.id");
    let folder = applied("level", &format!("{hardware}{key}"));
    // Looked at without memory the key says what it is, and nothing would be replaced for that either.
    let id = folder.recorded("alicloud_kms_key.k")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    folder.expect(0, "state rm", &["alicloud_kms_key.k"]);
    folder.expect(0, "import", &["alicloud_kms_key.k", &id]);
    folder.expect(0, "plan", &["-detailed-exitcode"]);
}

pub const POLICY: &str = r#"
  policy = <<-EOT
    {
      "Statement": [
        { "Sid": "x", "Effect": "Allow", "Principal": { "RAM": ["acs:ram::1234567890123456:*"] }, "Action": ["kms:*"], "Resource": ["*"] }
      ],
      "Version": "1"
    }
  EOT
"#;

#[test]
fn spaces_and_order_in_a_policy_are_no_change() {
    let secret = format!(
        "resource \"alicloud_kms_secret\" \"s\" {{\n  secret_name = \"s\"\n  secret_data = \"d\"\n  version_id = \"v1\"\n  dkms_instance_id = \"kst-hzz1\"\n  force_delete_without_recovery = true\n{POLICY}}}\n"
    );
    let key = key(&format!("  dkms_instance_id = \"kst-hzz1\"\n{POLICY}"));
    let folder = applied("policy", &format!("{key}{secret}"));
    let sorted = format!("{key}{secret}").replace(
        "{ \"Sid\": \"x\", \"Effect\": \"Allow\",",
        "{\"Effect\":\"Allow\",\"Sid\":\"x\",",
    );
    write(&folder, &sorted);
    folder.is_settled();
}

#[test]
fn a_key_may_be_named_by_its_arn() {
    let alias = |by: &str| {
        let key = key("");
        format!(
            "{key}resource \"alicloud_kms_alias\" \"a\" {{\n  alias_name = \"alias/a\"\n  key_id = alicloud_kms_key.k.{by}\n}}\nresource \"alicloud_kms_ciphertext\" \"c\" {{\n  plaintext = \"YQ==\"\n  key_id = alicloud_kms_key.k.{by}\n}}\n"
        )
    };
    let folder = applied("arn", &alias("arn"));
    write(&folder, &alias("id"));
    folder.is_settled();
}

#[test]
fn what_somebody_else_destroyed_is_destroyed() {
    let alias =
        "resource \"alicloud_kms_alias\" \"a\" {\n  alias_name = \"alias/a\"\n  key_id = \"KEY\"\n}\n";
    let secret = "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  secret_data = \"d\"\n  version_id = \"v1\"\n}\n";
    let alias_of_key = alias.replace("\"KEY\"", "alicloud_kms_key.k.id");
    let all = format!("{}{alias_of_key}{secret}", key(""));
    let folder = applied("elsewhere", &all);
    let id = folder.recorded("alicloud_kms_key.k")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    destroyed_elsewhere(&folder, "alicloud_kms_alias.a", &alias.replace("KEY", &id));
    destroyed_elsewhere(&folder, "alicloud_kms_secret.s", secret);
    destroyed_elsewhere(&folder, "alicloud_kms_key.k", &key(""));
    // Nobody looks first: each deletion finds nothing, or that it was ordered already.
    folder.expect(0, "destroy", &["-auto-approve", "-refresh=false"]);
    assert_eq!(folder.expect(0, "state list", &[]), "");
}

#[test]
fn a_name_that_a_deleted_secret_keeps_is_told() {
    let secret = "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  secret_data = \"d\"\n  version_id = \"v1\"\n}\n";
    let folder = applied("kept name", secret);
    write(&folder, "");
    folder.apply();
    write(&folder, secret);
    let told = folder.expect(1, "apply", &["-auto-approve"]);
    assert!(told.contains("Rejected.ResourceInDeleteWindow"), "{told}");
    assert!(told.contains("Call it back and import it"), "{told}");
    assert_eq!(folder.expect(0, "state list", &[]), "");
}

pub fn secret(arguments: &str) -> String {
    format!(
        "provider \"alicloud\" {{\n  region = \"cn-hangzhou\"\n  secret_updates = \"in_place\"\n}}\nresource \"alicloud_kms_secret\" \"s\" {{\n  secret_name = \"s\"\n  force_delete_without_recovery = true\n{arguments}\n}}\n"
    )
}

#[test]
fn a_new_value_under_the_old_version_is_refused_by_the_plan() {
    let folder = Folder::new("version");
    folder.write(
        "main.tf",
        &secret("  secret_data = \"one\"\n  version_id = \"v1\""),
    );
    folder.apply();
    folder.write(
        "main.tf",
        &secret("  secret_data = \"two\"\n  version_id = \"v1\""),
    );
    let told = folder.expect(1, "plan", &[]);
    assert!(told.contains("version_id"), "{told}");
    folder.write(
        "main.tf",
        &secret("  secret_data = \"two\"\n  version_id = \"v2\""),
    );
    folder.apply();
    folder.is_settled();
}

#[test]
fn a_version_that_somebody_else_puts_is_seen_as_a_mark_that_moved() {
    let folder = Folder::new("rotated");
    let one = secret("  secret_data = \"one\"\n  version_id = \"v1\"");
    folder.write("main.tf", &one);
    folder.apply();
    folder.write(
        "main.tf",
        &secret("  secret_data = \"two\"\n  version_id = \"v2\""),
    );
    folder.expect(
        0,
        "import",
        &["-state=other.tfstate", "alicloud_kms_secret.s", "s"],
    );
    folder.expect(0, "apply", &["-state=other.tfstate", "-auto-approve"]);
    folder.write("main.tf", &one);
    let plan = folder.expect(2, "plan", &["-detailed-exitcode"]);
    assert!(plan.contains("+ \"ACSCurrent\""), "{plan}");
    assert!(
        !plan.contains("secret_data ") && !plan.contains("version_id "),
        "{plan}"
    );
    folder.apply();
    folder.is_settled();
}

#[test]
fn the_cloud_names_the_secret_of_a_ram_user() {
    let text = r#"
resource "alicloud_kms_secret" "s" {
  secret_name                   = "$Auto"
  secret_type                   = "RAMCredentials"
  secret_data                   = jsonencode({ AccessKeys = [{ AccessKeyId = "LTAI5tMadeUp00000000", AccessKeySecret = "made-up" }] })
  version_id                    = "v1"
  extended_config               = jsonencode({ SecretSubType = "RamUserAccessKey", UserName = "shop" })
  force_delete_without_recovery = true
}
"#;
    let folder = applied("ram", text);
    let recorded = folder.recorded("alicloud_kms_secret.s");
    assert_eq!(recorded["id"], "acs/ram/user/shop");
    folder.destroy();
}

#[test]
fn names_of_policies_may_hold_commas_and_quotes() {
    applied(
        "commas",
        r#"
resource "alicloud_kms_application_access_point" "a" {
  application_access_point_name = "a"
  policies                      = ["one, two", "say \"three\""]
}
"#,
    );
}

#[test]
fn two_texts_encrypted_in_one_second_are_two() {
    let folder = applied(
        "ids",
        r#"
resource "alicloud_kms_key" "k" {}
resource "alicloud_kms_ciphertext" "c" {
  count     = 2
  key_id    = alicloud_kms_key.k.id
  plaintext = "YQ=="
}
output "distinct" {
  value = length(distinct(alicloud_kms_ciphertext.c[*].id))
}
"#,
    );
    assert_eq!(folder.expect(0, "output", &["distinct"]).trim(), "2");
}

#[test]
fn an_unknown_access_key_makes_no_object_gone() {
    let running = sandbox::start(Options::default()).unwrap();
    let folder = Folder::without_sandbox("access key");
    let with_key = |id: &str| {
        format!(
            "provider \"alicloud\" {{\n  region = \"cn-hangzhou\"\n  access_key = \"{id}\"\n  secret_key = \"keyformSandboxSecret0123456789\"\n  protocol = \"HTTP\"\n  endpoints {{\n    kms = \"{}\"\n  }}\n}}\n{}",
            running.address,
            key("")
        )
    };
    folder.write("main.tf", &with_key("LTAI5tKeyformSandbox01"));
    folder.apply();
    let before = folder.read("terraform.tfstate");
    folder.write("main.tf", &with_key("LTAI5tDeletedYesterday"));
    for command in ["plan", "refresh", "drift"] {
        let told = folder.expect(1, command, &[]);
        assert!(told.contains("InvalidAccessKeyId.NotFound"), "{command}: {told}");
    }
    // Nor does a deletion count as done.
    folder.expect(1, "destroy", &["-auto-approve", "-refresh=false"]);
    assert!(folder.recorded("alicloud_kms_key.k")["id"].is_string());
    assert_eq!(folder.read("terraform.tfstate"), before);
    running.stop().unwrap();
}

#[test]
fn a_password_that_the_cloud_would_refuse_is_refused_by_the_plan() {
    let folder = Folder::new("password");
    let key = |password: &str| {
        format!(
            "resource \"alicloud_kms_application_access_point\" \"a\" {{\n  application_access_point_name = \"a\"\n  policies = [\"p\"]\n}}\nresource \"alicloud_kms_client_key\" \"k\" {{\n  aap_name = alicloud_kms_application_access_point.a.id\n  password = \"{password}\"\n  private_key_data_file = \"k.json\"\n}}\n"
        )
    };
    for bad in ["onlyletters", "12345678", "with space 1", "umlaut-\u{e4}-1"] {
        write(&folder, &key(bad));
        let told = folder.expect(1, "plan", &[]).replace('\n', " ");
        assert!(
            told.contains("at least two of these kinds") && !told.contains(bad),
            "{told}"
        );
    }
    apply(&folder, &key("letters-and-signs"));
}

#[test]
fn what_is_hidden_in_a_list_is_marked_in_json_too() {
    let folder = Folder::new("json");
    let data = "data \"alicloud_kms_secrets\" \"d\" {\n  ids            = [alicloud_kms_secret.s.id]\n  enable_details = true\n}\n";
    folder.write(
        "main.tf",
        &format!(
            "{}{data}",
            secret("  secret_data = \"one\"\n  version_id = \"v1\"")
        ),
    );
    folder.apply();
    let state: serde_json::Value = serde_json::from_str(&folder.expect(0, "show", &["-json"])).unwrap();
    let resources = state["values"]["root_module"]["resources"].as_array().unwrap();
    let data = resources.iter().find(|one| one["mode"] == "data").unwrap();
    assert_eq!(
        data["sensitive_values"]["secrets"],
        serde_json::json!([{ "secret_data": true, "tags": {}, "version_stages": [false] }])
    );
}

#[test]
fn an_alias_stands_for_a_key_and_not_for_an_alias() {
    let folder = Folder::new("alias of an alias");
    let alias = |of: &str| {
        format!(
            "resource \"alicloud_kms_alias\" \"a\" {{\n  alias_name = \"alias/a\"\n  key_id = \"{of}\"\n}}\n"
        )
    };
    for of in ["alias/b", "acs:kms:cn-hangzhou:1234567890123456:alias/b"] {
        refused(&folder, &alias(of), "not for another alias");
    }
}

#[test]
fn names_that_the_cloud_would_refuse_are_refused_by_the_plan() {
    let folder = Folder::new("names");
    let alias = |name: &str| {
        format!(
            "resource \"alicloud_kms_alias\" \"a\" {{\n  alias_name = \"{name}\"\n  key_id = \"key-1\"\n}}\n"
        )
    };
    refused(&folder, &alias("app"), "alias_name");
    refused(&folder, &alias("alias/acs/app"), "belong to Alibaba Cloud");
    refused(
        &folder,
        &key("  tags = { \"acs:mine\" = \"x\" }"),
        "belong to Alibaba Cloud",
    );
    let secret = "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"acs/s\"\n  secret_data = \"d\"\n  version_id = \"v1\"\n}\n";
    refused(&folder, secret, "cannot begin with acs/");
}

#[test]
fn an_older_name_of_the_status_takes_no_other_words() {
    let folder = Folder::new("key_state");
    refused(&folder, &key("  key_state = \"Asleep\""), "Asleep");
    refused(
        &folder,
        &key("  key_state = \"Enabled\"\n  status = \"Enabled\""),
        "key_state",
    );
}

#[test]
fn why_a_key_is_protected_may_stand_alone_and_is_not_sent() {
    let text = key("  deletion_protection = \"Disabled\"\n  deletion_protection_description = \"why\"");
    let folder = applied("reason", &text);
    let told = folder.expect(0, "plan", &[]);
    assert!(
        told.replace('\n', " ")
            .contains("has no effect until deletion_protection is Enabled"),
        "{told}"
    );
}

#[test]
fn a_key_is_destroyed_though_nobody_said_for_how_long_it_waits() {
    let folder = applied("window", &key(""));
    let told = folder.expect(0, "plan", &["-destroy"]);
    assert!(told.contains("it can be called back until then"), "{told}");
    folder.destroy();
}

#[test]
fn spaces_and_order_in_the_rules_of_a_policy_are_no_change() {
    let policy = |rules: &str| {
        format!(
            "resource \"alicloud_kms_policy\" \"p\" {{\n  policy_name = \"p\"\n  kms_instance_id = \"shared\"\n  permissions = [\"RbacPermission/Template/CryptoServiceKeyUser\"]\n  resources = [\"key/*\"]\n  access_control_rules = <<-EOT\n    {rules}\n  EOT\n}}\n"
        )
    };
    let folder = applied("rules", &policy("{\"NetworkRules\":[\"n\"],\"Other\":1}"));
    write(&folder, &policy("{ \"Other\": 1, \"NetworkRules\": [ \"n\" ] }"));
    folder.is_settled();
}

#[test]
fn sizes_of_an_instance_that_is_paid_by_use_are_no_change() {
    let instance = |sizes: &str| {
        format!(
            "resource \"alicloud_kms_instance\" \"i\" {{\n  payment_type = \"PayAsYouGo\"\n  product_version = \"3\"\n  vpc_id = \"vpc-1\"\n  zone_ids = [\"cn-hangzhou-j\", \"cn-hangzhou-k\"]\n  vswitch_ids = [\"vsw-1\"]\n{sizes}\n}}\n"
        )
    };
    let sizes = "  key_num = 1000\n  secret_num = 5\n  spec = 2000\n  vpc_num = 3\n  renew_status = \"AutoRenewal\"\n  renew_period = 1";
    let folder = applied("by use", &instance(sizes));
    apply(&folder, &instance(""));
}

#[test]
fn what_is_bought_already_is_not_bought_twice() {
    let service = |name: &str| {
        format!(
            "resource \"alicloud_kms_value_added_service\" \"{name}\" {{\n  payment_type = \"Subscription\"\n  value_added_service = \"2\"\n}}\n"
        )
    };
    let folder = applied("twice", &service("one"));
    write(&folder, &format!("{}{}", service("one"), service("two")));
    let told = folder.expect(1, "apply", &["-auto-approve"]).replace('\n', " ");
    assert!(told.contains("bought for cn-hangzhou already"), "{told}");
    assert_eq!(
        folder.expect(0, "state list", &[]),
        "alicloud_kms_value_added_service.one\n"
    );
}

#[test]
fn only_tags_that_changed_are_sent_and_none_is_missing_meanwhile() {
    let cloud = clouds(Faults::default());
    let folder = Folder::without_sandbox("tags");
    let with = |tags: &str| {
        folder.write(
            "main.tf",
            &format!("{}{}", at(&cloud), key(&format!("  tags = {tags}"))),
        );
    };
    with("{ a = \"1\", b = \"2\" }");
    folder.apply();
    with("{ a = \"3\", b = \"2\" }");
    folder.apply();
    assert_eq!(
        (calls(&cloud, "TagResources"), calls(&cloud, "UntagResources")),
        (1, 0)
    );
    with("{ b = \"2\" }");
    folder.apply();
    assert_eq!(
        (calls(&cloud, "TagResources"), calls(&cloud, "UntagResources")),
        (1, 1)
    );
    folder.is_settled();
    cloud.stop().unwrap();
}

#[test]
fn no_billing_service_is_asked_about_keys() {
    let cloud = clouds(Faults::default());
    let folder = Folder::without_sandbox("calls");
    folder.write("main.tf", &format!("{}{}", at(&cloud), key("")));
    folder.apply();
    folder.is_settled();
    assert_eq!(calls(&cloud, "QueryAvailableInstances"), 0);
    cloud.stop().unwrap();
}

#[test]
fn in_another_region_nothing_counts_as_deleted() {
    let secret = "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  secret_data = \"d\"\n  version_id = \"v1\"\n}\n";
    let text = format!("{}{secret}", key(""));
    let folder = applied("region", &text);
    let before = folder.read("terraform.tfstate");
    write(&folder, &text);
    let here = folder.read("main.tf");
    folder.write("main.tf", &here.replace("cn-hangzhou", "cn-beijing"));
    for (command, arguments) in [
        ("plan", &[][..]),
        ("refresh", &[]),
        ("destroy", &["-auto-approve"]),
        ("destroy", &["-auto-approve", "-refresh=false"]),
    ] {
        let told = folder.expect(1, command, arguments).replace('\n', " ");
        assert!(
            told.contains("is recorded, but its provider is configured for cn-beijing"),
            "{command}: {told}"
        );
    }
    assert_eq!(folder.read("terraform.tfstate"), before);
    folder.write("main.tf", &here);
    folder.is_settled();
}
