//! What goes wrong, and the one place where that becomes text and an exit code.
//!
//! kubectl prints failures of the server with their reason (`Error from server (NotFound): …`),
//! objects that are not valid with bullets, and everything else after `error: `; several
//! failures go line by line and then lose that prefix.

use crate::transport::ConnectionError;
use api::{Reason, Status};
use std::fmt;

/// A command that failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Error {
    /// The server said no.
    Status(Box<Status>),
    /// The server did not answer.
    Connection(ConnectionError),
    /// The kubeconfig files make no sense.
    Configuration(Vec<String>),
    /// The server has no such resource. The commands that look for names themselves say so in
    /// their own words.
    NoResource(String),
    /// The server has no such kind in that version.
    NoKind {
        /// The kind.
        kind: String,
        /// Group and version.
        version: String,
    },
    /// Anything else, in one sentence.
    Other(String),
    /// A text that is printed as it is.
    Plain(String),
    /// Several failures.
    Many(Vec<Error>),
    /// Everything has been said already; end with this code.
    Exit(i32),
}

/// What commands return.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// Makes an [`Error::Other`] of a format.
macro_rules! error {
    ($($argument:tt)*) => {
        $crate::errors::Error::Other(format!($($argument)*))
    };
}
pub(crate) use error;

/// Returns with an [`Error::Other`].
macro_rules! bail {
    ($($argument:tt)*) => {
        return Err($crate::errors::error!($($argument)*))
    };
}
pub(crate) use bail;

impl From<Status> for Error {
    fn from(status: Status) -> Error {
        Error::Status(Box::new(status))
    }
}
impl From<ConnectionError> for Error {
    fn from(error: ConnectionError) -> Error {
        Error::Connection(error)
    }
}

impl Error {
    /// One failure, or none, of a list.
    pub fn collect(mut errors: Vec<Error>) -> Result {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Error::Many(errors)),
        }
    }

    /// A list of failures that stays one, also if it has one item: none is then told with `error:`.
    pub fn all(errors: Vec<Error>) -> Result {
        if errors.is_empty() { Ok(()) } else { Err(Error::Many(errors)) }
    }

    /// The failures of reading objects, as they join the failures of what was done with them: all
    /// of them make up one failure, unless they are alone.
    pub fn of_reading(errors: Vec<Error>, are_alone: bool) -> Vec<Error> {
        if are_alone || errors.len() < 2 {
            return errors;
        }
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        vec![Error::Other(aggregate(&texts))]
    }

    /// The failure the server told of.
    pub fn status(&self) -> Option<&Status> {
        match self {
            Error::Status(status) => Some(status),
            _ => None,
        }
    }

    /// Whether the server failed for that reason.
    pub fn is(&self, reason: Reason) -> bool {
        self.status().is_some_and(|status| status.reason == reason)
    }

    /// Whether the server says that the object does not exist.
    pub fn is_not_found(&self) -> bool {
        self.is(Reason::NotFound)
    }

    /// Adds what was being done with which file: `error when creating "web.yaml": …`.
    pub fn with_source(self, verb: &str, source: &str) -> Error {
        if source.is_empty() {
            return self;
        }
        self.wrapped(&format!("error when {verb} {}: ", quote(source)))
    }

    /// Puts words before the message and keeps the reason.
    pub fn wrapped(self, before: &str) -> Error {
        match self {
            Error::Status(mut status) => {
                status.message = format!("{before}{}", status.message);
                Error::Status(status)
            }
            Error::Exit(code) => Error::Exit(code),
            other => Error::Other(format!("{before}{other}")),
        }
    }

    /// The failure as a part of a sentence, in which its reason is lost.
    pub fn in_sentence(self, before: &str) -> Error {
        match self {
            Error::Exit(code) => Error::Exit(code),
            other => Error::Other(format!("{before}{other}")),
        }
    }

    /// The failures one by one.
    fn flattened(&self) -> Vec<&Error> {
        match self {
            Error::Many(errors) => errors.iter().flat_map(Error::flattened).collect(),
            one => vec![one],
        }
    }

    /// What the server said no with. What breaks the rules of its kind is told cause by cause
    /// instead.
    pub(crate) fn refusals(&self) -> Vec<&Status> {
        let mut refusals = Vec::new();
        for error in self.flattened() {
            if let Error::Status(status) = error
                && status.reason != Reason::Invalid
            {
                refusals.push(status.as_ref());
            }
        }
        refusals
    }

    /// The words for failures that have their own, as they are printed without `error: `.
    fn standard_message(&self) -> Option<String> {
        match self {
            Error::Status(status) => Some(match status.reason {
                Reason::Unauthorized => {
                    format!("error: You must be logged in to the server ({})", status.message)
                }
                Reason::Unknown => format!("Error from server: {}", status.message),
                reason => format!("Error from server ({}): {}", reason.as_str(), status.message),
            }),
            Error::Connection(error) => Some(error.to_string()),
            Error::NoResource(_) | Error::Plain(_) => Some(self.to_string()),
            _ => None,
        }
    }

    /// The message as one among several.
    fn line(&self) -> String {
        self.standard_message().unwrap_or_else(|| self.to_string())
    }

    /// What is printed, and with which code kubectl ends.
    pub fn report(&self) -> (String, i32) {
        if !matches!(self, Error::Many(_)) {
            return self.report_one();
        }
        let errors = self.flattened();
        let lines: Vec<String> = errors.into_iter().map(Error::line).collect();
        (lines.join("\n"), 1)
    }

    fn report_one(&self) -> (String, i32) {
        match self {
            Error::Exit(code) => (String::new(), *code),
            Error::Status(status) if status.reason == Reason::Invalid => (invalid(status), 1),
            Error::Configuration(problems) => (configuration(problems), 1),
            _ => {
                let text = self.standard_message().unwrap_or_else(|| {
                    let text = self.to_string();
                    if text.starts_with("error: ") { text } else { format!("error: {text}") }
                });
                (text, 1)
            }
        }
    }
}

/// An object that breaks the rules of its kind.
fn invalid(status: &Status) -> String {
    let details = status.details.as_deref().cloned().unwrap_or_default();
    let mut text = match (details.kind.is_empty(), details.name.as_str()) {
        (true, "") => "The request is invalid".to_owned(),
        (_, name) => format!("The {} {} is invalid", details.kind, quote(name)),
    };
    let causes: Vec<String> = details
        .causes
        .iter()
        .map(|cause| match cause.field.as_str() {
            "" => cause.message.clone(),
            field => format!("{field}: {}", cause.message),
        })
        .collect();
    match causes.as_slice() {
        [] if !status.message.is_empty() && status.details.is_none() => {
            text = format!("{text}: {}", status.message);
        }
        [] => {}
        // Each cause has a line of its own, also one that ends with a line of its own.
        [one] if one.ends_with('\n') => text = format!("{text}: {one}\n"),
        [one] => text = format!("{text}: {one}"),
        several => {
            text.push_str(": ");
            for cause in several {
                text.push_str("\n* ");
                text.push_str(cause);
            }
        }
    }
    text
}

/// kubeconfig files that make no sense.
fn configuration(problems: &[String]) -> String {
    match problems {
        [one] => format!("Error in configuration: {one}"),
        several => {
            let mut text = "Error in configuration: ".to_owned();
            for problem in several {
                text.push_str("\n* ");
                text.push_str(problem);
            }
            text
        }
    }
}

impl fmt::Display for Error {
    /// The failure without any prefix, as it stands within longer messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Status(status) => f.write_str(&status.message),
            Error::Connection(error) => error.fmt(f),
            Error::Configuration(problems) => {
                write!(f, "invalid configuration: {}", aggregate(problems))
            }
            Error::NoResource(resource) => {
                write!(f, "the server doesn't have a resource type {}", quote(resource))
            }
            Error::NoKind { kind, version } => {
                write!(f, "no matches for kind {} in version {}", quote(kind), quote(version))
            }
            Error::Other(text) | Error::Plain(text) => f.write_str(text),
            Error::Many(_) => {
                let texts: Vec<String> = self.flattened().iter().map(ToString::to_string).collect();
                f.write_str(&aggregate(&texts))
            }
            Error::Exit(code) => write!(f, "exit status {code}"),
        }
    }
}

/// Several failures within one sentence: `[a, b]`.
pub fn aggregate(texts: &[String]) -> String {
    let mut unique: Vec<&str> = Vec::new();
    for text in texts {
        if !unique.contains(&text.as_str()) {
            unique.push(text);
        }
    }
    match unique.as_slice() {
        [one] => (*one).to_owned(),
        several => format!("[{}]", several.join(", ")),
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConnectionError::Refused(host) => write!(
                f,
                "The connection to the server {host} was refused - did you specify the right \
                 host or port?"
            ),
            ConnectionError::Failed(why) => write!(f, "Unable to connect to the server: {why}"),
        }
    }
}

/// `%q`
pub(crate) fn quote(text: &str) -> String {
    api::go::quote(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::field::{ErrorList, Path};

    fn check(error: Error, text: &str) {
        assert_eq!(error.report(), (text.to_owned(), 1));
    }

    fn not_found(name: &str) -> Error {
        let pods = api::QualifiedResource { group: "", resource: "pods" };
        Status::not_found(pods, name).into()
    }

    #[test]
    fn one_failure_has_a_prefix_and_several_have_none() {
        check(not_found("x"), "Error from server (NotFound): pods \"x\" not found");
        check(error!("no"), "error: no");
        check(error!("error: no"), "error: no");
        check(
            Error::Many(vec![error!("a"), not_found("x"), error!("a")]),
            "a\nError from server (NotFound): pods \"x\" not found\na",
        );
        check(
            not_found("x").with_source("creating", "a.yaml"),
            "Error from server (NotFound): error when creating \"a.yaml\": pods \"x\" not found",
        );
        check(Error::NoResource("x".into()), "the server doesn't have a resource type \"x\"");
    }

    #[test]
    fn invalid_objects_have_bullets() {
        let mut errors = ErrorList::new();
        errors.required(&Path::new("spec"), "");
        let status = |errors: &ErrorList| Status::invalid("", "Pod", "p", errors).into();
        check(status(&errors), "The Pod \"p\" is invalid: spec: Required value");
        errors.required(&Path::new("kind"), "");
        check(
            status(&errors),
            "The Pod \"p\" is invalid: \n* spec: Required value\n* kind: Required value",
        );
    }
}
