//! The file with which kubectl finds the cluster.

use crate::connection::SERVER_URL;

/// What `kind` writes for a cluster of this name. The certificates stand for real ones: nothing
/// here checks them, and `kubectl config view` hides them.
pub(crate) fn kubeconfig(cluster: &str) -> String {
    let name = format!("kind-{cluster}");
    format!(
        "apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: S29iYWtvIENB
    server: {SERVER_URL}
  name: {name}
contexts:
- context:
    cluster: {name}
    user: {name}
  name: {name}
current-context: {name}
kind: Config
preferences: {{}}
users:
- name: {name}
  user:
    client-certificate-data: S29iYWtvIHVzZXI=
    client-key-data: S29iYWtvIGtleQ==
"
    )
}
