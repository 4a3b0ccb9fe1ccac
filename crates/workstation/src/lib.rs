//! The learner's machine: a Linux desk with a home directory, a shell, kubectl and a way to the
//! API server.
//!
//! It knows the cluster by requests alone, as a laptop does. The session starts programs on it
//! and types into its terminals.

mod connection;
mod desk;
mod editor;
mod kubeconfig;

pub use connection::SERVER_URL;
pub use desk::{Desk, HOME, Workstation};
pub use editor::Editors;
