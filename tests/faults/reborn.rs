//! What was destroyed and is put back while it can still be called back.

use keyform::sandbox::Faults;

use super::{Project, at_both, calls, clouds};

const APPLY: &[&str] = &["apply", "-auto-approve"];
const PLAN: &[&str] = &["plan", "-no-color"];

fn secrets(count: u32) -> String {
    format!(
        "resource \"alicloud_kms_secret\" \"s\" {{\n  count = {count}\n  secret_name = \"s${{count.index}}\"\n  secret_data = \"dddddddd\"\n  version_id = \"1\"\n}}\n"
    )
}

#[test]
fn a_secret_whose_name_is_not_free_yet_is_warned_of() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at_both(cloud.address, &secrets(3)));
    // Nothing was ever there, so nobody is asked.
    project.good(PLAN);
    assert_eq!(calls(cloud.address, "ListSecrets"), 0);
    project.good(APPLY);
    project.good(&[
        "destroy",
        "-auto-approve",
        "-destroy-key=alicloud_kms_secret.s[0]",
        "-destroy-key=alicloud_kms_secret.s[1]",
        "-destroy-key=alicloud_kms_secret.s[2]",
    ]);
    let before = calls(cloud.address, "ListSecrets");
    project.ends(
        0,
        PLAN,
        &[
            "Objects are pending deletion",
            "alicloud_kms_secret.s[0]: s0, lost for ever on 20",
            "alicloud_kms_secret.s[2]: s2, lost for ever on 20",
            "call it back (RestoreSecret), then import it: keyform import ADDRESS ID",
        ],
    );
    assert_eq!(calls(cloud.address, "ListSecrets"), before + 1);
    project.good(&["plan", "-refresh=false"]);
    assert_eq!(calls(cloud.address, "ListSecrets"), before + 1);
    cloud.stop().unwrap();
}

#[test]
fn a_secret_of_another_name_is_not() {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at_both(cloud.address, &secrets(1)));
    project.good(APPLY);
    project.good(&[
        "destroy",
        "-auto-approve",
        "-destroy-key=alicloud_kms_secret.s[0]",
    ]);
    let other = secrets(1).replace("s${", "t${");
    project.write("main.tf", at_both(cloud.address, &other));
    let ran = project.run(PLAN);
    assert!(!format!("{ran:?}").contains("pending deletion"), "{ran:?}");
    project.good(APPLY);
    cloud.stop().unwrap();
}
