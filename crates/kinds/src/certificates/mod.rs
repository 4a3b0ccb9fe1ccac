//! The group `certificates.k8s.io`.

pub mod certificate_signing_request;
mod signer_name;

pub use signer_name::validate_signer_name;
