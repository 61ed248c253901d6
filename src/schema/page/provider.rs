//! The page of a provider: its arguments, its services, its types.

use std::fmt::Write as _;

use super::super::catalog::Catalog;
use super::super::provider::ProviderSchema;
use super::member::{Members, members};
use super::words::code;
use super::{MODES, Page, heading, types_of};
use crate::diag::Result;

/// The page of a provider.
pub fn page(catalog: &Catalog, provider: &ProviderSchema) -> Result<Page> {
    let name = &provider.name;
    let mut text = format!(
        "# {name}\n\n{}\n\n[All providers](../README.md)\n",
        provider.about
    );
    for mode in MODES {
        let types = types_of(catalog, name, mode)?;
        if types.is_empty() {
            continue;
        }
        put(
            &mut text,
            format_args!("\n## {}\n\n| | |\n|---|---|\n", heading(mode)),
        );
        for ty in types {
            put(
                &mut text,
                format_args!("| [{}]({}.md) | {} |\n", ty.name, ty.place(), ty.about),
            );
        }
    }
    text.push_str(&arguments(provider));
    text.push_str(&credentials(provider));
    text.push_str(&services(provider));
    Ok(Page {
        path: format!("{name}/README.md"),
        text,
    })
}

fn arguments(provider: &ProviderSchema) -> String {
    let list = members(&Members {
        arguments: &provider.arguments,
        blocks: &provider.blocks,
        environment: &provider.environment,
        is_read: false,
    });
    if list.is_empty() {
        return "\n## Arguments\n\nThe `provider` block has none and can be left out.\n".to_owned();
    }
    let variables =
        "What is not written is taken from the environment: from the first of the variables that is set.";
    let variables = if provider.environment.is_empty() {
        ""
    } else {
        variables
    };
    format!("\n## Arguments\n\n{variables}\n\n{list}")
}

fn credentials(provider: &ProviderSchema) -> String {
    let mut text = String::new();
    for (place, at) in provider.credentials.iter().zip(1..) {
        put(&mut text, format_args!("{at}. {place}\n"));
    }
    if text.is_empty() {
        return text;
    }
    let then = "Then the roles of `assume_role` are assumed, one with the credentials of the other. \
        Where nothing is found, or a service does not know what was found, the message names these places.";
    format!("\n## Credentials\n\nThey are looked for in this order:\n\n{text}\n{then}\n")
}

fn services(provider: &ProviderSchema) -> String {
    let mut text = String::new();
    for service in provider
        .services
        .values()
        .filter(|service| !service.endpoint.is_empty())
    {
        let prefix = format!("{}:…", service.permissions.prefix);
        put(
            &mut text,
            format_args!(
                "| {} | {} | {} |\n",
                service.name,
                code(&service.endpoint),
                code(&prefix)
            ),
        );
    }
    if text.is_empty() {
        return text;
    }
    format!("\n## Services\n\n| service | endpoint | permissions |\n|---|---|---|\n{text}")
}

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("a String takes all");
}
