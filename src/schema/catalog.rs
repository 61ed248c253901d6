//! The catalog: every schema file, read when its type is first asked for.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use super::load::{self, File, Provider};
use super::provider::ProviderSchema;
use super::resource::ResourceType;
use crate::addr::Mode;
use crate::diag::{Diagnostic, Diagnostics, FileId, Result, Sources, Span};
use crate::lang::spec::{BlockSpec, Specs};
use crate::value::Text;

include!(concat!(env!("OUT_DIR"), "/schemas.rs"));

/// Schema files are numbered from here, out of the way of the user's own files: a span into a schema file never
/// shows an excerpt of something else.
const FIRST_FILE: u32 = 1 << 24;

/// Every type and provider that the program knows. A schema file is read when its type is first asked for.
#[derive(Debug)]
pub struct Catalog {
    types: BTreeMap<(Mode, Text), Entry<ResourceType>>,
    providers: BTreeMap<Text, Entry<Provider>>,
}

/// A file that is read once.
#[derive(Debug)]
struct Entry<T> {
    /// The folder of the file, which is that of its provider.
    folder: &'static str,
    /// Its place in [`FILES`].
    file: usize,
    read: OnceLock<Result<T>>,
}

impl Catalog {
    /// The catalog of this program.
    pub fn get() -> &'static Self {
        static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::index);
        &CATALOG
    }

    /// A type of any mode.
    pub fn find(&self, mode: Mode, name: &str) -> Option<Result<&ResourceType>> {
        self.typed(mode, name)
    }

    /// A managed resource type; None when there is none of that name. An error means that the schema file itself
    /// is wrong, which the tests of the program rule out.
    pub fn resource_type(&self, name: &str) -> Option<Result<&ResourceType>> {
        self.typed(Mode::Managed, name)
    }

    /// A data source.
    pub fn data_source(&self, name: &str) -> Option<Result<&ResourceType>> {
        self.typed(Mode::Data, name)
    }

    /// A provider by its name: `aws`.
    pub fn provider(&self, name: &str) -> Option<Result<&ProviderSchema>> {
        let found = self.whole_provider(name)?;
        Some(found.map(|provider| &provider.schema))
    }

    /// The names of all types of a mode, sorted, without reading a file.
    pub fn names(&self, mode: Mode) -> Vec<Text> {
        let of_mode = self.types.keys().filter(|(its, _)| *its == mode);
        of_mode.map(|(_, name)| name.clone()).collect()
    }

    /// The names of all providers, sorted, without reading a file.
    pub fn providers(&self) -> Vec<Text> {
        self.providers.keys().cloned().collect()
    }

    /// Sorts the files by what their paths say.
    fn index() -> Self {
        let mut catalog = Self {
            types: BTreeMap::new(),
            providers: BTreeMap::new(),
        };
        for (file, (path, _)) in FILES.iter().enumerate() {
            let parts: Vec<&str> = path.trim_end_matches(".hcl").split('/').collect();
            match parts.as_slice() {
                [_, "shared"] => {}
                [folder, "provider"] => {
                    catalog
                        .providers
                        .insert(provider_name(folder).into(), Entry::new(folder, file));
                }
                [folder, name] => catalog.insert(Mode::Managed, folder, name, file),
                [folder, "data", name] => catalog.insert(Mode::Data, folder, name, file),
                [folder, "ephemeral", name] => catalog.insert(Mode::Ephemeral, folder, name, file),
                _ => {}
            }
        }
        catalog
    }

    fn insert(&mut self, mode: Mode, folder: &'static str, name: &str, file: usize) {
        let name = if folder == BUILTIN {
            name.into()
        } else {
            format!("{folder}_{name}").into()
        };
        self.types.insert((mode, name), Entry::new(folder, file));
    }

    fn typed(&self, mode: Mode, name: &str) -> Option<Result<&ResourceType>> {
        let entry = self.types.get(&(mode, name.into()))?;
        let read = entry.read.get_or_init(|| {
            let Some(provider) = self.whole_provider(provider_name(entry.folder)) else {
                let detail = format!("schemas/{}/provider.hcl is missing.", entry.folder);
                return Err(Diagnostic::error("Missing provider schema", detail).into());
            };
            load::resource(name, mode, file(entry.file), provider?)
        });
        Some(read.as_ref().map_err(Clone::clone))
    }

    fn whole_provider(&self, name: &str) -> Option<Result<&Provider>> {
        let entry = self.providers.get(name)?;
        let read = entry.read.get_or_init(|| {
            let shared = format!("{}/shared.hcl", entry.folder);
            let shared = FILES.iter().position(|(path, _)| *path == shared).map(file);
            load::provider(name, file(entry.file), shared)
        });
        Some(read.as_ref().map_err(Clone::clone))
    }
}

impl Specs for Catalog {
    fn resource(&self, mode: Mode, ty: &str) -> Option<&BlockSpec> {
        Some(&self.typed(mode, ty)?.ok()?.spec)
    }

    fn provider(&self, name: &str) -> Option<&BlockSpec> {
        Some(&self.whole_provider(name)?.ok()?.schema.spec)
    }
}

impl<T> Entry<T> {
    fn new(folder: &'static str, file: usize) -> Self {
        Self {
            folder,
            file,
            read: OnceLock::new(),
        }
    }
}

/// The folder of types that need no cloud.
const BUILTIN: &str = "builtin";

/// The provider of these types.
const BUILTIN_PROVIDER: &str = "terraform";

/// The provider of the types in a folder.
fn provider_name(folder: &str) -> &str {
    if folder == BUILTIN {
        BUILTIN_PROVIDER
    } else {
        folder
    }
}

fn file(index: usize) -> File<'static> {
    let number = u32::try_from(index).expect("fewer than 2^24 schema files");
    File {
        id: FileId(FIRST_FILE + number),
        text: FILES[index].1,
    }
}

/// The text of a span of the catalog's files.
pub(super) fn text_of(span: Span) -> &'static str {
    let index = span.file.0.saturating_sub(FIRST_FILE) as usize;
    let text = FILES.get(index).map_or("", |(_, text)| *text);
    text.get(span.start as usize..span.end as usize).unwrap_or("")
}

/// The example of a type; empty when there is none, which the tests rule out.
pub(super) fn example(ty: &ResourceType) -> &'static str {
    let folder = if &*ty.provider == BUILTIN_PROVIDER {
        BUILTIN
    } else {
        &ty.provider
    };
    let path = format!("{folder}/{}/main.tf", ty.place());
    EXAMPLES
        .iter()
        .find(|(known, _)| *known == path)
        .map_or("", |(_, text)| *text)
}

/// The texts of all schema files, to show what [`super::check_all`] reports.
pub fn sources() -> Sources {
    let mut sources = Sources::new();
    for (path, text) in FILES {
        sources.add(format!("schemas/{path}"), *text);
    }
    sources
}

/// Reads and checks every schema file. The spans point into [`sources`].
pub fn check_all() -> Diagnostics {
    let catalog = Catalog::get();
    let mut problems = Diagnostics::new();
    for name in catalog.providers() {
        if let Some(provider) = catalog.provider(&name) {
            problems.take(provider);
        }
    }
    for (mode, name) in catalog.types.keys() {
        let checked = catalog.typed(*mode, name).and_then(|read| problems.take(read));
        let provider = checked.and_then(|ty| catalog.provider(&ty.provider)?.ok());
        if let (Some(ty), Some(provider)) = (checked, provider) {
            problems.extend(super::check::check(ty, provider));
        }
    }
    problems.iter_mut().for_each(relocate);
    problems
}

/// Moves spans from the catalog's numbering of files to that of [`sources`].
fn relocate(problem: &mut Diagnostic) {
    let labels = problem.labels.iter_mut().map(|label| &mut label.span);
    let moved = |span: &mut Span| span.file.0 = span.file.0.saturating_sub(FIRST_FILE);
    problem.span.iter_mut().chain(labels).for_each(moved);
}
