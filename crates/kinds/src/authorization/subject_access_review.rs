//! SubjectAccessReview: may somebody do something?

use super::review;
use crate::Kind;
use api::authorization::v1::SubjectAccessReview;
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View};

/// `authorization.k8s.io/v1` SubjectAccessReview
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "SubjectAccessReview",
    plural: "subjectaccessreviews",
    singular: "subjectaccessreview",
    verbs: &["create"],
    is_virtual: true,
    ty: types::AUTHORIZATION_V1_SUBJECT_ACCESS_REVIEW,
    validate,
    ..Kind::CLUSTER_SCOPED
};

fn validate(object: &Value, errors: &mut ErrorList) {
    review::validate_spec(SubjectAccessReview::of(object).spec(), &Path::new("spec"), errors);
    review::validate_metadata(object, false, errors);
}
