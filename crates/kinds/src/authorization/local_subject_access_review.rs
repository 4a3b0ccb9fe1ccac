//! LocalSubjectAccessReview: may somebody do something in a namespace?

use super::review;
use crate::{Kind, internal};
use api::authorization::v1::{LocalSubjectAccessReview, NonResourceAttributes};
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View};

/// `authorization.k8s.io/v1` LocalSubjectAccessReview
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "LocalSubjectAccessReview",
    plural: "localsubjectaccessreviews",
    singular: "localsubjectaccessreview",
    verbs: &["create"],
    is_virtual: true,
    ty: types::AUTHORIZATION_V1_LOCAL_SUBJECT_ACCESS_REVIEW,
    validate,
    ..Kind::NAMESPACED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    let review = LocalSubjectAccessReview::of(object);
    let spec = review.spec();
    let at = Path::new("spec");
    review::validate_spec(spec, &at, errors);
    review::validate_metadata(object, true, errors);
    if let Some(resource) = spec.resource_attributes()
        && resource.namespace() != review.metadata().namespace()
    {
        let attributes_at = at.child("resourceAttributes");
        let detail = "must match metadata.namespace";
        errors.invalid(&attributes_at.child("namespace"), resource.namespace(), detail);
    }
    if let Some(other) = spec.non_resource_attributes() {
        let shown = internal::print(NonResourceAttributes::TYPE, View::value(other));
        let detail = "disallowed on this kind of request";
        errors.invalid(&at.child("nonResourceAttributes"), shown, detail);
    }
}
