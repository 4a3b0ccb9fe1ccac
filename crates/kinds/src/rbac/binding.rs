//! What RoleBindings and ClusterRoleBindings have in common.

use crate::rules::check;
use crate::table::{AGE, Column, NAME, Row, age, name};
use crate::{internal, rbac::GROUP};
use api::field::{ErrorList, Path};
use api::rbac::v1::{RoleRef, Subject};
use api::{Value, View, Views, names, validation};
use sim::Time;

/// The columns of a binding.
pub(super) const COLUMNS: &[Column] = &[
    NAME,
    Column::text("Role"),
    AGE,
    Column::wide("Users"),
    Column::wide("Groups"),
    Column::wide("ServiceAccounts"),
];

/// Fills in the groups of the role and of the subjects.
pub(super) fn set_defaults(object: &mut Value) {
    let set_group = |value: &mut Value| {
        if value.get(&names::API_GROUP).as_str().is_none_or(str::is_empty) {
            value.make_map().insert(&names::API_GROUP, GROUP);
        }
    };
    object.update(&names::ROLE_REF, set_group);
    object.update(&names::SUBJECTS, |subjects| {
        subjects.update_items(|subject| {
            if matches!(Subject::of(subject).kind(), "User" | "Group") {
                set_group(subject);
            }
        });
    });
}

/// Checks a binding. `kinds` are those of roles that it may give.
pub(super) fn validate(
    role: RoleRef<'_>,
    subjects: Views<'_, Subject<'_>>,
    kinds: &[&str],
    is_namespaced: bool,
    errors: &mut ErrorList,
) {
    let at = Path::new("roleRef");
    if role.api_group() != GROUP {
        errors.not_supported(&at.child("apiGroup"), role.api_group(), &[GROUP]);
    }
    if !kinds.contains(&role.kind()) {
        errors.not_supported(&at.child("kind"), role.kind(), kinds);
    }
    match role.name() {
        "" => errors.required(&at.child("name"), ""),
        name => check(validation::path_segment_name, name, &at.child("name"), errors),
    }
    let list = Path::new("subjects");
    for (i, subject) in subjects.enumerate() {
        validate_subject(subject, is_namespaced, &list.index(i), errors);
    }
}

fn validate_subject(
    subject: Subject<'_>,
    is_namespaced: bool,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    let name_at = at.child("name");
    if subject.name().is_empty() {
        errors.required(&name_at, "");
    }
    let group = subject.api_group();
    match subject.kind() {
        "ServiceAccount" => {
            if !subject.name().is_empty() {
                check(validation::dns1123_subdomain, subject.name(), &name_at, errors);
            }
            if !group.is_empty() {
                errors.not_supported(&at.child("apiGroup"), group, &[""]);
            }
            if !is_namespaced && subject.namespace().is_empty() {
                errors.required(&at.child("namespace"), "");
            }
        }
        "User" | "Group" if group != GROUP => {
            errors.not_supported(&at.child("apiGroup"), group, &[GROUP]);
        }
        "User" | "Group" => {}
        other => {
            let kinds = ["ServiceAccount", "User", "Group"];
            errors.not_supported(&at.child("kind"), other, &kinds);
        }
    }
}

/// Checks that a binding still gives the same role.
pub(super) fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let (new, old) = (new.get(&names::ROLE_REF), old.get(&names::ROLE_REF));
    if new != old {
        let shown = internal::print(RoleRef::TYPE, new);
        errors.invalid(&Path::new("roleRef"), shown, "cannot change roleRef");
    }
}

/// The cells of a binding.
pub(super) fn row<'a>(
    object: &Value,
    role: RoleRef<'_>,
    subjects: Views<'a, Subject<'a>>,
    now: Time,
) -> Row {
    let of_kind = |kind: &str| -> Value {
        let names: Vec<String> = subjects
            .clone()
            .filter(|subject| subject.kind() == kind)
            .map(|subject| match (kind, subject.namespace()) {
                ("ServiceAccount", namespace) if !namespace.is_empty() => {
                    format!("{namespace}/{}", subject.name())
                }
                _ => subject.name().to_owned(),
            })
            .collect();
        names.join(", ").into()
    };
    vec![
        name(object),
        format!("{}/{}", role.kind(), role.name()).into(),
        age(object, now),
        of_kind("User"),
        of_kind("Group"),
        of_kind("ServiceAccount"),
    ]
}
