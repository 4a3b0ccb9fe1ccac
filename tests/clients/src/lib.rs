//! Clients that nobody here wrote, and what they need to meet our server.

pub mod front;
pub mod player;
pub mod process;
