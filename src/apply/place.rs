//! In whose account a run works: what is recorded of one is neither changed nor destroyed with the credentials of another.

use crate::addr::ProviderConfig;
use crate::diag::{Diagnostic, Result};
use crate::plan::live::Opened;
use crate::resource::operate::other_account;
use crate::state::Identity;
use crate::value::Text;

use super::run::Executor;

impl Executor<'_> {
    /// The account in which a provider makes objects; asked for once.
    pub(super) async fn account(&mut self, config: &ProviderConfig, opened: &Opened) -> Option<Text> {
        if let Some(known) = self.accounts.get(config) {
            return known.clone();
        }
        let account = opened.cloud.as_deref()?.account().await;
        self.accounts.insert(config.clone(), account.clone());
        account
    }

    /// Refuses to work with a provider whose recorded objects are of another account: an object that is not found there
    /// would be taken for destroyed, and one of the same name for ours.
    pub(super) async fn check_account(&mut self, config: &ProviderConfig, opened: &Opened) -> Result<()> {
        if let Some(told) = self.refused.get(config) {
            return told.clone().map_or(Ok(()), |told| Err(told.into()));
        }
        let own = self.account(config, opened).await;
        let told = own.and_then(|own| self.of_another(config, &own));
        self.refused.insert(config.clone(), told.clone());
        told.map_or(Ok(()), |told| Err(told.into()))
    }

    fn of_another(&self, config: &ProviderConfig, own: &str) -> Option<Diagnostic> {
        Identity::all(&self.state).find_map(|one| {
            let recorded = one.account.filter(|recorded| recorded != own)?;
            let is_served = one.provider == *config;
            is_served.then(|| other_account(&format!("The object {}", one.id), &recorded, own))
        })
    }
}
