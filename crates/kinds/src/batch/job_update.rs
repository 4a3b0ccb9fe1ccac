//! What of a Job may change once it exists: how many Pods run at once, for how long, and whether
//! at all. Of its template, where the Pods run, as long as it has never started.

use crate::internal;
use crate::rules::{immutable, label_selector, nonnegative, scalar};
use api::batch::v1::{Job, JobSpec};
use api::field::{BadValue, ErrorList, Path};
use api::schema::types;
use api::{Key, Value, View, names};

/// Checks a change of a Job.
pub(super) fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let at = Path::new("spec");
    let (new_spec, old_spec) = (new.get(&names::SPEC), old.get(&names::SPEC));
    validate_completions(new_spec, old_spec, &at, errors);
    let mut fixed = |field: &str, key: &Key, shown: fn(&Value) -> BadValue| {
        immutable(new_spec.get(key), old_spec.get(key), &at.child(field), shown, errors);
    };
    fixed("selector", &names::SELECTOR, label_selector);
    validate_template(Job::of(new), Job::of(old), &at, errors);
    let mut fixed = |field: &str, key: &Key, shown: fn(&Value) -> BadValue| {
        immutable(new_spec.get(key), old_spec.get(key), &at.child(field), shown, errors);
    };
    fixed("completionMode", &names::COMPLETION_MODE, scalar);
    fixed("podFailurePolicy", &names::POD_FAILURE_POLICY, print_policy);
    fixed("backoffLimitPerIndex", &names::BACKOFF_LIMIT_PER_INDEX, scalar);
}

fn print_policy(policy: &Value) -> BadValue {
    match policy {
        Value::Null => "null".into(),
        policy => internal::print(types::BATCH_V1_POD_FAILURE_POLICY, policy),
    }
}

/// The completions of an indexed Job may change together with its parallelism.
fn validate_completions(new: &Value, old: &Value, at: &Path<'_>, errors: &mut ErrorList) {
    let (new_spec, old_spec) = (JobSpec::of(new), JobSpec::of(old));
    let completions_at = at.child("completions");
    let is_indexed = new_spec.completion_mode() == Some("Indexed");
    match (new_spec.completions(), old_spec.completions()) {
        (now, before) if now == before => {}
        (Some(now), Some(_)) if is_indexed => {
            if new_spec.parallelism() != Some(now) {
                let detail = "can only be modified in tandem with spec.parallelism";
                errors.invalid(&completions_at, now, detail);
            }
        }
        _ => {
            let key = &names::COMPLETIONS;
            immutable(new.get(key), old.get(key), &completions_at, scalar, errors);
        }
    }
}

fn validate_template(new: Job<'_>, old: Job<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let (new_template, old_template) =
        (new.spec().template().value(), old.spec().template().value());
    let never_started = old.spec().suspend() == Some(true) && old.status().start_time().is_none();
    let compared = if never_started {
        with_scheduling_of(new_template, old_template)
    } else {
        new_template.clone()
    };
    let shown = |template: &Value| internal::print(types::CORE_V1_POD_TEMPLATE_SPEC, template);
    immutable(&compared, old_template, &at.child("template"), shown, errors);
}

/// The new template with the old labels, annotations and rules of where Pods run.
fn with_scheduling_of(new: &Value, old: &Value) -> Value {
    let mut template = new.clone();
    let restore = |value: &mut Value, old: &Value, key: &Key| match old.get(key) {
        Value::Null => {
            if let Value::Map(map) = value {
                map.remove(key);
            }
        }
        kept => {
            value.make_map().insert(key, kept.clone());
        }
    };
    template.update(&names::METADATA, |metadata| {
        for key in [&names::ANNOTATIONS, &names::LABELS] {
            restore(metadata, old.get(&names::METADATA), key);
        }
    });
    template.update(&names::SPEC, |spec| {
        let old = old.get(&names::SPEC);
        for key in [&names::NODE_SELECTOR, &names::TOLERATIONS, &names::SCHEDULING_GATES] {
            restore(spec, old, key);
        }
        let is_only_nodes = |affinity: &Value| {
            affinity.as_map().is_none_or(|map| map.iter().all(|(k, _)| *k == names::NODE_AFFINITY))
        };
        let (new_affinity, old_affinity) =
            (spec.get(&names::AFFINITY).clone(), old.get(&names::AFFINITY));
        if is_only_nodes(&new_affinity) && is_only_nodes(old_affinity) {
            restore(spec, old, &names::AFFINITY);
        } else {
            spec.update(&names::AFFINITY, |affinity| {
                restore(affinity, old_affinity, &names::NODE_AFFINITY);
            });
        }
    });
    template
}

/// Checks a change of a Job's status.
pub(super) fn validate_status_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let at = Path::new("status");
    let (status, before) = (Job::of(new).status(), Job::of(old).status());
    for (field, count) in [
        ("active", status.active()),
        ("succeeded", status.succeeded()),
        ("failed", status.failed()),
        ("ready", status.ready().unwrap_or(0)),
        ("terminating", status.terminating().unwrap_or(0)),
    ] {
        nonnegative(count, &at.child(field), errors);
    }
    if before.completion_time().is_some() && status.completion_time() != before.completion_time() {
        let shown = crate::meta::print_time(status.completion_time());
        errors.invalid(&at.child("completionTime"), shown, crate::rules::IMMUTABLE);
    }
}
