//! The secrets that this run has met, so that nothing prints them: a last filter behind the marks on values.
//!
//! Marks say which *value* is secret and spread with it. This register knows the *bytes*, wherever they turn up: in the
//! message of a cloud, in what a program says, in a text that was encoded on the way. It is the one thing that all
//! floors share, because it must know of a secret before anybody can print it; nothing but printing asks it, so no
//! decision hangs on it. It holds no secret itself, only lengths and keyed hashes, and belongs to one thread: the
//! one in which the engine thinks.
//!
//! Fewer than eight bytes are no secret that could be told from a word. What `nonsensitive` lets out is let out for
//! good.

mod filter;
mod forms;
mod index;
mod sums;

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;

pub use filter::Filter;
use index::Index;

/// What stands in the place of a secret.
pub const MASK: &str = "(sensitive value)";

/// Shorter texts are not looked for.
pub const SHORTEST: usize = 8;

thread_local! {
    static MET: RefCell<Index> = RefCell::default();
}

/// From now on no output of this thread shows the text.
pub fn meet(text: &str) {
    MET.with_borrow_mut(|met| met.add(text));
}

/// The text may be shown from now on, with all secrets that it holds.
pub fn release(text: &str) {
    MET.with_borrow_mut(|met| met.remove(text));
}

/// Whether there is anything to hide.
pub fn any() -> bool {
    MET.with_borrow(|met| !met.is_empty())
}

/// The text without the secrets that are known.
pub fn hidden(text: &str) -> Cow<'_, str> {
    let found = found(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(masked(text, &found))
}

/// The text with as many asterisks as the secrets in it have bytes, so that places in it stay where they are.
pub fn starred(text: &str) -> Cow<'_, str> {
    let found = found(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut starred = text.to_owned();
    for range in found {
        let kept = |c: char| {
            if c == '\n' {
                "\n".to_owned()
            } else {
                "*".repeat(c.len_utf8())
            }
        };
        let stars: String = text[range.clone()].chars().map(kept).collect();
        starred.replace_range(range, &stars);
    }
    Cow::Owned(starred)
}

fn found(text: &str) -> Vec<Range<usize>> {
    // It is lent to nobody but while it changes: then this is the last word of a program that fails there.
    MET.with(|met| met.try_borrow().map_or_else(|_| Vec::new(), |met| met.find(text)))
}

fn masked(text: &str, found: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for range in found {
        masked.push_str(&text[done..range.start]);
        masked.push_str(MASK);
        done = range.end;
    }
    masked.push_str(&text[done..]);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(hidden(text), expected);
        assert_eq!(starred(text).len(), text.len());
    }

    #[test]
    fn what_was_met_is_hidden_in_every_form() {
        // Bytes whose base64 has both characters in which its alphabets differ.
        meet("p\u{e5}ss?>~\"w\u{f6}rd\u{fb}");
        let text = "p\u{e5}ss?>~\"w\u{f6}rd\u{fb}";
        check(&format!("a {text} b"), "a (sensitive value) b");
        check(&serde_json::to_string(text).unwrap(), "\"(sensitive value)\"");
        let twice = serde_json::to_string(&serde_json::to_string(text).unwrap()).unwrap();
        check(&twice, "\"\\\"(sensitive value)\\\"\"");
        let go = "\"p\u{e5}ss?\\u003e~\\\"w\u{f6}rd\u{fb}\"";
        check(go, "\"(sensitive value)\"");
        check(&hex::encode(text), MASK);
        check(&hex::encode_upper(text), MASK);
        check(
            &percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string(),
            MASK,
        );
    }

    #[test]
    fn base64_is_found_wherever_it_starts() {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE};
        meet("hunter2~~~?>?hunter2");
        for before in ["", "x", "xy", "xyz", "user:"] {
            let text = format!("{before}hunter2~~~?>?hunter2 and more");
            for encoded in [STANDARD.encode(&text), URL_SAFE.encode(&text)] {
                let hidden = hidden(&encoded);
                assert!(hidden.contains(MASK), "{before:?}: {encoded}");
                // At the edges a character holds bits of what stands beside it.
                assert!(hidden.len() <= encoded.len() - 27 + 3 + MASK.len(), "{hidden}");
            }
        }
    }

    #[test]
    fn overlapping_secrets_leave_nothing() {
        meet("abcdefgh");
        meet("efghijklm");
        check("abcdefghijklmn", "(sensitive value)n");
        meet("abcdefgh-longer");
        check("abcdefgh-longer!", "(sensitive value)!");
    }

    #[test]
    fn short_texts_and_what_is_released_stay() {
        meet("seven77");
        check("seven77", "seven77");
        meet("not so secret");
        check("not so secret", MASK);
        release("it is \"not so secret\"");
        check("not so secret", "not so secret");
        meet("not so secret");
        check("not so secret", "not so secret");
        meet("in other form");
        release(&hex::encode("in other form"));
        check("in other form", "in other form");
    }

    #[test]
    fn the_lines_of_a_long_secret_are_secret_too() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nBAQEFAASCBKcwggSjAgEAAo\n-----END PRIVATE KEY-----\n";
        meet(key);
        check(key.trim_end(), MASK);
        check("  MIIEvQIBADANBgkqhkiG9w0\n", "  (sensitive value)\n");
        check("-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----");
        // A document has lines that others have, too.
        meet("{\n  \"Version\": \"2012-10-17\",\n  \"Id\": \"hidden\"\n}");
        check("  \"Version\": \"2012-10-17\",", "  \"Version\": \"2012-10-17\",");
    }

    /// However many secrets begin alike, each is hidden, and no place is compared with all of them.
    #[test]
    fn secrets_that_begin_alike_are_hidden_and_few_lengths_tried() {
        let alike = |length: usize| format!("alike-{}.", "a".repeat(length));
        for length in 2..400 {
            meet(&alike(length));
        }
        for length in [2, 3, 50, 255, 256, 399] {
            let hidden = hidden(&format!("before {} after", alike(length))).into_owned();
            assert!(hidden.starts_with(&format!("before {MASK}")), "{hidden}");
            assert!(!hidden.contains("aa"), "{hidden}");
        }
        check("alike to nothing", "alike to nothing");
        // A character is hidden whole.
        check(
            &format!("alike-{}\u{e9}\u{e9}\u{e9}\u{e9}", "a".repeat(300)),
            MASK,
        );
        let (lengths, round) = MET.with_borrow(|met| met.lengths(&alike(2)));
        assert!(lengths > 390 && round < 40, "{lengths} {round}");
        for length in 2..400 {
            release(&alike(length));
        }
        check(&alike(100), &alike(100));
        assert_eq!(MET.with_borrow(|met| met.lengths(&alike(2))), (0, 0));
    }
}
