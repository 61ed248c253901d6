//! The places that were asked for credentials, in order, and why each had none.

use super::retry::Failure;

/// Places without credentials, each with why.
#[derive(Default)]
pub struct Tried(Vec<(String, String)>);

impl Tried {
    /// Remembers a place that had none.
    pub fn add(&mut self, place: &str, why: &str) {
        self.0
            .push((place.to_owned(), why.trim_end_matches('.').to_owned()));
    }

    /// A place that had some, with those that were asked before it.
    pub fn found(&self, place: &str) -> String {
        if self.0.is_empty() {
            return place.to_owned();
        }
        let before: Vec<&str> = self.0.iter().map(|(place, _)| &**place).collect();
        format!(
            "{place} (before it were asked, in this order: {})",
            before.join(", ")
        )
    }

    /// Nobody had any.
    pub fn failure(&self) -> Failure {
        let places = self.0.iter().zip(1..);
        let places: Vec<String> = places
            .map(|((place, why), at)| format!("({at}) {place}: {why}"))
            .collect();
        let message = format!(
            "No credentials were found. These places were asked, in this order: {}",
            places.join("; ")
        );
        Failure::denied("NoCredentials", message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_in_their_order() {
        let mut tried = Tried::default();
        assert_eq!(tried.found("the block"), "the block");
        tried.add("the block", "it has none.");
        tried.add("the environment", "A is not set");
        let message = tried.failure().message;
        let end = "in this order: (1) the block: it has none; (2) the environment: A is not set";
        assert!(message.ends_with(end), "{message}");
        let found = "a file (before it were asked, in this order: the block, the environment)";
        assert_eq!(tried.found("a file"), found);
    }
}
