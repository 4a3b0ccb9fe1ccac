//! What the two kinds of webhook configurations have in common.
//!
//! Webhooks of both kinds have the same fields, but for the `reinvocationPolicy` of those that
//! change objects; so the view of the validating ones serves for both.

use super::{client_config, rules};
use crate::meta::validate_selector;
use crate::rules::{Seen, check};
use crate::table::{AGE, Column, NAME, Row, age, name};
use api::admissionregistration::v1::{
    MatchCondition, MutatingWebhook, ValidatingWebhook, ValidatingWebhookConfiguration,
};
use api::field::{ErrorList, Path};
use api::{Strings, Value, View, Views, names, validation};
use sim::Time;

/// The columns of a configuration.
pub(super) const COLUMNS: &[Column] = &[NAME, Column::integer("Webhooks"), AGE];

/// The versions of the review that the server can send.
const REVIEW_VERSIONS: &[&str] = &["v1", "v1beta1"];
const MATCH_CONDITIONS_MAX: usize = 64;
const TIMEOUT_SECONDS: std::ops::RangeInclusive<i64> = 1..=30;

/// Fills in what the author left out of the webhooks.
pub(super) fn set_defaults(object: &mut Value) {
    object.update(&names::WEBHOOKS, |webhooks| webhooks.update_items(set_webhook_defaults));
}

fn set_webhook_defaults(webhook: &mut Value) {
    webhook.set_default(&names::FAILURE_POLICY, "Fail");
    webhook.set_default(&names::MATCH_POLICY, "Equivalent");
    webhook.set_default(&names::NAMESPACE_SELECTOR, Value::EMPTY_MAP);
    webhook.set_default(&names::OBJECT_SELECTOR, Value::EMPTY_MAP);
    webhook.set_default(&names::TIMEOUT_SECONDS, 10);
    webhook.update(&names::RULES, |rules| {
        rules.update_items(|rule| rule.set_default(&names::SCOPE, "*"));
    });
    webhook.update(&names::CLIENT_CONFIG, |config| {
        config.update(&names::SERVICE, |service| {
            if !service.is_null() {
                service.set_default(&names::PORT, 443);
            }
        });
    });
}

/// Checks a configuration.
pub(super) fn validate(object: &Value, errors: &mut ErrorList) {
    let at = Path::new("webhooks");
    let mut seen = Seen::new();
    for (i, webhook) in ValidatingWebhookConfiguration::of(object).webhooks().enumerate() {
        let at = at.index(i);
        validate_webhook(webhook, &at, errors);
        let versions_at = at.child("admissionReviewVersions");
        validate_review_versions(webhook.admission_review_versions(), &versions_at, errors);
        if !webhook.name().is_empty() && !seen.insert(webhook.name()) {
            errors.duplicate(&at.child("name"), webhook.name());
        }
    }
}

fn validate_webhook(webhook: ValidatingWebhook<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    validate_name(webhook.name(), &at.child("name"), errors);
    let rules_at = at.child("rules");
    for (i, rule) in webhook.rules().enumerate() {
        rules::validate(rule, &rules_at.index(i), errors);
    }
    let mut one_of = |field: &'static str, word: Option<&str>, words: &[&str]| {
        if let Some(word) = word.filter(|word| !words.contains(word)) {
            errors.not_supported(&at.child(field), word, words);
        }
    };
    one_of("failurePolicy", webhook.failure_policy(), &["Fail", "Ignore"]);
    one_of("matchPolicy", webhook.match_policy(), &["Equivalent", "Exact"]);
    one_of("sideEffects", webhook.side_effects(), &["None", "NoneOnDryRun"]);
    if webhook.side_effects().is_none() {
        errors.required(&at.child("sideEffects"), "must specify one of None, NoneOnDryRun");
    }
    if let Some(seconds) = webhook.timeout_seconds().filter(|s| !TIMEOUT_SECONDS.contains(s)) {
        let detail = "the timeout value must be between 1 and 30 seconds";
        errors.invalid(&at.child("timeoutSeconds"), seconds, detail);
    }
    if let Some(selector) = webhook.namespace_selector() {
        validate_selector(selector, &at.child("namespaceSelector"), errors);
    }
    if let Some(selector) = webhook.object_selector() {
        validate_selector(selector, &at.child("objectSelector"), errors);
    }
    let reinvocation = MutatingWebhook::of(View::value(webhook)).reinvocation_policy();
    let words = &["IfNeeded", "Never"];
    if let Some(policy) = reinvocation.filter(|policy| !words.contains(policy)) {
        errors.not_supported(&at.child("reinvocationPolicy"), policy, words);
    }
    client_config::validate(webhook.client_config(), &at.child("clientConfig"), errors);
    let conditions_at = at.child("matchConditions");
    validate_match_conditions(webhook.match_conditions(), &conditions_at, errors);
}

/// Webhooks are named like hosts, so that nobody takes the name of another.
fn validate_name(name: &str, at: &Path<'_>, errors: &mut ErrorList) {
    if name.is_empty() {
        return errors.required(at, "");
    }
    let problems = validation::dns1123_subdomain(name);
    if !problems.is_empty() {
        return errors.invalid(at, name, problems.join(","));
    }
    if name.split('.').count() < 3 {
        let detail = "should be a domain with at least three segments separated by dots";
        errors.invalid(at, name, detail);
    }
}

fn validate_review_versions(versions: Strings<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if versions.is_empty() {
        let detail = format!("must specify one of {}", REVIEW_VERSIONS.join(", "));
        return errors.required(at, detail);
    }
    let mut seen = Seen::new();
    for (i, version) in versions.clone().enumerate() {
        if seen.insert(version) {
            check(validation::dns1035_label, version, &at.index(i), errors);
        } else {
            errors.invalid(&at.index(i), version, "duplicate version");
        }
    }
    if !REVIEW_VERSIONS.iter().any(|version| versions.has(version)) {
        let detail = format!("must include at least one of {}", REVIEW_VERSIONS.join(", "));
        errors.invalid(at, crate::internal::print_strings("string", versions), detail);
    }
}

fn validate_match_conditions(
    conditions: Views<'_, MatchCondition<'_>>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if conditions.len() > MATCH_CONDITIONS_MAX {
        errors.too_many(at, conditions.len(), MATCH_CONDITIONS_MAX);
    }
    let mut seen = Seen::new();
    for (i, condition) in conditions.enumerate() {
        let at = at.index(i);
        let name_at = at.child("name");
        if condition.expression().trim().is_empty() {
            errors.required(&at.child("expression"), "");
        }
        match condition.name() {
            "" => errors.required(&name_at, ""),
            name => {
                check(validation::qualified_name, name, &name_at, errors);
                if !seen.insert(name) {
                    errors.duplicate(&name_at, name);
                }
            }
        }
    }
}

/// The cells of a configuration.
pub(super) fn row(object: &Value, now: Time) -> Row {
    let webhooks = object.get(&names::WEBHOOKS).items().len() as i64;
    vec![name(object), webhooks.into(), age(object, now)]
}
