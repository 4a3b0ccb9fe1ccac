//! SelfSubjectAccessReview: may I do something?

use super::review;
use crate::Kind;
use api::authorization::v1::SelfSubjectAccessReview;
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View};

/// `authorization.k8s.io/v1` SelfSubjectAccessReview
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "SelfSubjectAccessReview",
    plural: "selfsubjectaccessreviews",
    singular: "selfsubjectaccessreview",
    verbs: &["create"],
    is_virtual: true,
    ty: types::AUTHORIZATION_V1_SELF_SUBJECT_ACCESS_REVIEW,
    validate,
    ..Kind::CLUSTER_SCOPED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    let spec = SelfSubjectAccessReview::of(object).spec();
    let (resource, other) = (spec.resource_attributes(), spec.non_resource_attributes());
    review::validate_attributes(resource, other, &Path::new("spec"), errors);
    review::validate_metadata(object, false, errors);
}
