//! Grants whose creation was not answered.

use keyform::sandbox::Faults;

use super::{Project, UNSETTLED, at, calls, clouds, misbehave};

const APPLY: &[&str] = &["apply", "-auto-approve"];

#[test]
fn a_grant_whose_answer_was_lost_is_found_by_its_name() {
    let grant = |name: &str| {
        format!(
            "resource \"aws_kms_key\" \"k\" {{}}\nresource \"aws_kms_grant\" \"g\" {{\n  key_id = aws_kms_key.k.key_id\n  grantee_principal = \"arn:aws:iam::123456789012:root\"\n  operations = [\"Encrypt\", \"Decrypt\"]\n{name}}}\n"
        )
    };
    for name in ["", "  name = \"mine\"\n"] {
        let cloud = clouds(Faults::default());
        let project = Project::new(&at(cloud.address, &grant(name)));
        project.good(&["apply", "-auto-approve", "-target=aws_kms_key.k"]);
        // It is made, and nobody hears of it.
        misbehave(
            cloud.address,
            r#"[{"action":"CreateGrant","error":"500","after":true,"times":1000,"skip":0},
                {"action":"ListGrants","error":"AccessDeniedException","after":false,"times":1000,"skip":0}]"#,
        );
        project.ends(
            UNSETTLED,
            APPLY,
            &["Object may exist without being recorded", "It carries the mark"],
        );
        assert!(!project.recorded().contains(&"aws_kms_grant.g".to_owned()));
        misbehave(cloud.address, "[]");
        let sent = calls(cloud.address, "CreateGrant");
        project.good(APPLY);
        assert_eq!(calls(cloud.address, "CreateGrant"), sent, "{name}");
        assert_eq!(project.recorded(), ["aws_kms_grant.g", "aws_kms_key.k"]);
        assert!(project.good(&["plan"]).contains("No changes"));
        cloud.stop().unwrap();
    }
}
