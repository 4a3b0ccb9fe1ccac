//! TokenReview: whose token is this?

use crate::Kind;
use api::schema::types;

/// `authentication.k8s.io/v1` TokenReview
pub static KIND: Kind = Kind {
    group: super::GROUP,
    kind: "TokenReview",
    plural: "tokenreviews",
    singular: "tokenreview",
    verbs: &["create"],
    is_virtual: true,
    ty: types::AUTHENTICATION_V1_TOKEN_REVIEW,
    ..Kind::CLUSTER_SCOPED
};
