//! CronJob: Jobs at set times.

use crate::batch::cron_schedule::{is_time_zone, schedule_problem};
use crate::batch::job;
use crate::rules::{label_selector, nonnegative, one_of_required};
use crate::table::{
    AGE, Column, NAME, NONE, Row, age, containers_and_images, name, selector, since,
};
use crate::{Generation, Kind, pod_spec};
use api::batch::v1::{CronJob, CronJobSpec};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View, names};
use sim::Time;

/// `batch/v1` CronJob
pub static KIND: Kind = Kind {
    group: "batch",
    kind: "CronJob",
    plural: "cronjobs",
    singular: "cronjob",
    short_names: &["cj"],
    categories: &["all"],
    ty: types::BATCH_V1_CRON_JOB,
    storage_version_hash: "sd5LIXh4Fjs=",
    has_status: true,
    generation: Generation::OnSpec,
    set_defaults,
    prepare_create,
    prepare_update,
    validate,
    validate_create,
    warnings,
    columns: &[
        NAME,
        Column::text("Schedule"),
        Column::text("Suspend"),
        Column::integer("Active"),
        Column::text("Last Schedule"),
        AGE,
        Column::wide("Containers"),
        Column::wide("Images"),
        Column::wide("Selector"),
    ],
    row,
    ..Kind::NAMESPACED
};

/// A Job's name is that of its CronJob, a hyphen and ten digits.
const NAME_MAX: usize = 63 - 11;

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.set_default(&names::CONCURRENCY_POLICY, "Allow");
        spec.set_default(&names::SUSPEND, false);
        spec.set_default(&names::SUCCESSFUL_JOBS_HISTORY_LIMIT, 3);
        spec.set_default(&names::FAILED_JOBS_HISTORY_LIMIT, 1);
        spec.update(&names::JOB_TEMPLATE, |job| {
            job.update(&names::SPEC, |spec| {
                spec.update(&names::TEMPLATE, pod_spec::set_template_defaults);
            });
        });
    });
}

fn prepare_create(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.update(&names::JOB_TEMPLATE, |job| {
            job.update(&names::SPEC, |spec| {
                spec.update(&names::TEMPLATE, |template| {
                    template.update(&names::SPEC, pod_spec::drop_disabled_fields);
                });
            });
        });
    });
}

fn prepare_update(new: &mut Value, _: &Value) {
    prepare_create(new);
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = CronJob::of(object).spec();
    let at = Path::new("spec");
    validate_schedule(spec, &at.child("schedule"), errors);
    if let Some(seconds) = spec.starting_deadline_seconds() {
        nonnegative(seconds, &at.child("startingDeadlineSeconds"), errors);
    }
    validate_time_zone(spec, &at.child("timeZone"), errors);
    let policies = ["Allow", "Forbid", "Replace"];
    let policy_at = at.child("concurrencyPolicy");
    one_of_required(spec.concurrency_policy(), &policies, &policy_at, errors);
    validate_job(spec, &at.child("jobTemplate"), errors);
    for (field, limit) in [
        ("successfulJobsHistoryLimit", spec.successful_jobs_history_limit()),
        ("failedJobsHistoryLimit", spec.failed_jobs_history_limit()),
    ] {
        nonnegative(limit.unwrap_or(0), &at.child(field), errors);
    }
}

fn validate_schedule(spec: CronJobSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let schedule = spec.schedule();
    if schedule.is_empty() {
        return errors.required(at, "");
    }
    if let Some(problem) = schedule_problem(schedule) {
        errors.invalid(at, schedule, problem);
    }
    if schedule.contains("TZ") {
        let detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        errors.invalid(at, schedule, detail);
    }
}

fn validate_time_zone(spec: CronJobSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let Some(zone) = spec.time_zone() else { return };
    if zone.is_empty() {
        errors.invalid(at, zone, "timeZone must be nil or non-empty string");
    } else if zone.eq_ignore_ascii_case("Local") {
        let detail = "timeZone must be an explicit time zone as defined in \
            https://www.iana.org/time-zones";
        errors.invalid(at, zone, detail);
    } else if !is_time_zone(zone) {
        errors.invalid(at, zone, format!("unknown time zone {zone}"));
    }
}

fn validate_job(spec: CronJobSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let job = spec.job_template().spec();
    let at = at.child("spec");
    job::validate_template_spec(job, &at, errors);
    if let Some(selector) = job.selector() {
        let detail = "`selector` will be auto-generated";
        errors.invalid(&at.child("selector"), label_selector(selector.value()), detail);
    }
    if job.manual_selector() == Some(true) {
        errors.not_supported(&at.child("manualSelector"), true, &["nil", "false"]);
    }
}

fn validate_create(object: &Value, errors: &mut ErrorList) {
    let name = crate::table::metadata(object).name();
    if name.len() > NAME_MAX {
        let metadata = Path::new("metadata");
        let detail = format!("must be no more than {NAME_MAX} characters");
        errors.invalid(&metadata.child("name"), name, detail);
    }
}

fn warnings(new: &Value, old: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    match old {
        None => pod_spec::workload_name_warning(new, &mut warnings),
        Some(old) if old.get(&names::SPEC) == new.get(&names::SPEC) => return warnings,
        Some(_) => {}
    }
    let spec = Path::new("spec");
    let job_at = spec.child("jobTemplate");
    let job_spec_at = job_at.child("spec");
    let template = CronJob::of(new).spec().job_template().spec().template();
    pod_spec::template_warnings(template.value(), &job_spec_at.child("template"), &mut warnings);
    warnings
}

fn row(object: &Value, now: Time) -> Row {
    let cron = CronJob::of(object);
    let spec = cron.spec();
    let job = spec.job_template().spec();
    let [containers, images] = containers_and_images(job.template().spec());
    let last = match cron.status().last_schedule_time() {
        None => NONE.into(),
        then => since(then, now),
    };
    let suspended = match spec.suspend() {
        None => "<unset>",
        Some(true) => "True",
        Some(false) => "False",
    };
    vec![
        name(object),
        spec.schedule().to_owned().into(),
        suspended.into(),
        (cron.status().active().len() as i64).into(),
        last,
        age(object, now),
        containers,
        images,
        selector(job.value().get(&names::SELECTOR)),
    ]
}
