//! From `apply` to `apply --server-side`: who set a field the old way now owns it the new way.
//!
//! Models `migrateToSSAIfNecessary` of kubectl and `csaupgrade` of client-go. Without it a field that
//! leaves the manifest would stay, as the manager of the old way still owned it.

use super::{Apply, FIELD_MANAGER_SERVER_SIDE};
use crate::client::Call;
use crate::errors::Result;
use crate::print::DryRun;
use crate::resource::Info;
use api::{Map, Reason, Value, names, object};
use apiserver::PatchType;

/// Whom `apply` without `--server-side` is to the server.
const CLIENT_SIDE: &str = "kubectl-client-side-apply";
/// In whose name the annotation is kept, so that older clients can go on.
const LAST_APPLIED_MANAGER: &str = "kubectl-last-applied";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
const RETRIES_MAX: usize = 5;

impl Apply {
    /// Keeps the annotation of the old way, if there is one that nobody owns the new way.
    pub(super) async fn keep_last_applied(&self, info: &mut Info) -> Result {
        let annotation = info.object["metadata"]["annotations"][LAST_APPLIED].clone();
        let is_owned = entries(&info.object)
            .iter()
            .any(|entry| entry["operation"] == "Apply" && owns_last_applied(entry));
        if self.manager() != FIELD_MANAGER_SERVER_SIDE || annotation.is_null() || is_owned {
            return Ok(());
        }
        let mut metadata = object! { "name": info.object["metadata"]["name"].clone() };
        let namespace = &info.object["metadata"]["namespace"];
        if !namespace.is_null() {
            metadata.make_map().insert(&names::NAMESPACE, namespace);
        }
        metadata.make_map().insert(
            &names::ANNOTATIONS,
            Value::Map([(LAST_APPLIED, annotation)].into_iter().collect()),
        );
        let patch = object! {
            "apiVersion": info.object["apiVersion"].clone(),
            "kind": info.object["kind"].clone(),
            "metadata": metadata,
        };
        let call = Call::patch(info.path(""), PatchType::Apply, patch)
            .query("fieldManager", LAST_APPLIED_MANAGER)
            .query_if("dryRun", self.dry_run.parameter());
        let kept = self.invocation.client()?.value(call).await?;
        if self.dry_run == DryRun::None {
            info.refresh(kept);
        }
        Ok(())
    }

    /// Gives what the old way owned to the new way; true if there was anything.
    pub(super) async fn migrate(&self, info: &mut Info) -> Result<bool> {
        for _ in 0..RETRIES_MAX {
            let Some(managed) = migrated(entries(&info.object), self.manager()) else {
                return Ok(false);
            };
            let replace = |path: &'static str, value: Value| {
                object! { "op": "replace", "path": path, "value": value }
            };
            let revision = info.object["metadata"]["resourceVersion"].clone();
            let patch = api::list![
                replace("/metadata/managedFields", managed),
                replace("/metadata/resourceVersion", revision),
            ];
            let call = Call::patch(info.path(""), PatchType::Json, patch)
                .query_if("dryRun", self.dry_run.parameter());
            let client = self.invocation.client()?;
            match client.value(call).await {
                Ok(object) => {
                    info.refresh(object);
                    return Ok(true);
                }
                Err(error) if error.is(Reason::Conflict) => {
                    info.refresh(client.value(Call::get(info.path(""))).await?);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    fn manager(&self) -> &str {
        let flags = &self.invocation.flags;
        match flags.is_changed("field-manager") {
            true => flags.string("field-manager"),
            false => FIELD_MANAGER_SERVER_SIDE,
        }
    }
}

fn entries(object: &Value) -> &[Value] {
    object["metadata"]["managedFields"].items()
}

fn owns_last_applied(entry: &Value) -> bool {
    let annotations = &entry["fieldsV1"]["f:metadata"]["f:annotations"];
    let path = format!("f:{LAST_APPLIED}");
    annotations.as_map().is_some_and(|map| map.get_str(&path).is_some())
}

/// Whether an entry is one of the old way.
fn is_client_side(entry: &Value) -> bool {
    entry["operation"] == "Update"
        && entry["subresource"].as_str().unwrap_or_default().is_empty()
        && (entry["manager"] == CLIENT_SIDE || owns_last_applied(entry))
}

/// The entries with those of the old way within that of `manager`; `None` if there are none.
fn migrated(entries: &[Value], manager: &str) -> Option<Value> {
    let old: Vec<&Value> = entries.iter().filter(|entry| is_client_side(entry)).collect();
    let first = *old.first()?;
    let is_new = |entry: &&Value| entry["operation"] == "Apply" && entry["manager"] == *manager;
    let mut new = entries.iter().find(is_new).unwrap_or(first).clone();
    let mut fields = new["fieldsV1"].clone();
    for entry in &old {
        fields = union(&fields, &entry["fieldsV1"]);
    }
    let map = new.make_map();
    map.insert("manager", manager.to_owned());
    map.insert("operation", "Apply");
    map.insert("fieldsV1", fields);
    let rest = entries.iter().filter(|entry| !is_client_side(entry) && !is_new(entry)).cloned();
    Some(Value::List(std::iter::once(new).chain(rest).collect()))
}

/// The fields of both sets.
fn union(one: &Value, other: &Value) -> Value {
    let (Some(one), Some(other)) = (one.as_map(), other.as_map()) else {
        return if one.as_map().is_some() { one.clone() } else { other.clone() };
    };
    let mut both: Map = one.clone();
    for (key, value) in other.iter() {
        let merged = both.get(key).map_or_else(|| value.clone(), |known| union(known, value));
        both.insert(key, merged);
    }
    Value::Map(both)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(manager: &'static str, operation: &'static str, fields: &str) -> Value {
        let fields = api::json::parse(fields.as_bytes()).expect("valid");
        object! { "manager": manager, "operation": operation, "fieldsV1": fields }
    }

    #[test]
    fn what_the_old_way_owned_goes_to_the_new_way() {
        let status = object! {
            "manager": "kube-controller-manager", "operation": "Update", "subresource": "status",
            "fieldsV1": object! {},
        };
        let entries = [
            entry("kubectl", "Apply", r#"{"f:spec":{"f:replicas":{}}}"#),
            entry(CLIENT_SIDE, "Update", r#"{"f:spec":{".":{},"f:paused":{}}}"#),
            status.clone(),
        ];
        let wanted = [
            entry("kubectl", "Apply", r#"{"f:spec":{".":{},"f:paused":{},"f:replicas":{}}}"#),
            status,
        ];
        let found = migrated(&entries, "kubectl").expect("something to migrate");
        assert_eq!(found.items(), wanted);
        assert_eq!(migrated(found.items(), "kubectl"), None);
    }

    #[test]
    fn without_an_entry_of_the_new_way_the_old_one_becomes_it() {
        let entries = [entry(CLIENT_SIDE, "Update", r#"{"f:data":{"f:a":{}}}"#)];
        let found = migrated(&entries, "me").expect("something to migrate");
        assert_eq!(found.items(), [entry("me", "Apply", r#"{"f:data":{"f:a":{}}}"#)]);
    }
}
