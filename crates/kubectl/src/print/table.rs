//! Tables, as `kubectl get` prints what the server sends.

use super::tab_writer::TabWriter;
use crate::discovery::Mapping;
use api::{List, Value, list, names, object};
use sim::Time;

/// How tables are printed.
#[derive(Clone, Debug, Default)]
pub struct TableOptions {
    /// `-o wide`
    pub wide: bool,
    /// `--no-headers`
    pub no_headers: bool,
    /// Whether there is a column for the namespace.
    pub with_namespace: bool,
    /// What stands before names: `deployment.apps`.
    pub kind: Option<String>,
    /// `--show-labels`
    pub show_labels: bool,
    /// `--label-columns`
    pub label_columns: Vec<String>,
    /// The present instant, for the ages of objects that come without a table.
    pub now: Time,
}

/// Prints tables; headings come once.
#[derive(Clone, Debug)]
pub struct TablePrinter {
    options: TableOptions,
    last_columns: Value,
}

impl TablePrinter {
    /// A printer.
    pub fn new(options: TableOptions) -> TablePrinter {
        TablePrinter { options, last_columns: Value::Null }
    }

    /// Writes a table, or objects without one, with the columns that fit anything.
    pub fn print(&mut self, writer: &mut TabWriter, object: &Value) {
        self.print_event(writer, None, object);
    }

    /// The same for an event of a watch, whose type may have a column of its own.
    pub fn print_event(&mut self, writer: &mut TabWriter, event: Option<&str>, object: &Value) {
        if is_table(object) {
            self.print_table(writer, event, object);
        } else {
            let items = object["items"].items();
            let objects = if items.is_empty() && object["items"].is_null() {
                std::slice::from_ref(object)
            } else {
                items
            };
            self.print_table(writer, event, &plain_table(objects, self.options.now));
        }
    }

    fn print_table(&mut self, writer: &mut TabWriter, event: Option<&str>, table: &Value) {
        let sent = &table["columnDefinitions"];
        let rows = table["rows"].items();
        let has_new_columns = !sent.items().is_empty() && *sent != self.last_columns;
        if has_new_columns {
            self.last_columns = sent.clone();
        }
        let columns = self.last_columns.clone();
        // Without rows the headings wait.
        if has_new_columns && !rows.is_empty() && !self.options.no_headers {
            writer
                .row(event.map(|_| event_cell("EVENT")).into_iter().chain(self.headings(&columns)));
        }
        for row in rows {
            writer.row(event.map(event_cell).into_iter().chain(self.cells(&columns, row)));
        }
        if rows.is_empty() && has_new_columns {
            self.last_columns = Value::Null;
        }
    }

    fn is_shown(&self, column: &Value) -> bool {
        self.options.wide || column["priority"].as_i64().unwrap_or(0) == 0
    }

    fn headings(&self, columns: &Value) -> Vec<String> {
        let mut headings = Vec::new();
        if self.options.with_namespace {
            headings.push("NAMESPACE".to_owned());
        }
        for column in columns.items().iter().filter(|column| self.is_shown(column)) {
            headings.push(column["name"].as_str().unwrap_or_default().to_uppercase());
        }
        for label in &self.options.label_columns {
            let name = label.rsplit('/').next().unwrap_or(label);
            headings.push(name.to_uppercase());
        }
        if self.options.show_labels {
            headings.push("LABELS".to_owned());
        }
        headings
    }

    fn cells(&self, columns: &Value, row: &Value) -> Vec<String> {
        let metadata = row.get(&names::OBJECT).get(&names::METADATA);
        let mut cells = Vec::new();
        if self.options.with_namespace {
            cells.push(metadata["namespace"].as_str().unwrap_or_default().to_owned());
        }
        for (column, cell) in columns.items().iter().zip(row["cells"].items()) {
            if !self.is_shown(column) {
                continue;
            }
            let text = cell_text(cell);
            let is_name = column["format"] == "name" && column["type"] == "string";
            cells.push(match &self.options.kind {
                Some(kind) if is_name => format!("{kind}/{text}"),
                _ => text,
            });
        }
        let labels = metadata["labels"].as_map();
        let value = |label: &str| labels.and_then(|map| map.get_str(label)).and_then(Value::as_str);
        for label in &self.options.label_columns {
            cells.push(value(label).unwrap_or_default().to_owned());
        }
        if self.options.show_labels {
            cells.push(labels_text(&metadata["labels"]));
        }
        cells
    }
}

/// The longest word is known beforehand.
fn event_cell(text: &str) -> String {
    format!("{text:width$}", width = "MODIFIED".len())
}

/// Whether a document is a table.
pub fn is_table(object: &Value) -> bool {
    *object.get(&names::KIND) == "Table"
}

/// `app=web,tier=front`, or `<none>`.
pub fn labels_text(labels: &Value) -> String {
    let pairs: Vec<String> = labels
        .as_map()
        .map(|map| {
            let pair = |(key, value): (&api::Key, &Value)| {
                format!("{key}={}", value.as_str().unwrap_or_default())
            };
            map.iter().map(pair).collect()
        })
        .unwrap_or_default();
    if pairs.is_empty() { "<none>".to_owned() } else { pairs.join(",") }
}

/// A cell shows one line, without anything a terminal would obey.
fn cell_text(cell: &Value) -> String {
    let text = match cell {
        Value::Null => return String::new(),
        Value::Str(text) => text.to_string(),
        other => api::go::plain(other),
    };
    let first_line = text.split(['\n', '\r', '\u{c}']).next().unwrap_or_default();
    let shown = first_line.replace('\u{1b}', "^[");
    if first_line.len() < text.len() { format!("{shown}...") } else { shown }
}

/// Name and age, for objects that came without a table.
fn plain_table(objects: &[Value], now: Time) -> Value {
    let row = |object: &Value| {
        let metadata = object.get(&names::METADATA);
        let created = metadata.get(&names::CREATION_TIMESTAMP).as_str();
        let age = match created.and_then(Time::parse_rfc3339) {
            Some(created) => api::human::age(created, now),
            None => "<unknown>".to_owned(),
        };
        object! { "cells": list![metadata.get(&names::NAME), age], "object": object }
    };
    object! {
        "kind": "Table",
        "columnDefinitions": list![
            object! { "name": "Name", "type": "string", "format": "name" },
            object! { "name": "Age", "type": "string", "format": "" },
        ],
        "rows": Value::List(objects.iter().map(row).collect::<List>()),
    }
}

/// What stands before the names of a resource when several are printed together.
pub fn kind_prefix(mapping: &Mapping) -> String {
    mapping.kind_name()
}
