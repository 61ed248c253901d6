//! The `terraform` block.

use crate::addr::Text;
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::lang::syntax::{Block, Body, Reading};

use super::Module;
use super::encryption::Encryption;
use super::provider::required;
use super::reader::{Reader, labels};

/// What `terraform` blocks say, put together.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub required_version: Vec<(Text, Span)>,
    pub backend: Option<Backend>,
    /// Where a `cloud` block stands.
    pub cloud: Option<Span>,
    /// How states and plans are encrypted.
    pub encryption: Option<Encryption>,
    /// Whether secret arguments stand in the state.
    pub secrets_in_state: Option<(Text, Span)>,
}

/// `backend "type" {}`
#[derive(Clone, Debug)]
pub struct Backend {
    pub ty: Text,
    pub body: Body,
    pub span: Span,
}

pub(super) fn settings(block: Block, module: &mut Module, problems: &mut Diagnostics) {
    if labels(&block, [], problems).is_none() {
        return;
    }
    let mut reader = Reader::new(block.body, block.header, problems);
    if let Some(version) = reader.take_string("required_version") {
        module.settings.required_version.push(version);
    }
    if let Some(word) = reader.take_string("secrets_in_state") {
        module.settings.secrets_in_state = Some(word);
    }
    reader.take("experiments");
    for mut block in reader.take_blocks("required_providers") {
        block.body.decide_arguments(Reading::Plain, reader.problems);
        for attribute in block.body.attributes {
            let span = attribute.name_span;
            if let Some((local, required)) = required(attribute, reader.problems)
                && let Some(first) = module.required_providers.insert(local, required)
            {
                reader.problems.push(
                    Diagnostic::error(
                        "Duplicate required providers configuration",
                        "A module may name each required provider once.",
                    )
                    .at(span)
                    .label(first.span, "first one here"),
                );
            }
        }
    }
    for block in reader.take_blocks("backend") {
        backend(block, module, reader.problems);
    }
    if let Some(block) = reader.take_block("encryption") {
        let read = Encryption::read(block.body, block.header);
        module.settings.encryption = reader.problems.take(read);
    }
    for block in reader.take_blocks("cloud") {
        cloud(&block, module, reader.problems);
    }
    // It tells plugins of providers who uses them, and there are no plugins.
    reader.take_blocks("provider_meta");
    reader.finish();
}

fn cloud(block: &Block, module: &mut Module, problems: &mut Diagnostics) {
    if let Some(first) = module.settings.cloud {
        problems.push(
            Diagnostic::error(
                "Duplicate cloud configuration",
                "A module may have only one cloud block.",
            )
            .at(block.header)
            .label(first, "first one here"),
        );
    }
    module.settings.cloud.get_or_insert(block.header);
}

fn backend(mut block: Block, module: &mut Module, problems: &mut Diagnostics) {
    let Some([ty]) = labels(&block, ["type"], problems) else {
        return;
    };
    if let Some(first) = &module.settings.backend {
        problems.push(
            Diagnostic::error(
                "Duplicate backend configuration",
                "A module may have only one backend block.",
            )
            .at(block.header)
            .label(first.span, "first one here"),
        );
        return;
    }
    block.body.decide_arguments(Reading::Plain, problems);
    module.settings.backend = Some(Backend {
        ty,
        body: block.body,
        span: block.header,
    });
}
