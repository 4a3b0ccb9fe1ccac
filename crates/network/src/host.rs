//! Where a program runs, as far as the network sees it.

/// Where a program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// On the learner's machine, outside of the cluster's network.
    Desk,
    /// In a Pod.
    Pod {
        /// Its namespace, which names without a dot are looked up in.
        namespace: String,
        /// Its address.
        ip: String,
    },
}

/// A port of the learner's machine that kind carries to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortMapping {
    /// The port here.
    pub host_port: u16,
    /// The port of the node.
    pub container_port: u16,
}
