//! Subresources other than `status`.

use crate::codec;
use crate::options;
use crate::request::{Request, ResourceTarget, Verb};
use crate::response::Response;
use crate::server::{ApiServer, Handled};
use crate::verbs::patch::{apply_patch, patch_type, read_patch};
use api::autoscaling::v1::Scale;
use api::schema::types;
use api::{Status, Value, View, decode, names, object};
use kinds::certificates::certificate_signing_request;
use kinds::core::{binding, pod};
use kinds::table;

impl ApiServer {
    pub(crate) fn subresource(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        match &*target.subresource {
            "scale" => self.scale(request, target),
            "binding" => self.bind(request, target),
            "finalize" => self.finalize(request, target),
            "token" => self.create_token(request, target),
            "log" => self.log(request, target),
            "approval" => self.approve(request, target),
            "eviction" => self.evict(request, target),
            "exec" | "attach" | "portforward" => self.refuse_without_upgrade(request, target),
            _ => Err(Status::unknown_path()),
        }
    }

    /// Whether a request for a certificate is approved: its conditions, seen alone.
    fn approve(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        let old = codec::from_stored(target.kind, &self.stored(target)?.object);
        if target.verb == Verb::Get {
            return Ok(self.answer(200, request, target.kind, &old));
        }
        let mut new = match target.verb {
            Verb::Patch => self.patched_part(request, target, &old)?,
            _ => codec::decode_body(target.kind, request, &old)?.object,
        };
        new.make_map().insert(&names::METADATA, old.get(&names::METADATA).clone());
        certificate_signing_request::prepare_approval_update(&mut new, &old);
        let mut errors = api::field::ErrorList::new();
        certificate_signing_request::validate_approval_update(&new, &old, &mut errors);
        if !errors.is_empty() {
            let kind = target.kind;
            return Err(Status::invalid(kind.group, kind.kind, &target.name, &errors));
        }
        let origin = self.origin(request);
        let resource = self.resource(target.kind);
        let stored = self.store.update(resource, codec::to_stored(target.kind, new), origin);
        Ok(self.answer(200, request, target.kind, &stored))
    }

    /// A part of an object with a patch.
    fn patched_part(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        old: &Value,
    ) -> Result<Value, Status> {
        let patch_type = patch_type(request)?;
        options::check_patch(request, patch_type)?;
        let patch = read_patch(request, patch_type)?;
        let typed = codec::with_type(target.kind, old);
        let patched = apply_patch(&typed, &patch, patch_type, target.kind.ty)?;
        let decoded =
            decode(target.kind.ty, &patched).map_err(|error| Status::bad_request(error.0))?;
        Ok(codec::without_type(decoded.value))
    }

    /// The number of replicas of a workload, seen alone.
    fn scale(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        let object = codec::from_stored(target.kind, &self.stored(target)?.object);
        let scale = scale_of(&object);
        if target.verb == Verb::Get {
            return Ok(Response::ok(scale));
        }
        let wanted = match target.verb {
            Verb::Patch => {
                let patch_type = patch_type(request)?;
                options::check_patch(request, patch_type)?;
                let patch = read_patch(request, patch_type)?;
                apply_patch(&scale, &patch, patch_type, types::AUTOSCALING_V1_SCALE)?
            }
            _ => {
                options::check_update(request)?;
                codec::document(request)?
            }
        };
        let decoded = decode(types::AUTOSCALING_V1_SCALE, &wanted)
            .map_err(|error| Status::bad_request(error.0))?
            .value;
        let view = Scale::of(&decoded);
        let replicas = view.spec().replicas();
        if replicas < 0 {
            let mut errors = api::field::ErrorList::new();
            let spec = api::field::Path::new("spec");
            let detail = "must be greater than or equal to 0";
            errors.invalid(&spec.child("replicas"), replicas, detail);
            return Err(Status::invalid("autoscaling", "Scale", &target.name, &errors));
        }
        let mut changed = object.clone();
        changed.update(&names::SPEC, |spec| {
            spec.make_map().insert(&names::REPLICAS, replicas);
        });
        changed.update(&names::METADATA, |metadata| {
            let version = view.metadata().resource_version().to_owned();
            metadata.make_map().insert(&names::RESOURCE_VERSION, version);
        });
        let whole = ResourceTarget { subresource: "".into(), ..target.clone() };
        let before = self.stored(target)?.object.clone();
        let mut stored = self.update_object(request, &whole, changed, &mut Vec::new())?;
        // The owner of the replicas is written anew each time, so there is a new revision even if
        // their number stays.
        if stored == before && !request.options.dry_run {
            let (resource, origin) = (self.resource(target.kind), self.origin(request));
            stored = self.store.update(resource, stored, origin);
        }
        Ok(Response::ok(scale_of(&codec::from_stored(target.kind, &stored))))
    }

    /// Binds a Pod to a node.
    fn bind(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        options::check_create(request)?;
        let binding = codec::decode_body(&binding::KIND, request, &Value::Null)?.object;
        if table::metadata(&binding).name() != &*target.name {
            return Err(Status::bad_request("name in URL does not match name in Binding object"));
        }
        self.bind_to(request, target, &binding)
    }

    /// The same by the resource `bindings`, of which nothing is stored.
    pub(crate) fn create_binding(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        binding: &Value,
    ) -> Handled {
        let name = table::metadata(binding).name().into();
        let pod = ResourceTarget { kind: &pod::KIND, name, ..target.clone() };
        self.bind_to(request, &pod, binding)
    }

    fn bind_to(&mut self, request: &Request, target: &ResourceTarget, binding: &Value) -> Handled {
        let mut errors = api::field::ErrorList::new();
        (binding::KIND.validate)(binding, &mut errors);
        if !errors.is_empty() {
            return Err(Status::invalid("", "Binding", &target.name, &errors));
        }
        let node = binding["target"]["name"].as_text().cloned().unwrap_or_default();
        let stored = self.stored(target)?.object.clone();
        let view = api::core::v1::Pod::of(&stored);
        let conflict = |why: &str| Status::conflict(target.qualified(), &target.name, why);
        if view.metadata().deletion_timestamp().is_some() {
            let why = format!("pod {} is being deleted, cannot be assigned to a host", target.name);
            return Err(conflict(&why));
        }
        if !view.spec().node_name().is_empty() {
            let why = format!(
                "pod {} is already assigned to node {}",
                target.name,
                api::go::quote(view.spec().node_name())
            );
            return Err(conflict(&why));
        }
        let now = self.now();
        let mut object = stored.clone();
        object.update(&names::SPEC, |spec| {
            spec.make_map().insert(&names::NODE_NAME, node);
        });
        object.update(&names::STATUS, |status| set_scheduled(status, now));
        self.replace(request, target, object, &stored)?;
        Ok(Response::with_code(
            201,
            object! {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": Value::EMPTY_MAP,
                "status": "Success",
                "code": 201,
            },
        ))
    }

    /// Replaces the finalizers of a namespace.
    fn finalize(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        let stored = self.stored(target)?.object.clone();
        let decoded = codec::decode_body(target.kind, request, &stored)?.object;
        let mut object = stored.clone();
        let finalizers = decoded.get(&names::SPEC).get(&names::FINALIZERS).clone();
        object.update(&names::SPEC, |spec| {
            if finalizers.items().is_empty() {
                spec.make_map().remove(&names::FINALIZERS);
            } else {
                spec.make_map().insert(&names::FINALIZERS, finalizers);
            }
        });
        let object = self.replace(request, target, object, &stored)?;
        Ok(self.answer(200, request, target.kind, &object))
    }
}

/// Sets the condition PodScheduled, first in the list as the binding finds it.
fn set_scheduled(status: &mut Value, now: sim::Time) {
    let condition = object! {
        "type": "PodScheduled",
        "status": "True",
        "lastProbeTime": Value::Null,
        "lastTransitionTime": now.rfc3339(),
    };
    status.update(&names::CONDITIONS, |conditions| {
        let is_it = |c: &Value| *c.get(&names::TYPE) == "PodScheduled";
        let at = conditions.items().iter().position(is_it);
        let list = conditions.make_list();
        match at {
            Some(at) => list.make_mut()[at] = condition,
            None => list.push(condition),
        }
    });
}

fn scale_of(object: &Value) -> Value {
    let metadata = table::metadata(object);
    let spec = object.get(&names::SPEC);
    let status = object.get(&names::STATUS);
    let mut scale = object! {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": object! {
            "name": metadata.name().to_owned(),
            "namespace": metadata.namespace().to_owned(),
            "uid": metadata.uid().to_owned(),
            "resourceVersion": metadata.resource_version().to_owned(),
            "creationTimestamp": metadata.value().get(&names::CREATION_TIMESTAMP),
        },
        "spec": Value::EMPTY_MAP,
        "status": object! { "replicas": status.get(&names::REPLICAS).as_i64().unwrap_or(0) },
    };
    let replicas = spec.get(&names::REPLICAS).as_i64().unwrap_or(0);
    if replicas != 0 {
        scale.entry(&names::SPEC).make_map().insert(&names::REPLICAS, replicas);
    }
    let selector = kinds::table::format_selector(spec.get(&names::SELECTOR));
    if selector != kinds::table::NONE {
        scale.entry(&names::STATUS).make_map().insert(&names::SELECTOR, selector);
    }
    scale
}
