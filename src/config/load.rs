//! Files to configuration.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::addr::{Mode, Text};
use crate::diag::{Diagnostic, Diagnostics, Sources, Span};
use crate::lang::syntax::{Block, parse_body};

use super::declaration::Declaration;
use super::reader::is_identifier;
use super::variable::{self, Local};
use super::version::{COMPATIBLE_VERSION, fulfils};
use super::{Configuration, Module, change, module, provider, resource, settings};

/// A text and the name under which it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    pub name: String,
    pub text: String,
}

/// Where configuration comes from: the disk, or the copy inside a saved plan. Errors are sentences without full
/// stop.
pub trait Files {
    /// The names of the files in a folder, sorted.
    fn list(&self, dir: &Path) -> Result<Vec<String>, String>;

    /// A file's text.
    fn read(&self, path: &Path) -> Result<String, String>;
}

/// How deep modules may call modules.
const MODULE_DEPTH: usize = 64;

/// Whether a file of that name is part of a configuration: `*.tf` and `*.hcl`, less editors' leavings and the
/// files of neighbouring tools.
#[expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "names of configuration files are exact"
)]
pub fn is_configuration_file(name: &str) -> bool {
    const OTHERS: [&str; 3] = [".tftest.hcl", ".tfquery.hcl", ".pkr.hcl"];
    let hidden =
        name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
    let ours = name.ends_with(".tf") || name.ends_with(".hcl") || name.ends_with(".tf.json");
    ours && !hidden && name != "terragrunt.hcl" && !OTHERS.iter().any(|other| name.ends_with(other))
}

/// Reads a folder and every module that it calls. What could be read is returned beside what was wrong.
pub fn load(dir: &Path, files: &dyn Files, sources: &mut Sources) -> (Configuration, Diagnostics) {
    let mut loader = Loader {
        files,
        sources,
        problems: Diagnostics::new(),
        installed: None,
        root: dir.to_owned(),
    };
    let root = loader.module(dir, Vec::new());
    (Configuration { root: Arc::new(root) }, loader.problems)
}

struct Loader<'a> {
    files: &'a dyn Files,
    sources: &'a mut Sources,
    problems: Diagnostics,
    /// What `init` of either program has put under `.terraform/modules`: key to folder.
    installed: Option<BTreeMap<String, PathBuf>>,
    root: PathBuf,
}

impl Loader<'_> {
    fn module(&mut self, dir: &Path, path: Vec<Text>) -> Module {
        let mut found = Module {
            path,
            dir: dir.to_owned(),
            ..Module::default()
        };
        let names = match self.files.list(dir) {
            Ok(names) => names,
            Err(why) => {
                let text = format!("The folder {} cannot be read: {why}.", shown(dir));
                self.problems
                    .push(Diagnostic::error("Failed to read module directory", text));
                return found;
            }
        };
        for name in names.iter().filter(|name| is_configuration_file(name)) {
            self.file(&dir.join(name), &mut found);
        }
        self.check_version(&found);
        self.calls(&mut found);
        found
    }

    fn file(&mut self, path: &Path, module: &mut Module) {
        let name = shown(path);
        if let Some(why) = not_yet(&name) {
            self.problems.push(Diagnostic::error(
                "Unsupported configuration file",
                format!("{name}: {why}"),
            ));
            return;
        }
        let text = match self.files.read(path) {
            Ok(text) => text,
            Err(why) => {
                self.problems.push(Diagnostic::error(
                    "Failed to read file",
                    format!("{name}: {why}."),
                ));
                return;
            }
        };
        let file = self.sources.add(name, text.as_str());
        let body = match parse_body(file, &text) {
            Ok(body) => body,
            Err(errors) => return self.problems.extend(errors),
        };
        for attribute in body.attributes {
            self.problems.push(
                Diagnostic::error(
                    "Unsupported argument",
                    format!("An argument named \"{}\" is not expected here: only blocks stand at the top of a file.", attribute.name),
                )
                .at(attribute.name_span),
            );
        }
        for block in body.blocks {
            add_block(block, module, &mut self.problems);
        }
    }

    fn check_version(&mut self, module: &Module) {
        for (constraint, span) in &module.settings.required_version {
            let problem = match fulfils(COMPATIBLE_VERSION, constraint) {
                Ok(true) => continue,
                Ok(false) => Diagnostic::error(
                    "Unsupported Terraform Core version",
                    format!(
                        "keyform has the language of Terraform {COMPATIBLE_VERSION}, which \"{constraint}\" does not allow."
                    ),
                ),
                Err(why) => Diagnostic::error("Invalid version constraint", format!("{why}.")),
            };
            self.problems.push(problem.at(*span));
        }
    }

    fn calls(&mut self, module: &mut Module) {
        let (dir, path) = (module.dir.clone(), module.path.clone());
        for call in module.calls.values_mut() {
            let path: Vec<Text> = path.iter().cloned().chain([call.name.clone()]).collect();
            if path.len() > MODULE_DEPTH {
                self.problems.push(
                    Diagnostic::error(
                        "Modules nested too deep",
                        format!("Modules call modules more than {MODULE_DEPTH} levels deep here, most likely in a circle."),
                    )
                    .at(call.source.span),
                );
                return;
            }
            let target = if call.source.is_local() {
                Some(normal(&dir.join(&*call.source.text)))
            } else {
                self.installed_at(&path, &call.source.text, call.source.span)
            };
            if let Some(target) = target {
                call.module = Arc::new(self.module(&target, path));
            }
        }
    }

    /// The folder of a module that was installed before.
    fn installed_at(&mut self, path: &[Text], source: &str, span: Span) -> Option<PathBuf> {
        let root = self.root.clone();
        if self.installed.is_none() {
            let index = self.files.read(&root.join(".terraform/modules/modules.json"));
            self.installed = Some(
                index
                    .ok()
                    .map_or_else(BTreeMap::new, |text| installed_modules(&text)),
            );
        }
        let key = path.join(".");
        let found = self
            .installed
            .as_ref()
            .and_then(|all| all.get(&key))
            .map(|dir| normal(&root.join(dir)));
        if found.is_none() {
            self.problems.push(
                Diagnostic::error(
                    "Module not installed",
                    format!("The module source \"{source}\" is no local path, and this module is not among those installed under .terraform/modules. Install it with terraform init, or use a local path that starts with ./ or ../."),
                )
                .at(span),
            );
        }
        found
    }
}

fn installed_modules(text: &str) -> BTreeMap<String, PathBuf> {
    let index: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let entries = index.get("Modules").and_then(serde_json::Value::as_array);
    let entry = |module: &serde_json::Value| {
        Some((
            module.get("Key")?.as_str()?.to_owned(),
            PathBuf::from(module.get("Dir")?.as_str()?),
        ))
    };
    entries.map_or_else(BTreeMap::new, |entries| {
        entries.iter().filter_map(entry).collect()
    })
}

/// Kinds of files that are known but not read.
#[expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "names of configuration files are exact"
)]
fn not_yet(name: &str) -> Option<&'static str> {
    let stem = Path::new(name).file_name()?.to_str()?;
    if stem.ends_with(".json") {
        return Some("JSON configuration syntax is not supported yet. Write the same in HCL.");
    }
    let base = stem.rsplit_once('.').map_or(stem, |(base, _)| base);
    (base == "override" || base.ends_with("_override"))
        .then_some("override files are not supported yet. Put the change into the file that it overrides.")
}

fn add_block(block: Block, module: &mut Module, problems: &mut Diagnostics) {
    match &*block.kind {
        "terraform" => settings::settings(block, module, problems),
        "provider" => {
            if let Some(found) = provider::provider(block, problems) {
                insert(&mut module.providers, found.key.clone(), found, problems);
            }
        }
        "variable" => {
            if let Some(found) = variable::variable(block, problems) {
                insert(&mut module.variables, found.name.clone(), found, problems);
            }
        }
        "locals" => locals(block, module, problems),
        "output" => {
            if let Some((name, found)) = variable::output(block, problems) {
                insert(&mut module.outputs, name, found, problems);
            }
        }
        "module" => {
            if let Some(found) = module::call(block, problems) {
                insert(&mut module.calls, found.name.clone(), found, problems);
            }
        }
        "resource" | "data" => {
            let mode = if &*block.kind == "data" {
                Mode::Data
            } else {
                Mode::Managed
            };
            if let Some(found) = resource::resource(block, mode, problems) {
                insert(&mut module.resources, found.name.clone(), found, problems);
            }
        }
        "check" => {
            if let Some((name, found)) = variable::check(block, problems) {
                insert(&mut module.checks, name, found, problems);
            }
        }
        "moved" => module.moved.extend(change::moved(block, problems)),
        "removed" => module.removed.extend(change::removed(block, problems)),
        "import" => module.imports.extend(change::import(block, problems)),
        _ => problems.push(unknown_block(&block)),
    }
}

/// Adds what must be unique.
fn insert<K: Hash + Eq, V: Declaration>(
    all: &mut IndexMap<K, V>,
    key: K,
    value: V,
    problems: &mut Diagnostics,
) {
    if let Some(first) = all.get(&key) {
        let what = V::KIND;
        problems.push(
            Diagnostic::error(
                format!("Duplicate {what}"),
                format!("A {what} of this name was given already; each name may be used once in a module."),
            )
            .at(value.span())
            .label(first.span(), "first one here"),
        );
        return;
    }
    all.insert(key, value);
}

fn locals(block: Block, module: &mut Module, problems: &mut Diagnostics) {
    if super::reader::labels(&block, [], problems).is_none() {
        return;
    }
    for nested in &block.body.blocks {
        problems.push(unknown_block(nested));
    }
    for attribute in block.body.attributes {
        if !is_identifier(&attribute.name) {
            problems.push(
                Diagnostic::error(
                    "Invalid local value name",
                    "A name must start with a letter or underscore.",
                )
                .at(attribute.name_span),
            );
            continue;
        }
        let local = Local {
            expr: attribute.expr,
            span: attribute.name_span,
        };
        insert(&mut module.locals, attribute.name, local, problems);
    }
}

fn unknown_block(block: &Block) -> Diagnostic {
    const KINDS: [&str; 13] = [
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
    let kind = &block.kind;
    if &**kind == "ephemeral" {
        return Diagnostic::error(
            "Unsupported block type",
            "Ephemeral resources are not supported yet.",
        )
        .at(block.header);
    }
    let guess = crate::diag::nearest(kind, KINDS)
        .map_or(String::new(), |nearest| format!(" Did you mean \"{nearest}\"?"));
    Diagnostic::error(
        "Unsupported block type",
        format!("Blocks of type \"{kind}\" are not expected here.{guess}"),
    )
    .at(block.header)
}

/// A path as shown to the user: without a leading `./`.
fn shown(path: &Path) -> String {
    let text = normal(path).display().to_string();
    if text.is_empty() { ".".into() } else { text }
}

/// Takes `.` and, where possible, `..` out of a path without asking the disk.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(normal.components().next_back(), Some(Component::Normal(_))) => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}
