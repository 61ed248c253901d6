//! What cannot be undone is refused or done in stages, whoever approves of the plan as a whole.

use keyform::sandbox::Faults;

use super::{Project, REFUSED, at_both, calls, clouds};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const DESTROY: &[&str] = &["destroy", "-auto-approve"];

/// What was applied, what is wished then, and by which command.
struct Case {
    name: &'static str,
    before: String,
    after: String,
    command: &'static [&'static str],
    policy: &'static str,
    said: &'static str,
}

fn case(name: &'static str, before: &str, after: &str) -> Case {
    Case {
        name,
        before: before.to_owned(),
        after: after.to_owned(),
        command: APPLY,
        policy: "",
        said: "Destruction refused",
    }
}

fn destroyed(name: &'static str, before: &str) -> Case {
    Case {
        command: DESTROY,
        ..case(name, before, before)
    }
}

/// A block of a type with these arguments.
fn block(ty: &str, arguments: &str) -> String {
    format!("resource \"{ty}\" \"k\" {{\n{arguments}\n}}\n")
}

const ROOT: &str = "arn:aws:iam::123456789012:root";

/// A key policy of AWS that allows the account an action.
fn policy(action: &str) -> String {
    format!(
        "policy = jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Sid = \"a\", Effect = \"Allow\", Principal = {{ AWS = \"{ROOT}\" }}, Action = \"{action}\", Resource = \"*\" }}] }})\nbypass_policy_lockout_safety_check = true"
    )
}

const CLIENT_KEY: &str = r#"
resource "alicloud_kms_application_access_point" "app" {
  application_access_point_name = "app"
  policies                      = ["aa"]
}
resource "alicloud_kms_client_key" "k" {
  aap_name              = alicloud_kms_application_access_point.app.application_access_point_name
  password              = "YouPassword123!"
  private_key_data_file = "./key.txt"
}
"#;

const INSTANCE: &str = "payment_type = \"PayAsYouGo\"\nvpc_id = \"vpc-1\"\nzone_ids = [\"cn-hangzhou-j\", \"cn-hangzhou-k\"]\nvswitch_ids = [\"vsw-1\"]";

fn cases() -> Vec<Case> {
    let aws = |arguments: &str| block("aws_kms_key", arguments);
    let alicloud = |arguments: &str| block("alicloud_kms_key", arguments);
    let imported = |byte: char| {
        let material = byte.to_string().repeat(32);
        block(
            "aws_kms_external_key",
            &format!("key_material_base64 = base64encode(\"{material}\")"),
        )
    };
    let secret = "secret_name = \"s\"\nsecret_data = \"d\"\nversion_id = \"1\"";
    vec![
        destroyed("a key is destroyed", &aws("")),
        case("the block of a key is taken out", &aws(""), ""),
        case(
            "a key gets another spec and usage",
            &aws(""),
            &aws("customer_master_key_spec = \"RSA_2048\"\nkey_usage = \"SIGN_VERIFY\""),
        ),
        case(
            "a key comes to be a multi-Region one",
            &aws(""),
            &aws("multi_region = true"),
        ),
        case(
            "a key moves to another key store",
            &aws(""),
            &aws("custom_key_store_id = \"cks-1234567890abcdef0\""),
        ),
        case(
            "a key gets other imported material",
            &imported('a'),
            &imported('b'),
        ),
        Case {
            policy: "deletion {\n  window_floor = 30\n}\n",
            said: "Refused by policy",
            ..case(
                "a key may be called back for fewer days",
                &aws(""),
                &aws("deletion_window_in_days = 7"),
            )
        },
        Case {
            said: "Policy locks everybody out",
            ..case(
                "a policy locks everybody out",
                &aws(&policy("kms:*")),
                &aws(&policy("kms:Decrypt")),
            )
        },
        case(
            "a key of Alibaba Cloud gets its material from elsewhere",
            &alicloud(""),
            &alicloud("origin = \"EXTERNAL\""),
        ),
        destroyed("a secret is destroyed", &block("alicloud_kms_secret", secret)),
        destroyed("a client key is destroyed", CLIENT_KEY),
        destroyed(
            "an instance is destroyed",
            &block("alicloud_kms_instance", INSTANCE),
        ),
    ]
}

/// What cannot be undone, or only for some days.
const ACTIONS: [&str; 8] = [
    "ScheduleKeyDeletion",
    "PutKeyPolicy",
    "DeleteImportedKeyMaterial",
    "DeleteSecret",
    "DeleteClientKey",
    "ReleaseKmsInstance",
    "RefundInstance",
    "UpdateAlias",
];

/// Whether it is refused before anything has happened.
fn is_refused(case: &Case) -> bool {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at_both(cloud.address, &case.before));
    project.good(APPLY);
    if !case.policy.is_empty() {
        project.write("keyform.policy.hcl", case.policy);
    }
    project.write("main.tf", at_both(cloud.address, &case.after));
    let counted = || -> Vec<u64> {
        let made = ["CreateKey", "CreateSecret"];
        let all = ACTIONS.iter().chain(&made);
        all.map(|action| calls(cloud.address, action)).collect()
    };
    let (before, state) = (counted(), project.text("terraform.tfstate"));
    let ran = project.run(case.command);
    let is_refused = ran.code == Some(REFUSED) && ran.stderr.contains(case.said);
    let is_whole = counted() == before && project.text("terraform.tfstate") == state;
    if !(is_refused && is_whole) {
        println!("{}: {ran:?}", case.name);
    }
    cloud.stop().unwrap();
    is_refused && is_whole
}

#[test]
fn irreversible_actions_are_refused_where_nothing_is_named() {
    let cases = cases();
    // Most of their time they wait for the clouds.
    let refused = std::thread::scope(|scope| {
        let running: Vec<_> = cases
            .iter()
            .map(|case| scope.spawn(|| is_refused(case)))
            .collect();
        let ended = running.into_iter().map(|one| one.join().unwrap());
        ended.filter(|refused| *refused).count()
    });
    println!(
        "R27: irreversible actions refused or staged = {refused} of {}",
        cases.len()
    );
    assert_eq!((refused, cases.len()), (12, 12));
}
