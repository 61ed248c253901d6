//! What data sources that list things make of the list: an id, and the text of a file.

use serde::Serialize as _;
use serde_json::Serializer;
use serde_json::ser::PrettyFormatter;

use super::one;
use crate::value::Value;
use crate::value::json::to_plain_json;

/// `id_of_list(ids)`: the CRC-32 of all ids, each followed by a dash, as decimal digits.
pub(super) fn id(arguments: &[Value]) -> Result<Value, String> {
    let items = one(arguments)?.as_items().ok_or("a list is needed")?;
    let mut text = String::new();
    for item in items {
        text.push_str(item.as_str().ok_or("the list must hold texts")?);
        text.push('-');
    }
    Ok(Value::string(&crc32(text.as_bytes()).to_string()))
}

/// `json_with_tabs(value)`: JSON over several lines, with a tab for each depth, and `<`, `>` and `&` escaped.
pub(super) fn json(arguments: &[Value]) -> Result<Value, String> {
    let json = to_plain_json(one(arguments)?);
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b"\t"));
    json.serialize(&mut serializer).map_err(|why| why.to_string())?;
    let text = String::from_utf8(bytes).map_err(|why| why.to_string())?;
    // Outside of strings JSON has none of these.
    let escapes = [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026")];
    let text = escapes
        .iter()
        .fold(text, |text, (from, to)| text.replace(*from, to));
    Ok(Value::string(&text))
}

/// The CRC-32 of IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc: u32, _| {
            let low = crc & 1;
            (crc >> 1) ^ (0xedb8_8320 * low)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &[&str]) -> Value {
        Value::tuple(words.iter().map(|word| Value::string(word)).collect())
    }

    #[track_caller]
    fn check(words: &[&str], expected: &str) {
        assert_eq!(id(&[texts(words)]).expect("an id").as_str(), Some(expected));
    }

    #[test]
    fn an_id_is_the_checksum_of_all_ids() {
        check(&["alias/a", "alias/b"], "99432317");
        check(&[], "0");
    }

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn json_is_indented_by_tabs_and_escaped() {
        let list = Value::tuple(vec![Value::object_of([
            ("b", texts(&["<&>"])),
            ("a", texts(&[])),
        ])]);
        let expected = "[\n\t{\n\t\t\"a\": [],\n\t\t\"b\": [\n\t\t\t\"\\u003c\\u0026\\u003e\"\n\t\t]\n\t}\n]";
        assert_eq!(json(&[list]).expect("a text").as_str(), Some(expected));
    }
}
