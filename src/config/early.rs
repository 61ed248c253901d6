//! Early evaluation: what variables and local values are worth before anything is planned, as far as it takes to find
//! the modules that are called. Everything else has no value yet.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::addr::{Reference, Subject, Text};
use crate::diag::{Diagnostic, Diagnostics, Label, Result, Span};
use crate::lang::decode::{decide, decode};
use crate::lang::expr::{Host, Scope, Step, evaluate};
use crate::lang::spec::BlockSpec;
use crate::lang::syntax::{Body, Expr, ExprKind};
use crate::value::{Marks, Value, convert};

use super::{Module, Variable};

/// What is known of the world outside so early.
#[derive(Clone, Copy)]
pub struct Early<'a> {
    pub host: &'a dyn Host,
    pub workspace: &'a str,
    /// What is given for a variable of the root module; an error is a sentence without full stop.
    pub given: &'a dyn Fn(&Variable) -> std::result::Result<Option<Value>, String>,
    pub need: Need,
}

/// What values are needed for so early.
#[derive(Clone, Copy)]
pub enum Need {
    Modules,
    Encryption {
        /// Whether the command takes values as options.
        by_option: bool,
    },
}

/// An argument whose text must be known before modules are read.
#[derive(Clone, Debug)]
pub struct EarlyText {
    /// Empty until it is known.
    pub text: Text,
    pub span: Span,
    /// What it is worked out from, if it is not written down as it is.
    expr: Option<Expr>,
}

impl EarlyText {
    pub(super) fn of(expr: Expr) -> Self {
        let written = match &expr.kind {
            ExprKind::Literal(value) => value.as_text().cloned(),
            _ => None,
        };
        Self {
            span: expr.span,
            expr: written.is_none().then_some(expr),
            text: written.unwrap_or_default(),
        }
    }

    /// Whether names must be looked up to know it.
    pub(super) fn is_open(&self) -> bool {
        self.expr.is_some()
    }

    /// Works the text out.
    pub(super) fn settle(&mut self, argument: &str, scope: &EarlyScope<'_>) -> Result<()> {
        if let Some(expr) = &self.expr {
            self.text = scope.text(argument, expr).map_err(|problems| {
                let told = problems.into_iter();
                told.map(|problem| needed_here(problem, argument, expr.span))
                    .collect::<Diagnostics>()
            })?;
        }
        Ok(())
    }
}

/// Names as seen in one module, early. What fails is kept as a failure, so that it costs its time once.
pub(super) struct EarlyScope<'s> {
    world: Early<'s>,
    module: &'s Module,
    /// What the call gives to the module, and the scope in which that stands; none for the root.
    caller: Option<(&'s Body, &'s Self)>,
    /// None marks what is being worked out.
    known: RefCell<BTreeMap<Subject, Option<Result<Value>>>>,
}

impl<'s> EarlyScope<'s> {
    pub(super) fn new(world: Early<'s>, module: &'s Module, caller: Option<(&'s Body, &'s Self)>) -> Self {
        Self {
            world,
            module,
            caller,
            known: RefCell::default(),
        }
    }

    fn text(&self, argument: &str, expr: &Expr) -> Result<Text> {
        self.settle(expr);
        let (value, marks) = evaluate(expr, self)?.unmark_deep();
        let problem = |why: &str| {
            Diagnostic::error(
                "Unsuitable value type",
                format!("The argument \"{argument}\" {why}."),
            )
            .at(expr.span)
        };
        if marks.contains(Marks::SENSITIVE) {
            return Err(problem(
                "may not come from sensitive values: it is told to whoever the module is fetched from, and written down where modules are installed",
            )
            .into());
        }
        if marks.contains(Marks::EPHEMERAL) {
            return Err(problem(
                "may not come from ephemeral values: the next run would look for another module",
            )
            .into());
        }
        let text = value.as_text().cloned();
        text.ok_or_else(|| problem("must be a string that is known before anything is planned").into())
    }

    /// Works out every name that an expression needs, each after those that it needs itself.
    fn settle(&self, expr: &Expr) {
        let mut open: Vec<(&Self, Subject)> = self.wanted(expr);
        while let Some((scope, name)) = open.pop() {
            let state = scope.known.borrow().get(&name).map(Option::is_some);
            match state {
                Some(true) => {}
                None => {
                    scope.known.borrow_mut().insert(name.clone(), None);
                    let needed = scope
                        .written(&name)
                        .map_or_else(Vec::new, |(expr, around)| around.wanted(expr));
                    open.push((scope, name));
                    open.extend(needed);
                }
                Some(false) => {
                    // One reason is enough: all of them would double from name to name.
                    let value = scope
                        .worth(&name)
                        .map_err(|problems| problems.into_iter().take(1).collect());
                    scope.known.borrow_mut().insert(name, Some(value));
                }
            }
        }
    }

    /// The names in an expression that have a value so early.
    fn wanted(&self, expr: &Expr) -> Vec<(&Self, Subject)> {
        let references = expr.references();
        let subjects = references
            .into_iter()
            .map(|(reference, _)| reference.subject.clone());
        subjects
            .filter(|subject| matches!(subject, Subject::Variable(_) | Subject::Local(_)))
            .map(|subject| (self, subject))
            .collect()
    }

    /// The expression behind a name, and the scope in which it stands.
    fn written(&self, name: &Subject) -> Option<(&Expr, &Self)> {
        match name {
            Subject::Local(name) => Some((&self.module.locals.get(name)?.expr, self)),
            Subject::Variable(name) => {
                let (inputs, around) = self.caller?;
                Some((&inputs.attribute(name)?.expr, around))
            }
            _ => None,
        }
    }

    /// What a name is worth, when those that it needs are worked out.
    fn worth(&self, name: &Subject) -> Result<Value> {
        match (name, self.written(name)) {
            (Subject::Local(_), Some((expr, around))) => evaluate(expr, around),
            (Subject::Variable(name), written) if self.module.variables.contains_key(name) => {
                let given = written.map(|(expr, around)| evaluate(expr, around)).transpose()?;
                self.variable(&self.module.variables[name], given)
            }
            _ => Ok(Value::dynamic()),
        }
    }

    fn variable(&self, variable: &Variable, given: Option<Value>) -> Result<Value> {
        let name = &variable.name;
        let problem = |summary: &str, detail: String| Diagnostic::error(summary, detail).at(variable.span);
        let given = match given {
            None if self.caller.is_none() => (self.world.given)(variable).map_err(|why| {
                let detail = format!("The value for var.{name} is not suitable: {why}.");
                problem("Invalid value for input variable", detail)
            })?,
            given => given,
        };
        let unset = given
            .as_ref()
            .is_none_or(|given| given.is_null() && !variable.nullable);
        let value = match (given, &variable.default) {
            (Some(given), _) if !unset => given,
            (_, Some(default)) => evaluate(default, self)?,
            (_, None) => return Err(self.missing(variable).into()),
        };
        let value = convert::convert_with_defaults(&value, &variable.ty).map_err(|mismatch| {
            let detail = format!(
                "The given value is not suitable for var.{name}: {}.",
                mismatch.message
            );
            problem("Invalid value for input variable", detail)
        })?;
        let mark = |wanted: bool, mark: Marks| if wanted { mark } else { Marks::NONE };
        Ok(value.with_marks(
            mark(variable.sensitive, Marks::SENSITIVE) | mark(variable.ephemeral, Marks::EPHEMERAL),
        ))
    }

    fn missing(&self, variable: &Variable) -> Diagnostic {
        let name = &variable.name;
        if self.caller.is_some() {
            let detail = format!("The argument \"{name}\" is required, but no definition was found.");
            return Diagnostic::error("Missing required argument", detail).at(variable.span);
        }
        let option = format!("-var '{name}=...' or the environment variable TF_VAR_{name}");
        let (needed, way) = match self.world.need {
            Need::Modules => (
                "decides where a module comes from, so it must have a value before anything else, for init too",
                option,
            ),
            Need::Encryption { by_option } => (
                "stands in the settings of encryption, so it must have a value before a state or a plan is read or written",
                if by_option {
                    option
                } else {
                    format!(
                        "the environment variable TF_VAR_{name}, or terraform.tfvars. This command has no option for it"
                    )
                },
            ),
        };
        Diagnostic::error(
            "No value for required variable",
            format!("The variable \"{name}\" {needed}."),
        )
        .at(variable.span)
        .hint(format!("For example: {way}"))
    }

    fn known(&self, name: &Subject, at: Span) -> Result<Value> {
        match self.known.borrow().get(name) {
            Some(Some(found)) => found.clone(),
            _ => Err(Diagnostic::error(
                "Circular reference",
                "This value is needed to work itself out, directly or through others.",
            )
            .at(at)
            .into()),
        }
    }
}

/// What a block of the root module is worth before anything is planned: it may refer to variables and to local values.
pub fn decode_early(body: &Body, spec: &BlockSpec, root: &Module, world: Early<'_>) -> Result<Value> {
    let mut body = body.clone();
    decide(&mut body, Some(spec)).or(())?;
    let scope = EarlyScope::new(world, root, None);
    settle_body(&scope, &body);
    decode(&body, spec, &scope)
}

fn settle_body(scope: &EarlyScope<'_>, body: &Body) {
    body.attributes
        .iter()
        .for_each(|attribute| scope.settle(&attribute.expr));
    body.blocks
        .iter()
        .for_each(|block| settle_body(scope, &block.body));
}

impl Scope for EarlyScope<'_> {
    fn resolve(&self, reference: &Reference, _rest: &[Step], at: Span) -> Result<(Value, usize)> {
        let value = match &reference.subject {
            Subject::Variable(name) if self.module.variables.contains_key(name) => {
                self.known(&reference.subject, at)?
            }
            Subject::Local(name) if self.module.locals.contains_key(name) => {
                self.known(&reference.subject, at)?
            }
            Subject::Variable(name) => return Err(undeclared("input variable", name, at)),
            Subject::Local(name) => return Err(undeclared("local value", name, at)),
            Subject::Path(name) if &**name == "module" => {
                Value::string(&super::load::shown(&self.module.dir))
            }
            Subject::Path(name) if &**name == "root" => Value::string("."),
            Subject::Path(name) if &**name == "cwd" => {
                Value::string(&self.world.host.working_dir().display().to_string())
            }
            Subject::Terraform(name) if &**name == "workspace" => Value::string(self.world.workspace),
            _ => {
                return Err(Diagnostic::error(
                    "Value not known early enough",
                    "Modules are found before anything is planned, so what decides where they come from may refer to variables, to local values made of variables, to path and to terraform.workspace only.",
                )
                .at(at)
                .into());
            }
        };
        Ok((value, 0))
    }

    fn host(&self) -> &dyn Host {
        self.world.host
    }
}

/// A problem elsewhere says for what the value is needed.
fn needed_here(mut problem: Diagnostic, argument: &str, here: Span) -> Diagnostic {
    let elsewhere = |span: Span| span.file != here.file || span.start < here.start || span.end > here.end;
    if problem.span.is_some_and(elsewhere) {
        problem.labels.push(Label {
            span: here,
            text: format!("needed for this {argument}"),
        });
    }
    problem
}

fn undeclared(kind: &str, name: &str, at: Span) -> Diagnostics {
    Diagnostic::error(
        format!("Reference to undeclared {kind}"),
        format!("The module declares no {kind} named \"{name}\"."),
    )
    .at(at)
    .into()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;

    use super::*;
    use crate::addr::Mode;
    use crate::config::load::{Files, Origin, load};
    use crate::diag::Sources;
    use crate::lang::spec::{BlockSpec, Specs};

    /// The root module in one file; nothing is anywhere else, and nothing is known of the machine.
    struct Alone(String);

    impl Files for Alone {
        fn list(&self, dir: &Path) -> std::result::Result<Vec<String>, String> {
            Ok(if dir == Path::new(".") {
                vec!["main.tf".into()]
            } else {
                Vec::new()
            })
        }

        fn read(&self, _: &Path) -> std::result::Result<String, String> {
            Ok(self.0.clone())
        }
    }

    impl Host for Alone {
        fn read_file(&self, _: &str) -> std::result::Result<Vec<u8>, String> {
            Err("there are no files".into())
        }

        fn file_exists(&self, _: &str) -> std::result::Result<bool, String> {
            Ok(false)
        }

        fn working_dir(&self) -> &Path {
            Path::new("/")
        }

        fn now(&self) -> Option<jiff::Timestamp> {
            None
        }

        fn plan_time(&self) -> Option<jiff::Timestamp> {
            None
        }
    }

    /// Knows no types.
    struct Untyped;

    impl Specs for Untyped {
        fn resource(&self, _: Mode, _: &str) -> Option<&BlockSpec> {
            None
        }

        fn provider(&self, _: &str) -> Option<&BlockSpec> {
            None
        }
    }

    #[track_caller]
    fn check(text: String, expected: &[&str]) {
        let files = Alone(text);
        let origin = Origin {
            dir: Path::new("."),
            index: Path::new("index.json"),
            files: &files,
        };
        let early = Early {
            host: &files,
            workspace: "default",
            given: &|_| Ok(None),
            need: Need::Modules,
        };
        let (_, problems) = load(origin, &Untyped, Some(early), &mut Sources::new());
        let summaries: Vec<&str> = problems.iter().map(|problem| &*problem.summary).collect();
        assert_eq!(summaries, expected);
    }

    /// Local values of which each is made of the one before it, twice.
    fn chain(first: &str, length: usize, of: &str) -> String {
        let mut text =
            format!("module \"m\" {{\n  source = local.n{length}\n}}\nlocals {{\n  n0 = {first}\n");
        for number in 1..=length {
            let last = number - 1;
            writeln!(
                text,
                "  n{number} = {}",
                of.replace("LAST", &format!("local.n{last}"))
            )
            .unwrap();
        }
        text + "}\n"
    }

    #[test]
    fn long_chains_are_followed() {
        check(chain("\"./m\"", 20_000, "LAST"), &[]);
    }

    #[test]
    fn what_fails_below_fails_once() {
        check(
            chain("terraform_data.a.id", 200, "LAST == LAST ? LAST : LAST"),
            &["Value not known early enough"],
        );
    }

    #[test]
    fn what_doubles_has_an_end() {
        check(
            chain("\"./m\"", 200, "\"${LAST}${LAST}\""),
            &["Expression too large"],
        );
    }
}
