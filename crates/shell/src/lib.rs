//! A small POSIX machine: processes, files, terminals, a shell and its tools.
//!
//! A [`Machine`] is one computer: the learner's desk, or a container. It has a file system ([`fs`]),
//! processes with signals, pipes and a process limit, and programs: any `async fn(Context) -> i32`
//! that runs on the executor of `sim`. A [`Userland`] is what an image brings: whose tools there
//! are (GNU's or BusyBox's) and their files. The same shell speaks three dialects ([`Dialect`]):
//! bash on the desk, dash and BusyBox's ash in containers; its words and exit codes are compared
//! with those of the real shells by `tests/corpus.rs`.
//!
//! Where things are: `interpreter` is the shell itself, `builtins` holds a file for each of its
//! builtins, `tools` a file for each program, `awk` and `regex` what several of them need.
//!
//! Deliberately missing: sockets (the network belongs to others), locales other than C.UTF-8,
//! bash's coprocesses and its programmable completion. Every loop costs virtual time and every text
//! has a limit, so no script can hold up the cluster.

pub mod archive;
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
