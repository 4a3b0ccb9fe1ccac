//! The rules for PriorityLevelConfigurations.
//!
//! What is missing: the two levels that every server has, `exempt` and `catch-all`, may be changed
//! here.

use super::flow_schema_validation::validate_condition_types;
use crate::rules::one_of;
use crate::table::metadata;
use api::field::{ErrorList, Path};
use api::flowcontrol::v1beta3::{
    ExemptPriorityLevelConfiguration, LimitResponse, LimitedPriorityLevelConfiguration,
    PriorityLevelConfiguration, PriorityLevelConfigurationSpec, QueuingConfiguration,
};
use api::{Value, View};

const QUEUES_MAX: i64 = 10_000_000;
/// How many bits of a hash there are to choose queues with.
const HASH_BITS: i64 = 60;

pub(super) fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = PriorityLevelConfiguration::of(object).spec();
    validate_spec(metadata(object).name(), spec, &Path::new("spec"), errors);
}

/// No shares at all are not for new objects in this release.
pub(super) fn validate_create(object: &Value, errors: &mut ErrorList) {
    if shares(object) == Some(0) {
        let spec = Path::new("spec");
        let limited = spec.child("limited");
        errors.invalid(&limited.child("nominalConcurrencyShares"), 0_i64, "must be positive");
    }
}

pub(super) fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    if shares(old) != Some(0) {
        validate_create(new, errors);
    }
}

fn shares(object: &Value) -> Option<i64> {
    let spec = PriorityLevelConfiguration::of(object).spec();
    Some(spec.limited()?.nominal_concurrency_shares())
}

pub(super) fn validate_status_update(new: &Value, _: &Value, errors: &mut ErrorList) {
    let status = Path::new("status");
    let conditions = PriorityLevelConfiguration::of(new).status().conditions();
    let types = conditions.map(|condition| condition.type_());
    validate_condition_types(types, &status.child("conditions"), errors);
}

fn validate_spec(
    name: &str,
    spec: PriorityLevelConfigurationSpec<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let type_at = at.child("type");
    if (name == "exempt") != (spec.type_() == "Exempt") {
        let detail = "type must be 'Exempt' if and only if name is 'exempt'";
        errors.invalid(&type_at, spec.type_(), detail);
    }
    let (limited_at, exempt_at) = (at.child("limited"), at.child("exempt"));
    match spec.type_() {
        "Exempt" => {
            if spec.limited().is_some() {
                errors.forbidden(&limited_at, "must be nil if the type is not Limited");
            }
            if let Some(exempt) = spec.exempt() {
                validate_exempt(exempt, &exempt_at, errors);
            }
        }
        "Limited" => {
            match spec.limited() {
                None => errors.required(&limited_at, "must not be empty when type is Limited"),
                Some(limited) => validate_limited(limited, &limited_at, errors),
            }
            if spec.exempt().is_some() {
                errors.forbidden(&exempt_at, "must be nil if the type is not Exempt");
            }
        }
        other => one_of(other, &["Exempt", "Limited"], &type_at, errors),
    }
}

fn validate_exempt(
    exempt: ExemptPriorityLevelConfiguration<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    if let Some(shares) = exempt.nominal_concurrency_shares().filter(|shares| *shares < 0) {
        let detail = "must be a non-negative integer";
        errors.invalid(&at.child("nominalConcurrencyShares"), shares, detail);
    }
    validate_lendable(exempt.lendable_percent(), at, errors);
}

fn validate_lendable(percent: Option<i64>, at: &Path<'_>, errors: &mut ErrorList) {
    if let Some(percent) = percent.filter(|percent| !(0..=100).contains(percent)) {
        let detail = "must be between 0 and 100, inclusive";
        errors.invalid(&at.child("lendablePercent"), percent, detail);
    }
}

fn validate_limited(
    limited: LimitedPriorityLevelConfiguration<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let shares = limited.nominal_concurrency_shares();
    if shares < 0 {
        errors.invalid(&at.child("nominalConcurrencyShares"), shares, "must be positive");
    }
    validate_response(limited.limit_response(), &at.child("limitResponse"), errors);
    validate_lendable(limited.lendable_percent(), at, errors);
    if let Some(percent) = limited.borrowing_limit_percent().filter(|percent| *percent < 0) {
        let detail = "if specified, must be a non-negative integer";
        errors.invalid(&at.child("borrowingLimitPercent"), percent, detail);
    }
}

fn validate_response(response: LimitResponse<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let queuing_at = at.child("queuing");
    match (response.type_(), response.queuing()) {
        ("Reject", None) => {}
        ("Reject", Some(_)) => {
            let detail = "must be nil if limited.limitResponse.type is not Limited";
            errors.forbidden(&queuing_at, detail);
        }
        ("Queue", None) => {
            let detail = "must not be empty if limited.limitResponse.type is Limited";
            errors.required(&queuing_at, detail);
        }
        ("Queue", Some(queuing)) => validate_queuing(queuing, &queuing_at, errors),
        (other, _) => one_of(other, &["Queue", "Reject"], &at.child("type"), errors),
    }
}

fn validate_queuing(queuing: QueuingConfiguration<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let (queues, hand) = (queuing.queues(), queuing.hand_size());
    if queuing.queue_length_limit() <= 0 {
        let at = at.child("queueLengthLimit");
        errors.invalid(&at, queuing.queue_length_limit(), "must be positive");
    }
    if queues <= 0 {
        errors.invalid(&at.child("queues"), queues, "must be positive");
    } else if queues > QUEUES_MAX {
        let detail = format!("must not be greater than {QUEUES_MAX}");
        errors.invalid(&at.child("queues"), queues, detail);
    }
    let hand_at = at.child("handSize");
    if hand <= 0 {
        errors.invalid(&hand_at, hand, "must be positive");
    } else if hand > queues {
        let detail = format!("should not be greater than queues ({queues})");
        errors.invalid(&hand_at, hand, detail);
    } else if ((queues as f64).log2() * hand as f64).ceil() as i64 > HASH_BITS {
        let detail = format!(
            "required entropy bits of deckSize {queues} and handSize {hand} should not be \
             greater than {HASH_BITS}"
        );
        errors.invalid(&hand_at, hand, detail);
    }
}
