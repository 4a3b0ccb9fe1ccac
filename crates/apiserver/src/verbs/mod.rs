//! What each verb does.

pub(crate) mod create;
mod delete;
pub(crate) mod exec;
mod log;
mod patch;
mod read;
mod subresource;
pub(crate) mod update;
