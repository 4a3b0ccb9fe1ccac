//! The forms in which a client wants an answer, as the header `Accept` names them.

use crate::request::Accept;
use api::{Reason, Status};

/// What answers can be had in. What is asked for as protobuf comes as JSON.
const MEDIA_TYPES: [&str; 3] =
    ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

/// The first form in the header that the server can give.
pub(crate) fn read(header: &str) -> Result<Accept, Status> {
    if header.trim().is_empty() {
        return Ok(Accept::Object);
    }
    header.split(',').find_map(read_clause).ok_or_else(|| {
        let types = MEDIA_TYPES.join(", ");
        let message = format!("only the following media types are accepted: {types}");
        Status::new(Reason::NotAcceptable, message)
    })
}

fn read_clause(clause: &str) -> Option<Accept> {
    let mut parts = clause.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    if !MEDIA_TYPES.contains(&media_type) && !matches!(media_type, "*/*" | "application/*") {
        return None;
    }
    match parts.find_map(|part| part.strip_prefix("as=")) {
        Some("Table") => Some(Accept::Table),
        Some("PartialObjectMetadata" | "PartialObjectMetadataList") => Some(Accept::Metadata),
        Some(_) => None,
        None => Some(Accept::Object),
    }
}
