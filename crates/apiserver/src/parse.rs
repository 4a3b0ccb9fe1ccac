//! From HTTP to a request: paths, queries, headers.

use crate::registry::Registry;
use crate::request::{
    Accept, FieldValidation, HttpRequest, Method, Options, Propagation, Request, ResourceTarget,
    Target, Verb,
};
use crate::user::User;
use api::{QualifiedResource, Status};
use std::rc::Rc;

/// The most bytes that a request body can have, as in a real API server.
pub const BODY_BYTES_MAX: usize = 3 * 1024 * 1024;

/// Makes a request by `user` of what HTTP has.
pub fn parse(registry: &Registry, http: HttpRequest, user: User) -> Result<Request, Status> {
    if let crate::request::Body::Bytes(bytes) = &http.body
        && bytes.len() > BODY_BYTES_MAX
    {
        let limit = BODY_BYTES_MAX;
        let message = format!("Request entity too large: limit is {limit}");
        return Err(Status::new(api::Reason::RequestEntityTooLarge, message));
    }
    let (path, query) = http.path.split_once('?').unwrap_or((&http.path, ""));
    let options = read_options(parse_query(query))?;
    let segments: Vec<String> =
        path.split('/').filter(|s| !s.is_empty()).map(decode_percent).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let target = match resource_path(&segments) {
        Some(path) if registry.has_version(path.group, path.version) => {
            resource_target(registry, http.method, &path, &options)?
        }
        _ => Target::Path(format!("/{}", segments.join("/"))),
    };
    let accept = match &target {
        Target::Resource(_) => crate::accept::read(&http.accept)?,
        Target::Path(_) => Accept::Object,
    };
    Ok(Request {
        method: http.method,
        target,
        options,
        body: http.body,
        content_type: media_type(&http.content_type).to_owned().into(),
        accept,
        accepted: http.accept.into(),
        user,
        user_agent: http.user_agent,
        cause: http.cause,
    })
}

struct ResourcePath<'a> {
    group: &'a str,
    version: &'a str,
    /// `namespaces/x/pods/y/log` and the like.
    rest: &'a [&'a str],
}

/// Paths below a group and version are about resources; others are about the server.
fn resource_path<'a>(segments: &'a [&'a str]) -> Option<ResourcePath<'a>> {
    match segments {
        ["api", version, rest @ ..] if !rest.is_empty() => {
            Some(ResourcePath { group: "", version, rest })
        }
        ["apis", group, version, rest @ ..] if !rest.is_empty() => {
            Some(ResourcePath { group, version, rest })
        }
        _ => None,
    }
}

fn resource_target(
    registry: &Registry,
    method: Method,
    path: &ResourcePath<'_>,
    options: &Options,
) -> Result<Target, Status> {
    // `/watch/...` is the deprecated way to write `?watch=1`.
    let (rest, is_watch_path) = match path.rest {
        ["watch", rest @ ..] if !rest.is_empty() => (rest, true),
        rest => (rest, false),
    };
    let (namespace, plural, name, subresource) = match rest {
        // A namespace itself, or one of its own subresources.
        ["namespaces"] => ("", "namespaces", "", ""),
        ["namespaces", name] => ("", "namespaces", *name, ""),
        ["namespaces", name, sub @ ("status" | "finalize")] => ("", "namespaces", *name, *sub),
        ["namespaces", namespace, plural] => (*namespace, *plural, "", ""),
        ["namespaces", namespace, plural, name] => (*namespace, *plural, *name, ""),
        ["namespaces", namespace, plural, name, sub, ..] => (*namespace, *plural, *name, *sub),
        [plural] => ("", *plural, "", ""),
        [plural, name] => ("", *plural, *name, ""),
        [plural, name, sub, ..] => ("", *plural, *name, *sub),
        [] => return Err(Status::unknown_path()),
    };
    let kind = registry.find(path.group, path.version, plural).ok_or_else(Status::unknown_path)?;
    let is_wrong_scope = kind.is_namespaced != !namespace.is_empty()
        && !(kind.is_namespaced && name.is_empty() && namespace.is_empty());
    let has_subresource = subresource.is_empty()
        || (subresource == "status" && kind.has_status)
        || kind.subresources.iter().any(|s| s.name == subresource);
    if is_wrong_scope || !has_subresource {
        return Err(Status::unknown_path());
    }
    let wants_watch = is_watch_path || options.query_flag("watch");
    let verb = verb_of(method, name, wants_watch, kind.qualified())?;
    check_verb(kind, subresource, verb, namespace, name)?;
    Ok(Target::Resource(ResourceTarget {
        verb,
        kind,
        namespace: Rc::from(namespace),
        name: Rc::from(name),
        subresource: subresource.to_owned().into(),
    }))
}

fn verb_of(
    method: Method,
    name: &str,
    wants_watch: bool,
    resource: QualifiedResource<'_>,
) -> Result<Verb, Status> {
    Ok(match method {
        Method::Get | Method::Head if wants_watch => Verb::Watch,
        Method::Get | Method::Head if name.is_empty() => Verb::List,
        Method::Get | Method::Head => Verb::Get,
        Method::Post => Verb::Create,
        Method::Put => Verb::Update,
        Method::Patch => Verb::Patch,
        Method::Delete if name.is_empty() => Verb::DeleteCollection,
        Method::Delete => Verb::Delete,
        Method::Options => return Err(method_not_allowed(resource)),
    })
}

fn method_not_allowed(_: QualifiedResource<'_>) -> Status {
    let mut status = Status::new(
        api::Reason::MethodNotAllowed,
        "the server does not allow this method on the requested resource",
    );
    status.details = Some(Box::default());
    status
}

fn check_verb(
    kind: &'static kinds::Kind,
    subresource: &str,
    verb: Verb,
    namespace: &str,
    name: &str,
) -> Result<(), Status> {
    let verbs = match subresource {
        "" => kind.verbs,
        "status" => &["get", "patch", "update"],
        _ => kind
            .subresources
            .iter()
            .find(|s| s.name == subresource)
            .map_or(&[] as &[&str], |s| s.verbs),
    };
    let needs_name = matches!(verb, Verb::Update | Verb::Patch);
    let is_create_on_name = verb == Verb::Create && subresource.is_empty() && !name.is_empty();
    let spans_namespaces =
        kind.is_namespaced && namespace.is_empty() && !matches!(verb, Verb::List | Verb::Watch);
    let is_allowed = verbs.contains(&verb.as_str())
        && !(needs_name && name.is_empty())
        && !is_create_on_name
        && !spans_namespaces;
    if is_allowed { Ok(()) } else { Err(method_not_allowed(kind.qualified())) }
}

/// The text that was percent-encoded.
pub fn decode_percent(text: &str) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|h| std::str::from_utf8(h).ok());
        match (bytes[at], hex.and_then(|h| u8::from_str_radix(h, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Percent-encodes what a query or a path segment cannot hold as it is.
pub fn encode_percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

pub(crate) fn parse_query(query: &str) -> Rc<[(String, String)]> {
    let decode = |text: &str| decode_percent(&text.replace('+', " "));
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

fn read_options(query: Rc<[(String, String)]>) -> Result<Options, Status> {
    let mut options = Options { query, ..Options::default() };
    let text = |name: &str| options.query(name).to_owned();
    // Values that make no sense are refused by whoever they are for.
    let dry_run = options.query_all("dryRun").any(|value| value == "All");
    let field_validation = match options.query("fieldValidation") {
        "Ignore" => Some(FieldValidation::Ignore),
        "Warn" => Some(FieldValidation::Warn),
        "Strict" => Some(FieldValidation::Strict),
        _ => None,
    };
    let number = |name: &str| -> Result<Option<i64>, Status> {
        match options.query(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| {
                let quoted = api::go::quote(text);
                Status::bad_request(format!("strconv.ParseInt: parsing {quoted}: invalid syntax"))
            }),
        }
    };
    let optional = |name: &str| Some(text(name)).filter(|t| !t.is_empty());
    options = Options {
        dry_run,
        field_manager: optional("fieldManager").map(Into::into),
        field_validation,
        force: options.query_flag("force"),
        label_selector: text("labelSelector"),
        field_selector: text("fieldSelector"),
        limit: number("limit")?.and_then(|n| usize::try_from(n).ok()).unwrap_or(0),
        continue_token: text("continue"),
        resource_version: text("resourceVersion"),
        resource_version_match: text("resourceVersionMatch"),
        send_initial_events: optional("sendInitialEvents").map(|t| t == "true"),
        allow_watch_bookmarks: options.query_flag("allowWatchBookmarks"),
        timeout_seconds: number("timeoutSeconds")?.and_then(|n| u64::try_from(n).ok()),
        grace_period_seconds: number("gracePeriodSeconds")?,
        propagation: Propagation::parse(options.query("propagationPolicy")),
        include_object: text("includeObject"),
        ..options.clone()
    };
    Ok(options)
}

fn media_type(header: &str) -> &str {
    header.split(';').next().unwrap_or_default().trim()
}
