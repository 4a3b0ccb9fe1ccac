//! `create`.

use crate::admission::{Attributes, Context};
use crate::codec;
use crate::options;
use crate::request::{PatchType, Request, ResourceTarget, Verb};
use crate::server::{ApiServer, Handled};
use api::field::{ErrorList, Path};
use api::{Status, Value, names};
use kinds::{Generation, Kind, meta, table};

/// The longest name to which a random suffix is added; what is longer is cut.
const GENERATED_NAME_BASE_MAX: usize = 58;
const GENERATED_SUFFIX_LENGTH: usize = 5;
/// The most objects of one kind: more than Kubernetes promises to bear (150,000 Pods).
const OBJECTS_MAX: usize = 200_000;

impl ApiServer {
    pub(crate) fn create(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        options::check_create(request)?;
        let resource = self.resource(target.kind);
        // What a controller creates is most often made from the same template as the one before.
        let known = self.last_bodies.get(&resource).cloned().unwrap_or_default();
        let decoded = codec::decode_body(target.kind, request, &known)?;
        if target.kind.conversion.is_none() {
            self.last_bodies.insert(resource, decoded.object.clone());
        }
        let mut warnings = decoded.warnings;
        let mut object = decoded.object;
        fill_namespace(target, &mut object)?;
        (target.kind.set_defaults)(&mut object);
        if ApiServer::is_review(target.kind) {
            return self.review(request, target, object);
        }
        if target.kind == &kinds::core::binding::KIND {
            return self.create_binding(request, target, &object);
        }
        let stored = self.create_object(request, target, object, &mut warnings)?;
        let mut response = self.answer(201, request, target.kind, &stored);
        response.warnings = warnings;
        Ok(response)
    }

    /// Brings a decoded object with its defaults into the store.
    pub(crate) fn create_object(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        mut object: Value,
        warnings: &mut Vec<String>,
    ) -> Result<Value, Status> {
        let kind = target.kind;
        if request.content_type != PatchType::Apply.content_type() {
            self.record_update(request, target, &mut object, None);
        }
        // Plugins that change objects see them before they have a name and before they are checked.
        self.admit(request, target, &mut object, None, warnings)?;
        self.check_escalation(request, target, &object, None)?;
        self.generate_name(&mut object);
        self.set_system_fields(kind, &mut object);
        (kind.prepare_create)(&mut object);
        check_new(kind, &object)?;
        self.validate_admission(request, target, &object, None, warnings)?;
        warnings.extend((kind.warnings)(&object, None));
        let object = codec::to_stored(kind, object);
        let resource = self.resource(kind);
        let metadata = table::metadata(&object);
        if self.store.get(resource, metadata.namespace(), metadata.name()).is_some() {
            return Err(Status::already_exists(kind.qualified(), metadata.name()));
        }
        if request.options.dry_run {
            return Ok(object);
        }
        if self.store.count(resource, None) >= OBJECTS_MAX {
            // What etcd says when it is full.
            let message = "etcdserver: mvcc: database space exceeded";
            return Err(Status::new(api::Reason::InternalError, message));
        }
        let origin = self.origin(request);
        let stored = self.store.create(resource, object, origin);
        if resource == self.resource(&kinds::core::event::KIND) {
            self.lease_event(&stored);
        }
        Ok(stored)
    }

    /// Lets the admission plugins change the object, or refuse it.
    pub(crate) fn admit(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        object: &mut Value,
        old: Option<&Value>,
        warnings: &mut Vec<String>,
    ) -> Result<(), Status> {
        let context = Context { registry: &self.registry, store: &self.store, now: self.sim.now() };
        let verb = if old.is_some() { Verb::Update } else { Verb::Create };
        let mut attributes = Attributes { verb, target, request, old, warnings };
        for plugin in &mut self.plugins {
            plugin.admit(&context, &mut attributes, object)?;
        }
        Ok(())
    }

    /// Lets the admission plugins judge an object that has passed every other check.
    pub(crate) fn validate_admission(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        object: &Value,
        old: Option<&Value>,
        warnings: &mut Vec<String>,
    ) -> Result<(), Status> {
        let context = Context { registry: &self.registry, store: &self.store, now: self.sim.now() };
        let verb = if old.is_some() { Verb::Update } else { Verb::Create };
        let mut attributes = Attributes { verb, target, request, old, warnings };
        for plugin in &mut self.plugins {
            plugin.validate(&context, &mut attributes, object)?;
        }
        Ok(())
    }

    fn generate_name(&mut self, object: &mut Value) {
        let metadata = table::metadata(object);
        if !metadata.name().is_empty() || metadata.generate_name().is_empty() {
            return;
        }
        let mut base = metadata.generate_name().to_owned();
        let cut =
            (0..=GENERATED_NAME_BASE_MAX.min(base.len())).rev().find(|i| base.is_char_boundary(*i));
        base.truncate(cut.unwrap_or(0));
        let name = format!("{base}{}", self.names.suffix(GENERATED_SUFFIX_LENGTH));
        object.update(&names::METADATA, |metadata| {
            metadata.make_map().insert(&names::NAME, name);
        });
    }

    /// What only the server may say about a new object.
    fn set_system_fields(&mut self, kind: &Kind, object: &mut Value) {
        let uid = self.uids.uuid();
        let now = self.now().rfc3339();
        object.update(&names::METADATA, |metadata| {
            let map = metadata.make_map();
            map.insert(&names::UID, uid);
            map.insert(&names::CREATION_TIMESTAMP, now);
            for key in [
                &names::DELETION_TIMESTAMP,
                &names::DELETION_GRACE_PERIOD_SECONDS,
                &names::SELF_LINK,
                &names::RESOURCE_VERSION,
                &names::GENERATION,
            ] {
                map.remove(key);
            }
            if kind.generation != Generation::None {
                map.insert(&names::GENERATION, 1);
            }
        });
        if kind.has_status {
            let status = match kind.empty_status() {
                Value::Null => Value::EMPTY_MAP,
                status => status,
            };
            object.make_map().insert(&names::STATUS, status);
        }
    }
}

/// The namespace of the path counts; an object may repeat it and may not contradict it.
pub(crate) fn fill_namespace(target: &ResourceTarget, object: &mut Value) -> Result<(), Status> {
    let given = table::metadata(object).namespace();
    if !target.kind.is_namespaced || given == &*target.namespace {
        return Ok(());
    }
    if !given.is_empty() && !target.namespace.is_empty() {
        return Err(Status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    if target.namespace.is_empty() {
        return Ok(());
    }
    object.update(&names::METADATA, |metadata| {
        let namespace = api::Text::from(target.namespace.clone());
        metadata.make_map().insert(&names::NAMESPACE, namespace);
    });
    Ok(())
}

fn check_new(kind: &'static Kind, object: &Value) -> Result<(), Status> {
    let mut errors = ErrorList::new();
    let metadata = table::metadata(object);
    meta::validate(kind, metadata, &Path::new("metadata"), &mut errors);
    (kind.validate)(object, &mut errors);
    if errors.is_empty() {
        return Ok(());
    }
    let name = match metadata.name() {
        "" => metadata.generate_name(),
        name => name,
    };
    Err(Status::invalid(kind.group, kind.kind, name, &errors))
}
