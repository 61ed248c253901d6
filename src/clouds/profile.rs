//! Profiles in files of sections and properties, as AWS's tools keep them.

use std::collections::BTreeMap;

/// The properties of one section.
pub type Properties = BTreeMap<String, String>;

/// The profiles of a configuration file and a credentials file.
#[derive(Default)]
pub struct Profiles {
    config: BTreeMap<String, Properties>,
    credentials: BTreeMap<String, Properties>,
}

impl Profiles {
    pub fn parse(config: &str, credentials: &str) -> Self {
        Self {
            config: sections(config),
            credentials: sections(credentials),
        }
    }

    /// A profile's properties; those of the credentials file win.
    pub fn profile(&self, name: &str) -> Option<Properties> {
        let section = format!("profile {name}");
        let config = self
            .config
            .get(&section)
            .or_else(|| self.config.get(name).filter(|_| name == "default"));
        let credentials = self.credentials.get(name);
        if config.is_none() && credentials.is_none() {
            return None;
        }
        let mut merged = config.cloned().unwrap_or_default();
        merged.extend(credentials.cloned().unwrap_or_default());
        Some(merged)
    }

    /// The properties of a session of single sign-on.
    pub fn sso_session(&self, name: &str) -> Option<&Properties> {
        self.config.get(&format!("sso-session {name}"))
    }

    /// The endpoint that a profile names for a service, or for all.
    pub fn endpoint(&self, name: &str, service: &str) -> Option<String> {
        let profile = self.profile(name)?;
        let own = profile.get("services").and_then(|services| {
            self.config
                .get(&format!("services {services}"))?
                .get(&format!("{service}.endpoint_url"))
        });
        own.or_else(|| profile.get("endpoint_url")).cloned()
    }
}

/// The sections of a file; properties below a property get its name and a dot before theirs.
fn sections(text: &str) -> BTreeMap<String, Properties> {
    let mut all: BTreeMap<String, Properties> = BTreeMap::new();
    let mut current: Option<String> = None;
    let mut parent = String::new();
    for line in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            let name = name.replace(['"', '\''], "");
            all.entry(name.clone()).or_default();
            current = Some(name);
            parent.clear();
            continue;
        }
        let (Some(section), Some((key, value))) = (&current, content.split_once('=')) else {
            continue;
        };
        let key = key.trim().to_ascii_lowercase();
        let nested = line.starts_with(char::is_whitespace) && !parent.is_empty();
        let name = if nested {
            format!("{parent}.{key}")
        } else {
            key.clone()
        };
        let value = without_comment(value.trim());
        if !nested {
            parent = if value.is_empty() { key } else { String::new() };
        }
        if let Some(properties) = all.get_mut(section) {
            properties.insert(name, value.to_owned());
        }
    }
    all
}

fn without_comment(value: &str) -> &str {
    let end = [" #", " ;"].iter().filter_map(|start| value.find(start)).min();
    value[..end.unwrap_or(value.len())].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[default]\nregion = eu-west-1 # near\n[profile  dev]\nregion=us-east-1\n\
        services = local\nrole_arn = a=b\n[services local]\nkms =\n  endpoint_url = http://127.0.0.1:1\n";
    const CREDENTIALS: &str = "; mine\n[dev]\nAWS_access_key_id = k\n";

    #[track_caller]
    fn check(profile: &str, property: &str, expected: Option<&str>) {
        let found = Profiles::parse(CONFIG, CREDENTIALS).profile(profile);
        let found = found.and_then(|properties| properties.get(property).cloned());
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn both_files_make_a_profile() {
        check("dev", "region", Some("us-east-1"));
        check("dev", "aws_access_key_id", Some("k"));
        check("dev", "role_arn", Some("a=b"));
    }

    #[test]
    fn comments_are_left_out() {
        check("default", "region", Some("eu-west-1"));
    }

    #[test]
    fn other_profiles_do_not_exist() {
        check("test", "region", None);
    }

    #[test]
    fn services_have_endpoints() {
        let profiles = Profiles::parse(CONFIG, CREDENTIALS);
        assert_eq!(
            profiles.endpoint("dev", "kms").as_deref(),
            Some("http://127.0.0.1:1")
        );
        assert_eq!(profiles.endpoint("dev", "sts"), None);
    }
}
