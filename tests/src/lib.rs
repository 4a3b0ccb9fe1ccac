//! What the tests of whole sessions share.

pub mod large_session;
pub mod random_session;
