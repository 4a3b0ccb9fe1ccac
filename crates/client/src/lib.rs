//! What client-go is to Kubernetes: the tools with which components of the cluster talk to the
//! API server.
//!
//! A component is told of changes some time after they happen ([`Component::observe`]), puts keys
//! into a [`WorkQueue`] and reconciles them one by one through a [`Client`]. It reads what the
//! API server has now, as if its informer cache had no lag; the lag is in being told.

mod client;
mod component;
mod controller;
mod event_recorder;
mod spam_filter;
mod work_queue;

pub use client::{Client, DeleteOptions, controller_reference};
pub use component::Component;
pub use controller::{Controller, Reconcile, Reconciler};
pub use event_recorder::{EventRecorder, EventSource, ObjectReference};
pub use work_queue::WorkQueue;
