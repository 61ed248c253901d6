//! What must hold of a type before anybody relies on it: every name resolves, and the parts fit together.

mod expression;
mod shape;

use super::provider::ProviderSchema;
use super::resource::ResourceType;
use crate::diag::Diagnostics;

/// Everything that is wrong with a type.
pub(super) fn check(ty: &ResourceType, provider: &ProviderSchema) -> Diagnostics {
    let mut problems = expression::check(ty, provider);
    problems.extend(shape::check(ty, provider));
    problems
}

#[cfg(test)]
mod tests {
    use crate::addr::Mode;
    use crate::diag::{Diagnostics, FileId};
    use crate::schema::load::{self, File};

    const PROVIDER: &str = r#"
        provider "toy" {
          facts = ["account"]
          argument "region" { type = string }
          service "s" {
            protocol = "aws_json_1_1"
            endpoint = "https://s.${region}.example/"
          }
        }
    "#;

    const SHARED: &str = r#"
        shared "tags" {
          argument "tags" {
            type      = map(string)
            force_new = with.force_new
            read      = thing.Tags
          }
        }
    "#;

    /// A type without faults, to which a fault can be added.
    const THING: &str = r#"
        service = "s"
        argument "name" {
          type      = string
          force_new = true
          read      = thing.Name
        }
        argument "size" {
          type = number
          read = thing.Size
        }
        read {
          call "Describe" {
            as      = "thing"
            params  = { Id = id }
            expects = reply.Name
          }
        }
        create {
          call "Create" { params = { Name = self.name, Size = self.size } }
          id = reply.Id
        }
        update "size" {
          on = ["size"]
          call "Resize" { params = { Id = id, Size = self.size } }
        }
    "#;

    fn problems(body: &str) -> Diagnostics {
        let file = |id, text| File { id: FileId(id), text };
        let provider = load::provider("toy", file(0, PROVIDER), Some(file(1, SHARED))).expect("a provider");
        let text = format!("resource \"toy_thing\" {{\n{body}\n}}");
        match load::resource("toy_thing", Mode::Managed, file(2, &text), &provider) {
            Ok(ty) => super::check(&ty, &provider.schema),
            Err(problems) => problems,
        }
    }

    /// A type with an addition has exactly one problem, and its text holds this.
    #[track_caller]
    fn check(addition: &str, expected: &str) {
        let texts: Vec<String> = problems(&format!("{THING}\n{addition}"))
            .iter()
            .map(|problem| {
                format!(
                    "{}: {} {}",
                    problem.summary,
                    problem.detail,
                    problem.hints.join(" ")
                )
            })
            .collect();
        assert!(texts.len() == 1 && texts[0].contains(expected), "{texts:#?}");
    }

    #[test]
    fn a_type_without_faults_has_no_problems() {
        assert_eq!(problems(THING), Diagnostics::new());
    }

    #[test]
    fn names_of_calls_resolve() {
        check(
            "attribute \"arn\" {\n type = string\n read = thin.Arn\n}",
            "Did you mean \"thing\"?",
        );
    }

    #[test]
    fn members_of_the_object_resolve() {
        check(
            "rule {\n holds = self.nam != null\n message = \"\"\n}",
            "Did you mean \"name\"?",
        );
        check(
            "rule {\n holds = provider.acount != null\n message = \"\"\n}",
            "Did you mean \"account\"?",
        );
    }

    #[test]
    fn names_inside_loops_and_templates_resolve() {
        check(
            "rule {\n holds = length([for x in [1] : y]) == 1\n message = \"\"\n}",
            "There is no name \"y\"",
        );
        check(
            "rule {\n holds = true\n message = \"${nobody}\"\n}",
            "There is no name \"nobody\"",
        );
    }

    #[test]
    fn functions_resolve() {
        check(
            "rule {\n holds = lenght(self.name) == 1\n message = \"\"\n}",
            "Did you mean \"length\"?",
        );
        check(
            "rule {\n holds = native::unique_nam(\"\") == \"\"\n message = \"\"\n}",
            "Did you mean \"unique_name\"?",
        );
        check(
            "rule {\n holds = changed(\"nam\")\n message = \"\"\n}",
            "Did you mean \"name\"?",
        );
        check(
            "rule {\n holds = same(\"jso\", 1, 2)\n message = \"\"\n}",
            "Did you mean \"json\"?",
        );
    }

    #[test]
    fn a_reply_is_seen_only_after_a_call() {
        check(
            "delete {\n call \"Delete\" { params = { Id = reply.Id } }\n}",
            "There is no name \"reply\"",
        );
    }

    #[test]
    fn errors_are_seen_only_where_calls_fail() {
        check(
            "rule {\n holds = error.code == \"\"\n message = \"\"\n}",
            "There is no name \"error\"",
        );
        check(
            "delete {\n call \"Delete\" {\n params = { Id = id }\n ok_when = error.cod == \"\"\n }\n}",
            "Did you mean \"code\"?",
        );
    }

    #[test]
    fn an_element_is_seen_only_where_a_call_is_made_for_each() {
        let read = |line: &str| {
            format!("read {{\n call \"A\" {{\n as = \"a\"\n expects = reply.X\n {line}\n }}\n}}")
        };
        check(&read("params = { X = each.value }"), "There is no name \"each\"");
        check(
            &read("for_each = [1]\n params = { X = each.valu }"),
            "Did you mean \"value\"?",
        );
        check(&read("for_each = [each.value]"), "There is no name \"each\"");
        check(
            "delete {\n call \"A\" {\n for_each = [1]\n }\n}",
            "in a call of read only",
        );
    }

    #[test]
    fn what_an_import_gives_exists_and_is_made_of_what_is_seen() {
        check("import {\n gives = { nam = id }\n}", "nam");
        check(
            "import {\n gives = { name = thin.Name }\n}",
            "Did you mean \"thing\"?",
        );
        let problems = problems(&format!(
            "{THING}\nimport {{\n gives = {{ id = \"none\", name = thing.Name }}\n}}"
        ));
        assert_eq!(problems, Diagnostics::new());
    }

    #[test]
    fn objects_are_read_without_effects() {
        let effect = "read {\n effect \"write_file\" {\n path = \"a\"\n content = \"b\"\n }\n}";
        check(effect, "Only the read of a data source has effects");
    }

    #[test]
    fn reads_form_no_circle() {
        let circle = "read {\n call \"A\" {\n as = \"a\"\n expects = reply.X\n params = { X = b.X }\n }\n call \"B\" {\n as = \"b\"\n expects = reply.X\n null_when = error.code == a.X\n }\n}";
        check(circle, "wait for each other: a, b");
    }

    #[test]
    fn reads_say_what_every_answer_holds() {
        let read = "read {\n call \"A\" {\n as = \"a\"\n params = { Id = id }\n }\n}";
        check(read, "Say in \"expects\" what an answer always holds");
    }

    #[test]
    fn what_replaces_is_changed_by_no_group() {
        check(
            "update \"name\" {\n on = [\"name\"]\n}",
            "so no group can change it",
        );
    }

    #[test]
    fn what_does_not_replace_is_changed_by_a_group() {
        check(
            "argument \"color\" {\n type = string\n read = thing.Color\n}",
            "Nothing happens when color changes",
        );
        // Kept, or feeding something that a group changes: no complaint.
        let fed = "argument \"b\" {\n type = string\n read = thing.B\n}\nargument \"a\" { type = string }\nattribute \"c\" {\n type = string\n plan = self.b\n}\nupdate \"c\" { on = [\"c\"] }";
        assert_eq!(problems(&format!("{THING}\n{fed}")), Diagnostics::new());
    }

    #[test]
    fn aliases_stand_for_arguments() {
        check(
            "argument \"label\" {\n type = string\n alias_of = \"nam\"\n}",
            "which is no argument of its own",
        );
    }

    #[test]
    fn defaults_satisfy_the_checks() {
        check(
            "argument \"a\" {\n type = string\n default = \"c\"\n one_of = [\"b\"]\n}",
            "must be one of \"b\"",
        );
    }

    #[test]
    fn computed_values_come_from_somewhere() {
        check("attribute \"arn\" { type = string }", "Nothing computes arn");
        check(
            "argument \"a\" {\n type = string\n computed = true\n}",
            "a is computed, but nothing computes it",
        );
    }

    #[test]
    fn services_and_labels_are_known() {
        check(
            "delete {\n call \"Delete\" {\n service = \"t\"\n }\n}",
            "no service \"t\"",
        );
        check("delete {\n effect \"shout\" {}\n}", "no effect \"shout\"");
    }

    #[test]
    fn a_wait_asks_something() {
        check(
            "delete {\n wait { until = id == \"\" }\n}",
            "there is nothing to ask",
        );
    }

    #[test]
    fn unknown_arguments_of_the_schema_language_are_refused() {
        check(
            "argument \"a\" {\n type = string\n forcenew = true\n}",
            "Did you mean \"force_new\"?",
        );
        check("argumen \"a\" {}", "Did you mean \"argument\"?");
    }

    #[test]
    fn arguments_of_nested_blocks_are_checked_and_have_nothing_that_is_not_done() {
        let within =
            |text: &str| format!("block \"b\" {{\n argument \"a\" {{\n type = string\n {text}\n }}\n}}");
        assert_eq!(
            problems(&format!("{THING}\n{}", within("force_new = true"))),
            Diagnostics::new()
        );
        check(&within("write_only = true"), "No argument named \"write_only\"");
        check(&within("read = thing.Name"), "No argument named \"read\"");
        check(&within("force_new = slef.name"), "Did you mean \"self\"?");
        check(&within("needs = [\"c\"]"), "has no argument \"c\"");
        check(&within("pattern = \"(\""), "no regular expression");
    }

    #[test]
    fn what_several_blocks_give_is_given_once() {
        let twice = "read {\n gone = thing == null\n}\nread {\n gone = false\n}";
        check(twice, "Another block of this kind gives \"gone\" already");
    }

    #[test]
    fn includes_pass_what_the_piece_asks_for() {
        check("include \"tag\" {}", "Did you mean \"tags\"?");
        check("include \"tags\" {}", "passes no \"force_new\"");
        check(
            "include \"tags\" {\n force_new = true\n kind = 1\n}",
            "no use for \"kind\"",
        );
        let fine = "include \"tags\" { force_new = true }";
        assert_eq!(problems(&format!("{THING}\n{fine}")), Diagnostics::new());
    }
}
