//! Looks at the real clouds: an [`Observer`] that opens providers and reads through them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use futures_util::stream::{self, FuturesUnordered, StreamExt as _};

use crate::addr::ProviderConfig;
use crate::cloud::Cloud;
use crate::diag::{Diagnostic, Result};
use crate::resource::operate::{self, Existence, Found, Lasting, Machine, SharedReads, Site};
use crate::schema::native::lockout::Caller;
use crate::schema::{ProviderSchema, ResourceType};
use crate::state::journal::Intent;
use crate::value::{Text, Value};

use super::Planned;
use super::observe::{Observer, Wanted};

/// How many objects of a type are read at the same time: one type whose quota is small must not hold up the others.
/// Quotas are kept by the clouds' own limiters.
const AT_ONCE: usize = 100;

/// An opened provider configuration.
#[derive(Clone)]
pub struct Opened {
    /// None for providers without a cloud.
    pub cloud: Option<Rc<dyn Cloud>>,
    pub schema: Option<&'static ProviderSchema>,
    /// What schema expressions see as `provider`.
    pub value: Value,
}

impl Opened {
    /// The services that are asked at addresses which users gave, a line each.
    pub fn elsewhere(&self, config: &ProviderConfig) -> Vec<String> {
        let all = self.cloud.iter().flat_map(|cloud| cloud.elsewhere());
        all.map(|(service, address)| format!("{} {service}: {address}", config.provider.ty))
            .collect()
    }
}

/// The services that are asked at addresses which users gave, by provider.
pub type Elsewhere = BTreeMap<ProviderConfig, Vec<String>>;

/// An opened provider, once the cloud has been asked.
pub type Opening<'a> = std::pin::Pin<Box<dyn Future<Output = Result<Opened>> + 'a>>;

/// Opens provider configurations. May read the cloud, never change it.
pub trait Connector {
    fn open<'a>(&'a mut self, config: &'a ProviderConfig, arguments: Value) -> Opening<'a>;
}

/// Every provider that was opened in this run.
#[derive(Clone, Default)]
pub struct Providers {
    opened: BTreeMap<ProviderConfig, Opened>,
    /// What was listed while planning, when nothing changes.
    shared: Rc<SharedReads>,
}

impl Providers {
    pub fn get(&self, config: &ProviderConfig) -> Option<&Opened> {
        self.opened.get(config)
    }

    /// The services that are asked at addresses which users gave, a line each; of those that were opened.
    pub fn elsewhere(&self) -> Elsewhere {
        let opened = self.opened.iter().filter(|(_, opened)| opened.cloud.is_some());
        opened
            .map(|(config, opened)| (config.clone(), opened.elsewhere(config)))
            .collect()
    }

    /// Files with credentials that others on this machine may read, of those that were read so far.
    pub fn exposed(&self) -> BTreeSet<String> {
        let clouds = self.opened.values().filter_map(|opened| opened.cloud.as_ref());
        clouds.flat_map(|cloud| cloud.exposed()).collect()
    }

    pub fn insert(&mut self, config: ProviderConfig, opened: Opened) {
        self.opened.insert(config, opened);
    }
}

/// Runs a future on this thread: to its end, or until the user asks to stop, which is an error.
pub trait Runtime {
    fn block_on(&self, future: std::pin::Pin<Box<dyn Future<Output = ()> + '_>>) -> Result<()>;

    /// The same error, where nothing is waited for. It is asked often, and costs next to nothing.
    fn may_go_on(&self) -> Result<()> {
        Ok(())
    }
}

/// Told of an object before it is read and after.
pub type Told<'c> = Box<dyn FnMut(&Wanted, bool) + 'c>;

/// See the head of this file.
pub struct LiveObserver<'c> {
    pub connector: &'c mut dyn Connector,
    pub runtime: &'c dyn Runtime,
    pub machine: Rc<dyn Machine>,
    pub providers: Providers,
    /// Told how many of how many objects have been read.
    pub progress: Told<'c>,
}

impl LiveObserver<'_> {
    fn site<'a>(&'a self, wanted: &Wanted) -> Site<'a> {
        let opened = self
            .providers
            .get(&wanted.provider)
            .expect("a provider is opened before it is asked");
        Site {
            shared: Some(&self.providers.shared),
            ..site(opened, wanted.ty, &*self.machine)
        }
    }

    /// Objects that can be asked for with one call are asked for so.
    fn gather(&self, wanted: &[Wanted]) {
        let mut groups: BTreeMap<(&ProviderConfig, &Text), Vec<Text>> = BTreeMap::new();
        for one in wanted {
            // The objects of a type that names regions may be in several.
            let here = one.prior.get("region").is_none();
            if let Some(id) = one.prior.get("id").and_then(Value::as_text).filter(|_| here) {
                let group = groups.entry((&one.provider, &one.ty.name)).or_default();
                group.push(id.clone());
            }
        }
        let most = |ty: &ResourceType| {
            let calls = ty.read.iter().flat_map(|read| &read.calls);
            calls.filter_map(|call| Some(call.together.as_ref()?.most)).min()
        };
        for ((provider, name), mut ids) in groups {
            let ty = wanted.iter().find(|one| one.ty.name == *name).map(|one| one.ty);
            let cloud = self
                .providers
                .get(provider)
                .and_then(|opened| opened.cloud.as_deref());
            if let (Some(most), Some(cloud)) = (ty.and_then(most), cloud) {
                ids.sort();
                ids.dedup();
                ids.chunks(most)
                    .for_each(|ids| self.providers.shared.ask_together(cloud, name, ids));
            }
        }
    }

    /// What is known of the use of objects that are to be destroyed, in their order; none where nobody could be asked.
    pub(super) fn usage(&self, lost: &[&Planned]) -> Vec<Option<Value>> {
        let asked = lost.iter().map(|planned| async move {
            let opened = self.providers.get(&planned.provider)?;
            let site = Site {
                shared: Some(&self.providers.shared),
                ..site(opened, planned.ty, &*self.machine)
            };
            operate::usage(site, &planned.change.before).await
        });
        let answers = self.run(stream::iter(asked).buffered(AT_ONCE).collect::<Vec<_>>());
        answers.unwrap_or_else(|_| vec![None; lost.len()])
    }

    /// What arguments are worth without their objects, in their order.
    pub(super) fn lasting(&self, asked: &[(&Planned, &str, &Value)]) -> Vec<Result<Option<Lasting>>> {
        let questions = asked.iter().map(|(planned, argument, object)| async move {
            let Some(opened) = self.providers.get(&planned.provider) else {
                return Err(Diagnostic::error("Provider not configured", "Nobody could be asked.").into());
            };
            let site = Site {
                shared: Some(&self.providers.shared),
                ..site(opened, planned.ty, &*self.machine)
            };
            operate::lasting(site, argument, object).await
        });
        let answers = self.run(stream::iter(questions).buffered(AT_ONCE).collect::<Vec<_>>());
        answers.unwrap_or_else(|stopped| asked.iter().map(|_| Err(stopped.clone())).collect())
    }

    /// The objects that wait for their end and have the names of others that are to be made, in the order of those, with the time of
    /// it. Each type is listed once.
    pub(super) fn pending(&self, made: &[&Planned]) -> Vec<Option<(Text, Text)>> {
        let mut listed: BTreeMap<(&ProviderConfig, &Text), Option<BTreeMap<Text, Text>>> = BTreeMap::new();
        let found = made.iter().map(|planned| {
            let opened = self.providers.get(&planned.provider)?;
            let site = Site {
                shared: Some(&self.providers.shared),
                ..site(opened, planned.ty, &*self.machine)
            };
            let id = operate::id_by_name(site, &planned.change.after)?;
            let all = listed
                .entry((&planned.provider, &planned.ty.name))
                .or_insert_with(|| self.run(operate::pending(site)).ok().flatten());
            let at = all.as_ref()?.get(&id)?.clone();
            Some((id, at))
        });
        found.collect()
    }

    /// Who asks, by provider; none where that cannot be told. Each cloud is asked once in a run.
    pub(super) fn callers(&self, providers: &[ProviderConfig]) -> BTreeMap<ProviderConfig, Caller> {
        let mut found = BTreeMap::new();
        for config in providers {
            let opened = self.providers.get(config);
            let Some(cloud) = opened.and_then(|opened| opened.cloud.as_ref()) else {
                continue;
            };
            if let Ok(Ok(facts)) = self.run(cloud.facts()) {
                found.insert(config.clone(), super::lockout::caller(&facts));
            }
        }
        found
    }

    fn run<T>(&self, future: impl Future<Output = T>) -> Result<T> {
        block_on(self.runtime, future)
    }
}

fn block_on<T>(runtime: &dyn Runtime, future: impl Future<Output = T>) -> Result<T> {
    let mut result = None;
    runtime.block_on(Box::pin(async { result = Some(future.await) }))?;
    Ok(result.expect("a future that has ended has a result"))
}

/// An operation's surroundings for a type served by an opened provider.
pub fn site<'a>(opened: &'a Opened, ty: &'static ResourceType, machine: &'a dyn Machine) -> Site<'a> {
    Site {
        ty,
        cloud: opened.cloud.as_deref(),
        schema: opened.schema,
        provider: &opened.value,
        machine,
        shared: None,
        turn: None,
        made: None,
        marker: None,
        account: None,
        again: false,
        until: None,
        former: None,
    }
}

/// The objects that wait until others of their type have been read.
#[derive(Default)]
struct Waiting(BTreeMap<Text, (usize, VecDeque<usize>)>);

impl Waiting {
    /// Whether an object may be read now; else it waits.
    fn may_start(&mut self, wanted: &Wanted, number: usize) -> bool {
        let (running, waiting) = self.0.entry(wanted.ty.name.clone()).or_default();
        if *running == AT_ONCE {
            waiting.push_back(number);
            return false;
        }
        *running += 1;
        true
    }

    /// The object that is read next, now that this one was.
    fn after(&mut self, wanted: &Wanted) -> Option<usize> {
        self.0.get_mut(&wanted.ty.name)?.1.pop_front()
    }
}

impl Observer for LiveObserver<'_> {
    fn configure(&mut self, config: &ProviderConfig, arguments: Value) -> Result<Value> {
        let opened = block_on(self.runtime, self.connector.open(config, arguments))??;
        let value = opened.value.clone();
        self.providers.insert(config.clone(), opened);
        Ok(value)
    }

    fn may_go_on(&self) -> Result<()> {
        self.runtime.may_go_on()
    }

    fn refresh(&mut self, wanted: &[Wanted]) -> Vec<Result<Existence>> {
        self.gather(wanted);
        let mut progress = std::mem::replace(&mut self.progress, Box::new(|_, _| {}));
        let answers = self.run(async {
            let mut answers: Vec<Option<Result<Existence>>> = wanted.iter().map(|_| None).collect();
            let mut running = FuturesUnordered::new();
            let read = |i: usize| {
                let account = wanted[i].account.as_deref();
                let (site, prior) = (self.site(&wanted[i]), &wanted[i].prior);
                let site = Site { account, ..site };
                async move { (i, operate::read(site, prior).await) }
            };
            let mut waiting = Waiting::default();
            for (i, one) in wanted.iter().enumerate() {
                if waiting.may_start(one, i) {
                    progress(one, false);
                    running.push(read(i));
                }
            }
            while let Some((i, answer)) = running.next().await {
                progress(&wanted[i], true);
                answers[i] = Some(answer);
                if let Some(next) = waiting.after(&wanted[i]) {
                    progress(&wanted[next], false);
                    running.push(read(next));
                }
            }
            answers
        });
        self.progress = progress;
        match answers {
            Ok(answers) => answers
                .into_iter()
                .map(|answer| answer.expect("every question was answered"))
                .collect(),
            Err(stopped) => wanted.iter().map(|_| Err(stopped.clone())).collect(),
        }
    }

    fn read_data(&mut self, wanted: &Wanted, arguments: &Value) -> Result<Value> {
        let site = self.site(wanted);
        self.run(operate::read_data(site, &wanted.prior, arguments))?
    }

    fn open(&mut self, wanted: &Wanted, arguments: &Value) -> Result<Option<Value>> {
        self.read_data(wanted, arguments).map(Some)
    }

    fn find(&mut self, wanted: &Wanted, intent: &Intent) -> Result<Found> {
        let site = Site {
            marker: intent.marker.as_deref(),
            account: intent.account.as_deref(),
            ..self.site(wanted)
        };
        self.run(operate::find(site, &wanted.prior))?
    }

    fn among(&mut self, wanted: &Wanted, intent: &Intent) -> Result<Vec<Text>> {
        let site = Site {
            account: intent.account.as_deref(),
            ..self.site(wanted)
        };
        let listed = self.run(operate::among(site, &wanted.prior))??;
        Ok(listed.unwrap_or_default())
    }

    fn import(&mut self, wanted: &Wanted, id: &str) -> Result<Value> {
        let site = self.site(wanted);
        self.run(operate::import(site, id))?
    }
}
