//! In whose account a run works: what is recorded of one is neither changed nor destroyed with the credentials of another.

use crate::addr::ProviderConfig;
use crate::diag::{Diagnostic, Result};
use crate::plan::live::Opened;
use crate::resource::operate::other_account;
use crate::schema::native::arn::account_of;
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
        let same = |one: &ProviderConfig| {
            (&one.module, &one.provider, &one.alias) == (&config.module, &config.provider, &config.alias)
        };
        let resources = self.state.resources.iter();
        let resources = resources.filter(|(addr, one)| addr.resource.is_managed() && same(&one.provider));
        let objects = resources.flat_map(|(_, one)| one.instances.values());
        let objects = objects.flat_map(|one| one.current.iter().chain(one.deposed.values()));
        let mut served = objects.filter(|object| object.provider_key == config.key);
        served.find_map(|object| {
            let arn = object.text_attribute("arn")?;
            let recorded = account_of(&arn).filter(|recorded| *recorded != own)?;
            let id = object.text_attribute("id").unwrap_or_default();
            Some(other_account(&format!("The object {id}"), recorded, own))
        })
    }
}
