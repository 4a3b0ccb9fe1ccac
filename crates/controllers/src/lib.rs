//! The controllers of kube-controller-manager.
//!
//! Each is a `client::Reconciler`: it looks at one object at a time and brings the world closer
//! to what the object asks for. Controllers know neither each other nor the kubelet; they meet at
//! the API server.

mod deployment;
mod garbage_collector;
mod namespace;
mod pods;
mod replica_set;
mod root_ca_publisher;
mod service_account;

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
    vec![
        controller(server, sim, "deployment-controller", deployment::DeploymentController::new),
        controller(server, sim, "replicaset-controller", replica_set::ReplicaSetController::new),
        controller(
            server,
            sim,
            "generic-garbage-collector",
            garbage_collector::GarbageCollector::new,
        ),
        controller(server, sim, "namespace-controller", namespace::NamespaceController::new),
        controller(
            server,
            sim,
            "service-account-controller",
            service_account::ServiceAccountController::new,
        ),
        controller(server, sim, "root-ca-cert-publisher", root_ca_publisher::RootCaPublisher::new),
    ]
}

/// What a controller is built from.
pub(crate) struct Parts<'a> {
    sim: &'a Sim,
    recorder: EventRecorder,
}

fn controller<R: Reconciler + 'static>(
    server: &Rc<RefCell<ApiServer>>,
    sim: &Sim,
    account: &'static str,
    new: impl FnOnce(Parts<'_>) -> R,
) -> Box<dyn Component> {
    let groups =
        ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"];
    let user = User::new(format!("system:serviceaccount:kube-system:{account}"), &groups);
    let client = Client::new(server, user, PROGRAM);
    let source = EventSource { component: Text::from(account), host: Text::EMPTY };
    let recorder = EventRecorder::new(client.clone(), sim, source);
    Box::new(Controller::new(new(Parts { sim, recorder }), client, sim))
}
