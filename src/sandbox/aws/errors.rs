//! The errors of KMS and STS, worded as the services word them.

/// A refused call.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    pub code: String,
    pub message: Option<String>,
    pub status: u16,
}

impl Error {
    /// An error of the caller: status 400.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: Some(message.into()),
            status: 400,
        }
    }

    /// An error that comes without a message.
    pub fn bare(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            message: None,
            status: 400,
        }
    }

    /// The same error under another HTTP status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

/// Something does not exist.
pub fn not_found(message: impl Into<String>) -> Error {
    Error::new("NotFoundException", message)
}

/// The request does not fit the model.
pub fn invalid(message: impl Into<String>) -> Error {
    Error::new("ValidationException", message)
}

/// One member of the request breaks one constraint of the model.
pub fn constraint(member: &str, value: &str, constraint: &str) -> Error {
    let shown = if value == "null" {
        value.to_owned()
    } else {
        format!("'{value}'")
    };
    invalid(format!(
        "1 validation error detected: Value {shown} at '{}' failed to satisfy constraint: {constraint}",
        lower_first(member)
    ))
}

/// The key is in a state that does not allow the action.
pub fn wrong_state(arn: &str, state: &str) -> Error {
    Error::new("KMSInvalidStateException", format!("{arn} is {state}."))
}

/// The key is disabled.
pub fn disabled(arn: &str) -> Error {
    Error::new("DisabledException", format!("{arn} is disabled."))
}

/// The action is not for this key, or not for this sandbox.
pub fn unsupported(message: impl Into<String>) -> Error {
    Error::new("UnsupportedOperationException", message)
}

/// A quota of objects is used up.
pub fn limit(message: impl Into<String>) -> Error {
    Error::new("LimitExceededException", message)
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
