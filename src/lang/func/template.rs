//! Templates from files and from values.

use std::collections::BTreeMap;

use super::{Args, Func, FuncError, Kind, any, text};
use crate::addr::{ProviderName, Reference};
use crate::diag::{Diagnostic, Diagnostics, Result as DiagResult, Sources, Span};
use crate::lang::expr::{Binding, Evaluator, Host, Scope, Step};
use crate::lang::syntax::{Expr, parse_template};
use crate::value::{Text, Type, Value, convert};

use super::file::read_text;

pub(super) const FUNCTIONS: &[Func] = &[
    Func {
        name: "templatefile",
        params: &[text("path"), any("vars").shallow()],
        variadic: None,
        returns: Kind::Any,
        about: "Fills the template in a file with values.",
        examples: &[(
            "templatefile(\"hello.tftpl\", { name = \"key\" })",
            "\"Hello, key!\"",
        )],
        call: |args| {
            let template = read_text(args, 0)?;
            render(args, args.text(0)?, &template)
        },
    },
    Func {
        name: "templatestring",
        params: &[text("template"), any("vars").shallow()],
        variadic: None,
        returns: Kind::String,
        about: "Fills a template that another object holds with values.",
        examples: &[(
            "templatestring(var.greeting, { name = \"key\" })",
            "\"Hello, key!\"",
        )],
        call: |args| {
            let template = convert::convert(args.value(0)?, &Type::String)
                .map_err(|_| FuncError::argument(0, "invalid template value: a string is required"))?;
            let made = render(
                args,
                "<templatestring argument>",
                template.as_str().unwrap_or_default(),
            )?;
            convert::convert(&made, &Type::String)
                .map_err(|_| FuncError::new("the result of the template is not a string"))
        },
    },
];

/// What a byte of a template costs beside reading it: it becomes a tree.
const PARSED: usize = 16;

/// A scope in which nothing has a name: template variables are bound.
struct Nothing<'a>(&'a dyn Scope);

impl Scope for Nothing<'_> {
    fn resolve(&self, reference: &Reference, _rest: &[Step], at: Span) -> DiagResult<(Value, usize)> {
        let detail = format!("There is no variable named \"{}\".", reference.subject);
        Err(Diagnostic::error("Unknown variable", detail).at(at).into())
    }

    fn host(&self) -> &dyn Host {
        self.0.host()
    }

    fn provider(&self, local: &str) -> Option<ProviderName> {
        self.0.provider(local)
    }
}

fn render(args: &Args<'_>, name: &str, template: &str) -> Result<Value, FuncError> {
    let names = variables(args)?;
    args.spend_work(template.len().saturating_mul(PARSED))?;
    let mut sources = Sources::new();
    let file = sources.add(name, template);
    let whole = Span::new(file, 0, template.len());
    let failed = |errors: &Diagnostics| FuncError::new(first_fault(errors, &sources));
    let expr = parse_template(file, template, whole).map_err(|errors| failed(&errors))?;
    check_names(&expr, names, &sources)?;
    let scope = Nothing(args.world.scope);
    let bound = Binding::many(names, None);
    let made = Evaluator::for_template(&scope, args.world.budget)
        .evaluate(&expr, Some(&bound))
        .map_err(|errors| failed(&errors))?;
    if made.is_null() {
        return Err(FuncError::new("the result of the template is null"));
    }
    Ok(made)
}

fn variables<'a>(args: &'a Args<'_>) -> Result<&'a BTreeMap<Text, Value>, FuncError> {
    let names = args
        .value(1)?
        .as_entries()
        .ok_or_else(|| FuncError::argument(1, "invalid vars value: must be a map"))?;
    for name in names.keys() {
        let mut letters = name.chars();
        let starts = letters
            .next()
            .is_some_and(|first| first.is_alphabetic() || first == '_');
        if !starts || !letters.all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-')) {
            return Err(FuncError::argument(
                1,
                format!(
                    "invalid template variable name \"{name}\": must start with a letter, followed by zero or more letters, digits, and underscores"
                ),
            ));
        }
    }
    Ok(names)
}

fn check_names(expr: &Expr, names: &BTreeMap<Text, Value>, sources: &Sources) -> Result<(), FuncError> {
    let mut missing = None;
    expr.visit_traversals(&mut Vec::new(), &mut |traversal, _| {
        if missing.is_none() && !names.contains_key(&traversal.root) {
            missing = Some((traversal.root.clone(), traversal.root_span));
        }
    });
    match missing {
        Some((name, span)) => Err(FuncError::argument(
            1,
            format!(
                "vars map does not contain key \"{name}\", referenced at {}",
                place(span, sources)
            ),
        )),
        None => Ok(()),
    }
}

pub(super) fn first_fault(errors: &Diagnostics, sources: &Sources) -> String {
    errors.iter().next().map_or_else(String::new, |error| {
        let said = format!("{}; {}", error.summary, error.detail.trim_end_matches('.'));
        match error.span {
            Some(span) => format!("{}: {said}", place(span, sources)),
            None => said,
        }
    })
}

/// `name:line,column-column`
fn place(span: Span, sources: &Sources) -> String {
    let name = sources.get(span.file).map_or("", |source| &source.name);
    let start = sources.position(span.file, span.start);
    let end = sources.position(span.file, span.end);
    if start.line == end.line {
        format!("{name}:{},{}-{}", start.line, start.column, end.column)
    } else {
        format!(
            "{name}:{},{}-{},{}",
            start.line, start.column, end.line, end.column
        )
    }
}
