//! The index of all types, and how pages are read.

use std::fmt::Write as _;

use super::super::catalog::Catalog;
use super::{MODES, Page, heading, types_of};
use crate::diag::Result;

/// The index.
pub fn page(catalog: &Catalog) -> Result<Page> {
    let mut text = HEAD.to_owned();
    for name in catalog.providers() {
        let Some(provider) = catalog.provider(&name).transpose()? else {
            continue;
        };
        put(
            &mut text,
            format_args!("\n## [{name}]({name}/README.md)\n\n{}\n", provider.about),
        );
        for mode in MODES {
            let types = types_of(catalog, &name, mode)?;
            if types.is_empty() {
                continue;
            }
            put(&mut text, format_args!("\n| {} | |\n|---|---|\n", heading(mode)));
            for ty in types {
                put(
                    &mut text,
                    format_args!("| [{}]({name}/{}.md) | {} |\n", ty.name, ty.place(), ty.about),
                );
            }
        }
    }
    Ok(Page {
        path: "README.md".to_owned(),
        text,
    })
}

const HEAD: &str = "\
# Types

Written by `keyform schema docs` from the schema files, a page for each type; `keyform schema docs -type=aws_kms_key` prints one.

Behind the name of an argument stand its type and, where it is so, that it is required, sensitive (never shown), write-only
(never stored), or that a change replaces the object. In conditions, `self` is the object as it is wished, `prior` as it is
recorded, and `provider` stands for the arguments of the provider; `or(a, b)` is `a` unless that is null or empty, then `b`.

Beside its own arguments every resource takes `count`, `for_each`, `provider`, `depends_on` and the blocks `lifecycle` and
`provisioner`.
";

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("a String takes all");
}
