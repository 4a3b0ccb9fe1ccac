//! The scheduler and the plain reference must agree on random clusters: on the nodes that are
//! feasible, the reasons against the others, the scores, the choice, and on who would be
//! preempted.

use super::reference::{self, World};
use super::shapes::{PodShape, Step, node_shape, pod_shape, selector, step};
use crate::algorithm::{Algorithm, DefaultSpread, SearchSpace};
use crate::cache::{Cache, ClassId, NodeId, PodInfo, Uid};
use crate::framework::filter::Candidate;
use crate::plugins::default_preemption::{self, Surroundings};
use crate::plugins::node_affinity;
use crate::plugins::pod_topology_spread;
use crate::queue::Nominator;
use api::{Map, Text, Value, names, object};
use apiserver::store::ObjectKey;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use sim::{Rng, Time};
use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

/// Both schedulers, side by side.
struct Both {
    cache: Cache,
    algorithm: Algorithm,
    nominator: Nominator,
    rng: Rng,
    spread_version: u64,
    nominated: Vec<(Uid, ClassId)>,
    world: World,
    plain_rng: Rng,
    plain_start: usize,
    count: u32,
}

fn key_of(object: &Value) -> ObjectKey {
    ObjectKey::of(object)
}

impl Both {
    fn new() -> Both {
        let mut both = Both {
            cache: Cache::default(),
            algorithm: Algorithm::default(),
            nominator: Nominator::default(),
            rng: Rng::new(1),
            spread_version: 0,
            nominated: Vec::new(),
            world: World::default(),
            plain_rng: Rng::new(1),
            plain_start: 0,
            count: 0,
        };
        let apps = ["web", "db"].map(|app| (app, selector("app", Some(Some(app)))));
        for (app, selector) in apps {
            both.world.replica_sets.insert(app.to_owned(), selector);
        }
        both.label_namespace("one", "prod");
        both.label_namespace("two", "test");
        both
    }

    fn label_namespace(&mut self, name: &'static str, env: &'static str) {
        let labels: Map = [("env", env)].into_iter().collect();
        self.cache.set_namespace(&Rc::from(name), Some(&labels));
        self.world.namespaces.insert(name.to_owned(), labels);
    }

    fn next_pod(&mut self, shape: &PodShape) -> Value {
        self.count += 1;
        shape.build(self.count)
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::SetNode(shape) => {
                let node = shape.build();
                self.cache.set_node(&key_of(&node).name, &node);
                self.world.set_node(&node);
            }
            Step::RemoveNode(number) => {
                let name = format!("n{number}");
                self.cache.remove_node(&name);
                self.world.remove_node(&name);
            }
            Step::Schedule(shape, count) => {
                for _ in 0..*count {
                    let pod = self.next_pod(shape);
                    self.schedule(&pod);
                }
            }
            Step::Nominate(shape, number) => {
                let pod = self.next_pod(shape);
                let class = self.cache.acquire_class(&pod);
                let node = format!("n{number}");
                self.nominator.add(Uid::of(&pod), &node, class);
                self.nominated.push((Uid::of(&pod), class));
                self.world.nominated.push((pod, node));
            }
            Step::EndNominations => {
                for (uid, class) in self.nominated.drain(..) {
                    self.nominator.remove(uid);
                    self.cache.release_class(class);
                }
                self.world.nominated.clear();
            }
            Step::RemovePod(at) => {
                if !self.world.pods.is_empty() {
                    let at = usize::from(*at) % self.world.pods.len();
                    let pod = self.world.pods.remove(at);
                    self.cache.remove_pod(Uid::of(&pod));
                }
            }
            Step::Terminate(at) => self.change_pod(*at, |metadata| {
                metadata.make_map().insert(&names::DELETION_TIMESTAMP, "2026-11-23T12:46:12Z");
            }),
            Step::Relabel(at, app) => self.change_pod(*at, |metadata| {
                metadata.make_map().insert(&names::LABELS, object! { "app": *app });
            }),
            Step::RelabelNamespace(name, env) => self.label_namespace(name, env),
            Step::AddService(app) => {
                self.spread_version += 1;
                self.world.services.push(object! {
                    "metadata": object! { "name": *app, "namespace": "one" },
                    "spec": object! { "selector": object! { "app": *app } },
                });
            }
        }
    }

    /// A Pod that has changed counts as the last that has come.
    fn change_pod(&mut self, at: u8, change: impl FnOnce(&mut Value)) {
        if self.world.pods.is_empty() {
            return;
        }
        let at = usize::from(at) % self.world.pods.len();
        let old = self.world.pods[at].clone();
        let mut pod = old.clone();
        pod.update(&names::METADATA, change);
        if pod == old {
            return;
        }
        self.world.pods.remove(at);
        self.cache.set_pod(&key_of(&pod), &pod);
        self.world.pods.push(pod);
    }

    /// Lets both place a Pod, and compares all they say.
    fn schedule(&mut self, pod: &Value) {
        let (world, plain_rng) = (&self.world, &mut self.plain_rng);
        let plain = reference::schedule(world, pod, &mut self.plain_start, plain_rng);

        let uid = Uid::of(pod);
        let class_id = self.cache.acquire_class(pod);
        let cache = &self.cache;
        let class = cache.class(class_id);
        let candidate = Candidate { cache, class, uid, nominator: &self.nominator, volumes: None };
        let named = node_affinity::pre_filter(class).expect("no contradictions are generated");
        let nodes = named.map(|names| {
            let in_order = cache.order().iter().copied();
            let is_named = |node: &NodeId| names.contains(&*cache.node(*node).name);
            in_order.filter(is_named).collect::<Vec<_>>()
        });
        let space = SearchSpace { nodes: nodes.as_deref(), nominated: None };
        let owner = class.owner.as_ref().map(|owner| {
            let selector = &world.replica_sets[&owner.name];
            object! { "spec": object! { "selector": selector } }
        });
        let spread = DefaultSpread {
            version: self.spread_version,
            selectors: || {
                let services = world.services.iter();
                let own = services.filter(|s| s["metadata"]["namespace"] == *class.namespace);
                pod_topology_spread::default_selectors(class, own, owner.as_ref())
            },
        };
        let mut search = self.algorithm.search(&candidate, class_id, space, spread);
        let name = |node: &NodeId| cache.node(*node).name.to_string();
        let feasible: Vec<String> = search.feasible.iter().map(name).collect();
        assert_eq!(feasible, plain.feasible, "feasible nodes of {pod:?}");
        let refused = search.rejected.iter().map(|(node, rejection)| {
            let rejection = search.evaluation.rejection(*rejection);
            let reasons = rejection.reasons.iter().map(Text::to_string).collect();
            let is_resolvable = rejection.is_resolvable;
            (name(node), reference::Refusal { reasons, is_resolvable })
        });
        assert_eq!(refused.collect::<std::collections::BTreeMap<_, _>>(), plain.refused);
        assert_eq!(search.scores(&candidate), plain.scores, "scores of {pod:?}");
        let selected = search.select(&candidate, &mut self.rng);
        assert_eq!(selected.map(|node| name(&node)), plain.selected);
        match selected {
            Some(node) => self.place(pod, uid, class_id, node),
            None => {
                let evaluation = &*search.evaluation;
                let hopeful = search.rejected.iter();
                let hopeful = hopeful.filter(|(_, r)| evaluation.rejection(*r).is_resolvable);
                let hopeful: BTreeSet<NodeId> = hopeful.map(|(node, _)| *node).collect();
                let surroundings =
                    Surroundings { budgets: &[], start_time: &|_: &PodInfo| Time::EPOCH };
                let is_unresolvable = |node| !hopeful.contains(&node);
                let found = default_preemption::find(
                    &candidate,
                    search.evaluation,
                    is_unresolvable,
                    &surroundings,
                    &mut self.rng,
                );
                let victims = found.ok().map(|found| {
                    let victims = found.victims.iter();
                    let names = victims.map(|id| cache.pod(*id).key.name.to_string());
                    (name(&found.node), names.collect::<Vec<_>>())
                });
                let expected =
                    reference::preempt(&self.world, pod, &plain.refused, &mut self.plain_rng);
                assert_eq!(victims, expected, "victims of {pod:?}");
                self.cache.release_class(class_id);
            }
        }
    }

    fn place(&mut self, pod: &Value, uid: Uid, class: ClassId, node: NodeId) {
        let node_name = self.cache.node(node).name.clone();
        self.cache.assume(uid, key_of(pod), class, node);
        let mut bound = pod.clone();
        bound.update(&names::SPEC, |spec| {
            let name = Text::from(node_name);
            spec.make_map().insert(&names::NODE_NAME, name);
        });
        // Every other Pod is confirmed; the others stay assumed.
        if self.count.is_multiple_of(2) {
            self.cache.set_pod(&key_of(&bound), &bound);
        }
        self.world.pods.push(bound);
    }
}

/// Runs a test on random values. A failure names the seed and the smallest value that shows it;
/// `PROPTEST_RNG_SEED` and `PROPTEST_CASES` run it again, or longer.
fn check<S: Strategy>(share: u32, strategy: S, test: impl Fn(S::Value)) {
    let environment = ProptestConfig::default();
    let seed = match environment.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(0),
    };
    let config = ProptestConfig {
        cases: (2 * environment.cases / share).max(1),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..environment
    };
    let result = TestRunner::new(config).run(&strategy, |value| {
        test(value);
        Ok(())
    });
    if let Err(error) = result {
        panic!("PROPTEST_RNG_SEED={seed}: {error}");
    }
}

#[test]
fn both_schedulers_agree() {
    let strategy = (vec(node_shape(), 1..6), vec(step(), 1..30));
    check(1, strategy, |(nodes, steps)| {
        let mut both = Both::new();
        for node in nodes {
            both.apply(&Step::SetNode(node));
        }
        for step in &steps {
            both.apply(step);
        }
    });
}

/// Where there are many nodes, only some are looked at, and the next Pod goes on from there.
#[test]
fn both_schedulers_agree_on_many_nodes() {
    let pods = vec((pod_shape(), 1..4_u8), 1..8);
    let strategy = (vec(node_shape(), 110..140), pods);
    check(16, strategy, |(nodes, pods)| {
        let mut both = Both::new();
        for (number, mut node) in nodes.into_iter().enumerate() {
            node.name = number as u8;
            both.apply(&Step::SetNode(node));
        }
        for (pod, count) in pods {
            both.apply(&Step::Schedule(Box::new(pod), count));
        }
    });
}
