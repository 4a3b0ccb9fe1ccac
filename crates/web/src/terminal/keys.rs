//! What keys mean at the command line, and what they send to a program that wants them raw.

use web_sys::{HtmlInputElement, KeyboardEvent};

/// What is to be done.
pub enum Action {
    /// Send the line.
    Send,
    /// Take the chosen suggestion.
    Take,
    /// Ask how the line could go on at this byte.
    Complete(usize),
    /// Choose another suggestion.
    Choose(isize),
    /// The line before in the history.
    Older,
    /// The line after.
    Newer,
    /// Put this text in the line's place.
    Edit(String),
    /// Put the cursor there.
    Cursor(u32),
    /// Send bytes at once.
    Bytes(Vec<u8>),
    /// Clear the screen.
    Clear,
}

/// The part of the line before the cursor and the part after it.
fn parts(field: &HtmlInputElement) -> (String, String) {
    let line = field.value();
    let cursor = field.selection_start().ok().flatten().map_or(usize::MAX, |at| at as usize);
    // Browsers count in UTF-16.
    let units: Vec<u16> = line.encode_utf16().collect();
    let (before, after) = units.split_at(cursor.min(units.len()));
    (String::from_utf16_lossy(before), String::from_utf16_lossy(after))
}

fn has_selection(field: &HtmlInputElement) -> bool {
    let in_field = field.selection_start().ok() != field.selection_end().ok();
    let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
    in_field || selection.is_some_and(|selection| !selection.is_collapsed())
}

/// What a key means; none if the browser knows best.
pub fn action(
    event: &KeyboardEvent,
    field: &HtmlInputElement,
    has_suggestions: bool,
) -> Option<Action> {
    let key = event.key();
    if event.ctrl_key() && !event.alt_key() && !event.meta_key() {
        return control(&key, field);
    }
    match key.as_str() {
        "Enter" => Some(Action::Send),
        "Tab" if event.shift_key() && !has_suggestions => None,
        "Tab" if has_suggestions => Some(Action::Take),
        "Tab" => {
            let (before, _) = parts(field);
            (!field.value().is_empty()).then_some(Action::Complete(before.len()))
        }
        "ArrowUp" if has_suggestions => Some(Action::Choose(-1)),
        "ArrowDown" if has_suggestions => Some(Action::Choose(1)),
        "ArrowUp" => Some(Action::Older),
        "ArrowDown" => Some(Action::Newer),
        _ => None,
    }
}

fn control(key: &str, field: &HtmlInputElement) -> Option<Action> {
    let (before, after) = parts(field);
    Some(match key {
        "c" if has_selection(field) => return None,
        "c" => Action::Bytes(vec![3]),
        "d" if field.value().is_empty() => Action::Bytes(vec![4]),
        "\\" => Action::Bytes(vec![0x1c]),
        "l" => Action::Clear,
        "u" => Action::Edit(after),
        "k" => Action::Edit(before),
        "w" => {
            let kept = before.trim_end().rfind(' ').map_or(0, |at| at + 1);
            Action::Edit(format!("{}{after}", &before[..kept]))
        }
        "a" => Action::Cursor(0),
        "e" => Action::Cursor(u32::MAX >> 1),
        "p" => Action::Older,
        "n" => Action::Newer,
        _ => return None,
    })
}

/// What a terminal sends for a key.
pub fn raw_bytes(event: &KeyboardEvent) -> Option<Vec<u8>> {
    let key = event.key();
    if event.ctrl_key() && key.len() == 1 {
        let byte = key.as_bytes()[0].to_ascii_uppercase();
        return (b'@'..=b'_').contains(&byte).then(|| vec![byte & 0x1f]);
    }
    let sequence: &[u8] = match key.as_str() {
        "Enter" => b"\r",
        "Backspace" => b"\x7f",
        "Tab" => b"\t",
        "Escape" => b"\x1b",
        "ArrowUp" => b"\x1b[A",
        "ArrowDown" => b"\x1b[B",
        "ArrowRight" => b"\x1b[C",
        "ArrowLeft" => b"\x1b[D",
        "Home" => b"\x1b[H",
        "End" => b"\x1b[F",
        "PageUp" => b"\x1b[5~",
        "PageDown" => b"\x1b[6~",
        "Delete" => b"\x1b[3~",
        text if text.chars().count() == 1 && !event.meta_key() => text.as_bytes(),
        _ => return None,
    };
    Some(sequence.to_vec())
}
