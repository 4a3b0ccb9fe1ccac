//! How names are resolved within a Pod.

use crate::rules::{check, ip_address};
use api::core::v1::{PodDNSConfig, PodSpec};
use api::field::{ErrorList, Path};
use api::validation;

const NAMESERVERS_MAX: usize = 3;
const SEARCHES_MAX: usize = 32;
const SEARCH_CHARACTERS_MAX: usize = 2048;

/// Checks the DNS configuration of a spec.
pub(super) fn validate(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let config = spec.dns_config();
    if spec.dns_policy() == "None" {
        match config {
            None => {
                let detail = "must provide `dnsConfig` when `dnsPolicy` is None";
                return errors.required(at, detail);
            }
            Some(config) if config.nameservers().is_empty() => {
                let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
                return errors.required(&at.child("nameservers"), detail);
            }
            Some(_) => {}
        }
    }
    if let Some(config) = config {
        validate_config(config, at, errors);
    }
}

fn validate_config(config: PodDNSConfig<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let servers_at = at.child("nameservers");
    if config.nameservers().len() > NAMESERVERS_MAX {
        let shown = crate::internal::print_strings("string", config.nameservers());
        let detail = format!("must not have more than {NAMESERVERS_MAX} nameservers");
        errors.invalid(&servers_at, shown, detail);
    }
    for (i, server) in config.nameservers().enumerate() {
        ip_address(server, &servers_at.index(i), errors);
    }
    let searches_at = at.child("searches");
    let shown = || crate::internal::print_strings("string", config.searches());
    if config.searches().len() > SEARCHES_MAX {
        let detail = format!("must not have more than {SEARCHES_MAX} search paths");
        errors.invalid(&searches_at, shown(), detail);
    }
    let spaces = config.searches().len().saturating_sub(1);
    let characters = config.searches().map(str::len).sum::<usize>() + spaces;
    if characters > SEARCH_CHARACTERS_MAX {
        let detail = format!(
            "must not have more than {SEARCH_CHARACTERS_MAX} characters (including spaces) in \
             the search list"
        );
        errors.invalid(&searches_at, shown(), detail);
    }
    for (i, search) in config.searches().enumerate() {
        let search = search.strip_suffix('.').unwrap_or(search);
        check(validation::dns1123_subdomain, search, &searches_at.index(i), errors);
    }
    let options_at = at.child("options");
    for (i, option) in config.options().enumerate() {
        if option.name().is_empty() {
            errors.required(&options_at.index(i), "must not be empty");
        }
    }
}

/// Checks the entries for the hosts file. Errors do not say which entry is meant.
pub(super) fn validate_host_aliases(spec: PodSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    for alias in spec.host_aliases() {
        ip_address(alias.ip(), &at.child("ip"), errors);
        for name in alias.hostnames() {
            check(validation::dns1123_subdomain, name, &at.child("hostnames"), errors);
        }
    }
}
