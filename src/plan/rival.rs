//! Two resources that keep the same thing of one object, each as it is written: in turns they undo each other's work.
//!
//! Who is meant is told by a direct reference, or by an id or ARN that is known. What cannot be told is not warned of.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::addr::{InstanceKey, Subject};
use crate::config::Resource;
use crate::diag::{Diagnostic, Diagnostics};
use crate::eval::{Evaluator, ModuleInstanceId, Repetition};
use crate::graph::{NodeId, Object};
use crate::lang::expr::evaluate;
use crate::lang::syntax::{Expr, ExprKind, Key};
use crate::schema::{Catalog, ResourceType, Rival};
use crate::value::{Text, Value};

/// By what objects are told apart.
const NAMES: [&str; 2] = ["id", "arn"];

/// A warning for each pair of blocks of which instances write the same thing of one object.
pub fn rivals(evaluator: &Evaluator) -> Diagnostics {
    let mut found = Diagnostics::new();
    let mut told = BTreeSet::new();
    let known = OnceCell::new();
    let mut kept: BTreeMap<_, Instance<'_>> = BTreeMap::new();
    for one in instances(evaluator, |ty| !ty.rivals.is_empty()) {
        for (name, rival) in &one.ty.rivals {
            let Some(by) = one.block.body.attribute(&rival.by).filter(|_| one.writes(name)) else {
                continue;
            };
            let other = one
                .referred(&by.expr, rival)
                .or_else(|| one.known(&by.expr, rival, &known));
            let Some(other) = other else { continue };
            let place = (other.node, other.module, other.repetition.key.clone(), name);
            let first = kept.entry(place).or_insert_with(|| one.clone());
            let before = Some(&*first).filter(|first| first.node != one.node);
            let itself = Some(&other).filter(|other| other.writes(name));
            for against in itself.into_iter().chain(before) {
                if told.insert((one.node, against.node)) {
                    found.push(warning(name, &one, against));
                }
            }
        }
    }
    found
}

fn warning(name: &str, one: &Instance<'_>, other: &Instance<'_>) -> Diagnostic {
    let graph = one.evaluator.graph();
    let (here, there) = (graph.describe(one.node), graph.describe(other.node));
    let detail = format!(
        "Both {here} and {there} write the argument {name:?} of one object: each apply undoes in the one what the other has done. Take the argument out of {there}, or take {here} out."
    );
    let place = |of: &Instance<'_>| {
        let attribute = of.block.body.attribute(name);
        attribute.map_or(of.block.span, |attribute| attribute.span)
    };
    Diagnostic::warning("Two resources for the same thing", detail)
        .at(place(one))
        .label(place(other), "written here too")
}

/// An instance of a managed resource that is declared.
#[derive(Clone)]
struct Instance<'a> {
    evaluator: &'a Evaluator,
    node: NodeId,
    module: ModuleInstanceId,
    block: &'a Resource,
    ty: &'static ResourceType,
    repetition: Repetition,
}

/// Instances by an id or ARN that is known.
type Known<'a> = BTreeMap<Text, Vec<Instance<'a>>>;

/// All instances of types like this whose keys are known.
fn instances(evaluator: &Evaluator, wanted: impl Fn(&ResourceType) -> bool) -> Vec<Instance<'_>> {
    let graph = evaluator.graph();
    let mut found = Vec::new();
    for node in graph.node_ids() {
        let place = graph.node(node);
        let Object::Resource(index) = place.object else {
            continue;
        };
        let block = &graph.module(place.module).config.resources[index as usize];
        let ty = block
            .name
            .is_managed()
            .then(|| Catalog::get().resource_type(&block.name.ty));
        let Some(Some(Ok(ty))) = ty else { continue };
        if !wanted(ty) {
            continue;
        }
        for module in evaluator.instances(place.module) {
            let values = evaluator.resource(module, &block.name);
            let all = values.map(|values| values.expanded.repetitions());
            let all = all.into_iter().flatten().filter(|one| !one.unknown);
            found.extend(all.map(|repetition| Instance {
                evaluator,
                node,
                module,
                block,
                ty,
                repetition,
            }));
        }
    }
    found
}

impl<'a> Instance<'a> {
    fn evaluate(&self, expr: &Expr) -> Option<Value> {
        let scope = self
            .evaluator
            .scope(self.module)
            .with_repetition(&self.repetition);
        evaluate(expr, &scope).ok()
    }

    /// What it is worth, as far as that is known.
    fn value(&self, name: &str) -> Option<Value> {
        let values = self.evaluator.resource(self.module, &self.block.name)?;
        values.get(&self.repetition.key)?.get(name).cloned()
    }

    /// Whether an argument is surely written: data sources are believed to tell something.
    fn writes(&self, name: &str) -> bool {
        let Some(written) = self.block.body.attribute(name) else {
            return false;
        };
        let Some(value) = self.evaluate(&written.expr) else {
            return false;
        };
        if value.is_known() {
            return !value.is_null() && value.as_str() != Some("");
        }
        let subject = subject(&written.expr);
        value.is_never_null() || matches!(subject, Some(Subject::Resource(name)) if !name.is_managed())
    }

    /// The instance that an expression refers to, if it is of these types.
    fn referred(&self, expr: &Expr, rival: &Rival) -> Option<Self> {
        let Some(Subject::Resource(name)) = subject(expr) else {
            return None;
        };
        if !name.is_managed() || !rival.types.contains(&name.ty) {
            return None;
        }
        let ExprKind::Traversal(traversal) = &bare(expr).kind else {
            return None;
        };
        let key = match traversal.steps.get(1)? {
            Key::Attribute(..) => InstanceKey::None,
            Key::Legacy(number, _) => InstanceKey::Number(*number),
            Key::Index(index) => key_of(&self.evaluate(index)?)?,
        };
        let expanded = &self.evaluator.resource(self.module, name)?.expanded;
        let repetition = expanded.repetition(&key)?;
        let graph = self.evaluator.graph();
        let module = graph.node(self.node).module;
        let config = &graph.module(module).config;
        Some(Self {
            node: graph.resource_node(&config.path, name)?,
            block: config.resources.get(name)?,
            ty: Catalog::get().resource_type(&name.ty)?.ok()?,
            repetition,
            ..self.clone()
        })
    }

    /// The instance of these types whose id or ARN an expression is worth, in the same region.
    fn known(&self, expr: &Expr, rival: &Rival, known: &OnceCell<Known<'a>>) -> Option<Self> {
        let meant = self.evaluate(expr)?;
        let all = known
            .get_or_init(|| by_name(self.evaluator))
            .get(meant.as_str()?)?;
        let region = self.value("region");
        let is_here = |other: &Self| match (&region, other.value("region")) {
            (Some(here), Some(there)) => here.as_str() == there.as_str(),
            _ => true,
        };
        let fits = |other: &&Self| rival.types.contains(&other.ty.name) && is_here(other);
        all.iter().find(fits).cloned()
    }
}

fn by_name(evaluator: &Evaluator) -> Known<'_> {
    let mut known = Known::new();
    for one in instances(evaluator, |_| true) {
        for value in NAMES.iter().filter_map(|name| one.value(name)) {
            if let Some(text) = value.as_str() {
                known.entry(text.into()).or_default().push(one.clone());
            }
        }
    }
    known
}

/// What an expression names, where it is nothing but a name and steps into it.
fn subject(expr: &Expr) -> Option<&Subject> {
    match &bare(expr).kind {
        ExprKind::Traversal(traversal) => Some(&traversal.reference.as_ref().ok()?.subject),
        _ => None,
    }
}

/// The expression without what may stand around it.
fn bare(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Parens(inner) | ExprKind::Interpolation(inner) => bare(inner),
        _ => expr,
    }
}

fn key_of(value: &Value) -> Option<InstanceKey> {
    if let Some(text) = value.as_str() {
        return Some(InstanceKey::Text(text.into()));
    }
    let number = value.as_number()?.as_i64()?;
    u64::try_from(number).ok().map(InstanceKey::Number)
}

#[cfg(test)]
mod tests {
    use crate::plan::for_tests::planned;
    use crate::state::State;

    const POLICY: &str = "locals {\n  policy = jsonencode({ Statement = [] })\n}\n";

    /// What is warned of in the plan of a configuration, as far as it is about two resources for the same thing.
    fn warnings(text: &str, state: State) -> Vec<String> {
        let made = planned(&format!("{POLICY}{text}"), state);
        assert!(!made.problems.has_errors(), "{:?}", made.problems);
        let all = made.problems.iter();
        let all = all.filter(|one| one.summary == "Two resources for the same thing");
        all.map(|one| one.detail.clone()).collect()
    }

    #[track_caller]
    fn check(text: &str, pairs: &[(&str, &str)]) {
        let found = warnings(text, State::new());
        assert_eq!(found.len(), pairs.len(), "{found:?}");
        for (told, (here, there)) in found.iter().zip(pairs) {
            let part = format!("Both aws_kms_key_policy.{here} and {there} write");
            assert!(told.contains(&part), "{told}");
        }
    }

    /// A key with these arguments, and a policy with those.
    fn two(key: &str, policy: &str) -> String {
        format!(
            "resource \"aws_kms_key\" \"k\" {{\n{key}\n}}\nresource \"aws_kms_key_policy\" \"p\" {{\npolicy = local.policy\n{policy}\n}}\n"
        )
    }

    #[test]
    fn a_policy_in_two_places_is_warned_of() {
        let pair = [("p", "aws_kms_key.k")];
        let inline = "policy = local.policy";
        check(&two(inline, "key_id = aws_kms_key.k.id"), &pair);
        check(&two(inline, "key_id = (\"${aws_kms_key.k.arn}\")"), &pair);
        check(&two("", "key_id = aws_kms_key.k.id"), &[]);
        check(&two("policy = null", "key_id = aws_kms_key.k.id"), &[]);
        check(&two("policy = \"\"", "key_id = aws_kms_key.k.id"), &[]);
        check(&two(inline, "key_id = \"another\""), &[]);
    }

    #[test]
    fn two_policies_of_one_key_are_told_too() {
        let other = |key: &str| {
            let second = "key_id = aws_kms_key.k[0].id\n}\nresource \"aws_kms_key_policy\" \"q\" {\npolicy = local.policy\n";
            two("count = 2", &format!("{second}key_id = aws_kms_key.k[{key}].id"))
        };
        check(&other("0"), &[("q", "aws_kms_key_policy.p")]);
        check(&other("1"), &[]);
    }

    #[test]
    fn each_pair_of_blocks_is_told_once() {
        let key = "count = 2\npolicy = local.policy";
        let pair = [("p", "aws_kms_key.k")];
        check(
            &two(key, "count = 2\nkey_id = aws_kms_key.k[count.index].id"),
            &pair,
        );
        let other = two(
            key,
            "key_id = aws_kms_key.k[0].id\n}\nresource \"aws_kms_key_policy\" \"q\" {\npolicy = local.policy\nkey_id = aws_kms_key.k.1.id",
        );
        check(&other, &[("p", "aws_kms_key.k"), ("q", "aws_kms_key.k")]);
    }

    #[test]
    fn instances_that_leave_each_other_alone_are_not_told() {
        let key = "for_each = toset([\"a\", \"b\"])\npolicy = each.key == \"a\" ? local.policy : null";
        let policy =
            |key: &str| format!("for_each = toset([\"{key}\"])\nkey_id = aws_kms_key.k[each.key].id");
        check(&two(key, &policy("b")), &[]);
        check(&two(key, &policy("a")), &[("p", "aws_kms_key.k")]);
        check(
            &two(
                "count = 0\npolicy = local.policy",
                "count = 0\nkey_id = aws_kms_key.k[0].id",
            ),
            &[],
        );
    }

    #[test]
    fn a_key_is_known_by_its_id_and_arn_in_its_region() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let arn = format!("arn:aws:kms:eu-west-1:111122223333:key/{id}");
        let state = || {
            let text = format!(
                r#"{{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","outputs":{{}},"resources":[{{"mode":"managed","type":"aws_kms_key","name":"k","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{{"schema_version":0,"attributes":{{"id":"{id}","arn":"{arn}","region":"eu-west-1"}},"sensitive_attributes":[]}}]}}],"check_results":null}}"#
            );
            State::parse(text, "test").unwrap()
        };
        let text = |key: &str, region: &str| {
            let policy = format!("key_id = \"{key}\"\nregion = \"{region}\"");
            format!(
                "provider \"aws\" {{\nregion = \"eu-west-1\"\n}}\n{}",
                two("policy = local.policy", &policy)
            )
        };
        for key in [id, &arn] {
            assert_eq!(warnings(&text(key, "eu-west-1"), state()).len(), 1, "{key}");
            assert!(warnings(&text(key, "us-east-1"), state()).is_empty(), "{key}");
        }
        assert!(warnings(&text("another", "eu-west-1"), state()).is_empty());
    }
}
