//! Intents: what is noted before an object is asked for, so that it is not made twice when no answer comes.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::protocol::Begun;
use super::{Object, Secrets, v4};
use crate::addr::{InstanceAddr, ProviderConfig, parse_instance};
use crate::value::Text;

/// An object that was about to be made, of which nothing more was heard.
#[derive(Clone, Debug)]
pub struct Intent {
    pub address: InstanceAddr,
    /// What the object carries if it was made; none where the type has no place for it.
    pub marker: Option<Text>,
    /// When it was noted, and what makes room for it.
    pub begun: Begun,
    /// The ids that were there before, where only that tells which object is the new one.
    pub before: Option<Vec<Text>>,
    pub provider: ProviderConfig,
    /// The region in which it was asked for, where the provider has one.
    pub region: Option<Text>,
    /// The account in which it was asked for, where the cloud has told.
    pub account: Option<Text>,
    /// What was asked for, with what its lifecycle says of its end: without secrets, and without what only the cloud decides.
    pub wished: Arc<Object>,
}

/// How many ids an intent remembers, and how many bytes of them.
const MOST_BEFORE: (usize, usize) = (1_000, 64 << 10);

/// What an intent remembers of what was there before; none where that is more than a line should hold.
pub fn bounded(before: Vec<Text>) -> Option<Vec<Text>> {
    let bytes: usize = before.iter().map(|id| id.len()).sum();
    (before.len() <= MOST_BEFORE.0 && bytes <= MOST_BEFORE.1).then_some(before)
}

impl Intent {
    /// Whether it is the same creation, and not a later one for the same instance.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.begun.since, &self.marker) == (other.begun.since, &other.marker)
    }

    /// As a journal holds it.
    pub(super) fn json(&self, secrets: &Secrets) -> String {
        let before = self.before.iter().map(|before| {
            let ids: Vec<&str> = before.iter().map(|id| &**id).collect();
            format!(r#""before":{},"#, json!(ids))
        });
        let place = [("region", &self.region), ("account", &self.account)];
        let place = place.iter().filter_map(|(name, text)| {
            let text = text.as_deref()?;
            Some(format!("{}:{},", json!(name), json!(text)))
        });
        format!(
            r#"{{"intent":{{"address":{},"marker":{},"since":{},"aside":{},{}"provider":{},{}"wished":{}}}}}"#,
            json!(self.address.to_string()),
            json!(self.marker.as_deref()),
            self.begun.since,
            json!(self.begun.aside.as_deref()),
            before.collect::<String>(),
            json!(self.provider.to_string()),
            place.collect::<String>(),
            v4::write_object(&self.wished, &self.address, secrets),
        )
    }

    /// Reads what stands in the journal of this name.
    pub(super) fn of_json(body: &Json, name: &str) -> Option<Self> {
        let text = |key: &str| body[key].as_str();
        let before = body["before"].as_array();
        Some(Self {
            address: parse_instance(text("address")?).ok()?,
            marker: text("marker").map(Text::from),
            begun: Begun {
                since: body["since"].as_i64().unwrap_or_default(),
                aside: text("aside").map(Text::from),
            },
            before: before.and_then(|ids| ids.iter().map(|id| id.as_str().map(Text::from)).collect()),
            provider: ProviderConfig::parse(text("provider")?)?,
            region: text("region").map(Text::from),
            account: text("account").map(Text::from),
            wished: v4::read_object(&body["wished"].to_string().into(), name)
                .ok()?
                .into(),
        })
    }
}

#[cfg(test)]
impl Intent {
    /// An intent without marker.
    pub(crate) fn of(address: &InstanceAddr) -> Self {
        let nothing = crate::value::Value::object(std::collections::BTreeMap::new());
        Self {
            address: address.clone(),
            marker: None,
            begun: Begun::default(),
            before: None,
            provider: ProviderConfig::parse(r#"provider["h/n/t"]"#).unwrap(),
            region: None,
            account: None,
            wished: Object::new(&nothing, &nothing.ty(), 0, [].into()).unwrap().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::OnDestroy;
    use crate::state::Guard;

    #[test]
    fn an_intent_remembers_what_its_lifecycle_said_and_need_not() {
        let address = parse_instance("t.a").unwrap();
        let plain = Intent::of(&address);
        let guard = Guard {
            prevent_destroy: true,
            on_destroy: OnDestroy::Retain,
        };
        let mut wished = (*plain.wished).clone();
        wished.guard = guard;
        let wished = Arc::new(wished);
        let guarded = Intent {
            wished,
            ..plain.clone()
        };
        for (intent, guard) in [(plain, Guard::default()), (guarded, guard)] {
            let line = intent.line();
            assert_eq!(line.contains("prevent_destroy"), guard.prevent_destroy);
            assert_eq!(Intent::parse(&line).unwrap().wished.guard, guard);
        }
    }

    #[test]
    fn an_intent_remembers_what_was_there_before_unless_it_is_too_much() {
        let address = parse_instance("t.a").unwrap();
        let check = |before: Option<Vec<Text>>| {
            let intent = Intent {
                before: before.clone(),
                ..Intent::of(&address)
            };
            assert_eq!(intent.line().contains("before"), before.is_some());
            assert_eq!(Intent::parse(&intent.line()).unwrap().before, before);
        };
        check(None);
        check(Some(Vec::new()));
        check(Some(vec!["k:1".into(), "\"2\"".into()]));
        assert!(bounded(vec!["i".into(); 1_000]).is_some());
        assert!(bounded(vec!["i".into(); 1_001]).is_none());
        assert!(bounded(vec!["i".repeat(65_000).into(), "i".repeat(1_000).into()]).is_none());
    }
}
