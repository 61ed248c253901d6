//! Types that keyform does not know: one error for each, however many blocks have it.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::addr::{Mode, ResourceName};
use crate::diag::{Diagnostic, Diagnostics};

const RESOURCE: &str = "Invalid resource type";
const DATA: &str = "Invalid data source";
const EPHEMERAL: &str = "Invalid ephemeral resource";

/// So many further blocks are shown.
const SHOWN: usize = 3;

/// The error about a type; `guess` is a sentence with the nearest name, or empty.
pub(super) fn unknown_type(resource: &ResourceName, guess: &str) -> Diagnostic {
    let (summary, kind) = match resource.mode {
        Mode::Managed => (RESOURCE, "resource type"),
        Mode::Data => (DATA, "data source"),
        Mode::Ephemeral => (EPHEMERAL, "ephemeral resource type"),
    };
    let detail = format!(
        "keyform does not know the {kind} \"{}\": it manages keys, with the types of the providers {}.{guess}",
        resource.ty,
        crate::schema::Catalog::get().providers().join(", ")
    );
    Diagnostic::error(summary, detail)
}

/// Leaves of the errors about a type the first, which shows where else it stands; the last says what can be done.
pub fn each_unknown_type_once(problems: Diagnostics) -> Diagnostics {
    let mut kept: Vec<Diagnostic> = Vec::new();
    let mut first: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for problem in problems {
        if ![RESOURCE, DATA, EPHEMERAL].contains(&&*problem.summary) {
            kept.push(problem);
            continue;
        }
        let Some((at, more)) = first.get_mut(&problem.detail) else {
            first.insert(problem.detail.clone(), (kept.len(), 0));
            kept.push(problem);
            continue;
        };
        *more += 1;
        if *more <= SHOWN
            && let Some(span) = problem.span
        {
            kept[*at].labels.push(crate::diag::Label {
                span,
                text: "and here".into(),
            });
        }
    }
    if let Some((last, _)) = first.values().max() {
        let hint = "With -target=ADDRESS, or -exclude=ADDRESS, the part that keyform knows can be planned and applied.";
        kept[*last].hints.push(hint.into());
    }
    for (at, more) in first.into_values().filter(|(_, more)| *more > SHOWN) {
        let _ = write!(kept[at].detail, " {more} more blocks have it.");
    }
    kept.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_told_once_with_the_number_of_its_blocks() {
        let error = |ty: &str| unknown_type(&ResourceName::managed(ty, "x"), "");
        let mut problems = Diagnostics::new();
        for _ in 0..6 {
            problems.push(error("a_bucket"));
        }
        problems.push(Diagnostic::error("Other", "It stays."));
        problems.push(error("b_bucket"));
        let told: Vec<Diagnostic> = each_unknown_type_once(problems).into_iter().collect();
        assert_eq!(told.len(), 3);
        assert!(
            told[0].detail.ends_with(" 5 more blocks have it."),
            "{}",
            told[0].detail
        );
        assert!(told[0].hints.is_empty());
        assert!(told[2].hints[0].contains("-target"));
        assert_eq!(told[1].summary, "Other");
        assert!(told[2].detail.contains("b_bucket") && !told[2].detail.contains("more blocks"));
    }
}
