//! Function calls.

use crate::diag::{Diagnostic, Diagnostics, Result, nearest};
use crate::lang::func::{self, Func, FuncError};
use crate::lang::syntax::{Call, Expr, ExprKind};
use crate::lang::types::constraint;
use crate::value::{Data, Marks, Value, convert};

use super::evaluator::{Bound, ERRORS, Evaluator, exhausted};
use super::{Constants, mismatch_text};

const INVALID: &str = "Invalid expanding argument value";

/// The arguments of a call as evaluated.
enum Arguments {
    Ready(Vec<Value>),
    /// The last one is to be expanded and not known yet.
    Unknown(Marks),
}

impl Evaluator<'_> {
    pub(super) fn call(self, call: &Call, expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        let name = call.name.strip_prefix("core::").unwrap_or(&call.name);
        match name {
            _ if self.only_constants => {
                let detail = "Functions may not be called here.";
                return Err(self.error(expr, bound, "Function calls not allowed", detail));
            }
            "convert" => return self.call_convert(call, expr, bound),
            "try" => return self.call_try(call, expr, bound),
            "can" => return self.call_can(call, expr, bound),
            "templatefile" | "templatestring" if self.in_template => {
                let detail = format!(
                    "Call to function \"{name}\" failed: cannot recursively call {name} from inside another template function."
                );
                return Err(self.error(expr, bound, "Error in function call", detail));
            }
            "templatestring" => check_named_template(call)?,
            _ => {}
        }
        let function = match name.strip_prefix("provider::") {
            Some(path) => Some(self.of_provider(path, call)?),
            None => func::lookup(name),
        };
        let Some(function) = function else {
            return self.call_of_scope(call, bound);
        };
        let Arguments::Ready(values) = self.arguments(call, bound)? else {
            return Ok(Value::dynamic());
        };
        check_count(function, values.len(), call)?;
        let world = func::World {
            scope: self.scope,
            budget: self.budget,
        };
        match function.apply(values, world) {
            Ok(value) => {
                self.spend_elements(value.as_items().map_or(0, <[Value]>::len), expr.span)?;
                self.spend_text(value.as_str().map_or(0, str::len), expr.span)?;
                Ok(value)
            }
            Err(why) => Err(self.refused(function, &why, call, expr, bound)),
        }
    }

    /// A function of a provider, by its path `LOCAL::NAME`.
    fn of_provider(self, path: &str, call: &Call) -> Result<&'static Func> {
        const UNKNOWN: &str = "Unknown provider function";
        let (local, name) = path.split_once("::").unwrap_or((path, ""));
        let Some(provider) = self.scope.provider(local).filter(|_| !name.contains("::")) else {
            let detail = format!(
                "There is no function named \"{}\". Ensure that provider name \"{local}\" is declared in this module's required_providers block, and that this provider offers a function named \"{}\".",
                call.name,
                name.rsplit("::").next().unwrap_or(name)
            );
            return Err(Diagnostic::error(UNKNOWN, detail).at(call.name_span).into());
        };
        let functions = func::provider::functions(&provider);
        functions
            .iter()
            .find(|function| function.name == name)
            .ok_or_else(|| {
                let guess = nearest(name, functions.iter().map(|function| function.name))
                    .map_or_else(String::new, |near| format!(" Did you mean \"{near}\"?"));
                let detail =
                    format!("The function \"{name}\" is not available from the provider \"{local}\".{guess}");
                Diagnostic::error(UNKNOWN, detail).at(call.name_span).into()
            })
    }

    /// The first argument converted to the type that the second one writes.
    fn call_convert(self, call: &Call, expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        let [value, ty] = call.arguments.as_slice() else {
            let few = call.arguments.len() < 2;
            let summary = if few {
                "Not enough function arguments"
            } else {
                "Too many function arguments"
            };
            let detail = "Function \"convert\" expects 2 argument(s): a value and a type.";
            return Err(Diagnostic::error(summary, detail).at(call.name_span).into());
        };
        if call.expand {
            let detail =
                "The function \"convert\" takes a type as its last argument, which cannot be expanded.";
            return Err(self.error(expr, bound, INVALID, detail));
        }
        let mut errors = Diagnostics::new();
        let wanted = errors.take(constraint(ty, &Constants(self.scope.host())));
        let evaluated = errors.take(self.evaluate(value, bound));
        let (Some(wanted), Some(evaluated)) = (wanted, evaluated) else {
            return Err(errors);
        };
        convert::convert_with_defaults(&evaluated, &wanted).map_err(|why| {
            let detail = format!("Invalid value for \"value\" parameter: {}.", mismatch_text(&why));
            self.error(value, bound, "Invalid function argument", detail)
        })
    }

    /// A function that only the scope has.
    fn call_of_scope(self, call: &Call, bound: Bound<'_>) -> Result<Value> {
        let values = match self.arguments(call, bound)? {
            Arguments::Ready(values) => values,
            Arguments::Unknown(marks) => return Ok(Value::dynamic().with_marks(marks)),
        };
        self.scope
            .call(&call.name, &values, call.name_span)
            .unwrap_or_else(|| Err(unknown_function(call)))
    }

    fn arguments(self, call: &Call, bound: Bound<'_>) -> Result<Arguments> {
        let mut errors = Diagnostics::new();
        let mut values = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            values.extend(errors.take(self.evaluate(argument, bound)));
            if errors.len() >= ERRORS {
                break;
            }
        }
        errors.or(())?;
        if !call.expand {
            return Ok(Arguments::Ready(values));
        }
        let Some(last) = values.pop() else {
            return Ok(Arguments::Ready(values));
        };
        let place = call
            .arguments
            .last()
            .map_or(call.name_span, |argument| argument.span);
        let (last, marks) = last.unmark();
        match last.data() {
            Data::Null(_) => {
                let detail = "The expanding argument (indicated by ...) must not be null.";
                Err(Diagnostic::error(INVALID, detail).at(place).into())
            }
            Data::Unknown(_) => Ok(Arguments::Unknown(marks)),
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
                self.spend_elements(last.as_items().map_or(0, <[Value]>::len), place)?;
                values.extend(last.children().map(|item| item.clone().with_marks(marks)));
                Ok(Arguments::Ready(values))
            }
            Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Map(_) | Data::Object(_) => {
                let detail =
                    "The expanding argument (indicated by ...) must be of a tuple, list, or set type.";
                Err(Diagnostic::error(INVALID, detail).at(place).into())
            }
        }
    }

    fn refused(
        self,
        function: &Func,
        why: &FuncError,
        call: &Call,
        expr: &Expr,
        bound: Bound<'_>,
    ) -> Diagnostics {
        if let Some(exhaustion) = why.exhausted {
            return exhausted(exhaustion, expr.span).into();
        }
        if let Some(at) = why.argument {
            let parameter = function.parameter(at).map_or("", |parameter| parameter.name);
            let place = call.arguments.get(at).or(call.arguments.last()).unwrap_or(expr);
            let detail = format!("Invalid value for \"{parameter}\" parameter: {}.", why.message);
            self.error(place, bound, "Invalid function argument", detail)
        } else {
            let detail = format!("Call to function \"{}\" failed: {}.", call.name, why.message);
            self.error(expr, bound, "Error in function call", detail)
        }
    }

    /// The first argument that can be evaluated.
    fn call_try(self, call: &Call, expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        if call.arguments.is_empty() {
            let detail = "Call to function \"try\" failed: at least one argument is required.";
            return Err(self.error(expr, bound, "Error in function call", detail));
        }
        self.check_names(expr, bound)?;
        let mut failures = String::new();
        for argument in &call.arguments {
            match self.quietly().evaluate(argument, bound) {
                Ok(value) if value.is_wholly_known() => return Ok(value),
                // An argument that is not known yet may still fail later, so the result is open.
                Ok(value) => return Ok(Value::dynamic().with_marks(value.marks_deep())),
                // What costs too much is no failure that another argument makes up for.
                Err(errors) if self.budget.is_spent() => return Err(errors),
                Err(errors) => {
                    failures.extend(
                        errors
                            .iter()
                            .map(|error| format!("\n- {}\n  {}", error.summary, error.detail)),
                    );
                }
            }
        }
        let detail = format!(
            "Call to function \"try\" failed: no expression succeeded:{failures}\n\nAt least one expression must produce a successful result."
        );
        Err(self.error(expr, bound, "Error in function call", detail))
    }

    /// Whether the argument can be evaluated.
    fn call_can(self, call: &Call, expr: &Expr, bound: Bound<'_>) -> Result<Value> {
        let [argument] = call.arguments.as_slice() else {
            let detail = "Function \"can\" expects 1 argument(s).";
            let summary = if call.arguments.is_empty() {
                "Not enough function arguments"
            } else {
                "Too many function arguments"
            };
            return Err(Diagnostic::error(summary, detail).at(call.name_span).into());
        };
        self.check_names(expr, bound)?;
        Ok(match self.quietly().evaluate(argument, bound) {
            Ok(value) if value.is_wholly_known() => Value::bool(true),
            Ok(_) => Value::unknown(crate::value::Type::Bool),
            Err(errors) if self.budget.is_spent() => return Err(errors),
            Err(_) => Value::bool(false),
        })
    }
}

fn unknown_function(call: &Call) -> Diagnostics {
    let name = &*call.name;
    if let Some((namespace, _)) = name.split_once("::") {
        let detail = format!(
            "The function namespace \"{namespace}\" is not valid, or has no such function. Functions of providers are called with the prefix \"provider::\", those of the language with \"core::\" or none."
        );
        return Diagnostic::error("Unknown provider function", detail)
            .at(call.name_span)
            .into();
    }
    let guess =
        match name {
            "list" => ": Terraform 0.12 deprecated it. Write tolist([\"a\"]) for a list, or only [\"a\"]."
                .to_owned(),
            "map" => ": Terraform 0.12 deprecated it. Write tomap({ a = 1 }) for a map, or only { a = 1 }."
                .to_owned(),
            _ => nearest(name, func::names())
                .map_or_else(|| ".".to_owned(), |near| format!(". Did you mean \"{near}\"?")),
        };
    let detail = format!("There is no function named \"{name}\"{guess}");
    Diagnostic::error("Call to unknown function", detail)
        .at(call.name_span)
        .into()
}

fn check_count(function: &Func, count: usize, call: &Call) -> Result<()> {
    let least = function.params.len();
    if count < least {
        let at_least = if function.variadic.is_some() {
            " at least"
        } else {
            ""
        };
        let detail = format!(
            "Function \"{}\" expects{at_least} {least} argument(s). Missing value for \"{}\".",
            call.name, function.params[count].name
        );
        return Err(Diagnostic::error("Not enough function arguments", detail)
            .at(call.name_span)
            .into());
    }
    if count > least && function.variadic.is_none() {
        let detail = format!("Function \"{}\" expects only {least} argument(s).", call.name);
        let place = call
            .arguments
            .get(least)
            .map_or(call.name_span, |argument| argument.span);
        return Err(Diagnostic::error("Too many function arguments", detail)
            .at(place)
            .into());
    }
    Ok(())
}

/// The template of `templatestring` is a plain name, so that nobody writes one template inside another.
fn check_named_template(call: &Call) -> Result<()> {
    match call.arguments.first() {
        Some(argument) if !matches!(argument.kind, ExprKind::Traversal(_) | ExprKind::Access(_)) => {
            Err(Diagnostic::error(
                "Invalid function argument",
                "Invalid value for \"template\" parameter: invalid template expression: must be a direct reference to a single string from elsewhere, containing valid Terraform template syntax.",
            )
            .at(argument.span)
            .into())
        }
        _ => Ok(()),
    }
}
