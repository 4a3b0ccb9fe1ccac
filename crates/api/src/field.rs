//! Where a document is wrong, and how: field paths and the list of errors of a validation.
//!
//! Models `k8s.io/apimachinery/pkg/util/validation/field`, whose wording the API server prints.

use std::fmt;

/// The place of a field within its document. A path borrows its parent, so that a validation
/// that finds nothing wrong allocates nothing.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    part: Part<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    /// The document as a whole.
    Root,
    Child(&'a str),
    Index(usize),
    Key(&'a str),
}

impl<'a> Path<'a> {
    /// The document as a whole.
    pub const ROOT: Path<'static> = Path { parent: None, part: Part::Root };

    /// A field of the document.
    pub const fn new(name: &'a str) -> Path<'a> {
        Path { parent: None, part: Part::Child(name) }
    }

    /// A field of the struct at this path.
    pub const fn child(&'a self, name: &'a str) -> Path<'a> {
        Path { parent: Some(self), part: Part::Child(name) }
    }

    /// An item of the list at this path.
    pub const fn index(&'a self, index: usize) -> Path<'a> {
        Path { parent: Some(self), part: Part::Index(index) }
    }

    /// An entry of the map at this path.
    pub const fn key(&'a self, key: &'a str) -> Path<'a> {
        Path { parent: Some(self), part: Part::Key(key) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.part {
            Part::Root => Ok(()),
            Part::Child(name) => {
                let follows = self.parent.is_some_and(|p| !matches!(p.part, Part::Root));
                write!(f, "{}{name}", if follows { "." } else { "" })
            }
            Part::Index(index) => write!(f, "[{index}]"),
            Part::Key(key) => write!(f, "[{key}]"),
        }
    }
}

/// The value that an error is about, as the error prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadValue {
    /// Printed in quotes.
    Quoted(String),
    /// Printed as it stands: numbers, and Go values in Go's syntax.
    Plain(String),
}

impl From<&str> for BadValue {
    fn from(text: &str) -> BadValue {
        BadValue::Quoted(text.to_owned())
    }
}
impl From<String> for BadValue {
    fn from(text: String) -> BadValue {
        BadValue::Quoted(text)
    }
}
impl From<i64> for BadValue {
    fn from(number: i64) -> BadValue {
        BadValue::Plain(number.to_string())
    }
}
impl From<usize> for BadValue {
    fn from(number: usize) -> BadValue {
        BadValue::Plain(number.to_string())
    }
}
impl From<bool> for BadValue {
    fn from(flag: bool) -> BadValue {
        BadValue::Plain(flag.to_string())
    }
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadValue::Quoted(text) => f.write_str(&crate::go::quote(text)),
            BadValue::Plain(text) => f.write_str(text),
        }
    }
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorType {
    /// A name refers to something that does not exist.
    NotFound,
    /// A value is missing.
    Required,
    /// A value stands there twice.
    Duplicate,
    /// A value is wrong.
    Invalid,
    /// A value is not one of those that are allowed.
    NotSupported,
    /// A value must not be there.
    Forbidden,
    /// A text is too long.
    TooLong,
    /// A list has too many items.
    TooMany,
    /// A value has the wrong type.
    TypeInvalid,
    /// The server failed.
    Internal,
}

impl ErrorType {
    /// The words of the message.
    pub fn words(self) -> &'static str {
        match self {
            ErrorType::NotFound => "Not found",
            ErrorType::Required => "Required value",
            ErrorType::Duplicate => "Duplicate value",
            ErrorType::Invalid | ErrorType::TypeInvalid => "Invalid value",
            ErrorType::NotSupported => "Unsupported value",
            ErrorType::Forbidden => "Forbidden",
            ErrorType::TooLong => "Too long",
            ErrorType::TooMany => "Too many",
            ErrorType::Internal => "Internal error",
        }
    }

    /// The reason of the `Status` cause.
    pub fn reason(self) -> &'static str {
        match self {
            ErrorType::NotFound => "FieldValueNotFound",
            ErrorType::Required => "FieldValueRequired",
            ErrorType::Duplicate => "FieldValueDuplicate",
            ErrorType::Invalid => "FieldValueInvalid",
            ErrorType::NotSupported => "FieldValueNotSupported",
            ErrorType::Forbidden => "FieldValueForbidden",
            ErrorType::TooLong => "FieldValueTooLong",
            ErrorType::TooMany => "FieldValueTooMany",
            ErrorType::TypeInvalid => "FieldValueTypeInvalid",
            ErrorType::Internal => "InternalError",
        }
    }

    fn shows_value(self) -> bool {
        !matches!(
            self,
            ErrorType::Required
                | ErrorType::Forbidden
                | ErrorType::TooLong
                | ErrorType::Internal
                | ErrorType::TypeInvalid
        )
    }
}

/// One error of a validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub ty: ErrorType,
    /// Where.
    pub field: String,
    /// The offending value.
    pub value: BadValue,
    /// What would be right.
    pub detail: String,
}

impl Error {
    /// The error without its field: `Invalid value: -1: must be positive`.
    pub fn body(&self) -> String {
        let mut body = self.ty.words().to_owned();
        if self.ty.shows_value() {
            body = format!("{body}: {}", self.value);
        }
        if !self.detail.is_empty() {
            body = format!("{body}: {}", self.detail);
        }
        body
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.body())
    }
}

/// The errors that a validation has found so far, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorList(pub Vec<Error>);

impl ErrorList {
    /// A list without errors.
    pub fn new() -> ErrorList {
        ErrorList::default()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn push(&mut self, ty: ErrorType, at: &Path<'_>, value: BadValue, detail: String) {
        self.0.push(Error { ty, field: at.to_string(), value, detail });
    }

    /// A value is missing.
    pub fn required(&mut self, at: &Path<'_>, detail: impl Into<String>) {
        self.push(ErrorType::Required, at, "".into(), detail.into());
    }

    /// A value is wrong.
    pub fn invalid(
        &mut self,
        at: &Path<'_>,
        value: impl Into<BadValue>,
        detail: impl Into<String>,
    ) {
        self.push(ErrorType::Invalid, at, value.into(), detail.into());
    }

    /// A value is none of `supported`.
    pub fn not_supported(&mut self, at: &Path<'_>, value: impl Into<BadValue>, supported: &[&str]) {
        let quoted: Vec<String> = supported.iter().map(|s| crate::go::quote(s)).collect();
        let detail = match supported {
            [] => String::new(),
            _ => format!("supported values: {}", quoted.join(", ")),
        };
        self.push(ErrorType::NotSupported, at, value.into(), detail);
    }

    /// A value must not be there.
    pub fn forbidden(&mut self, at: &Path<'_>, detail: impl Into<String>) {
        self.push(ErrorType::Forbidden, at, "".into(), detail.into());
    }

    /// A value stands there twice.
    pub fn duplicate(&mut self, at: &Path<'_>, value: impl Into<BadValue>) {
        self.push(ErrorType::Duplicate, at, value.into(), String::new());
    }

    /// A name refers to nothing.
    pub fn not_found(&mut self, at: &Path<'_>, value: impl Into<BadValue>) {
        self.push(ErrorType::NotFound, at, value.into(), String::new());
    }

    /// A text has more than `limit` bytes.
    pub fn too_long(&mut self, at: &Path<'_>, limit: usize) {
        let detail = format!("must have at most {limit} bytes");
        self.push(ErrorType::TooLong, at, "".into(), detail);
    }

    /// A list has more than `limit` items.
    pub fn too_many(&mut self, at: &Path<'_>, actual: usize, limit: usize) {
        let detail = format!("must have at most {limit} items");
        self.push(ErrorType::TooMany, at, actual.into(), detail);
    }

    /// The server failed.
    pub fn internal(&mut self, at: &Path<'_>, detail: impl Into<String>) {
        self.push(ErrorType::Internal, at, "".into(), detail.into());
    }

    /// The errors as one text: alone as it is, several as `[a, b]`, each once.
    pub fn aggregate(&self) -> String {
        let mut texts: Vec<String> = Vec::new();
        for error in &self.0 {
            let text = error.to_string();
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        match texts.as_slice() {
            [only] => only.clone(),
            _ => format!("[{}]", texts.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_print_as_in_messages() {
        let spec = Path::new("spec");
        let containers = spec.child("containers");
        let first = containers.index(0);
        let resources = first.child("resources");
        assert_eq!(resources.key("cpu").to_string(), "spec.containers[0].resources[cpu]");
        assert_eq!(Path::ROOT.child("spec").to_string(), "spec");
    }

    #[test]
    fn errors_print_as_in_messages() {
        let at = Path::new("spec");
        let mut errors = ErrorList::new();
        errors.required(&at, "");
        errors.invalid(&at, "a\"b", "must be better");
        errors.invalid(&at, -1_i64, "must be greater than or equal to 0");
        errors.not_supported(&at, "Foo", &["A", "B"]);
        errors.too_many(&at, 3, 2);
        errors.too_long(&at, 63);
        let texts: Vec<_> = errors.0.iter().map(Error::to_string).collect();
        assert_eq!(
            texts,
            [
                "spec: Required value",
                "spec: Invalid value: \"a\\\"b\": must be better",
                "spec: Invalid value: -1: must be greater than or equal to 0",
                "spec: Unsupported value: \"Foo\": supported values: \"A\", \"B\"",
                "spec: Too many: 3: must have at most 2 items",
                "spec: Too long: must have at most 63 bytes",
            ]
        );
    }
}
