//! A line typed at the terminal that does not show.

use std::io::{self, BufRead};

use rustix::process::{Signal, getpid, kill_process};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// A terminal that shows nothing of what is typed. It hands on every key at once, so that an interrupt can put it
/// back before it ends the program.
pub struct Hidden(Termios);

impl Hidden {
    /// From here on nothing shows: to be called before the question is put.
    pub fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut hidden = before.clone();
        hidden.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
        tcsetattr(io::stdin(), OptionalActions::Now, &hidden)?;
        Ok(Self(before))
    }

    /// Reads a line; none at the end of the input.
    pub fn read_line(self) -> Option<String> {
        let typed = keys(io::stdin().lock());
        drop(self);
        match typed {
            Typed::Line(line) => Some(line),
            Typed::Nothing => None,
            Typed::Interrupted => {
                let _ = kill_process(getpid(), Signal::INT);
                None
            }
        }
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // There is nobody to tell, and nothing else to try.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// How a line of keys ended.
#[derive(Debug, PartialEq, Eq)]
enum Typed {
    Line(String),
    Nothing,
    Interrupted,
}

/// Puts a line together from single keys.
fn keys(input: impl BufRead) -> Typed {
    let mut line: Vec<u8> = Vec::new();
    for byte in input.bytes() {
        match byte {
            Ok(b'\n' | b'\r') => return Typed::Line(String::from_utf8_lossy(&line).into_owned()),
            Ok(0x03) => return Typed::Interrupted,
            Ok(0x04) if line.is_empty() => return Typed::Nothing,
            Ok(0x08 | 0x7f) => erase(&mut line),
            // Ctrl-U takes all of it back.
            Ok(0x15) => line.clear(),
            Ok(byte) => line.push(byte),
            Err(_) => return Typed::Nothing,
        }
    }
    Typed::Nothing
}

/// Takes the last character away, with all its bytes.
fn erase(line: &mut Vec<u8>) {
    while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
}

#[cfg(test)]
mod tests {
    use super::{Typed, keys};

    #[track_caller]
    fn check(typed: &str, expected: &Typed) {
        assert_eq!(&keys(typed.as_bytes()), expected);
    }

    #[test]
    fn keys_become_a_line() {
        check("abc\nrest", &Typed::Line("abc".into()));
        check("a\u{e9}\u{7f}b\r", &Typed::Line("ab".into()));
        check("\u{7f}wrong\u{15}right\n", &Typed::Line("right".into()));
        check("\u{4}", &Typed::Nothing);
        check("ab", &Typed::Nothing);
        check("ab\u{3}\n", &Typed::Interrupted);
    }
}
