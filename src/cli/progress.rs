//! The lines that an apply prints as it goes, and on a terminal what runs right now.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::addr::InstanceAddr;
use crate::apply::{Doing, Progress, Report};
use crate::config::LOCAL_EXEC;
use crate::secret;
use crate::value::Text;

use super::log::{Level, Log};
use super::ui::{Ui, tame};

/// Prints a line for every beginning and end; on a terminal what runs stands below as live status.
pub struct Lines<'u> {
    ui: &'u mut Ui,
    log: &'u Log,
    live: Option<MultiProgress>,
    bars: BTreeMap<String, ProgressBar>,
}

impl<'u> Lines<'u> {
    pub fn new(ui: &'u mut Ui, log: &'u Log) -> Self {
        let live = (ui.is_watched() && ui.shows_results_on_terminal()).then(MultiProgress::new);
        Self {
            ui,
            log,
            live,
            bars: BTreeMap::new(),
        }
    }

    fn ended(&mut self, report: &Report, how: &str) {
        let name = name(&report.addr, report.deposed.as_ref());
        if let Some(bar) = self.bars.remove(&name) {
            bar.finish_and_clear();
        }
        let id = report.id.as_ref();
        let id = id.map_or(String::new(), |id| format!(" [id={}]", plain(id)));
        self.say(&format!("{name}: {} {how}{id}", done_word(report.doing)));
    }

    fn note(&self, level: Level, message: &'static str, name: &str, doing: Doing, elapsed: Duration) {
        let fields = [
            ("address", name.to_owned()),
            ("doing", doing_word(doing).to_lowercase()),
            ("duration_ms", elapsed.as_millis().to_string()),
        ];
        self.log.tell(level, message, &fields);
    }

    fn say(&mut self, line: &str) {
        match &self.live {
            // Taking the bars down while printing keeps them below the lines.
            Some(bars) => bars.suspend(|| self.ui.line(line)),
            None => self.ui.line(line),
        }
    }
}

impl Progress for Lines<'_> {
    fn started(&mut self, addr: &InstanceAddr, deposed: Option<&Text>, doing: Doing, id: Option<&str>) {
        let name = name(addr, deposed);
        self.note(Level::Info, "step begins", &name, doing, Duration::ZERO);
        let id = id.map_or(String::new(), |id| format!(" [id={}]", plain(id)));
        self.say(&format!("{name}: {}...{id}", doing_word(doing)));
        if let Some(live) = &self.live {
            let bar = live.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg} {elapsed}") {
                bar.set_style(style);
            }
            let message = format!("{name}: {}", doing_word(doing));
            bar.set_message(tame(&secret::hidden(&message), false).into_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            self.bars.insert(name, bar);
        }
    }

    fn still(&mut self, addr: &InstanceAddr, deposed: Option<&Text>, doing: Doing, elapsed: Duration) {
        if self.live.is_none() {
            let word = doing_word(doing).to_lowercase();
            self.say(&format!(
                "{}: Still {word}... [{}s elapsed]",
                name(addr, deposed),
                elapsed.as_secs()
            ));
        }
    }

    fn done(&mut self, report: &Report) {
        let name = name(&report.addr, report.deposed.as_ref());
        self.note(Level::Info, "step ends", &name, report.doing, report.elapsed);
        self.ended(report, &format!("complete after {}s", report.elapsed.as_secs()));
    }

    fn unrecorded(&mut self, report: &Report) {
        self.ended(report, "done, but not recorded");
    }

    fn failed(&mut self, addr: &InstanceAddr, deposed: Option<&Text>, doing: Doing, elapsed: Duration) {
        let name = name(addr, deposed);
        self.note(Level::Error, "step fails", &name, doing, elapsed);
        if let Some(bar) = self.bars.remove(&name) {
            bar.finish_and_clear();
        }
        self.say(&format!(
            "{name}: {} errored after {}s",
            done_word(doing),
            elapsed.as_secs()
        ));
    }

    fn provisioning(&mut self, addr: &InstanceAddr) {
        self.say(&format!("{addr}: Provisioning with '{LOCAL_EXEC}'..."));
    }

    fn said(&mut self, addr: &InstanceAddr, line: &str) {
        self.say(&format!("{addr} ({LOCAL_EXEC}): {line}"));
    }

    fn stopping(&mut self, running: usize, at_once: bool) {
        let text = if at_once {
            "\nTwo interrupts received. Stopping at once; what is known is being written to the state."
                .to_owned()
        } else {
            format!(
                "\nInterrupt received.\nFinishing the {running} operations under way and writing the state; nothing new is started.\nInterrupt again to stop at once."
            )
        };
        match &self.live {
            Some(live) => live.suspend(|| self.ui.talk(&text)),
            None => self.ui.talk(&text),
        }
    }
}

fn name(addr: &InstanceAddr, deposed: Option<&Text>) -> String {
    match deposed {
        Some(key) => format!("{addr} (deposed object {key})"),
        None => addr.to_string(),
    }
}

fn doing_word(doing: Doing) -> &'static str {
    match doing {
        Doing::Creating => "Creating",
        Doing::Modifying => "Modifying",
        Doing::Destroying => "Destroying",
        Doing::Disabling => "Disabling",
        Doing::Reading => "Reading",
        Doing::Listing => "Preparing",
        Doing::Opening => "Opening",
    }
}

fn done_word(doing: Doing) -> &'static str {
    match doing {
        Doing::Creating => "Creation",
        Doing::Modifying => "Modifications",
        Doing::Destroying => "Destruction",
        Doing::Disabling => "Disabling",
        Doing::Reading => "Read",
        Doing::Listing => "Preparation",
        Doing::Opening => "Opening",
    }
}

/// An id from outside, safe to print.
fn plain(id: &str) -> String {
    id.chars()
        .flat_map(|c| {
            if c.is_control() {
                c.escape_unicode().collect::<Vec<_>>()
            } else {
                vec![c]
            }
        })
        .collect()
}
