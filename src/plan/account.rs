//! In which account recorded objects are, by the ARNs of those beside them.

use std::collections::BTreeMap;

use crate::addr::{InstanceAddr, ProviderConfig};
use crate::state::{Identity, State};
use crate::value::Text;

use super::make::Planner;

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
    for one in Identity::all(state) {
        let Some(account) = one.account else { continue };
        let account = Some(Text::from(account));
        let known = found.entry(one.provider).or_insert_with(|| account.clone());
        if *known != account {
            *known = None;
        }
    }
    found
}
