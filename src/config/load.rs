//! Files to configuration.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::addr::{Mode, Text};
use crate::diag::{Diagnostic, Diagnostics, FileId, Sources};
use crate::lang::decode;
use crate::lang::spec::Specs;
use crate::lang::syntax::{Block, Body, Reading, parse_body, parse_json_body};

use super::allowance::Allowance;
use super::declaration::Declaration;
use super::early::{Early, EarlyScope, EarlyText};
use super::file::{KINDS, is_configuration_file, is_json, is_override, top_blocks};
use super::installed::{Installed, Missing};
use super::overrides::Overridden;
use super::reader::is_identifier;
use super::variable::{self, Local};
use super::version::{COMPATIBLE_VERSION, Constraint, fulfils};
use super::{
    Configuration, Folder, Module, ModuleCall, change, lookalike, module, provider, resource, settings,
};

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

/// Reads the files of one folder, without the modules that it calls.
pub fn load_folder(
    dir: &Path,
    files: &dyn Files,
    specs: &dyn Specs,
    sources: &mut Sources,
) -> (Module, Diagnostics) {
    let mut loader = Loader::new(dir, Path::new(""), files, specs, sources);
    let folder = loader.folder(dir, Vec::new());
    (folder, loader.problems)
}

/// Where, below the folder for data, `terraform init` writes down which modules it has installed.
pub const MODULE_INDEX: &str = "modules/modules.json";

/// Where a configuration is read from.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    /// The folder of the root module.
    pub dir: &'a Path,
    /// The file that lists the installed modules; it is read only if one is called.
    pub index: &'a Path,
    pub files: &'a dyn Files,
}

/// Reads a folder and every module that it calls. What could be read is returned beside what was wrong.
/// What types have in their blocks is asked only for blocks in JSON. Without values for variables, modules whose
/// sources depend on some are left out.
pub fn load(
    origin: Origin<'_>,
    specs: &dyn Specs,
    early: Option<Early<'_>>,
    sources: &mut Sources,
) -> (Configuration, Diagnostics) {
    let mut loader = Loader::new(origin.dir, origin.index, origin.files, specs, sources);
    loader.early = early;
    let root = loader.module(origin.dir, Vec::new(), None);
    let configuration = Configuration {
        root: Arc::new(root),
        missing: loader.missing,
        needs_values: loader.needs_values,
    };
    (configuration, loader.problems)
}

/// What a call gives to a module, and the scope around it.
type Caller<'c> = (&'c Body, &'c EarlyScope<'c>);

struct Loader<'a> {
    files: &'a dyn Files,
    specs: &'a dyn Specs,
    sources: &'a mut Sources,
    problems: Diagnostics,
    /// The texts that were read already: a folder may be called many times.
    read: BTreeMap<PathBuf, FileId>,
    index: &'a Path,
    /// What the index says, once it was read: key to folder.
    installed: Option<Installed>,
    missing: Vec<Missing>,
    early: Option<Early<'a>>,
    needs_values: bool,
    root: PathBuf,
    /// The folders that lead to the one being read.
    folders: Vec<PathBuf>,
    /// Modules as they were read first, without what their calls lead to.
    known: BTreeMap<PathBuf, Module>,
    left: Allowance,
    /// A limit was reached. What else there is grows without end, so nothing more is read.
    too_much: bool,
}

impl<'a> Loader<'a> {
    fn new(
        dir: &Path,
        index: &'a Path,
        files: &'a dyn Files,
        specs: &'a dyn Specs,
        sources: &'a mut Sources,
    ) -> Self {
        Self {
            files,
            specs,
            sources,
            problems: Diagnostics::new(),
            read: BTreeMap::new(),
            index,
            installed: None,
            missing: Vec::new(),
            early: None,
            needs_values: false,
            root: dir.to_owned(),
            folders: Vec::new(),
            known: BTreeMap::new(),
            left: Allowance::default(),
            too_much: false,
        }
    }

    /// The files of a folder, and the modules that they call.
    fn module(&mut self, dir: &Path, path: Vec<Text>, caller: Option<Caller<'_>>) -> Module {
        let folder = normal(dir);
        let mut found = match self.known.get(&folder) {
            Some(known) => Module {
                path,
                ..known.clone()
            },
            None => self.folder(dir, path),
        };
        self.known.entry(folder.clone()).or_insert_with(|| found.clone());
        self.folders.push(folder);
        self.calls(&mut found, caller);
        self.folders.pop();
        found
    }

    fn folder(&mut self, dir: &Path, path: Vec<Text>) -> Module {
        let mut found = Module {
            path,
            ..Module::default()
        };
        dir.clone_into(&mut found.dir);
        let names = match self.files.list(dir) {
            Ok(names) => names,
            Err(why) => {
                let text = format!("The folder {} cannot be read: {why}.", shown(dir));
                self.problems
                    .push(Diagnostic::error("Failed to read module directory", text));
                return found;
            }
        };
        let names = names.iter().filter(|name| is_configuration_file(name));
        let (overriding, own): (Vec<&String>, Vec<&String>) = names.partition(|name| is_override(name));
        let mut blocks: Vec<Block> = own.iter().flat_map(|name| self.file(&dir.join(name))).collect();
        if !overriding.is_empty() {
            blocks = self.overridden(dir, blocks, &overriding);
        }
        for block in blocks {
            add_block(block, &mut found, &mut self.problems);
        }
        self.problems.extend(lookalike::warnings(&found));
        self.decide(&mut found);
        self.check_version(&found);
        found
    }

    /// The blocks, parts of them replaced by what override files say, in the order of their names.
    fn overridden(&mut self, dir: &Path, blocks: Vec<Block>, names: &[&String]) -> Vec<Block> {
        let mut problems = Diagnostics::new();
        let mut all = Overridden::new(blocks, &mut problems);
        for name in names {
            for block in self.file(&dir.join(name)) {
                all.replace(block);
            }
        }
        let blocks = all.into_blocks();
        self.problems.extend(problems);
        blocks
    }

    /// Decides which properties in JSON are arguments and which are blocks, where types say so.
    fn decide(&mut self, module: &mut Module) {
        let module: &mut Folder = module;
        let resources = module.resources.values_mut();
        for resource in resources.filter(|resource| !resource.body.is_decided()) {
            let spec = self.specs.resource(resource.name.mode, &resource.name.ty);
            self.problems.extend(decode::decide(&mut resource.body, spec));
        }
        let required = &module.required_providers;
        let providers = module.providers.values_mut();
        for provider in providers.filter(|provider| !provider.body.is_decided()) {
            let local = &provider.key.local;
            let name = required.get(local).map_or(local, |required| &required.source.ty);
            let spec = self.specs.provider(name);
            self.problems.extend(decode::decide(&mut provider.body, spec));
        }
    }

    /// The blocks of a file.
    fn file(&mut self, path: &Path) -> Vec<Block> {
        let name = shown(path);
        let (file, text) = match self.text(path, name.clone()) {
            Ok(read) => read,
            Err(why) => {
                let problem = Diagnostic::error("Failed to read file", format!("{name}: {why}."));
                self.problems.push(problem);
                return Vec::new();
            }
        };
        let parse = if is_json(&name) {
            parse_json_body
        } else {
            parse_body
        };
        match self.problems.take(parse(file, &text)) {
            Some(body) => top_blocks(body, &mut self.problems),
            None => Vec::new(),
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

    fn calls(&mut self, module: &mut Module, caller: Option<Caller<'_>>) {
        let mut calls = std::mem::take(&mut module.calls);
        let scope = self.early.map(|early| EarlyScope::new(early, module, caller));
        for call in calls.values_mut() {
            if let Some(target) = self.target(call, module, scope.as_ref()) {
                let path: Vec<Text> = module.path.iter().cloned().chain([call.name.clone()]).collect();
                if let Err(problem) = self.may_enter(&target, path.len()) {
                    self.problems.push(problem.at(call.source.span));
                } else if !self.too_much {
                    let caller = scope.as_ref().map(|scope| (&call.inputs, scope));
                    let found = self.module(&target, path, caller);
                    if let Err(problem) = self.left.take(&found)
                        && !std::mem::replace(&mut self.too_much, true)
                    {
                        self.problems.push(problem.at(call.span));
                    }
                    call.module = Arc::new(found);
                }
            }
        }
        module.calls = calls;
    }

    /// The folder that a call leads to.
    fn target(
        &mut self,
        call: &mut ModuleCall,
        module: &Module,
        scope: Option<&EarlyScope<'_>>,
    ) -> Option<PathBuf> {
        let is_open = call.source.is_open() || call.version.as_ref().is_some_and(EarlyText::is_open);
        match scope {
            Some(scope) => {
                self.problems.take(call.source.settle("source", scope))?;
                if let Some(version) = &mut call.version {
                    self.problems.take(version.settle("version", scope))?;
                }
            }
            None if is_open => {
                self.needs_values = true;
                return None;
            }
            None => {}
        }
        let wanted = self.problems.take(call.constraint())?;
        let beside = normal(&module.dir.join(&*call.source.text));
        // A folder may be called as archives are.
        let is_folder = || self.files.list(&beside).is_ok_and(|names| !names.is_empty());
        if call.is_local() || (call.is_path() && is_folder()) {
            return Some(beside);
        }
        self.installed_at(module, call, wanted.as_ref())
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
        if depth > MODULE_DEPTH && !std::mem::replace(&mut self.too_much, true) {
            let text = format!(
                "Modules call modules more than {MODULE_DEPTH} levels deep here, most likely in a circle."
            );
            return Err(Diagnostic::error("Modules nested too deep", text));
        }
        Ok(())
    }

    /// The folder of a module that was installed before, for the source that it is called with.
    fn installed_at(
        &mut self,
        module: &Module,
        call: &ModuleCall,
        wanted: Option<&Constraint>,
    ) -> Option<PathBuf> {
        if self.installed.is_none() {
            self.installed = Some(self.installed_modules());
        }
        let names: Vec<&str> = module
            .path
            .iter()
            .chain([&call.name])
            .map(|name| &**name)
            .collect();
        let (key, source) = (names.join("."), &call.source);
        let all = self.installed.as_ref()?;
        match all.find(&key, &source.text, wanted) {
            Ok(dir) => return Some(normal(&self.root.join(dir))),
            Err(problem) => {
                let problem = problem.told(&source.text, self.index);
                self.problems.push(problem.at(source.span));
            }
        }
        self.missing.push(Missing {
            key,
            source: source.text.clone(),
            caller: module.dir.clone(),
            version: call.version.as_ref().map(|version| version.text.clone()),
            span: source.span,
        });
        None
    }

    /// What the index of installed modules says; nothing if there is none.
    fn installed_modules(&mut self) -> Installed {
        let index = self.index;
        if !self.files.has(index) {
            return Installed::default();
        }
        let read = self.text(index, shown(index));
        match read.and_then(|(_, text)| Installed::parse(&text)) {
            Ok(installed) => installed,
            Err(why) => {
                let text = format!("{}: {why}.", shown(index));
                self.problems
                    .push(Diagnostic::error("Failed to read the installed modules", text));
                Installed::default()
            }
        }
    }
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
        "resource" | "data" | "ephemeral" => {
            let mode = match &*block.kind {
                "data" => Mode::Data,
                "ephemeral" => Mode::Ephemeral,
                _ => Mode::Managed,
            };
            if let Some(found) = resource::resource(block, mode, problems) {
                insert(&mut module.resources, found.name.clone(), found, problems);
            }
        }
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

fn locals(mut block: Block, module: &mut Module, problems: &mut Diagnostics) {
    if super::reader::labels(&block, [], problems).is_none() {
        return;
    }
    block.body.decide_arguments(Reading::Templates, problems);
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
    let kind = &block.kind;
    let guess = crate::diag::nearest(kind, KINDS)
        .map_or(String::new(), |nearest| format!(" Did you mean \"{nearest}\"?"));
    Diagnostic::error(
        "Unsupported block type",
        format!("Blocks of type \"{kind}\" are not expected here.{guess}"),
    )
    .at(block.header)
}

/// A path as shown to the user: without a leading `./`.
pub(super) fn shown(path: &Path) -> String {
    let text = normal(path).display().to_string();
    if text.is_empty() { ".".into() } else { text }
}

/// Takes `.` and, where possible, `..` out of a path without asking the disk.
pub(super) fn normal(path: &Path) -> PathBuf {
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
    use crate::lang::spec::BlockSpec;

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

    /// Knows no types.
    struct Untyped;

    impl Specs for Untyped {
        fn resource(&self, _: Mode, _: &str) -> Option<&BlockSpec> {
            None
        }

        fn provider(&self, _: &str) -> Option<&BlockSpec> {
            None
        }
    }

    #[track_caller]
    fn check(text: &'static str, expected: &[&str]) -> Sources {
        let mut sources = Sources::new();
        let origin = Origin {
            dir: Path::new("."),
            index: Path::new("index.json"),
            files: &Everywhere(text),
        };
        let (_, problems) = load(origin, &Untyped, None, &mut sources);
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
