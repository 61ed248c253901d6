//! Plan and state JSON, held against what Terraform printed.

use serde_json::{Value as Json, json};

use super::value::{known, sensitive, unknown_object};
use crate::value::{Marks, Text, Type, Value};

#[track_caller]
fn check(value: &Value, parts: [Json; 3]) {
    assert_eq!([known(value), unknown_object(value), sensitive(value)], parts);
}
