//! Files that will hold what only one answer of a cloud has: none takes the place of another one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, Diagnostics, Ending};
use crate::resource::operate::{self, Machine};
use crate::value::{Type, Value, go_quote};

use super::{Made, Planned};

/// Refuses what would write over the only copy of something: the file of another object, or one that stands there already.
pub fn check_files(made: &mut Made, machine: &dyn Machine) {
    let mut found = Diagnostics::new();
    let mut owners: BTreeMap<PathBuf, (&InstanceAddr, bool)> = BTreeMap::new();
    for planned in &made.plan.changes {
        let makes = planned.change.action.creates();
        for path in files(made, planned) {
            if makes && let Err(why) = machine.may_reserve(&path, planned.former().as_deref()) {
                found.push(in_the_way(&planned.addr, &path, &why));
            }
            let (first, made) = *owners
                .entry(machine.full_path(&path))
                .or_insert((&planned.addr, makes));
            if *first != planned.addr && (makes || made) {
                found.push(shared(&planned.addr, first, &path));
            }
        }
    }
    made.plan.errored |= found.has_errors();
    made.problems.extend(found);
}

/// The files of an object that is there after the plan.
fn files(made: &Made, planned: &Planned) -> Vec<String> {
    if planned.change.after.is_null() || !planned.addr.resource.is_managed() {
        return Vec::new();
    }
    let nothing = Value::null(Type::Dynamic);
    let provider = made.providers.get(&planned.provider).unwrap_or(&nothing);
    operate::files(planned.ty, &planned.change.after, provider)
}

fn in_the_way(addr: &InstanceAddr, path: &str, why: &std::io::Error) -> Diagnostic {
    let detail = format!(
        "{addr} is to be made, and what only the answer will hold is to be written to the file {}: {why}. Nothing was changed.",
        go_quote(path)
    );
    if why.kind() == std::io::ErrorKind::AlreadyExists {
        Diagnostic::error("File is in the way", detail)
            .about(addr)
            .ends_as(Ending::Refused)
    } else {
        Diagnostic::error("File cannot be written", detail).about(addr)
    }
}

fn shared(addr: &InstanceAddr, first: &InstanceAddr, path: &str) -> Diagnostic {
    let detail = format!(
        "{first} and {addr} both write what only they have to the file {}, where one would take the place of the other. Give each a file of its own.",
        go_quote(path)
    );
    Diagnostic::error("Two objects for one file", detail).about(addr)
}
