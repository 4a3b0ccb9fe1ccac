//! Registration of a node and its signs of life.

use crate::latency::{LEASE_RENEWAL, NODE_STATUS_REPORT};
use crate::node::Node;
use crate::{Shared, Work};
use api::{List, Map, Text, Value, list, names, object};
use kinds::coordination::lease;
use kinds::core::node;
use sim::{Cause, Duration, Time};

const LEASE_NAMESPACE: &str = "kube-node-lease";
/// `--node-lease-duration-seconds`
const LEASE_DURATION_SECONDS: i64 = 40;

impl Node {
    /// Creates the Node object and its lease, and begins to send signs of life.
    pub(crate) fn register(&mut self, shared: &mut Shared) {
        let now = shared.sim.now();
        let created = match shared.client.create(&node::KIND, self.node_object(now)) {
            Ok(created) => created,
            // A machine that is switched on again finds its node.
            Err(_) => shared.client.get(&node::KIND, "", &self.config.name).unwrap_or_default(),
        };
        let mut with_status = created.clone();
        with_status.make_map().insert(&names::STATUS, self.status(now));
        let _ = shared.client.update_status(&node::KIND, with_status);
        self.create_lease(&created, shared);
        crate::mirror::create_missing(self, shared);
        let renewal = Duration::from_millis(u64::from(shared.rng.below(10_000)));
        shared.queue.add_at(now + renewal, (self.index, Work::Lease), Cause::Setup);
        let report = NODE_STATUS_REPORT + renewal;
        shared.queue.add_at(now + report, (self.index, Work::NodeStatus), Cause::Setup);
    }

    fn node_object(&self, _: Time) -> Value {
        let name = &self.config.name;
        let mut labels: Map = [
            ("beta.kubernetes.io/arch", "amd64"),
            ("beta.kubernetes.io/os", "linux"),
            ("kubernetes.io/arch", "amd64"),
            ("kubernetes.io/os", "linux"),
        ]
        .into_iter()
        .collect();
        labels.insert("kubernetes.io/hostname", name.clone());
        for (key, value) in &self.config.labels {
            labels.insert(key.as_str(), value.clone());
        }
        let mut spec = object! {
            "podCIDR": self.config.pod_cidr.clone(),
            "podCIDRs": list![self.config.pod_cidr.clone()],
        };
        if !self.config.taints.is_empty() {
            spec.make_map().insert("taints", self.config.taints.clone());
        }
        object! {
            "metadata": object! {
                "name": name.clone(),
                "labels": labels,
                "annotations": object! {
                    "node.alpha.kubernetes.io/ttl": "0",
                    "volumes.kubernetes.io/controller-managed-attach-detach": "true",
                },
            },
            "spec": spec,
        }
    }

    fn status(&self, now: Time) -> Value {
        let amounts = |amounts: &[(String, String)]| -> Map {
            amounts.iter().map(|(key, amount)| (key.as_str(), amount.clone())).collect()
        };
        object! {
            "addresses": list![
                object! { "type": "InternalIP", "address": self.config.internal_ip.clone() },
                object! { "type": "Hostname", "address": self.config.name.clone() },
            ],
            "allocatable": amounts(&self.config.allocatable),
            "capacity": amounts(&self.config.capacity),
            "conditions": conditions(self.config.booted, now),
            "daemonEndpoints": object! { "kubeletEndpoint": object! { "Port": 10_250 } },
            "images": self.images.to_value(),
            "nodeInfo": &self.config.node_info,
        }
    }

    fn create_lease(&mut self, node: &Value, shared: &mut Shared) {
        let name = Text::from(self.config.name.clone());
        let lease_object = object! {
            "metadata": object! {
                "name": &name,
                "namespace": LEASE_NAMESPACE,
                "ownerReferences": list![object! {
                    "apiVersion": "v1",
                    "kind": "Node",
                    "name": &name,
                    "uid": node.get(&names::METADATA).get(&names::UID),
                }],
            },
            "spec": object! {
                "holderIdentity": &name,
                "leaseDurationSeconds": LEASE_DURATION_SECONDS,
                "renewTime": shared.sim.now().rfc3339_micros(),
            },
        };
        match shared.client.create(&lease::KIND, lease_object) {
            Ok(created) => self.lease = created,
            // A machine that is switched on again says at once that it lives.
            Err(_) => self.renew_lease(shared),
        }
    }

    pub(crate) fn renew_lease(&mut self, shared: &mut Shared) {
        if self.is_stopped {
            return;
        }
        let now = shared.sim.now();
        let mut renewed = self.lease.clone();
        renewed.update(&names::SPEC, |spec| {
            spec.make_map().insert(&names::RENEW_TIME, now.rfc3339_micros());
        });
        self.lease = match shared.client.update(&lease::KIND, renewed) {
            Ok(renewed) => renewed,
            // Somebody changed or deleted it: begin again with what there is.
            Err(_) => shared
                .client
                .get(&lease::KIND, LEASE_NAMESPACE, &self.config.name)
                .unwrap_or_else(|| self.lease.clone()),
        };
        shared.queue.add_at(now + LEASE_RENEWAL, (self.index, Work::Lease), Cause::Setup);
    }

    /// Reports the node's status although nothing has changed.
    pub(crate) fn report_status(&mut self, shared: &mut Shared) {
        let now = shared.sim.now();
        shared.queue.add_at(now + NODE_STATUS_REPORT, (self.index, Work::NodeStatus), Cause::Setup);
        if self.is_stopped {
            return;
        }
        let Some(mut node) = shared.client.get(&node::KIND, "", &self.config.name) else {
            return;
        };
        node.update(&names::STATUS, |status| {
            status.update(&names::CONDITIONS, |conditions| {
                conditions.update_items(|condition| {
                    let map = condition.make_map();
                    map.insert(&names::LAST_HEARTBEAT_TIME, now.rfc3339());
                });
            });
        });
        let _ = shared.client.update_status(&node::KIND, node);
    }
}

fn conditions(booted: Time, now: Time) -> Value {
    let condition = |ty, status, reason, message| {
        object! {
            "type": ty,
            "status": status,
            "reason": reason,
            "message": message,
            "lastHeartbeatTime": now.rfc3339(),
            "lastTransitionTime": booted.min(now).rfc3339(),
        }
    };
    let all = [
        condition(
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
        ),
        condition(
            "DiskPressure",
            "False",
            "KubeletHasNoDiskPressure",
            "kubelet has no disk pressure",
        ),
        condition(
            "PIDPressure",
            "False",
            "KubeletHasSufficientPID",
            "kubelet has sufficient PID available",
        ),
        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ];
    Value::List(all.into_iter().collect::<List>())
}
