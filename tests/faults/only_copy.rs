//! The private key of a client key is told once: the file that holds it is the only copy, and nothing is written over it.

use fs_err as fs;
use keyform::sandbox::{Faults, Running};

use super::{Project, REFUSED, at_both, calls, clouds};

const APPLY: &[&str] = &["apply", "-auto-approve", "-no-color"];

const APP: &str = "resource \"alicloud_kms_application_access_point\" \"app\" {\n  application_access_point_name = \"app\"\n  policies = [\"aa\"]\n}\n";

fn client_key(name: &str, file: &str, lifecycle: &str) -> String {
    format!(
        "resource \"alicloud_kms_client_key\" \"{name}\" {{\n  aap_name = alicloud_kms_application_access_point.app.id\n  password = \"YouPassword123!\"\n  private_key_data_file = \"{file}\"\n  lifecycle {{\n    {lifecycle}\n  }}\n}}\n"
    )
}

/// A project that declares this and an access point.
fn project(text: &str) -> (Running, Project) {
    let cloud = clouds(Faults::default());
    let project = Project::new(&at_both(cloud.address, &(APP.to_owned() + text)));
    (cloud, project)
}

#[test]
fn two_client_keys_have_two_files_however_their_paths_are_written() {
    let (cloud, project) = project("");
    fs::create_dir(project.path("a")).unwrap();
    std::os::unix::fs::symlink("..", project.path("a/b")).unwrap();
    for other in ["key.txt", "a/../key.txt", "a/b/key.txt"] {
        let text = APP.to_owned() + &client_key("k", "./key.txt", "") + &client_key("z", other, "");
        project.write("main.tf", at_both(cloud.address, &text));
        project.bad(
            APPLY,
            &[
                "Two objects for one file",
                "alicloud_kms_client_key.k and alicloud_kms_client_key.z",
            ],
        );
    }
    assert_eq!(calls(cloud.address, "CreateClientKey"), 0);
    // One that is there already is not written over either.
    let text = APP.to_owned() + &client_key("k", "./key.txt", "");
    project.write("main.tf", at_both(cloud.address, &text));
    project.good(APPLY);
    let kept = project.text("key.txt");
    project.write(
        "main.tf",
        at_both(cloud.address, &(text + &client_key("z", "key.txt", ""))),
    );
    project.bad(APPLY, &["Two objects for one file"]);
    assert_eq!(project.text("key.txt"), kept);
    cloud.stop().unwrap();
}

#[test]
fn a_file_that_is_there_stays_as_it_is() {
    let (cloud, project) = project(&client_key("k", "other.txt", ""));
    project.write("other.txt", "mine");
    project.ends(
        REFUSED,
        APPLY,
        &["File is in the way", "\"other.txt\"", "move it away"],
    );
    assert_eq!(project.text("other.txt"), "mine");
    assert_eq!(calls(cloud.address, "CreateApplicationAccessPoint"), 0);
    // It comes to be while the run is under way.
    project.write(
        "main.tf",
        at_both(
            cloud.address,
            &(APP.to_owned()
                + "resource \"terraform_data\" \"w\" {\n  provisioner \"local-exec\" {\n    command = \"echo mine > late.txt\"\n  }\n}\n"
                + &client_key("k", "late.txt", "").replace("aap_name", "depends_on = [terraform_data.w]\n  aap_name")),
        ),
    );
    project.bad(APPLY, &["File cannot be written", "it is there already"]);
    assert_eq!(project.text("late.txt"), "mine\n");
    assert_eq!(calls(cloud.address, "CreateClientKey"), 0);
    cloud.stop().unwrap();
}

#[test]
fn the_file_of_a_client_key_that_lives_on_is_kept() {
    let text = client_key("k", "key.txt", "on_destroy = \"retain\"");
    let (cloud, project) = project(&text);
    project.good(APPLY);
    let kept = project.text("key.txt");
    let replace: &[&str] = &["-replace=alicloud_kms_client_key.k"];
    project.ends(REFUSED, &[APPLY, replace].concat(), &["File is in the way"]);
    project.good(&["state", "rm", "alicloud_kms_client_key.k"]);
    project.ends(REFUSED, APPLY, &["File is in the way"]);
    assert_eq!(project.text("key.txt"), kept);
    assert_eq!(calls(cloud.address, "CreateClientKey"), 1);
    cloud.stop().unwrap();
}

#[test]
fn the_file_of_a_client_key_that_is_replaced_is_replaced_too() {
    for lifecycle in ["", "create_before_destroy = true"] {
        let (cloud, project) = project(&client_key("k", "key.txt", lifecycle));
        project.good(APPLY);
        let former = project.text("key.txt");
        let replace: &[&str] = &[
            "-replace=alicloud_kms_client_key.k",
            "-destroy-key=alicloud_kms_client_key.k",
        ];
        project.good(&[APPLY, replace].concat());
        assert_ne!(project.text("key.txt"), former);
        // Somebody else's is not.
        project.write("key.txt", "mine");
        project.ends(REFUSED, &[APPLY, replace].concat(), &["File is in the way"]);
        assert_eq!(project.text("key.txt"), "mine");
        assert_eq!(calls(cloud.address, "DeleteClientKey"), 1);
        cloud.stop().unwrap();
    }
}
