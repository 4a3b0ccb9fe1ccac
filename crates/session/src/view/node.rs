//! Nodes as trays.

use api::core::v1::Node;
use api::{Value, View as _};
use serde::{Deserialize, Serialize};

/// How much of something is asked for, of how much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gauge {
    /// What the Pods ask for.
    pub requested: i64,
    /// What Pods may use.
    pub allocatable: i64,
}

/// A node in the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodePiece {
    /// What names it among all pieces.
    pub uid: String,
    /// Its name.
    pub name: String,
    /// Whether its kubelet reports that it can run Pods.
    pub is_ready: bool,
    /// Whether new Pods are kept away.
    pub is_cordoned: bool,
    /// The first pressure that it reports, such as `MemoryPressure`; empty if none.
    pub pressure: String,
    /// Processor time, in thousandths of a core.
    pub cpu: Gauge,
    /// Memory, in bytes.
    pub memory: Gauge,
    /// Pods.
    pub pods: Gauge,
}

/// The piece of a node on which Pods ask for so much processor time and memory.
pub(super) fn piece(object: &Value, requested: (i64, i64, u32)) -> NodePiece {
    let node = Node::of(object);
    let allocatable = node.status().allocatable();
    let amount = |name: &str| allocatable.get(name);
    let condition = |ty: &str| {
        let mut conditions = node.status().conditions();
        conditions.any(|condition| condition.type_() == ty && condition.status() == "True")
    };
    let pressures = ["MemoryPressure", "DiskPressure", "PIDPressure"];
    NodePiece {
        uid: node.metadata().uid().to_owned(),
        name: node.metadata().name().to_owned(),
        is_ready: condition("Ready"),
        is_cordoned: node.spec().unschedulable(),
        pressure: pressures.into_iter().find(|ty| condition(ty)).unwrap_or_default().to_owned(),
        cpu: Gauge {
            requested: requested.0,
            allocatable: amount("cpu").map_or(0, |quantity| quantity.milli_value()),
        },
        memory: Gauge {
            requested: requested.1,
            allocatable: amount("memory").map_or(0, |quantity| quantity.value()),
        },
        pods: Gauge {
            requested: i64::from(requested.2),
            allocatable: amount("pods").map_or(0, |quantity| quantity.value()),
        },
    }
}
