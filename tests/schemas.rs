//! Every schema file loads, every name in it resolves, and every type has an example.

use std::path::Path;

use keyform::diag::{Diagnostic, Sources};
use keyform::lang::decode;
use keyform::lang::spec::BlockSpec;
use keyform::lang::syntax::{self, Block, Body};
use keyform::schema::{self, Catalog, Mode};

const MODES: [Mode; 3] = [Mode::Managed, Mode::Data, Mode::Ephemeral];

#[test]
fn every_schema_file_loads_and_its_names_resolve() {
    let sources = schema::sources();
    let problems: Vec<String> = schema::check_all()
        .iter()
        .map(|problem| line(problem, &sources))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_type_has_an_example_that_uses_it() {
    let mut missing = Vec::new();
    for mode in MODES {
        for name in Catalog::get().names(mode) {
            let file = example(mode, &name);
            let kind = match mode {
                Mode::Managed => "resource",
                mode => mode.word(),
            };
            let text = fs_err::read_to_string(&file).unwrap_or_default();
            if !text.contains(&format!("{kind} \"{name}\"")) {
                missing.push(file);
            }
        }
    }
    assert!(
        missing.is_empty(),
        "no example uses the type in:\n{}",
        missing.join("\n")
    );
}

#[test]
fn the_readme_names_every_type() {
    let readme = include_str!("../README.md");
    for mode in MODES {
        for name in Catalog::get().names(mode) {
            assert!(
                readme.contains(&format!("`{name}`")),
                "{name} is not in README.md"
            );
        }
    }
}

#[test]
fn every_native_function_is_documented() {
    let text = include_str!("../docs/schema-language.md");
    for name in schema::native::FUNCTIONS {
        assert!(
            text.contains(&format!("`native::{name}(")),
            "{name} is not documented"
        );
    }
}

#[test]
fn every_type_says_what_it_is() {
    for mode in MODES {
        for name in Catalog::get().names(mode) {
            let ty = Catalog::get().find(mode, &name).expect("listed").expect("loads");
            let abouts = ty.arguments.values().map(|one| (&one.name, &one.about));
            let abouts = abouts.chain(ty.attributes.values().map(|one| (&one.name, &one.about)));
            assert!(!ty.about.is_empty(), "{name} has no about");
            for (member, about) in abouts {
                assert!(!about.is_empty(), "{name}.{member} has no about");
            }
        }
    }
}

#[test]
fn every_example_fits_the_schemas() {
    let mut sources = Sources::new();
    let mut problems = Vec::new();
    for mode in MODES {
        for name in Catalog::get().names(mode) {
            let file = example(mode, &name);
            let text = fs_err::read_to_string(&file).expect("the example is readable");
            let id = sources.add(file, text.as_str());
            let body = syntax::parse_body(id, &text).unwrap_or_else(|errors| {
                panic!(
                    "{}",
                    errors
                        .iter()
                        .map(|one| line(one, &sources))
                        .collect::<Vec<_>>()
                        .join("\n")
                )
            });
            for mut block in body.blocks {
                if let Some(spec) = spec_of(&block) {
                    block.body.blocks.retain(|inner| &*inner.kind != "provisioner");
                    problems.extend(
                        decode::check(&without_meta(&block.body), &spec)
                            .iter()
                            .map(|one| line(one, &sources)),
                    );
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A body without what every resource may have, whatever its type.
fn without_meta(body: &Body) -> Body {
    let mut own = body.clone();
    own.attributes
        .retain(|one| !["count", "depends_on", "for_each", "provider"].contains(&&*one.name));
    own.blocks.retain(|one| &*one.kind != "lifecycle");
    own
}

/// What a block of an example may hold, where a schema says so.
fn spec_of(block: &Block) -> Option<BlockSpec> {
    let catalog = Catalog::get();
    let label = &block.labels.first()?.text;
    match &*block.kind {
        "resource" => Some(catalog.resource_type(label)?.expect("loads").spec.clone()),
        "ephemeral" => Some(catalog.find(Mode::Ephemeral, label)?.expect("loads").spec.clone()),
        "data" => Some(catalog.data_source(label)?.expect("loads").spec.clone()),
        "provider" => Some(catalog.provider(label)?.expect("loads").spec.clone()),
        _ => None,
    }
}

/// Where the example of a type stands.
pub fn example(mode: Mode, name: &str) -> String {
    let (cloud, rest) = name
        .split_once('_')
        .expect("types are named after their provider");
    let (folder, file) = if Path::new(&format!("schemas/{cloud}")).is_dir() {
        (cloud, rest)
    } else {
        ("builtin", name)
    };
    let below = match mode {
        Mode::Managed => "",
        Mode::Data => "data/",
        Mode::Ephemeral => "ephemeral/",
    };
    format!(
        "{}/examples/{folder}/{below}{file}/main.tf",
        env!("CARGO_MANIFEST_DIR")
    )
}

/// A problem on one line, with its place.
fn line(problem: &Diagnostic, sources: &Sources) -> String {
    let place = problem.span.and_then(|span| {
        let position = sources.position(span.file, span.start);
        sources
            .get(span.file)
            .map(|source| format!("{}:{}:{}", source.name, position.line, position.column))
    });
    format!(
        "{}: {}: {} {}",
        place.unwrap_or_default(),
        problem.summary,
        problem.detail,
        problem.hints.join(" ")
    )
}
