//! Fields of a PodSpec whose features are off in 1.29: the server drops them from new objects.

use api::{Key, Value, names};

/// Drops what only alpha features would read. A spec without any is left as it is.
pub fn drop_disabled_fields(spec: &mut Value) {
    if spec.is_null() {
        return;
    }
    drop_field(spec, &names::RESOURCE_CLAIMS);
    drop_field(spec, &names::HOST_USERS);
    for list in [&names::INIT_CONTAINERS, &names::CONTAINERS, &names::EPHEMERAL_CONTAINERS] {
        spec.update(list, |containers| containers.update_items(drop_from_container));
    }
    spec.update(&names::AFFINITY, drop_from_affinity);
    spec.update(&names::VOLUMES, |volumes| {
        volumes.update_items(|volume| {
            volume.update(&names::PROJECTED, |projected| {
                projected.update(&names::SOURCES, |sources| {
                    sources.update_items(|source| {
                        drop_field(source, &names::CLUSTER_TRUST_BUNDLE);
                    });
                });
            });
        });
    });
}

fn drop_field(value: &mut Value, key: &Key) {
    if let Value::Map(map) = value {
        map.remove(key);
    }
}

fn drop_from_container(container: &mut Value) {
    drop_field(container, &names::RESIZE_POLICY);
    container.update(&names::RESOURCES, |resources| drop_field(resources, &names::CLAIMS));
    container.update(&names::SECURITY_CONTEXT, |context| {
        context.update(&names::PROC_MOUNT, |mount| {
            if !mount.is_null() && *mount != "Default" {
                *mount = "Default".into();
            }
        });
    });
    container.update(&names::LIFECYCLE, |lifecycle| {
        for hook in [&names::POST_START, &names::PRE_STOP] {
            lifecycle.update(hook, |hook| drop_field(hook, &names::SLEEP));
        }
    });
}

fn drop_from_affinity(affinity: &mut Value) {
    let drop_keys = |term: &mut Value| {
        drop_field(term, &names::MATCH_LABEL_KEYS);
        drop_field(term, &names::MISMATCH_LABEL_KEYS);
    };
    for key in [&names::POD_AFFINITY, &names::POD_ANTI_AFFINITY] {
        affinity.update(key, |pods| {
            pods.update(&names::REQUIRED_DURING_SCHEDULING_IGNORED_DURING_EXECUTION, |terms| {
                terms.update_items(drop_keys)
            });
            pods.update(&names::PREFERRED_DURING_SCHEDULING_IGNORED_DURING_EXECUTION, |terms| {
                terms.update_items(|term| term.update(&names::POD_AFFINITY_TERM, drop_keys));
            });
        });
    }
}
