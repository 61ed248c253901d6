//! `drift`: what was changed outside, without changing anything.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::{Value as Json, json};

use crate::addr::InstanceAddr;
use crate::config::Policy;
use crate::diag::{Ending, Result};
use crate::plan::drift::{Found, Report, Status, look};
use crate::plan::{Mode, Options};

use super::args::{DriftArgs, LockArgs};
use super::engine::{Access, Engine, Question, part};
use super::exit_code;
use super::neighbours;
use super::planning::{prepare, settle_input, tell_open};
use super::project::{Project, Wanted};
use super::ui::Ui;

/// Runs the command. Exit codes: 0 clean, 2 drift, 1 when something could not be read, 3 when operations are open.
pub fn run(args: &DriftArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    settle_input(args.input, ui);
    let (targets, excludes) = part(&args.part)?;
    // Nothing is written, so no lock is taken: others may work meanwhile.
    let lock = LockArgs::none();
    let state = args.state.full();
    let prepared = prepare(
        project,
        ui,
        &args.variables,
        (&state, &lock, neighbours::PLAN),
        Wanted::Any,
    )?;
    let mut engine = Engine::open(project, args.sandbox.sandbox, Access::Read)?;
    let question = Question {
        graph: prepared.graph.clone(),
        inputs: prepared.inputs.clone(),
        run: project.run()?,
        state: prepared.state,
        options: Options {
            mode: Mode::RefreshOnly,
            targets,
            excludes,
            ..Options::default()
        },
        timestamp: project.started,
        policy: Policy::default(),
    };
    let answer = engine.plan(question);
    let report = look(&answer.made);
    engine.close()?;
    if args.json || args.format == "json" {
        ui.json(&to_json(&report).to_string());
    } else {
        ui.result(&to_text(&report));
    }
    ui.diagnostics(&report.problems);
    let is_open = tell_open(&prepared.left.open_after(&answer.made), ui);
    Ok(match (report.is_complete(), report.has_drift()) {
        (false, _) => ExitCode::FAILURE,
        (true, _) if is_open => exit_code(Ending::Unsettled),
        (true, true) => ExitCode::from(2),
        (true, false) => ExitCode::SUCCESS,
    })
}

fn to_text(report: &Report) -> String {
    let mut text = String::new();
    for found in report.found.iter().filter(|found| found.status != Status::InSync) {
        text.push_str(&line(&found.addr, found));
    }
    let count =
        |status: fn(&Status) -> bool| report.found.iter().filter(|found| status(&found.status)).count();
    let parts = [
        (count(|status| *status == Status::InSync), "in sync"),
        (
            count(|status| matches!(status, Status::Drifted { .. })),
            "drifted",
        ),
        (count(|status| *status == Status::Deleted), "deleted outside"),
        (
            count(|status| matches!(status, Status::PendingDeletion { .. })),
            "pending deletion",
        ),
        (
            count(|status| matches!(status, Status::Unreadable { .. })),
            "unreadable",
        ),
    ];
    let words: Vec<String> = parts
        .iter()
        .filter(|(count, word)| *count > 0 || *word == "in sync")
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if !text.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "Drift: {} of {} objects.",
        words.join(", "),
        report.found.len()
    );
    text
}

fn line(addr: &InstanceAddr, found: &Found) -> String {
    match &found.status {
        Status::InSync => String::new(),
        Status::Drifted { changes } => {
            let mut text = format!("{addr}: drifted\n");
            for change in changes {
                let _ = writeln!(
                    text,
                    "    {} = {} -> {}",
                    change.path, change.before, change.after
                );
                for note in &change.notes {
                    let _ = writeln!(text, "      {note}");
                }
            }
            text
        }
        Status::Deleted => format!("{addr}: deleted outside\n"),
        Status::PendingDeletion { days, date } => {
            let when = date
                .as_deref()
                .map_or(String::new(), |date| format!(" on {date}"));
            let left = days.map_or(String::new(), |days| format!(", {days} days left"));
            format!("{addr}: pending deletion, lost for ever{when}{left}\n")
        }
        Status::Unreadable { why } => {
            // Further lines stand below the address.
            let why = why.replace("\n\n", "\n").replace('\n', "\n    ");
            format!("{addr}: unreadable: {why}\n")
        }
    }
}

fn to_json(report: &Report) -> Json {
    let objects: Vec<Json> = report.found.iter().map(object_json).collect();
    json!({
        "format_version": "1.0",
        "complete": report.is_complete(),
        "drift": report.has_drift(),
        "objects": objects,
    })
}

fn object_json(found: &Found) -> Json {
    let mut object = json!({ "address": found.addr.to_string(), "type": &*found.addr.resource.ty });
    let more = match &found.status {
        Status::InSync => json!({ "status": "in_sync" }),
        Status::Drifted { changes } => json!({
            "status": "drifted",
            "changes": changes
                .iter()
                .map(|change| json!({ "path": change.path, "before": change.before, "after": change.after, "notes": change.notes }))
                .collect::<Vec<_>>(),
        }),
        Status::Deleted => json!({ "status": "deleted" }),
        Status::PendingDeletion { days, date } => {
            json!({ "status": "pending_deletion", "days_left": days, "date": date })
        }
        Status::Unreadable { why } => json!({ "status": "unreadable", "message": why }),
    };
    if let (Some(object), Json::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}
