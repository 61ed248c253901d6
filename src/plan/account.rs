//! In which account recorded objects are, by the ARNs of those beside them.

use std::collections::BTreeMap;

use crate::addr::{InstanceAddr, ProviderConfig};
use crate::schema::native::arn::account_of;
use crate::state::State;
use crate::value::Text;

use super::make::{Planner, find_type};

/// The account of all ARNs that are recorded through a provider; none where they name several.
pub(super) type Accounts = BTreeMap<ProviderConfig, Option<Text>>;

impl Planner<'_> {
    /// The account in which an object was made that has no ARN of its own, where the recorded objects of its provider agree
    /// on one.
    pub(super) fn account_beside(&mut self, addr: &InstanceAddr) -> Option<Text> {
        let provider = provider_of(&self.prior, addr)?;
        let previous = &self.previous;
        let accounts = self.accounts.get_or_insert_with(|| accounts(previous));
        accounts.get(&provider)?.clone()
    }
}

/// The configuration through which an object was recorded.
fn provider_of(state: &State, addr: &InstanceAddr) -> Option<ProviderConfig> {
    Some(ProviderConfig {
        key: state.get(addr)?.provider_key.clone(),
        ..state.resource(&addr.resource_addr())?.provider.clone()
    })
}

fn accounts(state: &State) -> Accounts {
    let mut found = Accounts::new();
    for (addr, object) in state.current().filter(|(addr, _)| addr.resource.is_managed()) {
        let ty = find_type(&addr.resource).ok();
        if !ty.is_some_and(|ty| ty.spec.attributes.contains_key("arn")) {
            continue;
        }
        let arn = object.text_attribute("arn");
        let (Some(account), Some(provider)) =
            (arn.as_deref().and_then(account_of), provider_of(state, &addr))
        else {
            continue;
        };
        let known = found.entry(provider).or_insert_with(|| Some(account.into()));
        if known.as_deref() != Some(account) {
            *known = None;
        }
    }
    found
}
