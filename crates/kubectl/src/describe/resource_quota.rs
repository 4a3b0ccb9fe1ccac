//! ResourceQuotas.

use super::Subject;
use super::text::{Description, line};
use crate::errors::Result;
use api::Quantity;
use api::core::v1::ResourceQuota;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let quota: ResourceQuota<'_> = subject.view();
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", quota.metadata().name());
    line!(out, 0, "Namespace:\t{}", quota.metadata().namespace());
    describe_scopes(&mut out, 0, " ", quota);
    line!(out, 0, "Resource\tUsed\tHard");
    line!(out, 0, "--------\t----\t----");
    describe_amounts(&mut out, 0, quota);
    Ok(out)
}

/// Writes which objects a quota counts, and what that means.
pub(super) fn describe_scopes(
    out: &mut Description,
    level: usize,
    indent: &str,
    quota: ResourceQuota<'_>,
) {
    let mut scopes: Vec<&str> = quota.spec().scopes().collect();
    scopes.sort_unstable();
    out.field_if(level, "Scopes", &scopes.join(", "));
    for scope in scopes {
        let meaning = match scope {
            "Terminating" => {
                "Matches all pods that have an active deadline. These pods have a limited \
                 lifespan on a node before being actively terminated by the system."
            }
            "NotTerminating" => {
                "Matches all pods that do not have an active deadline. These pods usually include \
                 long running pods whose container command is not expected to terminate."
            }
            "BestEffort" => {
                "Matches all pods that do not have resource requirements set. These pods have a \
                 best effort quality of service."
            }
            "NotBestEffort" => {
                "Matches all pods that have at least one resource requirement set. These pods \
                 have a burstable or guaranteed quality of service."
            }
            _ => continue,
        };
        line!(out, level, "{indent}* {meaning}");
    }
}

/// Writes what is used and what may be.
pub(super) fn describe_amounts(out: &mut Description, level: usize, quota: ResourceQuota<'_>) {
    let used = quota.status().used();
    let mut hard: Vec<(&str, Quantity)> = quota.status().hard().iter().collect();
    hard.sort_by_key(|(name, _)| *name);
    for (name, hard) in hard {
        line!(out, level, "{name}\t{}\t{hard}", used.get(name).unwrap_or(Quantity::ZERO));
    }
}
