//! Random values: texts, bytes, names. They are not the same twice, so schema files name them in `once` only.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::{one, words};
use crate::value::Value;

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const NUMERIC: &str = "0123456789";
const SPECIAL: &str = "!@#$%&*()-_=+[]{}<>:?";

/// The longest text, the most bytes and the most words.
const MOST: u64 = 1 << 20;

type Made = Result<Value, String>;

/// `random_text(options)`: `length` random characters of the kinds that `upper`, `lower`, `numeric` and `special` allow,
/// at least `min_upper` of the one kind and so on; `override_special` says which characters are special.
pub(super) fn text(arguments: &[Value]) -> Made {
    let options = one(arguments)?;
    let special = options.get("override_special").and_then(Value::as_str);
    let kinds = [
        ("upper", UPPER),
        ("lower", LOWER),
        ("numeric", NUMERIC),
        (
            "special",
            special.filter(|own| !own.is_empty()).unwrap_or(SPECIAL),
        ),
    ];
    let length = whole(options, "length")?;
    let mut all: Vec<char> = Vec::new();
    let mut text: Vec<char> = Vec::new();
    for (kind, characters) in kinds {
        let characters: Vec<char> = characters.chars().collect();
        let least = whole(options, &format!("min_{kind}"))?;
        for _ in 0..least.min(length) {
            text.push(characters[below(characters.len())?]);
        }
        if options.get(kind).and_then(Value::as_bool) == Some(true) {
            all.extend(characters);
        }
    }
    if all.is_empty() && (text.len() as u64) < length {
        return Err("no kind of character is allowed".into());
    }
    while (text.len() as u64) < length {
        text.push(all[below(all.len())?]);
    }
    // What was picked by kind must not stand in front.
    for last in (1..text.len()).rev() {
        text.swap(last, below(last + 1)?);
    }
    Ok(Value::string(&text.into_iter().collect::<String>()))
}

/// `random_id(bytes)`: that many random bytes as text in base64 (`b64_std`, `b64_url`), hexadecimal (`hex`) and
/// decimal (`dec`).
pub(super) fn id(arguments: &[Value]) -> Made {
    let length = one(arguments)?
        .as_number()
        .and_then(crate::value::Number::as_i64)
        .and_then(|length| u64::try_from(length).ok());
    let length = length.filter(|length| *length <= MOST);
    let length = length.ok_or("the number of bytes is too large")?;
    let mut bytes = vec![0; usize::try_from(length).map_err(|_| "the number of bytes is too large")?];
    fill(&mut bytes)?;
    Ok(written(&bytes))
}

/// `bytes_of(text)`: the bytes that an unpadded base64 text of the URL alphabet stands for, as `random_id` gives them.
/// Null when it is none.
pub(super) fn bytes_of(arguments: &[Value]) -> Made {
    let text = one(arguments)?.as_str().unwrap_or_default();
    Ok(URL_SAFE_NO_PAD.decode(text).map_or_else(
        |_| Value::null(crate::value::Type::Dynamic),
        |bytes| written(&bytes),
    ))
}

fn written(bytes: &[u8]) -> Value {
    let number = dashu_int::UBig::from_be_bytes(bytes);
    Value::object_of([
        ("b64_std", Value::string(&STANDARD.encode(bytes))),
        ("b64_url", Value::string(&URL_SAFE_NO_PAD.encode(bytes))),
        ("hex", Value::string(&hex::encode(bytes))),
        ("dec", Value::string(&number.to_string())),
    ])
}

/// `random_uuid()`: a UUID of version 4.
pub(super) fn uuid(arguments: &[Value]) -> Made {
    if !arguments.is_empty() {
        return Err(format!("no argument is needed, not {}", arguments.len()));
    }
    Ok(Value::string(&uuid::Uuid::new_v4().to_string()))
}

/// `random_number()`: a whole number of 63 bits as text.
pub(super) fn number(arguments: &[Value]) -> Made {
    if !arguments.is_empty() {
        return Err(format!("no argument is needed, not {}", arguments.len()));
    }
    let mut bytes = [0; 8];
    fill(&mut bytes)?;
    Ok(Value::string(&(u64::from_le_bytes(bytes) >> 1).to_string()))
}

/// `random_pet(words, separator)`: a name for a pet of that many words: an animal, before it an adjective, before that
/// adverbs.
pub(super) fn pet(arguments: &[Value]) -> Made {
    let [words, separator] = arguments else {
        return Err(format!("two arguments are needed, not {}", arguments.len()));
    };
    let count = words
        .as_number()
        .and_then(crate::value::Number::as_i64)
        .unwrap_or(2);
    if count > 1000 {
        return Err("the name has too many words".into());
    }
    let separator = separator.as_str().unwrap_or("-");
    let pick = |from: &[&'static str]| below(from.len()).map(|at| from[at]);
    let mut name = Vec::new();
    for left in (1..=count.max(1)).rev() {
        name.push(match left {
            1 => pick(words::ANIMALS)?,
            2 => pick(words::ADJECTIVES)?,
            _ => pick(words::ADVERBS)?,
        });
    }
    Ok(Value::string(&name.join(separator)))
}

/// A member that counts something: 0 when it is not there.
fn whole(options: &Value, name: &str) -> Result<u64, String> {
    let Some(number) = options.get(name).and_then(Value::as_number) else {
        return Ok(0);
    };
    let number = number.as_i64().and_then(|number| u64::try_from(number).ok());
    number
        .filter(|number| *number <= MOST)
        .ok_or_else(|| format!("{name} must be a whole number from 0 to {MOST}"))
}

fn fill(bytes: &mut [u8]) -> Result<(), String> {
    getrandom::fill(bytes).map_err(|why| format!("this machine gives no random numbers: {why}"))
}

/// A random number from 0 up to a limit, each as likely as the others.
fn below(limit: usize) -> Result<usize, String> {
    let limit = limit as u64;
    // The numbers above the last whole multiple of the limit would make the small ones more likely.
    let fair = u64::MAX - u64::MAX % limit;
    loop {
        let mut bytes = [0; 8];
        fill(&mut bytes)?;
        let number = u64::from_le_bytes(bytes);
        if number < fair {
            return usize::try_from(number % limit).map_err(|why| why.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(length: i64, parts: &[(&str, Value)]) -> Value {
        let mut all = vec![("length", Value::int(length))];
        all.extend(parts.iter().cloned());
        Value::object(
            all.into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }

    #[track_caller]
    fn made(options: Value) -> String {
        text(&[options])
            .expect("a text")
            .as_str()
            .expect("a string")
            .to_owned()
    }

    #[test]
    fn a_text_has_what_is_asked_for() {
        let parts = [
            ("lower", Value::bool(true)),
            ("min_upper", Value::int(3)),
            ("min_special", Value::int(2)),
            ("override_special", Value::string("é")),
        ];
        for _ in 0..100 {
            let text = made(options(8, &parts));
            assert_eq!(text.chars().count(), 8);
            assert_eq!(text.chars().filter(char::is_ascii_uppercase).count(), 3);
            assert_eq!(text.chars().filter(|c| *c == 'é').count(), 2);
            assert_eq!(text.chars().filter(char::is_ascii_lowercase).count(), 3);
        }
    }

    #[test]
    fn what_is_picked_by_kind_does_not_stand_in_front() {
        let parts = [("lower", Value::bool(true)), ("min_numeric", Value::int(1))];
        let mut places = std::collections::BTreeSet::new();
        for _ in 0..500 {
            places.insert(made(options(4, &parts)).find(|c: char| c.is_ascii_digit()));
        }
        assert!(places.len() >= 4, "{places:?}");
    }

    #[test]
    fn two_texts_differ_and_all_characters_come() {
        let parts = [("lower", Value::bool(true))];
        let long = made(options(5000, &parts));
        assert!(LOWER.chars().all(|c| long.contains(c)));
        assert_ne!(made(options(20, &parts)), made(options(20, &parts)));
    }

    #[test]
    fn nothing_comes_of_no_characters() {
        assert!(text(&[options(4, &[])]).is_err());
        assert!(text(&[options(1 << 40, &[("lower", Value::bool(true))])]).is_err());
    }

    #[test]
    fn bytes_are_written_in_four_ways() {
        let id = written(&[0, 255, 254]);
        let part = |name: &str| id.get(name).and_then(Value::as_str).map(str::to_owned);
        assert_eq!(part("b64_std").as_deref(), Some("AP/+"));
        assert_eq!(part("b64_url").as_deref(), Some("AP_-"));
        assert_eq!(part("hex").as_deref(), Some("00fffe"));
        assert_eq!(part("dec").as_deref(), Some("65534"));
        let back = bytes_of(&[Value::string("AP_-")]).expect("bytes");
        assert!(crate::value::raw_equal(&back, &id));
    }

    #[test]
    fn a_pet_has_as_many_words_as_are_asked_for() {
        let name = |count| {
            let made = pet(&[Value::int(count), Value::string("_")]).expect("a name");
            made.as_str()
                .expect("text")
                .split('_')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert!(words::ANIMALS.contains(&&*name(1)[0]));
        let two = name(2);
        assert!(two.len() == 2 && words::ADJECTIVES.contains(&&*two[0]));
        let five = name(5);
        assert!(
            five.len() == 5 && words::ADVERBS.contains(&&*five[0]) && words::ANIMALS.contains(&&*five[4])
        );
    }
}
