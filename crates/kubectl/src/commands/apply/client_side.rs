//! The merge of what is live, what was applied last and what is to be applied.

use super::merge::three_way;
use super::{Apply, warn_if_deleting};
use crate::client::Call;
use crate::commands::common::{LAST_APPLIED, annotation, applied_configuration, with_last_applied};
use crate::commands::delete::request::{DeleteRequest, cascade, poll_until_gone};
use crate::errors::{Result, bail};
use crate::resource::Info;
use api::{Reason, Value, json};
use sim::Duration;

/// How often a patch is sent that others' changes get in the way of.
const PATCH_ATTEMPTS: u32 = 5;
/// How many of these follow one another at once.
const ATTEMPTS_BEFORE_BACK_OFF: u32 = 1;
/// The pause before each of the others.
const BACK_OFF: Duration = Duration::from_secs(1);

impl Apply {
    /// Applies an object and says what was done.
    pub(super) async fn apply_here(&self, info: &mut Info) -> Result<&'static str> {
        let modified = with_last_applied(&info.object, false);
        let client = self.invocation.client()?;
        let described = |what: &str, info: &Info| format!("{what}:\n{}\n", info.description());
        let live = match info.get_call("") {
            Ok(call) => client.value(call).await,
            Err(error) => Err(error),
        };
        match live {
            Ok(live) => info.refresh(live),
            Err(error) if error.is_not_found() => return self.create(info, &modified).await,
            Err(error) => {
                let what = described("retrieving current configuration of", info);
                return Err(error.with_source(&format!("{what}from server for:"), &info.source));
            }
        }
        if self.dry_run.is_client() {
            return Ok("configured");
        }
        if annotation(&info.object, LAST_APPLIED).is_none() {
            self.invocation.complain(format!(
                "Warning: resource {} is missing the {LAST_APPLIED} annotation which is required \
                 by kubectl apply. kubectl apply should only be used on resources created \
                 declaratively by either kubectl create --save-config or kubectl apply. The \
                 missing annotation will be patched automatically.",
                info.resource_and_name()
            ));
        }
        let (patch, result) = self.patch(info, &modified).await;
        let patched = result.map_err(|error| {
            let patch = json::to_string(&patch);
            let what = format!("applying patch:\n{patch}\nto:\n{}\nfor:", info.description());
            error.with_source(&what, &info.source)
        })?;
        info.refresh(patched);
        warn_if_deleting(&self.invocation, info);
        let is_unchanged = patch.as_map().is_some_and(api::Map::is_empty);
        Ok(if is_unchanged { "unchanged" } else { "configured" })
    }

    async fn create(&self, info: &mut Info, modified: &Value) -> Result<&'static str> {
        info.object = modified.clone();
        if !self.dry_run.is_client() {
            let call = self.parameters(info.create_call());
            let created = self.invocation.client()?.value(call).await;
            info.refresh(created.map_err(|error| error.with_source("creating", &info.source))?);
        }
        Ok("created")
    }

    /// Patches the live object, again and again if others change it at the same time. Completes
    /// with the last patch and what came of it.
    async fn patch(&self, info: &Info, modified: &Value) -> (Value, Result<Value>) {
        let mut live = info.object.clone();
        let (mut patch, mut result) = self.patch_once(info, &live, modified).await;
        for attempt in 1..=PATCH_ATTEMPTS {
            if !matches!(&result, Err(error) if error.is(Reason::Conflict)) {
                break;
            }
            if attempt > ATTEMPTS_BEFORE_BACK_OFF {
                self.invocation.context.sleep(BACK_OFF).await;
            }
            live = match self.read(info).await {
                Ok(live) => live,
                Err(error) => return (Value::Null, Err(error)),
            };
            (patch, result) = self.patch_once(info, &live, modified).await;
        }
        match result {
            Err(error)
                if self.invocation.flags.bool("force")
                    && (error.is(Reason::Conflict) || error.is(Reason::Invalid)) =>
            {
                (modified.clone(), self.delete_and_create(info, &live, modified).await)
            }
            Err(error) => (patch, Err(error.with_source("patching", &info.source))),
            result => (patch, result),
        }
    }

    async fn read(&self, info: &Info) -> Result<Value> {
        self.invocation.client()?.value(info.get_call("")?).await
    }

    async fn patch_once(
        &self,
        info: &Info,
        live: &Value,
        modified: &Value,
    ) -> (Value, Result<Value>) {
        let overwrite = self.invocation.flags.bool("overwrite");
        let (ty, patch) = match three_way(info, live, modified, overwrite) {
            Ok(patch) => patch,
            Err(error) => return (Value::Null, Err(error)),
        };
        if patch.as_map().is_some_and(api::Map::is_empty) {
            return (patch, Ok(live.clone()));
        }
        let call = self.parameters(Call::patch(info.path(""), ty, patch.clone()));
        let result = match self.invocation.client() {
            Ok(client) => client.value(call).await,
            Err(error) => Err(error),
        };
        (patch, result)
    }

    /// `--force`: what cannot be changed is made anew.
    async fn delete_and_create(
        &self,
        info: &Info,
        live: &Value,
        modified: &Value,
    ) -> Result<Value> {
        let flags = &self.invocation.flags;
        let request = DeleteRequest {
            propagation: cascade(&self.invocation)?,
            grace_period: Some(flags.int("grace-period")).filter(|seconds| *seconds >= 0),
            dry_run: self.dry_run,
        };
        let client = self.invocation.client()?;
        client.value(request.call(&info.path(""))).await?;
        let timeout = u64::try_from(flags.int("timeout")).ok().filter(|nanos| *nanos > 0);
        poll_until_gone(&self.invocation, info, timeout.map(Duration::from_nanos)).await?;
        let create =
            |object: &Value| self.parameters(Call::post(info.collection_path(), object.clone()));
        let error = match client.value(create(modified)).await {
            Ok(created) => return Ok(created),
            Err(error) => error,
        };
        let mut original = live.clone();
        original.update(&api::names::METADATA, |metadata| {
            metadata.make_map().remove_str("resourceVersion");
        });
        match client.value(create(&original)).await {
            Ok(_) => Err(error),
            Err(again) => bail!(
                "An error occurred force-replacing the existing object with the newly provided \
                 one:\n\n{error}.\n\nAdditionally, an error occurred attempting to restore the \
                 original object:\n\n{again}"
            ),
        }
    }
}

/// The annotation's text without the line end that it is stored with.
pub(super) fn configuration(object: &Value) -> String {
    applied_configuration(object, false).trim_end().to_owned()
}
