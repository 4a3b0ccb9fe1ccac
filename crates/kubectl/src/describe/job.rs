//! Jobs.

use super::text::{Description, date, line, or_none, or_unset};
use super::{Subject, controller, pod_template};
use crate::errors::Result;
use api::batch::v1::Job;
use std::rc::Rc;

/// More of the list of completed indexes is not shown.
const INDEXES_LENGTH_MAX: usize = 50;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let job: Job<'_> = subject.view();
    let mut out = Description::default();
    describe_head(&mut out, &subject, job);
    describe_progress(&mut out, job);
    pod_template::describe(&mut out, job.spec().template());
    subject.with_events(out).await
}

fn describe_head(out: &mut Description, subject: &Subject, job: Job<'_>) {
    let (metadata, spec) = (job.metadata(), job.spec());
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    line!(out, 0, "Selector:\t{}", subject.selector());
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    out.field_if(0, "Controlled By", &controller(metadata));
    if let Some(parallelism) = spec.parallelism() {
        line!(out, 0, "Parallelism:\t{parallelism}");
    }
    line!(out, 0, "Completions:\t{}", or_unset(spec.completions()));
    if let Some(mode) = spec.completion_mode() {
        line!(out, 0, "Completion Mode:\t{mode}");
    }
}

fn describe_progress(out: &mut Description, job: Job<'_>) {
    let (spec, status) = (job.spec(), job.status());
    let (start, end) = (status.start_time(), status.completion_time());
    if start.is_some() {
        line!(out, 0, "Start Time:\t{}", date(start));
    }
    if end.is_some() {
        line!(out, 0, "Completed At:\t{}", date(end));
    }
    if let (Some(start), Some(end)) = (start, end) {
        line!(out, 0, "Duration:\t{}", api::human::age(start, end));
    }
    if let Some(seconds) = spec.active_deadline_seconds() {
        line!(out, 0, "Active Deadline Seconds:\t{seconds}s");
    }
    let ready = status.ready().map(|ready| format!(" ({ready} Ready)")).unwrap_or_default();
    line!(
        out,
        0,
        "Pods Statuses:\t{} Active{ready} / {} Succeeded / {} Failed",
        status.active(),
        status.succeeded(),
        status.failed()
    );
    if spec.completion_mode() == Some("Indexed") {
        line!(out, 0, "Completed Indexes:\t{}", indexes(status.completed_indexes()));
    }
}

/// The beginning of a list of indexes, cut off at a comma.
fn indexes(text: &str) -> String {
    match text.get(..=INDEXES_LENGTH_MAX).filter(|_| text.len() > INDEXES_LENGTH_MAX) {
        Some(start) => {
            let end = start.rfind(',').unwrap_or(INDEXES_LENGTH_MAX);
            format!("{}...", &text[..end])
        }
        None => or_none(text).to_owned(),
    }
}
