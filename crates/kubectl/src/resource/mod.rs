//! The objects that a command is about.
//!
//! Models kubectl's resource builder: files, standard input, kustomizations, names, selectors
//! become a [`Visitor`] that hands out one object after the other, and reads from the server only
//! when its turn comes.

mod arguments;
mod builder;
mod decode;
mod files;
mod visitor;

pub use builder::Builder;
pub use decode::guessed_mapping;
pub(crate) use decode::validate;
pub(crate) use files::clean_path;
pub use visitor::Visitor;

use crate::client::{Call, Client, resource_path};
use crate::discovery::Mapping;
use crate::errors::{Error, Result, bail};
use api::{Value, names};
use std::rc::Rc;

/// An object, or a name of one, and where it comes from.
#[derive(Clone, Debug)]
pub struct Info {
    /// Its resource.
    pub mapping: Rc<Mapping>,
    /// Its namespace; empty if it has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The file it was read from; empty if none.
    pub source: String,
    /// The object; `null` if it was not read.
    pub object: Value,
}

impl Info {
    /// `deployment.apps/web`
    pub fn kind_and_name(&self) -> String {
        format!("{}/{}", self.mapping.kind_name(), self.name)
    }

    /// `deployments/web`
    pub fn resource_and_name(&self) -> String {
        format!("{}/{}", self.mapping.resource, self.name)
    }

    /// The path of the object, or of one of its subresources.
    pub fn path(&self, subresource: &str) -> String {
        resource_path(&self.mapping, &self.namespace, &self.name, subresource)
    }

    /// The path of the collection that the object is in.
    pub fn collection_path(&self) -> String {
        resource_path(&self.mapping, &self.namespace, "", "")
    }

    /// Takes the object as it is now, with its name and namespace.
    pub fn refresh(&mut self, object: Value) {
        let metadata = object.get(&names::METADATA);
        if let Some(name) = metadata.get(&names::NAME).as_str() {
            name.clone_into(&mut self.name);
        }
        if let Some(namespace) = metadata.get(&names::NAMESPACE).as_str() {
            namespace.clone_into(&mut self.namespace);
        }
        self.object = object;
    }

    /// Reads the object from the server.
    pub async fn get(&mut self, client: &Client) -> Result {
        let object = self.read(client, self.get_call("")?).await?;
        self.refresh(object);
        Ok(())
    }

    /// What the server answers to a request for the object. If there is no such object, the
    /// reason may be that there is no such namespace.
    pub async fn read(&self, client: &Client, call: Call) -> Result<Value> {
        let error = match client.value(call).await {
            Err(error) if error.is_not_found() => error,
            other => return other,
        };
        if matches!(self.namespace.as_str(), "" | "default") {
            return Err(error);
        }
        let path = format!("/api/v1/namespaces/{}", self.namespace);
        match client.value(Call::get(path)).await {
            Err(why) if why.is_not_found() => Err(why),
            _ => Err(error),
        }
    }

    /// The request that reads the object.
    pub fn get_call(&self, subresource: &str) -> Result<Call> {
        self.check_name()?;
        Ok(Call::get(self.path(subresource)))
    }

    /// The request that creates the object. A version of an earlier life is not sent.
    pub fn create_call(&self) -> Call {
        let mut object = self.object.clone();
        object.update(&names::METADATA, |metadata| {
            if let Value::Map(map) = metadata {
                map.remove(&names::RESOURCE_VERSION);
            }
        });
        Call::post(self.collection_path(), object)
    }

    /// A request about one object needs its name.
    pub fn check_name(&self) -> Result {
        if self.name.is_empty() {
            bail!("resource name may not be empty");
        }
        if self.name.contains('/') || self.name.contains('%') || matches!(&*self.name, "." | "..") {
            let why = match self.name.as_str() {
                "." | ".." => format!("may not be '{}'", self.name),
                name if name.contains('/') => "may not contain '/'".to_owned(),
                _ => "may not contain '%'".to_owned(),
            };
            bail!("invalid resource name {}: [{why}]", crate::errors::quote(&self.name));
        }
        Ok(())
    }

    /// How errors describe the object at length.
    pub fn description(&self) -> String {
        format!(
            "Resource: {}, GroupVersionKind: {}\nName: {}, Namespace: {}",
            crate::errors::quote(&self.mapping.resource_text()),
            crate::errors::quote(&self.mapping.kind_text()),
            crate::errors::quote(&self.name),
            crate::errors::quote(&self.namespace),
        )
    }
}

/// The words for a list that cannot be read.
pub(crate) fn list_error(
    error: Error,
    mapping: &Mapping,
    selector: &str,
    field_selector: &str,
) -> Error {
    let Error::Status(mut status) = error else { return error };
    if matches!(status.reason, api::Reason::BadRequest | api::Reason::NotFound) {
        let resource = crate::errors::quote(&mapping.resource_text());
        let message = &status.message;
        status.message = if selector.is_empty() && field_selector.is_empty() {
            format!("Unable to list {resource}: {message}")
        } else {
            format!(
                "Unable to find {resource} that match label selector {}, field selector {}: \
                 {message}",
                crate::errors::quote(selector),
                crate::errors::quote(field_selector),
            )
        };
    }
    Error::Status(status)
}
