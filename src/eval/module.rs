//! One instance of a module: the tables of what its objects are worth, in the order of declaration.

use std::collections::BTreeMap;

use crate::addr::{InstanceKey, ModulePath};
use crate::graph::{Graph, ModuleId};
use crate::value::{Text, Value};

use super::{Expanded, ModuleInstanceId, Repetition, ResourceValues};

pub(super) struct ModuleInstance {
    pub(super) module: ModuleId,
    pub(super) path: ModulePath,
    pub(super) parent: Option<ModuleInstanceId>,
    /// `each` and `count` of the call that made it.
    pub(super) repetition: Repetition,
    pub(super) variables: Vec<Option<Value>>,
    pub(super) locals: Vec<Option<Value>>,
    pub(super) outputs: Vec<Option<Value>>,
    /// By the key of `for_each`, if there is one.
    pub(super) providers: Vec<Option<BTreeMap<Option<Text>, Value>>>,
    pub(super) resources: Vec<Option<ResourceValues>>,
    pub(super) calls: Vec<Option<CallInstances>>,
}

/// The modules that a call has made.
pub(super) struct CallInstances {
    pub(super) expanded: Expanded,
    pub(super) children: BTreeMap<InstanceKey, ModuleInstanceId>,
}

impl ModuleInstance {
    pub(super) fn new(
        graph: &Graph,
        module: ModuleId,
        path: ModulePath,
        parent: Option<ModuleInstanceId>,
    ) -> Self {
        let config = &graph.module(module).config;
        Self {
            module,
            path,
            parent,
            repetition: Repetition::default(),
            variables: vec![None; config.variables.len()],
            locals: vec![None; config.locals.len()],
            outputs: vec![None; config.outputs.len()],
            providers: vec![None; config.providers.len()],
            resources: std::iter::repeat_with(|| None)
                .take(config.resources.len())
                .collect(),
            calls: std::iter::repeat_with(|| None).take(config.calls.len()).collect(),
        }
    }
}
