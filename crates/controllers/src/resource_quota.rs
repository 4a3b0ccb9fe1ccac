//! The ResourceQuota controller: writes into the status of each quota what is used.
//!
//! Models `k8s.io/kubernetes/pkg/controller/resourcequota`. Any change of what a quota limits is
//! counted soon after, as admission and the quota monitors do together on a real cluster.

use crate::Parts;
use api::{Status, View, names, object};
use apiserver::quota;
use apiserver::store::{Change, ObjectKey};
use client::{Client, Reconcile, Reconciler};
use kinds::Kind;
use kinds::core::resource_quota;
use sim::{Duration, Sim};

pub(crate) struct ResourceQuotaController {
    sim: Sim,
}

impl ResourceQuotaController {
    pub(crate) fn new(parts: Parts<'_>) -> ResourceQuotaController {
        ResourceQuotaController { sim: parts.sim.clone() }
    }
}

impl Reconciler for ResourceQuotaController {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "resource-quota-controller"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        let is_counted = |kind: &&&'static Kind| {
            kind.is_namespaced
                && kind.conversion.is_none()
                && !kind.is_virtual
                && !matches!(kind.kind, "Event" | "Lease")
        };
        kinds::ALL.iter().filter(is_counted).copied().collect()
    }

    fn keys(&self, change: &Change, client: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        let kind = client.read(|server| server.registry().kind_of(change.resource));
        if *kind == resource_quota::KIND {
            add(change.key.clone(), Duration::ZERO);
        }
        for object in client.list(&resource_quota::KIND, Some(&change.key.namespace)) {
            let hard = api::core::v1::ResourceQuota::of(&object).spec().hard();
            if hard.iter().any(|(resource, _)| quota::concerns(kind, resource)) {
                add(ObjectKey::of(&object), Duration::ZERO);
            }
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        let Some(mut object) = client.get(&resource_quota::KIND, &key.namespace, &key.name) else {
            return Ok(Reconcile::Done);
        };
        let now = self.sim.now();
        let used =
            client.read(|server| quota::used(server.registry(), server.store(), &object, now));
        let status = object! {
            "hard": object.get(&names::SPEC).get(&names::HARD),
            "used": quota::to_value(&used),
        };
        if *object.get(&names::STATUS) == status {
            return Ok(Reconcile::Done);
        }
        object.make_map().insert(&names::STATUS, status);
        client.update_status(&resource_quota::KIND, object)?;
        Ok(Reconcile::Done)
    }
}
