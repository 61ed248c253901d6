//! Functions of providers, called as `provider::LOCAL::NAME` where a module requires the provider.

mod aws;
mod terraform;

use super::Func;
use crate::addr::ProviderName;

/// Every provider with functions: its full name and its table.
pub const PROVIDERS: &[(&str, &[Func])] = &[
    ("registry.terraform.io/hashicorp/aws", aws::FUNCTIONS),
    ("terraform.io/builtin/terraform", terraform::FUNCTIONS),
];

/// The functions of a provider.
pub fn functions(provider: &ProviderName) -> &'static [Func] {
    let name = provider.to_string();
    PROVIDERS
        .iter()
        .find(|(of, _)| *of == name)
        .map_or(&[], |(_, functions)| functions)
}
