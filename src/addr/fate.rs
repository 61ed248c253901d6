//! What becomes of an object when its end has come: the words of `on_destroy`.

/// What is done in place of keeping an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDestroy {
    /// It is destroyed, or scheduled for deletion, as its type has it.
    #[default]
    Schedule,
    /// It is disabled, and then forgotten.
    Disable,
    /// It is forgotten and stays as it is.
    Retain,
}

impl OnDestroy {
    pub const ALL: [Self; 3] = [Self::Schedule, Self::Disable, Self::Retain];

    pub fn word(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Disable => "disable",
            Self::Retain => "retain",
        }
    }

    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}
