//! The page of a type.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::catalog::{Catalog, example};
use super::super::resource::ResourceType;
use super::member::{Members, attributes, members};
use super::{MODES, Page, action, destroy, kind, words};
use crate::addr::Mode;
use crate::diag::Result;

/// The page of a type.
pub fn page(catalog: &Catalog, ty: &ResourceType) -> Result<Page> {
    let provider = catalog.provider(&ty.provider).transpose()?;
    let mut text = head(catalog, ty);
    write!(text, "\n## Example\n\n```hcl\n{}\n```\n", example(ty).trim()).expect("a String takes all");
    text.push_str(&arguments(ty));
    text.push_str(&only_read(ty));
    text.push_str(&rules(ty));
    if ty.mode == Mode::Managed {
        text.push_str(&destroy::timeouts(ty));
        text.push_str(&destroy::import(ty));
        text.push_str(&destroy::destroy(ty));
    }
    text.push_str(
        &provider
            .map(|provider| action::actions(ty, provider))
            .unwrap_or_default(),
    );
    Ok(Page { path: path(ty), text })
}

/// Where the page stands.
fn path(ty: &ResourceType) -> String {
    format!("{}/{}.md", ty.provider, ty.place())
}

/// The name, what it is, and where to look next.
fn head(catalog: &Catalog, ty: &ResourceType) -> String {
    let up = if ty.mode == Mode::Managed { "" } else { "../" };
    let mut text = format!("# {}\n\n{}\n", ty.name, ty.about);
    let what = kind(ty.mode);
    let what = format!("{}{}", what[..1].to_uppercase(), &what[1..]);
    write!(text, "\n{what} of the provider [{}]({up}README.md).", ty.provider).expect("a String takes all");
    for mode in MODES.into_iter().filter(|mode| *mode != ty.mode) {
        if let Some(Ok(other)) = catalog.find(mode, &ty.name) {
            let (article, what) = kind(mode).split_once(' ').unwrap_or_default();
            write!(
                text,
                " There is also {article} [{what}]({up}{}.md) of this name.",
                other.place()
            )
            .expect("a String takes all");
        }
    }
    text.push('\n');
    text
}

fn arguments(ty: &ResourceType) -> String {
    let list = members(&Members {
        arguments: &ty.arguments,
        blocks: &ty.blocks,
        environment: &BTreeMap::new(),
        is_read: ty.mode == Mode::Managed && ty.read.as_ref().is_some_and(|read| !read.calls.is_empty()),
    });
    if list.is_empty() {
        return "\n## Arguments\n\nIt has none.\n".to_owned();
    }
    format!("\n## Arguments\n\n{list}")
}

fn only_read(ty: &ResourceType) -> String {
    let is_written = ty.attributes.contains_key("id") || ty.arguments.contains_key("id");
    let id = if ty.spec.attributes.contains_key("id") && !is_written {
        "- **id** (string): The id.\n"
    } else {
        ""
    };
    let list = attributes(&ty.attributes);
    if id.is_empty() && list.is_empty() {
        return String::new();
    }
    format!("\n## Attributes\n\nBeside the arguments, these can be read:\n\n{id}{list}")
}

/// What is refused, and what is warned of.
fn rules(ty: &ResourceType) -> String {
    let mut text = String::new();
    let mut put = |before: &str, message: &str| {
        writeln!(text, "- {before}{message}").expect("a String takes all");
    };
    for rule in &ty.rules {
        let before = if rule.warning { "Warning: " } else { "" };
        put(before, &words::message(&rule.message));
    }
    for (name, rival) in &ty.rivals {
        let others = rival.types.join("`, `");
        put(
            "Warning: ",
            &format!("`{name}` is written here, and for the same object in one of `{others}`."),
        );
    }
    for refuse in ty.read.iter().flat_map(|read| &read.refuse) {
        put("", &words::message(&refuse.message));
    }
    for rule in ty.delete.iter().flat_map(|delete| &delete.rules) {
        let before = if rule.warning {
            "When it is destroyed, warning: "
        } else {
            "When it is destroyed: "
        };
        put(before, &words::message(&rule.message));
    }
    if text.is_empty() {
        return text;
    }
    format!("\n## Rules\n\nWhat breaks one of these is told with its message while planning:\n\n{text}")
}
