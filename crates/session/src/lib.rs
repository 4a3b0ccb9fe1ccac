//! A session: a seed and a list of inputs, from which everything on the screen is computed.
//!
//! [`Session::input`] is the only way in. Whoever shows a session lets time pass with
//! [`Session::step`] or [`Session::run_until`] and looks; looking changes nothing. The same
//! [`Log`] gives the same [`Digest`] on every platform.

mod complete;
mod digest;
mod input;
mod log;
mod look;
mod session;
mod settle;
mod terminal;
pub mod view;

pub use complete::Completions;
pub use digest::Digest;
pub use input::Start;
pub use input::{Input, InputError};
pub use log::{Entry, INPUTS_MAX, LOG_BYTES_MAX, Log, LogError, VERSION};
pub use look::{Aspect, ObjectName};
pub use session::{Command, ReplayError, Session};
pub use terminal::Terminal;
