//! What is asked for, before anything is read.

use super::arguments::{self, Named};
use super::files;
use super::visitor::{Reading, Source, Visitor};
use crate::discovery::Mapping;
use crate::errors::{Error, Result, bail, error};
use crate::flags::Flags;
use crate::invocation::Invocation;
use std::rc::Rc;

/// Describes the objects that a command is about.
#[derive(Clone)]
pub struct Builder {
    invocation: Rc<Invocation>,
    filenames: Vec<String>,
    text: Option<(String, String)>,
    kustomize: String,
    recursive: bool,
    arguments: Vec<String>,
    selects_everything: bool,
    selector: Option<String>,
    field_selector: Option<String>,
    all_namespaces: bool,
    single_type: bool,
    flattens: bool,
    reading: Reading,
}

impl Builder {
    /// A builder that takes `-f`, `-k`, `-R` from the flags and nothing else.
    pub fn new(invocation: &Rc<Invocation>) -> Builder {
        let flags = &invocation.flags;
        Builder {
            filenames: flags.strings("filename").to_vec(),
            text: None,
            kustomize: flags.string("kustomize").to_owned(),
            recursive: flags.bool("recursive"),
            arguments: Vec::new(),
            selects_everything: false,
            selector: None,
            field_selector: None,
            all_namespaces: false,
            single_type: false,
            flattens: false,
            reading: Reading::default(),
            invocation: invocation.clone(),
        }
    }

    /// Without the files that the flags name.
    pub fn without_files(mut self) -> Builder {
        self.filenames.clear();
        self.kustomize.clear();
        self
    }

    /// A builder that takes objects from a text, said to be the file `source`, and leaves them in
    /// whatever namespace they are.
    pub fn of_text(invocation: &Rc<Invocation>, text: &str, source: &str) -> Builder {
        let mut builder = Builder::new(invocation);
        builder.text = Some((text.to_owned(), source.to_owned()));
        builder.filenames.clear();
        builder.kustomize.clear();
        builder.reading.unplaced = true;
        builder
    }

    /// Takes types and names from arguments.
    pub fn arguments(mut self, arguments: &[String]) -> Builder {
        self.arguments = arguments.to_vec();
        self
    }

    /// A type alone means all objects of it.
    pub fn everything_by_default(mut self) -> Builder {
        self.selects_everything = true;
        self
    }

    /// With `-l`, `--field-selector` and `-A` of the flags.
    pub fn selectors(mut self, flags: &Flags) -> Builder {
        let text = |name: &str| Some(flags.string(name).to_owned()).filter(|text| !text.is_empty());
        self.selector = text("selector");
        self.field_selector = text("field-selector");
        self.all_namespaces = flags.bool("all-namespaces");
        self
    }

    /// All objects of the types, as with `--all`.
    pub fn all(mut self, all: bool) -> Builder {
        if all {
            self.selector = Some(String::new());
        }
        self
    }

    /// With a selector of its own.
    pub fn selector(mut self, selector: &str) -> Builder {
        self.selector = Some(selector.to_owned());
        self
    }

    /// Only one type may be asked for.
    pub fn single_type(mut self) -> Builder {
        self.single_type = true;
        self
    }

    /// Objects of lists come one by one.
    pub fn flatten(mut self) -> Builder {
        self.flattens = true;
        self
    }

    /// Documents of files must at least say what they are.
    pub fn validated(mut self, validated: bool) -> Builder {
        self.reading.validated = validated;
        self
    }

    /// Lists come as they are.
    pub fn without_flattening(mut self) -> Builder {
        self.flattens = false;
        self
    }

    /// Objects of files are read from the server too.
    pub fn latest(mut self) -> Builder {
        self.reading.latest = true;
        self
    }

    /// Objects that are named are not read from the server.
    pub fn without_objects(mut self) -> Builder {
        self.reading.without_objects = true;
        self
    }

    /// The server is not asked for anything.
    pub fn local(mut self, local: bool) -> Builder {
        self.reading.local = local;
        self
    }

    /// Documents are read into types of their own, which asks more of them.
    pub fn typed(mut self) -> Builder {
        self.reading.typed = true;
        self
    }

    /// Lists and objects come as tables, whose rows carry what `include` says.
    pub fn in_tables(mut self, include: &'static str) -> Builder {
        self.reading.table = Some(include);
        self
    }

    /// Reads a subresource.
    pub fn subresource(mut self, subresource: &str) -> Builder {
        subresource.clone_into(&mut self.reading.subresource);
        self
    }

    /// Reads lists in pieces of that many objects.
    pub fn chunks(mut self, size: i64) -> Builder {
        self.reading.limit = size;
        self
    }

    /// Whether the builder was given files.
    pub fn has_files(&self) -> bool {
        !self.filenames.is_empty() || !self.kustomize.is_empty()
    }

    /// Looks at everything that was given and begins.
    pub async fn build(mut self) -> Result<Visitor> {
        let invocation = self.invocation.clone();
        self.check_files()?;
        if !self.reading.local {
            self.reading.namespace = invocation.namespace()?;
            self.reading.is_namespace_explicit = invocation.is_namespace_explicit();
        } else if let Ok(namespace) = invocation.namespace() {
            self.reading.namespace = namespace;
            self.reading.is_namespace_explicit = invocation.is_namespace_explicit();
        }
        let named = self.read_arguments().await?;
        let has_type_alone = !named.types.is_empty() && named.names.is_empty();
        if self.selects_everything
            && has_type_alone
            && self.selector.is_none()
            && self.field_selector.is_none()
        {
            self.selector = Some(String::new());
        }
        let (sources, is_single) = self.sources(&named).await?;
        self.reading.selector = self.selector.clone().unwrap_or_default();
        self.reading.field_selector = self.field_selector.clone().unwrap_or_default();
        self.reading.all_namespaces = self.all_namespaces;
        self.reading.flattens = self.flattens;
        Ok(Visitor::new(invocation, self.reading, sources, is_single))
    }

    fn check_files(&self) -> Result {
        if !self.filenames.is_empty() && !self.kustomize.is_empty() {
            bail!("only one of -f or -k can be specified");
        }
        if self.recursive
            && !self.kustomize.is_empty()
            && self.invocation.flags.is_changed("recursive")
        {
            bail!("the -k flag can't be used with -f or -R");
        }
        Ok(())
    }

    async fn read_arguments(&self) -> Result<Named> {
        // A category is looked up only if the argument could be one.
        let is_simple = |argument: &String| !argument.contains('/');
        if self.arguments.is_empty() || self.reading.local || !self.arguments.iter().all(is_simple)
        {
            return arguments::read(&self.arguments, |_| Vec::new());
        }
        let discovery = self.invocation.discovery().await?;
        arguments::read(&self.arguments, |part| discovery.category(part))
    }

    async fn sources(&self, named: &Named) -> Result<(Vec<Source>, bool)> {
        if let Some((text, source)) = &self.text {
            return Ok((vec![Source::Text(text.clone(), source.clone())], false));
        }
        if self.has_files() {
            return self.file_sources(named);
        }
        if self.selector.is_some() || self.field_selector.is_some() {
            return Ok((self.selector_sources(named).await?, false));
        }
        if !named.pairs.is_empty() {
            return Ok((self.pair_sources(&named.pairs).await?, named.pairs.len() == 1));
        }
        if !named.names.is_empty() {
            let sources = self.name_sources(named).await?;
            let is_single = sources.len() == 1;
            return Ok((sources, is_single));
        }
        if !named.types.is_empty() {
            self.mappings(&named.types).await?;
            bail!("resource(s) were provided, but no name was specified");
        }
        Err(missing_resource())
    }

    fn file_sources(&self, named: &Named) -> Result<(Vec<Source>, bool)> {
        if !named.types.is_empty() {
            bail!(
                "when paths, URLs, or stdin is provided as input, you may not specify resource \
                 arguments as well"
            );
        }
        if !named.names.is_empty() {
            bail!("name cannot be provided when a resource is specified");
        }
        if !named.pairs.is_empty() {
            bail!(
                "when paths, URLs, or stdin is provided as input, you may not specify resource \
                 arguments as well"
            );
        }
        let mut sources = Vec::new();
        if !self.kustomize.is_empty() {
            sources.push(Source::Kustomization(self.kustomize.clone()));
        }
        let mut errors = Vec::new();
        for filename in &self.filenames {
            if filename == "-" {
                sources.push(Source::Stdin);
                continue;
            }
            match files::expand(&self.invocation.context, filename, self.recursive) {
                Ok(files) => sources.extend(files.into_iter().map(Source::File)),
                Err(error) => errors.push(error),
            }
        }
        Error::collect(errors)?;
        let is_single = sources.len() == 1
            && matches!(sources.first(), Some(Source::File(_)))
            && self.filenames.iter().all(|name| !self.invocation.context.is_directory(name));
        Ok((sources, is_single))
    }

    async fn mappings(&self, types: &[String]) -> Result<Vec<Rc<Mapping>>> {
        if types.len() > 1 && self.single_type {
            bail!("you may only specify a single resource type");
        }
        let mut mappings = Vec::new();
        for ty in types {
            mappings.push(self.invocation.resource(ty).await?);
        }
        Ok(mappings)
    }

    async fn selector_sources(&self, named: &Named) -> Result<Vec<Source>> {
        if !named.names.is_empty() {
            bail!("name cannot be provided when a selector is specified");
        }
        if !named.pairs.is_empty() {
            bail!("selectors and the all flag cannot be used when passing resource/name arguments");
        }
        if named.types.is_empty() {
            bail!("at least one resource must be specified to use a selector");
        }
        let mappings = self.mappings(&named.types).await?;
        Ok(mappings.into_iter().map(|mapping| Source::Selection { mapping }).collect())
    }

    async fn pair_sources(&self, pairs: &[(String, String)]) -> Result<Vec<Source>> {
        if self.single_type && pairs.iter().any(|(ty, _)| *ty != pairs[0].0) {
            bail!("you may only specify a single resource type");
        }
        let mut sources = Vec::new();
        for (ty, name) in pairs {
            let mapping = self.invocation.resource(ty).await?;
            self.check_single_namespace(&mapping)?;
            sources.push(Source::Name { mapping, name: name.clone() });
        }
        Ok(sources)
    }

    async fn name_sources(&self, named: &Named) -> Result<Vec<Source>> {
        let mut sources = Vec::new();
        for mapping in self.mappings(&named.types).await? {
            self.check_single_namespace(&mapping)?;
            for name in &named.names {
                sources.push(Source::Name { mapping: mapping.clone(), name: name.clone() });
            }
        }
        Ok(sources)
    }

    fn check_single_namespace(&self, mapping: &Mapping) -> Result {
        if self.all_namespaces && mapping.is_namespaced {
            bail!("a resource cannot be retrieved by name across all namespaces");
        }
        Ok(())
    }
}

/// The error of a command line that names no resource at all.
pub(crate) fn missing_resource() -> Error {
    error!(
        "You must provide one or more resources by argument or filename.\n\
         Example resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   \
         '<resource> <name>'\n   '<resource>'"
    )
}
