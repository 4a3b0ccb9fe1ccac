//! Descriptions in lines of a width that people can read.

/// The characters of a line, without what stands before them.
const WIDTH: usize = 76;
const INDENT: &str = "    ";

/// A text in lines. Lines that follow each other belong together, but for those that begin with a
/// space, which begin a line of their own.
pub(super) fn wrap(text: &str) -> String {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        let is_own = line.is_empty() || line.starts_with(' ');
        match paragraphs.last_mut() {
            Some(last) if is_open && !is_own => {
                last.push(' ');
                last.push_str(line);
            }
            _ => paragraphs.push(line.to_owned()),
        }
        is_open = !is_own;
    }
    let mut out = String::new();
    for paragraph in paragraphs {
        wrap_paragraph(&mut out, &paragraph);
    }
    out
}

fn wrap_paragraph(out: &mut String, paragraph: &str) {
    let mut line: Option<String> = None;
    for word in paragraph.split(' ') {
        line = Some(match line {
            None => word.to_owned(),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                format!("{line} {word}")
            }
            Some(full) => {
                push(out, full.trim_end());
                word.to_owned()
            }
        });
    }
    push(out, &line.unwrap_or_default());
}

fn push(out: &mut String, line: &str) {
    out.push_str(INDENT);
    out.push_str(line);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn lines_break_at_words() {
        let text = "Restart policy for all containers within the pod. One of Always, OnFailure, \
                    Never.\n\nPossible enum values:\n - `\"Always\"`\n - `\"Never\"`";
        let expected = "    Restart policy for all containers within the pod. One of Always, \
                        OnFailure,\n    Never.\n    \n    Possible enum values:\n     - \
                        `\"Always\"`\n     - `\"Never\"`\n";
        assert_eq!(wrap(text), expected);
    }

    #[test]
    fn two_spaces_stay() {
        assert_eq!(wrap("One.  Two."), "    One.  Two.\n");
    }
}
