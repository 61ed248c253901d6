//! Commands of provisioners: run with the environment of the run, but for the keys of states and plans, heard line by
//! line, ended with the run.

use std::io::{self, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::clouds;
use crate::resource::operate::Process;

/// How often we look whether a process has ended.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How long we listen to what a process has left running behind it.
const AFTERWARDS: Duration = Duration::from_secs(1);
/// How many lines may wait to be told: a command that prints more waits.
const LINES_AHEAD: usize = 256;
/// A longer line is told in pieces.
const LONGEST_LINE: usize = 64 << 10;

/// See [`crate::resource::operate::Machine::run`].
pub async fn run(
    process: &Process,
    environment: &clouds::Environment,
    told: &dyn Fn(&str),
) -> Result<(), String> {
    let (mut child, mut lines) = start(process, environment).map_err(|error| super::disk::reason(&error))?;
    let status = loop {
        tokio::select! {
            biased;
            Some(line) = lines.recv() => told(&line),
            () = tokio::time::sleep(LOOK_EVERY) => {
                if let Some(status) = child.ended()? {
                    break status;
                }
            }
        }
    };
    let rest = async {
        while let Some(line) = lines.recv().await {
            told(&line);
        }
    };
    // Whatever still holds the output open does not hold us up.
    let _ = tokio::time::timeout(AFTERWARDS, rest).await;
    if status.success() {
        return Ok(());
    }
    Err(status
        .code()
        .map_or_else(|| status.to_string(), |code| format!("exit status {code}")))
}

/// A process that is killed when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(Some(_))) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

impl Running {
    fn ended(&mut self) -> Result<Option<ExitStatus>, String> {
        self.0
            .try_wait()
            .map_err(|error| format!("it could not be waited for: {error}"))
    }
}

fn start(process: &Process, environment: &clouds::Environment) -> io::Result<(Running, Receiver<String>)> {
    let (output, input) = io::pipe()?;
    let Some((program, arguments)) = process.words.split_first() else {
        return Err(io::Error::other("the command is empty"));
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(environment.for_children())
        .envs(process.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(input.try_clone()?)
        .stderr(input);
    if let Some(folder) = &process.working_dir {
        command.current_dir(folder);
    }
    let child = Running(command.spawn()?);
    // The command holds the writing ends of the pipe: with it goes what we hold of them.
    drop(command);
    let (sender, receiver) = channel(LINES_AHEAD);
    std::thread::spawn(move || listen(output, &sender));
    Ok((child, receiver))
}

/// Tells every line, until nobody writes or nobody listens any more.
fn listen(mut output: io::PipeReader, sender: &Sender<String>) {
    let mut line = Vec::new();
    let mut piece = [0; 4096];
    let tell = |line: &mut Vec<u8>| {
        let text = String::from_utf8_lossy(line).into_owned();
        line.clear();
        sender.blocking_send(text).is_ok()
    };
    while let Ok(read @ 1..) = output.read(&mut piece) {
        for &byte in &piece[..read] {
            let ends = byte == b'\n';
            if !ends && byte != b'\r' {
                line.push(byte);
            }
            if (ends || line.len() >= LONGEST_LINE) && !tell(&mut line) {
                return;
            }
        }
    }
    if !line.is_empty() {
        tell(&mut line);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn run_now(words: &[&str], environment: &[(&str, &str)]) -> (Result<(), String>, Vec<String>) {
        let process = Process {
            words: words.iter().map(ToString::to_string).collect(),
            working_dir: Some("/".into()),
            environment: environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        let lines: RefCell<Vec<String>> = RefCell::default();
        let told = |line: &str| lines.borrow_mut().push(line.to_owned());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let result = runtime.block_on(run(&process, &clouds::Environment::default(), &told));
        (result, lines.into_inner())
    }

    #[test]
    fn lines_are_told_and_failures_are_named() {
        let script = "echo $A; pwd >&2; printf end; exit 3";
        let (result, lines) = run_now(&["/bin/sh", "-c", script], &[("A", "b")]);
        assert_eq!(lines, ["b", "/", "end"]);
        assert_eq!(result, Err("exit status 3".into()));
        assert_eq!(run_now(&["/bin/sh", "-c", "true"], &[]).0, Ok(()));
        assert!(run_now(&["/no/such/program"], &[]).0.is_err());
        assert!(run_now(&[], &[]).0.is_err());
    }

    #[test]
    fn a_line_without_end_is_told_in_pieces() {
        let script = "head -c 200000 /dev/zero | tr '\\0' a";
        let (result, lines) = run_now(&["/bin/sh", "-c", script], &[("PATH", "/usr/bin:/bin")]);
        assert_eq!(result, Ok(()));
        assert_eq!(lines.len(), 4);
    }
}
