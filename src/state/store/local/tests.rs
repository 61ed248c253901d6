//! The local store against a real folder.

use super::*;
