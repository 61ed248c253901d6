//! The only place that prints: results on stdout, talk and diagnostics on stderr, questions on the terminal.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, IsTerminal as _, Write};

use anstream::ColorChoice;

use super::discreet::{discreet, discreet_json};
use super::environment::Environment;
use super::hidden::Hidden;
use crate::config::Variable;
use crate::diag::{self, Diagnostics, Sources, Style, is_treacherous};
use crate::secret::Filter;

/// The user's terminal, or what stands in its place.
#[derive(Debug)]
pub struct Ui {
    /// Every text read in this run: diagnostics show excerpts.
    pub sources: Sources,
    out: Stream,
    err: Stream,
    /// Questions may be asked.
    interactive: bool,
    /// Warnings are told by their summaries only.
    compact_warnings: bool,
    /// The last thing said was a diagnostic: the next one stands apart.
    told: bool,
}

/// One way out.
#[derive(Debug)]
struct Stream {
    colour: bool,
    terminal: bool,
    width: Option<u16>,
    /// The last thing between the run and who reads it: no secret passes.
    filter: Filter,
    /// Nobody reads any more, or the disk behind it is full.
    failed: Option<io::ErrorKind>,
}

impl Ui {
    /// The terminal of this process. `colour` is what the command line asks for.
    pub fn new(colour: Option<bool>, environment: &Environment) -> Self {
        let terminal = (io::stdout().is_terminal(), io::stderr().is_terminal());
        let chosen = |terminal: bool, stream: ColorChoice| match colour {
            Some(colour) => colour,
            None if environment.get("TERM") == Some("dumb") && !forced(environment) => false,
            None => match stream {
                ColorChoice::Always | ColorChoice::AlwaysAnsi => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => terminal,
            },
        };
        Self {
            sources: Sources::new(),
            out: Stream {
                colour: chosen(terminal.0, anstream::AutoStream::choice(&io::stdout())),
                terminal: terminal.0,
                width: width(io::stdout(), environment),
                filter: Filter::default(),
                failed: None,
            },
            err: Stream {
                colour: chosen(terminal.1, anstream::AutoStream::choice(&io::stderr())),
                terminal: terminal.1,
                width: width(io::stderr(), environment),
                filter: Filter::default(),
                failed: None,
            },
            interactive: io::stdin().is_terminal() && !refused(environment),
            compact_warnings: false,
            told: false,
        }
    }

    /// Warnings by their summaries only from now on (`-compact-warnings`).
    pub fn set_compact_warnings(&mut self, compact: bool) {
        self.compact_warnings = compact;
    }

    /// No questions from now on (`-input=false`).
    pub fn refuse_questions(&mut self) {
        self.interactive = false;
    }

    /// Whether a question could be answered.
    pub fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Whether results may have colours.
    pub fn colour(&self) -> bool {
        self.out.colour
    }

    /// Whether somebody watches stderr: progress may be drawn there.
    pub fn is_watched(&self) -> bool {
        self.err.terminal
    }

    /// Whether results go to a terminal.
    pub fn shows_results_on_terminal(&self) -> bool {
        self.out.terminal
    }

    /// The columns of the terminal that results go to.
    pub fn width(&self) -> Option<u16> {
        self.out.width
    }

    /// Writes a result that has colours, if they were asked for with `colour`, and no others than those of plans.
    pub fn styled(&mut self, text: &str) {
        let colour = self.out.colour;
        self.out
            .write(&mut io::stdout().lock(), text, |text| tame(text, colour));
    }

    /// Writes a JSON text as a line of the result. What a terminal would obey or hide stands in strings only, and
    /// is written as JSON writes it.
    pub fn json(&mut self, text: &str) {
        let discreet = discreet_json(text);
        self.data(&escaped_json(&discreet));
        self.data("\n");
    }

    /// Writes, byte by byte, what was asked for with all its secrets: `output NAME`, `output -json` and `-raw`,
    /// `show -json`, `state pull`. Terraform prints them there, scripts live on it, and who reads them has the state anyway.
    pub fn entrusted(&mut self, text: &str) {
        self.flush();
        self.out.put(&mut io::stdout().lock(), text);
    }

    /// The same of JSON that ends its last line itself.
    pub fn entrusted_text(&mut self, text: &str) {
        self.entrusted(&escaped_json(text));
    }

    /// The same as a JSON text in a line.
    pub fn entrusted_json(&mut self, text: &str) {
        self.entrusted_text(text);
        self.entrusted("\n");
    }

    /// Writes a result without adding a line end.
    pub fn result(&mut self, text: &str) {
        self.out
            .write(&mut io::stdout().lock(), text, |text| tame(text, false));
    }

    /// Writes a result for programs, byte by byte as it is.
    pub fn data(&mut self, text: &str) {
        self.out
            .write(&mut io::stdout().lock(), text, |text| Cow::Borrowed(text));
    }

    /// Writes a line of a result.
    pub fn line(&mut self, text: &str) {
        self.result(&format!("{text}\n"));
    }

    /// Says something beside the result.
    pub fn talk(&mut self, text: &str) {
        self.told = false;
        self.say(&format!("{text}\n"));
    }

    fn say(&mut self, text: &str) {
        self.err
            .write(&mut io::stderr().lock(), text, |text| tame(text, false));
    }

    /// Writes what may be the beginning of a secret, because somebody waits for it.
    pub fn flush(&mut self) {
        self.out.flush(&mut io::stdout().lock());
        self.err.flush(&mut io::stderr().lock());
    }

    /// Tells what is wrong.
    pub fn diagnostics(&mut self, problems: &Diagnostics) {
        if problems.is_empty() {
            return;
        }
        let style = Style {
            colour: self.err.colour,
            width: self.err.width,
        };
        // Lines are broken and cut before the filter of the stream sees them.
        let (problems, sources) = &discreet(problems, &self.sources);
        let mut text = if self.compact_warnings && !problems.has_errors() {
            diag::render_summaries(problems, sources)
        } else {
            diag::render(problems, sources, style)
        };
        if std::mem::replace(&mut self.told, true) {
            text.insert(0, '\n');
        }
        let colour = self.err.colour;
        self.err
            .write(&mut io::stderr().lock(), &text, |text| tame(text, colour));
    }

    /// Tells what is no error, and returns the errors as such.
    pub fn warn_or<T>(&mut self, problems: Diagnostics, value: T) -> diag::Result<T> {
        if problems.has_errors() {
            return Err(problems);
        }
        self.diagnostics(&problems);
        Ok(value)
    }

    /// Asks for a line of text; none when nobody can answer.
    pub fn ask(&mut self, question: &str) -> Option<String> {
        if !self.interactive {
            return None;
        }
        self.say(question);
        self.flush();
        read_line()
    }

    /// Asks for the word `yes`; anything else means no.
    pub fn confirm(&mut self, heading: &str, explanation: &str) -> bool {
        self.confirm_by(heading, explanation, read_line)
    }

    /// The same, with a way of one's own to wait for the line.
    pub fn confirm_by(
        &mut self,
        heading: &str,
        explanation: &str,
        read: impl FnOnce() -> Option<String>,
    ) -> bool {
        self.asks_for("yes", heading, explanation, read)
    }

    /// Asks for a certain answer. Without somebody to ask it is not given.
    pub fn asks_for(
        &mut self,
        wanted: &str,
        heading: &str,
        explanation: &str,
        read: impl FnOnce() -> Option<String>,
    ) -> bool {
        if !self.interactive {
            return false;
        }
        let question = format!("\n{heading}\n{}\n\n  Enter a value: ", indent(explanation));
        self.say(&question);
        self.flush();
        let answer = read();
        self.talk("");
        answer.is_some_and(|answer| answer.trim() == wanted)
    }

    /// Asks for the value of a variable. A sensitive one does not show while it is typed.
    pub fn ask_variable(&mut self, variable: &Variable) -> Option<String> {
        if !self.interactive {
            return None;
        }
        let name = &variable.name;
        let description = variable.description.as_deref();
        let description = description.map_or(String::new(), |text| format!("{}\n\n", indent(text)));
        let question = format!("var.{name}\n{description}  Enter a value: ");
        let answer = if variable.sensitive {
            // What a terminal would show is not asked for.
            let hidden = Hidden::begin().ok()?;
            self.say(&question);
            self.flush();
            let answer = hidden.read_line();
            self.talk("");
            answer
        } else {
            self.ask(&question)
        };
        self.talk("");
        answer
    }

    /// Whether everything came through. A reader that went away has seen what it wanted, which is no failure.
    pub fn finish(&mut self) -> bool {
        self.flush();
        let flushed = io::stdout().lock().flush();
        if let Err(error) = flushed {
            self.out.failed.get_or_insert(error.kind());
        }
        match self.out.failed {
            None | Some(io::ErrorKind::BrokenPipe) => true,
            Some(kind) => {
                self.talk(&format!("The result could not be written: {kind}"));
                self.flush();
                false
            }
        }
    }
}

impl Stream {
    /// Writes a text without its secrets, tamed as it has to be here.
    fn write(&mut self, to: &mut dyn Write, text: &str, tamed: impl Fn(&str) -> Cow<'_, str>) {
        let text = self.filter.pass(text);
        self.put(to, &tamed(&text));
    }

    /// Writes what the filter holds back.
    fn flush(&mut self, to: &mut dyn Write) {
        let rest = self.filter.rest();
        if !rest.is_empty() {
            self.put(to, &tame(&rest, false));
        }
    }

    fn put(&mut self, to: &mut dyn Write, text: &str) {
        if self.failed.is_none()
            && let Err(error) = to.write_all(text.as_bytes()).and_then(|()| to.flush())
        {
            self.failed = Some(error.kind());
        }
    }
}

/// A line from the keyboard; none when it ends.
pub fn read_line() -> Option<String> {
    let mut answer = String::new();
    match io::stdin().lock().read_line(&mut answer) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(answer.trim_end_matches(['\n', '\r']).to_owned()),
    }
}

/// Whether the text is lines of printable ASCII and nothing else. Most texts are; this looks at many bytes at once.
fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| (byte == b'\n') | (byte.wrapping_sub(b' ') < 0x5f);
    let chunks = text.as_bytes().chunks(1 << 12);
    chunks
        .into_iter()
        .all(|chunk| chunk.iter().fold(true, |all, &byte| all & plain(byte)))
}

/// A JSON text with everything escaped that a terminal would obey or hide.
fn escaped_json(text: &str) -> Cow<'_, str> {
    let wild = |c: char| c != '\n' && is_treacherous(c);
    if is_plain(text) || !text.contains(wild) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if wild(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// The text with everything escaped that a terminal would obey or hide, but for line ends, tabs and, where they
/// are wanted, the colours of our own texts.
pub fn tame(text: &str, colour: bool) -> Cow<'_, str> {
    let wild = |c: char| !matches!(c, '\n' | '\t') && is_treacherous(c);
    if is_plain(text) || !text.contains(wild) {
        return Cow::Borrowed(text);
    }
    let mut tame = String::with_capacity(text.len());
    let mut rest = text;
    let mut last = ' ';
    while let Some(c) = rest.chars().next() {
        let taken = match colours(rest).filter(|_| colour) {
            Some(length) => length,
            None => c.len_utf8(),
        };
        if wild(c) && taken == c.len_utf8() && !joins(last, rest) {
            tame.extend(c.escape_unicode());
        } else {
            tame.push_str(&rest[..taken]);
        }
        rest = &rest[taken..];
        last = c;
    }
    Cow::Owned(tame)
}

/// Whether the text begins with the joiner between two pictures that show as one: a family, a flag.
fn joins(last: char, text: &str) -> bool {
    let is_picture = |c: char| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}');
    let follows = |c: char| is_picture(c) || c == '\u{fe0f}';
    text.strip_prefix('\u{200d}')
        .is_some_and(|rest| follows(last) && rest.starts_with(is_picture))
}

/// The length of the escape sequence for a colour that the text starts with.
fn colours(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    // Bold, and colours of letters; nothing that hides them.
    let ours = |code: &str| {
        matches!(code, "0" | "1" | "31" | "32" | "33" | "34" | "35" | "36")
            || matches!(code.as_bytes(), [b'9', b'0'..=b'6'])
    };
    let harmless = parameters[..end].split(';').all(ours);
    (harmless && parameters[end..].starts_with('m')).then_some(end + 3)
}

fn indent(text: &str) -> String {
    text.lines()
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn forced(environment: &Environment) -> bool {
    environment
        .get("CLICOLOR_FORCE")
        .is_some_and(|value| value != "0")
}

/// `TF_INPUT=0` or `false`: no questions.
fn refused(environment: &Environment) -> bool {
    matches!(
        environment.option("INPUT"),
        Some("0" | "f" | "F" | "false" | "False" | "FALSE")
    )
}

fn width(stream: impl rustix::fd::AsFd, environment: &Environment) -> Option<u16> {
    match rustix::termios::tcgetwinsize(stream) {
        Ok(size) if size.ws_col > 0 => Some(size.ws_col),
        _ => environment
            .get("COLUMNS")
            .and_then(|columns| columns.parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, plain: &str, coloured: &str) {
        assert_eq!(tame(text, false), plain);
        assert_eq!(tame(text, true), coloured);
    }

    #[test]
    fn nothing_moves_the_cursor_or_hides_text() {
        check("a\tb\nc", "a\tb\nc", "a\tb\nc");
        check(
            "\r\u{9b}2J\u{202e}",
            "\\u{d}\\u{9b}2J\\u{202e}",
            "\\u{d}\\u{9b}2J\\u{202e}",
        );
        check(
            "\u{1b}]52;c;x\u{7}",
            "\\u{1b}]52;c;x\\u{7}",
            "\\u{1b}]52;c;x\\u{7}",
        );
    }

    #[test]
    fn pictures_stay_joined() {
        let family = "👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥";
        check(family, family, family);
        check(
            "a\u{200d}👩 👩\u{200d}a \u{200d}👩",
            "a\\u{200d}👩 👩\\u{200d}a \\u{200d}👩",
            "a\\u{200d}👩 👩\\u{200d}a \\u{200d}👩",
        );
    }

    #[test]
    fn colours_stay_where_they_are_wanted() {
        check(
            "\u{1b}[1;31mx\u{1b}[0m",
            "\\u{1b}[1;31mx\\u{1b}[0m",
            "\u{1b}[1;31mx\u{1b}[0m",
        );
        check("\u{1b}[2J\u{1b}[", "\\u{1b}[2J\\u{1b}[", "\\u{1b}[2J\\u{1b}[");
        check("\u{1b}[8mx", "\\u{1b}[8mx", "\\u{1b}[8mx");
        check("\u{1b}[1;40;30m", "\\u{1b}[1;40;30m", "\\u{1b}[1;40;30m");
    }

    #[test]
    fn json_stays_json() {
        let value = serde_json::json!({"a": ["\u{7f}\u{200d}\u{feff}\u{e0001}\u{1b}[0m\n", "\u{e9}"]});
        let text = format!("{value:#}");
        let escaped = escaped_json(&text);
        assert!(!escaped.contains(|c| c != '\n' && is_treacherous(c)));
        assert!(escaped.contains('\u{e9}'));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&escaped).unwrap(),
            value
        );
    }
}
