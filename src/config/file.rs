//! One configuration file: whether its name makes it one, and which blocks stand at its top.

use crate::diag::{Diagnostic, Diagnostics};
use crate::lang::syntax::{Block, Body};

use super::policy::POLICY_FILE;
use super::reader::{decide_blocks, unexpected};

/// What may stand at the top of a file.
pub(super) const KINDS: [&str; 13] = [
    "terraform",
    "provider",
    "variable",
    "locals",
    "output",
    "module",
    "resource",
    "data",
    "check",
    "moved",
    "removed",
    "import",
    "ephemeral",
];

/// Whether a file of that name is part of a configuration: `*.tf`, `*.hcl` and both with `.json` behind, less editors'
/// leavings, the policy file and the files of neighbouring tools.
#[expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "names of configuration files are exact"
)]
pub fn is_configuration_file(name: &str) -> bool {
    const OTHERS: [&str; 3] = [".tftest.hcl", ".tfquery.hcl", ".pkr.hcl"];
    let hidden =
        name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
    let name = name.strip_suffix(".json").unwrap_or(name);
    let ours = name.ends_with(".tf") || name.ends_with(".hcl");
    ours && !hidden
        && ![POLICY_FILE, "terragrunt.hcl"].contains(&name)
        && !OTHERS.iter().any(|other| name.ends_with(other))
}

/// Whether a configuration file of that name overrides what others declare.
pub(super) fn is_override(name: &str) -> bool {
    let name = name.strip_suffix(".json").unwrap_or(name);
    let base = name.rsplit_once('.').map_or(name, |(base, _)| base);
    base == "override" || base.ends_with("_override")
}

#[expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "names of configuration files are exact"
)]
pub(super) fn is_json(name: &str) -> bool {
    name.ends_with(".json")
}

/// The blocks at the top of a file, where nothing else stands.
pub(super) fn top_blocks(mut body: Body, problems: &mut Diagnostics) -> Vec<Block> {
    for attribute in body.attributes.drain(..) {
        problems.push(
            Diagnostic::error(
                "Unsupported argument",
                format!(
                    "An argument named \"{}\" is not expected here: only blocks stand at the top of a file.",
                    attribute.name
                ),
            )
            .at(attribute.name_span),
        );
    }
    for kind in KINDS {
        decide_blocks(&mut body, kind, problems);
    }
    for property in &body.undecided {
        problems.push(unexpected(property, KINDS));
    }
    body.blocks
}

#[cfg(test)]
mod tests {
    use super::{is_configuration_file, is_override};

    #[test]
    fn names_tell_which_files_count() {
        for name in [
            "a.tf",
            "a.hcl",
            "a.tf.json",
            "a.hcl.json",
            "override.tf",
            "größe.tf",
        ] {
            assert!(is_configuration_file(name), "{name}");
        }
        for name in [
            "a.json",
            "a.tfvars",
            "a.tfvars.json",
            ".a.tf",
            ".terraform.lock.hcl",
            "a.tf~",
            "a.tf.json~",
            "#a.tf#",
            "a.pkr.hcl",
            "a.pkr.hcl.json",
            "a.tftest.hcl",
            "terragrunt.hcl",
            "terragrunt.hcl.json",
            "keyform.policy.hcl",
            "a.TF",
        ] {
            assert!(!is_configuration_file(name), "{name}");
        }
    }

    #[test]
    fn names_tell_which_files_override() {
        for name in [
            "override.tf",
            "override.tf.json",
            "a_override.tf",
            "_override.hcl.json",
            "override.hcl",
        ] {
            assert!(is_override(name), "{name}");
        }
        for name in [
            "overrides.tf",
            "a-override.tf",
            "override_a.tf",
            "a.override.tf",
            "aoverride.tf",
        ] {
            assert!(!is_override(name), "{name}");
        }
    }
}
