//! What the plugins have in common, and how their verdicts are put together.
//!
//! [`filter`] asks every Filter plugin about a node, [`score`] ranks the nodes that are left. Both
//! work on an [`evaluation::Evaluation`], which remembers per class of Pods what the plugins said
//! about each node until something on that node changes: ten thousand replicas of one Deployment
//! cost one look at a node for each Pod placed there, not for each Pod.

pub(crate) mod evaluation;
pub(crate) mod filter;
pub(crate) mod fit_error;
pub(crate) mod rejection;
pub(crate) mod score;
pub(crate) mod volumes;
