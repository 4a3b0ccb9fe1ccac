//! SelfSubjectReview: who am I?

use crate::Kind;
use api::schema::types;

/// `authentication.k8s.io/v1` SelfSubjectReview
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "SelfSubjectReview",
    plural: "selfsubjectreviews",
    singular: "selfsubjectreview",
    verbs: &["create"],
    is_virtual: true,
    ty: types::AUTHENTICATION_V1_SELF_SUBJECT_REVIEW,
    ..Kind::CLUSTER_SCOPED
};
