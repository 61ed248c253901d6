//! Markers: the text that a run gives to what it makes, so that it is known again where no answer came.
//!
//! `<8 digits of the lineage>.<16 digits by chance>`, all hexadecimal: the first part tells the state, the second the
//! operation.

use crate::value::Text;

/// How many digits of the lineage stand in a marker.
const OF_LINEAGE: usize = 8;
/// How many digits tell the operation.
const OF_OPERATION: usize = 16;

/// A marker that no other object carries. `chance` is a random UUID.
pub fn marker(lineage: &str, chance: &str) -> Text {
    let lineage: String = hex_digits(lineage).take(OF_LINEAGE).collect();
    let operation: String = hex_digits(chance).take(OF_OPERATION).collect();
    format!("{lineage}.{operation}").into()
}

/// The part that tells the state.
pub fn lineage_of(marker: &str) -> &str {
    marker.split('.').next().unwrap_or_default()
}

/// The part that tells the operation; empty where there is none.
pub fn operation_of(marker: &str) -> &str {
    marker.split_once('.').map_or("", |(_, operation)| operation)
}

/// How the markers of a state of this lineage begin; none where it has no lineage yet.
pub fn beginning(lineage: &str) -> Option<String> {
    let digits: String = hex_digits(lineage).take(OF_LINEAGE).collect();
    (!digits.is_empty()).then_some(digits)
}

/// A lineage whose markers begin so, as those of a lost state do. `chance` is a random UUID.
pub fn lineage_from(beginning: Option<&str>, chance: &str) -> String {
    let begins = |text: &&str| text.len() == OF_LINEAGE && hex_digits(text).count() == OF_LINEAGE;
    match (beginning.filter(begins), chance.get(OF_LINEAGE..)) {
        (Some(beginning), Some(rest)) => format!("{beginning}{rest}"),
        _ => chance.to_owned(),
    }
}

/// The digits of a UUID.
pub fn hex_digits(uuid: &str) -> impl Iterator<Item = char> + '_ {
    uuid.chars().filter(char::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINEAGE: &str = "0a1b2c3d-0000-4000-8000-000000000001";
    const CHANCE: &str = "fedcba98-7654-4321-8fed-cba987654321";

    #[test]
    fn a_marker_tells_state_and_operation() {
        let marker = marker(LINEAGE, CHANCE);
        assert_eq!(&*marker, "0a1b2c3d.fedcba9876544321");
        assert_eq!(lineage_of(&marker), "0a1b2c3d");
        assert_eq!(operation_of(&marker), "fedcba9876544321");
        assert_eq!(beginning(LINEAGE).as_deref(), Some("0a1b2c3d"));
        assert_eq!(beginning(""), None);
        assert_eq!((lineage_of("x"), operation_of("x")), ("x", ""));
    }

    #[test]
    fn a_lineage_begins_as_the_markers_do() {
        assert_eq!(
            lineage_from(Some("0a1b2c3d"), CHANCE),
            "0a1b2c3d-7654-4321-8fed-cba987654321"
        );
        for other in [None, Some("0a1b"), Some("0a1b2c3x")] {
            assert_eq!(lineage_from(other, CHANCE), CHANCE);
        }
    }
}
