//! `-o custom-columns=NAME:.metadata.name,…`

use super::tab_writer::TabWriter;
use crate::errors::{Result, bail, error};
use api::Value;
use api::jsonpath::{Template, relaxed, value_text};

/// A table whose columns the user chose.
#[derive(Debug)]
pub(crate) struct CustomColumns {
    columns: Vec<(String, Template)>,
    no_headers: bool,
}

impl CustomColumns {
    /// Reads `HEADER:path,…`.
    pub(crate) fn parse(spec: &str, no_headers: bool) -> Result<CustomColumns> {
        if spec.is_empty() {
            bail!("custom-columns format specified but no custom columns given");
        }
        let mut columns = Vec::new();
        for part in spec.split(',') {
            let Some((header, path)) = part.split_once(':') else {
                bail!("unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>");
            };
            columns.push((header.to_owned(), path_template(path)?));
        }
        Ok(CustomColumns { columns, no_headers })
    }

    /// Reads a file of two lines: headers, and paths below them.
    pub(crate) fn parse_file(text: &str, no_headers: bool) -> Result<CustomColumns> {
        let mut lines = text.lines();
        let words = |line: Option<&str>| -> Vec<String> {
            line.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
        };
        let (headers, paths) = (words(lines.next()), words(lines.next()));
        if headers.is_empty() {
            bail!(
                "invalid template, missing header line. Expected format is one line of space separated headers, one line of space separated column specs."
            );
        }
        if paths.is_empty() {
            bail!(
                "invalid template, missing spec line. Expected format is one line of space separated headers, one line of space separated column specs."
            );
        }
        if headers.len() != paths.len() {
            bail!(
                "number of headers ({}) and field specifications ({}) don't match",
                headers.len(),
                paths.len()
            );
        }
        let mut columns = Vec::new();
        for (header, path) in headers.into_iter().zip(&paths) {
            columns.push((header, path_template(path)?));
        }
        Ok(CustomColumns { columns, no_headers })
    }

    /// Lays out objects.
    pub(crate) fn print(&self, objects: &[&Value]) -> Result<String> {
        let mut writer = TabWriter::for_tables();
        self.print_more(&mut writer, objects, true)?;
        Ok(writer.flush())
    }

    /// Writes objects, and the headers if they are due.
    pub(crate) fn print_more(
        &self,
        writer: &mut TabWriter,
        objects: &[&Value],
        with_headers: bool,
    ) -> Result {
        if with_headers && !self.no_headers {
            writer.row(self.columns.iter().map(|(header, _)| header));
        }
        for object in objects {
            let mut cells = Vec::new();
            for (_, template) in &self.columns {
                cells.push(cell(template, object)?);
            }
            writer.row(cells);
        }
        Ok(())
    }
}

fn path_template(path: &str) -> Result<Template> {
    let path = relaxed(path).map_err(|why| error!("{why}"))?;
    Template::parse(&path).map_err(|why| error!("{}", why.problem))
}

fn cell(template: &Template, object: &Value) -> Result<String> {
    let found = template.find(object).map_err(|why| error!("{why}"))?;
    let values: Vec<String> = found.iter().flatten().map(|value| text(value)).collect();
    Ok(if values.is_empty() { "<none>".to_owned() } else { values.join(",") })
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "<none>".to_owned(),
        Value::List(_) | Value::Map(_) => api::gotemplate::go_text(value),
        scalar => value_text(scalar),
    }
}
