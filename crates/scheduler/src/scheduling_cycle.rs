//! One look at one Pod.

use crate::algorithm::{DefaultSpread, SearchSpace};
use crate::binding::Binding;
use crate::cache::{Cache, NodeId, PodClass};
use crate::failure::{Failure, Nominating};
use crate::framework::filter::Candidate;
use crate::framework::fit_error;
use crate::framework::rejection::{Plugin, PluginSet, Rejection};
use crate::framework::volumes::Volumes;
use crate::kinds_in_use::KindsInUse;
use crate::plugins::node_affinity;
use crate::plugins::pod_topology_spread::{self, Selectors};
use crate::plugins::volume_binding::Decision;
use crate::queue::QueuedPod;
use crate::scheduler::Scheduler;
use crate::storage::ServerStorage;
use api::{Value, names};
use client::Client;
use kinds::table;
use sim::Time;
use std::collections::BTreeSet;

/// What the PreFilter plugins have found.
#[derive(Default)]
struct PreFiltered {
    volumes: Option<Volumes>,
    /// The only nodes that are left, in the order of the tree.
    nodes: Option<Vec<NodeId>>,
}

/// How the search for a node has ended.
enum Outcome {
    Placed(NodeId, Decision),
    Failed(Failure),
}

impl Scheduler {
    /// Looks for a node for a Pod, and goes on with it accordingly.
    pub(crate) fn schedule_one(&mut self, pod: QueuedPod, now: Time) {
        self.client.set_cause(pod.cause);
        if table::metadata(&pod.object).deletion_timestamp().is_some() {
            self.report_skipped(&pod);
            self.cache.release_class(pod.class);
            return;
        }
        match self.find_node(&pod) {
            Outcome::Placed(node, decision) => self.assume(pod, node, decision, now),
            Outcome::Failed(failure) => self.handle_failure(pod, failure, now),
        }
    }

    /// Counts the Pod as being on the node and lets it be bound.
    fn assume(&mut self, pod: QueuedPod, node: NodeId, decision: Decision, now: Time) {
        let name = self.cache.node(node).name.clone();
        self.cache.assume(pod.uid, pod.key.clone(), pod.class, node);
        self.queue.nominator.remove(pod.uid);
        self.reservations.reserve(&decision, &name);
        self.bindings.begin(Binding::new(pod, name, decision), now);
    }

    fn find_node(&mut self, pod: &QueuedPod) -> Outcome {
        let cache = &self.cache;
        let class = cache.class(pod.class);
        let node_count = cache.node_count();
        if node_count == 0 {
            let message = "no nodes available to schedule pods".to_owned();
            return Outcome::Failed(Failure {
                message,
                plugins: PluginSet::default(),
                nominating: Nominating::None,
                is_error: false,
            });
        }
        let storage = ServerStorage { client: &self.client, kinds: &self.kinds };
        let pre_filtered = pre_filter(pod, class, cache, &storage, &self.reservations);
        let pre_filtered = match pre_filtered {
            Ok(found) => found,
            Err(rejection) => return Outcome::Failed(turned_down(node_count, &rejection)),
        };
        let candidate = Candidate {
            cache,
            class,
            uid: pod.uid,
            nominator: &self.queue.nominator,
            volumes: pre_filtered.volumes.as_ref(),
        };
        let space = SearchSpace {
            nodes: pre_filtered.nodes.as_deref(),
            nominated: pod.nominated_node().and_then(|name| cache.find_node(name)),
        };
        let spread = DefaultSpread {
            version: self.spread_version,
            selectors: || default_selectors(class, &self.client, &self.kinds),
        };
        let mut search = self.algorithm.search(&candidate, pod.class, space, spread);
        if let Some(node) = search.select(&candidate, &mut self.rng) {
            let volumes = candidate.volumes;
            let decision = volumes.map(|v| v.binding.decide(cache, node));
            let decision = decision.and_then(Result::ok).unwrap_or_default();
            return Outcome::Placed(node, decision);
        }
        let rejections = search.evaluation.rejections();
        let mut counts = vec![0; rejections.len()];
        for (_, rejection) in search.rejected {
            counts[rejection.index()] += 1;
        }
        let mut plugins = PluginSet::default();
        for (rejection, count) in rejections.iter().zip(&counts) {
            if *count > 0 {
                plugins.insert(rejection.plugin);
            }
        }
        let mut message = fit_error::message(node_count, counts.into_iter().zip(rejections));
        let preempted = crate::preemption::attempt(
            pod,
            &candidate,
            &mut search,
            &self.client,
            &self.kinds,
            (self.sim.now(), &mut self.rng),
        );
        let nominating = self.carry_out(pod, preempted, &mut message);
        Outcome::Failed(Failure { message, plugins, nominating, is_error: false })
    }
}

/// The failure of a Pod that was turned down before any node was looked at.
fn turned_down(node_count: usize, rejection: &Rejection) -> Failure {
    let reason = rejection.reasons.join(", ");
    let mut message = fit_error::pre_filter_message(node_count, &reason);
    let helpless =
        Rejection::unresolvable(rejection.plugin, crate::plugins::default_preemption::NOT_HELPFUL);
    let preemption = fit_error::message(node_count, [(node_count, &helpless)].into_iter());
    fit_error::append(&mut message, &format!("preemption: {preemption}"));
    Failure {
        message,
        plugins: PluginSet::only(rejection.plugin),
        nominating: Nominating::None,
        is_error: false,
    }
}

/// Runs the PreFilter plugins that can turn a Pod down or leave only some nodes.
fn pre_filter(
    pod: &QueuedPod,
    class: &PodClass,
    cache: &Cache,
    storage: &ServerStorage<'_>,
    reservations: &crate::plugins::volume_binding::Reservations,
) -> Result<PreFiltered, Rejection> {
    let named = node_affinity::pre_filter(class)?;
    let volumes = match class.volumes.is_empty() {
        true => None,
        false => {
            let pod = (pod.uid, &pod.key);
            Some(Volumes::pre_filter(class, pod, storage, reservations, cache)?)
        }
    };
    let local = volumes.as_ref().and_then(|v| v.binding.nodes.as_ref());
    if named.is_none() && local.is_none() {
        return Ok(PreFiltered { volumes, nodes: None });
    }
    let is_left = |name: &str| {
        named.as_ref().is_none_or(|names: &BTreeSet<&str>| names.contains(name))
            && local.is_none_or(|names| names.contains(name))
    };
    let known = named.iter().flatten().copied();
    let known = known.chain(local.into_iter().flatten().map(String::as_str));
    let mut names: Vec<&str> = known.filter(|name| is_left(name)).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        let plugins = match (named.is_some(), local.is_some()) {
            (true, true) => "plugin(s) [NodeAffinity VolumeBinding] simultaneously",
            _ => "plugin VolumeBinding",
        };
        let reason = format!("node(s) didn't satisfy {plugins}");
        return Err(Rejection::unresolvable(Plugin::VolumeBinding, reason));
    }
    let mut nodes: Vec<NodeId> = names.iter().filter_map(|name| cache.find_node(name)).collect();
    if nodes.len() > 1 {
        let in_order = cache.order().iter().copied();
        nodes = in_order.filter(|node| nodes.contains(node)).collect();
    }
    Ok(PreFiltered { volumes, nodes: Some(nodes) })
}

/// What selects the Pods of a class: its Services and the workload that owns it.
fn default_selectors(class: &PodClass, client: &Client, kinds: &KindsInUse) -> Selectors {
    let owner = class.owner.as_ref().and_then(|owner| {
        let kind = kinds.owner(&owner.api_version, &owner.kind)?;
        client.get(kind, &class.namespace, &owner.name)
    });
    let services: Vec<Value> = match kinds.services {
        Some(kind) => client.list(kind, Some(&class.namespace)),
        None => Vec::new(),
    };
    let selecting = services
        .iter()
        .filter(|service| !service.get(&names::SPEC).get(&names::SELECTOR).is_null());
    pod_topology_spread::default_selectors(class, selecting, owner.as_ref())
}
