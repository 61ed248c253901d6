//! Configuration to graph.

use std::collections::{BTreeMap, VecDeque};

use crate::addr::{ModulePath, ProviderConfig, Reference, ResourceName, Subject, Text};
use crate::config::{Condition, Configuration, Expand, Module, ProviderKey, Resource};
use crate::diag::{Diagnostic, Diagnostics, Result, Span};
use crate::lang::syntax::{Body, Expr, ExprKind, Key, Traversal};

use super::deprecated::deprecated;
use super::undeclared::{Context, out_of_scope, undeclared};
use super::{Graph, GraphModule, ModuleId, Node, NodeId, Object, ProviderInstance, ServedBy, cycle, flatten};

/// Of more names that nothing declares nobody reads.
const ERRORS: usize = 1000;

/// Builds the graph. Undeclared names and circles are errors, all reported.
pub fn build(configuration: &Configuration) -> Result<Graph> {
    let modules = flatten(configuration);
    let nodes = list_nodes(&modules);
    let mut graph = Graph {
        dependencies: vec![Vec::new(); nodes.len()],
        dependants: vec![Vec::new(); nodes.len()],
        imports: BTreeMap::new(),
        depends_on: vec![Vec::new(); nodes.len()],
        providers: vec![None; nodes.len()],
        order: Vec::new(),
        advice: Diagnostics::new(),
        modules,
        nodes,
    };
    for (at, import) in configuration.root.imports.iter().enumerate() {
        let node = import
            .block()
            .and_then(|(module, resource)| graph.resource_node(&module, &resource));
        if let Some(id) = node {
            graph.imports.entry(id).or_default().push(at);
        }
    }
    let mut problems = Diagnostics::new();
    let mut advice = Diagnostics::new();
    for id in graph.node_ids() {
        let mut edges = Edges {
            graph: &graph,
            module: graph.node(id).module,
            found: Vec::new(),
            depends_on: Vec::new(),
            problems: &mut problems,
            advice: &mut advice,
        };
        let served_by = edges.of(id);
        let mut found = edges.found;
        graph.depends_on[id.0 as usize] = edges.depends_on;
        found.sort_unstable();
        found.dedup();
        graph.providers[id.0 as usize] = served_by;
        graph.dependencies[id.0 as usize] = found;
    }
    graph.advice = advice;
    enter_ends(&mut graph);
    for id in graph.node_ids() {
        for at in 0..graph.dependencies[id.0 as usize].len() {
            let dependency = graph.dependencies[id.0 as usize][at];
            graph.dependants[dependency.0 as usize].push(id);
        }
    }
    graph.order = order(&graph);
    if graph.order.len() < graph.len() {
        problems.extend(cycle::report(&graph));
    }
    problems.or(graph)
}

/// What is wrong with the names in an expression that stands in a module, but in none of its blocks.
pub fn check_names(graph: &Graph, module: ModuleId, expr: &Expr) -> Diagnostics {
    let mut problems = Diagnostics::new();
    let mut edges = Edges {
        graph,
        module,
        found: Vec::new(),
        depends_on: Vec::new(),
        problems: &mut problems,
        advice: &mut Diagnostics::new(),
    };
    edges.expr(expr, &Context::PLAIN);
    problems
}

/// The end of a module that somebody depends on as a whole waits for everything in it, and for the ends below.
fn enter_ends(graph: &mut Graph) {
    let mut awaited = vec![false; graph.modules.len()];
    for id in graph.depends_on.iter().flatten() {
        let Node { module, object } = graph.node(*id);
        awaited[module.0 as usize] |= object == Object::End;
    }
    let modules: Vec<ModuleId> = graph.modules().map(|(id, _)| id).collect();
    for module in modules.into_iter().filter(|id| id.0 > 0) {
        let parent = graph.module(module).parent.map_or(0, |parent| parent.0 as usize);
        awaited[module.0 as usize] |= awaited[parent];
        if !awaited[module.0 as usize] {
            continue;
        }
        let object = Object::End;
        let end = graph.id_of(Node { module, object });
        // The nodes of a module stand together, its end last.
        let first = graph.module(module).first[0];
        let mut found: Vec<NodeId> = (first..end.0).map(NodeId).collect();
        let children = graph.module(module).children.iter();
        found.extend(children.map(|&module| graph.id_of(Node { module, object })));
        found.retain(|&id| !matches!(graph.node(id).object, Object::Provider(_) | Object::Check(_)));
        found.sort_unstable();
        graph.dependencies[end.0 as usize] = found;
    }
}

fn list_nodes(modules: &[GraphModule]) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (module, graph_module) in (0u32..).map(ModuleId).zip(modules) {
        let config = &graph_module.config;
        let mut add = |count: usize, object: fn(u32) -> Object| {
            nodes.extend((0u32..).take(count).map(|i| Node {
                module,
                object: object(i),
            }));
        };
        add(config.variables.len(), Object::Variable);
        add(config.locals.len(), Object::Local);
        add(config.outputs.len(), Object::Output);
        add(config.resources.len(), Object::Resource);
        add(config.calls.len(), Object::Call);
        add(config.providers.len(), Object::Provider);
        add(config.checks.len(), Object::Check);
        add(1, |_| Object::End);
    }
    nodes
}

/// Kahn's order, first come first served; shorter than the graph when there is a circle. Data sources of checks,
/// and these, look at what all others have become, so they come last; nothing waits for them.
fn order(graph: &Graph) -> Vec<NodeId> {
    let mut waiting: Vec<usize> = graph.dependencies.iter().map(Vec::len).collect();
    let mut ready: VecDeque<NodeId> = graph
        .node_ids()
        .filter(|id| waiting[id.0 as usize] == 0)
        .collect();
    let mut order = Vec::with_capacity(graph.len());
    while let Some(id) = ready.pop_front() {
        order.push(id);
        for &dependant in graph.dependants(id) {
            waiting[dependant.0 as usize] -= 1;
            if waiting[dependant.0 as usize] == 0 {
                ready.push_back(dependant);
            }
        }
    }
    let (mut first, last): (Vec<NodeId>, Vec<NodeId>) =
        order.into_iter().partition(|&id| !graph.comes_last(id));
    first.extend(last);
    first
}

/// Collects what one node refers to.
struct Edges<'a> {
    graph: &'a Graph,
    module: ModuleId,
    found: Vec<NodeId>,
    /// Those that `depends_on` names.
    depends_on: Vec<NodeId>,
    problems: &'a mut Diagnostics,
    advice: &'a mut Diagnostics,
}

impl Edges<'_> {
    fn of(&mut self, id: NodeId) -> Option<ServedBy> {
        let node = self.graph.node(id);
        if node.object == Object::End {
            return None;
        }
        let module = self.graph.module(node.module);
        // Everything inside a module waits until it is known how many instances the module has.
        self.found.extend(module.call);
        let config = module.config.clone();
        match node.object {
            Object::Variable(i) => self.variable(&config, i as usize, id),
            Object::Local(i) => self.expr(&config.locals[i as usize].expr, &Context::PLAIN),
            Object::Output(i) => {
                let output = &config.outputs[i as usize];
                self.expr(&output.value, &Context::PLAIN);
                self.depends_on(&output.depends_on);
                self.conditions(&output.preconditions, &Context::PLAIN);
            }
            Object::Resource(i) => return Some(self.resource(&config, &config.resources[i as usize], id)),
            Object::Call(i) => {
                let call = &config.calls[i as usize];
                self.expand(&call.expand);
                self.depends_on(&call.depends_on);
            }
            Object::Provider(i) => {
                let provider = &config.providers[i as usize];
                let expand = provider.for_each.clone().map_or(Expand::Single, Expand::ForEach);
                self.expand(&expand);
                self.body(&provider.body, &Context::of(&expand));
            }
            Object::Check(i) => {
                let check = config.checks.get_index(i as usize);
                let (name, check) = check.expect("a node stands for a block");
                self.conditions(&check.assertions, &Context::of_check(name));
                let data = check.data.as_ref().and_then(|data| self.node_of(data));
                self.found.extend(data);
            }
            Object::End => {}
        }
        None
    }

    /// The node of a resource of the same module.
    fn node_of(&self, name: &ResourceName) -> Option<NodeId> {
        let index = self
            .graph
            .module(self.module)
            .config
            .resources
            .get_index_of(name)?;
        Some(self.graph.id_of(Node {
            module: self.module,
            object: Object::Resource(u32::try_from(index).ok()?),
        }))
    }

    /// A variable waits for the argument of the call that sets it, and for what its validations refer to.
    fn variable(&mut self, config: &Module, index: usize, id: NodeId) {
        let variable = &config.variables[index];
        let module = self.graph.module(self.module);
        if let (Some(parent), Some(call)) = (module.parent, module.call)
            && let Object::Call(call) = self.graph.node(call).object
        {
            let caller = self.graph.module(parent).config.clone();
            let call = &caller.calls[call as usize];
            if let Some(argument) = call.inputs.attribute(&variable.name) {
                let inner = std::mem::replace(&mut self.module, parent);
                self.expr(&argument.expr, &Context::of(&call.expand));
                self.module = inner;
            }
        }
        self.conditions(&variable.validations, &Context::PLAIN);
        self.found.retain(|&found| found != id);
    }

    fn resource(&mut self, config: &Module, resource: &Resource, id: NodeId) -> ServedBy {
        self.expand(&resource.expand);
        let context = Context::of(&resource.expand);
        self.body(&resource.body, &context);
        self.depends_on(&resource.depends_on);
        self.exprs(&resource.lifecycle.replace_triggered_by, &context);
        if let Some(protection) = &resource.lifecycle.prevent_destroy {
            self.expr(protection, &Context::PLAIN);
        }
        self.conditions(&resource.lifecycle.preconditions, &context);
        if self.found.contains(&id) {
            self.problems.push(
                Diagnostic::error(
                    "Self-referential block",
                    format!("Configuration for {} may not refer to itself.", resource.name),
                )
                .at(resource.span),
            );
        }
        // A postcondition may refer to its own resource, by `self` or by name.
        self.conditions(&resource.lifecycle.postconditions, &context.with_self());
        for provisioner in resource.provisioners.iter().filter(|one| !one.on_destroy) {
            self.body(&provisioner.body, &context.with_self());
        }
        self.imports(id);
        self.found.retain(|&found| found != id);
        let served_by = self.provider(config, resource);
        self.found.extend(served_by.node);
        if let Some(instance) = &served_by.instance {
            self.provider_instance(instance, &context);
        }
        served_by
    }

    /// What is imported waits for what tells its id, as the root sees it.
    fn imports(&mut self, id: NodeId) {
        let inner = std::mem::replace(&mut self.module, self.graph.root());
        let root = self.graph.module(self.module).config.clone();
        for import in self.graph.imports(id).iter().map(|&at| &root.imports[at]) {
            let expand = import.for_each.clone().map_or(Expand::Single, Expand::ForEach);
            self.expand(&expand);
            self.expr(&import.id, &Context::of(&expand));
            if let ExprKind::Traversal(to) = &import.to.kind {
                for step in &to.steps {
                    if let Key::Index(key) = step {
                        self.expr(key, &Context::of(&expand));
                    }
                }
            }
        }
        self.module = inner;
    }

    /// What the key of a provider's configuration refers to, where it is written.
    fn provider_instance(&mut self, instance: &ProviderInstance, own: &Context) {
        let inner = std::mem::replace(&mut self.module, instance.module);
        let config = self.graph.module(self.module).config.clone();
        let context = instance
            .of_call
            .map(|call| Context::of(&config.calls[call as usize].expand));
        self.expr(&instance.key, context.as_ref().unwrap_or(own));
        self.module = inner;
    }

    fn expand(&mut self, expand: &Expand) {
        match expand {
            Expand::Single => {}
            Expand::Count(expr) | Expand::ForEach(expr) | Expand::Enabled(expr) => {
                self.expr(expr, &Context::PLAIN);
            }
        }
    }

    fn conditions(&mut self, conditions: &[Condition], context: &Context) {
        for condition in conditions {
            self.expr(&condition.condition, context);
            self.expr(&condition.error_message, context);
        }
    }

    fn body(&mut self, body: &Body, context: &Context) {
        for attribute in &body.attributes {
            self.expr(&attribute.expr, context);
        }
        for block in &body.blocks {
            let inner;
            let context = if &*block.kind == "dynamic" {
                inner = context.with_iterator(block);
                &inner
            } else {
                context
            };
            self.body(&block.body, context);
        }
    }

    fn exprs(&mut self, exprs: &[Expr], context: &Context) {
        for expr in exprs {
            self.expr(expr, context);
        }
    }

    /// Who depends on a module waits for all that is in it, whatever its outputs mention.
    fn depends_on(&mut self, exprs: &[Expr]) {
        let before = self.found.len();
        self.exprs(exprs, &Context::PLAIN);
        let whole: Vec<NodeId> = exprs.iter().filter_map(|expr| self.whole_module(expr)).collect();
        self.found.extend(whole);
        self.depends_on.extend_from_slice(&self.found[before..]);
    }

    fn whole_module(&self, expr: &Expr) -> Option<NodeId> {
        let ExprKind::Traversal(traversal) = &expr.kind else {
            return None;
        };
        let Subject::Module(name) = &traversal.reference.as_ref().ok()?.subject else {
            return None;
        };
        if output_of(traversal).is_some() {
            return None;
        }
        let call = self.graph.module(self.module).config.calls.get_index_of(name)?;
        Some(self.graph.id_of(Node {
            module: self.graph.called(self.module, u32::try_from(call).ok()?),
            object: Object::End,
        }))
    }

    fn expr(&mut self, expr: &Expr, context: &Context) {
        expr.visit_traversals(
            &mut Vec::new(),
            &mut |traversal, span| match &traversal.reference {
                _ if context.binds(&traversal.root) => {}
                // Nobody reads more of them.
                _ if self.problems.len() >= ERRORS => {}
                Ok(reference) => self.reference(reference, traversal, span, context),
                Err(why) => self
                    .problems
                    .push(Diagnostic::error("Invalid reference", why.to_string()).at(span)),
            },
        );
    }

    fn reference(&mut self, reference: &Reference, traversal: &Traversal, span: Span, context: &Context) {
        let config = &self.graph.module(self.module).config;
        let index = |found: Option<usize>| found.map(|i| u32::try_from(i).expect("fewer than 2^32 objects"));
        let object = match &reference.subject {
            Subject::Variable(name) => index(config.variables.get_index_of(name)).map(Object::Variable),
            Subject::Local(name) => index(config.locals.get_index_of(name)).map(Object::Local),
            Subject::Resource(name) => {
                let declared = config.resources.get(name);
                if let Some(check) = declared.and_then(|declared| declared.check.as_ref())
                    && context.check.as_ref() != Some(check)
                {
                    return self.problems.push(out_of_scope(name, check).at(span));
                }
                if declared.is_some()
                    && let Some(warning) = deprecated(name, traversal)
                {
                    self.advice.push(warning);
                }
                index(config.resources.get_index_of(name)).map(Object::Resource)
            }
            Subject::Module(name) => {
                return match index(config.calls.get_index_of(name)) {
                    Some(call) => self.module_reference(call, traversal, span),
                    None => self
                        .problems
                        .push(undeclared(&reference.subject, config, context).at(span)),
                };
            }
            Subject::Each(_) if context.each => return,
            Subject::Count(_) if context.count => return,
            Subject::Itself if context.itself => return,
            Subject::Path(name) if matches!(&**name, "module" | "root" | "cwd") => return,
            Subject::Terraform(name) if matches!(&**name, "workspace" | "applying") => return,
            _ => None,
        };
        match object {
            Some(object) => self.found.push(self.graph.id_of(Node {
                module: self.module,
                object,
            })),
            None => self
                .problems
                .push(undeclared(&reference.subject, config, context).at(span)),
        }
    }

    /// `module.x.output` waits for that output alone; the module as a whole for all of them.
    fn module_reference(&mut self, call: u32, traversal: &Traversal, span: Span) {
        self.found.push(self.graph.id_of(Node {
            module: self.module,
            object: Object::Call(call),
        }));
        let child = self.graph.called(self.module, call);
        let config = &self.graph.module(child).config;
        let wanted = match output_of(traversal) {
            Some((name, name_span)) => {
                let Some(output) = config.outputs.get_index_of(name) else {
                    let names: Vec<&str> = config.outputs.keys().map(|key| &**key).collect();
                    let found = undeclared_output(name, &names);
                    return self
                        .problems
                        .push(found.at(span).label(name_span, "no such output"));
                };
                output..output + 1
            }
            None => 0..config.outputs.len(),
        };
        for output in wanted {
            let object = Object::Output(u32::try_from(output).expect("fewer than 2^32 outputs"));
            self.found.push(self.graph.id_of(Node {
                module: child,
                object,
            }));
        }
    }

    /// The configuration that serves a resource: declared here, handed in by the caller, or inherited.
    fn provider(&mut self, config: &Module, resource: &Resource) -> ServedBy {
        let (mut key, span) = if let Some((key, span)) = &resource.provider {
            (key.clone(), *span)
        } else {
            let local: Text = Module::implied_provider(&resource.name.ty).into();
            (ProviderKey { local, alias: None }, resource.span)
        };
        let name = config.provider_name(&key.local);
        let mut at = self.module;
        let mut instance = resource.provider_instance.clone().map(|key| ProviderInstance {
            key,
            module: at,
            of_call: None,
        });
        loop {
            let module = self.graph.module(at);
            if let Some(index) = module.config.providers.get_index_of(&key) {
                let many = module.config.providers[index].for_each.is_some();
                if many != instance.is_some() {
                    self.problems.push(wrong_instance(resource, &key, many).at(span));
                }
                let object = Object::Provider(u32::try_from(index).expect("fewer than 2^32 providers"));
                let config = ProviderConfig {
                    module: ModulePath::of_names(&module.config.path),
                    provider: name,
                    alias: key.alias,
                    key: None,
                };
                return ServedBy {
                    config,
                    node: Some(self.graph.id_of(Node { module: at, object })),
                    instance: instance.filter(|_| many),
                };
            }
            let (Some(parent), Some(call)) = (module.parent, module.call) else {
                break;
            };
            let Object::Call(call) = self.graph.node(call).object else {
                break;
            };
            let written = &self.graph.module(parent).config.calls[call as usize];
            let chosen = written.provider_instances.get(&key).cloned();
            match written.providers.get(&key) {
                Some(outer) => {
                    instance = instance.or(chosen.map(|key| ProviderInstance {
                        key,
                        module: parent,
                        of_call: Some(call),
                    }));
                    key = outer.clone();
                }
                None if key.alias.is_some() => break,
                None => {}
            }
            at = parent;
        }
        if let Some(alias) = &key.alias {
            self.problems
                .push(not_declared(resource, &key.local, alias).at(span));
        }
        ServedBy {
            config: ProviderConfig {
                module: ModulePath::root(),
                provider: name,
                alias: key.alias,
                key: None,
            },
            node: None,
            instance: None,
        }
    }
}

/// The output in `module.x.output` or `module.x[0].output`.
fn output_of(traversal: &Traversal) -> Option<(&Text, Span)> {
    let rest = match traversal.steps.get(1) {
        Some(Key::Index(_) | Key::Legacy(..)) => traversal.steps.get(2),
        first => first,
    };
    match rest {
        Some(Key::Attribute(name, span)) => Some((name, *span)),
        _ => None,
    }
}

fn not_declared(resource: &Resource, local: &str, alias: &str) -> Diagnostic {
    let name = &resource.name;
    Diagnostic::error(
        "Provider configuration not present",
        format!("{name} names the provider configuration {local}.{alias}, which is not declared."),
    )
    .hint(format!(
        "Declare it: provider \"{local}\" {{ alias = \"{alias}\" }}"
    ))
}

fn wrong_instance(resource: &Resource, key: &ProviderKey, many: bool) -> Diagnostic {
    let (name, detail) = (
        &resource.name,
        if many {
            format!(
                "{key} stands for several configurations, one for each key of for_each in its block, so one of them must be chosen: {key}[each.key]."
            )
        } else {
            format!(
                "{key} is one configuration: its block has no for_each, so there is no key to choose one with."
            )
        },
    );
    Diagnostic::error(
        "Invalid provider instance",
        format!("{name} cannot be served: {detail}"),
    )
}

fn undeclared_output(name: &str, outputs: &[&str]) -> Diagnostic {
    let guess = crate::diag::nearest(name, outputs.iter().copied())
        .map_or(String::new(), |nearest| format!(" Did you mean \"{nearest}\"?"));
    Diagnostic::error(
        "Unsupported attribute",
        format!(
            "This object does not have an attribute named \"{name}\": the module declares no such output.{guess}"
        ),
    )
}
