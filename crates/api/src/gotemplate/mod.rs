//! Go templates: `-o go-template`.
//!
//! Go's `text/template` as kubectl uses it on documents: fields, variables, pipes, `if`, `with`,
//! `range`, `break`, `define`, `template`, `block`, trimming, comments, Go's functions with
//! `printf`, and kubectl's `base64decode` and `exists`. Its error texts name the template
//! `output`, a line and a column, and are kept with all that.
//!
//! What is missing: complex numbers, floats in base 16, some verbs of `printf` (`%b` and `%x` of
//! floats, `%p`). What is different: limits on nesting, on steps and on output, where Go has none.

mod datum;
mod evaluate;
mod execute;
pub(crate) mod format;
mod functions;
mod lex;
mod literal;
mod node;
mod parse;
mod parse_pipe;
mod printf;

pub use crate::jsonpath::Missing;

use crate::Value;
use crate::json;
use format::{MapType, quote};
use functions::FUNCTIONS;

/// A template that has been parsed.
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    tree: parse::Tree,
    missing: Missing,
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error parsing template {template}, {problem}")]
pub struct ParseError {
    /// The text.
    pub template: String,
    /// What is wrong with it, in Go's words.
    pub problem: String,
}

/// What executing a template gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// What goes to standard output. After a failure this is what was written before, and an
    /// explanation with the document.
    pub text: String,
    /// kubectl's message about a failure, without `error: `.
    pub error: Option<String>,
}

impl Template {
    /// Parses a template such as `{{.metadata.name}}`.
    pub fn parse(text: &str) -> Result<Template, ParseError> {
        let names: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
        let tree = parse::parse(text, &names)
            .map_err(|problem| ParseError { template: text.to_owned(), problem })?;
        Ok(Template { text: text.to_owned(), tree, missing: Missing::Allowed })
    }

    /// Says what a name that is not there is.
    pub fn with_missing(self, missing: Missing) -> Template {
        Template { missing, ..self }
    }

    /// What `-o go-template` prints.
    pub fn print(&self, document: &Value) -> Printed {
        let document = &through_json(document);
        let (mut text, failure) = execute::execute(&self.tree, &self.text, self.missing, document);
        let error = failure.map(|failure| {
            text.push_str(&self.explanation(&failure, document));
            format!("error executing template {}: {failure}", quote(&self.text))
        });
        Printed { text, error }
    }

    /// What kubectl writes for whoever debugs the template.
    fn explanation(&self, failure: &str, document: &Value) -> String {
        format!(
            "Error executing template: {failure}. \
             Printing more information for debugging the template:\n\
             \ttemplate was:\n\t\t{}\n\
             \traw data was:\n\t\t{}\n\
             \tobject given to template engine was:\n\t\t{}\n\n",
            self.text,
            json::to_string(document),
            format::plain(document)
        )
    }
}

/// kubectl writes the document as JSON and reads it again: whole floats become integers.
fn through_json(value: &Value) -> Value {
    if !has_whole_float(value) {
        return value.clone();
    }
    match value {
        Value::Float(number) => {
            let mut written = String::new();
            json::push_float(&mut written, *number);
            written.parse().map_or(Value::Float(*number), Value::Int)
        }
        Value::List(list) => list.iter().map(through_json).collect::<Vec<Value>>().into(),
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| (key.clone(), through_json(value)));
            Value::Map(entries.collect())
        }
        other => other.clone(),
    }
}

fn has_whole_float(value: &Value) -> bool {
    match value {
        Value::Float(number) => number.fract() == 0.0,
        Value::List(list) => list.iter().any(has_whole_float),
        Value::Map(map) => map.iter().any(|(_, value)| has_whole_float(value)),
        _ => false,
    }
}

/// A document in Go's syntax (`%#v`): `map[string]interface {}{"kind":"Pod"}`.
pub fn go_syntax(document: &Value) -> String {
    format::syntax(document, MapType::String)
}

/// A document as Go prints it (`%v`): `map[kind:Pod]`. Cells of `custom-columns` hold this.
pub fn go_text(document: &Value) -> String {
    format::plain(document)
}
