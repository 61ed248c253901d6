//! The reference of types: a page for each type and each provider, made from the schema files.
//!
//! Pages are Markdown. They say what a schema file says and nothing else, so that they cannot become untrue.

mod action;
mod destroy;
mod index;
mod member;
mod provider;
mod resource;
mod words;

use super::catalog::Catalog;
use super::resource::ResourceType;
use crate::addr::Mode;
use crate::diag::Result;

/// The modes of types, in the order in which pages list them.
const MODES: [Mode; 3] = [Mode::Managed, Mode::Data, Mode::Ephemeral];

/// One page of the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it stands in the folder of the reference: `aws/data/kms_key.md`.
    pub path: String,
    /// Markdown.
    pub text: String,
}

/// All pages: the index, the providers, the types.
pub fn pages() -> Result<Vec<Page>> {
    let catalog = Catalog::get();
    let mut pages = vec![index::page(catalog)?];
    for name in catalog.providers() {
        if let Some(schema) = catalog.provider(&name) {
            pages.push(provider::page(catalog, schema?)?);
        }
    }
    for mode in MODES {
        for name in catalog.names(mode) {
            if let Some(ty) = catalog.find(mode, &name) {
                pages.push(resource::page(catalog, ty?)?);
            }
        }
    }
    Ok(pages)
}

/// The page of a type by its name; `data.` and `ephemeral.` before it say of which kind, without them a resource type
/// comes first. Also that of a provider. None when there is nothing of that name.
pub fn find(name: &str) -> Option<Result<Page>> {
    let catalog = Catalog::get();
    let (modes, bare) = match name.split_once('.') {
        Some(("data", bare)) => (&MODES[1..2], bare),
        Some(("ephemeral", bare)) => (&MODES[2..], bare),
        _ => (&MODES[..], name),
    };
    let found = modes.iter().find_map(|mode| catalog.find(*mode, bare));
    if let Some(ty) = found {
        return Some(ty.and_then(|ty| resource::page(catalog, ty)));
    }
    let schema = catalog.provider(name)?;
    Some(schema.and_then(|schema| provider::page(catalog, schema)))
}

/// The names under which [`find`] knows pages.
pub fn names() -> Vec<String> {
    let catalog = Catalog::get();
    let types = MODES.iter().flat_map(|mode| {
        let prefix = match mode {
            Mode::Managed => String::new(),
            mode => format!("{}.", mode.word()),
        };
        let names = catalog.names(*mode).into_iter();
        names.map(move |name| format!("{prefix}{name}"))
    });
    let providers = catalog.providers().into_iter().map(|name| name.to_string());
    types.chain(providers).collect()
}

/// The types of a provider that are of a mode.
fn types_of<'a>(catalog: &'a Catalog, provider: &str, mode: Mode) -> Result<Vec<&'a ResourceType>> {
    let mut found = Vec::new();
    for name in catalog.names(mode) {
        if let Some(ty) = catalog.find(mode, &name).transpose()?
            && &*ty.provider == provider
        {
            found.push(ty);
        }
    }
    Ok(found)
}

/// What a type of this mode is called, with its article.
fn kind(mode: Mode) -> &'static str {
    match mode {
        Mode::Managed => "a resource type",
        Mode::Data => "a data source",
        Mode::Ephemeral => "an ephemeral resource type",
    }
}

/// The heading over types of this mode.
fn heading(mode: Mode) -> &'static str {
    match mode {
        Mode::Managed => "Resource types",
        Mode::Data => "Data sources",
        Mode::Ephemeral => "Ephemeral resource types",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, path: &str, parts: &[&str]) {
        let page = find(name)
            .expect("there is a page")
            .expect("the schemas are valid");
        assert_eq!(page.path, path);
        for part in parts {
            assert!(page.text.contains(part), "{part:?} is missing in:\n{}", page.text);
        }
    }

    #[test]
    fn the_page_of_a_resource_type_says_all_that_its_file_says() {
        check(
            "aws_kms_key",
            "aws/kms_key.md",
            &[
                "# aws_kms_key\n\nA single-Region or multi-Region primary KMS key.\n",
                "resource \"aws_kms_key\" \"a\" {\n",
                "- **key_usage** (string, a change replaces): What the key may be used for. Default: `\"ENCRYPT_DECRYPT\"`. One of `ENCRYPT_DECRYPT`, ",
                "- **rotation_period_in_days** (number): Days between two rotations. When left out the cloud chooses. From 90 to 2560. Needs `enable_key_rotation`.",
                "as a JSON document. When left out the cloud chooses. A JSON text. At most 32768 characters.",
                "- **arn** (string): The ARN of the key.",
                "- Warning: rotation_period_in_days has no effect",
                "$ keyform import aws_kms_key.example 1234abcd-12ab-34cd-56ef-1234567890ab\n",
                "- **create**: 2 minutes\n",
                "| read | `DescribeKey` | `kms:DescribeKey` |\n",
                "| update `rotation` | `EnableKeyRotation` | `kms:EnableKeyRotation` |\n",
                "It can be called back for some days, and is lost after them.",
                "      \"kms:ScheduleKeyDeletion\",\n",
                "[data source](data/kms_key.md)",
            ],
        );
    }

    #[test]
    fn kinds_of_types_have_pages_of_their_own() {
        check(
            "data.aws_kms_key",
            "aws/data/kms_key.md",
            &["data \"aws_kms_key\""],
        );
        check("aws_kms_keys", "aws/data/kms_keys.md", &["A data source"]);
        let path = "random/ephemeral/password.md";
        check(
            "ephemeral.random_password",
            path,
            &["ephemeral \"random_password\""],
        );
        check(
            "terraform_data",
            "terraform/terraform_data.md",
            &["- **input** (any)"],
        );
        assert!(find("data.aws_kms_grant").is_none());
        assert!(find("aws_kms_kye").is_none());
    }

    #[test]
    fn the_page_of_a_provider_names_the_environment() {
        check(
            "alicloud",
            "alicloud/README.md",
            &[
                "- **access_key** (string, sensitive): The access key id. Environment: `ALICLOUD_ACCESS_KEY`, `ALIBABA_CLOUD_ACCESS_KEY_ID`, ",
                "### Block `assume_role`\n",
                "- **role_arn** (string, required): The role; empty means none. Environment: `ALICLOUD_ASSUME_ROLE_ARN`",
                "| [alicloud_kms_key](kms_key.md) | ",
            ],
        );
    }

    #[test]
    fn permissions_have_names_of_their_own_where_the_cloud_gives_them() {
        let other = "`bssapi:CreateInstance`";
        check("alicloud_kms_instance", "alicloud/kms_instance.md", &[other]);
        let more = "| `kms:ReplicateKey`, `kms:CreateKey`";
        check("aws_kms_replica_key", "aws/kms_replica_key.md", &[more]);
        let none = "| read | `GetCallerIdentity` | none |";
        check("aws_caller_identity", "aws/data/caller_identity.md", &[none]);
    }

    #[test]
    fn every_permission_belongs_to_an_action_that_is_called() {
        let catalog = Catalog::get();
        let all = pages().expect("the schemas are valid");
        for name in catalog.providers() {
            let provider = catalog.provider(&name).expect("listed").expect("valid");
            let known = provider.services.values();
            for action in known.flat_map(|service| service.permissions.needs.keys()) {
                let cell = format!("| `{action}` |");
                assert!(
                    all.iter().any(|page| page.text.contains(&cell)),
                    "nothing calls {action}"
                );
            }
        }
    }

    #[test]
    fn every_name_that_is_offered_has_a_page_of_its_own() {
        let names = names();
        assert_eq!(names.len() + 1, pages().expect("valid").len());
        assert!(names.iter().all(|name| find(name).is_some()));
    }

    #[test]
    fn nothing_of_the_pieces_of_schema_files_shows() {
        for page in pages().expect("the schemas are valid") {
            let mut rest = page.text.split("with.").skip(1);
            let shows = rest.any(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
            assert!(!shows, "{} shows a piece", page.path);
        }
    }
}
