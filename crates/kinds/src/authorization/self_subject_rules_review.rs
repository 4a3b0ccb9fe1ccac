//! SelfSubjectRulesReview: what may I do in a namespace?

use crate::Kind;
use api::schema::types;

/// `authorization.k8s.io/v1` SelfSubjectRulesReview
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "SelfSubjectRulesReview",
    plural: "selfsubjectrulesreviews",
    singular: "selfsubjectrulesreview",
    verbs: &["create"],
    is_virtual: true,
    ty: types::AUTHORIZATION_V1_SELF_SUBJECT_RULES_REVIEW,
    ..Kind::CLUSTER_SCOPED
};
