//! The values that a PodSpec gets where its author left them out.
//!
//! Models `k8s.io/kubernetes/pkg/apis/core/v1/defaults.go`. A spec that has all its defaults is
//! left as it is, down to its memory: thousands of Pods share that of their template.

use api::core::v1::{Container, PodSpec};
use api::{Key, Quantity, Value, View, names};

/// The mode of files in volumes made of ConfigMaps and the like: 0644.
const FILE_MODE: i64 = 0o644;

/// Fills in the spec of a Pod at `spec`.
pub fn set_pod_defaults(pod: &mut Value) {
    pod.update(&names::SPEC, |spec| {
        spec.set_default(&names::ENABLE_SERVICE_LINKS, true);
        let uses_host_network = PodSpec::of(spec).host_network();
        for list in [&names::INIT_CONTAINERS, &names::CONTAINERS] {
            spec.update(list, |containers| {
                containers.update_items(|container| {
                    default_requests_to_limits(container);
                    if uses_host_network {
                        default_host_ports(container);
                    }
                });
            });
        }
        set_spec_defaults(spec);
    });
}

/// In the node's network a container's port is one of the node's. Templates do not say so; the
/// Pods made of them do.
fn default_host_ports(container: &mut Value) {
    container.update(&names::PORTS, |ports| {
        ports.update_items(|port| {
            let number = port.get(&names::CONTAINER_PORT).clone();
            port.set_default(&names::HOST_PORT, number);
        });
    });
}

/// Fills in a pod template.
pub fn set_template_defaults(template: &mut Value) {
    template.update(&names::SPEC, set_spec_defaults);
}

fn set_spec_defaults(spec: &mut Value) {
    if !spec.as_map().is_some() {
        return;
    }
    spec.set_default(&names::DNS_POLICY, "ClusterFirst");
    spec.set_default(&names::RESTART_POLICY, "Always");
    spec.set_default(&names::SECURITY_CONTEXT, Value::EMPTY_MAP);
    spec.set_default(&names::TERMINATION_GRACE_PERIOD_SECONDS, 30);
    spec.set_default(&names::SCHEDULER_NAME, "default-scheduler");
    sync_service_account(spec);
    for list in [&names::INIT_CONTAINERS, &names::CONTAINERS, &names::EPHEMERAL_CONTAINERS] {
        spec.update(list, |containers| containers.update_items(set_container_defaults));
    }
    spec.update(&names::OVERHEAD, round_amounts);
    spec.update(&names::VOLUMES, |volumes| volumes.update_items(set_volume_defaults));
}

/// The deprecated name of the field always has the same value as the present one.
fn sync_service_account(spec: &mut Value) {
    let view = PodSpec::of(spec);
    let name = match view.service_account_name() {
        "" => view.value().get(&names::SERVICE_ACCOUNT).clone(),
        _ => view.value().get(&names::SERVICE_ACCOUNT_NAME).clone(),
    };
    if !name.is_null() {
        for key in [&names::SERVICE_ACCOUNT, &names::SERVICE_ACCOUNT_NAME] {
            if *spec.get(key) != name {
                spec.make_map().insert(key, name.clone());
            }
        }
    }
}

/// What is limited and not requested is requested to the limit.
fn default_requests_to_limits(container: &mut Value) {
    let limits = Container::of(container).resources().limits().0.clone();
    if limits.is_empty() {
        return;
    }
    container.update(&names::RESOURCES, |resources| {
        resources.update(&names::REQUESTS, |requests| {
            for (resource, amount) in limits.iter() {
                requests.set_default(resource, amount.clone());
            }
        });
    });
}

fn set_container_defaults(container: &mut Value) {
    let pull_policy = match image_tag(Container::of(container).image()) {
        "latest" => "Always",
        _ => "IfNotPresent",
    };
    container.set_default(&names::IMAGE_PULL_POLICY, pull_policy);
    container.set_default(&names::TERMINATION_MESSAGE_PATH, "/dev/termination-log");
    container.set_default(&names::TERMINATION_MESSAGE_POLICY, "File");
    container.update(&names::PORTS, |ports| {
        ports.update_items(|port| {
            port.set_default(&names::PROTOCOL, "TCP");
        });
    });
    round_resources(container);
    container.update(&names::ENV, |env| {
        env.update_items(|variable| {
            variable.update(&names::VALUE_FROM, default_field_ref);
        });
    });
    for probe in [&names::LIVENESS_PROBE, &names::READINESS_PROBE, &names::STARTUP_PROBE] {
        container.update(probe, set_probe_defaults);
    }
    container.update(&names::LIFECYCLE, |lifecycle| {
        for hook in [&names::POST_START, &names::PRE_STOP] {
            lifecycle.update(hook, |hook| hook.update(&names::HTTP_GET, set_http_get_defaults));
        }
    });
}

/// Rounds the amounts in `resources` of a container or claim up to thousandths: nothing is finer.
pub fn round_resources(owner: &mut Value) {
    owner.update(&names::RESOURCES, |resources| {
        for list in [&names::LIMITS, &names::REQUESTS] {
            resources.update(list, round_amounts);
        }
    });
}

/// Rounds amounts up to thousandths.
pub fn round_amounts(amounts: &mut Value) {
    let is_fine = |amount: &Value| {
        amount.as_str().is_some_and(|text| text.ends_with(['n', 'u']) || text.contains("e-"))
    };
    let Some(map) = amounts.as_map() else { return };
    if !map.iter().any(|(_, amount)| is_fine(amount)) {
        return;
    }
    for (_, amount) in amounts.make_map().values_mut() {
        if let Some(Ok(quantity)) = amount.as_str().map(str::parse::<Quantity>) {
            let rounded = Quantity::from_millis(quantity.milli_value(), quantity.format());
            *amount = rounded.to_string().into();
        }
    }
}

/// The tag of an image: `latest` if it has neither tag nor digest, nothing if the image is not
/// named in a way that could be pulled.
pub fn image_tag(image: &str) -> &str {
    let (name, digest) = image.split_once('@').map_or((image, ""), |(name, digest)| (name, digest));
    let last = name.rsplit_once('/').map_or(name, |(_, last)| last);
    let (repository, tag) = match last.split_once(':') {
        Some((_, tag)) => (&name[..name.len() - tag.len() - 1], Some(tag)),
        None => (name, None),
    };
    if !is_repository(repository) {
        return "";
    }
    match tag {
        Some(tag) => tag,
        None if digest.is_empty() => "latest",
        None => "",
    }
}

/// Whether each part of a repository's name, after that of a registry, is in lower case.
fn is_repository(name: &str) -> bool {
    let path = match name.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => path,
        Some((host, path)) if host.bytes().any(|b| b.is_ascii_uppercase()) => path,
        _ => name,
    };
    let is_end = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    path.split('/').all(|part| {
        let bytes = part.as_bytes();
        bytes.first().is_some_and(|b| is_end(*b))
            && bytes.last().is_some_and(|b| is_end(*b))
            && bytes.iter().all(|b| is_end(*b) || matches!(b, b'.' | b'_' | b'-'))
    })
}

fn if_present(value: &mut Value, set: impl FnOnce(&mut Value)) {
    if !value.is_null() {
        set(value);
    }
}

fn default_field_ref(parent: &mut Value) {
    parent.update(&names::FIELD_REF, |field_ref| {
        if_present(field_ref, |field_ref| field_ref.set_default(&names::API_VERSION, "v1"));
    });
}

fn set_probe_defaults(probe: &mut Value) {
    if_present(probe, |probe| {
        probe.set_default(&names::TIMEOUT_SECONDS, 1);
        probe.set_default(&names::PERIOD_SECONDS, 10);
        probe.set_default(&names::SUCCESS_THRESHOLD, 1);
        probe.set_default(&names::FAILURE_THRESHOLD, 3);
        probe.update(&names::HTTP_GET, set_http_get_defaults);
        probe.update(&names::GRPC, |grpc| {
            if_present(grpc, |grpc| grpc.set_default(&names::SERVICE, ""));
        });
    });
}

fn set_http_get_defaults(action: &mut Value) {
    if_present(action, |action| {
        action.set_default(&names::PATH, "/");
        action.set_default(&names::SCHEME, "HTTP");
    });
}

fn set_volume_defaults(volume: &mut Value) {
    let has_source = volume.as_map().is_some_and(|volume| volume.len() > 1);
    if !has_source {
        volume.make_map().insert(&names::EMPTY_DIR, Value::EMPTY_MAP);
        return;
    }
    for source in [&names::SECRET, &names::CONFIG_MAP, &names::DOWNWARD_API, &names::PROJECTED] {
        volume.update(source, |source| {
            if_present(source, |source| {
                source.set_default(&names::DEFAULT_MODE, FILE_MODE);
                source.update(&names::ITEMS, |items| items.update_items(default_field_ref));
                source.update(&names::SOURCES, |list| list.update_items(set_projection_defaults));
            });
        });
    }
    set_source_defaults(volume);
    volume.update(&names::EPHEMERAL, |ephemeral| {
        if_present(ephemeral, |ephemeral| {
            ephemeral.update(&names::VOLUME_CLAIM_TEMPLATE, |template| {
                if_present(template, |template| {
                    template.update(&names::SPEC, |spec| {
                        crate::core::persistent_volume_claim::set_spec_defaults(spec);
                    });
                });
            });
        });
    });
}

/// Fills in the sources that volumes of Pods share with PersistentVolumes.
pub fn set_source_defaults(volume: &mut Value) {
    set_in(volume, &names::HOST_PATH, &[(names::TYPE, "")]);
    set_in(volume, &names::ISCSI, &[(names::ISCSI_INTERFACE, "default")]);
    set_in(
        volume,
        &names::RBD,
        &[(names::POOL, "rbd"), (names::USER, "admin"), (names::KEYRING, "/etc/ceph/keyring")],
    );
    set_in(
        volume,
        &names::SCALE_IO,
        &[(names::STORAGE_MODE, "ThinProvisioned"), (names::FS_TYPE, "xfs")],
    );
    set_in(
        volume,
        &names::AZURE_DISK,
        &[(names::CACHING_MODE, "ReadWrite"), (names::KIND, "Shared"), (names::FS_TYPE, "ext4")],
    );
    volume.update(&names::AZURE_DISK, |disk| {
        if_present(disk, |disk| disk.set_default(&names::READ_ONLY, false));
    });
}

fn set_in(volume: &mut Value, source: &Key, defaults: &[(Key, &'static str)]) {
    volume.update(source, |source| {
        if_present(source, |source| {
            for (key, text) in defaults {
                source.set_default(key, *text);
            }
        });
    });
}

fn set_projection_defaults(source: &mut Value) {
    source.update(&names::SERVICE_ACCOUNT_TOKEN, |token| {
        if_present(token, |token| token.set_default(&names::EXPIRATION_SECONDS, 3_600));
    });
    source.update(&names::DOWNWARD_API, |downward| {
        if_present(downward, |downward| {
            downward.update(&names::ITEMS, |items| items.update_items(default_field_ref));
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{list, object};

    #[test]
    fn the_tag_of_an_image() {
        for (image, tag) in [
            ("nginx", "latest"),
            ("nginx:1.25", "1.25"),
            ("localhost:5000/nginx", "latest"),
            ("localhost:5000/nginx:1", "1"),
            ("nginx@sha256:00", ""),
            ("nginx:latest@sha256:00", "latest"),
            ("localhost:5000/team/nginx:1@sha256:00", "1"),
            ("Nginx", ""),
            ("", ""),
        ] {
            assert_eq!(image_tag(image), tag, "{image}");
        }
    }

    #[test]
    fn a_pod_with_all_its_defaults_is_left_alone() {
        let mut pod = object! { "spec": object! {
            "containers": list![object! {
                "name": "c",
                "image": "nginx",
                "ports": list![object! { "containerPort": 80 }],
                "resources": object! { "limits": object! { "cpu": "1" } },
            }],
            "volumes": list![object! { "name": "v" }],
        } };
        set_pod_defaults(&mut pod);
        let container = &pod["spec"]["containers"][0];
        assert_eq!(container["imagePullPolicy"], "Always");
        assert_eq!(container["ports"][0]["protocol"], "TCP");
        assert_eq!(container["resources"]["requests"]["cpu"], "1");
        assert_eq!(pod["spec"]["volumes"][0]["emptyDir"], Value::EMPTY_MAP);
        let before = pod.clone();
        set_pod_defaults(&mut pod);
        assert!(pod.is_same(&before));
    }
}
