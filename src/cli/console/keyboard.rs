//! Expressions typed at a terminal: editing of lines, what was typed before, and when an expression is complete.

use std::path::{Path, PathBuf};

use rustyline::config::Configurer as _;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Behavior, Config, Editor};

use crate::cli::environment::Environment;
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::lang::syntax::is_open;

/// As many expressions are remembered.
const REMEMBERED: usize = 1000;

/// A terminal that lines are edited on.
pub(super) struct Keyboard {
    editor: Editor<(), FileHistory>,
    /// Where expressions are remembered beyond this run; they may hold secrets, so only where somebody asked for it.
    history: Option<PathBuf>,
}

/// What somebody typed.
pub(super) enum Typed {
    /// A whole expression, or what its writer takes for one.
    Text(String),
    /// The line was given up with Ctrl-C.
    Cleared,
    /// The same with an expression of several lines.
    Cancelled,
    /// Nothing more comes.
    End,
}

impl Keyboard {
    /// The terminal of this process, with the history in the file that `KEYFORM_CONSOLE_HISTORY` names.
    /// What is wrong with that file is only a warning.
    pub(super) fn open(environment: &Environment) -> Result<(Self, Diagnostics)> {
        // Results may go to a file while lines are edited.
        let config = Config::builder().behavior(Behavior::PreferTerm).build();
        let mut editor = Editor::with_config(config).map_err(|error| unusable(&error))?;
        editor
            .set_max_history_size(REMEMBERED)
            .map_err(|error| unusable(&error))?;
        let named = environment.get("KEYFORM_CONSOLE_HISTORY");
        let history = named.filter(|path| !path.is_empty()).map(PathBuf::from);
        let mut problems = Diagnostics::new();
        if let Some(path) = history.as_ref().filter(|path| path.exists())
            && let Err(error) = editor.load_history(path)
        {
            problems.push(lost("read", path, &error));
        }
        Ok((Self { editor, history }, problems))
    }

    /// Waits for an expression. Open brackets, templates and heredocs go on in the next line, until an empty one.
    pub(super) fn read(&mut self) -> Result<Typed> {
        let mut text = String::new();
        loop {
            let is_first = text.is_empty();
            match self.editor.readline(if is_first { "> " } else { ": " }) {
                Ok(line) => {
                    text.push_str(&line);
                    text.push('\n');
                    if line.trim().is_empty() || !is_open(&text) {
                        return Ok(Typed::Text(text.trim().to_owned()));
                    }
                }
                Err(ReadlineError::Interrupted) if is_first => return Ok(Typed::Cleared),
                Err(ReadlineError::Interrupted) => return Ok(Typed::Cancelled),
                Err(ReadlineError::Eof) => return Ok(Typed::End),
                Err(error) => return Err(unusable(&error).into()),
            }
        }
    }

    /// Keeps an expression for later.
    pub(super) fn remember(&mut self, text: &str) -> Diagnostics {
        let mut problems = Diagnostics::new();
        let added = self.editor.add_history_entry(text).map(drop);
        if let Some(path) = &self.history
            && let Err(error) = added.and_then(|()| self.editor.append_history(path))
        {
            problems.push(lost("written", path, &error));
            // Said once: the rest of this run goes without.
            self.history = None;
        }
        problems
    }
}

fn unusable(error: &ReadlineError) -> Diagnostic {
    let detail = format!(
        "Lines cannot be read from this terminal: {error}. Expressions may come through a pipe instead."
    );
    Diagnostic::error("Terminal not usable", detail)
}

fn lost(done: &str, path: &Path, error: &ReadlineError) -> Diagnostic {
    let detail = format!(
        "The file {}, which KEYFORM_CONSOLE_HISTORY names, cannot be {done}: {error}. What is typed is remembered in this run only.",
        path.display()
    );
    Diagnostic::warning("History of the console not kept", detail)
}
