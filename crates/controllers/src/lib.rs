//! The controllers of kube-controller-manager.
//!
//! Each is a `client::Reconciler`: it looks at one object at a time and brings the world closer
//! to what the object asks for. Controllers know neither each other nor the kubelet; they meet at
//! the API server.

mod cron_job;
mod daemon_set;
mod deployment;
mod disruption;
mod endpoint_slice;
mod endpoint_slice_mirroring;
mod endpoints;
mod finalizers;
mod garbage_collector;
mod history;
mod horizontal_pod_autoscaler;
mod job;
mod local_path_provisioner;
mod namespace;
mod node_lifecycle;
mod nodes;
mod persistent_volume;
mod pod_control;
mod pods;
mod replica_set;
mod resource_quota;
mod root_ca_publisher;
mod service_account;
mod service_pods;
mod stateful_set;
mod storage_protection;
mod taint_eviction;
mod ttl_after_finished;

use api::Text;
use apiserver::{ApiServer, User};
use client::{Client, Component, Controller, EventRecorder, EventSource, Reconciler};
use sim::Sim;
use std::cell::RefCell;
use std::rc::Rc;

/// The program that all controllers run in: the manager of the fields they own.
const PROGRAM: &str = "kube-controller-manager";

/// Every controller, ready to run.
pub fn all(server: &Rc<RefCell<ApiServer>>, sim: &Sim) -> Vec<Box<dyn Component>> {
    let with = Wiring { server, sim };
    vec![
        with.controller("deployment-controller", deployment::DeploymentController::new),
        with.controller("replicaset-controller", replica_set::ReplicaSetController::new),
        with.controller(
            "replication-controller",
            replica_set::ReplicaSetController::for_replication_controllers,
        ),
        with.controller("statefulset-controller", stateful_set::StatefulSetController::new),
        with.reporting_as(
            "daemon-set-controller",
            "daemonset-controller",
            daemon_set::DaemonSetController::new,
        ),
        with.controller("job-controller", job::JobController::new),
        with.controller("cronjob-controller", cron_job::CronJobController::new),
        with.controller(
            "ttl-after-finished-controller",
            ttl_after_finished::TtlAfterFinishedController::new,
        ),
        with.controller("endpoint-controller", endpoints::EndpointsController::new),
        with.controller("endpointslice-controller", endpoint_slice::EndpointSliceController::new),
        with.controller(
            "endpointslicemirroring-controller",
            endpoint_slice_mirroring::EndpointSliceMirroringController::new,
        ),
        with.reporting_as(
            "disruption-controller",
            "controllermanager",
            disruption::DisruptionController::new,
        ),
        with.reporting_as(
            "persistent-volume-binder",
            "persistentvolume-controller",
            persistent_volume::PersistentVolumeController::new,
        ),
        with.controller(
            "local-path-provisioner",
            local_path_provisioner::LocalPathProvisioner::new,
        ),
        with.controller(
            "pvc-protection-controller",
            storage_protection::StorageProtectionController::new,
        ),
        with.controller("node-controller", node_lifecycle::NodeLifecycleController::new),
        with.reporting_as(
            "node-controller",
            "taint-eviction-controller",
            taint_eviction::TaintEvictionController::new,
        ),
        with.controller("generic-garbage-collector", garbage_collector::GarbageCollector::new),
        with.controller("namespace-controller", namespace::NamespaceController::new),
        with.controller(
            "service-account-controller",
            service_account::ServiceAccountController::new,
        ),
        with.controller("resourcequota-controller", resource_quota::ResourceQuotaController::new),
        with.controller(
            "horizontal-pod-autoscaler",
            horizontal_pod_autoscaler::HorizontalController::new,
        ),
        with.controller("root-ca-cert-publisher", root_ca_publisher::RootCaPublisher::new),
    ]
}

/// What a controller is built from.
pub(crate) struct Parts<'a> {
    sim: &'a Sim,
    recorder: EventRecorder,
}

/// What all controllers are connected to.
struct Wiring<'a> {
    server: &'a Rc<RefCell<ApiServer>>,
    sim: &'a Sim,
}

impl Wiring<'_> {
    /// A controller that acts under the service account `account`, and reports as it.
    fn controller<R: Reconciler + 'static>(
        &self,
        account: &'static str,
        new: impl FnOnce(Parts<'_>) -> R,
    ) -> Box<dyn Component> {
        self.reporting_as(account, account, new)
    }

    /// The same for a controller that reports under another name.
    fn reporting_as<R: Reconciler + 'static>(
        &self,
        account: &'static str,
        component: &'static str,
        new: impl FnOnce(Parts<'_>) -> R,
    ) -> Box<dyn Component> {
        let groups = [
            "system:serviceaccounts",
            "system:serviceaccounts:kube-system",
            "system:authenticated",
        ];
        let user = User::new(format!("system:serviceaccount:kube-system:{account}"), &groups);
        let client = Client::new(self.server, user, PROGRAM);
        let source = EventSource { component: Text::from(component), host: Text::EMPTY };
        let recorder = EventRecorder::new(client.clone(), self.sim, source);
        let parts = Parts { sim: self.sim, recorder };
        Box::new(Controller::new(new(parts), client, self.sim))
    }
}
