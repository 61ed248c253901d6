//! Names of providers and of their configurations.

use std::fmt;

use super::{ModulePath, Text};

/// The host of providers that name none.
pub const DEFAULT_HOST: &str = "registry.terraform.io";

/// A provider's full name: `HOST/NAMESPACE/TYPE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderName {
    pub host: Text,
    pub namespace: Text,
    pub ty: Text,
}

impl ProviderName {
    /// Reads `TYPE`, `NAMESPACE/TYPE` or `HOST/NAMESPACE/TYPE`.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        let (host, namespace, ty) = match *parts.as_slice() {
            [ty] => (DEFAULT_HOST, "hashicorp", ty),
            [namespace, ty] => (DEFAULT_HOST, namespace, ty),
            [host, namespace, ty] => (host, namespace, ty),
            _ => return None,
        };
        let named = [host, namespace, ty].iter().all(|part| !part.is_empty());
        named.then(|| Self {
            host: host.into(),
            namespace: namespace.into(),
            ty: ty.into(),
        })
    }

    /// The provider that a bare local name stands for when `required_providers` does not say.
    pub fn implied(local: &str) -> Self {
        let (host, namespace) = match local {
            "terraform" => ("terraform.io", "builtin"),
            _ => (DEFAULT_HOST, "hashicorp"),
        };
        Self {
            host: host.into(),
            namespace: namespace.into(),
            ty: local.into(),
        }
    }
}

impl ProviderName {
    /// Whether it is no provider of a registry: the one of `terraform_data`.
    pub fn is_builtin(&self) -> bool {
        (&*self.host, &*self.namespace) == ("terraform.io", "builtin")
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.host, self.namespace, self.ty)
    }
}

/// One configuration of a provider: where it is declared, and its alias. Prints as in state files:
/// `module.m.provider["HOST/NS/TYPE"].ALIAS`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderConfig {
    pub module: ModulePath,
    pub provider: ProviderName,
    pub alias: Option<Text>,
    /// Which of those that `for_each` in its block makes.
    pub key: Option<Text>,
}

impl ProviderConfig {
    /// Reads the form that state files have.
    pub fn parse(text: &str) -> Option<Self> {
        let at = text.find("provider[\"")?;
        let module = match text[..at].strip_suffix('.') {
            None if at == 0 => ModulePath::root(),
            None => return None,
            Some(module) => match super::parse_target(module) {
                Ok(super::Target::Module(path)) => path,
                _ => return None,
            },
        };
        let rest = &text[at + "provider[\"".len()..];
        let end = rest.find("\"]")?;
        let (alias, key) = match &rest[end + 2..] {
            "" => (None, None),
            alias => {
                let alias = alias.strip_prefix('.')?;
                let (alias, key) = alias.split_at(alias.find('[').unwrap_or(alias.len()));
                let key = match super::parse_key(key) {
                    _ if key.is_empty() => None,
                    Ok(super::InstanceKey::Text(key)) => Some(key),
                    _ => return None,
                };
                (Some(alias.into()), key)
            }
        };
        Some(Self {
            module,
            provider: ProviderName::parse(&rest[..end])?,
            alias,
            key,
        })
    }
}

impl fmt::Display for ProviderConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "provider[\"{}\"]", self.provider)?;
        self.alias.iter().try_for_each(|alias| write!(f, ".{alias}"))?;
        let key = self.key.iter();
        key.map(|key| super::quote(key))
            .try_for_each(|key| write!(f, "[{key}]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, alias: Option<&str>, key: Option<&str>) {
        let config = ProviderConfig::parse(text).unwrap();
        assert_eq!((config.alias.as_deref(), config.key.as_deref()), (alias, key));
        assert_eq!(config.to_string(), text);
    }

    #[test]
    fn configurations_have_an_alias_and_a_key() {
        check("provider[\"e.org/a/b\"]", None, None);
        check("module.m[\"x\"].provider[\"e.org/a/b\"].west", Some("west"), None);
        check(
            "provider[\"e.org/a/b\"].by[\"a\\\"]b\"]",
            Some("by"),
            Some("a\"]b"),
        );
        for text in [
            "provider[\"e.org/a/b\"][\"x\"]",
            "provider[\"e.org/a/b\"].by[0]",
            "provider[\"e.org/a/b\"].by[\"x\"",
            "provider[\"e.org/a/b\"].by[\"x\"].more",
        ] {
            assert_eq!(ProviderConfig::parse(text), None, "{text}");
        }
    }
}
