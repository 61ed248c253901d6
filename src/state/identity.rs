//! By what an object is known again, wherever it is recorded: its type, its id, and where it is.
//!
//! An id alone proves nothing: names are there in every region, and a replica key has the id of its primary key.

use super::{Object, State};
use crate::addr::arn::{parts, place_of};
use crate::addr::{InstanceAddr, ProviderConfig};
use crate::value::Text;

/// See the head of this file.
#[derive(Clone, Debug)]
pub struct Identity {
    pub ty: Text,
    pub id: String,
    /// Where it is, as far as that is known.
    pub region: Option<String>,
    pub account: Option<String>,
    pub provider: ProviderConfig,
}

impl Identity {
    /// What is recorded in a state. What has no id is known by its address.
    pub fn of(state: &State, address: &InstanceAddr, object: &Object) -> Option<Self> {
        let recorded = state.resource(&address.resource_addr())?;
        let attributes = object.attributes_json().unwrap_or_default();
        let text = |name: &str| {
            let text = attributes.get(name)?.as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let place = text("arn").map(|arn| place_in(&arn)).unwrap_or_default();
        Some(Self {
            ty: address.resource.ty.clone(),
            id: text("id").unwrap_or_else(|| address.to_string()),
            region: text("region").or(place.region),
            account: place.account,
            provider: ProviderConfig {
                key: object.provider_key.clone(),
                ..recorded.provider.clone()
            },
        })
    }

    /// What is recorded of resources in a state, former objects too.
    pub fn all(state: &State) -> impl Iterator<Item = Self> {
        let managed = state.objects().filter(|(addr, ..)| addr.resource.is_managed());
        managed.filter_map(|(addr, _, object)| Self::of(state, &addr, object))
    }

    /// The object that the text of an import names.
    pub fn of_import(ty: &Text, text: &str, provider: ProviderConfig) -> Self {
        let (text, at) = match text.rsplit_once('@') {
            Some((text, region)) if is_region(region) => (text, Some(region.to_owned())),
            _ => (text, None),
        };
        let place = place_in(text);
        Self {
            ty: ty.clone(),
            id: place.name.unwrap_or_else(|| text.to_owned()),
            region: at.or(place.region),
            account: place.account,
            provider,
        }
    }

    /// Whether both are one object; none where it is not known where one of them is.
    pub fn is(&self, other: &Self) -> Option<bool> {
        if self.ty != other.ty || self.id != other.id {
            return Some(false);
        }
        if matches!((&self.account, &other.account), (Some(one), Some(two)) if one != two) {
            return Some(false);
        }
        match (&self.region, &other.region) {
            (Some(one), Some(two)) => Some(one == two),
            (None, None) => (self.provider == other.provider).then_some(true),
            _ => None,
        }
    }
}

/// What an ARN tells.
#[derive(Default)]
struct Place {
    region: Option<String>,
    account: Option<String>,
    /// The object without what says of which kind it is.
    name: Option<String>,
}

/// Reads `arn:aws:kms:REGION:ACCOUNT:key/ID` and `acs:kms:REGION:ACCOUNT:key/ID`.
fn place_in(arn: &str) -> Place {
    let (Some((region, account)), Some((_, name))) = (place_of(arn), parts(arn)) else {
        return Place::default();
    };
    let told = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Place {
        region: told(region),
        account: told(account),
        name: told(name.strip_prefix("key/").unwrap_or(name)),
    }
}

fn is_region(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.contains('-') && text.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Identity {
        let provider = ProviderConfig::parse(r#"provider["h/n/t"]"#).unwrap();
        Identity::of_import(&"t".into(), text, provider)
    }

    #[track_caller]
    fn check(one_text: &str, other: &str, expected: Option<bool>) {
        assert_eq!(one(one_text).is(&one(other)), expected, "{one_text} {other}");
        assert_eq!(one(other).is(&one(one_text)), expected, "{other} {one_text}");
    }

    #[test]
    fn an_object_is_known_by_its_id_and_its_place() {
        check("mrk-1", "mrk-1", Some(true));
        check("mrk-1", "mrk-2", Some(false));
        check("mrk-1@eu-west-1", "mrk-1@eu-west-1", Some(true));
        check("mrk-1@eu-west-1", "mrk-1@us-east-1", Some(false));
        check("mrk-1@eu-west-1", "mrk-1", None);
        check("arn:aws:kms:eu-west-1:1:key/mrk-1", "mrk-1@eu-west-1", Some(true));
        check(
            "arn:aws:kms:eu-west-1:1:key/mrk-1",
            "mrk-1@us-east-1",
            Some(false),
        );
        let alias = |account: u8| format!("arn:aws:kms:eu-west-1:{account}:alias/a");
        check(&alias(1), &alias(1), Some(true));
        check(&alias(1), &alias(2), Some(false));
        check(&alias(1), "alias/a@eu-west-1", Some(true));
        check(
            "acs:kms:cn-beijing:1:secret/s",
            "acs:kms:cn-hangzhou:1:secret/s",
            Some(false),
        );
    }

    #[test]
    fn where_nobody_tells_the_place_the_provider_does() {
        let other = Identity {
            provider: ProviderConfig::parse(r#"provider["h/n/t"].b"#).unwrap(),
            ..one("a")
        };
        assert_eq!(one("a").is(&other), None);
        let same_id = one("user@example");
        assert_eq!(same_id.id, "user@example");
    }
}
