//! The Kubernetes object tree and everything that reads or writes one without knowing its kind.

mod accessor;
pub mod decode;
pub mod field;
pub mod go;
pub mod gotemplate;
pub mod hash;
pub mod human;
pub mod json;
pub mod jsonpath;
mod key;
pub mod labels;
mod map;
mod name_hash;
pub mod patch;
mod quantity;
pub mod schema;
pub mod status;
mod text;
pub mod validation;
mod value;
pub mod yaml;

pub use accessor::{IntOrString, ResourceList, StringMap, Strings, View, ViewMut, Views};
pub use decode::{DecodeError, Decoded, canonical, decode, decode_beside};
pub use key::{Key, names};
pub use map::{List, Map};
pub use quantity::{Format, Quantity, QuantityError};
pub use status::{QualifiedResource, Reason, Status};
pub use text::Text;
pub use value::Value;

#[allow(clippy::all, unused_imports)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/accessors.rs"));
}
pub use generated::*;
// Millions of these live in one tab: 16 and 24 bytes on wasm32, 24 and 40 natively.
const _: () = assert!(size_of::<Value>() == if size_of::<usize>() == 4 { 16 } else { 24 });
const _: () = assert!(size_of::<(Key, Value)>() == if size_of::<usize>() == 4 { 24 } else { 40 });
