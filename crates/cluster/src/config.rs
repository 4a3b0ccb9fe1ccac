//! What a cluster is made from: a profile, nodes, a seed. Reads kind's configuration files.

use crate::profile::Profile;
use api::Value;
use network::PortMapping;
use sim::Time;

/// What a node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRole {
    /// It runs the control plane.
    ControlPlane,
    /// It runs Pods.
    Worker,
}

/// What a cluster is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterConfig {
    /// Its name, as kind has it: `kind` makes nodes like `kind-control-plane`.
    pub name: String,
    /// Which kind of cluster it is.
    pub profile: Profile,
    /// Its nodes, in order.
    pub nodes: Vec<NodeRole>,
    /// Ports of the learner's machine that are carried to a node.
    pub port_mappings: Vec<PortMapping>,
    /// All randomness comes from here.
    pub seed: u64,
    /// The instant at which the cluster is ready for use.
    pub ready_at: Time,
}

/// A text that is no configuration of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It is not YAML.
    #[error("{0}")]
    Yaml(String),
    /// It has another kind or version.
    #[error("unknown apiVersion: {0}")]
    Version(String),
    /// It has a node of a role that does not exist.
    #[error("invalid configuration for node {0}: {1:?} is not a valid node role")]
    Role(usize, String),
    /// It has more nodes than can be simulated.
    #[error("{0} nodes are more than the {1} that can be simulated")]
    TooManyNodes(usize, usize),
}

/// Kubernetes' own limit.
const NODES_MAX: usize = 5_000;

impl ClusterConfig {
    /// A cluster of one node, as `kind create cluster` makes it.
    pub fn single_node(profile: Profile, seed: u64, ready_at: Time) -> ClusterConfig {
        ClusterConfig {
            name: "kind".into(),
            profile,
            nodes: vec![NodeRole::ControlPlane],
            port_mappings: Vec::new(),
            seed,
            ready_at,
        }
    }

    /// The same with the nodes that a kind configuration file asks for.
    pub fn with_kind_config(mut self, text: &str) -> Result<ClusterConfig, ConfigError> {
        let document = api::yaml::parse(text).map_err(|e| ConfigError::Yaml(e.to_string()))?;
        let version = document["apiVersion"].as_str().unwrap_or_default();
        if version != "kind.x-k8s.io/v1alpha4" {
            return Err(ConfigError::Version(version.to_owned()));
        }
        let nodes: &[Value] = document["nodes"].items();
        if nodes.len() > NODES_MAX {
            return Err(ConfigError::TooManyNodes(nodes.len(), NODES_MAX));
        }
        if !nodes.is_empty() {
            self.nodes = nodes
                .iter()
                .enumerate()
                .map(|(i, node)| match node["role"].as_str().unwrap_or("control-plane") {
                    "control-plane" => Ok(NodeRole::ControlPlane),
                    "worker" => Ok(NodeRole::Worker),
                    other => Err(ConfigError::Role(i, other.to_owned())),
                })
                .collect::<Result<_, _>>()?;
        }
        self.port_mappings = nodes.iter().flat_map(port_mappings).collect();
        if let Some(name) = document["name"].as_str() {
            self.name = name.to_owned();
        }
        Ok(self)
    }

    /// The name of the first node that runs the control plane.
    pub fn control_plane(&self) -> String {
        let first = self.nodes.iter().position(|role| *role == NodeRole::ControlPlane);
        self.node_name(first.unwrap_or(0))
    }

    /// The name of the node at `index`: `kind-control-plane`, `kind-worker2`.
    pub fn node_name(&self, index: usize) -> String {
        let role = self.nodes[index];
        let before = self.nodes[..index].iter().filter(|other| **other == role).count();
        let word = match role {
            NodeRole::ControlPlane => "control-plane",
            NodeRole::Worker => "worker",
        };
        match before {
            0 => format!("{}-{word}", self.name),
            n => format!("{}-{word}{}", self.name, n + 1),
        }
    }
}

/// `extraPortMappings` of a node. Kind needs both ports; a mapping without them maps nothing.
fn port_mappings(node: &Value) -> Vec<PortMapping> {
    let port = |mapping: &Value, field: &str| {
        mapping[field].as_i64().and_then(|port| u16::try_from(port).ok())
    };
    let mapping = |mapping: &Value| {
        let (host_port, container_port) =
            (port(mapping, "hostPort")?, port(mapping, "containerPort")?);
        Some(PortMapping { host_port, container_port })
    };
    node["extraPortMappings"].items().iter().filter_map(mapping).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> ClusterConfig {
        ClusterConfig::single_node(Profile::Kind, 1, Time::EPOCH)
    }

    #[test]
    fn nodes_are_named_as_kind_does() {
        let text = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: control-plane\n- role: worker\n- role: worker\n";
        let config = config().with_kind_config(text).expect("valid");
        let names: Vec<_> = (0..3).map(|i| config.node_name(i)).collect();
        assert_eq!(names, ["kind-control-plane", "kind-worker", "kind-worker2"]);
    }

    #[test]
    fn what_is_no_configuration() {
        let check = |text: &str, message: &str| {
            let error = config().with_kind_config(text).expect_err("invalid");
            assert_eq!(error.to_string(), message);
        };
        check("apiVersion: v1", "unknown apiVersion: v1");
        check(
            "apiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{role: boss}]",
            "invalid configuration for node 0: \"boss\" is not a valid node role",
        );
    }
}
