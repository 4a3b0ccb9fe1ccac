//! One object after the other.

use super::decode::Document;
use super::{Info, list_error};
use crate::client::{Call, resource_path};
use crate::discovery::Mapping;
use crate::errors::{Error, Result, error, quote};
use crate::invocation::Invocation;
use api::{Value, names};
use std::collections::VecDeque;
use std::rc::Rc;

/// How objects are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub(super) namespace: String,
    pub(super) is_namespace_explicit: bool,
    pub(super) all_namespaces: bool,
    pub(super) selector: String,
    pub(super) field_selector: String,
    pub(super) latest: bool,
    pub(super) without_objects: bool,
    pub(super) local: bool,
    /// Documents are read into types of their own, which asks more of them.
    pub(super) typed: bool,
    pub(super) validated: bool,
    /// Objects of files stay without a namespace if they have none.
    pub(super) unplaced: bool,
    pub(super) flattens: bool,
    pub(super) table: Option<&'static str>,
    pub(super) subresource: String,
    pub(super) limit: i64,
}

/// Where objects come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A file.
    File(String),
    /// A text, and what it is called.
    Text(String, String),
    /// Standard input.
    Stdin,
    /// A directory with a `kustomization.yaml`.
    Kustomization(String),
    /// A document of one of these.
    Document(Document),
    /// A document that could not be read.
    Failed(Error),
    /// A name.
    Name { mapping: Rc<Mapping>, name: String },
    /// All objects that the selectors pick.
    Selection { mapping: Rc<Mapping> },
    /// What is left of such a list.
    Rest { mapping: Rc<Mapping>, continue_token: String },
    /// An object that has been read.
    Ready(Info),
}

/// Hands out objects. Reads happen when their turn comes.
pub struct Visitor {
    invocation: Rc<Invocation>,
    reading: Reading,
    sources: VecDeque<Source>,
    is_single: bool,
}

impl Visitor {
    pub(super) fn new(
        invocation: Rc<Invocation>,
        reading: Reading,
        sources: Vec<Source>,
        is_single: bool,
    ) -> Visitor {
        Visitor { invocation, reading, sources: sources.into(), is_single }
    }

    /// Whether exactly one object was asked for, by name or in a file of its own.
    pub fn is_single(&self) -> bool {
        self.is_single
    }

    /// The next object, or why it cannot be had.
    pub async fn next(&mut self) -> Option<Result<Info>> {
        loop {
            let source = self.sources.pop_front()?;
            match self.open(source).await {
                Ok(Some(info)) => return Some(Ok(info)),
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// All objects, and everything that went wrong on the way.
    pub async fn all(mut self) -> (Vec<Info>, Vec<Error>) {
        let (mut infos, mut errors) = (Vec::new(), Vec::new());
        while let Some(next) = self.next().await {
            match next {
                Ok(info) => infos.push(info),
                Err(error) => errors.push(error),
            }
        }
        (infos, errors)
    }

    /// All objects; the first thing that goes wrong ends it.
    pub async fn infos(mut self) -> Result<Vec<Info>> {
        let mut infos = Vec::new();
        while let Some(next) = self.next().await {
            infos.push(next?);
        }
        Ok(infos)
    }

    /// Puts sources in front of what is left.
    fn put_back(&mut self, sources: Vec<Source>) {
        for source in sources.into_iter().rev() {
            self.sources.push_front(source);
        }
    }

    async fn open(&mut self, source: Source) -> Result<Option<Info>> {
        match source {
            Source::File(path) => {
                let bytes = self.invocation.read_file(&path)?;
                self.read_documents(&bytes, &path);
                Ok(None)
            }
            Source::Text(text, source) => {
                self.read_documents(text.as_bytes(), &source);
                Ok(None)
            }
            Source::Stdin => {
                let bytes = self.invocation.read_stdin().await?;
                self.read_documents(&bytes, "STDIN");
                Ok(None)
            }
            Source::Kustomization(path) => {
                let objects = crate::kustomize::build(&self.invocation.context, &path)?;
                let document =
                    |object: Value| Source::Document(Document { object, source: path.clone() });
                self.put_back(objects.into_iter().map(document).collect());
                Ok(None)
            }
            Source::Document(document) => self.open_document(document).await,
            Source::Failed(error) => Err(error),
            Source::Name { mapping, name } => self.open_name(mapping, name).await.map(Some),
            Source::Selection { mapping } => self.open_list(mapping, String::new()).await,
            Source::Rest { mapping, continue_token } => {
                self.open_list(mapping, continue_token).await
            }
            Source::Ready(info) => Ok(Some(info)),
        }
    }

    fn read_documents(&mut self, bytes: &[u8], source: &str) {
        let text = String::from_utf8_lossy(bytes);
        let read =
            |manifest: std::result::Result<api::yaml::Manifest, api::yaml::ManifestError>| {
                match manifest {
                    Ok(manifest) => Source::Document(Document {
                        object: manifest.value,
                        source: source.to_owned(),
                    }),
                    Err(why) => Source::Failed(error!("{}", why.message(source))),
                }
            };
        self.put_back(api::yaml::manifests(&text).map(read).collect());
    }

    /// A document that fails validation ends its file.
    fn validate(&mut self, document: &Document) -> Result {
        let Err(why) = document.validate() else { return Ok(()) };
        self.sources.retain(
            |source| !matches!(source, Source::Document(other) if other.source == document.source),
        );
        Err(error!(
            "error validating {}: error validating data: {why}; if you choose to ignore these \
             errors, turn validation off with --validate=false",
            quote(&document.source)
        ))
    }

    async fn open_document(&mut self, document: Document) -> Result<Option<Info>> {
        if self.reading.validated {
            self.validate(&document)?;
        }
        if let Some(items) = document.items() {
            self.put_back(items.into_iter().map(Source::Document).collect());
            return Ok(None);
        }
        let mut info =
            document.resolve(&self.invocation, self.reading.local, self.reading.typed).await?;
        self.place(&mut info)?;
        if self.reading.latest && !self.reading.local && !info.name.is_empty() {
            let client = self.invocation.client()?;
            info.object = info.read(&client, self.one(&info)?).await?;
        }
        if !self.is_selected(&info)? {
            return Ok(None);
        }
        Ok(Some(info))
    }

    /// Files are filtered by the label selector here, not by the server.
    fn is_selected(&self, info: &Info) -> Result<bool> {
        if self.reading.selector.is_empty() {
            return Ok(true);
        }
        let selector = api::labels::Selector::parse(&self.reading.selector).map_err(|why| {
            error!("the provided selector {} is not valid: {why}", quote(&self.reading.selector))
        })?;
        let labels = info.object["metadata"]["labels"].as_map().cloned().unwrap_or_default();
        Ok(selector.matches(api::StringMap(&labels)))
    }

    /// Puts an object of a file into its namespace.
    fn place(&self, info: &mut Info) -> Result {
        if !info.mapping.is_namespaced {
            info.namespace.clear();
            info.object.update(&names::METADATA, |metadata| {
                if let Value::Map(map) = metadata {
                    map.remove(&names::NAMESPACE);
                }
            });
            return Ok(());
        }
        if self.reading.unplaced {
            return Ok(());
        }
        let default = &self.reading.namespace;
        if info.namespace.is_empty() {
            // Nobody is asked, nothing is added.
            if self.reading.local && !self.reading.is_namespace_explicit {
                return Ok(());
            }
            info.namespace.clone_from(default);
            let metadata = info.object.entry(&names::METADATA);
            metadata.make_map().insert(&names::NAMESPACE, default.clone());
        } else if self.reading.is_namespace_explicit && info.namespace != *default {
            return Err(error!(
                "the namespace from the provided object {} does not match the namespace {}. You \
                 must pass '--namespace={}' to perform this operation.",
                quote(&info.namespace),
                quote(default),
                info.namespace
            ));
        }
        Ok(())
    }

    /// The request for one object.
    fn one(&self, info: &Info) -> Result<Call> {
        let call = info.get_call(&self.reading.subresource)?;
        Ok(self.with_form(call))
    }

    fn with_form(&self, call: Call) -> Call {
        match self.reading.table {
            Some("") => call.in_table(),
            Some(include) => call.in_table().query("includeObject", include),
            None => call,
        }
    }

    async fn open_name(&self, mapping: Rc<Mapping>, name: String) -> Result<Info> {
        let namespace =
            if mapping.is_namespaced { self.reading.namespace.clone() } else { String::new() };
        let mut info =
            Info { mapping, namespace, name, source: String::new(), object: Value::Null };
        if !self.reading.without_objects {
            info.object = self.invocation.client()?.value(self.one(&info)?).await?;
        }
        Ok(info)
    }

    async fn open_list(&mut self, mapping: Rc<Mapping>, token: String) -> Result<Option<Info>> {
        let reading = &self.reading;
        let namespace = match mapping.is_namespaced && !reading.all_namespaces {
            true => reading.namespace.clone(),
            false => String::new(),
        };
        let mut call = Call::get(resource_path(&mapping, &namespace, "", &reading.subresource))
            .query_if("labelSelector", &reading.selector)
            .query_if("fieldSelector", &reading.field_selector)
            .query_if("continue", &token);
        if reading.limit > 0 {
            call = call.query("limit", reading.limit.to_string());
        }
        let list = self
            .invocation
            .client()?
            .value(self.with_form(call))
            .await
            .map_err(|e| list_error(e, &mapping, &reading.selector, &reading.field_selector))?;
        let more = list["metadata"]["continue"].as_str().unwrap_or_default().to_owned();
        if !more.is_empty() {
            let mapping = mapping.clone();
            self.sources.push_front(Source::Rest { mapping, continue_token: more });
        }
        if self.reading.flattens && self.reading.table.is_none() {
            self.put_back(flattened(&mapping, &list));
            return Ok(None);
        }
        let (name, source) = (String::new(), String::new());
        Ok(Some(Info { mapping, namespace, name, source, object: list }))
    }
}

/// The objects of a list from the server, with their types.
fn flattened(mapping: &Rc<Mapping>, list: &Value) -> Vec<Source> {
    let kind = Value::from(mapping.kind.clone());
    let version = Value::from(mapping.api_version());
    let item = |item: &Value| {
        let mut object = item.clone();
        object.set_default(&names::KIND, kind.clone());
        object.set_default(&names::API_VERSION, version.clone());
        let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
        Source::Ready(Info {
            mapping: mapping.clone(),
            namespace: text("namespace"),
            name: text("name"),
            source: String::new(),
            object,
        })
    };
    list["items"].items().iter().map(item).collect()
}
