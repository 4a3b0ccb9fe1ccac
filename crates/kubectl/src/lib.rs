//! kubectl, as v1.29.4 behaves: flags, commands, printers, describers.
//!
//! [`run`] is the whole program. It knows its process (`shell::Context`) and an [`Api`]: requests
//! go out, responses come back, and nothing else tells it about the cluster. A command is one file
//! below `commands`, registered by one line in its list there; a describer is one file below
//! `describe`, likewise.
//!
//! Deliberately missing: everything that only makes sense with a real network (TLS, credential
//! plugins, protocol buffers); `kubectl proxy`; downloading manifests; the legacy openapi formats.

mod client;
mod command;
mod commands;
mod describe;
mod discovery;
mod errors;
mod flags;
mod hash;
mod help;
mod invocation;
mod join;
mod klog;
mod kubeconfig;
mod kustomize;
mod patches;
mod polymorphic;
mod print;
mod program;
mod raw;
mod remote;
mod resource;
mod suggestions;
mod transport;

pub use discovery::Cache;
pub use errors::Error;
pub use program::{program, run, run_with};
pub use transport::{
    Api, Connection, ConnectionError, Forwarder, ListenError, Listener, LocalFuture, Streams,
    Upgrade,
};
