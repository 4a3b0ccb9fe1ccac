//! Nodes.

use super::Subject;
use super::events;
use super::pod_resources::{Amounts, add_one, requests_and_limits};
use super::text::{Description, date, line, or_none, or_unset, since};
use crate::errors::Result;
use api::coordination::v1::Lease;
use api::core::v1::{Node, Pod};
use api::{Quantity, ResourceList, Value, View};
use sim::Time;
use std::rc::Rc;

const ROLE_PREFIX: &str = "node-role.kubernetes.io/";
const ROLE_LABEL: &str = "kubernetes.io/role";
/// Where kubelets tell that they live.
const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let node: Node<'_> = subject.view();
    let fields =
        format!("spec.nodeName={},status.phase!=Failed,status.phase!=Succeeded", subject.name);
    let pods = subject.list("/api/v1/pods", &[("fieldSelector", &fields)]).await;
    let lease = subject.get(LEASES, &subject.name).await;
    let mut out = Description::default();
    describe_head(&mut out, node);
    match lease {
        Ok(lease) => describe_lease(&mut out, Lease::of(&lease)),
        Err(error) => line!(out, 0, "Lease:\tFailed to get lease: {error}"),
    }
    describe_status(&mut out, node);
    out.field_if(0, "PodCIDR", node.spec().pod_cidr());
    out.field_if(0, "PodCIDRs", &node.spec().pod_cidrs().collect::<Vec<_>>().join(","));
    out.field_if(0, "ProviderID", node.spec().provider_id());
    match pods {
        Ok(pods) => describe_pods(&mut out, node, &pods, subject.now),
        Err(error) if error.is(api::Reason::Forbidden) => line!(out, 0, "Pods:\tnot authorized"),
        Err(error) => return Err(error),
    }
    // Controllers name a node by its uid, its kubelet by its name.
    if let Some(mut found) = subject.events().await {
        found.extend(subject.events_of("Node", &subject.name).await.unwrap_or_default());
        events::describe(&mut out, found, subject.now);
    }
    Ok(out)
}

fn describe_head(out: &mut Description, node: Node<'_>) {
    let metadata = node.metadata();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Roles:\t{}", or_none(&roles(node)));
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    line!(out, 0, "CreationTimestamp:\t{}", date(metadata.creation_timestamp()));
    describe_taints(out, node);
    line!(out, 0, "Unschedulable:\t{}", node.spec().unschedulable());
}

fn roles(node: Node<'_>) -> String {
    let role = |(key, value): (&str, &str)| match key.strip_prefix(ROLE_PREFIX) {
        Some(role) if !role.is_empty() => Some(role.to_owned()),
        _ if key == ROLE_LABEL && !value.is_empty() => Some(value.to_owned()),
        _ => None,
    };
    let mut roles: Vec<String> = node.metadata().labels().iter().filter_map(role).collect();
    roles.sort_unstable();
    roles.dedup();
    roles.join(",")
}

/// Taints by effect and key, each on a line of its own.
fn describe_taints(out: &mut Description, node: Node<'_>) {
    let mut taints: Vec<(String, String)> = node
        .spec()
        .taints()
        .map(|taint| {
            let value = match taint.value() {
                "" => String::new(),
                value => format!("={value}"),
            };
            let order = format!("{}{}", taint.effect(), taint.key());
            (order, format!("{}{value}:{}", taint.key(), taint.effect()))
        })
        .collect();
    taints.sort();
    if taints.is_empty() {
        line!(out, 0, "Taints:\t<none>");
    }
    let mut start = "Taints:";
    for (_, text) in taints {
        line!(out, 0, "{start}\t{text}");
        start = "";
    }
}

fn describe_lease(out: &mut Description, lease: Lease<'_>) {
    let spec = lease.spec();
    let time = |time: Option<Time>| or_unset(time.map(|time| date(Some(time))));
    line!(out, 0, "Lease:");
    line!(out, 1, "HolderIdentity:\t{}", or_unset(spec.holder_identity()));
    line!(out, 1, "AcquireTime:\t{}", time(spec.acquire_time()));
    line!(out, 1, "RenewTime:\t{}", time(spec.renew_time()));
}

fn describe_status(out: &mut Description, node: Node<'_>) {
    let status = node.status();
    if !status.conditions().is_empty() {
        line!(
            out,
            0,
            "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage"
        );
        line!(out, 1, "----\t------\t-----------------\t------------------\t------\t-------");
    }
    for condition in status.conditions() {
        line!(
            out,
            1,
            "{} \t{} \t{} \t{} \t{} \t{}",
            condition.type_(),
            condition.status(),
            date(condition.last_heartbeat_time()),
            date(condition.last_transition_time()),
            condition.reason(),
            condition.message()
        );
    }
    line!(out, 0, "Addresses:");
    for address in status.addresses() {
        line!(out, 1, "{}:\t{}", address.type_(), address.address());
    }
    for (label, amounts) in [("Capacity", status.capacity()), ("Allocatable", status.allocatable())]
    {
        if !amounts.is_empty() {
            line!(out, 0, "{label}:");
            out.resources(1, amounts);
        }
    }
    let info = status.node_info();
    line!(out, 0, "System Info:");
    for (label, value) in [
        ("Machine ID", info.machine_id()),
        ("System UUID", info.system_uuid()),
        ("Boot ID", info.boot_id()),
        ("Kernel Version", info.kernel_version()),
        ("OS Image", info.os_image()),
        ("Operating System", info.operating_system()),
        ("Architecture", info.architecture()),
        ("Container Runtime Version", info.container_runtime_version()),
        ("Kubelet Version", info.kubelet_version()),
        ("Kube-Proxy Version", info.kube_proxy_version()),
    ] {
        line!(out, 1, "{label}:\t{value}");
    }
}

/// What there is to share: the allocatable amounts, or all of them.
fn shared(node: Node<'_>) -> ResourceList<'_> {
    let allocatable = node.status().allocatable();
    if allocatable.is_empty() { node.status().capacity() } else { allocatable }
}

fn describe_pods(out: &mut Description, node: Node<'_>, pods: &[Value], now: Time) {
    line!(out, 0, "Non-terminated Pods:\t({} in total)", pods.len());
    line!(
        out,
        1,
        "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge"
    );
    line!(
        out,
        1,
        "---------\t----\t\t------------\t----------\t---------------\t-------------\t---"
    );
    let shared = shared(node);
    let (mut requests, mut limits) = (Amounts::new(), Amounts::new());
    for pod in pods.iter().map(Pod::of) {
        let (own_requests, own_limits) = requests_and_limits(pod);
        let cell = |amounts: &Amounts, name: &str| share(amounts, shared, name);
        line!(
            out,
            1,
            "{}\t{}\t\t{}\t{}\t{}\t{}\t{}",
            pod.metadata().namespace(),
            pod.metadata().name(),
            cell(&own_requests, "cpu"),
            cell(&own_limits, "cpu"),
            cell(&own_requests, "memory"),
            cell(&own_limits, "memory"),
            since(pod.metadata().creation_timestamp(), now)
        );
        own_requests.iter().for_each(|(name, amount)| add_one(&mut requests, name, *amount));
        own_limits.iter().for_each(|(name, amount)| add_one(&mut limits, name, *amount));
    }
    describe_totals(out, shared, &requests, &limits);
}

fn describe_totals(
    out: &mut Description,
    shared: ResourceList<'_>,
    requests: &Amounts,
    limits: &Amounts,
) {
    line!(
        out,
        0,
        "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)"
    );
    line!(out, 1, "Resource\tRequests\tLimits");
    line!(out, 1, "--------\t--------\t------");
    let known = ["cpu", "memory", "ephemeral-storage"];
    let mut names: Vec<&str> = shared.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    let is_huge = |name: &&&str| name.starts_with("hugepages-");
    for name in known.iter().chain(names.iter().filter(is_huge)) {
        let (request, limit) = (share(requests, shared, name), share(limits, shared, name));
        line!(out, 1, "{name}\t{request}\t{limit}");
    }
    let is_other = |name: &&&str| !is_huge(name) && !known.contains(name) && **name != "pods";
    for name in names.iter().filter(is_other) {
        let amount = |amounts: &Amounts| amounts.get(*name).copied().unwrap_or(Quantity::ZERO);
        line!(out, 1, "{name}\t{}\t{}", amount(requests), amount(limits));
    }
}

/// `100m (5%)`
fn share(amounts: &Amounts, shared: ResourceList<'_>, name: &str) -> String {
    let amount = amounts.get(name).copied().unwrap_or(Quantity::ZERO);
    let whole = shared.get(name).unwrap_or(Quantity::ZERO);
    let count = |quantity: Quantity| match name {
        "cpu" => quantity.milli_value(),
        _ => quantity.value(),
    };
    let percent = match count(whole) {
        0 => 0,
        whole => (count(amount) as f64 / whole as f64 * 100.0) as i64,
    };
    format!("{amount} ({percent}%)")
}
