//! The console: at a terminal that somebody types on, and with a pipe beside Terraform's.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use fs_err as fs;

use crate::program;

/// A console at a terminal.
struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    screen: Receiver<Vec<u8>>,
    /// What was shown and not waited for yet.
    shown: String,
}

impl Terminal {
    /// Starts one in a folder; none, and said so, where nothing can play a terminal.
    fn open(folder: &std::path::Path, history: Option<&str>) -> Option<Self> {
        if !program::is_installed("script", "--version") {
            eprintln!("SKIPPED: there is no script to play a terminal, so nobody typed into the console");
            return None;
        }
        let mut script = program::start("script", folder);
        let command = format!("exec {} console -no-color", env!("CARGO_BIN_EXE_keyform"));
        script.args(["-qec", &command, "/dev/null"]).stdin(Stdio::piped());
        script.env("TERM", "xterm");
        script.envs(history.map(|path| ("KEYFORM_CONSOLE_HISTORY", path)));
        let mut child = script.spawn().unwrap();
        let keyboard = child.stdin.take().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let (send, screen) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = stdout.read(&mut buffer) {
                if send.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        let shown = String::new();
        let mut terminal = Self {
            child,
            keyboard,
            screen,
            shown,
        };
        terminal.waits_for("\u{1b}[K> ");
        Some(terminal)
    }

    /// Waits until this is shown, and gives what was shown before it.
    #[track_caller]
    fn waits_for(&mut self, text: &str) -> String {
        loop {
            if let Some((before, after)) = self.shown.split_once(text) {
                let (before, after) = (before.to_owned(), after.to_owned());
                self.shown = after;
                return before;
            }
            match self.screen.recv_timeout(Duration::from_secs(20)) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(error) => panic!("{text:?} was never shown ({error}), but {:?}", self.shown),
            }
        }
    }

    /// Types something, and waits until this is shown and the prompt after it.
    #[track_caller]
    fn types(&mut self, keys: &str, shows: &str, prompt: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.waits_for(shows);
        // Drawn anew at the start of the line: nothing else looks like that.
        self.waits_for(&format!("\u{1b}[K{prompt}"));
    }

    /// Types something that ends it, without a failure.
    #[track_caller]
    fn leaves(mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        // What plays the terminal ends when nothing can be typed any more.
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn lines_are_edited_and_called_back() {
    let (_home, folder) = program::folder();
    let Some(mut terminal) = Terminal::open(&folder, None) else {
        return;
    };
    // The last character goes, another comes at the start of the line.
    terminal.types("1 + 23\u{7f}\u{1}4\r", "\r\n43\r\n", "> ");
    // Up and up again.
    terminal.types("\"x\"\r", "\r\n\"x\"\r\n", "> ");
    terminal.types("\u{1b}[A\u{1b}[A\r", "\r\n43\r\n", "> ");
    terminal.types("1 +\r", "Error: Invalid expression", "> ");
    terminal.types("\r", "\r\n", "> ");
    terminal.types("help\r", "Control-D", "> ");
    terminal.leaves("\u{4}");
    // Nothing is remembered beyond the run.
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn what_is_open_goes_on_in_the_next_line() {
    let (_home, folder) = program::folder();
    let Some(mut terminal) = Terminal::open(&folder, None) else {
        return;
    };
    terminal.types("[upper(\r", "\r\n", ": ");
    terminal.types("\"a\"\r", "\r\n", ": ");
    terminal.types("), 2]\r", "\r\n  \"A\",\r\n", "> ");
    terminal.types("<<-E\r", "\r\n", ": ");
    terminal.types("  (one\r", "\r\n", ": ");
    terminal.types("E\r", "\r\n(one\r\n", "> ");
    // An empty line ends it, whole or not.
    terminal.types("[1,\r", "\r\n", ": ");
    terminal.types("\r", "Error: ", "> ");
    // The whole expression comes back, not its last line.
    terminal.types("\u{1b}[A\u{1b}[A\r", "\r\n(one\r\n", "> ");
    terminal.leaves("exit\r");
}

#[test]
fn control_c_gives_up_what_was_typed_and_nothing_else() {
    let (_home, folder) = program::folder();
    let Some(mut terminal) = Terminal::open(&folder, None) else {
        return;
    };
    terminal.types("nothing.\u{3}", "Control-C again", "> ");
    terminal.types("1\r", "\r\n1\r\n", "> ");
    terminal.types("{\r", "\r\n", ": ");
    terminal.types("a = 1\u{3}", "multi-line entry canceled", "> ");
    terminal.types("2\r", "\r\n2\r\n", "> ");
    terminal.types("\u{3}", "Control-C again", "> ");
    terminal.leaves("\u{3}");
}

#[test]
fn a_history_is_kept_where_a_file_is_named() {
    use std::os::unix::fs::PermissionsExt as _;

    let (_home, folder) = program::folder();
    let Some(mut terminal) = Terminal::open(&folder, Some("typed")) else {
        return;
    };
    terminal.types("6 * 7\r", "\r\n42\r\n", "> ");
    terminal.leaves("\u{4}");
    let mode = fs::metadata(folder.join("typed")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut terminal = Terminal::open(&folder, Some("typed")).unwrap();
    terminal.types("\u{1b}[A\r", "\r\n42\r\n", "> ");
    terminal.leaves("\u{4}");
    // Where it cannot be kept, that is said once, and all else works.
    let mut terminal = Terminal::open(&folder, Some("none/typed")).unwrap();
    terminal.types("6 * 7\r", "KEYFORM_CONSOLE_HISTORY", "> ");
    terminal.keyboard.write_all(b"6 * 8\r").unwrap();
    let between = terminal.waits_for("\r\n48\r\n");
    assert!(!between.contains("KEYFORM"), "{between}");
    // What is typed before the prompt is there may get lost.
    terminal.waits_for("\u{1b}[K> ");
    terminal.leaves("\u{4}");
}

/// What a console makes of lines: its result and exit code.
fn piped(mut command: Command, lines: &str) -> (String, Option<i32>) {
    let mut child = command.arg("console").stdin(Stdio::piped()).spawn().unwrap();
    // Who ends at the first error reads no further.
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
    let output = child.wait_with_output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[test]
fn a_pipe_gives_what_it_gives_in_terraform() {
    let (_home, folder) = program::folder();
    fs::write(folder.join("main.tf"), "locals {\n  a = [1]\n}\n").unwrap();
    let lines = [
        "",
        "\n",
        " \n",
        "1 + 1",
        "1 + 1\n",
        "  1 + 1  \n2\n",
        "1\n\n",
        "1\n\n\n3",
        "1\r\n2\r\n",
        "1\n1 +\n5\n",
        "1\nlocal.b\n5\n",
        "# only a comment\n",
        "1 # (\n",
        "/* [ */ 2\n",
        "local.a\n",
        "exit\n1\n",
        "1\nexit \n2\n",
        "1\nquit\n",
        "]\n1\n",
        "(]\n)\n",
        "\"a\n1\n",
        "'('\n4\n",
        "\"\\\"(\"\n",
        "\"${upper(\"(\")}\"\n",
        "type(local.a)\n",
        "type()\n",
        "[type(1)]\n",
        "sensitive(1)\n",
    ];
    for text in lines {
        let Some(terraform) = program::terraform(&folder) else {
            return;
        };
        let theirs = piped(terraform, text);
        assert_eq!(piped(program::keyform(&folder), text), theirs, "{text:?}");
    }
}

#[test]
fn an_expression_that_never_ends_is_refused() {
    let (_home, folder) = program::folder();
    let mut shell = program::start("sh", &folder);
    shell
        .args(["-c", "head -c 30000000 /dev/zero | tr '\\0' x | $keyform console"])
        .env("keyform", env!("CARGO_BIN_EXE_keyform"));
    let output = shell.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("Expression too long"), "{stderr}");
}
