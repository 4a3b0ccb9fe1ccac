//! One record of comma-separated values, with the messages of Go's `encoding/csv`.

/// The fields of a line.
pub(super) fn record(line: &str) -> Result<Vec<String>, String> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let offset = line.len() - rest.len();
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(line, offset, quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (field, after) = rest.split_at(end);
                if let Some(at) = field.find('"') {
                    return Err(problem(offset + at + 1, "bare \" in non-quoted-field"));
                }
                (field.to_owned(), after)
            }
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(more) => rest = more,
            None => return Ok(fields),
        }
    }
}

/// A field within quotes, and what stands behind it.
fn quoted_field<'a>(
    line: &str,
    offset: usize,
    quoted: &'a str,
) -> Result<(String, &'a str), String> {
    let mut field = String::new();
    let mut rest = quoted;
    loop {
        let Some(end) = rest.find('"') else {
            let what = "extraneous or missing \" in quoted-field";
            return Err(problem(line.len() + 1, what));
        };
        field.push_str(rest.get(..end).unwrap_or_default());
        rest = rest.get(end + 1..).unwrap_or_default();
        if let Some(more) = rest.strip_prefix('"') {
            field.push('"');
            rest = more;
        } else if rest.is_empty() || rest.starts_with(',') {
            return Ok((field, rest));
        } else {
            let at = offset + 1 + (quoted.len() - rest.len());
            return Err(problem(at, "extraneous or missing \" in quoted-field"));
        }
    }
}

fn problem(column: usize, what: &str) -> String {
    format!("parse error on line 1, column {column}: {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_may_be_quoted() {
        let check = |line: &str, fields: &[&str]| {
            assert_eq!(record(line).expect(line), fields, "{line}");
        };
        check("a,b", &["a", "b"]);
        check("a,", &["a", ""]);
        check("\"a,b\",c", &["a,b", "c"]);
        check("\"a\"\"b\"", &["a\"b"]);
        assert!(record("\"a").is_err());
        assert!(record("\"a\"b").is_err());
    }
}
