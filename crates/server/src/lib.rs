//! The native side of Kobako: everything that needs files, a clock or a network of the real world.
//!
//! Nothing here knows Kubernetes; it starts sessions and reports on them.

pub mod play;
pub mod serve;
