//! CustomResourceDefinition: a kind of the user's own making.
//!
//! This is the definition as an object. What it defines is served, or not, by the server. What is
//! missing: validation rules in CEL are not compiled, and of the rules for schemas only the most
//! important are checked, see [`super::schema`].

use super::{conversion, versions};
use crate::rules::{check, immutable, scalar};
use crate::table::metadata;
use crate::{Generation, Kind};
use api::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceDefinitionSpec,
};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Key, Value, View, names, object, validation};

/// `apiextensions.k8s.io/v1` CustomResourceDefinition
pub static KIND: Kind = Kind {
    group: "apiextensions.k8s.io",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    singular: "customresourcedefinition",
    short_names: &["crd", "crds"],
    categories: &["api-extensions"],
    ty: types::APIEXTENSIONS_V1_CUSTOM_RESOURCE_DEFINITION,
    storage_version_hash: "jfWCUB31mvA=",
    has_status: true,
    generation: Generation::OnSpec,
    allows_unconditional_update: false,
    set_defaults,
    prepare_create: add_stored_version,
    prepare_update: |new, _| add_stored_version(new),
    validate,
    validate_create,
    validate_update,
    ..Kind::CLUSTER_SCOPED
};

/// The annotation without which nobody may define kinds in the project's own groups.
const APPROVED: &str = "api-approved.kubernetes.io";

fn set_defaults(object: &mut Value) {
    object.update(&names::SPEC, |spec| {
        spec.update(&names::NAMES, set_name_defaults);
        spec.set_default(&names::CONVERSION, object! { "strategy": "None" });
        spec.update(&names::CONVERSION, conversion::set_defaults);
    });
}

fn set_name_defaults(value: &mut Value) {
    let kind = CustomResourceDefinitionNames::of(value).kind().to_owned();
    let mut set = |key: &Key, text: String| {
        if value.get(key).as_str().is_none_or(str::is_empty) && !text.is_empty() {
            value.make_map().insert(key, text);
        }
    };
    set(&names::SINGULAR, kind.to_lowercase());
    if !kind.is_empty() {
        set(&names::LIST_KIND, format!("{kind}List"));
    }
}

/// The version in which objects are stored from now on is one in which there may be some.
fn add_stored_version(object: &mut Value) {
    let spec = CustomResourceDefinition::of(object).spec();
    let Some(version) = spec.versions().find(|version| version.storage()) else { return };
    let version = version.name().to_owned();
    object.update(&names::STATUS, |status| {
        let stored = status.entry(&names::STORED_VERSIONS);
        if !stored.items().iter().any(|known| known.as_str() == Some(&version)) {
            stored.make_list().push(version);
        }
    });
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let definition = CustomResourceDefinition::of(object);
    let spec = definition.spec();
    let required = format!("{}.{}", spec.names().plural(), spec.group());
    let name = metadata(object).name();
    if !name.is_empty() && name != required {
        let at = Path::new("metadata");
        errors.invalid(&at.child("name"), name, "must be spec.names.plural+\".\"+spec.group");
    }
    let at = Path::new("spec");
    validate_spec(spec, &at, errors);
    let status = Path::new("status");
    let accepted = definition.status().accepted_names();
    validate_names(accepted, &status.child("acceptedNames"), errors);
    validate_approval(definition, errors);
}

fn validate_spec(spec: CustomResourceDefinitionSpec<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let group_at = at.child("group");
    let group = spec.group();
    let problems = validation::dns1123_subdomain(group);
    if group.is_empty() {
        errors.required(&group_at, "");
    } else if !problems.is_empty() {
        errors.invalid(&group_at, group, problems.join(","));
    } else if !group.contains('.') {
        errors.invalid(&group_at, group, "should be a domain with at least one dot");
    }
    let scope_at = at.child("scope");
    match spec.scope() {
        "" => errors.required(&scope_at, ""),
        "Cluster" | "Namespaced" => {}
        other => errors.not_supported(&scope_at, other, &["Cluster", "Namespaced"]),
    }
    versions::validate(spec, &at.child("versions"), errors);
    let names_at = at.child("names");
    let names = spec.names();
    for (field, text) in [
        ("plural", names.plural()),
        ("singular", names.singular()),
        ("kind", names.kind()),
        ("listKind", names.list_kind()),
    ] {
        if text.is_empty() {
            errors.required(&names_at.child(field), "");
        }
    }
    validate_names(names, &names_at, errors);
    if let Some(conversion) = spec.conversion() {
        conversion::validate(conversion, &at.child("conversion"), errors);
    }
}

fn validate_names(names: CustomResourceDefinitionNames<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    let mut label = |text: &str, prefix: &str, at: &Path<'_>| {
        if text.is_empty() {
            return;
        }
        let problems = match prefix {
            "" => validation::dns1035_label(text),
            _ => validation::dns1035_label(&text.to_lowercase()),
        };
        if !problems.is_empty() {
            errors.invalid(at, text, format!("{prefix}{}", problems.join(",")));
        }
    };
    let mixed = "may have mixed case, but should otherwise match: ";
    label(names.plural(), "", &at.child("plural"));
    label(names.singular(), "", &at.child("singular"));
    label(names.kind(), mixed, &at.child("kind"));
    label(names.list_kind(), mixed, &at.child("listKind"));
    let short_at = at.child("shortNames");
    for (i, short) in names.short_names().enumerate() {
        validate_label(short, &short_at.index(i), errors);
    }
    if !names.kind().is_empty() && names.kind() == names.list_kind() {
        let detail = "kind and listKind may not be the same";
        errors.invalid(&at.child("listKind"), names.list_kind(), detail);
    }
    let categories_at = at.child("categories");
    for (i, category) in names.categories().enumerate() {
        validate_label(category, &categories_at.index(i), errors);
    }
}

fn validate_label(text: &str, at: &Path<'_>, errors: &mut ErrorList) {
    let problems = validation::dns1035_label(text);
    if !problems.is_empty() {
        errors.invalid(at, text, problems.join(","));
    }
}

/// The groups of the project itself are protected.
fn validate_approval(definition: CustomResourceDefinition<'_>, errors: &mut ErrorList) {
    let group = definition.spec().group();
    let is_protected = ["k8s.io", "kubernetes.io"].iter().any(|domain| {
        group == *domain || group.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
    });
    if !is_protected {
        return;
    }
    let metadata = Path::new("metadata");
    let annotations = metadata.child("annotations");
    let at = annotations.key(APPROVED);
    match definition.metadata().annotations().get(APPROVED).unwrap_or_default() {
        "" => {
            let detail = format!(
                "protected groups must have approval annotation \"{APPROVED}\", see \
                 https://github.com/kubernetes/enhancements/pull/1111"
            );
            errors.required(&at, detail);
        }
        text if text.starts_with("unapproved") || is_address(text) => {}
        text => {
            let detail = "protected groups must have approval annotation \
                \"api-approved.kubernetes.io\" with either a URL or a reason starting with \
                \"unapproved\", see https://github.com/kubernetes/enhancements/pull/1111";
            errors.invalid(&at, text, detail);
        }
    }
}

fn is_address(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        !scheme.is_empty()
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric())
            && !rest.split('/').next().unwrap_or_default().is_empty()
    })
}

fn validate_create(object: &Value, errors: &mut ErrorList) {
    if CustomResourceDefinition::of(object).spec().preserve_unknown_fields() {
        let detail = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in \
            spec.versions[*].schema instead";
        errors.invalid(&Path::new("spec").child("preserveUnknownFields"), true, detail);
    }
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let at = Path::new("spec");
    let names_at = at.child("names");
    let (new_spec, old_spec) = (new.get(&names::SPEC), old.get(&names::SPEC));
    let (new_names, old_names) = (new_spec.get(&names::NAMES), old_spec.get(&names::NAMES));
    let mut keep = |new: &Value, old: &Value, key: &Key, at: &Path<'_>| {
        immutable(new.get(key), old.get(key), at, scalar, errors);
    };
    let mut conditions = CustomResourceDefinition::of(old).status().conditions();
    if conditions.any(|c| c.type_() == "Established" && c.status() == "True") {
        keep(new_spec, old_spec, &names::SCOPE, &at.child("scope"));
        keep(new_names, old_names, &names::KIND, &names_at.child("kind"));
    }
    keep(new_spec, old_spec, &names::GROUP, &at.child("group"));
    keep(new_names, old_names, &names::PLURAL, &names_at.child("plural"));
    versions::validate_stored(CustomResourceDefinition::of(new), errors);
}

/// Checks names as the rest of this module does.
pub(super) fn validate_version_names(
    names: api::Strings<'_>,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    for (i, name) in names.enumerate() {
        check(validation::dns1035_label, name, &at.index(i), errors);
    }
}
