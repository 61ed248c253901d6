//! Files to configuration.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::addr::{Mode, Text};
use crate::diag::{Diagnostic, Diagnostics, FileId, Sources, Span};
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

    /// Whether a folder that can be read holds something of that name.
    fn has(&self, path: &Path) -> bool {
        let folder = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().and_then(|name| name.to_str());
        self.list(folder)
            .is_ok_and(|names| names.iter().any(|known| Some(&**known) == name))
    }
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

/// Reads the files of one folder, without the modules that it calls.
pub fn load_folder(dir: &Path, files: &dyn Files, sources: &mut Sources) -> (Module, Diagnostics) {
    let mut loader = Loader::new(dir, Path::new(""), files, sources);
    let folder = loader.folder(dir, Vec::new());
    (folder, loader.problems)
}

/// Where, below the folder for data, `terraform init` writes down which modules it has installed.
pub const MODULE_INDEX: &str = "modules/modules.json";

/// Reads a folder and every module that it calls. What could be read is returned beside what was wrong.
/// `index` is the file that lists the installed modules; it is read only if one is called.
pub fn load(
    dir: &Path,
    index: &Path,
    files: &dyn Files,
    sources: &mut Sources,
) -> (Configuration, Diagnostics) {
    let mut loader = Loader::new(dir, index, files, sources);
    let root = loader.module(dir, Vec::new());
    (Configuration { root: Arc::new(root) }, loader.problems)
}

struct Loader<'a> {
    files: &'a dyn Files,
    sources: &'a mut Sources,
    problems: Diagnostics,
    /// The texts that were read already: a folder may be called many times.
    read: BTreeMap<PathBuf, FileId>,
    index: &'a Path,
    /// What the index says, once it was read: key to folder.
    installed: Option<BTreeMap<String, PathBuf>>,
    root: PathBuf,
    /// The folders that lead to the one being read.
    folders: Vec<PathBuf>,
    /// The bottom was reached once. What else there is below grows without end, so nothing more is read.
    too_deep: bool,
}

impl<'a> Loader<'a> {
    fn new(dir: &Path, index: &'a Path, files: &'a dyn Files, sources: &'a mut Sources) -> Self {
        Self {
            files,
            sources,
            problems: Diagnostics::new(),
            read: BTreeMap::new(),
            index,
            installed: None,
            root: dir.to_owned(),
            folders: Vec::new(),
            too_deep: false,
        }
    }

    /// The files of a folder, and the modules that they call.
    fn module(&mut self, dir: &Path, path: Vec<Text>) -> Module {
        let mut found = self.folder(dir, path);
        self.folders.push(normal(dir));
        self.calls(&mut found);
        self.folders.pop();
        found
    }

    fn folder(&mut self, dir: &Path, path: Vec<Text>) -> Module {
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
        let (file, text) = match self.text(path, name.clone()) {
            Ok(read) => read,
            Err(why) => {
                self.problems.push(Diagnostic::error(
                    "Failed to read file",
                    format!("{name}: {why}."),
                ));
                return;
            }
        };
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

    /// The text of a file, which is read once however often its folder is called.
    fn text(&mut self, path: &Path, name: String) -> Result<(FileId, Arc<str>), String> {
        let known = self.read.get(path).copied();
        if let Some((file, source)) = known.and_then(|file| Some((file, self.sources.get(file)?))) {
            return Ok((file, source.text.clone()));
        }
        let text: Arc<str> = self.files.read(path)?.into();
        let file = self.sources.add(name, text.clone());
        self.read.insert(path.to_owned(), file);
        Ok((file, text))
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
            let target = if call.source.is_local() {
                Some(normal(&dir.join(&*call.source.text)))
            } else {
                self.installed_at(&path, &call.source.text, call.source.span)
            };
            let Some(target) = target else { continue };
            if let Err(problem) = self.may_enter(&target, path.len()) {
                self.problems.push(problem.at(call.source.span));
            } else if !self.too_deep {
                call.module = Arc::new(self.module(&target, path));
            }
        }
    }

    /// Whether a call may be followed: not into a folder that is being read, nor deeper than is sensible.
    fn may_enter(&mut self, target: &Path, depth: usize) -> Result<(), Diagnostic> {
        if self.folders.iter().any(|folder| folder == target) {
            let text = format!(
                "The module in {} calls itself here, directly or through others, so there would be no end of modules.",
                shown(target)
            );
            return Err(Diagnostic::error("Module calls itself", text));
        }
        if depth > MODULE_DEPTH && !std::mem::replace(&mut self.too_deep, true) {
            let text = format!(
                "Modules call modules more than {MODULE_DEPTH} levels deep here, most likely in a circle."
            );
            return Err(Diagnostic::error("Modules nested too deep", text));
        }
        Ok(())
    }

    /// The folder of a module that was installed before.
    fn installed_at(&mut self, path: &[Text], source: &str, span: Span) -> Option<PathBuf> {
        if self.installed.is_none() {
            self.installed = Some(self.installed_modules());
        }
        let key = path.join(".");
        let all = self.installed.as_ref()?;
        let found = all.get(&key).map(|dir| normal(&self.root.join(dir)));
        if found.is_none() {
            let text = format!(
                "The module source \"{source}\" is no local path, and this module is not among those installed according to {}. Install it with terraform init, or use a local path that starts with ./ or ../.",
                shown(self.index)
            );
            self.problems
                .push(Diagnostic::error("Module not installed", text).at(span));
        }
        found
    }

    /// What the index of installed modules says; nothing if there is none.
    fn installed_modules(&mut self) -> BTreeMap<String, PathBuf> {
        let index = self.index;
        if !self.files.has(index) {
            return BTreeMap::new();
        }
        let read = self.text(index, shown(index));
        match read.and_then(|(_, text)| parse_index(&text)) {
            Ok(installed) => installed,
            Err(why) => {
                let text = format!("{}: {why}.", shown(index));
                self.problems
                    .push(Diagnostic::error("Failed to read the installed modules", text));
                BTreeMap::new()
            }
        }
    }
}

/// Key to folder, as `terraform init` writes them down.
fn parse_index(text: &str) -> Result<BTreeMap<String, PathBuf>, String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Index {
        modules: Vec<Installed>,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Installed {
        key: String,
        dir: PathBuf,
    }
    let index: Index =
        serde_json::from_str(text).map_err(|error| format!("the index of modules is malformed: {error}"))?;
    let modules = index.modules.into_iter();
    Ok(modules.map(|module| (module.key, module.dir)).collect())
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
        "ephemeral" => resource::ephemeral(block, problems),
        "check" => {
            if let Some((name, found, data)) = variable::check(block, problems) {
                insert(&mut module.checks, name, found, problems);
                if let Some(data) = data {
                    insert(&mut module.resources, data.name.clone(), data, problems);
                }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Folders without end: in every one the same file.
    struct Everywhere(&'static str);

    impl Files for Everywhere {
        fn list(&self, _: &Path) -> Result<Vec<String>, String> {
            Ok(vec!["main.tf".into()])
        }

        fn read(&self, _: &Path) -> Result<String, String> {
            Ok(self.0.into())
        }
    }

    #[track_caller]
    fn check(text: &'static str, expected: &[&str]) -> Sources {
        let mut sources = Sources::new();
        let index = Path::new("index.json");
        let (_, problems) = load(Path::new("."), index, &Everywhere(text), &mut sources);
        let summaries: Vec<&str> = problems.iter().map(|problem| &*problem.summary).collect();
        assert_eq!(summaries, expected);
        sources
    }

    #[test]
    fn a_module_that_calls_itself_is_found_at_once() {
        let text = "module \"a\" {\n  source = \"./\"\n}\nmodule \"b\" {\n  source = \"./\"\n}\n";
        let sources = check(text, &["Module calls itself", "Module calls itself"]);
        assert_eq!(sources.iter().count(), 1);
    }

    #[test]
    fn folders_without_end_are_left_at_the_bottom() {
        let text = "module \"a\" {\n  source = \"./l\"\n}\nmodule \"b\" {\n  source = \"./m\"\n}\n";
        let sources = check(text, &["Modules nested too deep"]);
        assert_eq!(sources.iter().count(), MODULE_DEPTH + 1);
    }
}
