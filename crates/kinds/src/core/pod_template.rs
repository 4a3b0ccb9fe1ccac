//! PodTemplate: a template that stands alone. Nothing in Kubernetes uses it.

use crate::table::{Column, NAME, Row, containers_and_images, labels, name};
use crate::{Generation, Kind, pod_spec};
use api::core::v1::PodTemplate;
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View, names};
use sim::Time;

/// `v1` PodTemplate
pub static KIND: Kind = Kind {
    kind: "PodTemplate",
    plural: "podtemplates",
    singular: "podtemplate",
    ty: types::CORE_V1_POD_TEMPLATE,
    storage_version_hash: "LIXB2x4IFpk=",
    generation: Generation::OnAnything,
    set_defaults,
    prepare_create,
    prepare_update,
    validate,
    warnings,
    columns: &[
        NAME,
        Column::text("Containers"),
        Column::text("Images"),
        Column::text("Pod Labels"),
    ],
    row,
    ..Kind::NAMESPACED
};

fn set_defaults(object: &mut Value) {
    object.update(&names::TEMPLATE, pod_spec::set_template_defaults);
}

fn prepare_create(object: &mut Value) {
    object.update(&names::TEMPLATE, |template| {
        template.update(&names::SPEC, pod_spec::drop_disabled_fields);
    });
}

fn prepare_update(new: &mut Value, _: &Value) {
    prepare_create(new);
}

fn validate(object: &Value, errors: &mut ErrorList) {
    pod_spec::validate_template(object.get(&names::TEMPLATE), &Path::new("template"), errors);
}

fn warnings(new: &Value, _: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    pod_spec::template_warnings(new.get(&names::TEMPLATE), &Path::new("template"), &mut warnings);
    warnings
}

fn row(object: &Value, _: Time) -> Row {
    let template = PodTemplate::of(object).template();
    let [containers, images] = containers_and_images(template.spec());
    vec![name(object), containers, images, labels(template.metadata().labels())]
}
