//! `delete` and `deletecollection`.

use crate::codec;
use crate::request::{Options, Propagation, Request, ResourceTarget};
use crate::response::Response;
use crate::selector;
use crate::server::{ApiServer, Handled};
use crate::store::ObjectKey;
use api::{List, Status, Value, names, object};
use kinds::{Kind, table};
use sim::Duration;

const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

impl ApiServer {
    pub(crate) fn delete(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        let options = codec::delete_options(request)?;
        let (object, is_gone) = self.delete_object(request, target, &options)?;
        if !is_gone {
            let code = if options.propagation == Some(Propagation::Foreground) { 202 } else { 200 };
            return Ok(self.answer(code, request, target.kind, &object));
        }
        if returns_deleted_object(target.kind) {
            return Ok(self.answer(200, request, target.kind, &object));
        }
        Ok(Response::ok(success(target.kind, &object)))
    }

    /// Deletes one object, at once or in the end; true if it is gone.
    pub(crate) fn delete_object(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        options: &Options,
    ) -> Result<(Value, bool), Status> {
        let stored = self.stored(target)?;
        let revision = stored.revision;
        let old = stored.object.clone();
        check_preconditions(target, options, &old, revision)?;
        self.admit_delete(request, target, &old)?;

        let mut object = old.clone();
        let is_graceful = self.begin_deletion(target.kind, &mut object, options)?;
        set_propagation(&mut object, options.propagation);
        let has_finalizers = !table::metadata(&object).finalizers().is_empty()
            || is_namespace_with_content(target.kind, &object);
        if has_finalizers {
            mark_deleted(&mut object, self.now());
        }
        let must_wait = has_finalizers
            || (is_graceful
                && table::metadata(&object).deletion_grace_period_seconds().unwrap_or(0) > 0);
        if must_wait || is_graceful {
            if is_namespace(target.kind) {
                object.update(&names::STATUS, |status| {
                    status.make_map().insert(&names::PHASE, "Terminating");
                });
            }
            object = self.replace_while_deleting(request, target, object, &old, options.dry_run);
        }
        if must_wait || options.dry_run {
            return Ok((object, false));
        }
        let resource = self.resource(target.kind);
        let origin = self.origin(request);
        Ok((self.store.delete(resource, object, origin), true))
    }

    /// Stores the mark of deletion, without removing the object yet.
    fn replace_while_deleting(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
        object: Value,
        old: &Value,
        is_dry_run: bool,
    ) -> Value {
        if object == *old || is_dry_run {
            return object;
        }
        let resource = self.resource(target.kind);
        let origin = self.origin(request);
        self.store.update(resource, object, origin)
    }

    /// Sets when the object ends; true if its kind takes its time.
    fn begin_deletion(
        &mut self,
        kind: &'static Kind,
        object: &mut Value,
        options: &Options,
    ) -> Result<bool, Status> {
        let Some(grace_period) = kind.grace_period_seconds else {
            return Ok(false);
        };
        let wanted = match options.grace_period_seconds {
            Some(seconds) if seconds < 0 => {
                // As `rest.BeforeDelete`: a negative period means one second.
                1
            }
            Some(0) => 0,
            Some(seconds) => match grace_period(object) {
                0 => 0,
                _ => seconds,
            },
            None => grace_period(object),
        };
        let metadata = table::metadata(object);
        let seconds =
            match (metadata.deletion_timestamp(), metadata.deletion_grace_period_seconds()) {
                // A second request can only shorten what is left.
                (Some(_), Some(left))
                    if options.grace_period_seconds.is_none() || wanted >= left =>
                {
                    return Ok(true);
                }
                _ => wanted,
            };
        let end = match (metadata.deletion_timestamp(), metadata.deletion_grace_period_seconds()) {
            (Some(end), Some(left)) => {
                end - Duration::from_secs(left.unsigned_abs()) + Duration::from_secs(seconds as u64)
            }
            _ => self.now() + Duration::from_secs(seconds as u64),
        };
        bump_generation(object);
        object.update(&names::METADATA, |metadata| {
            let map = metadata.make_map();
            map.insert(&names::DELETION_TIMESTAMP, end.rfc3339());
            map.insert(&names::DELETION_GRACE_PERIOD_SECONDS, seconds);
        });
        Ok(true)
    }

    pub(crate) fn delete_collection(
        &mut self,
        request: &Request,
        target: &ResourceTarget,
    ) -> Handled {
        let options = codec::delete_options(request)?;
        let selection = selector::read(target, &request.options)?;
        let keys: Vec<ObjectKey> = self
            .select(target, &selection, None)
            .map(|stored| ObjectKey::of(&stored.object))
            .collect();
        let mut deleted = Vec::new();
        for key in keys {
            let one = ResourceTarget { namespace: key.namespace, name: key.name, ..target.clone() };
            match self.delete_object(request, &one, &options) {
                Ok((object, _)) => deleted.push(codec::from_stored(target.kind, &object)),
                Err(status) if status.reason == api::Reason::NotFound => {}
                Err(status) => return Err(status),
            }
        }
        let list = object! {
            "kind": format!("{}List", target.kind.kind),
            "apiVersion": target.kind.api_version(),
            "metadata": object! { "resourceVersion": self.store.revision().to_string() },
            "items": Value::List(deleted.into_iter().collect::<List>()),
        };
        Ok(Response::ok(list))
    }
}

fn is_namespace(kind: &Kind) -> bool {
    kind.group.is_empty() && kind.kind == "Namespace"
}

/// A namespace goes only when its controller has emptied it.
fn is_namespace_with_content(kind: &Kind, object: &Value) -> bool {
    is_namespace(kind) && !object.get(&names::SPEC).get(&names::FINALIZERS).items().is_empty()
}

/// Kinds whose deletion answers with the object itself.
fn returns_deleted_object(kind: &Kind) -> bool {
    kind.group.is_empty()
        && matches!(
            kind.kind,
            "Pod"
                | "ServiceAccount"
                | "PodTemplate"
                | "PersistentVolume"
                | "PersistentVolumeClaim"
                | "ResourceQuota"
                | "Service"
        )
}

fn success(kind: &'static Kind, object: &Value) -> Value {
    let metadata = table::metadata(object);
    let mut details = object! {
        "name": metadata.name().to_owned(),
        "kind": kind.plural,
        "uid": metadata.uid().to_owned(),
    };
    if !kind.group.is_empty() {
        details.make_map().insert("group", kind.group);
    }
    object! {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": Value::EMPTY_MAP,
        "status": "Success",
        "details": details,
    }
}

fn check_preconditions(
    target: &ResourceTarget,
    options: &Options,
    object: &Value,
    revision: u64,
) -> Result<(), Status> {
    let uid = table::metadata(object).uid();
    let conflict = |why: String| Status::conflict(target.qualified(), &target.name, &why);
    if let Some(wanted) = &options.precondition_uid
        && wanted != uid
    {
        return Err(conflict(format!(
            "Precondition failed: UID in precondition: {wanted}, UID in object meta: {uid}"
        )));
    }
    if let Some(wanted) = &options.precondition_resource_version
        && *wanted != revision.to_string()
    {
        return Err(conflict(format!(
            "Precondition failed: ResourceVersion in precondition: {wanted}, ResourceVersion in \
             object meta: {revision}"
        )));
    }
    Ok(())
}

/// Orphaning and foreground deletion are work for the garbage collector, which a finalizer asks
/// for.
fn set_propagation(object: &mut Value, propagation: Option<Propagation>) {
    let wanted = match propagation {
        None => return,
        Some(Propagation::Orphan) => Some(ORPHAN),
        Some(Propagation::Foreground) => Some(FOREGROUND),
        Some(Propagation::Background) => None,
    };
    object.update(&names::METADATA, |metadata| {
        let old = metadata.get(&names::FINALIZERS).items();
        let mut finalizers: Vec<Value> =
            old.iter().filter(|f| **f != ORPHAN && **f != FOREGROUND).cloned().collect();
        finalizers.extend(wanted.map(Value::from));
        if finalizers == old {
            return;
        }
        if finalizers.is_empty() {
            metadata.make_map().remove(&names::FINALIZERS);
        } else {
            metadata.make_map().insert(&names::FINALIZERS, finalizers);
        }
    });
}

/// That an object is to end is a change of what it shall be, the first time it is said.
fn bump_generation(object: &mut Value) {
    let metadata = table::metadata(object);
    let generation = metadata.generation();
    if metadata.deletion_timestamp().is_some() || generation == 0 {
        return;
    }
    object.update(&names::METADATA, |metadata| {
        metadata.make_map().insert(&names::GENERATION, generation + 1);
    });
}

/// What waits for finalizers alone has no time of its own.
fn mark_deleted(object: &mut Value, now: sim::Time) {
    bump_generation(object);
    object.update(&names::METADATA, |metadata| {
        metadata.set_default(&names::DELETION_TIMESTAMP, now.rfc3339());
        metadata.set_default(&names::DELETION_GRACE_PERIOD_SECONDS, 0);
    });
}
