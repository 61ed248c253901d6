//! The results of conditions, as recorded.

use super::Rest;
use crate::value::Text;

/// What came of the conditions of one block of configuration.
#[derive(Clone, Debug)]
pub struct CheckResult {
    /// `resource`, `output`, `check` or `var`
    pub kind: Text,
    pub config_addr: Text,
    /// `pass`, `fail`, `error` or `unknown`
    pub status: Text,
    /// What came of each instance; none when it is not known which there are.
    pub objects: Option<Vec<CheckObject>>,
    pub rest: Rest,
}

/// What came of the conditions of one instance.
#[derive(Clone, Debug)]
pub struct CheckObject {
    pub address: Text,
    pub status: Text,
    pub failure_messages: Vec<Text>,
    pub rest: Rest,
}
