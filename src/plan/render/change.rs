//! One change as text: what happens to which object and why, and the difference below.

use std::fmt::Write as _;

use crate::addr::{InstanceKey, OnDestroy};
use crate::plan::{Planned, Reason};
use crate::resource::Action;
use crate::value::{Text, Value, go_quote};

use super::compare::{self, Forcing};
use super::diff::{Diff, Pair};
use super::style::{Paint, RenderOptions, harmless};
use super::write::{Manner, write};

/// Where a change comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// It is planned.
    Planned,
    /// It happened outside.
    Drift,
}

/// The difference between the object before and after.
pub(super) fn difference(planned: &Planned) -> Diff<'_> {
    between(planned, &planned.change.before, &planned.change.after)
}

/// The difference between two objects of the changed one's type.
pub(super) fn between<'a>(planned: &'a Planned, before: &'a Value, after: &'a Value) -> Diff<'a> {
    let forcing = match planned.change.action {
        action if action.is_replace() => Forcing::new(&planned.change.replace_paths),
        _ => Forcing::default(),
    };
    // What is forgotten stays as it is.
    let after = if planned.change.action == Action::Forget {
        before
    } else {
        after
    };
    compare::block(Pair::new(Some(before), Some(after)), &planned.ty.spec, &forcing)
}

/// Writes a change with everything around it.
pub(super) fn write_change(
    out: &mut String,
    planned: &Planned,
    diff: &Diff<'_>,
    cause: Cause,
    options: RenderOptions,
) {
    headline(out, planned, cause, options);
    notes(out, planned, options);
    let mut manner = Manner::new(options);
    let action = planned.change.action;
    manner.everything = planned.import.is_some();
    let mode = if planned.addr.resource.is_managed() {
        "resource"
    } else {
        "data"
    };
    let (ty, name) = (&planned.addr.resource.ty, &planned.addr.resource.name);
    let _ = write!(out, "{} {mode} \"{ty}\" \"{name}\" ", symbol(action, options));
    write(out, diff, 0, manner);
    out.push('\n');
}

/// The sign in front of a whole change.
pub(super) fn symbol(action: Action, options: RenderOptions) -> String {
    let (red, green) = (options.paint(Paint::Red, "-"), options.paint(Paint::Green, "+"));
    match action {
        Action::NoOp | Action::Open => "   ".to_owned(),
        Action::Create => format!("  {green}"),
        Action::Read => format!(" {}", options.paint(Paint::Cyan, "<=")),
        Action::Update => format!("  {}", options.paint(Paint::Yellow, "~")),
        Action::Replace => format!("{red}/{green}"),
        Action::ReplaceCreateFirst => format!("{green}/{red}"),
        Action::Delete => format!("  {red}"),
        Action::Forget => format!(" {}", options.paint(Paint::Red, ".")),
    }
}

/// The object's address, with the key of one that was left over.
fn shown_address(planned: &Planned) -> String {
    let addr = planned.addr.to_string();
    match &planned.deposed {
        Some(key) => format!("{} (deposed object {key})", harmless(&addr)),
        None => harmless(&addr).into_owned(),
    }
}

fn headline(out: &mut String, planned: &Planned, cause: Cause, options: RenderOptions) {
    let addr = shown_address(planned);
    let bold = |text: &str| options.paint(Paint::Bold, text);
    let stern = |text: &str| options.paint(Paint::BoldRed, text);
    let head = bold(&format!("  # {addr}"));
    let is_drift = cause == Cause::Drift;
    let replaced = stern("replaced");
    let _ = match planned.change.action {
        Action::Create => write!(out, "{head} will be created"),
        Action::Read => write!(out, "{head} will be read during apply"),
        Action::Update if is_drift => write!(out, "{head} has changed"),
        Action::Update if planned.restores => {
            write!(
                out,
                "{head} will be called back from its deletion and updated in-place"
            )
        }
        Action::Update => write!(out, "{head} will be updated in-place"),
        Action::NoOp | Action::Delete if is_drift && planned.pending.is_some() => {
            write!(out, "{head} is {}{}", stern("pending deletion"), until(planned))
        }
        Action::Delete if is_drift => write!(out, "{head} has been deleted"),
        Action::Delete => write!(out, "{head} will be {}", stern("destroyed")),
        Action::Forget if planned.lets_die() => {
            let head = bold(&format!(" # {addr}"));
            let (state, day) = (stern("pending deletion"), until(planned));
            write!(
                out,
                "{head} is {state}{day}, and will no longer be managed by Terraform"
            )
        }
        Action::Forget => {
            let head = bold(&format!(" # {addr}"));
            let what = match planned.deposed {
                Some(_) => "be removed from Terraform state",
                None => "no longer be managed by Terraform",
            };
            let back = if planned.restores {
                "be called back from its deletion and "
            } else {
                ""
            };
            let first = if planned.retires() { "be disabled and " } else { "" };
            write!(
                out,
                "{head} will {back}{first}{what}, but {}",
                stern("will not be destroyed")
            )
        }
        Action::Replace | Action::ReplaceCreateFirst => match planned.reason {
            Some(Reason::ReplaceBecauseTainted) => write!(out, "{head} is tainted, so must be {replaced}"),
            Some(Reason::ReplaceByRequest) => write!(out, "{head} will be {replaced}, as requested"),
            Some(Reason::ReplaceByTriggers) => {
                write!(
                    out,
                    "{head} will be {replaced} due to changes in replace_triggered_by"
                )
            }
            _ => write!(out, "{head} must be {replaced}"),
        },
        Action::NoOp | Action::Open => match &planned.moved_from {
            Some(from) => {
                let from = bold(&format!("  # {}", harmless(&from.to_string())));
                write!(out, "{from} has moved to {}", bold(&addr))
            }
            None => write!(out, "{head} will be imported"),
        },
    };
    out.push('\n');
}

/// Until when an object that is pending deletion can be called back.
fn until(planned: &Planned) -> String {
    let at = planned.pending.and_then(|pending| pending.at);
    at.map_or_else(String::new, |at| format!(" until {}", at.strftime("%Y-%m-%d")))
}

/// Lines below the headline.
fn notes(out: &mut String, planned: &Planned, options: RenderOptions) {
    let action = planned.change.action;
    let mut note = |text: &str| {
        let _ = writeln!(out, "  # {text}");
    };
    if action == Action::NoOp && planned.import.is_some() && planned.generated.is_some() {
        note("(config will be generated)");
    }
    if let Some(why) = planned.reason.and_then(|reason| reason_text(planned, reason)) {
        note(&why);
    }
    if planned.restores && action.is_replace() {
        note("(it is pending deletion, and is called back before it goes)");
    }
    if planned.deposed.is_some() && action == Action::Delete {
        note("(left over from a partially-failed replacement of this instance)");
    }
    if action != Action::NoOp
        && let Some(from) = &planned.moved_from
    {
        note(&format!("(moved from {})", harmless(&from.to_string())));
    }
    if action != Action::NoOp
        && let Some(id) = &planned.import
    {
        note(&format!("(imported from {})", go_quote(id)));
        if planned.destroys() && action.is_replace() {
            note(&options.paint(Paint::Yellow, "Warning: this will destroy the imported resource"));
        }
    }
    if action == Action::Forget {
        if planned.deposed.is_some() {
            out.push_str(" # (left over from a partially-failed replacement of this instance)\n");
        }
        let _ = match planned.guard.on_destroy {
            _ if planned.lets_die() => {
                writeln!(out, " # (it is not called back, and nothing is left to destroy)")
            }
            OnDestroy::Schedule => writeln!(out, " # (destroy = false is set in the configuration)"),
            word => writeln!(out, " # (its lifecycle says on_destroy = \"{}\")", word.word()),
        };
    } else if planned.forgets() {
        let fate = match planned.guard.on_destroy {
            OnDestroy::Disable => "is disabled and forgotten",
            OnDestroy::Schedule | OnDestroy::Retain => "stays as it is and is forgotten",
        };
        let word = planned.guard.on_destroy.word();
        let _ = writeln!(
            out,
            "  # (its lifecycle says on_destroy = \"{word}\": the old object {fate})"
        );
    }
}

/// Why an object is read late or destroyed.
fn reason_text(planned: &Planned, reason: Reason) -> Option<String> {
    let delete = planned.change.action == Action::Delete;
    let addr = &planned.addr;
    Some(match reason {
        Reason::ReadBecauseConfigUnknown => "(config refers to values not yet known)".to_owned(),
        Reason::ReadBecauseDependencyPending => {
            "(depends on a resource or a module with changes pending)".to_owned()
        }
        Reason::ReadBecauseCheckNested => "(config will be reloaded to verify a check block)".to_owned(),
        _ if !delete => return None,
        Reason::DeleteBecauseNoResourceConfig => {
            format!(
                "(because {}.{} is not in configuration)",
                addr.resource.ty, addr.resource.name
            )
        }
        Reason::DeleteBecauseNoModule => {
            format!(
                "(because {} is not in configuration)",
                harmless(&addr.module.to_string())
            )
        }
        Reason::DeleteBecauseNoMoveTarget => {
            let from = planned
                .moved_from
                .as_ref()
                .map_or_else(String::new, ToString::to_string);
            let (from, to) = (harmless(&from).into_owned(), addr.to_string());
            format!(
                "(because {from} was moved to {}, which is not in configuration)",
                harmless(&to)
            )
        }
        Reason::DeleteBecauseEnabledFalse => "(because enabled is false)".into(),
        Reason::DeleteBecauseCountIndex => format!("(because index {} is out of range for count)", addr.key),
        Reason::DeleteBecauseEachKey => {
            format!(
                "(because key {} is not in for_each map)",
                harmless(&addr.key.to_string())
            )
        }
        Reason::DeleteBecauseWrongRepetition => match addr.key {
            InstanceKey::None => "(because resource uses count or for_each)",
            InstanceKey::Number(_) => "(because resource does not use count)",
            InstanceKey::Text(_) => "(because resource does not use for_each)",
        }
        .to_owned(),
        Reason::ReplaceBecauseTainted
        | Reason::ReplaceByRequest
        | Reason::ReplaceByTriggers
        | Reason::ReplaceBecauseCannotUpdate => return None,
    })
}

/// The value of an attribute that is plain text.
pub(super) fn text_of<'a>(object: &'a Value, name: &str) -> Option<&'a Text> {
    object
        .get(name)
        .filter(|value| !value.is_sensitive())
        .and_then(Value::as_text)
}
