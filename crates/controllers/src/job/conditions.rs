//! The conditions of a Job.

use api::batch::v1::{Job, JobCondition, JobMut};
use api::{Text, Value, View, ViewMut, names, object};
use sim::Time;

pub(crate) const COMPLETE: &str = "Complete";
pub(crate) const FAILED: &str = "Failed";
pub(super) const SUSPENDED: &str = "Suspended";
pub(super) const FAILURE_TARGET: &str = "FailureTarget";

/// A condition of a Job, before it is written.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) ty: &'static str,
    pub(super) is_true: bool,
    pub(super) reason: &'static str,
    pub(super) message: String,
}

impl Condition {
    pub(super) fn new(ty: &'static str, reason: &'static str, message: &str) -> Condition {
        Condition { ty, is_true: true, reason, message: message.to_owned() }
    }

    fn to_value(&self, now: Time) -> Value {
        let now = Text::from(now.rfc3339());
        let mut value = object! {
            "type": self.ty,
            "status": if self.is_true { "True" } else { "False" },
            "lastProbeTime": &now,
            "lastTransitionTime": &now,
        };
        let map = value.make_map();
        if !self.reason.is_empty() {
            map.insert(&names::REASON, self.reason);
        }
        if !self.message.is_empty() {
            map.insert(&names::MESSAGE, self.message.clone());
        }
        value
    }
}

/// The condition of a type, whatever its status.
pub(super) fn find<'a>(job: &'a Value, ty: &str) -> Option<JobCondition<'a>> {
    Job::of(job).status().conditions().find(|condition| condition.type_() == ty)
}

/// `Complete` or `Failed`, if the Job is over.
pub(crate) fn finished(job: &Value) -> Option<&'static str> {
    [COMPLETE, FAILED].into_iter().find(|ty| find(job, ty).is_some_and(|c| c.status() == "True"))
}

/// Sets a condition; true if that changes anything. One that is not there is not made false.
pub(super) fn set(job: &mut Value, condition: &Condition, now: Time) -> bool {
    let status = if condition.is_true { "True" } else { "False" };
    let old = find(job, condition.ty);
    let is_same = old.is_some_and(|old| {
        old.status() == status
            && old.reason() == condition.reason
            && old.message() == condition.message
    });
    if is_same || (old.is_none() && !condition.is_true) {
        return false;
    }
    let mut view = JobMut::of(job);
    let mut view = view.status_mut();
    let conditions = view.conditions_mut();
    match conditions.iter_mut().find(|old| *old.get(&names::TYPE) == condition.ty) {
        Some(old) => *old = condition.to_value(now),
        None => conditions.push(condition.to_value(now)),
    }
    true
}
