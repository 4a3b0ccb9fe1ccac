//! The Pods of a Job: how they are made, and how they are let go once they have been counted.

use super::TRACKING;
use crate::pods::{self, POD};
use api::core::v1::Pod;
use api::{Status, Value, View, names, object};
use apiserver::PatchType;
use apiserver::store::ObjectKey;
use client::Client;
use kinds::batch::job;
use kinds::table;
use sim::Time;

const COMPLETION_INDEX: &str = "batch.kubernetes.io/job-completion-index";
const INDEX_VARIABLE: &str = "JOB_COMPLETION_INDEX";

/// The index that a Pod works on.
pub(super) fn index_of(pod: &Value) -> Option<i64> {
    table::metadata(pod).annotations().get(COMPLETION_INDEX)?.parse().ok()
}

/// A Pod of a Job, for one index or for none.
pub(super) fn new_pod(object: &Value, index: Option<i64>) -> Value {
    let template = object.get(&names::SPEC).get(&names::TEMPLATE);
    let mut pod = pods::from_template(template, &job::KIND, object);
    pod.update(&names::METADATA, |metadata| {
        metadata.update(&names::FINALIZERS, |finalizers| finalizers.make_list().push(TRACKING));
    });
    let Some(index) = index else { return pod };
    let name = table::metadata(object).name();
    pod.update(&names::METADATA, |metadata| {
        metadata.make_map().insert(&names::GENERATE_NAME, format!("{name}-{index}-"));
        for key in [&names::ANNOTATIONS, &names::LABELS] {
            metadata.update(key, |map| {
                map.make_map().insert(COMPLETION_INDEX, index.to_string());
            });
        }
    });
    pod.update(&names::SPEC, |spec| {
        spec.make_map().insert(&names::HOSTNAME, format!("{name}-{index}"));
        for key in [&names::INIT_CONTAINERS, &names::CONTAINERS] {
            spec.update(key, |containers| containers.update_items(add_index_variable));
        }
    });
    pod
}

fn add_index_variable(container: &mut Value) {
    container.update(&names::ENV, |env| {
        if env.items().iter().any(|variable| *variable.get(&names::NAME) == INDEX_VARIABLE) {
            return;
        }
        env.make_list().push(object! {
            "name": INDEX_VARIABLE,
            "valueFrom": object! { "fieldRef": object! {
                "apiVersion": "v1",
                "fieldPath": format!("metadata.labels['{COMPLETION_INDEX}']"),
            } },
        });
    });
}

/// Lets a Pod go that has been counted, or that nobody will count.
pub(super) fn untrack(pod: &Value, client: &Client) -> Result<(), Status> {
    let patch = object! { "metadata": object! {
        "$deleteFromPrimitiveList/finalizers": api::list![TRACKING],
    } };
    match client.patch(POD, &ObjectKey::of(pod), "", PatchType::Strategic, patch) {
        Err(status) if status.reason != api::Reason::NotFound => Err(status),
        _ => Ok(()),
    }
}

/// When the last container of a Pod ended, as far as is known.
pub(super) fn finish_time(object: &Value, now: Time) -> Time {
    let statuses = Pod::of(object).status().container_statuses();
    let ends = statuses.filter_map(|status| status.state().terminated()?.finished_at());
    ends.max().unwrap_or(now)
}

/// How often the containers of a Pod were started again.
pub(super) fn restarts(object: &Value) -> i64 {
    let status = Pod::of(object).status();
    let all = status.init_container_statuses().chain(status.container_statuses());
    all.map(|container| container.restart_count()).sum()
}
