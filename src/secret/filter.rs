//! A stream of texts without the secrets that are known, wherever it is cut into pieces.

use std::borrow::Cow;

use super::{MET, masked};

/// What passes one way out.
#[derive(Debug, Default)]
pub struct Filter {
    /// The end of what came, with which a secret may begin.
    held: String,
    /// How much was held when it was looked through last.
    seen: usize,
}

/// What is held longer is not looked through anew for every few bytes more.
const LONG: usize = 4 * 1024;

impl Filter {
    /// What may be written once this text has come.
    pub fn pass<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        if self.held.is_empty() && !super::any() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(self.passed(text))
    }

    fn passed(&mut self, text: &str) -> String {
        self.held.push_str(text);
        if self.seen > LONG && self.held.len() < self.seen + self.seen / 4 {
            return String::new();
        }
        let passed = self.looked_through();
        self.seen = self.held.len();
        passed
    }

    fn looked_through(&mut self) -> String {
        MET.with_borrow(|met| {
            let found = met.find(&self.held);
            let mut end = met.open_end(&self.held);
            // A secret that ends inside of what may be the beginning of another one waits with it.
            while let Some(across) = found.iter().find(|range| range.start < end && end < range.end) {
                end = across.start;
            }
            let passed: Vec<_> = found.into_iter().take_while(|range| range.end <= end).collect();
            let rest = self.held.split_off(end);
            let whole = std::mem::replace(&mut self.held, rest);
            masked(&whole, &passed)
        })
    }

    /// What was held back: nothing more comes that belongs to it.
    pub fn rest(&mut self) -> String {
        self.seen = 0;
        super::hidden(&std::mem::take(&mut self.held)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{MASK, meet};

    #[track_caller]
    fn check(pieces: &[&str], expected: &str) {
        let mut filter = Filter::default();
        let mut all: String = pieces.iter().map(|piece| filter.pass(piece)).collect();
        all.push_str(&filter.rest());
        assert_eq!(all, expected, "{pieces:?}");
    }

    #[test]
    fn a_secret_is_found_wherever_it_is_cut() {
        meet("hunter2-\u{e9}-hunter2");
        let text = "say hunter2-\u{e9}-hunter2 twice: hunter2-\u{e9}-hunter2";
        let hidden = format!("say {MASK} twice: {MASK}");
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            check(&[&text[..at], &text[at..]], &hidden);
        }
        let single: Vec<String> = text.chars().map(String::from).collect();
        let single: Vec<&str> = single.iter().map(String::as_str).collect();
        check(&single, &hidden);
    }

    #[test]
    fn what_only_begins_like_a_secret_passes() {
        meet("hunter2-hunter2");
        check(&["a hunter2-", "hunter3"], "a hunter2-hunter3");
        check(&["a hunt"], "a hunt");
        let mut filter = Filter::default();
        assert_eq!(filter.pass("a hunter2-hunt"), "a ");
        assert_eq!(filter.pass("\nand"), "hunter2-hunt\nand");
    }

    #[test]
    fn a_secret_that_may_go_on_waits() {
        meet("password1");
        meet("password1234");
        check(&["password1", "234!"], &format!("{MASK}!"));
        check(&["password1", "235"], &format!("{MASK}235"));
    }
}
