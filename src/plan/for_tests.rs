//! Plans of one file in a world in which everything is as recorded.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;

use super::observe::{Observer, Wanted};
use super::{Input, Made, Options, make};
use crate::addr::ProviderConfig;
use crate::config::{self, Files};
use crate::diag::{Diagnostic, Result, Sources};
use crate::eval::{Inputs, Run};
use crate::lang::expr::Host;
use crate::resource::operate::{Existence, Found};
use crate::state::State;
use crate::state::journal::Intent;
use crate::value::{Text, Value};

/// A folder with one file.
struct One(String);

impl Files for One {
    fn list(&self, _: &Path) -> std::result::Result<Vec<String>, String> {
        Ok(vec!["main.tf".into()])
    }

    fn read(&self, _: &Path) -> std::result::Result<String, String> {
        Ok(self.0.clone())
    }
}

/// A world in which everything is as recorded, and in which the user asks to stop after so many steps.
struct Still {
    steps: Cell<usize>,
}

impl Observer for Still {
    fn configure(&mut self, _: &ProviderConfig, arguments: Value) -> Result<Value> {
        Ok(arguments)
    }

    fn may_go_on(&self) -> Result<()> {
        let left = self.steps.get().checked_sub(1);
        self.steps.set(left.unwrap_or_default());
        left.map(|_| ())
            .ok_or_else(|| Diagnostic::error("Interrupted", "").into())
    }

    fn refresh(&mut self, wanted: &[Wanted]) -> Vec<Result<Existence>> {
        let as_recorded = |wanted: &Wanted| Ok(Existence::There(wanted.prior.clone()));
        wanted.iter().map(as_recorded).collect()
    }

    fn read_data(&mut self, wanted: &Wanted, _: &Value) -> Result<Value> {
        Ok(wanted.prior.clone())
    }

    fn open(&mut self, wanted: &Wanted, arguments: &Value) -> Result<Option<Value>> {
        self.read_data(wanted, arguments).map(Some)
    }

    fn find(&mut self, _: &Wanted, _: &Intent) -> Result<Found> {
        Ok(Found::Untold)
    }

    fn among(&mut self, _: &Wanted, _: &Intent) -> Result<Vec<Text>> {
        Ok(Vec::new())
    }

    fn import(&mut self, wanted: &Wanted, _: &str) -> Result<Value> {
        Ok(wanted.prior.clone())
    }
}

/// No files, no clock.
pub struct NoMachine;

impl Host for NoMachine {
    fn read_file(&self, _: &str) -> std::result::Result<Vec<u8>, String> {
        Err("there is no file".into())
    }

    fn file_exists(&self, _: &str) -> std::result::Result<bool, String> {
        Ok(false)
    }

    fn working_dir(&self) -> &Path {
        Path::new("/")
    }

    fn now(&self) -> Option<Timestamp> {
        None
    }

    fn plan_time(&self) -> Option<Timestamp> {
        None
    }
}

/// The plan of a configuration for what is recorded.
pub fn planned(text: &str, state: State) -> Made {
    planned_until(text, state, usize::MAX)
}

/// The same, where the user asks to stop after so many steps.
pub fn planned_until(text: &str, state: State, steps: usize) -> Made {
    let (configuration, problems) = config::load(
        config::Origin {
            dir: Path::new("."),
            index: Path::new("modules.json"),
            files: &One(text.to_owned()),
        },
        crate::schema::Catalog::get(),
        None,
        &mut Sources::new(),
    );
    assert!(!problems.has_errors(), "{problems:?}");
    let input = Input {
        graph: Arc::new(crate::graph::build(&configuration).unwrap()),
        state,
        inputs: Inputs::new(),
        run: Run {
            workspace: "default".into(),
            root_dir: PathBuf::from("."),
            applying: false,
            host: Rc::new(NoMachine),
            validating: false,
        },
        options: Options::default(),
        timestamp: Timestamp::UNIX_EPOCH,
    };
    let mut still = Still {
        steps: Cell::new(steps),
    };
    make(input, &mut still)
}
