//! What each verb does.

pub(crate) mod create;
mod delete;
mod eviction;
pub(crate) mod exec;
mod log;
mod patch;
mod read;
mod subresource;
mod token;
pub(crate) mod update;

#[cfg(test)]
mod list_tests;
