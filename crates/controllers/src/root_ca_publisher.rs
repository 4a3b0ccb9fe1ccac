//! The root CA publisher: every namespace has a ConfigMap with the cluster's certificate.
//!
//! Models `k8s.io/kubernetes/pkg/controller/certificates/rootcacertpublisher`.

use crate::Parts;
use crate::service_account::ensure_in_namespace;
use api::{Status, Text, object};
use apiserver::store::{Change, ChangeType, ObjectKey};
use client::{Client, Reconcile, Reconciler};
use kinds::Kind;
use kinds::core::{config_map, namespace};
use sim::{Duration, Sim};

const NAME: &str = "kube-root-ca.crt";
const DESCRIPTION: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when \
    using internal endpoints such as the internal service IP or kubernetes.default.svc. No other \
    usage is guaranteed across distributions of Kubernetes clusters.";

pub(crate) struct RootCaPublisher {
    certificate: Text,
}

impl RootCaPublisher {
    pub(crate) fn new(parts: Parts<'_>) -> RootCaPublisher {
        RootCaPublisher { certificate: certificate(parts.sim) }
    }
}

/// A text in the form of a certificate; nothing in the simulator verifies one.
fn certificate(sim: &Sim) -> Text {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut rng = sim.rng("controllers/root-ca");
    let mut line = |length: usize| -> String {
        (0..length).map(|_| ALPHABET[rng.below(64) as usize] as char).collect()
    };
    let lines: Vec<String> = (0..17).map(|i| line(if i == 16 { 60 } else { 64 })).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n")).into()
}

impl Reconciler for RootCaPublisher {
    type Key = ObjectKey;

    fn name(&self) -> &'static str {
        "root-ca-cert-publisher"
    }

    fn interests(&self) -> Vec<&'static Kind> {
        vec![&namespace::KIND, &config_map::KIND]
    }

    fn keys(&self, change: &Change, _: &Client, add: &mut dyn FnMut(ObjectKey, Duration)) {
        let is_config_map = !change.key.namespace.is_empty();
        match (is_config_map, change.ty) {
            (true, ChangeType::Deleted) if &*change.key.name == NAME => {
                add(ObjectKey::new("", &change.key.namespace), Duration::ZERO);
            }
            (false, ChangeType::Added) => add(change.key.clone(), Duration::ZERO),
            _ => {}
        }
    }

    fn reconcile(&mut self, key: &ObjectKey, client: &Client) -> Result<Reconcile, Status> {
        ensure_in_namespace(key, client, &config_map::KIND, NAME, || {
            object! {
                "metadata": object! {
                    "name": NAME,
                    "namespace": Text::from(key.name.clone()),
                    "annotations": object! { "kubernetes.io/description": DESCRIPTION },
                },
                "data": object! { "ca.crt": &self.certificate },
            }
        })
    }
}
