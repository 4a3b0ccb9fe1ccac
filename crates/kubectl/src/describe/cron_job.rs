//! CronJobs.

use super::text::{Description, date, line, or_none, or_unset, title_case};
use super::{Subject, pod_template};
use crate::errors::Result;
use api::View;
use api::batch::v1::CronJob;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let cron_job: CronJob<'_> = subject.view();
    let (metadata, spec, status) = (cron_job.metadata(), cron_job.spec(), cron_job.status());
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    line!(out, 0, "Schedule:\t{}", spec.schedule());
    line!(out, 0, "Concurrency Policy:\t{}", spec.concurrency_policy());
    line!(out, 0, "Suspend:\t{}", or_unset(spec.suspend().map(title_case)));
    for (label, limit) in [
        ("Successful Job History Limit", spec.successful_jobs_history_limit()),
        ("Failed Job History Limit", spec.failed_jobs_history_limit()),
    ] {
        line!(out, 0, "{label}:\t{}", or_unset(limit));
    }
    let seconds = |seconds: Option<i64>| seconds.map(|seconds| format!("{seconds}s"));
    let deadline = or_unset(seconds(spec.starting_deadline_seconds()));
    line!(out, 0, "Starting Deadline Seconds:\t{deadline}");
    let job = spec.job_template().spec();
    let selector = job.selector().map(|selector| super::text::selector_line(selector.value()));
    line!(out, 0, "Selector:\t{}", or_unset(selector));
    line!(out, 0, "Parallelism:\t{}", or_unset(job.parallelism()));
    line!(out, 0, "Completions:\t{}", or_unset(job.completions()));
    if let Some(deadline) = seconds(job.active_deadline_seconds()) {
        line!(out, 0, "Active Deadline Seconds:\t{deadline}");
    }
    pod_template::describe(&mut out, job.template());
    let last = status.last_schedule_time();
    line!(out, 0, "Last Schedule Time:\t{}", or_unset(last.map(|last| date(Some(last)))));
    let active: Vec<&str> = status.active().map(|job| job.name()).collect();
    line!(out, 0, "Active Jobs:\t{}", or_none(&active.join(", ")));
    subject.with_events(out).await
}
