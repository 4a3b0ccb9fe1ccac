//! The editor opens until what was edited is saved, or given up.

use super::editor;
use super::results::Results;
use super::text::{has_content, without_comment_lines, without_comments};
use crate::client::Call;
use crate::commands::common::{LAST_APPLIED, applied_configuration, with_last_applied};
use crate::commands::record;
use crate::errors::{Error, Result, bail, error, quote};
use crate::invocation::Invocation;
use crate::polymorphic::change::strategic_patch;
use crate::print::typed_json::type_of_kind;
use crate::print::without_managed_fields;
use crate::resource::{Builder, Info, validate};
use api::patch::{changes_identity, create_merge_patch};
use api::{Value, json, names, object, yaml};
use apiserver::PatchType;
use std::rc::Rc;

/// What the edited objects are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// They change objects of the server.
    Edit,
    /// They are created.
    Create,
    /// They become the annotation of what was applied last.
    LastApplied,
}

pub(super) struct Session {
    pub(super) invocation: Rc<Invocation>,
    pub(super) mode: Mode,
    pub(super) is_json: bool,
    pub(super) validation: &'static str,
    pub(super) namespace: String,
}

/// What follows an attempt.
enum Next {
    /// All is done, or given up.
    End,
    /// The editor opens again.
    Again,
}

impl Session {
    /// Lets objects be edited, all in one file.
    pub(super) async fn run(&self, infos: Vec<Info>) -> Result {
        let invocation = &self.invocation;
        let (mut results, mut edited) = (Results::default(), String::new());
        let original = self.print(&infos);
        let suffix = if self.is_json { ".json" } else { ".yaml" };
        loop {
            let is_again = results.has_reasons();
            let body = match is_again {
                true => without_comment_lines(&edited),
                false => original.clone(),
            };
            let text = self.with_line_ends(&(self.header(&results) + &body));
            let before = std::mem::take(&mut edited);
            let file;
            (edited, file) = match editor::edit(invocation, &text, suffix).await {
                Ok(edited) => edited,
                Err(error) => return Err(self.keep_file(error, &results.file)),
            };
            if is_again && without_comments(&before) == without_comments(&edited) {
                let error = error!("Edit cancelled, no valid changes were saved.");
                return Err(self.keep_file(error, &file));
            }
            if !results.file.is_empty() {
                self.remove(&results.file);
            }
            results = Results::of_file(&file);
            match self.save(&infos, &original, &edited, &mut results).await {
                Ok(Next::End) => return Ok(()),
                Ok(Next::Again) => {}
                Err(error @ Error::Exit(_)) => return Err(error),
                Err(error) => return Err(self.keep_file(error, &file)),
            }
        }
    }

    fn header(&self, results: &Results) -> String {
        // JSON has no comments.
        if self.is_json { String::new() } else { results.header(self.mode == Mode::LastApplied) }
    }

    fn with_line_ends(&self, text: &str) -> String {
        match self.invocation.flags.bool("windows-line-endings") {
            true => text.replace('\n', "\r\n"),
            false => text.to_owned(),
        }
    }

    fn print(&self, infos: &[Info]) -> String {
        let objects: Vec<Value> = infos.iter().map(|info| self.visible(&info.object)).collect();
        let printed = match objects.as_slice() {
            [one] => one.clone(),
            _ => object! {
                "apiVersion": "v1",
                "kind": "List",
                "metadata": Value::EMPTY_MAP,
                "items": objects,
            },
        };
        match self.is_json {
            true => json::to_string_pretty(&printed) + "\n",
            false => yaml::to_string(&printed),
        }
    }

    fn visible(&self, object: &Value) -> Value {
        match self.invocation.flags.bool("show-managed-fields") {
            true => object.clone(),
            false => without_managed_fields(object),
        }
    }

    /// The file stays for whoever wants to try again.
    fn keep_file(&self, error: Error, file: &str) -> Error {
        if !file.is_empty() && self.invocation.context.exists(file) {
            let file = quote(file);
            self.invocation.complain(format!("A copy of your changes has been stored to {file}"));
        }
        error
    }

    fn remove(&self, file: &str) {
        let context = &self.invocation.context;
        // A file that is gone already need not be removed.
        let _ = context.machine().files_mut().remove_file(&context.caller(), file);
    }

    /// Does with the edited text what is to be done.
    async fn save(
        &self,
        infos: &[Info],
        original: &str,
        edited: &str,
        results: &mut Results,
    ) -> Result<Next> {
        let Some(first) = infos.first() else { return Ok(Next::End) };
        if let Err(why) = self.validate(edited) {
            self.invocation.complain(results.add_failed_validation(first, &why));
            return Ok(Next::Again);
        }
        if without_comments(original) == without_comments(edited) {
            self.remove(&results.file);
            self.invocation.complain("Edit cancelled, no changes made.");
            return Ok(Next::End);
        }
        if !has_content(edited) {
            self.remove(&results.file);
            self.invocation.complain("Edit cancelled, saved file was empty.");
            return Ok(Next::End);
        }
        let mut updated = match self.read(edited).await {
            Ok(updated) => updated,
            Err(error) => {
                results.add_syntax_error(&error);
                return Ok(Next::Again);
            }
        };
        for info in &mut updated {
            self.prepare(info)?;
        }
        for info in &updated {
            self.save_one(infos, info, results).await?;
        }
        self.conclude(results)
    }

    fn validate(&self, edited: &str) -> std::result::Result<(), String> {
        if self.validation == "Ignore" {
            return Ok(());
        }
        let text = without_comment_lines(edited);
        let value = yaml::parse(&text).map_err(|why| why.to_string())?;
        validate(&value)
    }

    /// The objects of a text.
    pub(super) async fn read(&self, text: &str) -> Result<Vec<Info>> {
        let builder = Builder::of_text(&self.invocation, text, "edited-file");
        let (infos, errors) = builder.flatten().build().await?.all().await;
        Error::collect(errors)?;
        Ok(infos)
    }

    /// Puts an edited object into its namespace and writes the annotations that are asked for.
    fn prepare(&self, info: &mut Info) -> Result {
        if info.mapping.is_namespaced {
            if info.namespace.is_empty() {
                info.namespace.clone_from(&self.namespace);
                let metadata = info.object.entry(&names::METADATA).make_map();
                metadata.insert(&names::NAMESPACE, self.namespace.clone());
            } else if info.namespace != self.namespace {
                bail!(
                    "the namespace from the provided object {} does not match the namespace {}. \
                     You must pass '--namespace={}' to perform this operation.",
                    quote(&info.namespace),
                    quote(&self.namespace),
                    info.namespace
                );
            }
        }
        if self.invocation.flags.bool("save-config") {
            info.object = with_last_applied(&info.object, false);
        }
        record::record(&self.invocation, &mut info.object);
        Ok(())
    }

    async fn save_one(&self, infos: &[Info], info: &Info, results: &mut Results) -> Result {
        let uid = |object: &Value| object.get(&names::METADATA).get(&names::UID).clone();
        let operation = if self.mode == Mode::Create {
            let call = self.parameters(info.create_call());
            self.invocation.client()?.value(call).await?;
            "created"
        } else {
            let original = infos.iter().find(|other| uid(&other.object) == uid(&info.object));
            let Some(original) = original else {
                bail!("no original object found for {}", api::go::plain(&info.object));
            };
            let original = self.visible(&original.object);
            if original == info.object {
                "skipped"
            } else if self.mode == Mode::LastApplied {
                self.annotate(info).await?;
                "edited"
            } else {
                let (ty, patch) = self.patch(info, &original)?;
                match self.send(info, ty, patch).await {
                    Ok(()) => "edited",
                    Err(error) => {
                        self.invocation.complain(results.add(info, &error));
                        return Ok(());
                    }
                }
            }
        };
        self.invocation.print(format!("{} {operation}", info.kind_and_name()));
        Ok(())
    }

    fn patch(&self, info: &Info, original: &Value) -> Result<(PatchType, Value)> {
        let mapping = &info.mapping;
        let is_known = type_of_kind(&mapping.api_version(), &mapping.kind).is_some();
        let (ty, patch) = match is_known {
            true => (PatchType::Strategic, strategic_patch(original, &info.object)?),
            false => {
                let patch = create_merge_patch(original, &info.object);
                (PatchType::Merge, patch.map_err(|why| error!("{why}"))?)
            }
        };
        if changes_identity(&patch) {
            bail!("At least one of apiVersion, kind and name was changed");
        }
        if self.invocation.flags.bool("output-patch") {
            self.invocation.print(format!("Patch: {}", json::to_string(&patch)));
        }
        Ok((ty, patch))
    }

    async fn send(&self, info: &Info, ty: PatchType, patch: Value) -> Result {
        info.check_name()?;
        let path = info.path(self.invocation.flags.string("subresource"));
        let call = self.parameters(Call::patch(path, ty, patch));
        self.invocation.client()?.value(call).await.map(drop)
    }

    async fn annotate(&self, info: &Info) -> Result {
        let mut annotations = api::Map::EMPTY;
        annotations.insert(LAST_APPLIED, applied_configuration(&info.object, false));
        let patch = object! { "metadata": object! { "annotations": annotations } };
        self.send(info, PatchType::Merge, patch).await
    }

    fn parameters(&self, call: Call) -> Call {
        call.query("fieldValidation", self.validation)
            .query_if("fieldManager", self.invocation.flags.string("field-manager"))
    }

    /// Says how to go on, if not with the editor.
    fn conclude(&self, results: &Results) -> Result<Next> {
        let file = &results.file;
        if results.retryable > 0 {
            self.invocation.complain(format!(
                "You can run `kubectl replace -f {file}` to try this update again."
            ));
            return Err(Error::Exit(1));
        }
        if results.missing > 0 {
            self.invocation.complain(format!(
                "The edits you made on deleted resources have been saved to {}",
                quote(file)
            ));
            return Err(Error::Exit(1));
        }
        if results.invalid == 0 {
            self.remove(file);
            return Ok(Next::End);
        }
        Ok(Next::Again)
    }
}
