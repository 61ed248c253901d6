//! Resources under the modules that they are in.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::value::Record;
use crate::addr::{InstanceAddr, InstanceKey, ModulePath, ModuleStep};

/// A module with what is in it, in the making.
#[derive(Default)]
pub(super) struct Tree {
    resources: Vec<Json>,
    children: BTreeMap<ModuleStep, Self>,
}

impl Tree {
    pub(super) fn add(&mut self, module: &ModulePath, resource: Json) {
        let mut at = self;
        for step in module.0.iter() {
            at = at.children.entry(step.clone()).or_default();
        }
        at.resources.push(resource);
    }

    pub(super) fn json(self) -> Json {
        self.at(&ModulePath::root())
    }

    fn at(self, path: &ModulePath) -> Json {
        let address = (!path.is_root()).then(|| path.to_string());
        let children = self.children.into_iter();
        let children = children.map(|(step, child)| child.at(&path.child(step.name, step.key)));
        Record::new()
            .filled("resources", self.resources)
            .maybe("address", address)
            .filled("child_modules", children.collect::<Vec<_>>())
            .json()
    }
}

/// The keys that say which instance of what is meant: `address`, `mode`, `type`, `name`, `index`.
pub(super) fn named(record: Record, addr: &InstanceAddr) -> Record {
    record
        .with("mode", addr.resource.mode.word())
        .with("type", &*addr.resource.ty)
        .with("name", &*addr.resource.name)
        .maybe("index", index(&addr.key))
}

/// An instance key as JSON.
pub(super) fn index(key: &InstanceKey) -> Option<Json> {
    match key {
        InstanceKey::None => None,
        InstanceKey::Number(number) => Some((*number).into()),
        InstanceKey::Text(text) => Some((&**text).into()),
    }
}
