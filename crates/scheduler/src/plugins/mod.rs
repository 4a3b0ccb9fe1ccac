//! The plugins of the default profile, one file each.
//!
//! Filter plugins say [`Verdict`](crate::framework::rejection::Verdict), Score plugins give a
//! number. The plugins up to NodeResourcesFit look at one node only; what they say is remembered
//! until that node changes. PodTopologySpread and InterPodAffinity look at the whole cluster and
//! keep counts that follow it. Volumes are looked at anew for each Pod that has claims.
//!
//! To add a plugin: one file here, one line in this list, and a call in `framework::filter` or
//! `framework::score` at the place where the default profile has it.

pub(crate) mod default_binder;
pub(crate) mod default_preemption;
pub(crate) mod image_locality;
pub(crate) mod inter_pod_affinity;
pub(crate) mod node_affinity;
pub(crate) mod node_name;
pub(crate) mod node_ports;
pub(crate) mod node_resources_balanced_allocation;
pub(crate) mod node_resources_fit;
pub(crate) mod node_unschedulable;
pub(crate) mod pod_topology_spread;
pub(crate) mod priority_sort;
pub(crate) mod scheduling_gates;
pub(crate) mod taint_toleration;
pub(crate) mod volume_binding;
pub(crate) mod volume_restrictions;
pub(crate) mod volume_zone;
