//! `import` blocks: objects that exist and are to be managed from now on.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::{
    InstanceAddr, InstanceKey, ModulePath, ProviderConfig, ResourceAddr, ResourceName, Subject, Text,
};
use crate::config::{Expand, Import, Resource};
use crate::diag::{Diagnostic, Diagnostics, Result, Span};
use crate::eval::{Expanded, ModuleInstanceId, Repetition};
use crate::graph::NodeId;
use crate::lang::expr::evaluate;
use crate::lang::syntax::{Expr, ExprKind, Key, Traversal};
use crate::state::Guard;
use crate::value::{Marks, Type, Value, convert};

use super::generate;
use super::instance::Declared;
use super::make::Planner;
use super::observe::Wanted;

/// What is to be imported where.
#[derive(Clone, Debug, Default)]
pub(super) struct Imports {
    wanted: BTreeMap<InstanceAddr, (Text, Span)>,
    used: BTreeSet<InstanceAddr>,
    /// Names of variables that generated configuration declares.
    variables: BTreeSet<String>,
}

impl Imports {
    /// What is to be imported, and the ids.
    pub(super) fn wanted(&self) -> impl Iterator<Item = (&InstanceAddr, &Text)> {
        self.wanted.iter().map(|(addr, (id, _))| (addr, id))
    }
}

impl Planner<'_> {
    /// Evaluates the `import` blocks that are about a resource node, or, for none, those about no block at all.
    pub(super) fn collect_imports(&mut self, node: Option<NodeId>) {
        let root = self.graph.module(self.graph.root()).config.clone();
        let graph = self.graph.clone();
        let homeless = |block: &&Import| {
            let node = block
                .block()
                .and_then(|(module, resource)| graph.resource_node(&module, &resource));
            node.is_none()
        };
        let blocks: Vec<&Import> = match node {
            Some(id) => graph.imports(id).iter().map(|&at| &root.imports[at]).collect(),
            None => root.imports.iter().filter(homeless).collect(),
        };
        for block in blocks {
            if let Err(errors) = self.collect_import(block) {
                self.problems.extend(errors);
            }
        }
    }

    fn collect_import(&mut self, block: &Import) -> Result<()> {
        let module = self.evaluator.instances(self.graph.root())[0];
        let repetitions = match &block.for_each {
            None => vec![Repetition::default()],
            Some(expr) => self
                .evaluator
                .expand(module, &Expand::ForEach(expr.clone()))?
                .repetitions(),
        };
        for repetition in repetitions {
            let id = self.import_id(&block.id, module, &repetition)?;
            let addr = self.import_address(&block.to, module, &repetition)?;
            // What the state has already is imported already.
            if self.previous.get(&addr).is_some() {
                self.imports.used.insert(addr.clone());
                continue;
            }
            if let Some((_, first)) = self.imports.wanted.insert(addr.clone(), (id, block.span)) {
                return Err(Diagnostic::error(
                    "Duplicate import configuration for the same address",
                    format!("{addr} is the target of two import blocks; each address takes one object."),
                )
                .at(block.span)
                .label(first, "first import here")
                .into());
            }
        }
        Ok(())
    }

    fn import_id(&self, expr: &Expr, module: ModuleInstanceId, repetition: &Repetition) -> Result<Text> {
        let scope = self.evaluator.scope(module).with_repetition(repetition);
        let value = evaluate(expr, &scope)?;
        let refuse = |detail: &str| {
            Diagnostics::from(Diagnostic::error("Invalid import id argument", detail).at(expr.span))
        };
        if value.marks().contains(Marks::SENSITIVE) {
            return Err(refuse("The import ID cannot be sensitive."));
        }
        let value = convert::convert(&value, &Type::String).map_err(|mismatch| {
            refuse(&format!(
                "The import ID value is unsuitable: {}.",
                mismatch.message
            ))
        })?;
        if !value.is_known() || scope.missed() {
            return Err(refuse(
                "The import block \"id\" argument depends on resource attributes that cannot be determined until apply, so keyform cannot plan to import this resource.",
            ));
        }
        match value.as_text() {
            None => Err(refuse("The import ID cannot be null.")),
            Some(text) if text.is_empty() => Err(refuse(
                "The import ID value evaluates to an empty string, please provide a non-empty value.",
            )),
            Some(text) => Ok(text.clone()),
        }
    }

    /// The address in `to`, whose keys may be expressions.
    fn import_address(
        &self,
        expr: &Expr,
        module: ModuleInstanceId,
        repetition: &Repetition,
    ) -> Result<InstanceAddr> {
        let invalid = || {
            Diagnostics::from(
                Diagnostic::error(
                    "Invalid import address",
                    "The \"to\" argument must be the address of a managed resource instance.",
                )
                .at(expr.span),
            )
        };
        let ExprKind::Traversal(traversal) = &expr.kind else {
            return Err(invalid());
        };
        let mut steps = Steps { traversal, at: 0 };
        let mut path = ModulePath::root();
        let mut root = traversal.root.clone();
        while &*root == "module" {
            let name = steps.attribute().ok_or_else(invalid)?;
            let key = self.key(&mut steps, module, repetition)?;
            path = path.child(name, key);
            root = steps.attribute().ok_or_else(invalid)?;
        }
        if matches!(traversal.reference.as_ref().map(|reference| &reference.subject), Ok(Subject::Resource(name)) if !name.is_managed())
        {
            return Err(invalid());
        }
        let name = steps.attribute().ok_or_else(invalid)?;
        let key = self.key(&mut steps, module, repetition)?;
        if steps.at < traversal.steps.len() {
            return Err(invalid());
        }
        Ok(InstanceAddr::new(path, ResourceName::managed(root, name), key))
    }

    fn key(
        &self,
        steps: &mut Steps<'_>,
        module: ModuleInstanceId,
        repetition: &Repetition,
    ) -> Result<InstanceKey> {
        let Some(Key::Index(expr)) = steps.traversal.steps.get(steps.at) else {
            return Ok(InstanceKey::None);
        };
        steps.at += 1;
        let value = evaluate(expr, &self.evaluator.scope(module).with_repetition(repetition))?;
        if let Some(text) = value.as_text() {
            return Ok(InstanceKey::Text(text.clone()));
        }
        value
            .as_i64()
            .and_then(|number| u64::try_from(number).ok())
            .map(InstanceKey::Number)
            .ok_or_else(|| {
                Diagnostic::error(
                    "Invalid import address",
                    "An instance key must be a known string or whole number.",
                )
                .at(expr.span)
                .into()
            })
    }

    /// Reads the object that is to be imported for an instance, if one is.
    pub(super) fn import(
        &mut self,
        declared: &Declared<'_>,
        addr: &InstanceAddr,
        provider: &ProviderConfig,
        (config, facts): (&Value, &Value),
    ) -> Result<Option<(Text, Value)>> {
        let wanted = Wanted {
            addr: addr.clone(),
            ty: declared.ty,
            provider: provider.clone(),
            prior: Value::null(Type::Dynamic),
            account: None,
        };
        let asked_for = self.imports.wanted.get(addr).cloned();
        let is_asked_for = asked_for.is_some();
        let (id, span) = match asked_for {
            Some(found) => found,
            None => match self.left_open(&wanted, true)? {
                Some(id) => (id, declared.block.span),
                None => return Ok(None),
            },
        };
        self.imports.used.insert(addr.clone());
        let value = self
            .observer
            .import(&wanted, &id)
            .map_err(|errors| at_import(errors, span))?;
        let value = crate::resource::adopt(declared.ty, &value, config, facts)?;
        if is_asked_for {
            self.imported_beside(&wanted, &value)?;
        }
        self.note_import(addr, provider, declared.ty, (&value, Guard::default()))?;
        if !is_asked_for {
            self.taken_over(addr);
        }
        Ok(Some((id, value)))
    }

    pub(super) fn note_import(
        &mut self,
        addr: &InstanceAddr,
        provider: &ProviderConfig,
        ty: &'static crate::schema::ResourceType,
        (value, guard): (&Value, Guard),
    ) -> Result<()> {
        let mut object = crate::resource::record(ty, value, &ty.spec.ty())?;
        object.guard = guard;
        self.prior.insert(addr, provider, object);
        Ok(())
    }

    /// Imports whose address has no block: configuration is written for them, or it is an error.
    pub(super) fn report_unused_imports(&mut self) {
        let unused: Vec<(InstanceAddr, Span)> = self
            .imports
            .wanted
            .iter()
            .filter(|(addr, _)| !self.imports.used.contains(*addr))
            .map(|(addr, (_, span))| (addr.clone(), *span))
            .collect();
        for (addr, span) in unused {
            if !self.targets.includes(&addr) && !self.targets.is_everything() {
                continue;
            }
            if self.options.generate && self.node_of(&addr.resource_addr()).is_none() {
                let detail = format!(
                    "Configuration can be written for resources of the root module without count and for_each, and {addr} is none."
                );
                self.problems
                    .push(Diagnostic::error("Configuration cannot be generated", detail).at(span));
                continue;
            }
            self.problems.push(
                Diagnostic::error(
                    "Configuration for import target does not exist",
                    format!("The configuration for the given import target {addr} does not exist. All target instances must have an associated configuration to be imported."),
                )
                .at(span)
                .hint("Let keyform write it: plan -generate-config-out=FILE"),
            );
        }
    }

    /// Plans an import whose configuration is to be written.
    pub(super) fn generated_node(&mut self, id: NodeId, block: &Resource) {
        let module = self.evaluator.instances(self.graph.root())[0];
        let resource = ResourceAddr {
            module: ModulePath::root(),
            resource: block.name.clone(),
        };
        let addr = resource.instance(InstanceKey::None);
        let wanted = self.imports.wanted.get(&addr).cloned();
        let value = match wanted {
            Some((import, span)) if self.targets.includes(&addr) => {
                self.imports.used.insert(addr.clone());
                self.handled.insert(resource.clone());
                let generated = self.generate(&addr, &import);
                generated.map_err(|errors| self.problems.extend(at_import(errors, span)))
            }
            Some(_) => Err(()),
            None => {
                // It is recorded and nothing declares it: it will go, and nobody can refer to it.
                if let Some(&dependant) = self.graph.dependants(id).first() {
                    let detail = format!(
                        "{} refers to {addr}, which is imported already and has no configuration any more.",
                        self.graph.describe(dependant)
                    );
                    self.problems
                        .push(Diagnostic::error("Reference to undeclared resource", detail).at(block.span));
                }
                Err(())
            }
        };
        match value {
            Ok(value) => {
                let values = BTreeMap::from([(InstanceKey::None, value)]);
                self.enter_values(module, &resource, Expanded::Single, values);
            }
            Err(()) => self.enter_values(module, &resource, Expanded::Unknown, BTreeMap::new()),
        }
    }

    /// Reads an object that has no block and writes the block it would need.
    fn generate(&mut self, addr: &InstanceAddr, id: &Text) -> Result<Value> {
        let (ty, _) = self.type_of(&addr.resource)?;
        let provider = self.provider_of(addr);
        let facts = self.provider(&provider)?;
        let wanted = Wanted {
            addr: addr.clone(),
            ty,
            provider: provider.clone(),
            prior: Value::null(Type::Dynamic),
            account: None,
        };
        let value = self.observer.import(&wanted, id)?;
        let root = self.graph.module(self.graph.root()).config.clone();
        let block = &root.resources[&addr.resource];
        let text = generate::block(block, ty, &value, &facts, |name| {
            root.variables.contains_key(name) || !self.imports.variables.insert(name.into())
        });
        self.note_import(addr, &provider, ty, (&value, Guard::default()))?;
        let planned = super::Planned {
            import: Some(id.clone()),
            generated: Some(text),
            ..super::Planned::bare(
                addr.clone(),
                provider,
                ty,
                crate::resource::Change::none(value.clone()),
            )
        };
        self.add(planned);
        Ok(value)
    }
}

/// The steps of a traversal, taken one by one.
struct Steps<'a> {
    traversal: &'a Traversal,
    at: usize,
}

impl Steps<'_> {
    fn attribute(&mut self) -> Option<Text> {
        let Some(Key::Attribute(name, _)) = self.traversal.steps.get(self.at) else {
            return None;
        };
        self.at += 1;
        Some(name.clone())
    }
}

fn at_import(errors: Diagnostics, span: Span) -> Diagnostics {
    errors
        .into_iter()
        .map(|error| {
            if error.span.is_some() {
                error
            } else {
                error.at(span)
            }
        })
        .collect()
}
