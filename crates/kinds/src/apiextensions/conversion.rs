//! How custom objects get from one version to another.

use super::custom_resource_definition::validate_version_names;
use crate::admissionregistration::client_config::{Service, validate_url};
use crate::internal;
use crate::rules::Seen;
use api::apiextensions::v1::{CustomResourceConversion, WebhookClientConfig};
use api::field::{ErrorList, Path};
use api::{Strings, Value, names};

const REVIEW_VERSIONS: &[&str] = &["v1", "v1beta1"];

/// Fills in the port of the program that converts.
pub(super) fn set_defaults(conversion: &mut Value) {
    conversion.update(&names::WEBHOOK, |webhook| {
        webhook.update(&names::CLIENT_CONFIG, |config| {
            config.update(&names::SERVICE, |service| {
                if !service.is_null() {
                    service.set_default(&names::PORT, 443);
                }
            });
        });
    });
}

/// Checks how objects are converted.
pub(super) fn validate(
    conversion: CustomResourceConversion<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let webhook = conversion.webhook();
    let config = webhook.and_then(|webhook| webhook.client_config());
    let versions = webhook.map(|webhook| webhook.conversion_review_versions());
    let strategy_at = at.child("strategy");
    match conversion.strategy() {
        "" => errors.required(&strategy_at, ""),
        "None" | "Webhook" => {}
        other => errors.not_supported(&strategy_at, other, &["None", "Webhook"]),
    }
    let (config_at, versions_at) =
        (at.child("webhookClientConfig"), at.child("conversionReviewVersions"));
    if conversion.strategy() == "Webhook" {
        match config {
            None => errors.required(&config_at, "required when strategy is set to Webhook"),
            Some(config) => validate_client_config(config, &config_at, errors),
        }
        match versions {
            None => errors.required(&versions_at, ""),
            Some(versions) => validate_review_versions(versions, &versions_at, errors),
        }
        return;
    }
    if config.is_some() {
        errors.forbidden(&config_at, "should not be set when strategy is not set to Webhook");
    }
    if versions.is_some_and(|versions| !versions.is_empty()) {
        errors.forbidden(&versions_at, "should not be set when strategy is not set to Webhook");
    }
}

fn validate_client_config(config: WebhookClientConfig<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    match (config.url(), config.service()) {
        (Some(url), None) => validate_url(url, &at.child("url"), errors),
        (None, Some(service)) => {
            let service = Service {
                name: service.name(),
                namespace: service.namespace(),
                path: service.path(),
                port: service.port().unwrap_or(443),
            };
            service.validate(&at.child("service"), errors);
        }
        _ => errors.required(at, "exactly one of url or service is required"),
    }
}

fn validate_review_versions(versions: Strings<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if versions.is_empty() {
        return errors.required(at, "");
    }
    let mut seen = Seen::new();
    for (i, version) in versions.clone().enumerate() {
        if !seen.insert(version) {
            errors.invalid(&at.index(i), version, "duplicate version");
        }
    }
    validate_version_names(versions.clone(), at, errors);
    if !REVIEW_VERSIONS.iter().any(|version| versions.has(version)) {
        let shown = internal::print_strings("string", versions);
        let detail = format!("must include at least one of {}", REVIEW_VERSIONS.join(", "));
        errors.invalid(at, shown, detail);
    }
}
