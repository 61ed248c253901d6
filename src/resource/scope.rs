//! What the expressions of schema files see: names by word, and the functions that only they have.
//!
//! There are no files and no clock here, and a member of null is null.

use std::collections::BTreeMap;
use std::path::Path;

use crate::addr::Reference;
use crate::diag::{Diagnostic, Diagnostics, Result, Span};
use crate::lang::expr::{Host, Scope, Step, evaluate};
use crate::lang::syntax::Expr;
use crate::schema::names::{self, Function};
use crate::schema::native::tools;
use crate::schema::{ResourceType, native};
use crate::value::convert::convert;
use crate::value::{Text, Type, Value};

use super::same;

/// The names that an expression sees.
#[derive(Clone)]
pub(super) struct Names<'a> {
    ty: &'a ResourceType,
    values: BTreeMap<Text, Value>,
}

impl<'a> Names<'a> {
    /// Only `provider`.
    pub fn new(ty: &'a ResourceType, provider: &Value) -> Self {
        Self {
            ty,
            values: BTreeMap::new(),
        }
        .with(names::PROVIDER, provider.clone())
    }

    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.set(name, value);
        self
    }

    /// With the object as `self` and its id as `id`.
    pub fn with_self(self, object: &Value) -> Self {
        let id = object.get("id").cloned().unwrap_or_else(null);
        self.with(names::SELF, object.clone()).with(names::ID, id)
    }

    /// With the object as `prior`; null when there is none.
    pub fn with_prior(self, object: Option<&Value>) -> Self {
        self.with(names::PRIOR, object.cloned().unwrap_or_else(null))
    }

    pub fn set(&mut self, name: &str, value: Value) {
        self.values.insert(name.into(), value);
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// The service that calls of the type go to.
    pub fn service(&self) -> Text {
        self.ty.service.clone()
    }

    /// What an expression is worth.
    pub fn value(&self, expr: &Expr) -> Result<Value> {
        evaluate(expr, self).map_err(|errors| self.blamed(errors))
    }

    /// What an expression is worth, as a value of a type.
    pub fn value_as(&self, expr: &Expr, ty: &Type) -> Result<Value> {
        convert(&self.value(expr)?, ty).map_err(|why| {
            let detail = format!("The value has the wrong type: {why}.");
            self.blamed(Diagnostic::error("", detail).at(expr.span).into())
        })
    }

    /// What an expression makes of an answer, as a value of a type. A number is no text there, nor is a flag: a service
    /// that answers so is not the one we know. Text that is a number is one, as XML has nothing else.
    pub fn told_as(&self, expr: &Expr, ty: &Type, name: &str) -> Result<Value> {
        let value = self.value(expr)?;
        let other = |why: &str| {
            let detail = format!(
                "What the service tells of an object of the type {} does not fit: {name}: {why}. Nothing of this answer is recorded. Something may have answered in the place of the service, or it is newer than this program knows.",
                self.ty.name
            );
            Diagnostic::error("Answer does not fit its type", detail).into()
        };
        if *ty == Type::String && (value.as_number().is_some() || value.as_bool().is_some()) {
            return Err(other("a string is required"));
        }
        convert(&value, ty).map_err(|why| other(&why.to_string()))
    }

    /// Whether a condition is true; null is not. None when that is not known.
    pub fn truth(&self, expr: &Expr) -> Result<Option<bool>> {
        let value = self.value_as(expr, &Type::Bool)?;
        Ok(value.is_known().then(|| value.as_bool() == Some(true)))
    }

    /// Whether a condition holds or is absent; an unknown one does not hold.
    pub fn allows(&self, condition: Option<&Expr>) -> Result<bool> {
        condition.map_or(Ok(true), |expr| Ok(self.truth(expr)? == Some(true)))
    }

    /// The text of a message. What is sensitive in it is hidden.
    pub fn message(&self, expr: &Expr) -> Result<String> {
        let value = self.value_as(expr, &Type::String)?;
        Ok(match value.as_str() {
            Some(text) if value.marks_deep().is_empty() => text.to_owned(),
            _ => "The configuration breaks a rule of this type; the message would show a sensitive or unknown value."
                .to_owned(),
        })
    }

    /// Errors in a schema's expression are the program's, not the user's.
    fn blamed(&self, errors: Diagnostics) -> Diagnostics {
        errors
            .into_iter()
            .map(|error| {
                let place = error.span;
                let detail = format!(
                    "An expression in the schema of {} failed, which is an error in this program: {}{}",
                    self.ty.name,
                    if error.summary.is_empty() {
                        String::new()
                    } else {
                        format!("{}: ", error.summary)
                    },
                    error.detail
                );
                let mut blamed =
                    Diagnostic::error(format!("Error in the schema of {}", self.ty.name), detail);
                blamed.values = error.values;
                blamed.maybe_at(place)
            })
            .collect()
    }

    fn changed(&self, arguments: &[Value]) -> Value {
        let (Some(prior), Some(object)) = (self.get(names::PRIOR), self.get(names::SELF)) else {
            return Value::bool(true);
        };
        if !prior.is_known() {
            return Value::unknown(Type::Bool);
        }
        if prior.is_null() {
            return Value::bool(true);
        }
        let mut unknown = false;
        for name in arguments.iter().filter_map(Value::as_str) {
            if object.get(name).is_some_and(|value| !value.is_wholly_known()) {
                unknown = true;
            } else if same::differs(self.ty, name, prior, object) {
                return Value::bool(true);
            }
        }
        if unknown {
            Value::unknown(Type::Bool)
        } else {
            Value::bool(false)
        }
    }
}

impl Scope for Names<'_> {
    fn resolve(&self, reference: &Reference, _rest: &[Step], at: Span) -> Result<(Value, usize)> {
        let (first, members) = names::words(reference);
        let Some(value) = self.values.get(&first) else {
            let detail = format!("\"{first}\" has no value in this place.");
            return Err(Diagnostic::error("Invalid reference", detail).at(at).into());
        };
        Ok((
            members
                .iter()
                .fold(value.clone(), |value, name| member(&value, name)),
            0,
        ))
    }

    fn host(&self) -> &dyn Host {
        &Nothing
    }

    fn null_tolerant(&self) -> bool {
        true
    }

    fn call(&self, name: &str, arguments: &[Value], at: Span) -> Option<Result<Value>> {
        if let Some(name) = name.strip_prefix("native::") {
            return native::call(name, arguments).map(|result| result.map_err(|why| wrong(&why, at)));
        }
        Function::find(name).map(|function| match function {
            Function::Changed => Ok(self.changed(arguments)),
            function => tools::call(function, arguments).map_err(|why| wrong(&why, at)),
        })
    }
}

/// No files, no clock.
struct Nothing;

impl Host for Nothing {
    fn read_file(&self, _path: &str) -> std::result::Result<Vec<u8>, String> {
        Err("schema expressions read no files".into())
    }

    fn file_exists(&self, _path: &str) -> std::result::Result<bool, String> {
        Err("schema expressions read no files".into())
    }

    fn working_dir(&self) -> &Path {
        Path::new("")
    }

    fn now(&self) -> Option<jiff::Timestamp> {
        None
    }

    fn plan_time(&self) -> Option<jiff::Timestamp> {
        None
    }
}

fn wrong(why: &str, at: Span) -> Diagnostics {
    Diagnostic::error("Error in function call", format!("The call failed: {why}."))
        .at(at)
        .into()
}

fn null() -> Value {
    Value::null(Type::Dynamic)
}

fn member(value: &Value, name: &str) -> Value {
    if !value.is_known() {
        return Value::dynamic().with_marks(value.marks());
    }
    value
        .get(name)
        .cloned()
        .unwrap_or_else(null)
        .with_marks(value.marks())
}
