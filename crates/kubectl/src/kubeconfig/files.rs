//! Where kubeconfig files lie, and how they are changed.

use super::{Config, Stanza};
use crate::errors::{Error, Result, error, quote};
use shell::{Context, Errno};

/// The kubeconfig files of a command.
#[derive(Clone, Debug)]
pub struct Files {
    /// The files in order, with what they say if they exist.
    files: Vec<(String, Option<Config>)>,
    /// Whether `--kubeconfig` named the file.
    is_explicit: bool,
}

/// What a change belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An item of a list.
    Item(Stanza, String),
    /// `current-context`
    CurrentContext,
    /// Anything else.
    Anything,
}

impl Files {
    /// Reads the files that `--kubeconfig`, `$KUBECONFIG` or the home directory name.
    pub fn load(context: &Context, explicit: &str) -> Result<Files> {
        let (paths, is_explicit) = paths(context, explicit);
        let mut files = Vec::new();
        for path in paths {
            let config = match context.read_file(&path) {
                Ok(bytes) => Some(read(&path, &bytes)?),
                Err(Errno::ENOENT | Errno::ENOTDIR) => None,
                Err(Errno::EISDIR) => {
                    return Err(error!(
                        "error loading config file {}: read {path}: is a directory",
                        quote(&path)
                    ));
                }
                Err(why) => {
                    let why = why.to_string().to_lowercase();
                    return Err(error!(
                        "error loading config file {}: open {path}: {why}",
                        quote(&path)
                    ));
                }
            };
            files.push((path, config));
        }
        Ok(Files { files, is_explicit })
    }

    /// The paths of the files that exist.
    pub fn loaded(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|(_, config)| config.is_some()).map(|(path, _)| path.as_str())
    }

    /// Everything the files say together.
    pub fn merged(&self) -> Config {
        let mut merged = Config::default();
        for (_, config) in &self.files {
            if let Some(config) = config {
                merged.merge(config);
            }
        }
        merged
    }

    /// The error if the file that was named does not exist.
    pub fn check_explicit(&self) -> Result {
        match self.files.as_slice() {
            [(path, None)] if self.is_explicit => {
                Err(error!("stat {path}: no such file or directory"))
            }
            _ => Ok(()),
        }
    }

    /// The file in which a change of `origin` is made: the one that has it, else the first that
    /// exists, else the last.
    pub fn path_for(&self, origin: &Origin) -> &str {
        let has = |config: &Config| match origin {
            Origin::Item(stanza, name) => config.stanza(*stanza).contains_key(name),
            Origin::CurrentContext => !config.current_context.is_empty(),
            Origin::Anything => false,
        };
        let holder = self.files.iter().find(|(_, config)| config.as_ref().is_some_and(has));
        let existing = || self.files.iter().find(|(_, config)| config.is_some());
        holder.or_else(existing).or(self.files.last()).map_or("", |(path, _)| path)
    }

    /// Makes a change in the file that it belongs to.
    pub fn modify(
        &self,
        context: &Context,
        origin: &Origin,
        change: impl FnOnce(&mut Config),
    ) -> Result {
        let path = self.path_for(origin).to_owned();
        let known = self.files.iter().find(|(known, _)| *known == path);
        let mut config = known.and_then(|(_, config)| config.clone()).unwrap_or_default();
        let before = config.clone();
        let exists = known.is_some_and(|(_, config)| config.is_some());
        change(&mut config);
        if exists && config == before {
            return Ok(());
        }
        write(context, &path, &config)
    }
}

fn paths(context: &Context, explicit: &str) -> (Vec<String>, bool) {
    if !explicit.is_empty() {
        return (vec![explicit.to_owned()], true);
    }
    if let Some(list) = context.variable("KUBECONFIG").filter(|list| !list.is_empty()) {
        let mut paths: Vec<String> = Vec::new();
        for path in list.split(':').filter(|path| !path.is_empty()) {
            if !paths.iter().any(|known| known == path) {
                paths.push(path.to_owned());
            }
        }
        return (paths, false);
    }
    let home = context.variable("HOME");
    (vec![format!("{}/.kube/config", home.as_deref().unwrap_or(""))], false)
}

fn read(path: &str, bytes: &[u8]) -> Result<Config> {
    Config::read(&String::from_utf8_lossy(bytes))
        .map_err(|why| error!("error loading config file {}: {why}", quote(path)))
}

fn write(context: &Context, path: &str, config: &Config) -> Result {
    let failed =
        |why: Errno| -> Error { error!("open {path}: {}", why.to_string().to_lowercase()) };
    let caller = context.caller();
    if let Some((directory, _)) = path.rsplit_once('/').filter(|(d, _)| !d.is_empty()) {
        context
            .machine()
            .files()
            .create_directories(&caller, directory, 0o755)
            .or_else(|why| if why == Errno::EEXIST { Ok(()) } else { Err(why) })
            .map_err(failed)?;
    }
    let is_new = !context.exists(path);
    let text = api::yaml::to_string(&config.to_value());
    context.write_file(path, text.as_bytes()).map_err(failed)?;
    if is_new {
        context.machine().files().set_mode(&caller, path, 0o600).map_err(failed)?;
    }
    Ok(())
}
