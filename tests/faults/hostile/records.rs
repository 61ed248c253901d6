//! Cases of what was written down: states, plans and journals that are damaged, or that nobody has written.

use super::corpus::{Case, case};

pub fn states() -> Vec<Case> {
    let instance = r#"{"schema_version":0,"attributes":{"id":"1"}}"#;
    let resource = format!(
        r#"{{"mode":"managed","type":"terraform_data","name":"a","provider":"provider[\"terraform.io/builtin/terraform\"]","instances":[{instance}]}}"#
    );
    let with = |name: &str, version: &str, serial: &str, resources: &str| {
        case(format!("a state with {name}"), "").beside(
            "terraform.tfstate",
            format!(r#"{{"version":{version},"terraform_version":"1.11.4","serial":{serial},"lineage":"l","outputs":{{}},"resources":[{resources}]}}"#),
        )
    };
    let twice = resource.replace(instance, &format!("{instance},{instance}"));
    vec![
        with("a newer version", "5", "1", ""),
        with("an old version", "3", "1", ""),
        with("a version of text", "\"4\"", "1", ""),
        with("a fraction for a version", "4.5", "1", ""),
        with("a negative serial", "4", "-1", ""),
        with("a huge serial", "4", "18446744073709551616", ""),
        with("a serial of text", "4", "\"1\"", ""),
        with("a resource twice", "4", "1", &format!("{resource},{resource}")),
        with("an instance twice", "4", "1", &twice),
        with("an unknown mode", "4", "1", &resource.replace("managed", "other")),
        with(
            "an unknown provider",
            "4",
            "1",
            &resource.replace("provider[", "nosuch["),
        ),
        with(
            "a name that is none",
            "4",
            "1",
            &resource.replace("\"name\":\"a\"", "\"name\":\"a b\""),
        ),
        with(
            "an unknown status",
            "4",
            "1",
            &resource.replace("\"schema_version\":0", "\"schema_version\":0,\"status\":\"odd\""),
        ),
        with(
            "a key that is none",
            "4",
            "1",
            &resource.replace("\"schema_version\":0", "\"schema_version\":0,\"index_key\":{}"),
        ),
        with(
            "a negative key",
            "4",
            "1",
            &resource.replace("\"schema_version\":0", "\"schema_version\":0,\"index_key\":-1"),
        ),
        with(
            "attributes of a list",
            "4",
            "1",
            &resource.replace("{\"id\":\"1\"}", "[]"),
        ),
        with(
            "deep attributes",
            "4",
            "1",
            &resource.replace("\"1\"", &("[".repeat(5_000) + &"]".repeat(5_000))),
        ),
        with(
            "a module that is none",
            "4",
            "1",
            &resource.replace("\"mode\"", "\"module\":\"m\",\"mode\""),
        ),
        case("an empty state with a backup", "")
            .beside("terraform.tfstate", "")
            .beside("terraform.tfstate.backup", "{}"),
        case("a torn state", "").beside("terraform.tfstate", "{\"version\":4,"),
        case("a state of zeros", "").beside("terraform.tfstate", [0; 4096]),
        case("a state of a list", "").beside("terraform.tfstate", "[]"),
    ]
}

pub fn plans_and_journals() -> Vec<Case> {
    let mut plan = b"KEYFORM PLAN 1\n".to_vec();
    plan.extend([7; 100]);
    let journal = |name: &str, text: &str| {
        case(format!("a journal {name}"), "").beside("terraform.tfstate.journal", text)
    };
    vec![
        case("a plan without key", "")
            .beside("p", &plan)
            .by(&["apply", "p"]),
        case("a plan cut short", "")
            .beside("p", b"KEYFORM PLAN 1\n")
            .by(&["apply", "p"]),
        case("a plan of another program", "")
            .beside("p", b"PK\x03\x04")
            .by(&["show", "p"]),
        journal(
            "with a bad line before a good one",
            &format!("KFJ1 2 00000000 {{}}\n{}", keyform::state::journal::line("{}")),
        ),
        journal(
            "that begins with no beginning",
            &keyform::state::journal::line(r#"{"settled":{"address":"a.b"}}"#),
        ),
        journal(
            "of an unknown record",
            &keyform::state::journal::line(r#"{"nosuch":{}}"#),
        ),
    ]
}
