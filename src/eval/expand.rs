//! `count`, `for_each` and `enabled`: how many instances, and under which keys.

use std::collections::BTreeMap;

use crate::addr::InstanceKey;
use crate::config::Expand;
use crate::diag::{Diagnostic, Result, Span};
use crate::lang::expr::{Scope, evaluate};
use crate::lang::syntax::Expr;
use crate::value::{Data, Marks, Text, Type, Value, convert};

/// The most instances that one block may declare, and that there may be in all, of modules and resources together.
const MOST: u64 = 100_000;

/// What `count` or `for_each` comes to.
#[derive(Clone, Debug, Default)]
pub enum Expanded {
    /// Neither is given.
    #[default]
    Single,
    Count(u64),
    /// Key and `each.value`, sorted.
    ForEach(BTreeMap<Text, Value>),
    /// There could be one without a key, and it is not enabled.
    Disabled,
    /// Not known while validating.
    Unknown,
}

/// One instance among the others: its key and what `each` and `count` are.
#[derive(Clone, Debug)]
pub struct Repetition {
    pub key: InstanceKey,
    /// `each.value`
    pub value: Option<Value>,
    /// The key is not known while validating.
    pub unknown: bool,
}

impl Default for Repetition {
    fn default() -> Self {
        Self {
            key: InstanceKey::None,
            value: None,
            unknown: false,
        }
    }
}

impl Expanded {
    /// Every instance, in order.
    pub fn repetitions(&self) -> Vec<Repetition> {
        match self {
            Self::Single => vec![Repetition::default()],
            Self::Count(count) => (0..*count)
                .map(|index| Repetition {
                    key: InstanceKey::Number(index),
                    ..Repetition::default()
                })
                .collect(),
            Self::ForEach(all) => all
                .iter()
                .map(|(key, value)| Repetition {
                    key: InstanceKey::Text(key.clone()),
                    value: Some(value.clone()),
                    unknown: false,
                })
                .collect(),
            Self::Disabled => Vec::new(),
            Self::Unknown => vec![Repetition {
                unknown: true,
                ..Repetition::default()
            }],
        }
    }

    /// The instance of this key, where there is one and that is known.
    pub fn repetition(&self, key: &InstanceKey) -> Option<Repetition> {
        let value = match (self, key) {
            (Self::ForEach(all), InstanceKey::Text(key)) => all.get(key).cloned(),
            _ => None,
        };
        self.has(key).then(|| Repetition {
            key: key.clone(),
            value,
            unknown: false,
        })
    }

    /// How many instances there are.
    pub fn count(&self) -> u64 {
        match self {
            Self::Single | Self::Unknown => 1,
            Self::Count(count) => *count,
            Self::ForEach(all) => all.len() as u64,
            Self::Disabled => 0,
        }
    }

    pub fn has(&self, key: &InstanceKey) -> bool {
        match (self, key) {
            (Self::Single, InstanceKey::None) => true,
            (Self::Count(count), InstanceKey::Number(number)) => number < count,
            (Self::ForEach(all), InstanceKey::Text(text)) => all.contains_key(text),
            _ => false,
        }
    }
}

pub(super) fn expand(expand: &Expand, scope: &dyn Scope, validating: bool) -> Result<Expanded> {
    match expand {
        Expand::Single => Ok(Expanded::Single),
        Expand::Count(expr) => count(expr, &evaluate(expr, scope)?, validating),
        Expand::ForEach(expr) => for_each(expr, evaluate(expr, scope)?, validating),
        Expand::Enabled(expr) => enabled(expr, evaluate(expr, scope)?, validating),
    }
}

/// Whether so many more instances may be, beside those that there are.
pub(super) fn within_all(others: u64, expanded: &Expanded, at: Span) -> Result<()> {
    if others.saturating_add(expanded.count()) <= MOST {
        return Ok(());
    }
    let detail = format!(
        "With this block there would be more than {MOST} instances in all: those of resources, data sources and modules are counted together, wherever their modules are called from. Split the configuration."
    );
    Err(Diagnostic::error("Too many instances", detail).at(at).into())
}

fn count(expr: &Expr, value: &Value, validating: bool) -> Result<Expanded> {
    let problem = |detail: &str| {
        Err(Diagnostic::error("Invalid count argument", detail)
            .at(expr.span)
            .into())
    };
    let (value, marks) = value.clone().unmark();
    if marks.contains(Marks::EPHEMERAL) {
        return problem(
            "The \"count\" value is ephemeral: it would not be the same in the next run, so it cannot decide what exists.",
        );
    }
    let Ok(value) = convert::convert(&value, &Type::Number) else {
        return Err(Diagnostic::error(
            "Incorrect value type",
            "The given \"count\" argument value is unsuitable: a number is required.",
        )
        .at(expr.span)
        .into());
    };
    if !value.is_known() {
        if validating {
            return Ok(Expanded::Unknown);
        }
        return problem(
            "The \"count\" value depends on resource attributes that cannot be determined until apply, so keyform cannot predict how many instances will be created. To work around this, use the -target argument to first apply only the resources that the count depends on.",
        );
    }
    let Some(number) = value.as_number() else {
        return problem("The given \"count\" argument value is null. An integer is required.");
    };
    let whole = number.as_i64().and_then(|number| u64::try_from(number).ok());
    match whole {
        Some(count) if count <= MOST => Ok(Expanded::Count(count)),
        Some(_) => problem(
            "The given \"count\" argument value is unsuitable: a block may declare at most 100000 instances.",
        ),
        None if number.as_i64().is_some() => problem(
            "The given \"count\" argument value is unsuitable: must be greater than or equal to zero.",
        ),
        None => problem("The given \"count\" argument value is unsuitable: a whole number is required."),
    }
}

fn enabled(expr: &Expr, value: Value, validating: bool) -> Result<Expanded> {
    let problem = |detail: &str| {
        Err(Diagnostic::error("Invalid enabled argument", detail)
            .at(expr.span)
            .into())
    };
    let (value, marks) = value.unmark();
    if marks.contains(Marks::SENSITIVE) {
        return problem(
            "Sensitive values, or values derived from sensitive values, cannot be used as \"enabled\" arguments. If used, the sensitive value could be told by whether the object is there.",
        );
    }
    if marks.contains(Marks::EPHEMERAL) {
        return problem(
            "The \"enabled\" value is ephemeral: it would not be the same in the next run, so it cannot decide what exists.",
        );
    }
    let Ok(value) = convert::convert(&value, &Type::Bool) else {
        return problem("The given \"enabled\" argument value is unsuitable: true or false is required.");
    };
    match value.as_bool() {
        Some(true) => Ok(Expanded::Single),
        Some(false) => Ok(Expanded::Disabled),
        None if value.is_known() => {
            problem("The given \"enabled\" argument value is null. Either true or false is required.")
        }
        None if validating => Ok(Expanded::Unknown),
        None => problem(
            "The \"enabled\" value depends on resource attributes that cannot be determined until apply, so keyform cannot tell whether the object is to exist. To work around this, use the -target argument to first apply only the resources that it depends on.",
        ),
    }
}

fn for_each(expr: &Expr, value: Value, validating: bool) -> Result<Expanded> {
    let problem = |detail: &str| {
        Err(Diagnostic::error("Invalid for_each argument", detail)
            .at(expr.span)
            .into())
    };
    let (value, marks) = value.unmark();
    if marks.contains(Marks::SENSITIVE) {
        return problem(
            "Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If used, the sensitive value could be exposed as a resource instance key.",
        );
    }
    if marks.contains(Marks::EPHEMERAL) {
        return problem(
            "The for_each value is ephemeral: it would not be the same in the next run, so it cannot decide what exists.",
        );
    }
    match value.data() {
        Data::Null(_) => problem(
            "The given \"for_each\" argument value is unsuitable: the given \"for_each\" argument value is null. A map, or set of strings is allowed.",
        ),
        Data::Unknown(_) if validating => Ok(Expanded::Unknown),
        Data::Unknown(_) => problem(
            "The \"for_each\" map includes keys derived from resource attributes that cannot be determined until apply, and so keyform cannot determine the full set of keys that will identify the instances of this resource. When working with unknown values in for_each, it's better to define the map keys statically in your configuration and place apply-time results only in the map values.",
        ),
        Data::Map(map) => within_limit(map.items.clone(), expr),
        Data::Object(attributes) => within_limit((**attributes).clone(), expr),
        Data::Set(set) => {
            let mut all = BTreeMap::new();
            for item in &set.items {
                match item.data() {
                    Data::String(text) => {
                        all.insert(text.clone(), item.clone());
                    }
                    Data::Unknown(_) if validating => return Ok(Expanded::Unknown),
                    Data::Unknown(_) => {
                        return problem(
                            "The \"for_each\" set includes values derived from resource attributes that cannot be determined until apply, and so keyform cannot determine the full set of keys that will identify the instances of this resource.",
                        );
                    }
                    Data::Null(_) => {
                        return problem(
                            "The given \"for_each\" argument value is unsuitable: \"for_each\" sets must not contain null values.",
                        );
                    }
                    _ => {
                        let detail = format!(
                            "The given \"for_each\" argument value is unsuitable: \"for_each\" supports maps and sets of strings, but you have provided a set containing type {}.",
                            set.element
                        );
                        return Err(Diagnostic::error("Invalid for_each set argument", detail)
                            .at(expr.span)
                            .into());
                    }
                }
            }
            within_limit(all, expr)
        }
        _ => problem(&format!(
            "The given \"for_each\" argument value is unsuitable: the \"for_each\" argument must be a map, or set of strings, and you have provided a value of type {}.",
            value.ty()
        )),
    }
}

fn within_limit(all: BTreeMap<Text, Value>, expr: &Expr) -> Result<Expanded> {
    if all.len() as u64 > MOST {
        let detail = "The given \"for_each\" argument value is unsuitable: a block may declare at most 100000 instances.";
        return Err(Diagnostic::error("Invalid for_each argument", detail)
            .at(expr.span)
            .into());
    }
    Ok(Expanded::ForEach(all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::FileId;

    #[test]
    fn instances_are_counted_together() {
        let at = Span::new(FileId(0), 0, 0);
        let fits = |others: u64, expanded: &Expanded| within_all(others, expanded, at).is_ok();
        assert!(fits(0, &Expanded::Count(MOST)));
        assert!(!fits(1, &Expanded::Count(MOST)));
        assert!(fits(MOST - 1, &Expanded::Single) && !fits(MOST, &Expanded::Single));
        assert!(fits(MOST, &Expanded::Disabled));
    }
}
