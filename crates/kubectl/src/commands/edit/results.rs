//! What came of an attempt to save, and how the next one tells of it.

use crate::errors::Error;
use crate::resource::Info;
use api::Reason;

/// What came of the attempt to save what was edited.
#[derive(Default)]
pub(super) struct Results {
    /// Why the editor opens again.
    reasons: Vec<Why>,
    /// The file that was edited; empty before the first time.
    pub(super) file: String,
    /// Objects that are not valid.
    pub(super) invalid: usize,
    /// Objects that are gone.
    pub(super) missing: usize,
    /// Objects that could not be changed for other reasons.
    pub(super) retryable: usize,
}

struct Why {
    head: String,
    details: Vec<String>,
}

impl Results {
    /// Nothing has come of this file yet.
    pub(super) fn of_file(file: &str) -> Results {
        Results { file: file.to_owned(), ..Results::default() }
    }

    /// Whether the editor has to open again.
    pub(super) fn has_reasons(&self) -> bool {
        !self.reasons.is_empty()
    }

    /// The file is no manifest.
    pub(super) fn add_syntax_error(&mut self, why: &Error) {
        let head = format!("The edited file had a syntax error: {why}");
        self.reasons.push(Why { head, details: Vec::new() });
    }

    /// The file is not what it must be at least; what is said about that.
    pub(super) fn add_failed_validation(&mut self, info: &Info, why: &str) -> String {
        let detail = format!("<nil>: Invalid value: \"The edited file failed validation\": {why}");
        self.add_invalid(info, vec![detail])
    }

    fn add_invalid(&mut self, info: &Info, details: Vec<String>) -> String {
        let resource = info.mapping.qualified();
        let name = crate::errors::quote(&info.name);
        self.invalid += 1;
        self.reasons.push(Why { head: format!("{resource} {name} was not valid"), details });
        format!("error: {resource} {name} is invalid")
    }

    /// The server has refused a change; what is said about that.
    pub(super) fn add(&mut self, info: &Info, error: &Error) -> String {
        let resource = info.mapping.qualified();
        let name = crate::errors::quote(&info.name);
        if error.is(Reason::Invalid) {
            let details = error.status().and_then(|status| status.details.as_deref());
            let causes = details.map(|details| details.causes.as_slice()).unwrap_or_default();
            let text =
                |cause: &api::status::StatusCause| format!("{}: {}", cause.field, cause.message);
            return self.add_invalid(info, causes.iter().map(text).collect());
        }
        if error.is_not_found() {
            self.missing += 1;
            return format!("error: {resource} {name} could not be found on the server");
        }
        self.retryable += 1;
        format!("error: {resource} {name} could not be patched: {error}")
    }

    /// The comments above the object.
    pub(super) fn header(&self, is_last_applied: bool) -> String {
        let mut text = if is_last_applied {
            "# Please edit the 'last-applied-configuration' annotations below.\n\
             # Lines beginning with a '#' will be ignored, and an empty file will abort the \
             edit.\n#\n"
        } else {
            "# Please edit the object below. Lines beginning with a '#' will be ignored,\n\
             # and an empty file will abort the edit. If an error occurs while saving this file \
             will be\n# reopened with the relevant failures.\n#\n"
        }
        .to_owned();
        for why in &self.reasons {
            let colon = if why.details.is_empty() { "" } else { ":" };
            text.push_str(&format!("# {}{colon}\n", commented(&why.head)));
            for detail in &why.details {
                text.push_str(&format!("# * {}\n", commented(detail)));
            }
            text.push_str("#\n");
        }
        text
    }
}

/// Every line of a comment begins as one.
fn commented(text: &str) -> String {
    text.replace('\n', "\n# ")
}
