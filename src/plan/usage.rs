//! Who would miss what a plan destroys: its last use, what hangs on it, and who refers to it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::addr::ProviderConfig;
use crate::diag::Diagnostic;
use crate::graph::Object;
use crate::schema::{self, Destroy, ResourceType};
use crate::value::{Text, Value};

use super::live::{LiveObserver, Providers};
use super::make::managed_dependencies;
use super::within::is_same_place;
use super::{Made, Observer as _, Planned, open_provider};

/// A use is recent for so many days, where no policy says otherwise.
pub const RECENT_DAYS: i64 = 90;

/// Why an object counts as in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InUse {
    /// It was used a short time ago.
    Recently,
    /// What would tell it could not be asked.
    Unknown,
    /// Its uses have been noted for a short time only, and it is older than that.
    Unnoted,
    /// What is encrypted under it stays.
    Secrets,
    /// Replicas of it stay, and it goes only after them.
    Replicas,
}

impl InUse {
    /// The word in plans as JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recently => "recent_use",
            Self::Unknown => "unknown",
            Self::Unnoted => "noted_too_briefly",
            Self::Secrets => "secrets",
            Self::Replicas => "replicas",
        }
    }
}

/// What is known of the use of an object.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// When it was used last, and for what.
    pub last: Option<(Timestamp, Text)>,
    /// Since when uses are noted; none where nobody could be asked.
    pub since: Option<Timestamp>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Why it counts as in use.
    pub in_use: Vec<InUse>,
    /// What hangs on it, by name; none where nobody could be asked.
    pub aliases: Option<Vec<Text>>,
    pub grants: Option<Vec<Text>>,
    /// By region.
    pub replicas: Option<Vec<Text>>,
    /// What is encrypted under it and stays.
    pub secrets: Option<Vec<Text>>,
    /// What ends with it, and is not destroyed for itself.
    pub holds: Option<Vec<Text>>,
    /// It is protected from deletion.
    pub is_protected: bool,
}

impl Usage {
    /// Reads what the type shows.
    fn of(shown: &Value) -> Self {
        let time = |name: &str| shown.get(name)?.as_str()?.parse::<Timestamp>().ok();
        let names = |name: &str| {
            let all = shown.get(name)?.as_items()?.iter();
            Some(all.filter_map(Value::as_text).cloned().collect::<Vec<_>>())
        };
        let operation = shown.get("operation").and_then(Value::as_text).cloned();
        Self {
            last: time("last_use").map(|at| (at, operation.unwrap_or_else(|| "an operation".into()))),
            since: time("since"),
            created: time("created"),
            in_use: Vec::new(),
            aliases: names("aliases"),
            grants: names("grants"),
            replicas: names("replicas"),
            secrets: names("secrets"),
            holds: names("holds"),
            is_protected: shown.get("protected").and_then(Value::as_bool) == Some(true),
        }
    }

    /// Why the object counts as in use, where `days` in which nobody has used it are asked for. `going` are the regions
    /// whose replicas go too.
    fn why(
        &self,
        asked: &schema::Usage,
        (now, days): (Timestamp, i64),
        going: &BTreeSet<Text>,
    ) -> Vec<InUse> {
        let first = now
            .checked_sub(SignedDuration::from_hours(24 * days))
            .unwrap_or(Timestamp::MIN);
        let tells = |name: &str| asked.shows.contains_key(name);
        let is_unnoted = |since: &Timestamp| {
            // What was made later has been looked at all its life.
            *since > first && self.created.is_none_or(|created| created < *since)
        };
        let stays = |all: &Vec<Text>| all.iter().any(|region| !going.contains(region));
        let last_is_unknown = days > 0 && self.last.is_none() && self.since.is_none();
        [
            (
                InUse::Recently,
                self.last.as_ref().is_some_and(|(at, _)| *at > first),
            ),
            (
                InUse::Unknown,
                (tells("last_use") && last_is_unknown)
                    || (tells("secrets") && self.secrets.is_none())
                    || (tells("replicas") && self.replicas.is_none()),
            ),
            (
                InUse::Unnoted,
                self.last.is_none() && self.since.as_ref().is_some_and(is_unnoted),
            ),
            (
                InUse::Secrets,
                self.secrets.as_ref().is_some_and(|all| !all.is_empty()),
            ),
            (InUse::Replicas, self.replicas.as_ref().is_some_and(stays)),
        ]
        .into_iter()
        .filter_map(|(why, holds)| holds.then_some(why))
        .collect()
    }
}

/// Looks up who would miss what a plan destroys or disables. What is lost for ever is asked about also where objects are to
/// be taken as recorded: no record tells who uses it.
pub fn look_up(made: &mut Made, live: &mut LiveObserver<'_>, may_ask: bool) {
    let changes = made.plan.changes.iter().enumerate();
    let missed: Vec<usize> = changes
        .filter(|(_, planned)| planned.loss.is_some() || planned.disables())
        .map(|(i, _)| i)
        .collect();
    if missed.is_empty() {
        return;
    }
    let noted = (made.plan.timestamp, made.plan.recent_days);
    let mut users = users(made);
    let asked: Vec<usize> = missed
        .iter()
        .copied()
        .filter(|&i| may_ask || made.plan.changes[i].loss.is_some())
        .filter(|&i| made.plan.changes[i].ty.usage.is_some())
        .collect();
    let mut shown = ask(made, live, &asked);
    let gone = gone(made);
    let going = Going {
        gone: &gone,
        providers: &live.providers,
    };
    for i in missed {
        let planned = &mut made.plan.changes[i];
        let name = planned.addr.resource_addr().block_name();
        let found = users.remove(&*name).unwrap_or_default();
        planned.users = found.iter().filter(|user| **user != name).cloned().collect();
        users.insert(name.into(), found);
        if let Some(shows) = planned.ty.usage.as_ref().filter(|_| asked.contains(&i)) {
            enter(planned, shows, (shown.remove(&i), noted), &going);
        }
        made.problems.extend(missing(planned).into_iter().collect());
    }
}

/// What a plan destroys, by id.
type Gone = BTreeMap<Text, Vec<End>>;

/// An object that a plan destroys.
struct End {
    ty: &'static ResourceType,
    provider: ProviderConfig,
    region: Option<Text>,
}

fn gone(made: &Made) -> Gone {
    let mut gone = Gone::new();
    for planned in made.plan.changes.iter().filter(|planned| planned.destroys()) {
        let text = |name: &str| planned.change.before.get(name)?.as_text().cloned();
        if let Some(id) = text("id") {
            gone.entry(id).or_default().push(End {
                ty: planned.ty,
                provider: planned.provider.clone(),
                region: text("region"),
            });
        }
    }
    gone
}

/// What goes of that which hangs on an object. An id alone proves nothing: others have it in other places, or for things of
/// other types.
struct Going<'g> {
    gone: &'g Gone,
    providers: &'g Providers,
}

impl Going<'_> {
    /// Whether something of this name goes where the object is.
    fn has(&self, name: &str, planned: &Planned, is_one: impl Fn(&ResourceType) -> bool) -> bool {
        let ends = self.gone.get(name).into_iter().flatten();
        let mut ends = ends.filter(|end| is_one(end.ty));
        ends.any(|end| self.is_same_place(&end.provider, &planned.provider))
    }

    fn is_same_place(&self, one: &ProviderConfig, other: &ProviderConfig) -> bool {
        let fact = |config: &ProviderConfig, name: &str| {
            let opened = self.providers.get(config)?;
            opened.value.get(name)?.unmark_deep().0.as_text().cloned()
        };
        is_same_place((one, other), fact) == Some(true)
    }

    /// The regions in which keys of this id go.
    fn regions(&self, planned: &Planned) -> BTreeSet<Text> {
        let id = planned.change.before.get("id").and_then(Value::as_text);
        let ends = id.and_then(|id| self.gone.get(id)).into_iter().flatten();
        let keys = ends.filter(|end| end.ty.destroy != Destroy::Reversible);
        keys.filter_map(|end| end.region.clone()).collect()
    }
}

/// Enters what is known of the use of an object.
fn enter(
    planned: &mut Planned,
    asked: &schema::Usage,
    (shown, noted): (Option<Value>, (Timestamp, i64)),
    going: &Going<'_>,
) {
    let mut usage = shown.map_or_else(Usage::default, |shown| Usage::of(&shown));
    if let Some(secrets) = &mut usage.secrets {
        let is_secret = |ty: &ResourceType| asked.secret_type.as_ref() == Some(&ty.name);
        secrets.retain(|name| !going.has(name, planned, is_secret));
    }
    if let Some(holds) = &mut usage.holds {
        let is_held = |ty: &ResourceType| ty.containers().any(|(_, around)| *around == planned.ty.name);
        holds.retain(|name| !going.has(name, planned, is_held));
    }
    if usage.holds.as_ref().is_some_and(Vec::is_empty) && planned.ty.destroy == Destroy::Reversible {
        // Nothing ends with it.
        (planned.loss, planned.usage) = (None, None);
        return;
    }
    usage.in_use = usage.why(asked, noted, &going.regions(planned));
    if let Some(loss) = &mut planned.loss
        && usage.replicas.as_ref().is_some_and(|all| !all.is_empty())
    {
        // Nobody knows when they are gone.
        (loss.at, loss.after_replicas) = (None, true);
    }
    planned.usage = Some(Box::new(usage));
}

/// What is used and will be disabled is missed. It can be undone, so it is only said.
fn missing(planned: &Planned) -> Option<Diagnostic> {
    let usage = planned.usage.as_ref().filter(|_| planned.disables())?;
    let why = match &usage.last {
        Some((at, operation)) if usage.in_use.contains(&InUse::Recently) => {
            format!("It was last used on {} for {operation}", at.strftime("%Y-%m-%d"))
        }
        _ if usage.in_use.contains(&InUse::Secrets) => "Secrets are encrypted under it".to_owned(),
        _ => return None,
    };
    let detail = format!(
        "{why}. From this apply on nobody can use it, and what it encrypted cannot be read until it is enabled again."
    );
    Some(Diagnostic::warning("Key in use is disabled", detail).about(&planned.addr))
}

/// What is known of the use of objects, by position of the change.
fn ask(made: &mut Made, live: &mut LiveObserver<'_>, asked: &[usize]) -> BTreeMap<usize, Value> {
    let providers = asked.iter().map(|&i| made.plan.changes[i].provider.clone());
    open_all(made, live, providers.collect::<Vec<_>>());
    let planned: Vec<&Planned> = asked.iter().map(|&i| &made.plan.changes[i]).collect();
    let answers = asked.iter().copied().zip(live.usage(&planned));
    answers.filter_map(|(i, answer)| Some((i, answer?))).collect()
}

/// Opens providers that nobody has asked yet, as in a plan that is made again. Without an answer nothing is known.
pub(super) fn open_all(
    made: &mut Made,
    live: &mut LiveObserver<'_>,
    providers: impl IntoIterator<Item = ProviderConfig>,
) {
    for config in providers.into_iter().collect::<BTreeSet<_>>() {
        if live.providers.get(&config).is_none()
            && let Ok(arguments) = open_provider(&mut made.evaluator, &config)
        {
            drop(live.configure(&config, arguments));
        }
    }
}

/// The resources that refer to each, by the configuration and by what is recorded.
fn users(made: &Made) -> BTreeMap<Text, BTreeSet<String>> {
    let graph = made.evaluator.graph();
    let mut users: BTreeMap<Text, BTreeSet<String>> = BTreeMap::new();
    for (addr, _, object) in made.prior.objects() {
        let user = addr.resource_addr().block_name();
        for name in object.dependencies.iter() {
            users.entry(name.clone()).or_default().insert(user.clone());
        }
    }
    for &id in graph.order() {
        if matches!(graph.node(id).object, Object::Resource(_)) {
            for name in managed_dependencies(graph, id) {
                users.entry(name).or_default().insert(graph.describe(id));
            }
        }
    }
    users
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Catalog;

    /// Why a key of AWS counts as in use on the hundredth day, of which this is known, with 90 days asked for.
    #[track_caller]
    fn check(usage: Usage, why: &[InUse]) {
        let ty = Catalog::get().resource_type("aws_kms_key").unwrap().unwrap();
        let usage = Usage {
            replicas: usage.replicas.or(Some(Vec::new())),
            ..usage
        };
        let found = usage.why(ty.usage.as_ref().unwrap(), (day(100), 90), &BTreeSet::new());
        assert_eq!(found, why);
    }

    fn day(days: i64) -> Timestamp {
        Timestamp::from_second(86_400 * days).unwrap()
    }

    /// A key that was made on one day, and whose uses are noted since another one.
    fn noted(created: i64, since: i64) -> Usage {
        Usage {
            created: Some(day(created)),
            since: Some(day(since)),
            ..Usage::default()
        }
    }

    #[test]
    fn uses_are_recent_for_some_days() {
        let used = |at: i64| Usage {
            last: Some((day(at), "Decrypt".into())),
            ..noted(0, 0)
        };
        check(used(9), &[]);
        check(used(10), &[]);
        check(used(11), &[InUse::Recently]);
    }

    #[test]
    fn what_is_not_told_proves_nothing() {
        check(Usage::default(), &[InUse::Unknown]);
        check(
            Usage {
                created: Some(day(0)),
                ..Usage::default()
            },
            &[InUse::Unknown],
        );
    }

    #[test]
    fn uses_that_were_noted_for_a_shorter_time_prove_nothing_but_of_younger_keys() {
        check(noted(0, 10), &[]);
        check(noted(0, 11), &[InUse::Unnoted]);
        check(noted(98, 99), &[InUse::Unnoted]);
        check(noted(99, 99), &[]);
        check(noted(99, 50), &[]);
        let unknown = Usage {
            created: None,
            ..noted(0, 99)
        };
        check(unknown, &[InUse::Unnoted]);
    }
}
