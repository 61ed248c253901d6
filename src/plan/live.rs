//! Looks at the real clouds: an [`Observer`] that opens providers and reads through them.

use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::stream::{FuturesUnordered, StreamExt as _};

use crate::addr::ProviderConfig;
use crate::cloud::Cloud;
use crate::diag::Result;
use crate::resource::operate::{self, Existence, Machine, SharedReads, Site};
use crate::schema::ProviderSchema;
use crate::value::Value;

use super::observe::{Observer, Wanted};

/// How many objects are read at the same time. Quotas are kept by the clouds' own limiters.
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

    pub fn insert(&mut self, config: ProviderConfig, opened: Opened) {
        self.opened.insert(config, opened);
    }
}

/// Runs a future on this thread: to its end, or until the user asks to stop, which is an error.
pub trait Runtime {
    fn block_on(&self, future: std::pin::Pin<Box<dyn Future<Output = ()> + '_>>) -> Result<()>;
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
pub fn site<'a>(
    opened: &'a Opened,
    ty: &'static crate::schema::ResourceType,
    machine: &'a dyn Machine,
) -> Site<'a> {
    Site {
        ty,
        cloud: opened.cloud.as_deref(),
        schema: opened.schema,
        provider: &opened.value,
        machine,
        shared: None,
        turn: None,
        made: None,
    }
}

impl Observer for LiveObserver<'_> {
    fn configure(&mut self, config: &ProviderConfig, arguments: Value) -> Result<Value> {
        let opened = block_on(self.runtime, self.connector.open(config, arguments))??;
        let value = opened.value.clone();
        self.providers.insert(config.clone(), opened);
        Ok(value)
    }

    fn refresh(&mut self, wanted: &[Wanted]) -> Vec<Result<Existence>> {
        let mut progress = std::mem::replace(&mut self.progress, Box::new(|_, _| {}));
        let answers = self.run(async {
            let mut answers: Vec<Option<Result<Existence>>> = wanted.iter().map(|_| None).collect();
            let mut running = FuturesUnordered::new();
            let mut waiting = wanted.iter().enumerate();
            loop {
                while running.len() < AT_ONCE {
                    let Some((i, one)) = waiting.next() else { break };
                    progress(one, false);
                    let site = self.site(one);
                    running.push(async move { (i, operate::read(site, &one.prior).await) });
                }
                let Some((i, answer)) = running.next().await else {
                    break;
                };
                progress(&wanted[i], true);
                answers[i] = Some(answer);
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

    fn import(&mut self, wanted: &Wanted, id: &str) -> Result<Value> {
        let site = self.site(wanted);
        self.run(operate::import(site, id))?
    }
}
