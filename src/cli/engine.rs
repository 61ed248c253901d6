//! What every command of the engine opens: runner, clouds or sandbox, and this machine.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::addr::{InstanceAddr, ParseError, Target, parse_instance, parse_target};
use crate::clouds;
use crate::config::Policy;
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::eval::{Inputs, Run};
use crate::graph::Graph;
use crate::plan::live::{Elsewhere, LiveObserver, Providers};
use crate::plan::record::{Record, Recorder, Replay};
use crate::plan::{self, Allowed, Made, Mode, Observer, Options};
use crate::sandbox;
use crate::state::State;

use super::args::{PartArgs, PlanningArgs};
use super::connector::CloudConnector;
use super::machine::LocalMachine;
use super::project::Project;
use super::runner::Runner;
use super::ui::Ui;

/// The folder beside the configuration in which keyform keeps what is its own.
pub const OWN_FOLDER: &str = ".keyform";

/// Everything that looks outside.
pub struct Engine {
    pub runner: Rc<Runner>,
    pub connector: CloudConnector,
    pub machine: Rc<LocalMachine>,
    /// Kept alive as long as the engine is.
    sandbox: Option<sandbox::Running>,
}

/// What a command may ask the clouds to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Change,
}

/// What a plan is made from.
pub struct Question {
    pub graph: Arc<Graph>,
    pub inputs: Inputs,
    pub run: Run,
    pub state: State,
    pub options: Options,
    pub timestamp: jiff::Timestamp,
    /// What the organisation does not allow.
    pub policy: Policy,
}

/// A plan and what was seen for it.
pub struct Answer {
    pub made: Made,
    pub providers: Providers,
    pub record: Record,
    /// Where services are asked, if not at their own addresses; of a saved plan, where they were.
    pub elsewhere: Elsewhere,
}

impl Engine {
    /// Opens the engine. With `sandbox`, local emulations play the clouds.
    pub fn open(project: &Project, sandbox: bool, access: Access) -> Result<Self> {
        let runner = Rc::new(Runner::new()?);
        let running = if sandbox { Some(start_sandbox()?) } else { None };
        let environment = clouds::Environment {
            variables: project.environment.all().clone(),
            home: project.environment.home(),
        };
        let connector = CloudConnector {
            environment: environment.clone(),
            sandbox: running
                .as_ref()
                .map(|running| format!("http://{}", running.address)),
            read_only: access == Access::Read,
            quotas: clouds::Quotas::default(),
            log: project.log.clone(),
        };
        let machine = Rc::new(LocalMachine::new(Path::new("."), sandbox, environment));
        Ok(Self {
            runner,
            connector,
            machine,
            sandbox: running,
        })
    }

    /// Refuses to change a state with the sandbox that was made with real clouds.
    pub fn refuse_real(&self, state: &State) -> Result<()> {
        match self.sandbox {
            Some(_) => super::real::refuse(state, &sandbox_data()),
            None => Ok(()),
        }
    }

    /// Makes a plan by looking at the clouds.
    pub fn plan(&mut self, question: Question) -> Answer {
        self.ask(question, None)
    }

    /// Makes a saved plan again from what was seen then.
    pub fn plan_again(&mut self, question: Question, record: Record) -> Answer {
        self.ask(question, Some(record))
    }

    fn ask(&mut self, question: Question, replay: Option<Record>) -> Answer {
        let runner = self.runner.clone();
        let mut live = LiveObserver {
            connector: &mut self.connector,
            runtime: &*runner,
            machine: self.machine.clone(),
            providers: Providers::default(),
            progress: Box::new(|_, _| {}),
        };
        let may_ask = !question.options.skip_refresh;
        let policy = question.policy.clone();
        let (mut made, mut record) = match replay {
            None => {
                let mut recorder = Recorder {
                    inner: &mut live,
                    record: Record::default(),
                };
                let made = make(question, &mut recorder);
                (made, recorder.record)
            }
            Some(record) => {
                let mut replay = Replay {
                    inner: &mut live,
                    record,
                };
                let made = make(question, &mut replay);
                (made, replay.record)
            }
        };
        record.elsewhere.extend(live.providers.elsewhere());
        plan::limit(&mut made, &policy);
        plan::look_up(&mut made, &mut live, may_ask);
        plan::govern(&mut made, &policy);
        plan::check_lockout(&mut made, &mut live, may_ask);
        plan::warn_of_pending(&mut made, &mut live, may_ask);
        plan::check_files(&mut made, &*self.machine);
        plan::note(&mut made);
        let mut problems = std::mem::take(&mut made.problems);
        problems.extend(warn_of_exposed(&live.providers));
        made.problems = plan::each_unknown_type_once(made.evaluator.graph().locate(problems));
        if let Err(stopped) = runner.check() {
            // What else there was to say comes of this.
            made.problems = stopped;
        }
        Answer {
            made,
            providers: live.providers,
            elsewhere: record.elsewhere.clone(),
            record,
        }
    }

    /// Ends what runs beside, and says when its data could not be saved.
    pub fn close(self) -> Result<()> {
        match self.sandbox {
            Some(running) => running.stop().map_err(|error| {
                Diagnostic::error(
                    "Failed to save the sandbox",
                    format!("The sandbox's data could not be written: {error}."),
                )
                .into()
            }),
            None => Ok(()),
        }
    }
}

fn make(question: Question, observer: &mut dyn Observer) -> Made {
    let Question {
        graph,
        inputs,
        run,
        state,
        options,
        timestamp,
        policy: _,
    } = question;
    plan::make(
        plan::Input {
            graph,
            state,
            inputs,
            run,
            options,
            timestamp,
        },
        observer,
    )
}

fn start_sandbox() -> Result<sandbox::Running> {
    let failed = |error: std::io::Error| {
        Diagnostics::from(Diagnostic::error(
            "Failed to start the sandbox",
            format!("The local emulations cannot run: {error}."),
        ))
    };
    super::disk::make_private_folder(Path::new(OWN_FOLDER)).map_err(failed)?;
    sandbox::start(sandbox::Options {
        data: Some(sandbox_data()),
        ..sandbox::Options::default()
    })
    .map_err(failed)
}

/// What the sandbox remembers between runs.
fn sandbox_data() -> PathBuf {
    Path::new(OWN_FOLDER).join("sandbox.json")
}

/// The options of a plan from the command line.
pub fn options(args: &PlanningArgs, generate: bool) -> Result<Options> {
    let mut problems = Diagnostics::new();
    let mode = match (args.destroy, args.refresh_only) {
        (false, false) => Mode::Normal,
        (true, false) => Mode::Destroy,
        (false, true) => Mode::RefreshOnly,
        (true, true) => {
            problems.push(incompatible(
                "The -destroy and -refresh-only options are mutually-exclusive.",
            ));
            Mode::Normal
        }
    };
    if args.refresh_only && !args.refresh {
        problems.push(incompatible("It doesn't make sense to use -refresh-only at the same time as -refresh=false, because then there would be nothing to do."));
    }
    if !args.replace.is_empty() && mode != Mode::Normal {
        problems.push(incompatible(
            "The -replace option goes with a normal plan only, not with -destroy or -refresh-only.",
        ));
    }
    let replace: Vec<InstanceAddr> = args
        .replace
        .iter()
        .filter_map(|text| problems.take(instance(text, "-replace")))
        .collect();
    let (targets, excludes) = problems.take(part(&args.part)).unwrap_or_default();
    let destroy_keys = problems.take(named_keys(&args.destroy_key)).unwrap_or_default();
    let in_use = problems.take(named_keys(&args.destroy_key_in_use));
    problems.or(Options {
        mode,
        skip_refresh: !args.refresh,
        targets,
        excludes,
        replace,
        destroy_keys,
        destroy_keys_in_use: in_use.unwrap_or_default(),
        open: std::collections::BTreeMap::new(),
        generate,
    })
}

/// Reads `-destroy-key` and `-destroy-key-in-use`.
pub fn named_keys(texts: &[String]) -> Result<Vec<Allowed>> {
    let mut problems = Diagnostics::new();
    let read = |text: &String| Allowed::parse(text).map_err(|error| invalid(text, "destroy-key", &error));
    let found = texts.iter().map(read);
    let found = found.filter_map(|found| problems.take(found)).collect();
    problems.or(found)
}

fn incompatible(detail: &str) -> Diagnostic {
    Diagnostic::error("Incompatible plan mode options", detail)
}

/// Reads `-target` and `-exclude`, of which only one may be given.
pub fn part(args: &PartArgs) -> Result<(Vec<Target>, Vec<Target>)> {
    let mut problems = Diagnostics::new();
    if !args.target.is_empty() && !args.exclude.is_empty() {
        problems.push(Diagnostic::error(
            "Invalid combination of arguments",
            "The -target and -exclude options cannot be used together: the one names all that is planned, the other all that is not. Leave out one of them.",
        ));
    }
    let mut read = |texts: &[String], option: &str| {
        let found = texts.iter().map(|text| address(text, option));
        found.filter_map(|found| problems.take(found)).collect::<Vec<_>>()
    };
    let targets = read(&args.target, "target");
    let excludes = read(&args.exclude, "exclude");
    problems.or((targets, excludes))
}

fn address(text: &str, option: &str) -> Result<Target> {
    parse_target(text).map_err(|error| invalid(text, option, &error))
}

fn invalid(text: &str, option: &str, error: &ParseError) -> Diagnostics {
    let summary = format!("Invalid {option} address");
    Diagnostic::error(summary, format!("-{option} {text:?}: {}", error.0)).into()
}

/// Reads the address of a managed instance.
pub fn instance(text: &str, option: &str) -> Result<InstanceAddr> {
    let addr = parse_instance(text).map_err(|error| {
        Diagnostics::from(Diagnostic::error(
            "Invalid address",
            format!("{option} {text:?}: {}", error.0),
        ))
    })?;
    if !addr.resource.is_managed() {
        let detail = format!("{option} {text:?}: only managed resources can be given, not data sources.");
        return Err(Diagnostic::error("Invalid address", detail).into());
    }
    Ok(addr)
}

/// Says which credentials others can read.
fn warn_of_exposed(providers: &Providers) -> Diagnostics {
    let files: Vec<String> = providers.exposed().into_iter().collect();
    if files.is_empty() {
        return Diagnostics::new();
    }
    let detail = format!(
        "Other users of this machine may read the secrets in {}.",
        files.join(" and in ")
    );
    Diagnostic::warning("Others can read your credentials", detail)
        .hint(format!("Keep them to yourself: chmod 600 {}", files.join(" ")))
        .into()
}

/// What goes with -target and -exclude: a word of warning.
pub fn warn_of_targets(options: &Options, ui: &mut Ui) {
    if options.is_partial() {
        let option = if options.targets.is_empty() {
            "-exclude"
        } else {
            "-target"
        };
        let warning = Diagnostic::warning(
            "Resource targeting is in effect",
            format!(
                "You are creating a plan with the {option} option, which means that the result of this plan may not represent all of the changes requested by the current configuration.\n\nThe {option} option is not for routine use, and is provided only for exceptional situations such as recovering from errors or mistakes, or when keyform specifically suggests to use it as part of an error message."
            ),
        );
        ui.diagnostics(&warning.into());
    }
}
