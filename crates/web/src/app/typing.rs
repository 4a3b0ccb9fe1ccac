//! What is typed: lines for the terminal, and files.

use super::{App, COPIED_MS, Message, Tab};
use crate::protocol::Request;
use crate::storage;
use crate::terminal::Suggestions;
use crate::toolbar::focus;
use gloo::timers::callback::Timeout;
use session::Input;
use std::rc::Rc;
use yew::prelude::*;

/// The terminal and the files.
impl App {
    pub(super) fn type_bytes(&self, bytes: Vec<u8>) {
        self.send(&Request::Input(Input::Type { terminal: 0, bytes }));
    }

    pub(super) fn set_line(&mut self, line: String) {
        storage::set(storage::LINE, &line);
        self.line = line;
    }

    pub(super) fn submit(&mut self, line: &str) {
        self.notice = None;
        self.suggestions = None;
        Rc::make_mut(&mut self.screen).open_block();
        self.type_bytes(format!("{line}\n").into_bytes());
        self.submitted = Some((line.to_owned(), self.saved.clone()));
        self.set_line(String::new());
    }

    pub(super) fn offer(&mut self, start: usize, words: Vec<String>) {
        match words.as_slice() {
            [] => self.suggestions = None,
            [word] => {
                let line = format!("{}{word}", self.line.get(..start).unwrap_or_default());
                self.suggestions = None;
                self.set_line(line);
            }
            _ => self.suggestions = Some(Rc::new(Suggestions { start, words, chosen: 0 })),
        }
    }

    pub(super) fn choose(&mut self, by: isize) {
        if let Some(found) = &mut self.suggestions {
            let found = Rc::make_mut(found);
            let count = found.words.len() as isize;
            found.chosen = (found.chosen as isize + by).rem_euclid(count.max(1)) as usize;
        }
    }

    pub(super) fn take(&mut self, number: usize) {
        if let Some(found) = self.suggestions.take()
            && let Some(word) = found.words.get(number)
        {
            self.set_line(format!("{}{word}", self.line.get(..found.start).unwrap_or_default()));
            focus("command-line");
        }
    }

    pub(super) fn resize(&mut self, columns: u32) -> bool {
        if columns > 0 && self.is_ready && columns != self.columns {
            self.columns = columns;
            self.send(&Request::Input(Input::ResizeTerminal { terminal: 0, columns, rows: 24 }));
        }
        false
    }

    pub(super) fn send_file(&self, path: &str, text: &str) {
        let input = Input::WriteFile { path: path.to_owned(), bytes: text.as_bytes().to_vec() };
        self.send(&Request::Input(input));
    }

    pub(super) fn save(&mut self, path: &str) {
        if let Some(text) = self.drafts.get(path) {
            self.send_file(path, text);
        }
    }

    pub(super) fn close_editor(&mut self, is_saved: bool) {
        let Some((path, text)) = self.editing.take() else { return };
        let draft = Rc::make_mut(&mut self.drafts).remove(&path);
        storage::set_drafts(&self.drafts);
        let bytes = is_saved.then(|| draft.unwrap_or(text).into_bytes());
        self.send(&Request::Input(Input::CloseEditor { path, bytes }));
        self.tab = Tab::Terminal;
        focus("command-line");
    }

    pub(super) fn copy(&mut self, ctx: &Context<App>) {
        let text = self.saved.clone().unwrap_or_default();
        if let Some(window) = web_sys::window() {
            let _ = window.navigator().clipboard().write_text(&text);
        }
        self.is_copied = true;
        let link = ctx.link().clone();
        Timeout::new(COPIED_MS, move || link.send_message(Message::Copied)).forget();
    }
}
