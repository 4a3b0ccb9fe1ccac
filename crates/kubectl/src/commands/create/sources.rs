//! Keys and values from literals and files: what `create configmap` and `create secret` read.

use crate::errors::{Result, bail, error, quote};
use crate::invocation::{Invocation, go_errno};
use api::validation;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use shell::Errno;

/// The flags that name keys and values.
pub(crate) struct Sources {
    /// The kind, for messages.
    pub(crate) kind: &'static str,
    /// The name of the object, for messages.
    pub(crate) name: String,
    /// What was read, in order.
    pub(crate) entries: Vec<(String, Vec<u8>)>,
}

/// A list of texts.
pub(crate) fn texts(items: &[String]) -> api::Value {
    api::Value::List(items.iter().cloned().collect())
}

/// Base64, as Secrets have it.
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

impl Sources {
    /// Nothing yet.
    pub(crate) fn new(kind: &'static str, name: &str) -> Sources {
        Sources { kind, name: name.to_owned(), entries: Vec::new() }
    }

    /// Reads all flags of the command.
    pub(crate) fn read(&mut self, invocation: &Invocation) -> Result {
        let flags = &invocation.flags;
        let (files, literals, env_files) = (
            flags.strings("from-file"),
            flags.strings("from-literal"),
            flags.strings("from-env-file"),
        );
        if !env_files.is_empty() && !(files.is_empty() && literals.is_empty()) {
            bail!("from-env-file cannot be combined with from-file or from-literal");
        }
        for literal in literals {
            self.literal(literal)?;
        }
        for file in files {
            self.file(invocation, file)?;
        }
        for file in env_files {
            self.env_file(invocation, file)?;
        }
        Ok(())
    }

    /// `key=value`
    pub(crate) fn literal(&mut self, literal: &str) -> Result {
        match literal.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                self.add(key, unquote(value).as_bytes().to_vec())
            }
            _ => bail!("invalid literal source {literal}, expected key=value"),
        }
    }

    /// `path` or `key=path`; a directory means all its files.
    pub(crate) fn file(&mut self, invocation: &Invocation, source: &str) -> Result {
        let (key, path) = match source.matches('=').count() {
            0 => (None, source),
            1 if source.starts_with('=') => {
                bail!("key name for file path {} missing", source.trim_start_matches('='))
            }
            1 if source.ends_with('=') => {
                bail!("file path for key name {} missing", source.trim_end_matches('='))
            }
            1 => source.split_once('=').map_or((None, source), |(key, path)| (Some(key), path)),
            _ => bail!("key names or file paths cannot contain '='"),
        };
        let context = &invocation.context;
        let metadata = context
            .metadata(path, true)
            .map_err(|why| error!("error reading {path}: {}", go_errno(why)))?;
        if !metadata.is_directory() {
            let base = path.rsplit('/').next().unwrap_or(path);
            let bytes = self.bytes(invocation, path)?;
            return self.add(key.unwrap_or(base), bytes);
        }
        if key.is_some() {
            bail!("cannot give a key name for a directory path");
        }
        let names =
            context.names(path).map_err(|why| error!("error listing files in {path}: {why}"))?;
        for name in names {
            let file = format!("{}/{name}", path.trim_end_matches('/'));
            let is_file = context.metadata(&file, false).is_ok_and(|found| found.is_file());
            if is_file && validation::config_map_key(&name).is_empty() {
                let bytes = self.bytes(invocation, &file)?;
                self.add(&name, bytes)?;
            }
        }
        Ok(())
    }

    fn bytes(&self, invocation: &Invocation, path: &str) -> Result<Vec<u8>> {
        let read = invocation.context.read_file(path);
        read.map(|bytes| bytes.to_vec())
            .map_err(|why: Errno| error!("open {path}: {}", go_errno(why)))
    }

    /// Lines of `KEY=value`; a key alone takes its value from the environment.
    fn env_file(&mut self, invocation: &Invocation, path: &str) -> Result {
        let context = &invocation.context;
        let metadata = context
            .metadata(path, true)
            .map_err(|why| error!("error reading {path}: {}", go_errno(why)))?;
        if metadata.is_directory() {
            bail!("env config file cannot be a directory");
        }
        let text = String::from_utf8_lossy(&self.bytes(invocation, path)?).into_owned();
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = match line.split_once('=') {
                Some((key, value)) => (key, value.to_owned()),
                None => (line, context.variable(line).as_deref().unwrap_or_default().to_owned()),
            };
            let problems = validation::env_var_name(key);
            if !problems.is_empty() {
                bail!("{} is not a valid key name: {}", quote(key), problems.join(";"));
            }
            let _ = at;
            self.add(key, value.into_bytes())?;
        }
        Ok(())
    }

    fn add(&mut self, key: &str, value: Vec<u8>) -> Result {
        let kind = self.kind;
        let problems = validation::config_map_key(key);
        if !problems.is_empty() {
            bail!("{} is not a valid key name for a {kind}: {}", quote(key), problems.join(","));
        }
        if self.entries.iter().any(|(known, _)| known == key) {
            bail!(
                "cannot add key {}, another key by that name already exists in Data for {kind} {}",
                quote(key),
                quote(&self.name)
            );
        }
        self.entries.push((key.to_owned(), value));
        Ok(())
    }
}

/// A value within quotes loses them.
fn unquote(value: &str) -> &str {
    for quote in ['"', '\''] {
        if value.len() >= 2
            && let Some(inner) = value.strip_prefix(quote).and_then(|v| v.strip_suffix(quote))
        {
            return inner;
        }
    }
    value
}
