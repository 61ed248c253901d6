//! Credential processes: programs that print credentials.
//!
//! They start without a shell, see the environment without the keys of states and plans, and do not outlive our interest in them.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::sync::oneshot;

use super::Environment;
use super::json::excerpt;

/// How much a process may write.
const OUTPUT_LIMIT: u64 = 64 << 10;
/// How often we look whether a process has ended.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What a command line prints, or in words why it gave nothing. What it printed is in no message: it may be secret.
pub async fn output(command: &str, environment: &Environment, limit: Duration) -> Result<Vec<u8>, String> {
    let words = words(command).ok_or("The command has a quote that does not end")?;
    let Some((program, arguments)) = words.split_first() else {
        return Err("The command is empty".to_owned());
    };
    let child = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(environment.for_children())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{program} did not start: {error}"))?;
    tokio::time::timeout(limit, finish(Running(child)))
        .await
        .unwrap_or_else(|_| Err(format!("took longer than {} seconds", limit.as_secs())))
        .map_err(|why| format!("{program} {why}"))
}

/// Why a command is not run that stands in a file which everybody may write; completes "gave no credentials:".
pub fn kept_from(property: &str, path: &str) -> String {
    format!(
        "its {property} was not run, because everybody on this machine can change {path} or its folder, and so say what is run. Take that right away (chmod go-w), or name a copy that only you can write"
    )
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
    async fn ended(&mut self) -> Result<ExitStatus, String> {
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) => tokio::time::sleep(LOOK_EVERY).await,
                Err(error) => return Err(format!("could not be waited for: {error}")),
            }
        }
    }
}

async fn finish(mut running: Running) -> Result<Vec<u8>, String> {
    let (Some(output), Some(complaint)) = (running.0.stdout.take(), running.0.stderr.take()) else {
        return Err("has no output".to_owned());
    };
    let (output, complaint) = (gather(output), gather(complaint));
    let text = output.await.map_err(|_| "could not be read".to_owned())?;
    if text.len() as u64 > OUTPUT_LIMIT {
        return Err("wrote too much".to_owned());
    }
    let status = running.ended().await?;
    if status.success() {
        return Ok(text);
    }
    let complaint = complaint.await.unwrap_or_default();
    Err(format!("failed ({status}): {}", excerpt(&complaint)))
}

/// Reads to the end, or one byte more than the limit. The thread is none of the runtime's own: those would be waited
/// for when it ends, however long the process hangs.
fn gather(pipe: impl Read + Send + 'static) -> oneshot::Receiver<Vec<u8>> {
    let (send, receive) = oneshot::channel();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        if pipe.take(OUTPUT_LIMIT + 1).read_to_end(&mut text).is_ok() {
            let _ = send.send(text);
        }
    });
    receive
}

/// The words of a command line, by a shell's rules for quotes and backslashes and by no others; none where a quote
/// does not end.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = line.chars();
    while let Some(char) = rest.next() {
        match (quote, char) {
            (Some(open), _) if open == char => quote = None,
            (None, '"' | '\'') => {
                quote = Some(char);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') if cfg!(unix) => word.get_or_insert_default().extend(rest.next()),
            (None, _) if char.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(char),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds::stub;

    #[track_caller]
    fn check(line: &str, expected: Option<&[&str]>) {
        let expected = expected.map(|words| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(words(line), expected);
    }

    #[test]
    fn quotes_keep_words_together() {
        check(
            r#""/opt/my tools/p.sh" --x  'a "b"' "" c\ d"#,
            Some(&["/opt/my tools/p.sh", "--x", r#"a "b""#, "", "c d"]),
        );
        check("", Some(&[]));
        check("a 'b", None);
    }

    /// What a shell script prints within so many milliseconds, or how the reason ends.
    #[track_caller]
    fn check_script(script: &str, limit: u64, expected: Result<&str, &str>) {
        let environment = stub::environment(&[
            ("PATH", "/usr/bin:/bin"),
            ("NAME", "value"),
            ("KEYFORM_PLAN_KEY", "ours alone"),
            ("TF_ENCRYPTION", "ours alone"),
        ]);
        let command = format!("sh -c '{script}'");
        let found = stub::run(output(&command, &environment, Duration::from_millis(limit)));
        match (found, expected) {
            (Ok(text), Ok(expected)) => assert_eq!(String::from_utf8_lossy(&text), expected),
            (Err(why), Err(expected)) => assert!(why.ends_with(expected), "{why}"),
            (found, _) => panic!("{found:?}"),
        }
    }

    #[test]
    fn a_process_sees_the_environment_and_nothing_else() {
        check_script(
            "env | grep -v -e ^PWD -e ^_ -e ^SHLVL | sort",
            60_000,
            Ok("NAME=value\nPATH=/usr/bin:/bin\n"),
        );
    }

    #[test]
    fn a_process_that_does_not_end_is_not_waited_for() {
        check_script("exec sleep 100", 100, Err("took longer than 0 seconds"));
        check_script(
            "echo done; exec >&- 2>&-; exec sleep 100",
            100,
            Err("took longer than 0 seconds"),
        );
    }

    #[test]
    fn a_failure_says_why() {
        check_script(
            "echo secret; echo no such account >&2; exit 3",
            60_000,
            Err("failed (exit status: 3): no such account"),
        );
    }

    #[test]
    fn endless_output_is_cut_off() {
        check_script("yes", 60_000, Err("wrote too much"));
    }
}
