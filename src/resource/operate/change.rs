//! The update groups, which serve updates and what a create leaves to be done.

use std::collections::BTreeMap;

use crate::diag::Result;
use crate::schema::{CallSpec, Group, LocalEffect, ResourceType, names};
use crate::value::{Text, Type, Value};

use super::super::same;
use super::super::scope::Names;
use super::Site;
use super::call::{Fresh, Patience, perform};
use super::failure::{Attempt, Failure};
use super::wait::{self, Pending};

/// What groups did before they ended, or one of them failed.
pub(super) struct Progress {
    /// The prior object with what the finished groups changed.
    pub object: BTreeMap<Text, Value>,
    pub failure: Option<Failure>,
}

/// Runs the groups whose arguments differ, in the order in which they stand, then waits.
pub(super) async fn groups<'a>(
    site: Site<'a>,
    names: &Names<'a>,
    (prior, wish): (&Value, &Value),
    mut pending: Vec<Pending<'a>>,
    patience: Patience,
) -> Progress {
    let mut object = prior.as_entries().cloned().unwrap_or_default();
    for group in &site.ty.updates {
        match run(site, group, names, (prior, wish), &mut pending, patience).await {
            Ok(false) => {}
            Ok(true) => {
                for name in &group.on {
                    if let Some(value) = wish.get(name) {
                        object.insert(name.clone(), value.clone());
                    }
                }
            }
            Err(failure) => {
                return Progress {
                    object,
                    failure: Some(failure),
                };
            }
        }
    }
    let failure = wait::for_all(site, pending, patience).await.err();
    Progress { object, failure }
}

/// Runs one group if it is needed.
async fn run<'a>(
    site: Site<'a>,
    group: &'a Group,
    names: &Names<'a>,
    (prior, wish): (&Value, &Value),
    pending: &mut Vec<Pending<'a>>,
    patience: Patience,
) -> Attempt<bool> {
    let differs = group
        .on
        .iter()
        .any(|name| same::differs(site.ty, name, prior, wish));
    if !differs || !names.allows(group.when.as_ref())? {
        return Ok(false);
    }
    let names = calls(site, &group.calls, names, patience).await?;
    effects(site, &group.effects, &names)?;
    for wait in &group.waits {
        let Some(one) = Pending::new(site, wait, &names)? else {
            continue;
        };
        if wait.now {
            wait::for_all(site, vec![one], patience).await?;
        } else {
            pending.push(one);
        }
    }
    Ok(true)
}

/// Carries out calls one after the other; gives the names with their results.
pub(super) async fn calls<'a>(
    site: Site<'a>,
    calls: &[CallSpec],
    names: &Names<'a>,
    patience: Patience,
) -> Attempt<Names<'a>> {
    let mut names = names.clone().with(names::REPLY, Value::null(Type::Dynamic));
    for call in calls {
        let reply = perform(site, call, &names, patience, Fresh::Always).await?;
        names.set(names::REPLY, reply.whole);
        if let Some(name) = &call.as_name {
            names.set(name, reply.taken);
        }
    }
    Ok(names)
}

/// Does what is to be done on this machine.
pub(super) fn effects(site: Site<'_>, effects: &[LocalEffect], names: &Names<'_>) -> Result<()> {
    for effect in effects {
        let LocalEffect::WriteFile { content, .. } = effect;
        if let Some(path) = file_of(effect, names)? {
            let content = names.value_as(content, &Type::String)?;
            let text = content.as_str().unwrap_or_default();
            site.machine
                .write_secret_file(&path, text)
                .map_err(|why| unwritable(&path, &why))?;
        }
    }
    Ok(())
}

/// Makes room for the files of effects, before anything is made that only they would hold.
pub(super) fn prepare_effects(site: Site<'_>, effects: &[LocalEffect], names: &Names<'_>) -> Result<()> {
    for effect in effects {
        if let Some(path) = file_of(effect, names)? {
            site.machine
                .reserve_secret_file(&path, site.former)
                .map_err(|why| unwritable(&path, &why))?;
        }
    }
    Ok(())
}

/// The files to which the answers that make an object are written, as far as they are known.
pub(super) fn files(ty: &ResourceType, object: &Value, provider: &Value) -> Vec<String> {
    let plain = object.unmark_deep().0;
    let nothing = Value::null(Type::Dynamic);
    let names = Names::new(ty, provider)
        .with_prior(Some(&nothing))
        .with_self(&plain);
    let effects = ty.create.iter().flat_map(|create| &create.effects);
    effects
        .filter_map(|effect| file_of(effect, &names).ok()?)
        .collect()
}

fn file_of(effect: &LocalEffect, names: &Names<'_>) -> Result<Option<String>> {
    let LocalEffect::WriteFile { when, path, .. } = effect;
    if !names.allows(when.as_ref())? {
        return Ok(None);
    }
    Ok(names.value_as(path, &Type::String)?.as_str().map(str::to_owned))
}

fn unwritable(path: &str, why: &std::io::Error) -> crate::diag::Diagnostics {
    let detail = format!(
        "The file {} cannot be written: {why}.",
        crate::value::go_quote(path)
    );
    crate::diag::Diagnostic::error("File cannot be written", detail).into()
}
