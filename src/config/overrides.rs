//! Override files: their blocks replace parts of those that other files declare.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::Text;
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::lang::syntax::{Block, Body, Reading, static_string};

use super::reader::{decide_blocks, labels_of};

/// The blocks of a module, while parts of them are replaced.
pub(super) struct Overridden<'d> {
    blocks: Vec<Block>,
    /// Where each named block stands.
    named: BTreeMap<Key, usize>,
    /// Where each local value stands: the block, and the attribute in it.
    locals: BTreeMap<Text, (usize, usize)>,
    problems: &'d mut Diagnostics,
}

/// Kind and labels, and the alias of a provider configuration.
type Key = (Text, Vec<Text>, Option<Text>);

impl<'d> Overridden<'d> {
    pub(super) fn new(mut blocks: Vec<Block>, problems: &'d mut Diagnostics) -> Self {
        let mut named = BTreeMap::new();
        let mut locals = BTreeMap::new();
        for (place, block) in blocks.iter_mut().enumerate() {
            if &*block.kind == "locals" {
                block.body.decide_arguments(Reading::Templates, problems);
                let attributes = block.body.attributes.iter().enumerate();
                locals.extend(attributes.map(|(at, attribute)| (attribute.name.clone(), (place, at))));
            }
            named.insert(key(block, problems), place);
        }
        Self {
            blocks,
            named,
            locals,
            problems,
        }
    }

    pub(super) fn into_blocks(self) -> Vec<Block> {
        self.blocks
    }

    /// Replaces what a block of an override file gives.
    pub(super) fn replace(&mut self, mut by: Block) {
        let refused =
            |summary: String, detail: &str, by: &Block| Diagnostic::error(summary, detail).at(by.header);
        match &*by.kind {
            "terraform" => self.settings(by),
            "locals" => self.locals(by),
            "check" => self.problems.push(refused(
                "Can't override check blocks".into(),
                "Override files cannot override check blocks.",
                &by,
            )),
            kind @ ("moved" | "removed" | "import") => self.problems.push(refused(
                format!("Cannot override '{kind}' blocks"),
                "Records of what is moved, removed or imported can appear only in normal files, not in override files.",
                &by,
            )),
            kind if by.labels.len() != labels_of(kind).len() || by.labels.is_empty() => self.blocks.push(by),
            _ => {
                let key = key(&mut by, self.problems);
                match self.named.get(&key) {
                    Some(&place) => merge(&mut self.blocks[place], by, self.problems),
                    // Who declares no default configuration of a provider has an empty one.
                    None if &*by.kind == "provider" && key.2.is_none() => {
                        self.named.insert(key, self.blocks.len());
                        self.blocks.push(by);
                    }
                    None => self.problems.push(missing(&by, key.2.as_ref())),
                }
            }
        }
    }

    fn locals(&mut self, mut by: Block) {
        by.body.decide_arguments(Reading::Templates, self.problems);
        for attribute in by.body.attributes {
            let Some(&(block, at)) = self.locals.get(&attribute.name) else {
                let name = &attribute.name;
                let what = format!("There is no local value named \"{name}\".");
                let problem = no_base(
                    "Missing base local value definition to override",
                    &what,
                    "a local value",
                    attribute.name_span,
                );
                self.problems.push(problem);
                continue;
            };
            self.blocks[block].body.attributes[at] = attribute;
        }
        // Blocks do not belong here; who reads the block says so.
        if !by.body.blocks.is_empty() {
            by.body.attributes = Vec::new();
            self.blocks.push(by);
        }
    }

    /// The `terraform` block: what it gives is taken out of the others, and it is put beside them.
    fn settings(&mut self, mut by: Block) {
        const NESTED: [&str; 3] = ["backend", "cloud", "required_providers"];
        for kind in NESTED {
            decide_blocks(&mut by.body, kind, self.problems);
        }
        let has = |kind: &str| by.body.blocks_of(kind).next().is_some();
        let places_state = has("backend") || has("cloud");
        let gives_version = gives(&by.body, "required_version");
        let mut providers: BTreeSet<Text> = BTreeSet::new();
        for block in by.body.blocks_of("required_providers") {
            providers.extend(names(&block.body));
        }
        for other in self.blocks.iter_mut().filter(|block| &*block.kind == "terraform") {
            let body = &mut other.body;
            for kind in NESTED {
                decide_blocks(body, kind, self.problems);
            }
            if gives_version {
                drop_names(body, &BTreeSet::from(["required_version".into()]));
            }
            body.blocks
                .retain(|block| !places_state || !matches!(&*block.kind, "backend" | "cloud"));
            let required = |block: &&mut Block| &*block.kind == "required_providers";
            for block in body.blocks.iter_mut().filter(required) {
                drop_names(&mut block.body, &providers);
            }
        }
        self.blocks.push(by);
    }
}

fn key(block: &mut Block, problems: &mut Diagnostics) -> Key {
    let labels = block.labels.iter().map(|label| label.text.clone()).collect();
    let alias = (&*block.kind == "provider")
        .then(|| alias(&mut block.body, problems))
        .flatten();
    (block.kind.clone(), labels, alias)
}

fn alias(body: &mut Body, problems: &mut Diagnostics) -> Option<Text> {
    for property in body.take_property("alias") {
        body.decide_argument(property, Reading::Plain, problems);
    }
    static_string(&body.attribute("alias")?.expr).map(Text::from)
}

fn missing(by: &Block, alias: Option<&Text>) -> Diagnostic {
    let label = |at: usize| by.labels.get(at).map_or("", |label| &*label.text);
    let (first, second) = (label(0), label(1));
    let (summary, what, a_kind) = match &*by.kind {
        "variable" => (
            "Missing base variable declaration to override",
            format!("There is no variable named \"{first}\"."),
            "a variable",
        ),
        "output" => (
            "Missing base output definition to override",
            format!("There is no output named \"{first}\"."),
            "an output",
        ),
        "module" => (
            "Missing module call to override",
            format!("There is no module call named \"{first}\"."),
            "a module call",
        ),
        "provider" => (
            "Missing base provider configuration for override",
            format!(
                "There is no {first} provider configuration with the alias \"{}\".",
                alias.map_or("", |alias| alias)
            ),
            "an aliased provider configuration",
        ),
        "data" => (
            "Missing data resource to override",
            format!("There is no {first} data resource named \"{second}\"."),
            "a data block",
        ),
        "ephemeral" => (
            "Missing ephemeral resource to override",
            format!("There is no {first} ephemeral resource named \"{second}\"."),
            "an ephemeral block",
        ),
        _ => (
            "Missing resource to override",
            format!("There is no {first} resource named \"{second}\"."),
            "a resource block",
        ),
    };
    no_base(summary, &what, a_kind, by.header)
}

fn no_base(summary: &str, what: &str, a_kind: &str, at: Span) -> Diagnostic {
    let detail = format!(
        "{what} An override file can only override {a_kind} that is declared in a file that is no override file."
    );
    Diagnostic::error(summary, detail).at(at)
}

/// Replaces parts of one block by those of another.
fn merge(base: &mut Block, mut by: Block, problems: &mut Diagnostics) {
    if &*by.kind != "variable" && &*by.kind != "provider" {
        refuse_dependencies(&mut by.body, problems);
    }
    for kind in ["validation", "precondition", "postcondition"] {
        refuse_conditions(&mut by.body, kind, problems);
    }
    if matches!(&*by.kind, "resource" | "data" | "ephemeral") {
        merge_lifecycle(&mut base.body, &mut by.body, problems);
    }
    merge_bodies(&mut base.body, by.body, problems);
}

fn refuse_dependencies(body: &mut Body, problems: &mut Diagnostics) {
    for property in body.take_property("depends_on") {
        body.decide_argument(property, Reading::Names, problems);
    }
    if let Some(written) = body.attribute("depends_on") {
        problems.push(
            Diagnostic::error(
                "Unsupported override",
                "The depends_on argument may not be overridden.",
            )
            .at(written.span),
        );
    }
}

fn refuse_conditions(body: &mut Body, kind: &str, problems: &mut Diagnostics) {
    decide_blocks(body, kind, problems);
    for block in body.blocks_of(kind) {
        problems.push(
            Diagnostic::error(
                format!("Can't override {kind} blocks"),
                format!("Override files cannot override \"{kind}\" blocks."),
            )
            .at(block.header),
        );
    }
    body.blocks.retain(|block| *block.kind != *kind);
}

/// A `lifecycle` block replaces argument by argument.
fn merge_lifecycle(base: &mut Body, by: &mut Body, problems: &mut Diagnostics) {
    decide_blocks(base, "lifecycle", problems);
    decide_blocks(by, "lifecycle", problems);
    let (given, left) = std::mem::take(&mut by.blocks)
        .into_iter()
        .partition(|block| &*block.kind == "lifecycle");
    by.blocks = left;
    let given: Vec<Block> = given;
    for mut block in given {
        for kind in ["precondition", "postcondition"] {
            refuse_conditions(&mut block.body, kind, problems);
        }
        match base.blocks.iter_mut().find(|known| &*known.kind == "lifecycle") {
            Some(known) => merge_bodies(&mut known.body, block.body, problems),
            None => base.blocks.push(block),
        }
    }
}

/// Arguments replace those of the same name, nested blocks all of their kind, made by `dynamic` or not.
fn merge_bodies(base: &mut Body, mut by: Body, problems: &mut Diagnostics) {
    decide_blocks(base, "dynamic", problems);
    decide_blocks(&mut by, "dynamic", problems);
    drop_names(base, &names(&by));
    base.attributes.extend(by.attributes);
    base.blocks.extend(by.blocks);
    base.undecided.extend(by.undecided);
}

/// The kind of nested block that a block is or makes.
fn made_kind(block: &Block) -> &Text {
    match block.labels.first() {
        Some(label) if &*block.kind == "dynamic" => &label.text,
        _ => &block.kind,
    }
}

/// The names of all arguments and kinds of blocks in a body.
fn names(body: &Body) -> BTreeSet<Text> {
    let attributes = body.attributes.iter().map(|attribute| attribute.name.clone());
    let blocks = body.blocks.iter().map(|block| made_kind(block).clone());
    let undecided = body.undecided.iter().map(|property| property.name().clone());
    attributes.chain(blocks).chain(undecided).collect()
}

fn gives(body: &Body, name: &str) -> bool {
    names(body).contains(name)
}

/// Takes everything out of a body that has one of the names.
fn drop_names(body: &mut Body, names: &BTreeSet<Text>) {
    body.attributes
        .retain(|attribute| !names.contains(&attribute.name));
    body.blocks.retain(|block| !names.contains(made_kind(block)));
    body.undecided.retain(|property| !names.contains(property.name()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::FileId;
    use crate::lang::syntax::{parse_body, parse_json_body};

    fn blocks(text: &str) -> Vec<Block> {
        let json = text.starts_with('{');
        let parse = if json { parse_json_body } else { parse_body };
        let mut body = parse(FileId(0), text).expect("is valid");
        for kind in ["resource", "provider", "terraform", "locals", "variable"] {
            decide_blocks(&mut body, kind, &mut Diagnostics::new());
        }
        body.blocks
    }

    /// Arguments and blocks by name, undecided ones in brackets.
    fn show(body: &Body) -> String {
        let attributes = body.attributes.iter().map(|attribute| attribute.name.to_string());
        let blocks = body.blocks.iter().map(|block| {
            let labels = block.labels.iter().map(|label| &*label.text);
            let head: Vec<&str> = std::iter::once(&*block.kind).chain(labels).collect();
            format!("{} {{{}}}", head.join(" "), show(&block.body))
        });
        let undecided = body
            .undecided
            .iter()
            .map(|property| format!("[{}]", property.name()));
        attributes
            .chain(blocks)
            .chain(undecided)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[track_caller]
    fn check(base: &str, by: &str, expected: &str) {
        let mut problems = Diagnostics::new();
        let mut all = Overridden::new(blocks(base), &mut problems);
        for block in blocks(by) {
            all.replace(block);
        }
        let blocks = all.into_blocks();
        let shown: Vec<String> = blocks
            .iter()
            .map(|block| show(&block.body))
            .chain(problems.iter().map(|problem| format!("! {}", problem.summary)))
            .collect();
        assert_eq!(shown.join(" | "), expected);
    }

    #[test]
    fn arguments_replace_by_name_and_blocks_by_kind() {
        check(
            "resource \"a\" \"b\" {\n  x = 1\n  y = 1\n  k {}\n  k {}\n  l {}\n}\n",
            "resource \"a\" \"b\" {\n  y = 2\n  z = 2\n  k {\n    new = 1\n  }\n}\n",
            "x y z l {} k {new}",
        );
    }

    #[test]
    fn dynamic_blocks_are_of_the_kind_that_they_make() {
        check(
            "resource \"a\" \"b\" {\n  dynamic \"k\" {}\n  dynamic \"l\" {}\n}\n",
            "resource \"a\" \"b\" {\n  k {}\n}\n",
            "dynamic l {} k {}",
        );
        check(
            "resource \"a\" \"b\" {\n  k {}\n  l {}\n}\n",
            r#"{"resource": {"a": {"b": {"dynamic": {"k": {}}}}}}"#,
            "l {} dynamic k {}",
        );
        check(
            r#"{"resource": {"a": {"b": {"dynamic": {"k": {}, "l": {}}, "k": {}}}}}"#,
            "resource \"a\" \"b\" {\n  k {}\n}\n",
            "dynamic l {} k {}",
        );
    }

    #[test]
    fn json_and_the_native_form_replace_each_other() {
        check(
            r#"{"resource": {"a": {"b": {"x": 1, "y": {}}}}}"#,
            "resource \"a\" \"b\" {\n  y {}\n}\n",
            "y {} [x]",
        );
        check(
            "resource \"a\" \"b\" {\n  x = 1\n  y {}\n  z = 1\n}\n",
            r#"{"resource": {"a": {"b": {"x": 1, "y": {}}}}}"#,
            "z [x] [y]",
        );
    }

    #[test]
    fn lifecycle_is_replaced_argument_by_argument() {
        check(
            "resource \"a\" \"b\" {\n  lifecycle {\n    x = 1\n    y = 1\n    precondition {}\n  }\n}\n",
            r#"{"resource": {"a": {"b": {"lifecycle": {"y": 1, "z": 1}}}}}"#,
            "lifecycle {x precondition {} [y] [z]}",
        );
        check(
            "resource \"a\" \"b\" {}\n",
            "resource \"a\" \"b\" {\n  lifecycle {\n    x = 1\n  }\n}\n",
            "lifecycle {x}",
        );
    }

    #[test]
    fn the_first_of_several_overrides_is_overridden_too() {
        check(
            "locals {\n  a = 1\n}\n",
            "locals {\n  a = 2\n}\nlocals {\n  a = 3\n  b = 1\n}\n",
            "a | ! Missing base local value definition to override",
        );
        check(
            "",
            "provider \"p\" {\n  x = 1\n}\nprovider \"p\" {\n  y = 1\n}\n",
            "x y",
        );
    }

    #[test]
    fn provider_configurations_are_told_apart_by_alias() {
        check(
            "provider \"p\" {\n  x = 1\n}\nprovider \"p\" {\n  alias = \"q\"\n}\n",
            r#"{"provider": {"p": [{"alias": "q", "y": 1}, {"alias": "r"}]}}"#,
            "x | alias [y] | ! Missing base provider configuration for override",
        );
    }

    #[test]
    fn settings_replace_what_they_give() {
        check(
            r#"{"terraform": {"required_version": "1", "backend": {"a": {}}, "required_providers": {"p": "1", "q": "1"}}}"#,
            "terraform {\n  backend \"b\" {}\n  required_providers {\n    q = \"2\"\n    r = \"2\"\n  }\n}\n",
            "required_providers {[p]} [required_version] | backend b {} required_providers {q r}",
        );
        check(
            "terraform {\n  required_version = \"1\"\n  cloud {}\n}\n",
            r#"{"terraform": {"required_version": "2", "backend": {"b": {}}}}"#,
            " | backend b {} [required_version]",
        );
    }
}
