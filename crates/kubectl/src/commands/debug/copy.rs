//! A copy of a Pod with something changed.

use super::{Session, pairs, pods_path};
use crate::client::Call;
use crate::errors::{Result, bail};
use crate::polymorphic::pod_spec::each_container;
use crate::polymorphic::typed;
use crate::remote::pod_path;
use api::{Value, object};

pub(super) async fn debug(session: &Session<'_>, pod: &Value) -> Result<(Value, String)> {
    let (copy, container) = copy(session, pod)?;
    let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
    let client = session.invocation.client()?;
    let created = client.value(Call::post(pods_path(namespace), copy)).await?;
    if session.flags().bool("replace") {
        let options = object! {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "gracePeriodSeconds": 0,
        };
        client.value(Call::delete(pod_path(pod, ""), options)).await?;
    }
    Ok((created, container))
}

/// The copy, and the container in it that is new or changed.
fn copy(session: &Session<'_>, pod: &Value) -> Result<(Value, String)> {
    let flags = session.flags();
    let mut metadata = object! {
        "name": flags.string("copy-to").to_owned(),
        "namespace": pod["metadata"]["namespace"].clone(),
    };
    let annotations = &pod["metadata"]["annotations"];
    if !annotations.is_null() {
        metadata.make_map().insert("annotations", annotations.clone());
    }
    let mut spec = pod["spec"].clone();
    let map = spec.make_map();
    map.remove_str("ephemeralContainers");
    if !flags.bool("same-node") {
        map.remove_str("nodeName");
    }
    if flags.is_changed("share-processes") {
        map.insert("shareProcessNamespace", flags.bool("share-processes"));
    }
    let container = change(session, &mut spec)?;
    let copy = object! {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": spec,
    };
    Ok((typed(&copy), container))
}

fn change(session: &Session<'_>, spec: &mut Value) -> Result<String> {
    let flags = session.flags();
    let images: Vec<(&str, &str)> = pairs(flags.strings("set-image")).collect();
    spec.update(&"containers".into(), |containers| {
        containers.update_items(|container| {
            // What is said of one container counts more than what is said of all.
            let named = |name: &str| images.iter().find(|(known, _)| *known == name);
            let name = container["name"].as_str().unwrap_or_default();
            if let Some((_, image)) = named(name).or_else(|| named("*")) {
                container.make_map().insert("image", (*image).to_owned());
            }
        });
    });
    let wanted = flags.string("container");
    let mut is_found = false;
    each_container(spec, |container| {
        if !wanted.is_empty() && container["name"] == wanted && !is_found {
            is_found = true;
            session.set(container);
            session.profile.secure(container);
        }
    });
    let name = if is_found {
        wanted.to_owned()
    } else if flags.string("image").is_empty() {
        if !images.is_empty() {
            return Ok(String::new());
        }
        bail!("you must specify image when creating new container");
    } else {
        let name = session.container_name(&object! { "spec": spec.clone() });
        let mut container = session.container(&name);
        session.profile.secure(&mut container);
        spec.entry(&"containers".into()).make_list().push(container);
        name
    };
    let shares = session.profile != super::Profile::Legacy;
    if shares && !flags.is_changed("share-processes") {
        spec.make_map().insert("shareProcessNamespace", true);
    }
    Ok(name)
}
