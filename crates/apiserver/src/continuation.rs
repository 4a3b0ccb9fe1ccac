//! The token by which a client asks for the next page of a list: a small JSON document in base64.

use crate::store::ObjectKey;
use api::{Status, object};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const VERSION: &str = "meta.k8s.io/v1";

/// Says where a list ended that was read at `revision`.
pub(crate) fn encode(revision: u64, last: &ObjectKey) -> String {
    let start = match &*last.namespace {
        "" => format!("{}\u{0}", last.name),
        namespace => format!("{namespace}/{}\u{0}", last.name),
    };
    let token = object! { "v": VERSION, "rv": revision as i64, "start": start };
    URL_SAFE_NO_PAD.encode(api::json::to_string(&token))
}

/// Namespace and name after which a list goes on.
pub(crate) fn decode(token: &str) -> Result<(String, String), Status> {
    let invalid = |why: String| {
        let why = format!("invalid continue token: continue key is not valid: {why}");
        Status::bad_request(why)
    };
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|error| {
        let at = match error {
            base64::DecodeError::InvalidByte(at, _)
            | base64::DecodeError::InvalidLastSymbol(at, _) => at,
            _ => token.len(),
        };
        invalid(format!("illegal base64 data at input byte {at}"))
    })?;
    let value = api::json::parse(&bytes).map_err(|error| invalid(error.to_string()))?;
    let version = value["v"].as_str().unwrap_or_default();
    if version != VERSION {
        let quoted = api::go::quote(version);
        return Err(invalid(format!("server does not recognize this encoded version {quoted}")));
    }
    if value["rv"].as_i64().unwrap_or(0) == 0 {
        return Err(invalid(format!(
            "incorrect encoded start resourceVersion (version {VERSION})"
        )));
    }
    let start = value["start"].as_str().unwrap_or_default();
    if start.is_empty() {
        return Err(invalid(format!("encoded start key empty (version {VERSION})")));
    }
    // Nobody may leave the part of the store that the list is about.
    if start.trim_start_matches('/').split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(invalid(start.to_owned()));
    }
    let start = start.trim_end_matches('\u{0}');
    let (namespace, name) = start.split_once('/').unwrap_or(("", start));
    Ok((namespace.to_owned(), name.to_owned()))
}
