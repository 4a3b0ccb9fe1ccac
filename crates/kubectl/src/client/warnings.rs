//! What the server wants its user to know (`Warning` headers).

use shell::Context;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// The warnings of one command; each is printed once.
#[derive(Debug, Default)]
pub(crate) struct Warnings(RefCell<BTreeSet<String>>);

impl Warnings {
    pub(crate) fn print(&self, context: &Context, warnings: &[String]) {
        for warning in warnings {
            if self.0.borrow_mut().insert(warning.clone()) {
                context.complain(format!("{} {warning}\n", prefix(context)));
            }
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.borrow().len()
    }
}

/// `Warning:`, in bold yellow on a terminal.
pub(crate) fn prefix(context: &Context) -> &'static str {
    let is_dumb = context.variable("TERM").is_some_and(|term| &*term == "dumb");
    let is_plain = is_dumb || context.variable("NO_COLOR").is_some() || !context.is_terminal(2);
    if is_plain { "Warning:" } else { "\u{1b}[33;1mWarning:\u{1b}[0m" }
}
