//! Objects that kubectl makes from flags.

use crate::client::{Call, resource_path};
use crate::commands::common::{field_validation, with_last_applied, with_write_parameters};
use crate::discovery::Mapping;
use crate::errors::{Error, Result};
use crate::invocation::Invocation;
use crate::print::typed_json::type_of_kind;
use crate::print::{DryRun, Reporter};
use crate::resource::guessed_mapping;
use api::{Value, names, object};
use std::rc::Rc;

/// The kind of an object that is made from flags.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// Group.
    pub(crate) group: &'static str,
    /// Version.
    pub(crate) version: &'static str,
    /// Kind.
    pub(crate) kind: &'static str,
    /// What stands before the message when the server refuses; nothing for the server's own.
    pub(crate) failure: &'static str,
}

impl Kind {
    /// A kind of the core group.
    pub(crate) const fn core(kind: &'static str, failure: &'static str) -> Kind {
        Kind { group: "", version: "v1", kind, failure }
    }

    /// Where it is served.
    pub(crate) fn mapping(self) -> Mapping {
        guessed_mapping(self.group, self.version, self.kind)
    }

    /// The document with zero values where Go's structs have them.
    pub(crate) fn complete(self, mut object: Value) -> Value {
        let version = crate::discovery::join_version(self.group, self.version);
        if let Some(ty) = type_of_kind(&version, self.kind) {
            object = api::canonical(ty, &object);
        }
        object.make_map().insert(&names::API_VERSION, version);
        object.make_map().insert(&names::KIND, self.kind);
        object
    }
}

/// `{"name": …}`
pub(crate) fn named(name: &str) -> Value {
    object! { "name": name.to_owned() }
}

/// `{"name": …, "labels": {"app": …}}`
pub(crate) fn named_app(name: &str) -> Value {
    object! { "name": name.to_owned(), "labels": object! { "app": name.to_owned() } }
}

/// What a command needs before it makes an object; errors of its flags come first.
pub(crate) struct Creation {
    dry_run: DryRun,
    validation: &'static str,
    reporter: Reporter,
}

impl Creation {
    /// Reads the flags that all commands below `create` have.
    pub(crate) fn begin(invocation: &Invocation) -> Result<Creation> {
        let dry_run = DryRun::read(invocation)?;
        Ok(Creation {
            dry_run,
            validation: field_validation(invocation)?,
            reporter: Reporter::new(invocation, "created", dry_run)?,
        })
    }

    /// Sends an object and reports.
    pub(crate) async fn finish(
        mut self,
        invocation: &Rc<Invocation>,
        kind: Kind,
        object: Value,
    ) -> Result {
        let mapping = kind.mapping();
        let mut object = kind.complete(object);
        let namespace = invocation.namespace()?;
        if mapping.is_namespaced && invocation.is_namespace_explicit() {
            let metadata = object.entry(&names::METADATA);
            metadata.make_map().insert(&names::NAMESPACE, namespace.clone());
        }
        if invocation.flags.bool("save-config") {
            object = with_last_applied(&object, true);
        }
        if !self.dry_run.is_client() {
            let call = Call::post(resource_path(&mapping, &namespace, "", ""), object)
                .query("fieldValidation", self.validation);
            let call = with_write_parameters(call, invocation, self.dry_run);
            let created = invocation.client()?.value(call).await;
            object = kind.complete(created.map_err(|error| kind.failed(error))?);
        }
        self.reporter.report(invocation, &object)
    }
}

impl Kind {
    fn failed(self, error: Error) -> Error {
        match (self.failure, error) {
            ("", error) => error,
            (_, Error::Connection(error)) => error.into(),
            (failure, error) => Error::Other(format!("{failure}{error}")),
        }
    }
}
