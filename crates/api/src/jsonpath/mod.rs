//! JSONPath in kubectl's dialect.
//!
//! `-o jsonpath`, `custom-columns`, `--sort-by` and `kubectl wait --for=jsonpath` all speak it: a
//! template of text and of actions in braces, with `range` and `end`, which resembles the JSONPath
//! of the RFC only from afar. The grammar's oddities (bare names are commands, filters compare
//! without converting, quotes inside brackets must be single) are learners' daily errors, so they
//! are kept with their texts.
//!
//! What is different: map entries come in the order of their keys (Go's order is random), `*` on
//! a string yields nothing (Go yields its bytes), and a path may find at most [`MAX_FOUND`] values.

mod evaluate;
mod parse;
mod print;
mod unquote;

use crate::Value;
use crate::gotemplate::format::quote;
use parse::Node;
use std::fmt;
pub(crate) use unquote::unquote;

/// So many values one step of a path may find.
pub const MAX_FOUND: usize = 2_000_000;

/// A template that has been parsed.
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    nodes: Vec<Node>,
    missing: Missing,
}

/// What a name that is not there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing: kubectl's default.
    Allowed,
    /// An error: `--allow-missing-template-keys=false`.
    Refused,
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error parsing jsonpath {template}, {problem}")]
pub struct ParseError {
    /// The text.
    pub template: String,
    /// What is wrong with it.
    pub problem: String,
}

/// Why a template cannot be applied to a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ExecutionError {
    /// What is wrong.
    pub problem: String,
}

impl ExecutionError {
    fn new(problem: impl fmt::Display) -> ExecutionError {
        ExecutionError { problem: problem.to_string() }
    }
}

impl Template {
    /// Parses a template such as `{.metadata.name}{"\n"}`.
    pub fn parse(text: &str) -> Result<Template, ParseError> {
        let nodes = parse::template(text)
            .map_err(|problem| ParseError { template: text.to_owned(), problem })?;
        Ok(Template { text: text.to_owned(), nodes, missing: Missing::Allowed })
    }

    /// Says what a name that is not there is.
    pub fn with_missing(self, missing: Missing) -> Template {
        Template { missing, ..self }
    }

    /// What the parts of the template find: one list for each text and each action.
    pub fn find<'a>(&'a self, document: &'a Value) -> Result<Vec<Vec<&'a Value>>, ExecutionError> {
        evaluate::find(&self.nodes, self.missing, document)
    }

    /// What `-o jsonpath` prints.
    pub fn print(&self, document: &Value) -> Result<String, ExecutionError> {
        Ok(print::text(&self.find(document)?))
    }

    /// What `-o jsonpath-as-json` prints: a list of what was found.
    pub fn print_json(&self, document: &Value) -> Result<String, ExecutionError> {
        Ok(print::json(&self.find(document)?))
    }

    /// kubectl's message about a failure, without `error: `. It shows the document in Go's syntax.
    pub fn report(&self, error: &ExecutionError, document: &Value) -> String {
        let template = quote(&self.text);
        let object = crate::gotemplate::go_syntax(document);
        format!(
            "error executing jsonpath {template}: Error executing template: {error}. \
             Printing more information for debugging the template:\n\
             \ttemplate was:\n\t\t{}\n\
             \tobject given to jsonpath engine was:\n\t\t{object}\n\n\n",
            self.text
        )
    }
}

/// A value as [`Template::print`] prints it: strings bare, lists and maps as JSON.
pub fn value_text(value: &Value) -> String {
    let mut out = String::new();
    print::push_value(&mut out, value);
    out
}

/// Makes a template of a path without its braces or its first dot, as `--sort-by` and
/// `custom-columns` take it: `metadata.name`, `.metadata.name`, `{.metadata.name}`.
pub fn relaxed(path: &str) -> Result<String, PathError> {
    if path.is_empty() {
        return Ok(String::new());
    }
    let inner = path.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(path);
    let inner = match inner.strip_prefix('.') {
        Some(rest) if !rest.is_empty() => rest,
        _ => inner,
    };
    // One character at least, and no line break at the end or braces anywhere.
    if inner.is_empty() || inner.contains(['{', '}']) {
        return Err(PathError);
    }
    Ok(format!("{{.{inner}}}"))
}

/// A path that is none. It prints as kubectl's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{{name1.name2}}' or \
     '{{.name1.name2}}'"
)]
pub struct PathError;
