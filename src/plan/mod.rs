//! Decides what to do. A plan is a value: everything that is to happen, and in which order.

mod account;
mod alike;
mod allowed;
pub mod drift;
mod ephemeral;
mod exclude;
mod fate;
mod files;
#[cfg(test)]
pub(crate) mod for_tests;
mod generate;
mod import;
mod instance;
pub mod json;
mod leaving;
pub mod live;
mod lockout;
mod make;
mod note;
mod observe;
mod order;
mod orphan;
mod outputs;
mod pending;
mod policy;
mod prior;
mod provider;
pub mod record;
mod refresh;
pub mod relevant;
pub mod render;
mod rival;
mod scoped;
mod secrets;
mod stray;
mod target;
mod trigger;
mod twin;
mod unknown;
mod usage;
mod within;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::addr::{InstanceAddr, OnDestroy, ProviderConfig, ResourceAddr};
use crate::eval::{Checks, ModuleInstanceId, Repetition};
use crate::graph::NodeId;
use crate::resource::{self, Action, Change};
use crate::schema::ResourceType;
use crate::state::Guard;
use crate::value::{Marks, Text, Value};

pub use allowed::Allowed;
pub use ephemeral::ephemeral;
pub use fate::without_meaning;
pub use files::check_files;
pub use lockout::{check_lockout, check_lockout_now};
pub use make::{Input, Made, Options, find_type, make};
pub use note::{Note, note};
pub use observe::{Observer, Wanted};
pub use order::{Step, StepId, StepKind, steps};
pub use pending::warn_of_pending;
pub use policy::{govern, limit};
pub use provider::open_provider;
pub use refresh::inherit;
pub use rival::rivals;
pub use scoped::{as_warnings, failure};
pub use stray::{Beside, Strays, beside, in_other_region, not_looked_for, other_than_imported};
pub use twin::{Identity, Keepsakes, imported_twice, recorded_elsewhere};
pub use unknown::each_unknown_type_once;
pub use usage::{InUse, RECENT_DAYS, Usage, look_up};

/// Everything that is to happen.
pub struct Plan {
    pub mode: Mode,
    /// Every instance, those left alone too, in the order in which they are shown: by module depth, module,
    /// data before managed, type, name, key.
    pub changes: Vec<Planned>,
    /// What changed outside since the last run, in the same order: `before` is what the state says.
    pub drift: Vec<Planned>,
    pub outputs: BTreeMap<Text, OutputChange>,
    pub checks: Checks,
    /// The values of the root module's variables as they were given, else their defaults; what was given to ephemeral
    /// ones is left out.
    pub variables: BTreeMap<Text, Value>,
    /// Only a part of what is declared was planned: targets were given, or exclusions.
    pub is_partial: bool,
    pub timestamp: Timestamp,
    /// The attributes of resources that the configuration refers to: drift of others is not worth a word.
    pub relevant: Vec<(ResourceAddr, Vec<Text>)>,
    /// Planning ended early: it may be shown, but not applied.
    pub errored: bool,
    /// For so many days a use is recent.
    pub recent_days: i64,
}

/// What a plan is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Normal,
    Destroy,
    RefreshOnly,
}

/// What is to happen to one object.
#[derive(Clone, Debug)]
pub struct Planned {
    pub addr: InstanceAddr,
    /// Where the state had it before a move.
    pub moved_from: Option<InstanceAddr>,
    /// An object left over from a replacement.
    pub deposed: Option<Text>,
    pub provider: ProviderConfig,
    pub ty: &'static ResourceType,
    pub change: Change,
    pub reason: Option<Reason>,
    /// The id under which the object is imported first.
    pub import: Option<Text>,
    /// The configuration that was written for it.
    pub generated: Option<String>,
    /// The object is scheduled for deletion and is called back first.
    pub restores: bool,
    /// Until when, where somebody else has scheduled it.
    pub pending: Option<Pending>,
    /// What is recorded about its end; `on_destroy` also says what becomes of an object that goes.
    pub guard: Guard,
    /// What its destruction means.
    pub loss: Option<Box<Loss>>,
    /// What is known of the use of an object that is to be destroyed or disabled.
    pub usage: Option<Box<Usage>>,
    /// What follows from the change that its difference does not show.
    pub notes: Vec<Note>,
    /// The resources that refer to such an object.
    pub users: Vec<String>,
    /// The block that declares it; none for what is no longer declared.
    pub source: Option<Source>,
}

/// The block and the instance of it that an object belongs to.
#[derive(Clone, Debug)]
pub struct Source {
    pub node: NodeId,
    pub module: ModuleInstanceId,
    pub repetition: Repetition,
}

/// Until when an object that is scheduled for deletion can be called back, as far as that can be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    pub at: Option<Timestamp>,
    /// Days until then.
    pub days: Option<i64>,
}

/// What the destruction of an object that others cannot do without means.
#[derive(Clone, Debug, Default)]
pub struct Loss {
    /// When it is lost for ever, as far as that can be told.
    pub at: Option<Timestamp>,
    /// Days until then.
    pub days: Option<i64>,
    /// It cannot be called back.
    pub irreversible: bool,
    /// The days begin only when its replicas in other regions are gone.
    pub after_replicas: bool,
    /// What holds the object and goes too, so that it cannot be called back.
    pub with: Option<InstanceAddr>,
    /// The run names the object as one that may be destroyed.
    pub named: bool,
    /// The run names it as one that may be destroyed although it is in use.
    pub named_in_use: bool,
}

/// Why an action was chosen. The names are those of Terraform's plan JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    ReplaceBecauseTainted,
    ReplaceByRequest,
    ReplaceByTriggers,
    ReplaceBecauseCannotUpdate,
    DeleteBecauseNoResourceConfig,
    DeleteBecauseWrongRepetition,
    DeleteBecauseCountIndex,
    DeleteBecauseEnabledFalse,
    DeleteBecauseEachKey,
    DeleteBecauseNoModule,
    DeleteBecauseNoMoveTarget,
    ReadBecauseConfigUnknown,
    ReadBecauseDependencyPending,
    ReadBecauseCheckNested,
}

impl Reason {
    /// The word of Terraform's plan JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::ReplaceBecauseTainted => "replace_because_tainted",
            Self::ReplaceByRequest => "replace_by_request",
            Self::ReplaceByTriggers => "replace_by_triggers",
            Self::ReplaceBecauseCannotUpdate => "replace_because_cannot_update",
            Self::DeleteBecauseNoResourceConfig => "delete_because_no_resource_config",
            Self::DeleteBecauseWrongRepetition => "delete_because_wrong_repetition",
            Self::DeleteBecauseCountIndex => "delete_because_count_index",
            Self::DeleteBecauseEnabledFalse => "delete_because_enabled_false",
            Self::DeleteBecauseEachKey => "delete_because_each_key",
            Self::DeleteBecauseNoModule => "delete_because_no_module",
            Self::DeleteBecauseNoMoveTarget => "delete_because_no_move_target",
            Self::ReadBecauseConfigUnknown => "read_because_config_unknown",
            Self::ReadBecauseDependencyPending => "read_because_dependency_pending",
            Self::ReadBecauseCheckNested => "read_because_check_nested",
        }
    }
}

/// A root output before and after.
#[derive(Clone, Debug)]
pub struct OutputChange {
    /// What is recorded, if anything is.
    pub before: Option<Value>,
    /// What the output is worth; none where it goes. Null is not recorded.
    pub after: Option<Value>,
    /// The output says that it is sensitive: so it will be recorded.
    pub sensitive: bool,
    /// It was recorded as sensitive.
    pub was_sensitive: bool,
}

/// How many objects a plan, or what came of it, touches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub import: usize,
    pub add: usize,
    pub change: usize,
    pub remove: usize,
    pub forget: usize,
}

impl Plan {
    /// How many objects are touched: a replacement adds one and removes one.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for planned in self
            .changes
            .iter()
            .filter(|planned| planned.addr.resource.is_managed())
        {
            let action = planned.change.action;
            counts.import += usize::from(planned.import.is_some());
            counts.add += usize::from(action.creates());
            counts.change += usize::from(action == Action::Update);
            counts.remove += usize::from(planned.destroys());
            counts.forget += usize::from(planned.forgets());
        }
        counts
    }

    /// Whether applying it would do anything at all.
    pub fn is_applyable(&self) -> bool {
        if self.errored {
            return false;
        }
        if self.mode == Mode::RefreshOnly {
            return !self.drift.is_empty() || self.outputs.values().any(OutputChange::is_change);
        }
        self.changes.iter().any(Planned::is_change) || self.outputs.values().any(OutputChange::is_change)
    }

    /// What the plan destroys that others cannot do without.
    pub fn losses(&self) -> impl Iterator<Item = (&Planned, &Loss)> {
        let changes = self.changes.iter();
        changes.filter_map(|planned| Some((planned, planned.loss.as_deref()?)))
    }

    /// The change of an instance's current object.
    pub fn change_of(&self, addr: &InstanceAddr) -> Option<&Planned> {
        let found = self
            .changes
            .binary_search_by(|planned| display_order(planned).cmp(&display_order_of(addr, None)));
        found.ok().map(|at| &self.changes[at])
    }
}

impl Planned {
    /// Why the object counts as in use.
    pub fn in_use(&self) -> &[InUse] {
        self.usage.as_ref().map_or(&[], |usage| &usage.in_use)
    }

    /// Whether the object was used a short time ago, or something hangs on it, or that cannot be told.
    pub fn is_in_use(&self) -> bool {
        !self.in_use().is_empty()
    }

    /// Whether the object is lost, and the run does not name it as one that may be.
    pub fn is_unnamed(&self) -> bool {
        let allowed = |loss: &Loss| loss.named_in_use || (loss.named && !self.is_in_use());
        self.loss.as_ref().is_some_and(|loss| !allowed(loss))
    }

    /// Whether the object that is there now is destroyed.
    pub fn destroys(&self) -> bool {
        self.change.action.destroys() && self.guard.on_destroy == OnDestroy::Schedule
    }

    /// The id of the object that is destroyed so that another one takes its place.
    pub fn former(&self) -> Option<Text> {
        let replaced = self.destroys() && self.change.action.creates();
        let id = self.change.before.get("id").filter(|_| replaced)?;
        id.as_text().cloned()
    }

    /// Whether the object that is there now leaves the state and is not destroyed.
    pub fn forgets(&self) -> bool {
        self.change.action == Action::Forget || (self.change.action.destroys() && !self.destroys())
    }

    /// What its lifecycle says of an object that leaves the state for it.
    pub fn left_as(&self) -> Option<OnDestroy> {
        let word = self.guard.on_destroy;
        (self.forgets() && word != OnDestroy::Schedule).then_some(word)
    }

    /// Whether the object waits for its end and leaves the state for it: nobody calls it back any more.
    pub fn lets_die(&self) -> bool {
        self.change.action == Action::Forget && self.pending.is_some() && !self.restores
    }

    /// Whether nobody can use the object any more that is there now, or not for long: what protects it from destruction speaks.
    pub fn ends(&self) -> bool {
        self.change.action.destroys() || self.retires() || self.lets_die()
    }

    /// Whether the object that is there now is disabled before it is forgotten.
    pub fn retires(&self) -> bool {
        self.forgets() && self.guard.on_destroy == OnDestroy::Disable && !self.lets_die()
    }

    /// Whether the object that is there now cannot be used any more, until somebody enables it again.
    pub fn disables(&self) -> bool {
        let Change { before, after, .. } = &self.change;
        let by_update = self.change.action == Action::Update && resource::disables(self.ty, before, after);
        self.retires() || by_update
    }

    /// Whether anything happens: an action, a move or an import. To open what is ephemeral is nothing by itself.
    pub fn is_change(&self) -> bool {
        !matches!(self.change.action, Action::NoOp | Action::Open)
            || self.moved_from.is_some()
            || self.import.is_some()
    }
}

impl OutputChange {
    /// What happens to the record.
    pub fn action(&self) -> Action {
        let nothing = |value: &Option<Value>| value.as_ref().is_none_or(Value::is_null);
        if nothing(&self.before) && nothing(&self.after) {
            return Action::NoOp;
        }
        match (&self.before, &self.after) {
            (None, _) => Action::Create,
            (_, None) => Action::Delete,
            (Some(before), Some(after)) if crate::value::raw_equal(before, after) => {
                if self.sensitive == self.was_sensitive {
                    Action::NoOp
                } else {
                    Action::Update
                }
            }
            _ => Action::Update,
        }
    }

    pub fn is_change(&self) -> bool {
        self.action() != Action::NoOp
    }

    /// Whether it is not shown: it is or was sensitive, or something in it is.
    pub fn is_hidden(&self) -> bool {
        let mut values = [&self.before, &self.after].into_iter().flatten();
        self.sensitive
            || self.was_sensitive
            || values.any(|value| value.marks_deep().contains(Marks::SENSITIVE))
    }
}

/// Whether a change is that of this object.
fn is_change_of(planned: &Planned, addr: &InstanceAddr, deposed: Option<&Text>) -> bool {
    planned.addr == *addr && planned.deposed.as_ref() == deposed
}

type DisplayKey<'a> = (
    usize,
    &'a crate::addr::ModulePath,
    &'a crate::addr::ResourceName,
    &'a crate::addr::InstanceKey,
    Option<&'a Text>,
);

fn display_order(planned: &Planned) -> DisplayKey<'_> {
    display_order_of(&planned.addr, planned.deposed.as_ref())
}

fn display_order_of<'a>(addr: &'a InstanceAddr, deposed: Option<&'a Text>) -> DisplayKey<'a> {
    (
        addr.module.0.len(),
        &addr.module,
        &addr.resource,
        &addr.key,
        deposed,
    )
}
