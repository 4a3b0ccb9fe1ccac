//! Creating and deleting the Pods of an owner, and telling of it.
//!
//! Models `controller.RealPodControl`.

use crate::pods::POD;
use api::{Reason, Status, Value};
use apiserver::store::ObjectKey;
use client::{Client, DeleteOptions, EventRecorder, ObjectReference};
use kinds::table;

/// Whether a request failed because its namespace is on its way out: then nothing can be created,
/// and nothing is to be done about it.
pub(crate) fn is_namespace_terminating(status: &Status) -> bool {
    status
        .details
        .as_ref()
        .is_some_and(|d| d.causes.iter().any(|cause| cause.reason == "NamespaceTerminating"))
}

/// Creates a Pod. `None` if its namespace is on its way out.
pub(crate) fn create(
    client: &Client,
    recorder: &mut EventRecorder,
    about: &ObjectReference,
    pod: Value,
) -> Result<Option<Value>, Status> {
    match client.create(POD, pod) {
        Ok(created) => {
            let message = format!("Created pod: {}", table::metadata(&created).name());
            recorder.normal(about, "SuccessfulCreate", message);
            Ok(Some(created))
        }
        Err(status) if is_namespace_terminating(&status) => Ok(None),
        Err(status) => {
            recorder.warning(about, "FailedCreate", format!("Error creating: {status}"));
            Err(status)
        }
    }
}

/// Deletes a Pod; one that is gone already is fine.
pub(crate) fn delete(
    client: &Client,
    recorder: &mut EventRecorder,
    about: &ObjectReference,
    pod: &Value,
) -> Result<(), Status> {
    let metadata = table::metadata(pod);
    match client.delete(POD, &ObjectKey::of(pod), metadata.uid(), DeleteOptions::default()) {
        Ok(_) => {
            recorder.normal(about, "SuccessfulDelete", format!("Deleted pod: {}", metadata.name()));
            Ok(())
        }
        Err(status) if status.reason == Reason::NotFound => Ok(()),
        Err(status) => {
            recorder.warning(about, "FailedDelete", format!("Error deleting: {status}"));
            Err(status)
        }
    }
}
