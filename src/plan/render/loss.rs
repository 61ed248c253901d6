//! What cannot be undone: keys that this plan destroys, said before anything else.

use std::fmt::Write as _;
use std::iter::once;

use crate::addr::InstanceAddr;
use crate::diag;
use crate::plan::{InUse, Loss, Plan, Planned, Usage};
use crate::schema;
use crate::value::Text;

use super::change::text_of;
use super::style::{Paint, RenderOptions, harmless};

/// A paragraph that names every key the plan destroys; none when it destroys none.
pub(super) fn paragraph(plan: &Plan, options: RenderOptions) -> Option<String> {
    let lost: Vec<(&Planned, &Loss)> = plan.losses().collect();
    if lost.is_empty() {
        return None;
    }
    let all_keys = lost.iter().all(|(planned, _)| planned.ty.name.contains("key"));
    let noun = match (all_keys, lost.len()) {
        (true, 1) => "key",
        (true, _) => "keys",
        (false, 1) => "object",
        (false, _) => "objects",
    };
    let all_windowed = lost.iter().all(|(_, loss)| !loss.irreversible);
    let fate = if all_windowed {
        "will be scheduled for deletion"
    } else {
        "will be destroyed"
    };
    let head = format!("{} {noun} {fate}:", lost.len());
    let mut text = format!("\n{}\n", options.paint(Paint::BoldRed, &head));
    for (planned, loss) in lost {
        let _ = writeln!(text, "  {}", line(planned, loss));
        for fact in facts(planned) {
            let _ = writeln!(text, "    {fact}");
        }
    }
    if plan
        .losses()
        .any(|(planned, _)| planned.is_unnamed() && planned.is_in_use())
    {
        text.push_str(
            "Apply refuses to destroy what is in use, or may be, unless -destroy-key-in-use=ADDRESS names it.\n",
        );
    }
    if plan
        .losses()
        .any(|(planned, _)| planned.is_unnamed() && !planned.is_in_use())
    {
        text.push_str(
            "Apply refuses this unless -destroy-key=ADDRESS names each of them, or its id is typed.\n",
        );
    }
    Some(text)
}

/// A paragraph that names every key the plan disables; none when it disables none.
pub(super) fn disabled(plan: &Plan, options: RenderOptions) -> Option<String> {
    let disabled: Vec<&Planned> = plan.changes.iter().filter(|planned| planned.disables()).collect();
    let noun = match disabled.len() {
        0 => return None,
        1 => "key",
        _ => "keys",
    };
    let head = format!("{} {noun} will be disabled:", disabled.len());
    let mut text = format!("\n{}\n", options.paint(Paint::Bold, &head));
    for planned in disabled {
        let _ = writeln!(text, "  {}", object_name(planned));
        for fact in facts(planned) {
            let _ = writeln!(text, "    {fact}");
        }
    }
    text.push_str("What was encrypted under it cannot be read until it is enabled again.\n");
    Some(text)
}

/// A paragraph of what follows from the changes that their differences do not show; none where there is nothing.
pub(super) fn notes(plan: &Plan, options: RenderOptions) -> Option<String> {
    let noted = plan.changes.iter();
    let mut noted = noted.filter(|planned| !planned.notes.is_empty()).peekable();
    noted.peek()?;
    let mut text = format!("\n{}\n", options.paint(Paint::Bold, "To be known of this plan:"));
    for planned in noted {
        for note in &planned.notes {
            let addr = planned.addr.to_string();
            let _ = writeln!(text, "  {}: {}", harmless(&addr), harmless(&note.text));
        }
    }
    Some(text)
}

/// What the destruction of an object means, on a line with its address and id; none where nothing is lost.
pub fn loss_line(planned: &Planned) -> Option<String> {
    Some(line(planned, planned.loss.as_ref()?))
}

/// The name of an object by which its user confirms that it is destroyed: the key's id, or the id.
pub fn loss_name(planned: &Planned) -> Option<String> {
    let before = &planned.change.before;
    let name = text_of(before, "key_id").or_else(|| text_of(before, "id"))?;
    Some(harmless(name).into_owned())
}

/// The option that allows the destruction of an object, as it is typed.
pub fn destroy_option(addr: &InstanceAddr, in_use: bool) -> String {
    option(&addr.to_string(), in_use)
}

/// The same for one of several objects that are lost: with its id, where its address has others.
pub fn option_among(planned: &Planned, lost: &[&Planned], in_use: bool) -> String {
    let others = lost.iter().filter(|other| other.addr == planned.addr);
    let names: Vec<Option<String>> = others.map(|other| loss_name(other)).collect();
    let own = loss_name(planned);
    let is_own = names.iter().filter(|name| **name == own).count() < 2;
    let key = || planned.deposed.as_ref().map(Text::to_string);
    let word = own.filter(|_| is_own).or_else(key).filter(|_| names.len() > 1);
    let word = word.map_or_else(String::new, |word| format!("={word}"));
    option(&format!("{}{word}", planned.addr), in_use)
}

fn option(address: &str, in_use: bool) -> String {
    let option = if in_use {
        "destroy-key-in-use"
    } else {
        "destroy-key"
    };
    if address.contains(['[', '"', '\'', ' ']) {
        format!("-{option}='{}'", address.replace('\'', r"'\''"))
    } else {
        format!("-{option}={address}")
    }
}

/// What becomes of an object that is destroyed, in words that follow "it is".
pub fn fate_of(planned: &Planned) -> Option<String> {
    planned.loss.as_deref().map(fate)
}

/// How many of those who refer to an object are named.
const NAMED: usize = 5;

/// What is known of the use of an object, and who refers to it.
pub fn facts(planned: &Planned) -> Vec<String> {
    // Of other types nobody can tell.
    let asked = planned.ty.usage.as_ref();
    let last = |asked: &schema::Usage| last_use(planned.usage.as_deref(), asked);
    let mut facts: Vec<String> = asked
        .map(|asked| once(last(asked)).chain(hanging(planned.usage.as_deref())))
        .map(|parts| parts.collect::<Vec<_>>().join("; "))
        .into_iter()
        .collect();
    if !planned.users.is_empty() {
        facts.push(format!("referred to by {}", listed(&planned.users)));
    }
    facts
}

/// The first of some names, and how many more there are.
fn listed<T: AsRef<str>>(all: &[T]) -> String {
    harmless(&diag::listed(all, NAMED)).into_owned()
}

/// When an object was used last, as far as that can be told.
fn last_use(usage: Option<&Usage>, asked: &schema::Usage) -> String {
    if asked.shows.contains_key("holds") {
        return held(usage);
    }
    if !asked.shows.contains_key("last_use") {
        return "its cloud does not tell when it was used last".to_owned();
    }
    match usage.map(|usage| (&usage.last, usage.since)) {
        Some((Some((at, operation)), _)) => {
            let day = at.strftime("%Y-%m-%d");
            format!("last used on {day} for {}", harmless(operation))
        }
        Some((None, Some(since))) => {
            let unnoted = usage.is_some_and(|usage| usage.in_use.contains(&InUse::Unnoted));
            let why = if unnoted {
                ", when its cloud began to note them"
            } else {
                ""
            };
            format!("no use known since {}{why}", since.strftime("%Y-%m-%d"))
        }
        _ => "last use unknown".to_owned(),
    }
}

/// What ends with an object.
fn held(usage: Option<&Usage>) -> String {
    match usage.and_then(|usage| usage.holds.as_ref()) {
        Some(all) if all.is_empty() => "nothing else is in it".to_owned(),
        Some(all) => format!(
            "destroys what is in it and not destroyed for itself: {}",
            listed(all)
        ),
        None => "what is in it is unknown, and destroyed with it".to_owned(),
    }
}

/// What hangs on an object.
fn hanging(usage: Option<&Usage>) -> Vec<String> {
    let Some(usage) = usage else {
        return Vec::new();
    };
    let kinds = [
        (&usage.aliases, "alias", "aliases"),
        (&usage.grants, "grant", "grants"),
        (&usage.replicas, "replica key", "replica keys"),
        (&usage.secrets, "secret", "secrets"),
    ];
    let counted = kinds.into_iter().filter_map(|(all, one, many)| {
        let all = all.as_ref().filter(|all| !all.is_empty())?;
        let noun = if all.len() == 1 { one } else { many };
        Some(format!("{} {noun} ({})", all.len(), listed(all)))
    });
    let protected = usage.is_protected.then(|| "protected from deletion".to_owned());
    counted.chain(protected).collect()
}

fn line(planned: &Planned, loss: &Loss) -> String {
    format!("{}: {}", object_name(planned), fate(loss))
}

/// The address of an object, with what else it is known by.
pub fn object_name(planned: &Planned) -> String {
    let addr = planned.addr.to_string();
    let mut line = harmless(&addr).into_owned();
    if let Some(key) = &planned.deposed {
        let _ = write!(line, " (deposed object {key})");
    }
    if let Some(name) = loss_name(planned) {
        let _ = write!(line, " ({name})");
    }
    line
}

fn fate(loss: &Loss) -> String {
    let date = loss.at.map(|at| at.strftime("%Y-%m-%d").to_string());
    if let Some(container) = &loss.with {
        let container = container.to_string();
        return format!(
            "lost for ever as soon as {}, which holds it, is destroyed; it cannot be called back",
            harmless(&container)
        );
    }
    if loss.irreversible {
        return "lost for ever as soon as it is destroyed; it cannot be called back".to_owned();
    }
    if loss.after_replicas {
        let days = loss
            .days
            .map_or_else(|| "some".to_owned(), |days| days.to_string());
        return format!(
            "its deletion begins only when its replica keys are gone, and it is lost for ever {days} days later; it can be called back until then"
        );
    }
    match (date, loss.days) {
        (Some(date), _) => format!("lost for ever on {date}; it can be called back until then"),
        (None, Some(1)) => {
            "lost for ever 1 day after it is destroyed; it can be called back until then".to_owned()
        }
        (None, Some(days)) => {
            format!("lost for ever {days} days after it is destroyed; it can be called back until then")
        }
        (None, None) => {
            "lost for ever some days after it is destroyed; it can be called back until then".to_owned()
        }
    }
}
