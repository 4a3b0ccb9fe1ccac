//! Names of signers: a domain and a path, `example.com/signer-name`.

use api::field::{ErrorList, Path};
use api::validation;

const DOMAIN_MAX: usize = 253;
/// A domain, a slash, a namespace, a dot and the name of an object.
const NAME_MAX: usize = DOMAIN_MAX + 1 + 63 + 1 + 253;

/// Checks the name of a signer.
pub fn validate_signer_name(name: &str, at: &Path<'_>, errors: &mut ErrorList) {
    if name.is_empty() {
        return errors.required(at, "signerName must be provided");
    }
    let parts = name.split_once('/').filter(|(_, path)| !path.contains('/'));
    let Some((domain, path)) = parts else {
        let detail =
            "must be a fully qualified domain and path of the form 'example.com/signer-name'";
        return errors.invalid(at, name, detail);
    };
    if domain.len() > DOMAIN_MAX {
        errors.too_long(at, DOMAIN_MAX);
    }
    validate_labels(domain, validation::dns1123_label, at, errors);
    if !domain.contains('.') {
        let detail = "should be a domain with at least two segments separated by dots";
        errors.invalid(at, domain, detail);
    }
    validate_labels(path, validation::dns1123_subdomain, at, errors);
    if name.len() > NAME_MAX {
        errors.too_long(at, NAME_MAX);
    }
}

/// Checks the parts between dots, up to the first bad one.
fn validate_labels(
    text: &str,
    problems: fn(&str) -> Vec<String>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    for label in text.split('.') {
        let problems = problems(label);
        for problem in &problems {
            let detail = format!("validating label {}: {problem}", api::go::quote(label));
            errors.invalid(at, text, detail);
        }
        if !problems.is_empty() {
            return;
        }
    }
}
