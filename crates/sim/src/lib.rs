//! The deterministic foundation: one clock, one queue, one source of randomness, one trace.
//!
//! Nothing here knows Kubernetes, the browser or the operating system. A [`Sim`] is the handle
//! that every part of the cluster holds: it tells the virtual time, schedules events, runs
//! `async` tasks and hands out random numbers. The same seed and the same inputs give the same
//! order of events on every machine.
//!
//! Deliberately missing: wall clocks, threads, I/O. The outermost crates decide how virtual time
//! follows real time.

mod channel;
mod executor;
mod queue;
mod rng;
mod sim;
mod time;
mod trace;

pub use channel::{Receiver, Sender, channel};
pub use executor::TaskId;
pub use queue::Token;
pub use rng::Rng;
pub use sim::{Due, Sim};
pub use time::Time;
pub use trace::{Cause, Span, SpanId, Trace};

pub use std::time::Duration;
