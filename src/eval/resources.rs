//! What the instances of a resource are worth, and the resource as one value.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::addr::InstanceKey;
use crate::value::Value;

use super::Expanded;

/// The values of a resource's instances. The value of the whole is built when it is first asked for, and once.
pub struct ResourceValues {
    pub expanded: Expanded,
    values: BTreeMap<InstanceKey, Value>,
    whole: OnceCell<Value>,
}

impl ResourceValues {
    pub fn new(expanded: Expanded, values: BTreeMap<InstanceKey, Value>) -> Self {
        Self {
            expanded,
            values,
            whole: OnceCell::new(),
        }
    }

    pub fn get(&self, key: &InstanceKey) -> Option<&Value> {
        self.values.get(key)
    }

    pub(super) fn set(&mut self, key: InstanceKey, value: Value) {
        self.values.insert(key, value);
        self.whole.take();
    }

    /// One object, a tuple for `count`, or an object by key for `for_each`.
    pub fn whole(&self) -> &Value {
        self.whole.get_or_init(|| match &self.expanded {
            Expanded::Single => self
                .values
                .get(&InstanceKey::None)
                .cloned()
                .unwrap_or_else(Value::dynamic),
            Expanded::Disabled => Value::null(crate::value::Type::Dynamic),
            Expanded::Unknown => Value::dynamic(),
            Expanded::Count(_) => Value::tuple(self.values.values().cloned().collect()),
            Expanded::ForEach(_) => Value::object(
                self.values
                    .iter()
                    .filter_map(|(key, value)| match key {
                        InstanceKey::Text(key) => Some((key.clone(), value.clone())),
                        InstanceKey::None | InstanceKey::Number(_) => None,
                    })
                    .collect(),
            ),
        })
    }
}
