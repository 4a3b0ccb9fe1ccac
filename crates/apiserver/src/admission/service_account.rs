//! ServiceAccount: every Pod runs as somebody, and finds its token in a volume.

use super::{Attributes, Context, Plugin};
use api::core::v1::{Pod, ServiceAccount as ServiceAccountView};
use api::{Status, Text, Value, View, list, names, object};
use kinds::core::{pod, service_account};
use sim::{Rng, Sim};

const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const VOLUME_PREFIX: &str = "kube-api-access-";
/// One hour, and a little so that a kubelet that renews early is not refused.
const TOKEN_EXPIRATION_SECONDS: i64 = 3_607;
const MIRROR_ANNOTATION: &str = "kubernetes.io/config.mirror";

pub(super) struct ServiceAccount {
    volume_names: Rng,
    /// The source of the volume is the same for all Pods, and shared by them.
    volume_source: Value,
}

impl ServiceAccount {
    pub(super) fn new(sim: &Sim) -> ServiceAccount {
        let volume_source = object! {
            "defaultMode": 0o644,
            "sources": list![
                object! { "serviceAccountToken": object! {
                    "expirationSeconds": TOKEN_EXPIRATION_SECONDS,
                    "path": "token",
                } },
                object! { "configMap": object! {
                    "name": "kube-root-ca.crt",
                    "items": list![object! { "key": "ca.crt", "path": "ca.crt" }],
                } },
                object! { "downwardAPI": object! { "items": list![object! {
                    "path": "namespace",
                    "fieldRef": object! { "apiVersion": "v1", "fieldPath": "metadata.namespace" },
                }] } },
            ],
        };
        ServiceAccount { volume_names: sim.rng("admission/service-account"), volume_source }
    }
}

impl Plugin for ServiceAccount {
    fn admit(
        &mut self,
        context: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &mut Value,
    ) -> Result<(), Status> {
        if !attributes.creates(&pod::KIND) || is_mirror(object) {
            return Ok(());
        }
        if Pod::of(object).spec().service_account_name().is_empty() {
            object.update(&names::SPEC, |spec| {
                spec.make_map().insert(&names::SERVICE_ACCOUNT_NAME, "default");
                spec.make_map().insert(&names::SERVICE_ACCOUNT, "default");
            });
        }
        let namespace = &*attributes.target.namespace;
        let name = Pod::of(object).spec().service_account_name();
        let Some(account) = context.get(&service_account::KIND, namespace, name) else {
            let pod_name = super::name_or_prefix(object);
            let why = format!(
                "error looking up service account {namespace}/{name}: serviceaccount \"{name}\" not found"
            );
            return Err(Status::forbidden(attributes.target.qualified(), pod_name, &why));
        };
        let account = ServiceAccountView::of(account);
        let spec = Pod::of(object).spec();
        let wants_token = spec
            .automount_service_account_token()
            .or(account.automount_service_account_token())
            .unwrap_or(true);
        if spec.image_pull_secrets().is_empty() && !account.image_pull_secrets().is_empty() {
            let secrets = account.value().get(&names::IMAGE_PULL_SECRETS).clone();
            object.update(&names::SPEC, |spec| {
                spec.make_map().insert(&names::IMAGE_PULL_SECRETS, secrets);
            });
        }
        if wants_token {
            self.mount_token(object);
        }
        Ok(())
    }
}

fn is_mirror(object: &Value) -> bool {
    kinds::table::metadata(object).annotations().get(MIRROR_ANNOTATION).is_some()
}

impl ServiceAccount {
    fn mount_token(&mut self, object: &mut Value) {
        let existing = Pod::of(object)
            .spec()
            .volumes()
            .find(|volume| volume.name().starts_with(VOLUME_PREFIX))
            .map(|volume| volume.name().to_owned());
        let is_new = existing.is_none();
        let name = Text::from(
            existing.unwrap_or_else(|| format!("{VOLUME_PREFIX}{}", self.volume_names.suffix(5))),
        );
        let mount = object! {
            "name": &name,
            "readOnly": true,
            "mountPath": TOKEN_PATH,
        };
        let mut is_mounted = false;
        object.update(&names::SPEC, |spec| {
            for containers in [&names::INIT_CONTAINERS, &names::CONTAINERS] {
                spec.update(containers, |containers| {
                    containers.update_items(|container| is_mounted |= add_mount(container, &mount));
                });
            }
            if is_mounted && is_new {
                let volume = object! { "name": &name, "projected": &self.volume_source };
                spec.update(&names::VOLUMES, |volumes| volumes.make_list().push(volume));
            }
        });
    }
}

/// A container that mounts something else at the place keeps it.
fn add_mount(container: &mut Value, mount: &Value) -> bool {
    let view = api::core::v1::Container::of(container);
    if view.volume_mounts().any(|mount| mount.mount_path() == TOKEN_PATH) {
        return false;
    }
    container.update(&names::VOLUME_MOUNTS, |mounts| mounts.make_list().push(mount.clone()));
    true
}
