//! Where a webhook is reached.

use api::admissionregistration::v1::{ServiceReference, WebhookClientConfig};
use api::field::{ErrorList, Path};
use api::validation;

/// What is added to most messages about addresses.
const FORM: &str = "; desired format: https://host[/path]";

/// Checks the address of a webhook.
pub(super) fn validate(config: WebhookClientConfig<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    match (config.url(), config.service()) {
        (Some(url), None) => validate_url(url, &at.child("url"), errors),
        (None, Some(service)) => {
            let service = Service::from(service);
            service.validate(&at.child("service"), errors);
        }
        _ => errors.required(at, "exactly one of url or service is required"),
    }
}

/// Checks the address of a webhook outside of the cluster.
pub(crate) fn validate_url(url: &str, at: &Path<'_>, errors: &mut ErrorList) {
    let Some((scheme, rest)) = split_scheme(url) else {
        let detail = format!(
            "url must be a valid URL: parse {}: missing protocol scheme{FORM}",
            api::go::quote(url)
        );
        return errors.required(at, detail);
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = rest.strip_prefix("//").unwrap_or_default();
    let authority = authority.split('/').next().unwrap_or_default();
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    if scheme != "https" {
        let detail = format!("'https' is the only allowed URL scheme{FORM}");
        errors.invalid(at, scheme, detail);
    }
    if host.is_empty() {
        errors.invalid(at, host, format!("host must be specified{FORM}"));
    }
    if let Some(user) = user {
        errors.invalid(at, user, "user information is not permitted in the URL");
    }
    if !fragment.is_empty() {
        errors.invalid(at, fragment, "fragments are not permitted in the URL");
    }
    if !query.is_empty() {
        errors.invalid(at, query, "query parameters are not permitted in the URL");
    }
}

/// The scheme, in lower case, and what follows it; `None` if the address starts with a colon.
fn split_scheme(url: &str) -> Option<(String, &str)> {
    let end = url.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c));
    match end {
        Some(0) if url.starts_with(':') => None,
        Some(end) if url[end..].starts_with(':') => {
            Some((url[..end].to_ascii_lowercase(), &url[end + 1..]))
        }
        _ => Some((String::new(), url)),
    }
}

/// A Service in front of a webhook, whatever the group of the reference.
pub(crate) struct Service<'a> {
    pub(crate) name: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) path: Option<&'a str>,
    /// The port; the one that is used if none is given has to be filled in.
    pub(crate) port: i64,
}

impl<'a> From<ServiceReference<'a>> for Service<'a> {
    fn from(service: ServiceReference<'a>) -> Service<'a> {
        Service {
            name: service.name(),
            namespace: service.namespace(),
            path: service.path(),
            port: service.port().unwrap_or(443),
        }
    }
}

impl Service<'_> {
    /// Checks the reference.
    pub(crate) fn validate(&self, at: &Path<'_>, errors: &mut ErrorList) {
        if self.name.is_empty() {
            errors.required(&at.child("name"), "service name is required");
        }
        if self.namespace.is_empty() {
            errors.required(&at.child("namespace"), "service namespace is required");
        }
        let problems = validation::port_number(self.port);
        if !problems.is_empty() {
            let detail = format!("port is not valid: {}", problems.join(","));
            errors.invalid(&at.child("port"), self.port, detail);
        }
        if let Some(path) = self.path {
            validate_path(path, &at.child("path"), errors);
        }
    }
}

fn validate_path(path: &str, at: &Path<'_>, errors: &mut ErrorList) {
    match path {
        "" | "/" => return,
        "//" => return errors.invalid(at, path, "segment[0] may not be empty"),
        _ => {}
    }
    if !path.starts_with('/') {
        errors.invalid(at, path, "must start with a '/'");
    }
    let mut rest = path.chars();
    // The first character is passed over even if it is no slash.
    rest.next();
    let rest = rest.as_str();
    for (i, segment) in rest.strip_suffix('/').unwrap_or(rest).split('/').enumerate() {
        if segment.is_empty() {
            errors.invalid(at, path, format!("segment[{i}] may not be empty"));
            continue;
        }
        for problem in validation::dns1123_subdomain(segment) {
            errors.invalid(at, path, format!("segment[{i}]: {problem}"));
        }
    }
}
