//! The network between simulated programs.
//!
//! [`Network::connect`] finds who answers at a host and port, as seen from a Pod, a node or the
//! learner's machine: names through the cluster's DNS, Services as kube-proxy carries them out,
//! Pods by their addresses, ports of the learner's machine that something listens on or that kind
//! maps to a node. [`curl`] is the program that people try it with.
//!
//! Deliberately missing so far: NetworkPolicy, Ingress, UDP, traffic that leaves the cluster.

mod connection;
mod curl;
mod dns;
mod host;
mod http;
mod message;
mod network;
mod service;
mod wget;

pub use connection::{ConnectError, Connection, Dial, Pods, pair};
pub use curl::curl;
pub use host::{Host, PortMapping};
pub use message::Url;
pub use network::{Accept, GATEWAY, Network};
pub use wget::{nslookup, wget};
