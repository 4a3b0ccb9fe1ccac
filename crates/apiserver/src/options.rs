//! Whether the parameters of a request that writes make sense.
//!
//! Models `ValidateCreateOptions` and its siblings of `k8s.io/apimachinery`.

use crate::request::{Options, PatchType, Propagation, Request};
use api::Status;
use api::field::{BadValue, ErrorList, Path};

const FIELD_MANAGER_BYTES_MAX: usize = 128;
const FIELD_VALIDATIONS: &[&str] = &["", "Ignore", "Strict", "Warn"];
const PROPAGATIONS: &[&str] = &["Foreground", "Background", "Orphan", "nil"];

/// Refuses the parameters of a `create`.
pub(crate) fn check_create(request: &Request) -> Result<(), Status> {
    let mut errors = ErrorList::new();
    check_common(&request.options, &mut errors);
    refuse("CreateOptions", &errors)
}

/// Refuses the parameters of an `update`.
pub(crate) fn check_update(request: &Request) -> Result<(), Status> {
    let mut errors = ErrorList::new();
    check_common(&request.options, &mut errors);
    refuse("UpdateOptions", &errors)
}

/// Refuses the parameters of a `patch`: what an apply must be given, and nothing else may.
pub(crate) fn check_patch(request: &Request, patch_type: PatchType) -> Result<(), Status> {
    let mut errors = ErrorList::new();
    if patch_type == PatchType::Apply {
        if request.options.field_manager.is_none() {
            let why = "is required for apply patch";
            errors.required(&Path::new("fieldManager"), why);
        }
    } else if !request.options.query("force").is_empty() {
        let why = "may not be specified for non-apply patch";
        errors.forbidden(&Path::new("force"), why);
    }
    check_common(&request.options, &mut errors);
    refuse("PatchOptions", &errors)
}

/// Refuses the parameters of a `delete` that stand in its query.
pub(crate) fn check_delete(options: &Options) -> Result<(), Status> {
    let mut errors = ErrorList::new();
    check_propagation(options.query("propagationPolicy"), &mut errors);
    let dry_run: Vec<&str> = options.query_all("dryRun").filter(|text| !text.is_empty()).collect();
    check_dry_run(&dry_run, &mut errors);
    refuse("DeleteOptions", &errors)
}

/// The same for those in its body.
pub(crate) fn check_delete_body(
    propagation: Option<&str>,
    orphans: bool,
    dry_run: &[&str],
) -> Result<(), Status> {
    let mut errors = ErrorList::new();
    if let Some(policy) = propagation {
        if orphans {
            let why = "orphanDependents and deletionPropagation cannot be both set";
            errors.invalid(&Path::new("propagationPolicy"), policy, why);
        }
        check_propagation(policy, &mut errors);
    }
    check_dry_run(dry_run, &mut errors);
    refuse("DeleteOptions", &errors)
}

fn check_common(options: &Options, errors: &mut ErrorList) {
    if let Some(manager) = &options.field_manager {
        check_field_manager(manager.as_str(), errors);
    }
    let dry_run: Vec<&str> = options.query_all("dryRun").filter(|text| !text.is_empty()).collect();
    check_dry_run(&dry_run, errors);
    let validation = options.query("fieldValidation");
    if !FIELD_VALIDATIONS.contains(&validation) {
        errors.not_supported(&Path::new("fieldValidation"), validation, FIELD_VALIDATIONS);
    }
}

fn check_field_manager(manager: &str, errors: &mut ErrorList) {
    let at = Path::new("fieldManager");
    if manager.len() > FIELD_MANAGER_BYTES_MAX {
        errors.too_long(&at, FIELD_MANAGER_BYTES_MAX);
    }
    for (place, letter) in manager.char_indices().filter(|(_, letter)| letter.is_control()) {
        let code = format!("U+{:04X}", u32::from(letter));
        errors.invalid(&at, manager, format!("invalid character {code} (at position {place})"));
    }
}

fn check_dry_run(values: &[&str], errors: &mut ErrorList) {
    if values.iter().all(|value| *value == "All") {
        return;
    }
    let quoted: Vec<String> = values.iter().map(|value| api::go::quote(value)).collect();
    let value = BadValue::Plain(format!("[]string{{{}}}", quoted.join(", ")));
    errors.not_supported(&Path::new("dryRun"), value, &["All"]);
}

fn check_propagation(policy: &str, errors: &mut ErrorList) {
    if !policy.is_empty() && Propagation::parse(policy).is_none() {
        errors.not_supported(&Path::new("propagationPolicy"), policy, PROPAGATIONS);
    }
}

fn refuse(kind: &str, errors: &ErrorList) -> Result<(), Status> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(Status::invalid("meta.k8s.io", kind, "", errors))
}
