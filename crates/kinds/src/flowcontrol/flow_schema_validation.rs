//! The rules for FlowSchemas.
//!
//! What is missing: the two schemas that every server has, `exempt` and `catch-all`, may be
//! changed here.

use crate::internal::{self, print_strings};
use crate::rules::{Seen, check, check_required, required};
use crate::table::metadata;
use api::field::{ErrorList, Path};
use api::flowcontrol::v1beta3::{
    FlowDistinguisherMethod, FlowSchema, FlowSchemaSpec, NonResourcePolicyRule,
    PolicyRulesWithSubjects, ResourcePolicyRule, ServiceAccountSubject, Subject,
};
use api::{Strings, Value, View, validation};

const PRECEDENCE_MAX: i64 = 10_000;
const METHODS: &[&str] = &["ByNamespace", "ByUser"];
const VERBS: &[&str] =
    &["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

pub(super) fn validate(object: &Value, errors: &mut ErrorList) {
    let schema = FlowSchema::of(object);
    validate_spec(metadata(object).name(), schema.spec(), &Path::new("spec"), errors);
}

pub(super) fn validate_status_update(new: &Value, _: &Value, errors: &mut ErrorList) {
    let status = Path::new("status");
    let at = status.child("conditions");
    let types = FlowSchema::of(new).status().conditions().map(|condition| condition.type_());
    validate_condition_types(types, &at, errors);
}

/// Conditions have different types, and have one.
pub(super) fn validate_condition_types<'a>(
    types: impl Iterator<Item = &'a str>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let mut seen = Seen::new();
    for (i, ty) in types.enumerate() {
        let at = at.index(i);
        if !seen.insert(ty) {
            errors.duplicate(&at.child("type"), ty);
        }
        if ty.is_empty() {
            errors.required(&at.child("type"), "must not be empty");
        }
    }
}

fn validate_spec(name: &str, spec: FlowSchemaSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let precedence = spec.matching_precedence();
    let precedence_at = at.child("matchingPrecedence");
    if precedence <= 0 {
        errors.invalid(&precedence_at, precedence, "must be a positive value");
    }
    if precedence > PRECEDENCE_MAX {
        let detail = format!("must not be greater than {PRECEDENCE_MAX}");
        errors.invalid(&precedence_at, precedence, detail);
    }
    if precedence == 1 && name != "exempt" {
        let detail = "only the schema named 'exempt' may have matchingPrecedence 1";
        errors.invalid(&precedence_at, precedence, detail);
    }
    if let Some(method) = spec.distinguisher_method().filter(|m| !METHODS.contains(&m.type_())) {
        let shown = internal::print(FlowDistinguisherMethod::TYPE, View::value(method));
        let method_at = at.child("distinguisherMethod");
        errors.not_supported(&method_at.child("type"), shown, METHODS);
    }
    let level_at = at.child("priorityLevelConfiguration");
    match spec.priority_level_configuration().name() {
        "" => errors.required(&level_at.child("name"), "must reference a priority level"),
        name => check(validation::dns1123_subdomain, name, &level_at.child("name"), errors),
    }
    let rules_at = at.child("rules");
    for (i, rule) in spec.rules().enumerate() {
        validate_rule(rule, &rules_at.index(i), errors);
    }
}

fn validate_rule(rule: PolicyRulesWithSubjects<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let subjects_at = at.child("subjects");
    if rule.subjects().is_empty() {
        errors.required(&subjects_at, "subjects must contain at least one value");
    }
    for (i, subject) in rule.subjects().enumerate() {
        validate_subject(subject, &subjects_at.index(i), errors);
    }
    if rule.resource_rules().is_empty() && rule.non_resource_rules().is_empty() {
        let detail = "at least one of resourceRules and nonResourceRules has to be non-empty";
        errors.required(at, detail);
    }
    let resources_at = at.child("resourceRules");
    for (i, rule) in rule.resource_rules().enumerate() {
        validate_resource_rule(rule, &resources_at.index(i), errors);
    }
    let others_at = at.child("nonResourceRules");
    for (i, rule) in rule.non_resource_rules().enumerate() {
        validate_other_rule(rule, &others_at.index(i), errors);
    }
}

fn validate_subject(subject: Subject<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let kind = subject.kind();
    let (user_at, group_at, account_at) =
        (at.child("user"), at.child("group"), at.child("serviceAccount"));
    match kind {
        "ServiceAccount" => match subject.service_account() {
            None => {
                let detail = "serviceAccount is required when subject kind is 'ServiceAccount'";
                errors.required(&account_at, detail);
            }
            Some(account) => validate_account(account, &account_at, errors),
        },
        "User" => match subject.user() {
            None => {
                errors.required(&user_at, "user is required when subject kind is 'User'");
            }
            Some(user) => required(user.name(), &user_at.child("name"), errors),
        },
        "Group" => match subject.group() {
            None => {
                errors.required(&group_at, "group is required when subject kind is 'Group'");
            }
            Some(group) => required(group.name(), &group_at.child("name"), errors),
        },
        other => {
            let kinds = &["Group", "ServiceAccount", "User"];
            return errors.not_supported(&at.child("kind"), other, kinds);
        }
    }
    if kind != "ServiceAccount" && subject.service_account().is_some() {
        let detail = "serviceAccount is forbidden when subject kind is not 'ServiceAccount'";
        errors.forbidden(&account_at, detail);
    }
    if kind != "User" && subject.user().is_some() {
        errors.forbidden(&user_at, "user is forbidden when subject kind is not 'User'");
    }
    if kind != "Group" && subject.group().is_some() {
        errors.forbidden(&group_at, "group is forbidden when subject kind is not 'Group'");
    }
}

fn validate_account(account: ServiceAccountSubject<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if account.name() != "*" {
        check_required(validation::dns1123_subdomain, account.name(), &at.child("name"), errors);
    }
    let namespace_at = at.child("namespace");
    match account.namespace() {
        "" => errors.required(&namespace_at, "must specify namespace for service account"),
        namespace => check(validation::dns1123_label, namespace, &namespace_at, errors),
    }
}

/// Who says "everything" says nothing else.
fn validate_alone(items: Strings<'_>, others: &str, at: &Path<'_>, errors: &mut ErrorList) {
    if items.len() > 1 && items.has("*") {
        let detail = format!("if '*' is present, must not specify other {others}");
        errors.invalid(at, print_strings("string", items), detail);
    }
}

fn validate_verbs(verbs: Strings<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if verbs.is_empty() {
        return errors.required(at, "verbs must contain at least one value");
    }
    validate_alone(verbs.clone(), "verbs", at, errors);
    if !verbs.has("*") && verbs.clone().any(|verb| !VERBS.contains(&verb)) {
        errors.not_supported(at, print_strings("string", verbs), VERBS);
    }
}

fn validate_resource_rule(rule: ResourcePolicyRule<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    validate_verbs(rule.verbs(), &at.child("verbs"), errors);
    let groups_at = at.child("apiGroups");
    if rule.api_groups().is_empty() {
        errors.required(&groups_at, "resource rules must supply at least one api group");
    }
    validate_alone(rule.api_groups(), "api groups", &groups_at, errors);
    let resources_at = at.child("resources");
    if rule.resources().is_empty() {
        errors.required(&resources_at, "resource rules must supply at least one resource");
    }
    validate_alone(rule.resources(), "resources", &resources_at, errors);
    let namespaces_at = at.child("namespaces");
    let namespaces = rule.namespaces();
    if namespaces.is_empty() && !rule.cluster_scope() {
        let detail =
            "resource rules that are not cluster scoped must supply at least one namespace";
        errors.required(&namespaces_at, detail);
    }
    validate_alone(namespaces.clone(), "namespaces", &namespaces_at, errors);
    if namespaces.has("*") {
        return;
    }
    for (i, namespace) in namespaces.enumerate() {
        for problem in validation::dns1123_label(namespace) {
            let detail =
                format!("each member of this list must be '*' or a DNS-1123 label; {problem}");
            errors.invalid(&namespaces_at.index(i), namespace, detail);
        }
    }
}

fn validate_other_rule(rule: NonResourcePolicyRule<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    validate_verbs(rule.verbs(), &at.child("verbs"), errors);
    let at = at.child("nonResourceURLs");
    let urls = rule.non_resource_urls();
    if urls.is_empty() {
        errors.required(&at, "nonResourceURLs must contain at least one value");
    }
    validate_alone(urls.clone(), "non-resource URLs", &at, errors);
    if urls.has("*") {
        return;
    }
    for (i, url) in urls.enumerate() {
        if let Some(problem) = url_problem(url) {
            errors.invalid(&at.index(i), url, problem);
        }
    }
}

fn url_problem(url: &str) -> Option<&'static str> {
    if url.is_empty() {
        return Some("must not be empty");
    }
    if url == "/" {
        return None;
    }
    let stars = url.matches('*').count();
    match url {
        _ if !url.starts_with('/') => Some("must start with slash"),
        _ if url.contains(' ') => Some("must not contain white-space"),
        _ if url.contains("//") => Some("must not contain double slash"),
        _ if stars > 1 || (stars == 1 && !url.ends_with("/*")) => {
            Some("wildcard can only do suffix matching")
        }
        _ => None,
    }
}
