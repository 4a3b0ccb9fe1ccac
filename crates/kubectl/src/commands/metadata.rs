//! What `kubectl label` and `kubectl annotate` do alike: they change a map in `metadata`.

use super::common::with_write_parameters;
use super::record;
use crate::client::Call;
use crate::errors::{Result, bail};
use crate::invocation::Invocation;
use crate::print::{DryRun, Order, Reporter};
use crate::resource::{Builder, Info, Visitor};
use api::patch::create_merge_patch;
use api::{Key, Value, names};
use apiserver::PatchType;
use std::rc::Rc;

/// One of the maps: `labels` or `annotations`.
#[derive(Clone, Copy)]
pub(super) struct Map {
    /// Its field.
    pub(super) field: &'static str,
    /// One of its entries, as messages call it.
    pub(super) singular: &'static str,
}

/// What is to be done with the map.
pub(super) struct Edit {
    pub(super) map: Map,
    /// The entries that are set.
    pub(super) values: Vec<(String, String)>,
    /// The keys that go.
    pub(super) removed: Vec<String>,
    pub(super) dry_run: DryRun,
}

/// An object before and after.
pub(super) struct Edited {
    pub(super) before: Value,
    pub(super) after: Value,
}

impl Edit {
    /// Refuses flags and arguments that do not go together.
    pub(super) fn check(&self, invocation: &Invocation, resources: &[String]) -> Result {
        let flags = &invocation.flags;
        for selector in ["selector", "field-selector"] {
            if flags.bool("all") && !flags.string(selector).is_empty() {
                bail!("cannot set --all and --{selector} at the same time");
            }
        }
        let has_files =
            !flags.strings("filename").is_empty() || !flags.string("kustomize").is_empty();
        if flags.bool("local") {
            if self.dry_run == DryRun::Server {
                bail!(
                    "cannot specify --local and --dry-run=server - did you mean --dry-run=client?"
                );
            }
            if !resources.is_empty() {
                bail!(
                    "can only use local files by -f pod.yaml or --filename=pod.json when \
                     --local=true is set"
                );
            }
            if !has_files {
                bail!("one or more files must be specified as -f pod.yaml or --filename=pod.json");
            }
        } else if resources.is_empty() && !has_files {
            bail!(
                "one or more resources must be specified as <resource> <name> or \
                 <resource>/<name>"
            );
        }
        if self.values.is_empty() && self.removed.is_empty() && !flags.bool("list") {
            bail!("at least one {} update is required", self.map.singular);
        }
        Ok(())
    }

    /// The objects to change.
    pub(super) async fn visitor(
        &self,
        invocation: &Rc<Invocation>,
        resources: &[String],
    ) -> Result<Visitor> {
        let flags = &invocation.flags;
        let mut builder = Builder::new(invocation).local(flags.bool("local")).flatten();
        if !flags.bool("local") {
            builder = builder.selectors(flags).arguments(resources).latest();
            if flags.bool("all") {
                builder = builder.everything_by_default();
            }
        }
        let visitor = builder.build().await?;
        if !visitor.is_single() && !flags.string("resource-version").is_empty() {
            bail!("--resource-version may only be used with a single resource");
        }
        Ok(visitor)
    }

    /// Entries that would lose another value.
    pub(super) fn overwritten<'a>(
        &'a self,
        object: &'a Value,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.values.iter().filter_map(|(key, value)| {
            let old = object.get(&names::METADATA)[self.map.field][key.as_str()].as_str()?;
            (old != value).then_some((key.as_str(), old))
        })
    }

    /// Changes an object here.
    pub(super) fn apply(&self, invocation: &Invocation, object: &Value) -> Edited {
        let version = invocation.flags.string("resource-version");
        let mut before = object.clone();
        if !version.is_empty() {
            // The version is always sent if it is not there before.
            before.update(&names::METADATA, |metadata| {
                metadata.make_map().remove(&names::RESOURCE_VERSION);
            });
        }
        let mut after = before.clone();
        let metadata = after.entry(&names::METADATA).make_map();
        let map = metadata.get_or_insert_with(&Key::from(self.map.field), || Value::EMPTY_MAP);
        let map = map.make_map();
        for (key, value) in &self.values {
            map.insert(Key::from(key.as_str()), value.clone());
        }
        for key in &self.removed {
            map.remove_str(key);
        }
        if !version.is_empty() {
            metadata.insert(&names::RESOURCE_VERSION, version.to_owned());
        }
        Edited { before, after }
    }

    /// Whether the server is told.
    pub(super) fn is_sent(&self, invocation: &Invocation) -> bool {
        let flags = &invocation.flags;
        !flags.bool("local") && !flags.bool("list") && !self.dry_run.is_client()
    }

    /// Sends the change of an object.
    pub(super) async fn send(
        &self,
        invocation: &Invocation,
        info: &Info,
        edited: &mut Edited,
    ) -> Result<Value> {
        info.check_name()?;
        record::record(invocation, &mut edited.after);
        let patch = create_merge_patch(&edited.before, &edited.after)
            .map_err(|why| crate::errors::error!("{why}"))?;
        let call = Call::patch(info.path(""), PatchType::Merge, patch);
        let call = with_write_parameters(call, invocation, self.dry_run);
        invocation.client()?.value(call).await
    }

    /// `--list`
    pub(super) fn list(&self, invocation: &Invocation, info: &Info, object: &Value, single: bool) {
        let indent = if single { "" } else { " " };
        if !single {
            let (kind, group) = (&info.mapping.kind, &info.mapping.group);
            let field = self.map.field;
            invocation.print(format!("Listing {field} for {kind}.{group}/{}:", info.name));
        }
        let map = object.get(&names::METADATA)[self.map.field].as_map();
        for (key, value) in map.into_iter().flat_map(api::Map::iter) {
            let value = value.as_str().unwrap_or_default();
            invocation.print(format!("{indent}{}={value}", key.as_str()));
        }
    }
}

/// `-o` and `--list` exclude each other.
pub(super) fn refuse_list_with_output(invocation: &Invocation) -> Result {
    if invocation.flags.bool("list") && !invocation.flags.string("output").is_empty() {
        bail!("--list and --output may not be specified together");
    }
    Ok(())
}

/// Says what was done with an object.
pub(super) fn report(
    invocation: &Invocation,
    reporter: &mut Reporter,
    operation: &str,
    object: &Value,
) -> Result {
    reporter.set_operation(operation);
    reporter.report_in(invocation, object, Order::ByName)
}
