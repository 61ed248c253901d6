//! Names that nobody else has.

use super::one;
use crate::value::Value;

/// How many characters follow the prefix.
const LENGTH: usize = 26;

/// `unique_name(prefix)`: the prefix and 26 random hexadecimal digits.
///
/// It is the one function here whose result is not the same twice; it belongs into `create`, and into parameters of
/// calls that change something: those are made up once, however often a call is sent.
pub(super) fn function(arguments: &[Value]) -> Result<Value, String> {
    let prefix = one(arguments)?.as_str().ok_or("the prefix must be a string")?;
    let random = uuid::Uuid::new_v4().simple().to_string();
    // The digits of a random UUID that are not random are its version and its variant: leave those out.
    let digits = random
        .chars()
        .enumerate()
        .filter(|(at, _)| !matches!(at, 12 | 16))
        .map(|(_, digit)| digit);
    Ok(Value::string(&digits.take(LENGTH).fold(
        prefix.to_owned(),
        |mut name, digit| {
            name.push(digit);
            name
        },
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_prefix_and_26_digits() {
        let make = || {
            function(&[Value::string("alias/")])
                .expect("a name")
                .as_str()
                .map(str::to_owned)
        };
        let (first, second) = (make().expect("text"), make().expect("text"));
        assert!(first.starts_with("alias/") && first.len() == 6 + LENGTH);
        assert!(first[6..].bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(first, second);
    }
}
