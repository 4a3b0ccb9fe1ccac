//! What can be executed.

use crate::context::Context;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use sim::Duration;

/// A running program: its exit status, 0 to 255.
pub type Run = Pin<Box<dyn Future<Output = i32>>>;

/// Something a process can run. Any `Fn(Context) -> impl Future<Output = i32>` is one.
pub trait Program {
    /// Runs in the process that `context` stands for; killing the process drops the future.
    fn run(&self, context: Context) -> Run;
}

impl<F, R> Program for F
where
    F: Fn(Context) -> R,
    R: Future<Output = i32> + 'static,
{
    fn run(&self, context: Context) -> Run {
        Box::pin(self(context))
    }
}

#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) program: Rc<dyn Program>,
    /// What starting it costs, if not the machine's usual cost.
    pub(crate) cost: Option<Duration>,
}

/// The programs that executable files refer to by name. Cloning is cheap.
#[derive(Clone, Default)]
pub struct Programs(Rc<BTreeMap<Rc<str>, Entry>>);

impl Programs {
    /// No programs.
    pub fn new() -> Programs {
        Programs::default()
    }

    /// Adds or replaces a program.
    pub fn add(&mut self, name: &str, program: impl Program + 'static) {
        let entry = Entry { program: Rc::new(program), cost: None };
        Rc::make_mut(&mut self.0).insert(name.into(), entry);
    }

    /// Adds a program whose start costs a time of its own.
    pub fn add_with_cost(&mut self, name: &str, cost: Duration, program: impl Program + 'static) {
        let entry = Entry { program: Rc::new(program), cost: Some(cost) };
        Rc::make_mut(&mut self.0).insert(name.into(), entry);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        self.0.get(name)
    }

    /// The names of all programs, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|name| &**name)
    }
}

/// How the content of an executable file begins that stands for a program of the table.
const MAGIC: &[u8] = b"\x7fELF\x02\x01\x01kobako:";

/// The content of an executable file that runs the program `name`.
pub fn executable(name: &str) -> Vec<u8> {
    [MAGIC, name.as_bytes(), b"\n"].concat()
}

/// What the content of an executable file says about how to run it.
pub(crate) enum Format {
    Program(String),
    /// `#!interpreter argument`
    Script(String, Option<String>),
    Text,
    Binary,
}

pub(crate) fn format(content: &[u8]) -> Format {
    if let Some(rest) = content.strip_prefix(MAGIC) {
        let name = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        return Format::Program(crate::text::decode(name));
    }
    let first = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if let Some(line) = first.strip_prefix(b"#!") {
        let line = crate::text::decode(line);
        let mut words = line.trim().splitn(2, [' ', '\t']);
        let interpreter = words.next().unwrap_or_default().to_owned();
        let argument = words.next().map(|argument| argument.trim().to_owned());
        return Format::Script(interpreter, argument);
    }
    if first.contains(&0) || content.starts_with(b"\x7fELF") {
        return Format::Binary;
    }
    Format::Text
}
