//! `state show`

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;

use super::no_state;
use crate::cli::args::ReadStateArgs;
use crate::cli::project::Project;
use crate::cli::taint::instance;
use crate::cli::ui::Ui;
use crate::diag::{Diagnostic, Result};
use crate::lang::spec::{BlockSpec, Nesting};
use crate::plan::find_type;
use crate::state::Status;
use crate::value::{Data, Value};

/// The arguments of `state show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The instance
    #[arg(value_name = "ADDRESS")]
    address: String,
    #[command(flatten)]
    state: ReadStateArgs,
}

/// Runs the command.
pub fn run(args: &ShowArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let address = instance(&args.address)?;
    let state = project.state(&args.state.full())?.ok_or_else(no_state)?;
    let Some(object) = state.get(&address) else {
        return Err(Diagnostic::error(
            "No instance found for the given address!",
            "This command requires that the address references one specific instance. To view the available instances, use \"keyform state list\". Please modify the address to reference a specific instance.",
        )
        .into());
    };
    let ty = find_type(&address.resource)?;
    let value = crate::resource::recorded(ty, &ty.spec.ty(), object)?;
    let tainted = if object.status == Status::Tainted {
        " (tainted)"
    } else {
        ""
    };
    let kind = if address.resource.is_managed() {
        "resource"
    } else {
        "data"
    };
    let mut text = format!(
        "# {address}:{tainted}\n{kind} \"{}\" \"{}\" {{\n",
        address.resource.ty, address.resource.name
    );
    body(&mut text, &ty.spec, &value, 1);
    text.push_str("}\n");
    ui.result(&text);
    Ok(ExitCode::SUCCESS)
}

/// The attributes that are set, aligned, then the blocks.
fn body(text: &mut String, spec: &BlockSpec, value: &Value, level: usize) {
    let Data::Object(values) = value.data() else {
        return;
    };
    let indent = "    ".repeat(level);
    let set: Vec<_> = spec
        .attributes
        .iter()
        .filter_map(|(name, attribute)| {
            let value = values.get(name).filter(|value| !value.is_null())?;
            Some((
                name,
                if attribute.sensitive {
                    "(sensitive value)".to_owned()
                } else {
                    shown(value, level)
                },
            ))
        })
        .collect();
    let width = set.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, value) in set {
        writeln!(text, "{indent}{name:width$} = {value}").expect("a String takes all");
    }
    for (name, nested) in &spec.blocks {
        let Some(all) = values.get(name) else { continue };
        let blocks: Vec<(Option<&str>, &Value)> = match all.data() {
            Data::List(list) => list.items.iter().map(|item| (None, item)).collect(),
            Data::Set(set) => set.items.iter().map(|item| (None, item)).collect(),
            Data::Map(map) => map.items.iter().map(|(key, item)| (Some(&**key), item)).collect(),
            Data::Object(_) if nested.nesting == Nesting::Single => vec![(None, all)],
            _ => Vec::new(),
        };
        for (label, block) in blocks {
            let label = label.map_or(String::new(), |label| format!(" {}", crate::addr::quote(label)));
            writeln!(text, "\n{indent}{name}{label} {{").expect("a String takes all");
            body(text, &nested.spec, block, level + 1);
            writeln!(text, "{indent}}}").expect("a String takes all");
        }
    }
}

/// A value in the console's form, set at this level, with its own levels of four spaces.
fn shown(value: &Value, level: usize) -> String {
    let text = value.to_string();
    let mut lines = text.lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let inner = line.trim_start_matches(' ');
        let depth = (line.len() - inner.len()) / 2;
        write!(out, "\n{}{inner}", "    ".repeat(level + depth)).expect("a String takes all");
    }
    out
}
