//! How differences are shown.

use super::lines::Change;

fn push_line(text: &mut Vec<u8>, mark: &[u8], line: &[u8]) {
    text.extend_from_slice(mark);
    text.extend_from_slice(line);
    if !line.ends_with(b"\n") {
        text.extend_from_slice(b"\n\\ No newline at end of file\n");
    }
}

fn push_lines(text: &mut Vec<u8>, mark: &[u8], lines: &[&[u8]], range: (usize, usize)) {
    for line in lines.get(range.0..range.1).unwrap_or_default() {
        push_line(text, mark, line);
    }
}

/// `2,3c4`
pub(super) fn normal(left: &[&[u8]], right: &[&[u8]], changes: &[Change]) -> Vec<u8> {
    let mut text = Vec::new();
    for change in changes {
        let range = |(start, end): (usize, usize)| match end - start {
            0 => start.to_string(),
            1 => end.to_string(),
            _ => format!("{},{end}", start + 1),
        };
        let letter = match (change.left.0 == change.left.1, change.right.0 == change.right.1) {
            (true, _) => 'a',
            (_, true) => 'd',
            _ => 'c',
        };
        let head = format!("{}{letter}{}\n", range(change.left), range(change.right));
        text.extend_from_slice(head.as_bytes());
        push_lines(&mut text, b"< ", left, change.left);
        if letter == 'c' {
            text.extend_from_slice(b"---\n");
        }
        push_lines(&mut text, b"> ", right, change.right);
    }
    text
}

/// The unified format with `around` lines of context.
pub(super) fn unified(
    left_label: &str,
    right_label: &str,
    left: &[&[u8]],
    right: &[&[u8]],
    changes: &[Change],
    around: usize,
) -> Vec<u8> {
    let mut text = format!("--- {left_label}\n+++ {right_label}\n").into_bytes();
    let mut rest = changes;
    while let Some(first) = rest.first() {
        // Changes that are close share a hunk.
        let mut count = 1;
        while let (Some(one), Some(next)) = (rest.get(count - 1), rest.get(count)) {
            if next.left.0 - one.left.1 > 2 * around {
                break;
            }
            count += 1;
        }
        let hunk = rest.get(..count).unwrap_or_default();
        rest = rest.get(count..).unwrap_or_default();
        let last = hunk.last().unwrap_or(first);
        let before = around.min(first.left.0);
        let after = around.min(left.len() - last.left.1);
        let left_range = (first.left.0 - before, last.left.1 + after);
        let right_range = (first.right.0 - before, last.right.1 + after);
        let head = format!("@@ -{} +{} @@\n", range(left_range), range(right_range));
        text.extend_from_slice(head.as_bytes());
        let mut at = left_range.0;
        for change in hunk {
            push_lines(&mut text, b" ", left, (at, change.left.0));
            push_lines(&mut text, b"-", left, change.left);
            push_lines(&mut text, b"+", right, change.right);
            at = change.left.1;
        }
        push_lines(&mut text, b" ", left, (at, left_range.1));
    }
    text
}

/// Start and length; the length is left out if it is one.
fn range((start, end): (usize, usize)) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => end.to_string(),
        count => format!("{},{count}", start + 1),
    }
}
