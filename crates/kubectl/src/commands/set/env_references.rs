//! Where variables come from, and what is there.

use crate::client::{Call, encode};
use crate::errors::{Result, bail, error};
use crate::invocation::Invocation;
use crate::resource::Info;
use api::{Quantity, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::rc::Rc;

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// `configmap c, key color`
pub(super) fn reference_text(source: &Value) -> String {
    let (map, secret) = (&source["configMapKeyRef"], &source["secretKeyRef"]);
    let (field, resource) = (&source["fieldRef"], &source["resourceFieldRef"]);
    if !map.is_null() {
        format!("configmap {}, key {}", text(map, "name"), text(map, "key"))
    } else if !secret.is_null() {
        format!("secret {}, key {}", text(secret, "name"), text(secret, "key"))
    } else if !field.is_null() {
        format!("field path {}", text(field, "fieldPath"))
    } else if !resource.is_null() {
        let container = match text(resource, "containerName") {
            "" => String::new(),
            name => format!("{name}/"),
        };
        format!("resource field {container}{}", text(resource, "resource"))
    } else {
        "invalid valueFrom".to_owned()
    }
}

/// Finds values in the cluster; each ConfigMap and Secret is read once.
pub(super) struct Resolver<'a> {
    invocation: &'a Rc<Invocation>,
    info: &'a Info,
    known: Vec<(String, Value)>,
}

impl<'a> Resolver<'a> {
    /// A resolver for the variables of an object's containers.
    pub(super) fn new(invocation: &'a Rc<Invocation>, info: &'a Info) -> Resolver<'a> {
        Resolver { invocation, info, known: Vec::new() }
    }

    /// The value of a variable.
    pub(super) async fn value(&mut self, source: &Value, container: &Value) -> Result<String> {
        let (map, secret) = (&source["configMapKeyRef"], &source["secretKeyRef"]);
        let (field, resource) = (&source["fieldRef"], &source["resourceFieldRef"]);
        if !map.is_null() {
            let (name, key) = (text(map, "name"), text(map, "key"));
            let object = self.object("configmaps", name).await?;
            let value = object["data"][key].as_str();
            return value
                .map(str::to_owned)
                .ok_or_else(|| error!("key {key} not found in config map {name}"));
        }
        if !secret.is_null() {
            let (name, key) = (text(secret, "name"), text(secret, "key"));
            let object = self.object("secrets", name).await?;
            let value = object["data"][key].as_str();
            let value = value.ok_or_else(|| error!("key {key} not found in secret {name}"))?;
            let bytes = STANDARD.decode(value).unwrap_or_default();
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        if !field.is_null() {
            return self.field(text(field, "fieldPath"));
        }
        if !resource.is_null() {
            return amount(text(resource, "resource"), container);
        }
        bail!("invalid valueFrom")
    }

    async fn object(&mut self, resource: &str, name: &str) -> Result<Value> {
        let namespace = encode(&self.info.namespace);
        let path = format!("/api/v1/namespaces/{namespace}/{resource}/{}", encode(name));
        if let Some((_, object)) = self.known.iter().find(|(known, _)| *known == path) {
            return Ok(object.clone());
        }
        let object = self.invocation.client()?.value(Call::get(path.clone())).await?;
        self.known.push((path, object.clone()));
        Ok(object)
    }

    /// A field of the object itself.
    fn field(&self, path: &str) -> Result<String> {
        let metadata = &self.info.object["metadata"];
        let pairs = |field: &str| {
            let Some(map) = metadata[field].as_map() else { return String::new() };
            let pair = |(name, value): (&api::Key, &Value)| {
                format!("{name}={}", crate::errors::quote(value.as_str().unwrap_or_default()))
            };
            map.iter().map(pair).collect::<Vec<_>>().join("\n")
        };
        match path {
            "metadata.name" | "metadata.namespace" | "metadata.uid" => {
                let field = path.strip_prefix("metadata.").unwrap_or_default();
                Ok(text(metadata, field).to_owned())
            }
            "metadata.labels" => Ok(pairs("labels")),
            "metadata.annotations" => Ok(pairs("annotations")),
            other => bail!("unsupported fieldPath: {other}"),
        }
    }
}

/// A limit or request of the container.
fn amount(resource: &str, container: &Value) -> Result<String> {
    let held = resource.split_once('.').map(|(field, name)| &container["resources"][field][name]);
    let Some(held) = held else { bail!("Unsupported container resource : {resource}") };
    let amount = held.as_str().unwrap_or("0").parse::<Quantity>();
    Ok(amount.map_or(0, Quantity::value).to_string())
}
