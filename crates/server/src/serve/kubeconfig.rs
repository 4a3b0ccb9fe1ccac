//! A kubeconfig file for a server that checks no credentials.

/// The file for the server at `address`. Some clients speak plain HTTP only where no certificate is
/// checked.
pub(super) fn kubeconfig(address: &str) -> String {
    format!(
        "apiVersion: v1
clusters:
- cluster:
    insecure-skip-tls-verify: true
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
  user: {{}}
"
    )
}
