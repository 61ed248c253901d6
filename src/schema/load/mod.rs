//! Turns the text of a schema file into a type or a provider.

mod argument;
mod include;
mod operation;
mod provider;
mod reader;
mod spec;

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::pattern::Pattern;
use super::provider::ProviderSchema;
use super::resource::{Destroy, Import, Lasting, Lockout, ResourceType, Rival, Upgrade};
use crate::addr::Mode;
use crate::diag::{Diagnostic, Diagnostics, FileId, Result, Span};
use crate::lang::syntax::{Block, Body, Expr, parse_body};
use crate::value::Text;
use reader::Reader;

/// A text and its place among the schema files.
#[derive(Clone, Copy, Debug)]
pub(super) struct File<'a> {
    pub id: FileId,
    pub text: &'a str,
}

/// A provider with what its types need from it.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    pub schema: ProviderSchema,
    /// What each of its managed types has.
    every: Option<Block>,
    shared: BTreeMap<Text, Body>,
}

/// Reads `provider.hcl` and, where there is one, `shared.hcl`.
pub(super) fn provider(name: &str, file: File<'_>, shared: Option<File<'_>>) -> Result<Provider> {
    let body = parse_body(file.id, file.text)?;
    let mut problems = Diagnostics::new();
    let block = only_block(&body, &["provider"], name, &mut problems).ok_or_else(|| problems.clone())?;
    let every = block.body.blocks_of("every").next().cloned();
    let schema = provider::provider(name.into(), block, &mut problems);
    let mut pieces = BTreeMap::new();
    if let Some(file) = shared {
        for block in parse_body(file.id, file.text)?.blocks {
            match block.labels.as_slice() {
                [label] if &*block.kind == "shared" => {
                    pieces.insert(label.text.clone(), block.body);
                }
                _ => problems.push(
                    Diagnostic::error(
                        "Unsupported block",
                        "This file holds blocks of the form shared \"name\".",
                    )
                    .at(block.header),
                ),
            }
        }
    }
    problems.or(Provider {
        schema,
        every,
        shared: pieces,
    })
}

/// Reads the file of a type.
pub(super) fn resource(name: &str, mode: Mode, file: File<'_>, provider: &Provider) -> Result<ResourceType> {
    let body = parse_body(file.id, file.text)?;
    let mut problems = Diagnostics::new();
    let kind = match mode {
        Mode::Managed => "resource",
        Mode::Data => "data",
        Mode::Ephemeral => "ephemeral",
    };
    let block = only_block(&body, &[kind], name, &mut problems).ok_or_else(|| problems.clone())?;
    let every = provider.every.as_ref().filter(|_| mode == Mode::Managed);
    let mut whole = block.body.clone();
    whole.blocks = include::splice(&block.body.blocks, &provider.shared, &mut problems);
    let region = every
        .and_then(|every| every.body.attribute("region"))
        .map(|a| a.expr.clone());
    let common = every.map(|every| Body {
        attributes: Vec::new(),
        ..every.body.clone()
    });
    let bodies = common.iter().chain([&whole]).collect();
    let reader = Reader::over(bodies, block.header, &mut problems);
    let found = Head {
        name: name.into(),
        mode,
        region,
        provider,
    }
    .read(reader);
    problems.or(found)
}

/// What is known of a type before its body is read.
struct Head<'a> {
    name: Text,
    mode: Mode,
    region: Option<Expr>,
    provider: &'a Provider,
}

impl Head<'_> {
    fn read(self, mut reader: Reader<'_, '_>) -> ResourceType {
        let poll = self.provider.schema.poll;
        let (arguments, blocks) = argument::read_members(&mut reader);
        let attributes = reader.named("attribute", argument::attribute);
        let timeouts = operation::timeouts(&mut reader);
        let mut found = ResourceType {
            name: self.name,
            mode: self.mode,
            provider: self.provider.schema.name.clone(),
            version: reader
                .whole("version")
                .and_then(|version| u64::try_from(version).ok())
                .unwrap_or(0),
            service: reader.text("service").unwrap_or_else(|| "".into()),
            about: reader.text("about").unwrap_or_else(|| "".into()),
            native: reader.flag("native"),
            region: reader.expr("region").or(self.region),
            destroy: destroy(&mut reader),
            window: reader.expr("window"),
            rotates: reader.expr("rotates"),
            usable: reader.expr("usable"),
            expires: reader.expr("expires"),
            stands_for: reader.text("stands_for"),
            spec: spec::resource(&arguments, &blocks, &attributes, &timeouts),
            arguments,
            attributes,
            blocks,
            rules: operation::rules(&mut reader),
            timeouts,
            read: operation::read(&mut reader),
            create: operation::create(&mut reader, poll),
            updates: operation::updates(&mut reader, poll),
            delete: operation::delete(&mut reader, poll),
            restore: operation::restore(&mut reader, poll),
            retire: operation::retire(&mut reader, poll),
            usage: operation::usage(&mut reader),
            find: operation::find(&mut reader),
            among: operation::among(&mut reader),
            survey: operation::survey(&mut reader),
            pending: operation::pending(&mut reader),
            import: import(&mut reader),
            rivals: reader.named("rival", rival),
            lockouts: reader.named("lockout", lockout),
            lastings: reader.named("lasting", lasting),
            upgrades: upgrades(&mut reader),
            span: reader.span(),
        };
        reader.finish();
        if found.native && found.mode == Mode::Data || found.mode == Mode::Ephemeral {
            // Its objects are not of a cloud, or nobody looks for them again: nothing gives them an id.
            found.spec.attributes.remove("id");
        }
        found
    }
}

fn destroy(reader: &mut Reader<'_, '_>) -> Destroy {
    let Some(attribute) = reader.attribute("destroy") else {
        return Destroy::default();
    };
    match reader.text("destroy").as_deref() {
        Some("reversible") => Destroy::Reversible,
        Some("windowed") => Destroy::Windowed,
        Some("irreversible") => Destroy::Irreversible,
        Some(_) => {
            reader.wrong(attribute, "\"reversible\", \"windowed\" or \"irreversible\"");
            Destroy::default()
        }
        None => Destroy::default(),
    }
}

fn import(reader: &mut Reader<'_, '_>) -> Import {
    let mut import = Import::default();
    for block in reader.blocks("import") {
        let mut inner = Reader::new(block, reader.problems);
        import.patterns.extend(inner.text("match").map(Pattern::new));
        import.example = inner.text("example").or(import.example);
        import.refused = inner.text("refused").or(import.refused);
        import.gives.extend(inner.entries("gives"));
        inner.finish();
    }
    import
}

fn rival(_: Text, mut reader: Reader<'_, '_>) -> Rival {
    let rival = Rival {
        types: reader.texts("types"),
        by: reader.text("by").unwrap_or_else(|| "".into()),
        span: reader.span(),
    };
    reader.finish();
    rival
}

fn lockout(_: Text, mut reader: Reader<'_, '_>) -> Lockout {
    let lockout = Lockout {
        keeps: reader.text("keeps").unwrap_or_else(|| "".into()),
        uses: reader.texts("uses"),
        bypass: reader.text("bypass"),
        span: reader.span(),
    };
    reader.finish();
    lockout
}

fn lasting(_: Text, mut reader: Reader<'_, '_>) -> Lasting {
    let lasting = Lasting {
        of: reader.needed("of"),
        left: reader.needed("left"),
        span: reader.span(),
    };
    reader.finish();
    lasting
}

fn upgrades(reader: &mut Reader<'_, '_>) -> Vec<Upgrade> {
    let mut upgrades = Vec::new();
    for block in reader.blocks("upgrade") {
        let Some(from) = reader.label(block) else { continue };
        let Ok(from) = from.parse() else {
            let detail = "An upgrade is labelled with the version that it upgrades from.";
            reader
                .problems
                .push(Diagnostic::error("Wrong label", detail).at(block.header));
            continue;
        };
        let values: IndexMap<_, _> = block
            .body
            .attributes
            .iter()
            .map(|a| (a.name.clone(), a.expr.clone()))
            .collect();
        upgrades.push(Upgrade { from, values });
    }
    upgrades.sort_by_key(|upgrade| upgrade.from);
    upgrades
}

/// The one block of a file, which must be of one of the kinds and bear the name that the file's path says.
fn only_block<'a>(
    body: &'a Body,
    kinds: &[&str],
    name: &str,
    problems: &mut Diagnostics,
) -> Option<&'a Block> {
    let wrong = |span: Span| {
        let detail = format!(
            "By its path this file holds one block: {} {name:?}.",
            kinds.join(" or ")
        );
        Diagnostic::error("Unexpected content", detail).at(span)
    };
    for attribute in &body.attributes {
        problems.push(wrong(attribute.span));
    }
    let (fit, others): (Vec<_>, Vec<_>) = body.blocks.iter().partition(|block| {
        kinds.contains(&&*block.kind) && block.labels.len() == 1 && &*block.labels[0].text == name
    });
    for block in others.into_iter().chain(fit.iter().copied().skip(1)) {
        problems.push(wrong(block.header));
    }
    if fit.is_empty() && problems.is_empty() {
        problems.push(wrong(body.span));
    }
    fit.into_iter().next()
}

#[cfg(test)]
pub(crate) mod for_tests {
    //! Types from texts, for tests that need small ones.

    use super::{File, provider, resource};
    use crate::addr::Mode;
    use crate::diag::FileId;
    use crate::schema::{ProviderSchema, ResourceType};

    /// Reads a resource of the type `test_thing`, with the body of a provider block.
    #[track_caller]
    pub(crate) fn thing(of_provider: &str, body: &str) -> (&'static ResourceType, ProviderSchema) {
        either(Mode::Managed, of_provider, body)
    }

    /// Reads a data source of the type `test_thing`.
    #[track_caller]
    pub(crate) fn data(body: &str) -> (&'static ResourceType, ProviderSchema) {
        either(Mode::Data, "", body)
    }

    #[track_caller]
    fn either(mode: Mode, of_provider: &str, body: &str) -> (&'static ResourceType, ProviderSchema) {
        let file = |text| File { id: FileId(0), text };
        let text = format!("provider \"test\" {{\n about = \"\"\n{of_provider}\n}}");
        let provider = provider("test", file(&text), None).expect("the provider is well formed");
        let kind = if mode == Mode::Data { "data" } else { "resource" };
        let text = format!("{kind} \"test_thing\" {{\n{body}\n}}");
        let ty = resource("test_thing", mode, file(&text), &provider).expect("the type is well formed");
        (Box::leak(Box::new(ty)), provider.schema)
    }
}
