//! JSON as Go's `encoding/json` reads and writes it.
//!
//! Requests, responses and `kubectl -o json` are JSON on the simulator's hot paths, and a learner
//! sees the reader's errors word for word, so both directions follow Go: its error texts with
//! their byte offsets, U+FFFD in place of broken characters, whole numbers that fit as integers,
//! its layout of floats and its `\u003c` in place of `<`.
//!
//! What is different: nesting ends at [`MAX_DEPTH`] (Go: 10,000), so that a tree can be walked on
//! the small stack of a browser, and a float that JSON cannot express becomes `null` when written.

mod error;
mod number;
mod read;
mod scalar;
mod shared;
mod write;

pub use error::{Error, Problem};
pub(crate) use number::{general_float, general_float32, push_float, push_int};
pub(crate) use read::replace_invalid;
pub use read::{Strict, parse, parse_first, parse_strict};
pub(crate) use shared::Shared;
pub use write::{Html, append, append_string, to_string, to_string_pretty, to_string_with};

/// The deepest nesting of lists and maps that is read, in JSON and in YAML.
pub const MAX_DEPTH: usize = 500;
