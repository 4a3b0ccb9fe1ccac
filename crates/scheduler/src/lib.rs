//! kube-scheduler: chooses a node for every Pod.
//!
//! [`Scheduler`] is a part of the cluster. It watches nodes and Pods, takes one Pod at a time from
//! its queue, asks the plugins of the default profile which nodes can take it and which of them is
//! best, and binds it through the API server. A Pod that fits nowhere learns why, and waits for
//! something to change. Models kube-scheduler 1.29 with its default configuration.
//!
//! - [`cache`]: nodes, the Pods on them, and what these add up to; classes of equal Pods.
//! - [`queue`]: the Pods that wait, and the events that let them be tried again.
//! - [`framework`] and [`plugins`]: one file per plugin, and how their verdicts come together.
//! - [`algorithm`]: which nodes are looked at, and the choice among the best.
//! - `scheduling_cycle`, `binding`, `failure`: what happens to one Pod.
//!
//! A cluster of 5,000 nodes must not cost much more per Pod than one of 100. So what the plugins
//! say about a node is remembered per class of Pods until the node changes, and counts over the
//! cluster follow single changes. `src/tests/reference.rs` does the same work the plain way; a
//! property test holds both against each other.
//!
//! Missing, since nothing in the simulator shows it: further profiles, configuration and
//! extenders; NodeVolumeLimits and the limits of single clouds (no volume driver here has a
//! limit); DynamicResources; in-place resizing; tracked storage capacity. `nominatedNodeName` is
//! not written by anybody else. Simplified: nodes are filtered one after the other, where upstream
//! has sixteen workers; the shares of nodes that have an image are always the present ones.

mod algorithm;
mod binding;
mod cache;
mod event_handlers;
mod event_recorder;
mod failure;
mod framework;
mod kinds_in_use;
mod math;
mod node_selector;
mod plugins;
mod preemption;
mod queue;
mod resources;
mod scheduler;
mod scheduling_cycle;
mod storage;
mod taints;

#[cfg(test)]
mod tests;

pub use scheduler::Scheduler;
