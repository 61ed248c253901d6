//! States and single objects for people, the way `show` and `state show` print them.

use std::fmt::Write as _;

use crate::addr::ResourceName;
use crate::lang::spec::BlockSpec;
use crate::resource;
use crate::schema::ResourceType;
use crate::state::{Object, OutputValue, State, Status};
use crate::value::{Text, Value};

use super::compare::{self, Forcing};
use super::diff::Pair;
use super::style::{RenderOptions, harmless, name};
use super::write::{Manner, write};

/// Every recorded object and output. Objects of types that are not known are named, without their attributes.
pub fn render_state(
    state: &State,
    find_type: &dyn Fn(&ResourceName) -> Option<&'static ResourceType>,
) -> String {
    if state.is_empty() {
        return "The state file is empty. No resources are represented.\n".to_owned();
    }
    let mut objects: Vec<_> = state.objects().collect();
    objects.sort_by(|(left, ..), (right, ..)| left.module.cmp(&right.module));
    let mut out = String::new();
    let mut last_module = None;
    for (addr, deposed, object) in objects {
        let addr_text = addr.to_string();
        let note = match deposed {
            Some(key) => format!(" (deposed object {key})"),
            None if object.incomplete => " (incomplete)".to_owned(),
            None if object.status == Status::Tainted => " (tainted)".to_owned(),
            None => String::new(),
        };
        let mut block = format!("# {}:{note}\n", harmless(&addr_text));
        let value = find_type(&addr.resource).and_then(|ty| Some((ty, value_of(ty, object)?)));
        let mode = if addr.resource.is_managed() {
            "resource"
        } else {
            "data"
        };
        let _ = write!(
            block,
            "{mode} \"{}\" \"{}\" ",
            addr.resource.ty, addr.resource.name
        );
        match value {
            Some((ty, value)) => block.push_str(&render_object(&ty.spec, &value)),
            None => {
                block.push_str("{\n    # The attributes of this object cannot be read by this version.\n}");
            }
        }
        block.push('\n');
        match &last_module {
            None => {}
            Some(last) if *last == addr.module => out.push('\n'),
            Some(_) => out.push_str("\n\n"),
        }
        last_module = Some(addr.module);
        out.push_str(&block);
    }
    if !state.outputs.is_empty() {
        out.push_str("\n\nOutputs:\n\n");
        for (name, output) in &state.outputs {
            let _ = writeln!(out, "{} = {}", super::style::name(name), shown_output(output));
        }
    }
    out
}

/// Makes known what is secret in a state, by its own marks and by the schemas: other attributes may hold copies.
pub fn meet_secrets(state: &State, find_type: &dyn Fn(&ResourceName) -> Option<&'static ResourceType>) {
    for (addr, _, object) in state.objects() {
        let Some(ty) = find_type(&addr.resource) else {
            continue;
        };
        let may_hold = !object.sensitive_paths.is_empty() || ty.spec.has_sensitive();
        if may_hold && let Some(value) = value_of(ty, object) {
            value.meet_marked();
        }
    }
}

/// What an output shows openly is no secret. Only for who shows a state and nothing else: a configuration says itself what
/// it lets out, and what it does not may be secret in it again.
pub fn release_outputs(state: &State) {
    for output in state.outputs.values().filter(|output| !output.sensitive) {
        output.value.release();
    }
}

/// A recorded object with all marks that it has; one of a newer version as far as it can be read.
fn value_of(ty: &ResourceType, object: &Object) -> Option<Value> {
    let object_type = ty.spec.ty();
    let value = resource::recorded(ty, &object_type, object).ok();
    value.or_else(|| Some(resource::marked(&object.value(&object_type).ok()?, &ty.spec)))
}

/// An object from its opening brace to the closing one.
pub fn render_object(spec: &BlockSpec, value: &Value) -> String {
    let diff = compare::block(Pair::new(Some(value), Some(value)), spec, &Forcing::default());
    let mut out = String::new();
    write(&mut out, &diff, 0, plain_manner());
    out
}

fn plain_manner() -> Manner {
    let options = RenderOptions {
        colour: false,
        width: 0,
    };
    Manner {
        everything: true,
        without_signs: true,
        ..Manner::new(options)
    }
}

fn shown_output(output: &OutputValue) -> String {
    if output.sensitive {
        return "(sensitive value)".to_owned();
    }
    let diff = compare::typed(
        Pair::new(Some(&output.value), Some(&output.value)),
        &output.ty,
        &Forcing::default(),
    );
    let mut out = String::new();
    write(&mut out, &diff, 0, plain_manner());
    out
}

/// Outputs the way `output` and the end of an apply print them: console form, sensitive ones hidden.
pub fn render_outputs<'a>(outputs: impl IntoIterator<Item = (&'a Text, &'a OutputValue)>) -> String {
    let mut out = String::new();
    for (key, output) in outputs {
        if output.sensitive || output.value.is_sensitive() {
            let _ = writeln!(out, "{} = <sensitive>", name(key));
        } else {
            let _ = writeln!(out, "{} = {}", name(key), output.value);
        }
    }
    out
}
