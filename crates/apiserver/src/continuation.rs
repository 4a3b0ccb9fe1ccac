//! The token by which a client asks for the next page of a list: a small JSON document in base64.

use crate::response::Response;
use crate::store::ObjectKey;
use api::{Status, names, object};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const VERSION: &str = "meta.k8s.io/v1";

/// Where a list begins: at which revision, and after which object.
pub(crate) struct Place {
    /// `None` for the present one.
    pub(crate) revision: Option<u64>,
    pub(crate) after: Option<ObjectKey>,
}

/// Says where a list ended that was read at `revision`; without one it goes on in whatever state
/// there is then.
pub(crate) fn encode(revision: Option<u64>, last: &ObjectKey) -> String {
    let start = match &*last.namespace {
        "" => format!("{}\u{0}", last.name),
        namespace => format!("{namespace}/{}\u{0}", last.name),
    };
    let token = object! { "v": VERSION, "rv": revision.map_or(-1, |revision| revision as i64), "start": start };
    URL_SAFE_NO_PAD.encode(api::json::to_string(&token))
}

/// Where a list goes on.
pub(crate) fn decode(token: &str) -> Result<Place, Status> {
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
    let revision = value["rv"].as_i64().unwrap_or(0);
    if revision == 0 {
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
    let after = Some(ObjectKey::new(namespace, name));
    Ok(Place { revision: u64::try_from(revision).ok(), after })
}

/// What a client is told that asks for a state which is forgotten. In the middle of a list it gets
/// a token with which it can go on in the present state.
pub(crate) fn too_old(after: Option<&ObjectKey>) -> Response {
    let Some(after) = after else {
        return Status::expired("The resourceVersion for the provided list is too old.").into();
    };
    let status = Status::expired(
        "The provided continue parameter is too old to display a consistent list result. You can \
         start a new list without the continue parameter, or use the continue token in this \
         response to retrieve the remainder of the results. Continuing with the provided token \
         results in an inconsistent list - objects that were created, modified, or deleted \
         between the time the first chunk was returned and now may show up in the list.",
    );
    let mut value = status.to_value();
    value.update(&names::METADATA, |metadata| {
        metadata.make_map().insert(&names::CONTINUE, encode(None, after));
    });
    Response::with_code(status.code, value)
}
