//! A small deterministic POSIX machine (under construction).

mod awk;
mod budget;
mod builtins;
mod context;
mod context_files;
mod environment;
mod errno;
mod escapes;
pub mod fs;
mod interpreter;
mod machine;
mod notify;
mod pattern;
mod pipe;
mod process;
mod program;
mod regex;
mod signal;
mod stream;
mod text;
mod tools;
mod tty;
mod userland;

pub use context::Context;
pub use environment::Environment;
pub use errno::Errno;
pub use interpreter::{
    Completeness, Completion, Dialect, Shell, SyntaxError, WordKind, check_syntax, completion,
};
pub use machine::{Child, Hardware, Launch, Machine, MachineConfig, Output};
pub use notify::{Either, Notify, race};
pub use pipe::pipe;
pub use process::{Pid, Status};
pub use program::{Program, Programs, Run, executable};
pub use signal::Signal;
pub use stream::{Capture, Handle, Null, Source, Stream};
pub use tty::Tty;
pub use userland::{DEFAULT_PATH, Flavour, Userland};
