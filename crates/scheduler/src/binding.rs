//! Binding: what happens between the choice of a node and the moment the API server knows.
//!
//! It happens beside the scheduling of other Pods. First the Pod's claims get their volumes, if
//! they have waited for the node, and the Pod waits until that is done; then the Pod is bound.

use crate::event_recorder::Report;
use crate::failure::{Failure, Nominating, pod_reference};
use crate::framework::rejection::PluginSet;
use crate::plugins::default_binder;
use crate::plugins::volume_binding::Decision;
use crate::queue::{ClusterEvent, QueuedPod};
use crate::scheduler::{SCHEDULING_CYCLE_COST, Scheduler};
use crate::storage::{Claim, SELECTED_NODE, ServerStorage, Storage};
use api::go::quote;
use api::{Text, Value, View, names, object};
use apiserver::store::ObjectKey;
use kinds::core::pod;
use kinds::table;
use sim::{Duration, Time};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How long a request to bind takes: an API server and etcd on one machine need 2 to 5 ms.
const BIND_LATENCY: Duration = Duration::from_millis(2);
/// How often the scheduler looks whether the volumes are there.
const VOLUME_POLL: Duration = Duration::from_secs(1);
/// How long it waits for them (`bindTimeoutSeconds`).
const VOLUME_TIMEOUT: Duration = Duration::from_secs(600);

/// How far the binding of a Pod has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its claims are to be given volumes.
    PreBind,
    /// It waits for these, until then.
    Volumes(Time),
    /// It is to be bound.
    Bind,
}

/// A Pod that has been given a node.
pub(crate) struct Binding {
    pod: QueuedPod,
    node: Rc<str>,
    decision: Decision,
    stage: Stage,
}

impl Binding {
    /// The binding of a Pod to a node.
    pub(crate) fn new(pod: QueuedPod, node: Rc<str>, decision: Decision) -> Binding {
        let stage = match decision.is_empty() {
            true => Stage::Bind,
            false => Stage::PreBind,
        };
        Binding { pod, node, decision, stage }
    }
}

/// The bindings that are under way, by the time at which they go on.
#[derive(Default)]
pub(crate) struct Bindings {
    by_time: BTreeMap<(Time, u64), Binding>,
    sequence: u64,
}

impl Bindings {
    /// Begins a binding when the scheduling cycle that began now is over.
    pub(crate) fn begin(&mut self, binding: Binding, now: Time) {
        self.add(binding, now + SCHEDULING_CYCLE_COST + BIND_LATENCY);
    }

    fn add(&mut self, binding: Binding, at: Time) {
        self.sequence += 1;
        self.by_time.insert((at, self.sequence), binding);
    }

    /// When the next one goes on.
    pub(crate) fn next_time(&self) -> Option<Time> {
        self.by_time.first_key_value().map(|((at, _), _)| *at)
    }

    fn pop(&mut self, now: Time) -> Option<Binding> {
        if self.next_time()? > now {
            return None;
        }
        self.by_time.pop_first().map(|(_, binding)| binding)
    }
}

impl Scheduler {
    /// Goes on with the bindings that are due.
    pub(crate) fn continue_bindings(&mut self, now: Time) {
        while let Some(binding) = self.bindings.pop(now) {
            self.client.set_cause(binding.pod.cause);
            match binding.stage {
                Stage::PreBind => self.pre_bind(binding, now),
                Stage::Volumes(until) => self.poll_volumes(binding, until, now),
                Stage::Bind => self.bind(binding, now),
            }
        }
    }

    fn bind(&mut self, binding: Binding, now: Time) {
        let pod = &binding.pod;
        if let Err(status) =
            default_binder::bind(&self.client, &pod.object, &pod.key, &binding.node)
        {
            let message = format!("running Bind plugin \"DefaultBinder\": {status}");
            return self.fail(binding, message, now);
        }
        self.reservations.release(&binding.decision);
        self.recorder.report_once(Report {
            about: &pod_reference(&pod.object),
            related: None,
            ty: "Normal",
            reason: "Scheduled",
            action: "Binding",
            message: format!("Successfully assigned {} to {}", pod.key, binding.node),
        });
    }

    /// Takes the Pod back and lets it be tried again.
    fn fail(&mut self, binding: Binding, message: String, now: Time) {
        let Binding { mut pod, decision, .. } = binding;
        self.reservations.release(&decision);
        // The queue uses the class again before the cache gives it up.
        pod.class = self.cache.acquire_class(&pod.object);
        self.cache.forget(pod.uid);
        self.move_all(ClusterEvent::AssignedPodDelete, pod.cause);
        let failure = Failure {
            message,
            plugins: PluginSet::default(),
            nominating: Nominating::None,
            is_error: true,
        };
        self.handle_failure(pod, failure, now);
    }

    /// Lets claims be bound to the volumes that were chosen, and others be provisioned.
    fn pre_bind(&mut self, mut binding: Binding, now: Time) {
        match self.write_decision(&binding) {
            Ok(()) => {
                binding.stage = Stage::Volumes(now + VOLUME_TIMEOUT);
                self.bindings.add(binding, now + VOLUME_POLL);
            }
            Err(why) => self.fail_pre_bind(binding, &why, now),
        }
    }

    fn fail_pre_bind(&mut self, binding: Binding, why: &str, now: Time) {
        let message = format!("running PreBind plugin \"VolumeBinding\": {why}");
        self.fail(binding, message, now);
    }

    fn write_decision(&self, binding: &Binding) -> Result<(), String> {
        let storage = ServerStorage { client: &self.client, kinds: &self.kinds };
        for (claim, volume) in &binding.decision.bindings {
            let kind = self.kinds.volumes.ok_or("no volumes are served")?;
            let found = storage.claim(&claim.namespace, &claim.name);
            let found = found.ok_or_else(|| missing_claim(claim))?;
            let mut object = storage
                .volume(volume)
                .ok_or_else(|| format!("persistentvolume {} not found", quote(volume)))?;
            let reference = object! {
                "kind": "PersistentVolumeClaim",
                "apiVersion": "v1",
                "namespace": Text::from(claim.namespace.clone()),
                "name": Text::from(claim.name.clone()),
                "uid": table::metadata(&found).value().get(&names::UID),
                "resourceVersion": table::metadata(&found).value().get(&names::RESOURCE_VERSION),
            };
            object.update(&names::SPEC, |spec| {
                spec.make_map().insert(&names::CLAIM_REF, reference);
            });
            annotate(&mut object, "pv.kubernetes.io/bound-by-controller", "yes".into());
            self.client.update(kind, object).map_err(|s| s.to_string())?;
        }
        for claim in &binding.decision.provisions {
            let kind = self.kinds.claims.ok_or("no claims are served")?;
            let found = storage.claim(&claim.namespace, &claim.name);
            let mut object = found.ok_or_else(|| missing_claim(claim))?;
            annotate(&mut object, SELECTED_NODE, binding.node.clone().into());
            self.client.update(kind, object).map_err(|s| s.to_string())?;
        }
        Ok(())
    }

    fn poll_volumes(&mut self, mut binding: Binding, until: Time, now: Time) {
        match self.are_volumes_bound(&binding) {
            Ok(true) => {
                binding.stage = Stage::Bind;
                self.bindings.add(binding, now + BIND_LATENCY);
            }
            Ok(false) if now < until => self.bindings.add(binding, now + VOLUME_POLL),
            Ok(false) => {
                let why = "binding volumes: context deadline exceeded";
                self.fail_pre_bind(binding, why, now);
            }
            Err(why) => self.fail_pre_bind(binding, &format!("binding volumes: {why}"), now),
        }
    }

    fn are_volumes_bound(&self, binding: &Binding) -> Result<bool, String> {
        let storage = ServerStorage { client: &self.client, kinds: &self.kinds };
        let key = &binding.pod.key;
        if self.client.get(&pod::KIND, &key.namespace, &key.name).is_none() {
            let name = quote(&key.name);
            return Err(format!("pod does not exist any more: pod {name} not found"));
        }
        let mut all = true;
        for (claim, volume) in &binding.decision.bindings {
            if storage.volume(volume).is_none() {
                let volume = quote(volume);
                return Err(format!(
                    "failed to check binding: could not find v1.PersistentVolume {volume}"
                ));
            }
            let found = storage.claim(&claim.namespace, &claim.name);
            let found = found.ok_or_else(|| missing_claim(claim))?;
            all &= Claim(&found).is_bound();
        }
        for claim in &binding.decision.provisions {
            let found = storage.claim(&claim.namespace, &claim.name);
            let found = found.ok_or_else(|| missing_claim(claim))?;
            match Claim(&found).selected_node() {
                // The provisioner has given up on the node; another may do.
                None => {
                    let name = quote(&claim.name);
                    return Err(format!("provisioning failed for PVC {name}"));
                }
                Some(node) if *node != *binding.node => {
                    let name = quote(&claim.name);
                    return Err(format!("provisioning failed for PVC {name}"));
                }
                Some(_) => all &= Claim(&found).is_bound(),
            }
        }
        Ok(all)
    }
}

fn missing_claim(claim: &ObjectKey) -> String {
    format!("persistentvolumeclaim {} not found", quote(&claim.name))
}

fn annotate(object: &mut Value, name: &'static str, value: Text) {
    object.update(&names::METADATA, |metadata| {
        metadata.update(&names::ANNOTATIONS, |annotations| {
            annotations.make_map().insert(name, value);
        });
    });
}
