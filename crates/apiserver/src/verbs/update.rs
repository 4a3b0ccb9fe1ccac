//! `update`, of an object or of its status.

use crate::codec;
use crate::list_options::not_a_number;
use crate::options;
use crate::request::{PatchType, Request, ResourceTarget};
use crate::response::Response;
use crate::server::{ApiServer, Handled};
use crate::verbs::create::fill_namespace;
use api::field::{BadValue, ErrorList, Path};
use api::{Status, Value, names};
use kinds::{Generation, Kind, meta, table};

const MODIFIED: &str =
    "the object has been modified; please apply your changes to the latest version and try again";

impl ApiServer {
    pub(crate) fn update(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        options::check_update(request)?;
        let known = match target.kind.conversion {
            None => self.stored(target).map(|stored| stored.object.clone()).unwrap_or_default(),
            Some(_) => Value::Null,
        };
        let decoded = codec::decode_body(target.kind, request, &known)?;
        let mut warnings = decoded.warnings;
        let mut object = decoded.object;
        fill_namespace(target, &mut object)?;
        let name = table::metadata(&object).name();
        if name.is_empty() {
            object.update(&names::METADATA, |metadata| {
                let name = api::Text::from(target.name.clone());
                metadata.make_map().insert(&names::NAME, name);
            });
        } else if name != &*target.name {
            let message = format!(
                "the name of the object ({name}) does not match the name on the URL ({})",
                target.name
            );
            return Err(Status::bad_request(message));
        }
        (target.kind.set_defaults)(&mut object);
        let resource = self.resource(target.kind);
        let exists = self.store.get(resource, &target.namespace, &target.name).is_some();
        if !exists && target.kind.allows_create_on_update && target.subresource.is_empty() {
            let stored = self.create_object(request, target, object, &mut warnings)?;
            return Ok(self.answer(201, request, target.kind, &stored));
        }
        let stored = self.update_object(request, target, object, &mut warnings)?;
        let mut response: Response = self.answer(200, request, target.kind, &stored);
        response.warnings = warnings;
        Ok(response)
    }

    /// Replaces an object by one with its defaults, in the version of the target's kind.
    pub(crate) fn update_object(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        mut object: Value,
        warnings: &mut Vec<String>,
    ) -> Result<Value, Status> {
        let kind = target.kind;
        let stored = self.stored(target)?;
        let revision = stored.revision;
        let stored_object = stored.object.clone();
        let old = codec::from_stored(kind, &stored_object);
        check_preconditions(kind, target, &object, revision, &old)?;
        keep_system_fields(&mut object, &old);
        let is_status = &*target.subresource == "status";
        let is_ephemeral = &*target.subresource == "ephemeralcontainers";
        if is_ephemeral {
            keep_all_but_ephemeral_containers(&mut object, &old);
        } else if is_status {
            keep_all_but_status(kind, &mut object, &old);
        } else {
            if kind.has_status {
                keep_status(&mut object, &old);
            }
            (kind.prepare_update)(&mut object, &old);
            bump_generation(kind, &mut object, &old);
        }
        if request.content_type != PatchType::Apply.content_type() {
            self.record_update(request, target, &mut object, Some(&old));
        }
        self.admit(request, target, &mut object, Some(&old), warnings)?;
        self.check_escalation(request, target, &object, Some(&old))?;
        if is_ephemeral {
            check_ephemeral_containers(kind, &object, &old)?;
        } else {
            check_change(kind, is_status, &object, &old)?;
        }
        self.validate_admission(request, target, &object, Some(&old), warnings)?;
        if !is_status {
            warnings.extend((kind.warnings)(&object, Some(&old)));
        }
        let object = codec::to_stored(kind, object);
        self.replace(request, target, object, &stored_object)
    }

    /// Stores a change. Nothing is written if nothing differs; an object that was only waiting
    /// for its finalizers is removed when the last one goes.
    pub(crate) fn replace(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        object: Value,
        stored: &Value,
    ) -> Result<Value, Status> {
        if object == *stored || request.options.dry_run {
            return Ok(object);
        }
        let resource = self.resource(target.kind);
        let origin = self.origin(request);
        if is_done_deleting(target.kind, &object) {
            return Ok(self.store.delete(resource, object, origin));
        }
        let stored = self.store.update(resource, object, origin);
        if resource == self.resource(&kinds::core::event::KIND) {
            self.lease_event(&stored);
        }
        Ok(stored)
    }
}

/// Whether an object that is being deleted has nothing left to wait for.
fn is_done_deleting(kind: &Kind, object: &Value) -> bool {
    let metadata = table::metadata(object);
    let is_deleting = metadata.deletion_timestamp().is_some();
    let has_time_left = metadata.deletion_grace_period_seconds().is_some_and(|s| s > 0);
    let has_finalizers = !metadata.finalizers().is_empty()
        || (kind.kind == "Namespace" && kind.group.is_empty() && {
            let spec = object.get(&names::SPEC);
            !spec.get(&names::FINALIZERS).items().is_empty()
        });
    is_deleting && !has_time_left && !has_finalizers
}

fn check_preconditions(
    kind: &'static Kind,
    target: &ResourceTarget,
    object: &Value,
    revision: u64,
    old: &Value,
) -> Result<(), Status> {
    let given = table::metadata(object);
    let uid = table::metadata(old).uid();
    if !given.uid().is_empty() && given.uid() != uid {
        let why = format!(
            "Precondition failed: UID in precondition: {}, UID in object meta: {uid}",
            given.uid()
        );
        return Err(Status::conflict(kind.qualified(), &target.name, &why));
    }
    match given.resource_version() {
        "" | "0" if kind.allows_unconditional_update => Ok(()),
        "" | "0" => {
            let mut errors = ErrorList::new();
            let metadata = Path::new("metadata");
            let at = metadata.child("resourceVersion");
            let zero = BadValue::Plain("0x0".into());
            errors.invalid(&at, zero, "must be specified for an update");
            Err(Status::invalid(kind.group, kind.kind, &target.name, &errors))
        }
        text => match text.parse::<u64>() {
            Ok(number) if number == revision => Ok(()),
            Ok(_) => Err(Status::conflict(kind.qualified(), &target.name, MODIFIED)),
            // Nobody translates what Go says of it.
            Err(_) => Err(Status::new(api::Reason::Unknown, not_a_number(text))),
        },
    }
}

/// What only the server may say about an object is taken over from the old one.
pub(crate) fn keep_system_fields(object: &mut Value, old: &Value) {
    let old = old.get(&names::METADATA).clone();
    object.update(&names::METADATA, |metadata| {
        for key in [
            &names::UID,
            &names::CREATION_TIMESTAMP,
            &names::GENERATION,
            &names::SELF_LINK,
            &names::DELETION_TIMESTAMP,
            &names::DELETION_GRACE_PERIOD_SECONDS,
            &names::RESOURCE_VERSION,
        ] {
            match old.get(key) {
                Value::Null => {
                    if !metadata.get(key).is_null() {
                        metadata.make_map().remove(key);
                    }
                }
                kept if kept == metadata.get(key) => {}
                kept => {
                    metadata.make_map().insert(key, kept.clone());
                }
            }
        }
    });
}

fn keep_status(object: &mut Value, old: &Value) {
    match old.get(&names::STATUS) {
        Value::Null => {
            object.make_map().remove(&names::STATUS);
        }
        status => {
            object.make_map().insert(&names::STATUS, status.clone());
        }
    }
}

fn keep_all_but_ephemeral_containers(object: &mut Value, old: &Value) {
    let asked = object.get(&names::SPEC).get(&names::EPHEMERAL_CONTAINERS).clone();
    let version = object.get(&names::METADATA).get(&names::RESOURCE_VERSION).clone();
    *object = old.clone();
    object.update(&names::METADATA, |metadata| {
        metadata.make_map().insert(&names::RESOURCE_VERSION, version);
    });
    object.update(&names::SPEC, |spec| match asked {
        Value::Null => {
            spec.make_map().remove(&names::EPHEMERAL_CONTAINERS);
        }
        asked => {
            spec.make_map().insert(&names::EPHEMERAL_CONTAINERS, asked);
        }
    });
}

fn check_ephemeral_containers(
    kind: &'static Kind,
    object: &Value,
    old: &Value,
) -> Result<(), Status> {
    let mut errors = ErrorList::new();
    (kind.validate)(object, &mut errors);
    kinds::pod_spec::validate_ephemeral_containers_update(object, old, &mut errors);
    let name = table::metadata(old).name();
    if errors.is_empty() {
        return Ok(());
    }
    Err(Status::invalid(kind.group, kind.kind, name, &errors))
}

fn keep_all_but_status(kind: &'static Kind, object: &mut Value, old: &Value) {
    let status = object.get(&names::STATUS).clone();
    let metadata = object.get(&names::METADATA).clone();
    *object = old.clone();
    object.make_map().insert(&names::METADATA, metadata);
    object.make_map().insert(&names::STATUS, status);
    (kind.prepare_status_update)(object, old);
}

fn bump_generation(kind: &Kind, object: &mut Value, old: &Value) {
    let differs = |key| object.get(key) != old.get(key);
    let annotations =
        |object: &Value| object.get(&names::METADATA).get(&names::ANNOTATIONS).clone();
    let has_changed = match kind.generation {
        Generation::None => false,
        Generation::OnSpec => differs(&names::SPEC),
        Generation::OnSpecOrAnnotations => {
            differs(&names::SPEC) || annotations(object) != annotations(old)
        }
        Generation::OnAnything => {
            let rest = |value: &Value| {
                let mut rest = value.clone();
                rest.make_map().retain(|key, _| *key != names::METADATA && *key != names::STATUS);
                rest
            };
            rest(object) != rest(old)
        }
    };
    if has_changed {
        let generation = table::metadata(old).generation() + 1;
        object.update(&names::METADATA, |metadata| {
            metadata.make_map().insert(&names::GENERATION, generation);
        });
    }
}

pub(crate) fn check_change(
    kind: &'static Kind,
    is_status: bool,
    object: &Value,
    old: &Value,
) -> Result<(), Status> {
    let mut errors = ErrorList::new();
    let (new_metadata, old_metadata) = (table::metadata(object), table::metadata(old));
    meta::validate_update(new_metadata, old_metadata, &Path::new("metadata"), &mut errors);
    if is_status {
        (kind.validate_status_update)(object, old, &mut errors);
    } else {
        (kind.validate)(object, &mut errors);
        (kind.validate_update)(object, old, &mut errors);
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(Status::invalid(kind.group, kind.kind, new_metadata.name(), &errors))
}
