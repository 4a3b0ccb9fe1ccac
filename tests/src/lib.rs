//! What the tests of whole sessions share.

pub mod random_session;
