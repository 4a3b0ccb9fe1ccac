//! Nobody gives away more permissions than he has.
//!
//! Models the policy-based storage of RBAC: who writes a role must hold what it allows, or may
//! `escalate`; who writes a binding must hold what the role allows, or may `bind` it.

use crate::authorization::{MASTERS, Question};
use crate::request::{Request, ResourceTarget};
use crate::server::ApiServer;
use crate::user::User;
use api::rbac::v1::{PolicyRule, RoleBinding};
use api::{Status, Value, View, list, names, object};
use kinds::{Kind, rbac, table};
use std::collections::{BTreeMap, BTreeSet};

const GROUP: &str = "rbac.authorization.k8s.io";

/// One permission: a verb on one resource of one group, or on one path.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Permission {
    group: String,
    resource: String,
    path: String,
    name: Option<String>,
    verb: String,
}

impl ApiServer {
    /// Refuses a role or a binding that would give its writer, or others, what he does not hold.
    pub(crate) fn check_escalation(
        &self,
        request: &Request,
        target: &ResourceTarget,
        object: &Value,
        old: Option<&Value>,
    ) -> Result<(), Status> {
        let kind = target.kind;
        if kind.group != GROUP || request.user.groups.iter().any(|group| group == MASTERS) {
            return Ok(());
        }
        if old.is_some_and(|old| differs_for_collector_only(object, old)) {
            return Ok(());
        }
        let namespace = &*target.namespace;
        let rules = match kind.kind {
            "Role" | "ClusterRole" => {
                if self.may(&request.user, "escalate", kind, namespace, &target.name) {
                    return Ok(());
                }
                rules_of_role(object)
            }
            _ => match self.rules_to_bind(request, namespace, object)? {
                Some(rules) => rules,
                None => return Ok(()),
            },
        };
        let missing = self.missing(&request.user, namespace, &rules);
        if missing.is_empty() {
            return Ok(());
        }
        let name = table::metadata(object).name();
        let groups: Vec<String> =
            request.user.groups.iter().map(|group| api::go::quote(group.as_str())).collect();
        let why = format!(
            "user {} (groups=[{}]) is attempting to grant RBAC permissions not currently held:\n{}",
            api::go::quote(request.user.name.as_str()),
            groups.join(" "),
            describe(missing),
        );
        Err(Status::forbidden(kind.qualified(), name, &why))
    }

    fn may(&self, user: &User, verb: &str, kind: &Kind, namespace: &str, name: &str) -> bool {
        let question = Question {
            verb,
            group: GROUP,
            resource: kind.plural,
            namespace,
            name,
            ..Question::default()
        };
        self.allows(user, question).is_ok()
    }

    /// What the role of a binding allows; `None` if the user may bind it in any case.
    fn rules_to_bind(
        &self,
        request: &Request,
        namespace: &str,
        binding: &Value,
    ) -> Result<Option<Vec<Value>>, Status> {
        let role = RoleBinding::of(binding).role_ref();
        let (kind, place) = match role.kind() {
            "Role" => (&rbac::role::KIND, namespace),
            _ => (&rbac::cluster_role::KIND, ""),
        };
        if self.may(&request.user, "bind", kind, namespace, role.name()) {
            return Ok(None);
        }
        let found = self.store.get(self.resource(kind), place, role.name());
        let found = found.ok_or_else(|| Status::not_found(kind.qualified(), role.name()))?;
        Ok(Some(found.object.get(&names::RULES).items().to_vec()))
    }

    /// The permissions among `rules` that a user does not hold.
    fn missing(&self, user: &User, namespace: &str, rules: &[Value]) -> Vec<Permission> {
        let held: Vec<PolicyRule<'_>> =
            self.grants(user, namespace).map(|grant| grant.rule).collect();
        let permissions = rules.iter().flat_map(|rule| permissions(PolicyRule::of(rule)));
        permissions.filter(|one| !held.iter().any(|rule| covers(*rule, one))).collect()
    }
}

/// A role that others are gathered into allows whatever they will.
fn rules_of_role(role: &Value) -> Vec<Value> {
    let mut rules = role.get(&names::RULES).items().to_vec();
    if !role["aggregationRule"].is_null() {
        rules.push(object! {
            "apiGroups": list!["*"], "resources": list!["*"], "verbs": list!["*"],
        });
        rules.push(object! { "nonResourceURLs": list!["*"], "verbs": list!["*"] });
    }
    rules
}

/// What the garbage collector needs to change it may change.
fn differs_for_collector_only(object: &Value, old: &Value) -> bool {
    let without = |object: &Value| {
        let mut rest = object.clone();
        rest.update(&names::METADATA, |metadata| {
            let map = metadata.make_map();
            for key in [&names::OWNER_REFERENCES, &names::FINALIZERS, &names::MANAGED_FIELDS] {
                map.remove(key);
            }
        });
        rest
    };
    object != old && without(object) == without(old)
}

/// A rule taken apart.
fn permissions(rule: PolicyRule<'_>) -> Vec<Permission> {
    let mut all = Vec::new();
    let names: Vec<Option<String>> = match rule.resource_names().is_empty() {
        true => vec![None],
        false => rule.resource_names().map(|name| Some(name.to_owned())).collect(),
    };
    for group in rule.api_groups() {
        for resource in rule.resources() {
            for verb in rule.verbs() {
                for name in &names {
                    all.push(Permission {
                        group: group.to_owned(),
                        resource: resource.to_owned(),
                        verb: verb.to_owned(),
                        name: name.clone(),
                        path: String::new(),
                    });
                }
            }
        }
    }
    for path in rule.non_resource_urls() {
        let one = |verb: &str| Permission {
            path: path.to_owned(),
            verb: verb.to_owned(),
            ..Permission::default()
        };
        all.extend(rule.verbs().map(one));
    }
    all
}

fn covers(rule: PolicyRule<'_>, one: &Permission) -> bool {
    if !(rule.verbs().has("*") || rule.verbs().has(&one.verb)) {
        return false;
    }
    if !one.path.is_empty() {
        return rule.non_resource_urls().any(|url| match url.strip_suffix('*') {
            Some(start) => one.path.starts_with(start),
            None => url == one.path,
        });
    }
    let is_resource = |wanted: &str| {
        let of_any = wanted.strip_prefix("*/");
        let subresource = one.resource.split_once('/').map(|(_, subresource)| subresource);
        wanted == "*" || wanted == one.resource || (of_any.is_some() && of_any == subresource)
    };
    let (groups, names) = (rule.api_groups(), rule.resource_names());
    (groups.has("*") || groups.has(&one.group))
        && rule.resources().any(is_resource)
        && (names.is_empty() || one.name.as_ref().is_some_and(|name| names.has(name)))
}

/// Permissions as messages print them: one line for each resource or path, sorted.
fn describe(permissions: Vec<Permission>) -> String {
    let mut verbs: BTreeMap<Permission, Vec<String>> = BTreeMap::new();
    for mut one in permissions {
        let verb = std::mem::take(&mut one.verb);
        // Only verbs on resources are put together.
        if !one.path.is_empty() {
            one.verb = verb.clone();
        }
        let verbs = verbs.entry(one).or_default();
        if !verbs.contains(&verb) {
            verbs.push(verb);
        }
    }
    let lines: BTreeSet<String> = verbs.iter().map(|(one, verbs)| line(one, verbs)).collect();
    lines.into_iter().collect::<Vec<_>>().join("\n")
}

/// `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`
fn line(one: &Permission, verbs: &[String]) -> String {
    let quoted = |texts: &[String]| {
        let texts: Vec<String> = texts.iter().map(|text| api::go::quote(text)).collect();
        format!("[{}]", texts.join(" "))
    };
    let mut parts = Vec::new();
    let mut part = |name: &str, texts: &[String]| parts.push(format!("{name}:{}", quoted(texts)));
    if one.path.is_empty() {
        part("APIGroups", std::slice::from_ref(&one.group));
        part("Resources", std::slice::from_ref(&one.resource));
    } else {
        part("NonResourceURLs", std::slice::from_ref(&one.path));
    }
    if let Some(name) = &one.name {
        part("ResourceNames", std::slice::from_ref(name));
    }
    part("Verbs", verbs);
    format!("{{{}}}", parts.join(", "))
}
