//! Ephemeral variables of a saved plan: it does not hold their values, so whoever applies it gives them again.

use crate::config::Module;
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::eval::{Given, Input, Inputs};
use crate::value::{Text, Type, Value};

use super::plan_file::SavedPlan;
use super::project::Project;
use super::ui::Ui;
use super::variables::{Variables, collect};

/// The inputs of a saved plan with the ephemeral values that are given now. Others may be given again, but not
/// changed.
pub fn complete(
    saved: &SavedPlan,
    root: &Module,
    given: &Variables,
    project: &Project,
    ui: &mut Ui,
) -> Result<Inputs> {
    let now = collect(root, given, &project.environment, &mut ui.sources)?;
    let mut problems = Diagnostics::new();
    let mut inputs = saved.inputs.clone();
    for (name, input) in now {
        match root.variables.get(&name) {
            None if given.given.is_empty() => {}
            None => problems.push(undeclared(&name)),
            Some(variable) if variable.ephemeral && saved.ephemeral.contains(&name) => {
                inputs.insert(name, input);
            }
            Some(variable) if variable.ephemeral => problems.push(not_set(&name)),
            Some(_) if given.given.is_empty() => {}
            Some(_) => {
                let same = saved
                    .inputs
                    .get(&name)
                    .is_some_and(|before| is_same(before, &input));
                if !same {
                    problems.push(changed(&name));
                }
            }
        }
    }
    let missing = saved.ephemeral.iter().filter(|name| !inputs.contains_key(*name));
    problems.extend(missing.map(must_be_set).collect());
    problems.or(inputs)
}

/// The inputs of a saved plan that is only shown: of ephemeral values nothing is known.
pub fn unknown(saved: &SavedPlan) -> Inputs {
    let unknown = saved.ephemeral.iter().map(|name| {
        let input = Input {
            given: Given::Value(Value::unknown(Type::Dynamic)),
            origin: "the saved plan".into(),
            span: None,
        };
        (name.clone(), input)
    });
    saved.inputs.clone().into_iter().chain(unknown).collect()
}

fn is_same(before: &Input, now: &Input) -> bool {
    match (&before.given, &now.given) {
        (Given::Text(before), Given::Text(now)) => before == now,
        (Given::Value(before), Given::Value(now)) => crate::value::raw_equal(before, now),
        _ => false,
    }
}

fn must_be_set(name: &Text) -> Diagnostic {
    Diagnostic::error(
        "No value for required variable",
        format!(
            "The ephemeral input variable \"{name}\" was set during the plan phase, and so must also be set during the apply phase."
        ),
    )
    .hint(format!("For example: -var '{name}=...' or the environment variable TF_VAR_{name}"))
}

fn not_set(name: &Text) -> Diagnostic {
    Diagnostic::error(
        "Ephemeral variable was not set during planning",
        format!(
            "The ephemeral input variable \"{name}\" was not set during the planning phase, and so must remain unset during the apply phase."
        ),
    )
}

fn undeclared(name: &Text) -> Diagnostic {
    Diagnostic::error(
        "Value for undeclared variable",
        format!(
            "A variable named \"{name}\" was given, but the root module of the saved plan does not declare a variable of that name."
        ),
    )
}

fn changed(name: &Text) -> Diagnostic {
    Diagnostic::error(
        "Can't change variable when applying a saved plan",
        format!("The variable \"{name}\" has another value now than in the saved plan, which includes the values that were set when it was created. Give the same value or none, or make a new plan."),
    )
    .hint("Only variables with \"ephemeral = true\" are not saved in the plan, and are given again.")
}
