//! The project that a command works on: its folder, environment, workspace, configuration and state.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use fs_err as fs;
use jiff::Timestamp;

use super::args::{LockArgs, StateArgs, Variables};
use super::disk::{Disk, Machine, make_private_folder, reason};
use super::environment::Environment;
use super::keeping::Keeping;
use super::log::Log;
use super::machine::write_secret;
use super::neighbours::refuse_folders;
use super::planning::tell_put_away;
use super::store::{self, Place};
use super::ui::Ui;
use super::variables;
use super::workspace::WorkspaceName;
use crate::config::{
    self, Configuration, Early, MODULE_INDEX, Module, Need, Origin, POLICY_FILE, Policy, SourceFile,
    is_configuration_file,
};
use crate::diag::{Diagnostic, Diagnostics, Result, Sources};
use crate::eval::{Inputs, Run, inputs};
use crate::graph::{self, Graph};
use crate::plan::{Mode, Options};
use crate::schema::Catalog;
use crate::state::store::{LockInfo, Snapshot, Store, problems};
use crate::state::{Secrets, State};

/// What every command finds when it starts. The working folder of the process is that of the project.
#[derive(Clone, Debug)]
pub struct Project {
    pub environment: Environment,
    /// The folder in which the program was started: `path.cwd`.
    pub started_in: PathBuf,
    /// When the program was started.
    pub started: Timestamp,
    /// What the command line gives for variables, once that is known.
    given: OnceCell<Variables>,
    pub log: Rc<Log>,
}

/// What a command wants of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// It may be missing: what is recorded is enough.
    Any,
    /// At least one file must be there.
    Some,
    /// The same, and what is imported without configuration counts as declared.
    Generating,
}

impl Wanted {
    /// What a plan needs.
    pub fn by(options: &Options) -> Self {
        match options.mode {
            Mode::Destroy => Self::Any,
            Mode::Normal if options.generate => Self::Generating,
            Mode::Normal | Mode::RefreshOnly => Self::Some,
        }
    }
}

impl Project {
    /// Goes to the project's folder.
    #[expect(
        clippy::disallowed_methods,
        reason = "the process is asked once and the answers are handed on"
    )]
    pub fn open(chdir: Option<&str>, environment: Environment, log: Rc<Log>) -> Result<Self> {
        if let Some(name) = environment.unreadable() {
            let detail = format!("The value of the environment variable {name} is no valid Unicode text.");
            return Err(Diagnostic::error("Invalid environment variable", detail).into());
        }
        let refused = |detail: String| Diagnostic::error("Error handling -chdir option", detail);
        let started_in = std::env::current_dir()
            .map_err(|error| refused(format!("The working folder cannot be read: {}.", reason(&error))))?;
        if let Some(dir) = chdir {
            std::env::set_current_dir(dir)
                .map_err(|error| refused(format!("Cannot go to the folder {dir}: {}.", reason(&error))))?;
        }
        Ok(Self {
            environment,
            started_in,
            started: Timestamp::now(),
            given: OnceCell::new(),
            log,
        })
    }

    /// The folder for what is not part of the configuration: `.terraform`.
    pub fn data_dir(&self) -> PathBuf {
        self.environment.option("DATA_DIR").unwrap_or(".terraform").into()
    }

    /// The file that lists the modules which `terraform init` has installed.
    pub fn module_index(&self) -> PathBuf {
        self.data_dir().join(MODULE_INDEX)
    }

    /// The workspace in use.
    pub fn workspace(&self) -> Result<WorkspaceName> {
        if let Some(named) = self.environment.option("WORKSPACE") {
            return WorkspaceName::parse(named)
                .ok_or_else(|| invalid_workspace(&format!("The environment variable TF_WORKSPACE chooses the workspace {named:?}, which is no name of one")));
        }
        let file = self.data_dir().join("environment");
        let refused = |why: &str| {
            let way = "workspace select NAME chooses one; with \"default\" it is the one without a name";
            invalid_workspace(&format!("{} {why}; {way}", file.display()))
        };
        let bytes = match super::disk::read(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(WorkspaceName::default()),
            read => read.map_err(|error| {
                let why = reason(&error);
                invalid_workspace(&format!("{} cannot be read: {why}", file.display()))
            })?,
        };
        let text = String::from_utf8_lossy(&bytes);
        match text.trim() {
            // A crash leaves such a file: which workspace was chosen nobody can tell.
            "" => Err(refused(
                "is empty, so that nothing says which workspace was chosen",
            )),
            chosen => WorkspaceName::parse(chosen).ok_or_else(|| {
                refused(&format!(
                    "chooses the workspace {chosen:?}, which is no name of one"
                ))
            }),
        }
    }

    /// What the command line gives for variables; none where the command has no option for them.
    pub fn given(&self) -> Option<&Variables> {
        self.given.get()
    }

    /// Says what the command line gives for variables. The first one counts: it is that of the command.
    pub fn give(&self, given: &Variables) {
        let _ = self.given.set(given.clone());
    }

    /// Whether the environment chooses the workspace.
    pub fn workspace_is_fixed(&self) -> bool {
        self.environment.option("WORKSPACE").is_some()
    }

    /// Chooses a workspace for the runs to come.
    pub fn choose_workspace(&self, name: &WorkspaceName) -> Result<()> {
        let write = || {
            make_private_folder(&self.data_dir())?;
            // Half a name, or none, would be another workspace.
            write_secret(&self.data_dir().join("environment"), name.as_str().as_bytes())
        };
        write().map_err(|error| {
            Diagnostic::error(
                "Failed to select workspace",
                format!("The choice cannot be written: {error}."),
            )
            .into()
        })
    }

    /// Reads the configuration, with what is wrong in it. The values of variables are asked for only where modules
    /// depend on them.
    pub fn configuration(&self, given: &Variables, sources: &mut Sources) -> (Configuration, Diagnostics) {
        self.give(given);
        let index = self.module_index();
        let origin = Origin {
            dir: Path::new("."),
            index: &index,
            files: &Disk,
        };
        let before = sources.clone();
        let (configuration, problems) = config::load(origin, Catalog::get(), None, sources);
        if !configuration.needs_values {
            return (configuration, problems);
        }
        *sources = before;
        let known = variables::collect(&configuration.root, given, &self.environment, sources)
            .and_then(|inputs| Ok((inputs, self.workspace()?)));
        let (inputs, workspace) = match known {
            Ok(known) => known,
            Err(problems) => return (configuration, problems),
        };
        let host = self.machine(None);
        let early = Early {
            host: &host,
            workspace: workspace.as_str(),
            given: &|variable| inputs::given(&inputs, variable, &host),
            need: Need::Modules,
        };
        config::load(origin, Catalog::get(), Some(early), sources)
    }

    /// Reads a configuration without errors, and its graph; warnings are told.
    pub fn load(&self, given: &Variables, ui: &mut Ui) -> Result<Arc<Graph>> {
        self.load_as(Wanted::Any, given, ui)
    }

    /// The configuration as far as a command wants it.
    pub fn load_as(&self, wanted: Wanted, given: &Variables, ui: &mut Ui) -> Result<Arc<Graph>> {
        if wanted != Wanted::Any {
            self.require_configuration()?;
        }
        let (mut configuration, problems) = self.configuration(given, &mut ui.sources);
        ui.warn_or(problems, ())?;
        if wanted == Wanted::Generating {
            configuration.declare_imported();
        }
        Ok(Arc::new(graph::build(&configuration)?))
    }

    /// At least one configuration file must be there.
    #[expect(
        clippy::disallowed_methods,
        reason = "the folder is named to the user after -chdir"
    )]
    fn require_configuration(&self) -> Result<()> {
        if !self.has_configuration() {
            let here =
                std::env::current_dir().map_or_else(|_| ".".to_owned(), |dir| dir.display().to_string());
            return Err(Diagnostic::error(
                "No configuration files",
                format!("The folder {here} contains no configuration files: no *.tf and no *.hcl, nor either with .json behind. To destroy what is recorded without configuration, use destroy."),
            )
            .into());
        }
        Ok(())
    }

    /// Whether any configuration file is there.
    pub fn has_configuration(&self) -> bool {
        use crate::config::Files as _;
        Disk.list(Path::new("."))
            .is_ok_and(|names| names.iter().any(|name| is_configuration_file(name)))
    }

    /// What the organisation does not allow: the policy file that the environment names, or else that of the folder.
    pub fn policy(&self, sources: &mut Sources) -> Result<Policy> {
        let named = self.environment.get("KEYFORM_POLICY");
        if named == Some("") {
            let detail = "The variable KEYFORM_POLICY is set, and empty: it would take the policy away without a word. Nothing was planned.";
            let error = Diagnostic::error("Failed to read the policy", detail);
            return Err(error.hint("Give it the path of the policy, or unset it.").into());
        }
        let path = Path::new(named.unwrap_or(POLICY_FILE));
        let failed = |why: &str| {
            let place = named.map_or("", |_| ", which KEYFORM_POLICY names,");
            let detail = format!(
                "The policy file {}{place} {why}. Nothing was planned.",
                path.display()
            );
            Diagnostics::from(Diagnostic::error("Failed to read the policy", detail))
        };
        if named.is_some() && !path.is_absolute() {
            return Err(failed(
                "must be given by its absolute path, so that it is the same one in every folder",
            ));
        }
        let bytes = match super::disk::read(path) {
            // A link that leads nowhere is no folder without a policy.
            Err(error)
                if named.is_none()
                    && error.kind() == std::io::ErrorKind::NotFound
                    && fs::symlink_metadata(path).is_err() =>
            {
                return Ok(Policy::default());
            }
            read => read.map_err(|error| failed(&format!("cannot be read: {}", reason(&error))))?,
        };
        let text = String::from_utf8(bytes).map_err(|_| failed("is not valid UTF-8"))?;
        let file = sources.add(path.display().to_string(), text.as_str());
        Policy::read(file, &text)
    }

    /// The configuration files of a read configuration, for a saved plan.
    pub fn source_files(sources: &Sources) -> Vec<SourceFile> {
        let own = sources.iter().filter(|(_, source)| !source.secret);
        own.map(|(_, source)| SourceFile {
            name: source.name.clone(),
            text: source.text.to_string(),
        })
        .collect()
    }

    /// The values for the variables of the root module; missing ones are asked for if questions are welcome.
    pub fn inputs(&self, root: &Module, given: &Variables, ui: &mut Ui) -> Result<Inputs> {
        let mut inputs = variables::collect(root, given, &self.environment, &mut ui.sources)?;
        variables::ask_missing(root, &mut inputs, ui);
        Ok(inputs)
    }

    /// What functions see of the machine: no time while planning.
    pub fn machine(&self, now: Option<Timestamp>) -> Machine {
        Machine {
            started_in: self.started_in.clone(),
            home: self.environment.home(),
            now,
            plan_time: Some(self.started),
        }
    }

    /// What holds for a whole run of planning.
    pub fn run(&self) -> Result<Run> {
        Ok(Run {
            workspace: self.workspace()?.as_str().into(),
            root_dir: ".".into(),
            applying: false,
            host: Rc::new(self.machine(None)),
            validating: false,
        })
    }

    /// The store of the current workspace's state. `root` is the configuration, if it is read already.
    pub fn store(&self, args: &StateArgs, root: Option<&Module>) -> Result<Box<dyn Store>> {
        let (place, keeping) = self.place_and_keeping(root)?;
        store::open(&place, &self.workspace()?, args, &keeping)
    }

    /// Where the states are.
    pub fn place(&self, root: Option<&Module>) -> Result<Place> {
        let loaded = Self::settings_without(root)?;
        self.place_by(root.or(loaded.as_ref()))
    }

    fn place_by(&self, root: Option<&Module>) -> Result<Place> {
        let place = root.map_or_else(|| Ok(Place::default()), store::place)?;
        store::check_initialised(&place, &self.data_dir().join("terraform.tfstate"))?;
        Ok(place)
    }

    /// The settings of the folder, where no configuration is read yet.
    fn settings_without(root: Option<&Module>) -> Result<Option<Module>> {
        root.map_or_else(store::settings_of_folder, |_| Ok(None))
    }

    /// How the state of the current workspace deals with secrets.
    pub fn secrets(&self) -> Result<Secrets> {
        let (place, keeping) = self.place_and_keeping(None)?;
        Ok(keeping.manner(&place.of(&self.workspace()?)).secrets)
    }

    /// Where the states are, and how they are kept.
    pub fn place_and_keeping(&self, root: Option<&Module>) -> Result<(Place, Keeping)> {
        let loaded = Self::settings_without(root)?;
        let root = root.or(loaded.as_ref());
        Ok((self.place_by(root)?, Keeping::of(self, root)?))
    }

    /// The current state; none if nothing is recorded yet. Who prints more of it than names, and than what it lets out,
    /// makes its secrets known first.
    pub fn state(&self, args: &StateArgs) -> Result<Option<State>> {
        Ok(self.store(args, None)?.read()?.map(|snapshot| snapshot.state))
    }

    /// Opens the store of the state, locks it for an operation that writes it, and reads it. Nothing is written beside a
    /// recovery file that is worth something.
    pub fn locked(
        &self,
        args: &StateArgs,
        lock: &LockArgs,
        operation: &str,
        ui: &mut Ui,
    ) -> Result<(Box<dyn Store>, Option<Snapshot>)> {
        let mut store = self.locked_unread(args, lock, operation)?;
        let snapshot = store::read(&mut *store)?;
        if let Some(snapshot) = &snapshot {
            tell_put_away(snapshot, ui);
            problems(&snapshot.rescued).or(())?;
        }
        Ok((store, snapshot))
    }

    /// Opens the store of the state and locks it for an operation that writes it.
    pub fn locked_unread(
        &self,
        args: &StateArgs,
        lock: &LockArgs,
        operation: &str,
    ) -> Result<Box<dyn Store>> {
        let mut store = self.store(args, None)?;
        refuse_folders(&*store, operation, self)?;
        self.lock(&mut *store, lock, operation)?;
        Ok(store)
    }

    /// Takes the lock of a store, unless the user waives it.
    pub fn lock(&self, store: &mut dyn Store, lock: &LockArgs, operation: &str) -> Result<()> {
        if lock.lock {
            store.lock(LockInfo::new(operation, &self.who()), lock.lock_timeout)?;
        }
        Ok(())
    }

    /// Who runs this: `user@host`.
    pub fn who(&self) -> String {
        let user = ["USER", "LOGNAME"]
            .iter()
            .find_map(|name| self.environment.get(name));
        let user = user.map_or_else(
            || {
                if rustix::process::getuid().is_root() {
                    "root".to_owned()
                } else {
                    rustix::process::getuid().as_raw().to_string()
                }
            },
            str::to_owned,
        );
        let host = fs::read_to_string("/proc/sys/kernel/hostname")
            .ok()
            .map(|text| text.trim().to_owned());
        let host = host.or_else(|| self.environment.get("HOSTNAME").map(str::to_owned));
        format!("{user}@{}", host.unwrap_or_else(|| "localhost".into()))
    }
}

/// Guessing a workspace would change what belongs to another one.
fn invalid_workspace(why: &str) -> Diagnostics {
    Diagnostic::error("Invalid workspace name", format!("{why}.")).into()
}
