//! Job: Pods that run until enough of them have succeeded.
//!
//! What may change of a Job is in [`super::job_update`].

use crate::batch::{job_update, pod_failure_policy};
use crate::rules::{label_selector, nonnegative};
use crate::table::{AGE, Column, NAME, Row, age, containers_and_images, name, selector};
use crate::{FieldSelector, Generation, Kind, internal, meta, pod_spec};
use api::batch::v1::{Job, JobSpec};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{StringMap, Value, View, human, names, validation};
use sim::Time;

/// `batch/v1` Job
pub static KIND: Kind = Kind {
    group: "batch",
    kind: "Job",
    plural: "jobs",
    singular: "job",
    categories: &["all"],
    ty: types::BATCH_V1_JOB,
    storage_version_hash: "mudhfqk/qZY=",
    has_status: true,
    generation: Generation::OnSpec,
    set_defaults,
    prepare_create,
    prepare_update,
    validate,
    validate_update: job_update::validate_update,
    validate_status_update: job_update::validate_status_update,
    warnings,
    field_selectors: &[FieldSelector {
        path: "status.successful",
        get: |object| Job::of(object).status().succeeded().to_string(),
    }],
    columns: &[
        NAME,
        Column::text("Completions"),
        Column::text("Duration"),
        AGE,
        Column::wide("Containers"),
        Column::wide("Images"),
        Column::wide("Selector"),
    ],
    row,
    ..Kind::NAMESPACED
};

/// The labels that tie Pods to their Job, in the order in which errors name them.
const CONTROLLER_UID: &str = "batch.kubernetes.io/controller-uid";
const JOB_NAME: &str = "batch.kubernetes.io/job-name";
const LEGACY_CONTROLLER_UID: &str = "controller-uid";
const LEGACY_JOB_NAME: &str = "job-name";

const INDEXED_PARALLELISM_MAX: i64 = 100_000;
const MANY_COMPLETIONS: i64 = 100_000;
const MANY_PARALLEL: i64 = 10_000;
const MANY_FAILED_INDEXES_MAX: i64 = 10_000;

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        let view = JobSpec::of(spec);
        let is_single = view.completions().is_none() && view.parallelism().is_none();
        let backoff =
            if view.backoff_limit_per_index().is_some() { i64::from(i32::MAX) } else { 6 };
        let replacement = match view.pod_failure_policy() {
            Some(_) => "Failed",
            None => "TerminatingOrFailed",
        };
        if is_single {
            spec.set_default(&names::COMPLETIONS, 1);
        }
        spec.set_default(&names::PARALLELISM, 1);
        spec.set_default(&names::BACKOFF_LIMIT, backoff);
        spec.set_default(&names::COMPLETION_MODE, "NonIndexed");
        spec.set_default(&names::SUSPEND, false);
        spec.update(&names::POD_FAILURE_POLICY, pod_failure_policy::set_defaults);
        spec.set_default(&names::POD_REPLACEMENT_POLICY, replacement);
        spec.set_default(&names::MANUAL_SELECTOR, false);
        spec.update(&names::TEMPLATE, pod_spec::set_template_defaults);
    });
    label_like_template(object);
}

/// A Job without labels has those of its template.
fn label_like_template(object: &mut Value) {
    let labels = Job::of(object).spec().template().metadata().labels();
    if labels.is_empty() {
        return;
    }
    let labels = Value::Map(labels.0.clone());
    object.update(&names::METADATA, |metadata| metadata.set_default(&names::LABELS, labels));
}

/// Ties Pods to the Job by labels with its name and uid, unless its author does so by hand.
fn prepare_create(object: &mut Value) {
    crate::apps::deployment::prepare_template_create(object);
    if Job::of(object).spec().manual_selector() == Some(true) {
        return;
    }
    let metadata = object.get(&names::METADATA);
    let (uid, name) = (metadata.get(&names::UID).clone(), metadata.get(&names::NAME).clone());
    object.update(&names::SPEC, |spec| {
        spec.update(&names::TEMPLATE, |template| {
            template.update(&names::METADATA, |metadata| {
                metadata.update(&names::LABELS, |labels| {
                    for (label, value) in [
                        (LEGACY_JOB_NAME, &name),
                        (JOB_NAME, &name),
                        (LEGACY_CONTROLLER_UID, &uid),
                        (CONTROLLER_UID, &uid),
                    ] {
                        labels.set_default(&label.into(), value.clone());
                    }
                });
            });
        });
        spec.update(&names::SELECTOR, |selector| {
            selector.update(&names::MATCH_LABELS, |labels| {
                labels.set_default(&CONTROLLER_UID.into(), uid.clone());
            });
        });
    });
    // The server fills this in whenever it reads a Job, so that everybody sees it.
    label_like_template(object);
}

fn prepare_update(new: &mut Value, _: &Value) {
    crate::apps::deployment::prepare_template_create(new);
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let job = Job::of(object);
    let at = Path::new("spec");
    validate_generated(job, &at, errors);
    validate_spec(job.spec(), &at, errors);
    let spec = job.spec();
    if spec.completion_mode() == Some("Indexed")
        && let Some(completions) = spec.completions().filter(|count| *count > 0)
    {
        let last = format!("{}-{}", job.metadata().name(), completions - 1);
        for _ in validation::dns1123_label(&last) {
            let metadata = Path::new("metadata");
            let detail = format!("will not able to create pod with invalid DNS label: {last}");
            errors.invalid(&metadata.child("name"), job.metadata().name(), detail);
        }
    }
}

/// Checks that the labels which tie Pods to the Job are its own.
fn validate_generated(job: Job<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let spec = job.spec();
    if spec.manual_selector() == Some(true) {
        return;
    }
    let Some(selector) = spec.selector() else { return };
    let metadata = job.metadata();
    if metadata.uid().is_empty() {
        let at = Path::new("metadata");
        errors.required(&at.child("uid"), "");
    }
    let template_at = at.child("template");
    let metadata_at = template_at.child("metadata");
    let labels = spec.template().metadata().labels();
    for (label, value) in [
        (CONTROLLER_UID, metadata.uid()),
        (JOB_NAME, metadata.name()),
        (LEGACY_CONTROLLER_UID, metadata.uid()),
        (LEGACY_JOB_NAME, metadata.name()),
    ] {
        validate_has_label(labels, label, value, &metadata_at, errors);
    }
    let is_generated = selector.match_expressions().is_empty()
        && selector.match_labels().iter().all(|(key, value)| {
            matches!(key, CONTROLLER_UID | LEGACY_CONTROLLER_UID) && value == metadata.uid()
                || matches!(key, JOB_NAME | LEGACY_JOB_NAME) && value == metadata.name()
        });
    if !is_generated {
        let detail = "`selector` not auto-generated";
        errors.invalid(&at.child("selector"), label_selector(selector.value()), detail);
    }
}

fn validate_has_label(
    labels: StringMap<'_>,
    label: &str,
    value: &str,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let at = at.child("labels");
    let at = at.key(label);
    match labels.get(label) {
        Some(actual) if actual == value => {}
        Some(_) => {
            let shown = internal::print_string_map(labels);
            errors.invalid(&at, shown, format!("must be '{value}'"));
        }
        None => errors.required(&at, format!("must be '{value}'")),
    }
}

fn validate_spec(spec: JobSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    validate_template_spec(spec, at, errors);
    let selector_at = at.child("selector");
    match spec.selector() {
        None => errors.required(&selector_at, ""),
        Some(selector) => meta::validate_selector(selector, &selector_at, errors),
    }
    let template = spec.template().value();
    let document = spec.value().get(&names::SELECTOR);
    pod_spec::validate_selected(document, template, &at.child("template"), errors);
}

/// Checks the spec of a Job that may be within a CronJob, where it has no selector yet.
pub(super) fn validate_template_spec(spec: JobSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    for (field, number) in [
        ("parallelism", spec.parallelism()),
        ("completions", spec.completions()),
        ("activeDeadlineSeconds", spec.active_deadline_seconds()),
        ("backoffLimit", spec.backoff_limit()),
        ("ttlSecondsAfterFinished", spec.ttl_seconds_after_finished()),
        ("backoffLimitPerIndex", spec.backoff_limit_per_index()),
        ("maxFailedIndexes", spec.max_failed_indexes()),
    ] {
        nonnegative(number.unwrap_or(0), &at.child(field), errors);
    }
    if spec.max_failed_indexes().is_some() && spec.backoff_limit_per_index().is_none() {
        let detail = "when maxFailedIndexes is specified";
        errors.required(&at.child("backoffLimitPerIndex"), detail);
    }
    validate_completion_mode(spec, at, errors);
    if let Some(policy) = spec.pod_failure_policy() {
        let at = at.child("podFailurePolicy");
        pod_failure_policy::validate(policy, spec, &at, errors);
    }
    validate_replacement(spec, &at.child("podReplacementPolicy"), errors);
    let template_at = at.child("template");
    pod_spec::validate_template(spec.template().value(), &template_at, errors);
    validate_restart_policy(spec, &template_at.child("spec"), errors);
}

fn validate_completion_mode(spec: JobSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let mode = spec.completion_mode();
    if let Some(mode) = mode
        && !matches!(mode, "NonIndexed" | "Indexed")
    {
        let at = at.child("completionMode");
        errors.not_supported(&at, mode, &["NonIndexed", "Indexed"]);
    }
    if mode == Some("Indexed") {
        return validate_indexed(spec, at, errors);
    }
    for (field, number) in [
        ("backoffLimitPerIndex", spec.backoff_limit_per_index()),
        ("maxFailedIndexes", spec.max_failed_indexes()),
    ] {
        if let Some(number) = number {
            errors.invalid(&at.child(field), number, "requires indexed completion mode");
        }
    }
}

fn validate_indexed(spec: JobSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let parallelism = spec.parallelism().unwrap_or(0);
    let Some(completions) = spec.completions() else {
        return errors.required(&at.child("completions"), "when completion mode is Indexed");
    };
    if parallelism > INDEXED_PARALLELISM_MAX {
        let detail = format!(
            "must be less than or equal to {INDEXED_PARALLELISM_MAX} when completion mode is \
             Indexed"
        );
        errors.invalid(&at.child("parallelism"), parallelism, detail);
    }
    let failed_at = at.child("maxFailedIndexes");
    if let Some(failed) = spec.max_failed_indexes()
        && failed > completions
    {
        errors.invalid(&failed_at, failed, "must be less than or equal to completions");
    }
    if spec.backoff_limit_per_index().is_none() || completions <= MANY_COMPLETIONS {
        return;
    }
    match spec.max_failed_indexes() {
        None => {
            let detail = format!("must be specified when completions is above {MANY_COMPLETIONS}");
            errors.required(&failed_at, detail);
        }
        Some(failed) if failed > MANY_FAILED_INDEXES_MAX => {
            let detail = format!(
                "must be less than or equal to {MANY_FAILED_INDEXES_MAX} when completions are \
                 above {MANY_COMPLETIONS} and used with backoff limit per index"
            );
            errors.invalid(&failed_at, failed, detail);
        }
        Some(_) => {}
    }
}

fn validate_replacement(spec: JobSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let Some(policy) = spec.pod_replacement_policy() else { return };
    // With a failure policy Pods are judged only once they have ended.
    let supported: &[&str] = match spec.pod_failure_policy() {
        Some(_) => &["Failed"],
        None => &["Failed", "TerminatingOrFailed"],
    };
    if !supported.contains(&policy) {
        errors.not_supported(at, policy, supported);
    }
}

fn validate_restart_policy(spec: JobSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let at = at.child("restartPolicy");
    match spec.template().spec().restart_policy() {
        "" | "Always" => {
            errors.required(&at, "valid values: \"OnFailure\", \"Never\"");
        }
        "OnFailure" if spec.pod_failure_policy().is_some() => {
            let detail = "only \"Never\" is supported when podFailurePolicy is specified";
            errors.invalid(&at, "OnFailure", detail);
        }
        "OnFailure" | "Never" => {}
        other => errors.not_supported(&at, other, &["OnFailure", "Never"]),
    }
}

fn warnings(new: &Value, old: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    match old {
        None => pod_spec::workload_name_warning(new, &mut warnings),
        Some(old) if old.get(&names::SPEC) == new.get(&names::SPEC) => return warnings,
        Some(_) => {}
    }
    let spec = Job::of(new).spec();
    let at = Path::new("spec");
    if spec.completion_mode() == Some("Indexed")
        && spec.completions().unwrap_or(0) > MANY_COMPLETIONS
        && spec.parallelism().unwrap_or(0) > MANY_PARALLEL
    {
        warnings.push(
            "spec: In Indexed Jobs with a number of completions higher than 10^5 and a \
             parallelism higher than 10^4, Kubernetes might not be able to track \
             completedIndexes when a big number of indexes fail"
                .to_owned(),
        );
    }
    pod_spec::template_warnings(spec.template().value(), &at.child("template"), &mut warnings);
    warnings
}

fn row(object: &Value, now: Time) -> Row {
    let job = Job::of(object);
    let (spec, status) = (job.spec(), job.status());
    let [containers, images] = containers_and_images(spec.template().spec());
    let succeeded = status.succeeded();
    let completions = match (spec.completions(), spec.parallelism().unwrap_or(0)) {
        (Some(completions), _) => format!("{succeeded}/{completions}"),
        (None, parallelism) if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    };
    let duration = match status.start_time() {
        None => String::new(),
        Some(start) => human::age(start, status.completion_time().unwrap_or(now)),
    };
    vec![
        name(object),
        completions.into(),
        duration.into(),
        age(object, now),
        containers,
        images,
        selector(spec.value().get(&names::SELECTOR)),
    ]
}
