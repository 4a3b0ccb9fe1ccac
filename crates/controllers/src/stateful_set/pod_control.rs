//! Creating and deleting the Pods of a StatefulSet, and telling of it.

use super::{Sync, identity};
use crate::pods::POD;
use api::{Reason, Status, Value};
use apiserver::store::ObjectKey;
use client::DeleteOptions;
use kinds::table;

impl Sync<'_> {
    /// Creates a Pod after its claims.
    pub(super) fn create_pod(&mut self, pod: Value) -> Result<(), Status> {
        let name = table::metadata(&pod).name().to_owned();
        let ordinal = identity::ordinal(&self.object, &name).unwrap_or(0);
        if let Err(status) = self.create_claims(ordinal) {
            self.tell("create", &name, Err(&status));
            return Err(status);
        }
        let outcome = self.client.create(POD, pod);
        if outcome.as_ref().is_err_and(|status| status.reason == Reason::AlreadyExists) {
            return outcome.map(|_| ());
        }
        if let Ok(created) = &outcome {
            self.own_claims(ordinal, created)?;
        }
        self.tell("create", &name, outcome.as_ref().map(|_| ()));
        outcome.map(|_| ())
    }

    pub(super) fn delete_pod(&mut self, pod: &Value) -> Result<(), Status> {
        let key = ObjectKey::of(pod);
        let outcome = self.client.delete(POD, &key, "", DeleteOptions::default());
        self.tell("delete", &key.name, outcome.as_ref().map(|_| ()));
        match outcome {
            Err(status) if status.reason != Reason::NotFound => Err(status),
            _ => Ok(()),
        }
    }

    /// Gives a Pod back the labels by which it is known.
    pub(super) fn restore_identity(&mut self, pod: &Value, ordinal: i64) -> Result<(), Status> {
        let name = table::metadata(pod).name().to_owned();
        let mut changed = pod.clone();
        identity::set_identity(&mut changed, &name, ordinal);
        if changed == *pod {
            return Ok(());
        }
        let outcome = self.client.update(POD, changed);
        self.tell("update", &name, outcome.as_ref().map(|_| ()));
        outcome.map(|_| ())
    }

    fn tell(&mut self, verb: &str, pod: &str, outcome: Result<(), &Status>) {
        let set = self.view().metadata().name();
        let what = format!("{verb} Pod {pod} in StatefulSet {set}");
        let about = self.about();
        let recorder = &mut self.controller.recorder;
        match (verb, outcome) {
            ("create", Ok(())) => {
                recorder.normal(&about, "SuccessfulCreate", format!("{what} successful"));
            }
            ("delete", Ok(())) => {
                recorder.normal(&about, "SuccessfulDelete", format!("{what} successful"));
            }
            (_, Ok(())) => {
                recorder.normal(&about, "SuccessfulUpdate", format!("{what} successful"))
            }
            ("create", Err(status)) => {
                recorder.warning(&about, "FailedCreate", format!("{what} failed error: {status}"));
            }
            ("delete", Err(status)) => {
                recorder.warning(&about, "FailedDelete", format!("{what} failed error: {status}"));
            }
            (_, Err(status)) => {
                recorder.warning(&about, "FailedUpdate", format!("{what} failed error: {status}"));
            }
        }
    }
}
