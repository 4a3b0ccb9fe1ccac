//! From documents of files to objects.

use super::Info;
use crate::discovery::{Mapping, split_version};
use crate::errors::{Error, Result, bail, error, quote};
use crate::invocation::Invocation;
use api::schema::types;
use api::{Value, decode, names};
use std::rc::Rc;

/// What a document is, before its kind is looked up.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) object: Value,
    pub(super) source: String,
}

impl Document {
    /// What every object must have: a version, a kind, metadata of the right types.
    fn check(&self, is_typed: bool) -> Result {
        let undecodable = |why: String| error!("unable to decode {}: {why}", quote(&self.source));
        let object = &self.object;
        if object.as_map().is_none() {
            let found = json_type(object);
            return Err(undecodable(if is_typed {
                format!(
                    "couldn't get version/kind; json parse error: json: cannot unmarshal {found} \
                     into Go value of type struct {{ APIVersion string \
                     \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \
                     \"json:\\\"kind,omitempty\\\"\" }}"
                )
            } else {
                format!(
                    "json: cannot unmarshal {found} into Go value of type unstructured.detector"
                )
            }));
        }
        for field in ["apiVersion", "kind"] {
            let value = &object[field];
            if !value.is_null() && value.as_str().is_none() {
                let found = json_type(value);
                return Err(undecodable(format!(
                    "json: cannot unmarshal {found} into Go struct field .{field} of type string"
                )));
            }
        }
        let is_missing = |value: &Value| value.as_str().is_none_or(str::is_empty);
        if is_missing(object.get(&names::KIND)) {
            return Err(undecodable(missing("Kind", object)));
        }
        // The server is left to wonder about a version that is missing.
        if is_typed && is_missing(object.get(&names::API_VERSION)) {
            return Err(undecodable(missing("apiVersion", object)));
        }
        self.check_metadata().map_err(undecodable)
    }

    /// What `--validate` finds before anything is sent.
    pub(super) fn validate(&self) -> std::result::Result<(), String> {
        validate(&self.object)
    }

    fn check_metadata(&self) -> Result<(), String> {
        let mut metadata_only = Value::EMPTY_MAP;
        let metadata = self.object.get(&names::METADATA);
        if !metadata.is_null() {
            metadata_only.make_map().insert(&names::METADATA, metadata);
        }
        match decode(types::META_V1_PARTIAL_OBJECT_METADATA, &metadata_only) {
            Ok(_) => Ok(()),
            Err(why) => Err(why.0.replace("PartialObjectMetadata.", "metadataOnlyObject.")),
        }
    }

    fn text(&self, field: &str) -> &str {
        self.object["metadata"][field].as_str().unwrap_or_default()
    }

    /// The items of a list, with its own type where they have none.
    pub(super) fn items(&self) -> Option<Vec<Document>> {
        let Value::List(items) = &self.object["items"] else { return None };
        let list_kind = self.object.get(&names::KIND).as_str().unwrap_or_default();
        let kind = list_kind.strip_suffix("List").unwrap_or(list_kind).to_owned();
        let version = self.object.get(&names::API_VERSION);
        let item = |item: &Value| {
            let mut object = item.clone();
            if object.as_map().is_some() && !kind.is_empty() {
                object.set_default(&names::KIND, kind.clone());
                object.set_default(&names::API_VERSION, version.clone());
            }
            Document { object, source: self.source.clone() }
        };
        Some(items.iter().map(item).collect())
    }

    /// Finds the document's resource.
    pub(super) async fn resolve(
        self,
        invocation: &Invocation,
        local: bool,
        is_typed: bool,
    ) -> Result<Info> {
        self.check(is_typed)?;
        let api_version = self.object.get(&names::API_VERSION).as_str().unwrap_or_default();
        let kind = self.object.get(&names::KIND).as_str().unwrap_or_default();
        let (group, version) = split_version(api_version);
        let mapping = if local {
            Rc::new(guessed_mapping(group, version, kind))
        } else {
            match found_mapping(invocation, group, version, kind).await {
                Ok(mapping) => mapping,
                Err(why @ Error::NoKind { .. }) => bail!(
                    "resource mapping not found for name: {} namespace: {} from {}: {why}\n\
                     ensure CRDs are installed first",
                    quote(self.text("name")),
                    quote(self.text("namespace")),
                    quote(&self.source),
                ),
                Err(other) => return Err(other),
            }
        };
        Ok(Info {
            namespace: self.text("namespace").to_owned(),
            name: self.text("name").to_owned(),
            source: self.source,
            mapping,
            object: self.object,
        })
    }
}

/// The resource of a kind. One without a version is known too, though the server will not know it.
async fn found_mapping(
    invocation: &Invocation,
    group: &str,
    version: &str,
    kind: &str,
) -> Result<Rc<Mapping>> {
    if !(group.is_empty() && version.is_empty()) {
        return invocation.kind(group, version, kind).await;
    }
    let mapping = invocation.discovery().await?.kind_of_group("", kind)?;
    Ok(Rc::new(Mapping { version: String::new(), ..mapping.as_ref().clone() }))
}

/// What `--validate` finds before anything is sent.
pub(crate) fn validate(object: &Value) -> std::result::Result<(), String> {
    if object.as_map().is_none() {
        return Err("invalid object to validate".to_owned());
    }
    let mut problems = Vec::new();
    for (field, value) in
        [("apiVersion", object.get(&names::API_VERSION)), ("kind", object.get(&names::KIND))]
    {
        match value {
            Value::Null => problems.push(format!("{field} not set")),
            Value::Str(text) if text.is_empty() => problems.push(format!("{field} not set")),
            Value::Str(_) => {}
            _ => problems.push(format!("{field} isn't string type")),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(crate::errors::aggregate(&problems)) }
}

fn missing(field: &str, object: &Value) -> String {
    format!("Object '{field}' is missing in '{}'", api::json::to_string(object))
}

pub(crate) fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Float(_) => "number",
        Value::Str(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}

/// What a resource is called if nobody can be asked: for `--local` and `--dry-run=client`.
pub fn guessed_mapping(group: &str, version: &str, kind: &str) -> Mapping {
    let singular = kind.to_lowercase();
    let resource = match singular.as_str() {
        "endpoints" => singular.clone(),
        name if name.ends_with('s') => format!("{name}es"),
        name if name.ends_with('y') => {
            format!("{}ies", name.strip_suffix('y').unwrap_or_default())
        }
        name => format!("{name}s"),
    };
    const CLUSTER_SCOPED: [&str; 16] = [
        "Namespace",
        "Node",
        "PersistentVolume",
        "ClusterRole",
        "ClusterRoleBinding",
        "StorageClass",
        "PriorityClass",
        "CustomResourceDefinition",
        "IngressClass",
        "RuntimeClass",
        "CSIDriver",
        "CSINode",
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
        "APIService",
        "CertificateSigningRequest",
    ];
    Mapping {
        group: group.to_owned(),
        version: version.to_owned(),
        resource,
        singular,
        kind: kind.to_owned(),
        is_namespaced: !CLUSTER_SCOPED.contains(&kind),
        ..Mapping::default()
    }
}
