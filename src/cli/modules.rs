//! `modules`: the modules that the configuration calls.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value as Json, json};

use super::args::Variables;
use super::get::names;
use super::project::Project;
use super::ui::Ui;
use crate::config::Module;
use crate::diag::Result;

/// The arguments of `modules`.
#[derive(Args, Debug)]
pub struct ModulesArgs {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &ModulesArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    let (configuration, problems) = project.configuration(&Variables::default(), &mut ui.sources);
    ui.warn_or(problems, ())?;
    let mut found = Vec::new();
    collect(&configuration.root, &mut found);
    if args.json {
        let list = if found.is_empty() {
            Json::Null
        } else {
            found.iter().map(Called::json).collect()
        };
        ui.json(&json!({"format_version": "1.0", "modules": list}).to_string());
    } else if found.is_empty() {
        ui.line("No modules found in configuration.");
    } else {
        ui.line("\nModules declared by configuration:\n.");
        tree(&configuration.root, "", ui);
        ui.line("");
    }
    Ok(ExitCode::SUCCESS)
}

/// A module that is called.
struct Called {
    key: String,
    source: String,
    version: String,
}

impl Called {
    fn json(&self) -> Json {
        json!({"key": self.key, "source": self.source, "version": self.version})
    }
}

fn collect(module: &Module, found: &mut Vec<Called>) {
    for call in module.calls.values() {
        found.push(Called {
            key: names(&call.module),
            source: call.source.text.to_string(),
            version: call
                .version
                .as_ref()
                .map_or_else(String::new, |version| version.text.to_string()),
        });
        collect(&call.module, found);
    }
}

fn tree(module: &Module, indent: &str, ui: &mut Ui) {
    for (place, call) in module.calls.values().enumerate() {
        let last = place + 1 == module.calls.len();
        let branch = if last { "└── " } else { "├── " };
        ui.line(&format!(
            "{indent}{branch}{:?}[{}]",
            &*call.name, call.source.text
        ));
        tree(
            &call.module,
            &format!("{indent}{}", if last { "    " } else { "│   " }),
            ui,
        );
    }
}
