//! The API server's answer when something is wrong: a `Status`.

use crate::field::ErrorList;
use crate::{List, Value, object};
use std::fmt;

/// Why a request failed, in the one word that clients act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The names are Kubernetes' own.
pub enum Reason {
    Unknown,
    Unauthorized,
    Forbidden,
    NotFound,
    AlreadyExists,
    Conflict,
    Gone,
    Invalid,
    Timeout,
    TooManyRequests,
    BadRequest,
    MethodNotAllowed,
    NotAcceptable,
    RequestEntityTooLarge,
    UnsupportedMediaType,
    InternalError,
    Expired,
    ServiceUnavailable,
}

impl Reason {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Unknown => "",
            Reason::Unauthorized => "Unauthorized",
            Reason::Forbidden => "Forbidden",
            Reason::NotFound => "NotFound",
            Reason::AlreadyExists => "AlreadyExists",
            Reason::Conflict => "Conflict",
            Reason::Gone => "Gone",
            Reason::Invalid => "Invalid",
            Reason::Timeout => "Timeout",
            Reason::TooManyRequests => "TooManyRequests",
            Reason::BadRequest => "BadRequest",
            Reason::MethodNotAllowed => "MethodNotAllowed",
            Reason::NotAcceptable => "NotAcceptable",
            Reason::RequestEntityTooLarge => "RequestEntityTooLarge",
            Reason::UnsupportedMediaType => "UnsupportedMediaType",
            Reason::InternalError => "InternalError",
            Reason::Expired => "Expired",
            Reason::ServiceUnavailable => "ServiceUnavailable",
        }
    }

    /// The HTTP status code that goes with the reason.
    pub fn code(self) -> u16 {
        match self {
            Reason::BadRequest => 400,
            Reason::Unauthorized => 401,
            Reason::Forbidden => 403,
            Reason::NotFound => 404,
            Reason::MethodNotAllowed => 405,
            Reason::NotAcceptable => 406,
            Reason::AlreadyExists | Reason::Conflict => 409,
            Reason::Gone | Reason::Expired => 410,
            Reason::RequestEntityTooLarge => 413,
            Reason::UnsupportedMediaType => 415,
            Reason::Invalid => 422,
            Reason::TooManyRequests => 429,
            Reason::Unknown | Reason::InternalError => 500,
            Reason::ServiceUnavailable => 503,
            Reason::Timeout => 504,
        }
    }
}

/// One of several things that are wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusCause {
    /// The reason in one word.
    pub reason: String,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub field: String,
}

/// Whom a failure is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The name of the object.
    pub name: String,
    /// The API group.
    pub group: String,
    /// The resource (`pods`), or the kind (`Pod`) for an invalid object.
    pub kind: String,
    /// The uid of the object.
    pub uid: String,
    /// The things that are wrong.
    pub causes: Vec<StatusCause>,
    /// After how many seconds it is worth trying again; 0 if not stated.
    pub retry_after_seconds: u32,
}

/// A failed request. Converted to a `v1` `Status` document where it leaves the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The HTTP status code.
    pub code: u16,
    /// Why, in one word.
    pub reason: Reason,
    /// Why, for people.
    pub message: String,
    /// Whom it is about.
    pub details: Option<Box<Details>>,
}

/// The group and plural name of a resource, as messages print it: `deployments.apps`.
#[derive(Clone, Copy, Debug)]
pub struct QualifiedResource<'a> {
    /// The API group; empty for the core group.
    pub group: &'a str,
    /// The plural name.
    pub resource: &'a str,
}

impl fmt::Display for QualifiedResource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.group {
            "" => f.write_str(self.resource),
            group => write!(f, "{}.{group}", self.resource),
        }
    }
}

impl Status {
    /// A failure that is about no object in particular.
    pub fn new(reason: Reason, message: impl Into<String>) -> Status {
        Status { code: reason.code(), reason, message: message.into(), details: None }
    }

    fn about(
        reason: Reason,
        resource: QualifiedResource<'_>,
        name: &str,
        message: String,
    ) -> Status {
        let details = Details {
            name: name.to_owned(),
            group: resource.group.to_owned(),
            kind: resource.resource.to_owned(),
            ..Details::default()
        };
        Status { details: Some(Box::new(details)), ..Status::new(reason, message) }
    }

    /// The object does not exist.
    pub fn not_found(resource: QualifiedResource<'_>, name: &str) -> Status {
        let message = format!("{resource} {} not found", crate::go::quote(name));
        Status::about(Reason::NotFound, resource, name, message)
    }

    /// An object of that name exists already.
    pub fn already_exists(resource: QualifiedResource<'_>, name: &str) -> Status {
        let message = format!("{resource} {} already exists", crate::go::quote(name));
        Status::about(Reason::AlreadyExists, resource, name, message)
    }

    /// The change does not fit the object as it is now.
    pub fn conflict(resource: QualifiedResource<'_>, name: &str, why: &str) -> Status {
        let message = format!(
            "Operation cannot be fulfilled on {resource} {}: {why}",
            crate::go::quote(name)
        );
        Status::about(Reason::Conflict, resource, name, message)
    }

    /// The request is understood and refused.
    pub fn forbidden(resource: QualifiedResource<'_>, name: &str, why: &str) -> Status {
        let message = match (resource.resource, name) {
            ("", _) => format!("forbidden: {why}"),
            (_, "") => format!("{resource} is forbidden: {why}"),
            _ => format!("{resource} {} is forbidden: {why}", crate::go::quote(name)),
        };
        Status::about(Reason::Forbidden, resource, name, message)
    }

    /// The object breaks the rules of its kind.
    pub fn invalid(group: &str, kind: &str, name: &str, errors: &ErrorList) -> Status {
        let qualified = QualifiedResource { group, resource: kind };
        let mut message = format!("{qualified} {} is invalid", crate::go::quote(name));
        if !errors.is_empty() {
            message = format!("{message}: {}", errors.aggregate());
        }
        let mut status = Status::about(Reason::Invalid, qualified, name, message);
        if let Some(details) = &mut status.details {
            details.causes = errors
                .0
                .iter()
                .map(|error| StatusCause {
                    reason: error.ty.reason().to_owned(),
                    message: error.body(),
                    field: error.field.clone(),
                })
                .collect();
        }
        status
    }

    /// The request makes no sense.
    pub fn bad_request(message: impl Into<String>) -> Status {
        Status::new(Reason::BadRequest, message)
    }

    /// The server failed.
    pub fn internal(message: impl fmt::Display) -> Status {
        let mut status =
            Status::new(Reason::InternalError, format!("Internal error occurred: {message}"));
        status.details = Some(Box::new(Details {
            causes: vec![StatusCause { message: message.to_string(), ..StatusCause::default() }],
            ..Details::default()
        }));
        status
    }

    /// The resource has no such verb.
    pub fn method_not_supported(resource: QualifiedResource<'_>, verb: &str) -> Status {
        let message = format!("{verb} is not supported on resources of kind \"{resource}\"");
        Status::about(Reason::MethodNotAllowed, resource, "", message)
    }

    /// The path leads nowhere.
    pub fn unknown_path() -> Status {
        let mut status =
            Status::new(Reason::NotFound, "the server could not find the requested resource");
        status.details = Some(Box::default());
        status
    }

    /// The revision that was asked for is no longer kept.
    pub fn expired(message: impl Into<String>) -> Status {
        Status::new(Reason::Expired, message)
    }

    /// The `v1` `Status` document.
    pub fn to_value(&self) -> Value {
        let mut status = object! {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": Value::EMPTY_MAP,
            "status": "Failure",
            "code": i64::from(self.code),
        };
        let map = status.make_map();
        if !self.message.is_empty() {
            map.insert("message", self.message.clone());
        }
        if self.reason != Reason::Unknown {
            map.insert("reason", self.reason.as_str());
        }
        if let Some(details) = &self.details {
            map.insert("details", details.to_value());
        }
        status
    }

    /// The document as text over several lines, its members in the order that its type has them.
    pub fn to_text(&self) -> String {
        const HEAD: [&str; 6] = ["kind", "apiVersion", "metadata", "status", "message", "reason"];
        const DETAILS: [&str; 6] = ["name", "group", "kind", "uid", "causes", "retryAfterSeconds"];
        let document = self.to_value();
        let text = |value: &Value, indent: &str| {
            crate::json::to_string_pretty(value).replace('\n', &format!("\n{indent}"))
        };
        let lines = |value: &Value, order: &[&str], indent: &str| {
            let members = order.iter().filter(|name| !value[**name].is_null());
            let lines: Vec<String> = members
                .map(|name| format!("{indent}\"{name}\": {}", text(&value[*name], indent)))
                .collect();
            lines.join(",\n")
        };
        let details = lines(&document["details"], &DETAILS, "    ");
        let mut out = format!("{{\n{},\n", lines(&document, &HEAD, "  "));
        if !details.is_empty() {
            out.push_str(&format!("  \"details\": {{\n{details}\n  }},\n"));
        }
        out.push_str(&format!("{}\n}}", lines(&document, &["code"], "  ")));
        out
    }

    /// Reads a `v1` `Status` document, as a client does; anything else gives an unknown failure.
    pub fn from_value(code: u16, value: &Value) -> Status {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let details = value["details"].as_map().map(|_| {
            let details = &value["details"];
            let cause = |cause: &Value| StatusCause {
                reason: text(&cause["reason"]),
                message: text(&cause["message"]),
                field: text(&cause["field"]),
            };
            Box::new(Details {
                name: text(&details["name"]),
                group: text(&details["group"]),
                kind: text(&details["kind"]),
                uid: text(&details["uid"]),
                causes: details["causes"].items().iter().map(cause).collect(),
                retry_after_seconds: details["retryAfterSeconds"].as_i64().unwrap_or(0) as u32,
            })
        });
        Status {
            code,
            reason: read_reason(&value["reason"]),
            message: text(&value["message"]),
            details,
        }
    }
}

fn read_reason(value: &Value) -> Reason {
    use Reason::*;
    let all = [
        Unauthorized,
        Forbidden,
        NotFound,
        AlreadyExists,
        Conflict,
        Gone,
        Invalid,
        Timeout,
        TooManyRequests,
        BadRequest,
        MethodNotAllowed,
        NotAcceptable,
        RequestEntityTooLarge,
        UnsupportedMediaType,
        InternalError,
        Expired,
        ServiceUnavailable,
    ];
    all.into_iter().find(|reason| value == reason.as_str()).unwrap_or(Unknown)
}

impl Details {
    fn to_value(&self) -> Value {
        let mut value = Value::EMPTY_MAP;
        let map = value.make_map();
        for (key, text) in
            [("name", &self.name), ("group", &self.group), ("kind", &self.kind), ("uid", &self.uid)]
        {
            if !text.is_empty() {
                map.insert(key, text.clone());
            }
        }
        if !self.causes.is_empty() {
            let causes: List = self.causes.iter().map(StatusCause::to_value).collect();
            map.insert("causes", causes);
        }
        if self.retry_after_seconds != 0 {
            map.insert("retryAfterSeconds", i64::from(self.retry_after_seconds));
        }
        value
    }
}

impl StatusCause {
    fn to_value(&self) -> Value {
        let mut value = Value::EMPTY_MAP;
        let map = value.make_map();
        for (key, text) in
            [("reason", &self.reason), ("message", &self.message), ("field", &self.field)]
        {
            if !text.is_empty() {
                map.insert(key, text.clone());
            }
        }
        value
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
impl std::error::Error for Status {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Path;

    #[test]
    fn messages_are_those_of_the_api_server() {
        let pods = QualifiedResource { group: "", resource: "pods" };
        let deployments = QualifiedResource { group: "apps", resource: "deployments" };
        let check = |status: Status, code: u16, message: &str| {
            assert_eq!((status.code, status.message.as_str()), (code, message));
            assert_eq!(Status::from_value(code, &status.to_value()), status);
        };
        check(Status::not_found(pods, "x"), 404, "pods \"x\" not found");
        check(
            Status::already_exists(deployments, "web"),
            409,
            "deployments.apps \"web\" already exists",
        );
        check(
            Status::forbidden(pods, "", "exceeded quota"),
            403,
            "pods is forbidden: exceeded quota",
        );
        let mut errors = ErrorList::new();
        errors.required(&Path::new("spec").child("selector"), "");
        errors.required(&Path::new("spec").child("template"), "");
        check(
            Status::invalid("apps", "Deployment", "web", &errors),
            422,
            "Deployment.apps \"web\" is invalid: \
             [spec.selector: Required value, spec.template: Required value]",
        );
    }
}
