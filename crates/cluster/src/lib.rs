//! A whole cluster: the API server, the controllers, the scheduler and the kubelets, wired
//! together, and the one loop that drives them.

mod bootstrap;
mod config;
mod node_proxy;
mod profile;
mod run;

pub use config::{ClusterConfig, ConfigError, NodeRole};
pub use profile::Profile;
pub use run::{Cluster, Pending};
