//! YAML as kubectl reads and writes it.
//!
//! kubectl turns a manifest into JSON with go-yaml v2: YAML 1.1 scalars (`yes` is true, `0644` is
//! 420), merge keys, keys that are no strings, and error texts that learners meet every day. So
//! all of it is made here, from the scanner up: the crates for YAML differ from go-yaml in what
//! they accept between brackets and in the lines they name, and one panics on some inputs.
//!
//! `scanner` makes tokens, `parser` events, `compose` the object tree (with `resolve` for what a
//! scalar means and `alias` for anchors). `documents` splits a file as kubectl does, `locate`
//! finds the text of a value, `write` is `-o yaml`.
//!
//! What is different: nesting ends at [`crate::json::MAX_DEPTH`] (go-yaml: 10,000), and aliases
//! may not multiply a document beyond [`MAX_ALIAS_BYTES`]. Comments are not kept.

mod alias;
pub(crate) mod base64;
mod compose;
mod documents;
mod error;
mod locate;
mod order;
mod parser;
mod problem;
mod resolve;
mod scalar;
mod scanner;
mod write;

pub use compose::{Duplicate, Strict, parse, parse_strict};
pub use documents::{
    Document, Documents, Manifest, ManifestError, Manifests, SeparatorError, documents, manifests,
};
pub use error::{Error, Position};
pub use locate::{Located, Outline, Span};
pub use write::{to_string, try_to_string};

/// How many bytes of text aliases may add to a document.
pub const MAX_ALIAS_BYTES: u64 = 32 << 20;
