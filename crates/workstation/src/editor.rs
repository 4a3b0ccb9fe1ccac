//! `vi` and its like: a program that waits while somebody edits its file elsewhere.
//!
//! The desk has no editor that draws on a terminal. Whoever shows the session looks which file
//! waits ([`Editors::waiting`]) and says when its editor is closed ([`Editors::close`]).

use shell::{Context, Program};
use sim::{Sender, channel};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// The names under which an editor is looked for.
pub(crate) const NAMES: [&str; 4] = ["vi", "vim", "nano", "editor"];

/// What is shown meanwhile, and what takes it away again.
const WAITING: &str = "hint: Waiting for your editor to close the file...";
const DONE: &str = "\r\x1b[K";

struct Waiting {
    path: String,
    close: Sender<()>,
}

/// The files that wait for an editor to be closed.
#[derive(Clone, Default)]
pub struct Editors(Rc<RefCell<VecDeque<Waiting>>>);

/// Takes a file from the list when its program ends, however it ends.
struct Entry<'a> {
    editors: &'a Editors,
    path: String,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.editors.0.borrow_mut().retain(|waiting| waiting.path != self.path);
    }
}

impl Editors {
    /// The path of the file that has waited longest.
    pub fn waiting(&self) -> Option<String> {
        self.0.borrow().front().map(|waiting| waiting.path.clone())
    }

    /// Closes the editor of this file; false if none waits for it.
    pub fn close(&self, path: &str) -> bool {
        let mut waiting = self.0.borrow_mut();
        let Some(at) = waiting.iter().position(|waiting| waiting.path == path) else {
            return false;
        };
        // The program may have been killed in between; then nobody needs to be told.
        waiting.remove(at).is_some_and(|waiting| waiting.close.send(()).is_ok())
    }

    /// The program.
    pub(crate) fn program(&self) -> impl Program + use<> {
        let editors = self.clone();
        move |context: Context| edit(editors.clone(), context)
    }
}

async fn edit(editors: Editors, context: Context) -> i32 {
    let operands = context.operands();
    let file = operands.iter().find(|word| !word.starts_with(['-', '+']));
    let Some(file) = file else {
        context.fail("which file?");
        return 1;
    };
    if !context.is_terminal(1) {
        context.fail("output is not to a terminal");
        return 1;
    }
    let path = shell::fs::join(&context.directory(), file);
    if context.is_directory(&path) {
        context.fail(format!("{file}: is a directory"));
        return 1;
    }
    let (close, mut closed) = channel();
    editors.0.borrow_mut().push_back(Waiting { path: path.clone(), close });
    let _entry = Entry { editors: &editors, path };
    context.complain(WAITING);
    // What cannot be shown does not keep anybody from editing.
    let _ = context.flush().await;
    closed.recv().await;
    context.complain(DONE);
    0
}
