//! The file with which kubectl finds the cluster.

use crate::connection::SERVER_URL;
use apiserver::{ApiServer, User};

/// The certificate of the administrator. It stands for a real one, as everything else here that is
/// secret: `kubectl config view` hides it.
const CERTIFICATE: &str = "S29iYWtvIHVzZXI=";

/// Makes the API server let in whoever has the kubeconfig file.
pub(crate) fn introduce(server: &mut ApiServer) {
    let groups = ["kubeadm:cluster-admins", "system:authenticated"];
    server.trust_certificate(CERTIFICATE, User::new("kubernetes-admin", &groups));
}

/// What `kind` writes for a cluster of this name.
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
    client-certificate-data: {CERTIFICATE}
    client-key-data: S29iYWtvIGtleQ==
"
    )
}
