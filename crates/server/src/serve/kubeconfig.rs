//! The kubeconfig file of a cluster's administrator, as kind writes it.

use super::certificates::{Certificates, pem_data};

/// The file for the server at `address`.
pub(super) fn kubeconfig(address: &str, certificates: &Certificates) -> String {
    let authority = pem_data("CERTIFICATE", &certificates.authority);
    let certificate = pem_data("CERTIFICATE", &certificates.administrator.certificate);
    let key = pem_data("PRIVATE KEY", &certificates.administrator.key);
    format!(
        "apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: {authority}
    server: {address}
  name: kind-kind
contexts:
- context:
    cluster: kind-kind
    user: kind-kind
  name: kind-kind
current-context: kind-kind
kind: Config
preferences: {{}}
users:
- name: kind-kind
  user:
    client-certificate-data: {certificate}
    client-key-data: {key}
"
    )
}
