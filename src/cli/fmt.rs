//! `fmt`: configuration files in the usual form.

use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgAction, Args};
use fs_err as fs;

use super::disk::{self, reason};
use super::ui::Ui;
use crate::config::is_configuration_file;
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::lang::syntax;

/// The arguments of `fmt`.
#[derive(Args, Debug)]
pub struct FmtArgs {
    /// Files or folders; "-" for the standard input; the working folder without
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Whether to list the files that change
    #[arg(long, action = ArgAction::SetFalse)]
    list: bool,
    /// Whether to write the files that change
    #[arg(long, action = ArgAction::SetFalse)]
    write: bool,
    /// Show the differences
    #[arg(long)]
    diff: bool,
    /// Change nothing; exit with 3 if something would change
    #[arg(long)]
    check: bool,
    /// Folders within folders too
    #[arg(long)]
    recursive: bool,
}

/// What the standard input is called.
const STDIN: &str = "<stdin>";

/// A run under way.
struct Run<'u> {
    ui: &'u mut Ui,
    list: bool,
    write: bool,
    diff: bool,
    /// The texts themselves go to stdout, as nothing else is done with them.
    texts: bool,
    recursive: bool,
    changed: bool,
    problems: Diagnostics,
}

/// Runs the command.
pub fn run(args: &FmtArgs, ui: &mut Ui) -> ExitCode {
    let from_stdin = args.targets == ["-"];
    let list = args.list && !from_stdin;
    let write = args.write && !args.check && !from_stdin;
    let mut run = Run {
        ui,
        list,
        write,
        // A check that lists nothing says nothing at all.
        diff: args.diff && (list || !args.check),
        texts: !list && !write && !args.diff && !args.check,
        recursive: args.recursive,
        changed: false,
        problems: Diagnostics::new(),
    };
    if from_stdin {
        run.stdin();
    } else if args.targets.is_empty() {
        run.folder(Path::new("."));
    } else {
        args.targets
            .iter()
            .for_each(|target| run.target(Path::new(target)));
    }
    let Run {
        changed,
        problems,
        ui,
        ..
    } = run;
    ui.diagnostics(&problems);
    match (problems.has_errors(), args.check && changed) {
        (true, _) => ExitCode::from(2),
        (false, true) => ExitCode::from(3),
        (false, false) => ExitCode::SUCCESS,
    }
}

impl Run<'_> {
    fn stdin(&mut self) {
        let mut text = Vec::new();
        if let Err(error) = std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut text) {
            let detail = format!("The standard input cannot be read: {}.", reason(&error));
            self.problems
                .push(Diagnostic::error("Failed to read the standard input", detail));
            return;
        }
        if let Some((before, after)) = self.format(STDIN, text) {
            self.changed |= before != after;
            if self.diff {
                self.show_difference(STDIN, &before, &after);
            }
            if self.texts {
                self.ui.data(&after);
            }
        }
    }

    fn target(&mut self, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match fs::metadata(path) {
            Err(_) => {
                let detail = format!("No file or folder is called {}.", path.display());
                self.problems
                    .push(Diagnostic::error("No file or directory at target", detail));
            }
            Ok(data) if data.is_dir() => self.folder(path),
            // One that is named may be hidden.
            Ok(_) if is_formatted(name.trim_start_matches('.')) => self.file(path),
            Ok(_) => self.problems.push(Diagnostic::error(
                "Not a configuration file",
                format!(
                    "{}: only .tf, .hcl and .tfvars files can be processed with fmt.",
                    path.display()
                ),
            )),
        }
    }

    fn folder(&mut self, dir: &Path) {
        let entries = match read_folder(dir) {
            Ok(entries) => entries,
            Err(why) => {
                let detail = format!("The folder {} cannot be read: {why}.", dir.display());
                self.problems
                    .push(Diagnostic::error("Cannot read directory", detail));
                return;
            }
        };
        for (path, is_dir) in entries {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.starts_with('.') {
                continue;
            }
            if is_dir {
                if self.recursive {
                    self.folder(&path);
                }
            } else if is_formatted(&name) {
                self.file(&path);
            }
        }
    }

    fn file(&mut self, path: &Path) {
        let shown = from_here(path).display().to_string();
        let text = match disk::read(path) {
            Ok(text) => text,
            Err(error) => {
                let detail = format!("{shown} cannot be read: {}.", reason(&error));
                self.problems
                    .push(Diagnostic::error("Failed to read file", detail));
                return;
            }
        };
        let Some((before, after)) = self.format(&shown, text) else {
            return;
        };
        if self.texts {
            self.ui.data(&after);
        }
        if before == after {
            return;
        }
        self.changed = true;
        if self.list {
            self.ui.line(&shown);
        }
        if self.write
            && let Err(error) = replace(path, &after)
        {
            let detail = format!("{shown} cannot be written: {}.", reason(&error));
            self.problems
                .push(Diagnostic::error("Failed to write file", detail));
        }
        if self.diff {
            self.show_difference(&shown, &before, &after);
        }
    }

    /// The text before and after; none when it is no configuration.
    fn format(&mut self, name: &str, text: Vec<u8>) -> Option<(String, String)> {
        let Ok(text) = String::from_utf8(text) else {
            let detail = format!("{name} is not valid UTF-8.");
            self.problems
                .push(Diagnostic::error("Invalid character encoding", detail));
            return None;
        };
        match syntax::format::format(&text) {
            Ok(after) => Some((text, after)),
            Err(errors) => {
                let sources = &mut self.ui.sources;
                let file = if may_hold_secrets(name) {
                    sources.add_secret(name, &text)
                } else {
                    sources.add(name, text.as_str())
                };
                let here = |span: &mut Span| span.file = file;
                for mut error in errors {
                    error.span.iter_mut().for_each(here);
                    error
                        .labels
                        .iter_mut()
                        .map(|label| &mut label.span)
                        .for_each(here);
                    self.problems.push(error);
                }
                None
            }
        }
    }

    fn show_difference(&mut self, name: &str, before: &str, after: &str) {
        // Line ends stay as they are, so that they need not be seen.
        let (before, after) = (before.replace("\r\n", "\n"), after.replace("\r\n", "\n"));
        let difference = similar::TextDiff::from_lines(&before, &after);
        let shown = difference
            .unified_diff()
            .header(&format!("old/{name}"), &format!("new/{name}"))
            .to_string();
        self.ui.result(&shown);
    }
}

/// A path as it is called from the working folder, by the names alone: `sub/../a.tf` is `a.tf`.
fn from_here(path: &Path) -> PathBuf {
    let mut absolute = PathBuf::new();
    let here = std::path::absolute(".").unwrap_or_default();
    for part in here.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(absolute.pop()),
            part => absolute.push(part),
        }
    }
    let common = here.components().zip(absolute.components());
    let common = common.take_while(|(ours, theirs)| ours == theirs).count();
    let up = here.components().skip(common).map(|_| Component::ParentDir);
    up.chain(absolute.components().skip(common)).collect()
}

/// Files that `fmt` looks after.
#[expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "names of configuration files are exact"
)]
fn is_formatted(name: &str) -> bool {
    let ours = is_configuration_file(name) && !name.ends_with(".json");
    ours || [".tfvars", ".tftest.hcl", ".tfmock.hcl"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Whether a text may be one of variables, of which nothing is quoted. What comes from the standard input may be any.
fn may_hold_secrets(name: &str) -> bool {
    name == STDIN || Path::new(name).extension().is_some_and(|end| end == "tfvars")
}

/// The entries of a folder by name, and whether each is a folder.
fn read_folder(dir: &Path) -> Result<Vec<(PathBuf, bool)>, String> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir).map_err(|error| reason(&error))? {
        let entry = entry.map_err(|error| reason(&error))?;
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        entries.push((entry.path(), is_dir));
    }
    entries.sort();
    Ok(entries)
}

/// Replaces a file's text at once, keeping its permissions; a link is followed.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let path = fs::canonicalize(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file()
        .set_permissions(fs::metadata(&path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}
