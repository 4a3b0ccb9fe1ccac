//! What Pods request and nodes offer, as the scheduler counts it.
//!
//! Models `framework.Resource` and `resource.PodRequests`: CPU in thousandths, everything else in
//! whole units, init containers as a maximum, sidecars (init containers that restart) added to
//! both sides, the overhead of the runtime class on top.

use api::core::v1::{Container, PodSpec};
use api::{Quantity, ResourceList, Text};
use std::collections::BTreeMap;

/// What a container without a request counts as in scores: `DefaultMilliCPURequest`.
const DEFAULT_MILLI_CPU: i64 = 100;
/// The same for memory: `DefaultMemoryRequest`, 200 MiB.
const DEFAULT_MEMORY: i64 = 200 << 20;

/// Amounts of the resources that the scheduler knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resources {
    /// Thousandths of a CPU.
    pub(crate) milli_cpu: i64,
    /// Bytes.
    pub(crate) memory: i64,
    /// Bytes.
    pub(crate) ephemeral_storage: i64,
    /// Extended resources and huge pages, by name.
    pub(crate) scalars: Vec<(Text, i64)>,
}

impl Resources {
    /// The amounts of a list. Names that are no resource of a node are left out.
    fn of<'a>(amounts: impl Iterator<Item = (&'a str, Quantity)>) -> Resources {
        let mut resources = Resources::default();
        for (name, quantity) in amounts {
            match name {
                "cpu" => resources.milli_cpu = quantity.milli_value(),
                "memory" => resources.memory = quantity.value(),
                "ephemeral-storage" => resources.ephemeral_storage = quantity.value(),
                _ if is_scalar(name) => resources.add_scalar(name, quantity.value()),
                _ => {}
            }
        }
        resources
    }

    /// Adds `times` the amounts of `other`; -1 takes them away.
    pub(crate) fn add(&mut self, other: &Resources, times: i64) {
        self.milli_cpu += times * other.milli_cpu;
        self.memory += times * other.memory;
        self.ephemeral_storage += times * other.ephemeral_storage;
        for (name, amount) in &other.scalars {
            self.add_scalar(name, times * amount);
        }
    }

    fn add_scalar(&mut self, name: &str, amount: i64) {
        match self.scalars.binary_search_by(|(n, _)| (**n).cmp(name)) {
            Ok(at) => self.scalars[at].1 += amount,
            Err(at) => self.scalars.insert(at, (name.to_owned().into(), amount)),
        }
    }

    /// The amount of a scalar resource.
    pub(crate) fn scalar(&self, name: &str) -> i64 {
        let found = self.scalars.binary_search_by(|(n, _)| (**n).cmp(name));
        found.map_or(0, |at| self.scalars[at].1)
    }

    /// Whether nothing is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.milli_cpu == 0
            && self.memory == 0
            && self.ephemeral_storage == 0
            && self.scalars.is_empty()
    }
}

/// `schedutil.IsScalarResourceName`
fn is_scalar(name: &str) -> bool {
    name.contains('/') || name.starts_with("hugepages-") || name.starts_with("attachable-volumes-")
}

/// What a node offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allocatable {
    /// The resources.
    pub(crate) resources: Resources,
    /// How many Pods it takes.
    pub(crate) pods: i64,
}

impl Allocatable {
    /// From the status of a node.
    pub(crate) fn of(list: ResourceList<'_>) -> Allocatable {
        Allocatable {
            resources: Resources::of(list.iter()),
            pods: list.get("pods").map_or(0, Quantity::value),
        }
    }
}

/// What a Pod asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Requests {
    /// What it asks for.
    pub(crate) resources: Resources,
    /// The CPU that scores count for it: containers without a request count as small ones.
    pub(crate) nonzero_milli_cpu: i64,
    /// The same for memory.
    pub(crate) nonzero_memory: i64,
}

impl Requests {
    /// The requests of a Pod.
    pub(crate) fn of(spec: PodSpec<'_>) -> Requests {
        let asked = sum_of_containers(spec, false);
        let scored = sum_of_containers(spec, true);
        let amount = |name: &str| scored.get(name).copied().unwrap_or(Quantity::ZERO);
        Requests {
            nonzero_milli_cpu: amount("cpu").milli_value(),
            nonzero_memory: amount("memory").value(),
            resources: Resources::of(asked.into_iter()),
        }
    }
}

type Amounts<'a> = BTreeMap<&'a str, Quantity>;

/// The requests of all containers and the overhead, by name.
fn sum_of_containers(spec: PodSpec<'_>, with_defaults: bool) -> Amounts<'_> {
    let mut total = Amounts::new();
    for container in spec.containers() {
        add(&mut total, &container_requests(container, with_defaults));
    }
    let mut sidecars = Amounts::new();
    let mut init_maximum = Amounts::new();
    for container in spec.init_containers() {
        let own = container_requests(container, with_defaults);
        let while_it_starts = if container.restart_policy() == Some("Always") {
            add(&mut total, &own);
            add(&mut sidecars, &own);
            sidecars.clone()
        } else {
            let mut sum = own;
            add(&mut sum, &sidecars);
            sum
        };
        raise(&mut init_maximum, &while_it_starts);
    }
    raise(&mut total, &init_maximum);
    let overhead: Amounts<'_> = spec.overhead().iter().collect();
    add(&mut total, &overhead);
    total
}

fn container_requests(container: Container<'_>, with_defaults: bool) -> Amounts<'_> {
    let mut requests: Amounts<'_> = container.resources().requests().iter().collect();
    if with_defaults {
        let cpu = Quantity::from_millis(DEFAULT_MILLI_CPU, api::Format::DecimalSI);
        requests.entry("cpu").or_insert(cpu);
        requests.entry("memory").or_insert(Quantity::from(DEFAULT_MEMORY));
    }
    requests
}

fn add<'a>(sum: &mut Amounts<'a>, more: &Amounts<'a>) {
    for (name, quantity) in more {
        *sum.entry(name).or_insert(Quantity::ZERO) += *quantity;
    }
}

fn raise<'a>(maximum: &mut Amounts<'a>, other: &Amounts<'a>) {
    for (name, quantity) in other {
        let entry = maximum.entry(name).or_insert(*quantity);
        *entry = (*entry).max(*quantity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{Value, View, list, object};

    fn container(cpu: &'static str, memory: &'static str) -> Value {
        let mut requests = Value::EMPTY_MAP;
        for (name, amount) in [("cpu", cpu), ("memory", memory)] {
            if !amount.is_empty() {
                requests.make_map().insert(name, amount);
            }
        }
        object! { "resources": object! { "requests": requests } }
    }

    fn check(spec: Value, requested: (i64, i64), scored: (i64, i64)) {
        let requests = Requests::of(PodSpec::of(&spec));
        let resources = &requests.resources;
        assert_eq!((resources.milli_cpu, resources.memory), requested, "{spec:?}");
        let nonzero = (requests.nonzero_milli_cpu, requests.nonzero_memory);
        assert_eq!(nonzero, scored, "{spec:?}");
    }

    #[test]
    fn containers_are_added_and_init_containers_are_a_maximum() {
        let containers = list![container("100m", "1Ki"), container("0.5", "")];
        check(object! { "containers": &containers }, (600, 1024), (600, 1024 + DEFAULT_MEMORY));
        let init = list![container("2", "1"), container("1", "4Ki")];
        check(
            object! { "containers": containers, "initContainers": init },
            (2000, 4096),
            (2000, 1024 + DEFAULT_MEMORY),
        );
        check(
            object! { "containers": list![container("", "")] },
            (0, 0),
            (DEFAULT_MILLI_CPU, DEFAULT_MEMORY),
        );
    }

    #[test]
    fn sidecars_run_beside_everything_that_follows() {
        let mut sidecar = container("100m", "0");
        sidecar.make_map().insert("restartPolicy", "Always");
        let init = list![container("1", "0"), sidecar, container("950m", "0")];
        check(
            object! { "containers": list![container("200m", "0")], "initContainers": init },
            (1050, 0),
            (1050, 0),
        );
    }

    #[test]
    fn overhead_and_extended_resources_count() {
        let spec = object! {
            "containers": list![object! { "resources": object! { "requests": object! {
                "example.com/gpu": "2", "hugepages-2Mi": "4Mi", "ephemeral-storage": "1Gi",
                "unknown": "3",
            } } }],
            "overhead": object! { "cpu": "250m", "memory": "120Mi" },
        };
        let requests = Requests::of(PodSpec::of(&spec)).resources;
        assert_eq!(requests.milli_cpu, 250);
        assert_eq!(requests.memory, 120 << 20);
        assert_eq!(requests.ephemeral_storage, 1 << 30);
        assert_eq!(requests.scalar("example.com/gpu"), 2);
        assert_eq!(requests.scalar("hugepages-2Mi"), 4 << 20);
        assert_eq!(requests.scalar("unknown"), 0);
    }
}
