//! Two directories with a file for each object, and the program that compares them.

use super::mask::masked;
use super::visible;
use crate::errors::{Error, Result, bail, error, quote};
use crate::invocation::{Invocation, go_errno};
use crate::resource::Info;
use api::{Value, yaml};

/// The program that compares, and its arguments, if nothing else is chosen.
const PROGRAM: &str = "diff";
const ARGUMENTS: [&str; 2] = ["-u", "-N"];
/// Where another one is chosen.
const VARIABLE: &str = "KUBECTL_EXTERNAL_DIFF";

/// The directories.
pub(super) struct Versions {
    live: String,
    merged: String,
}

impl Versions {
    pub(super) fn new(invocation: &Invocation) -> Result<Versions> {
        let live = create_directory(invocation, "LIVE")?;
        let merged = create_directory(invocation, "MERGED")?;
        Ok(Versions { live, merged })
    }

    /// Writes the files of an object; a version that does not exist is an empty file.
    pub(super) fn write(
        &self,
        invocation: &Invocation,
        info: &Info,
        live: Option<&Value>,
        merged: Option<&Value>,
    ) -> Result {
        // What would go is shown as it is.
        let live = live.map(|object| match merged {
            Some(_) => visible(invocation, object),
            None => object.clone(),
        });
        let merged = merged.map(|object| visible(invocation, object));
        let is_secret = info.mapping.version == "v1" && info.mapping.kind == "Secret";
        let (live, merged) = match is_secret {
            true => masked(live.as_ref(), merged.as_ref()),
            false => (live, merged),
        };
        let name = file_name(info);
        for (directory, object) in [(&self.live, live), (&self.merged, merged)] {
            let path = format!("{directory}/{name}");
            let text = object.as_ref().map(yaml::to_string).unwrap_or_default();
            invocation
                .context
                .write_file(&path, text.as_bytes())
                .map_err(|why| error!("open {path}: {}", go_errno(why)))?;
        }
        Ok(())
    }

    /// Shows the differences; completes with exit code 1 if there are any.
    pub(super) async fn compare(&self, invocation: &Invocation) -> Result {
        let context = &invocation.context;
        let _ = context.flush().await;
        let words = self.command(invocation);
        let program = words.first().cloned().unwrap_or_default();
        let Ok(child) = context.spawn(words) else {
            let program = quote(&program);
            bail!("failed to run {program}: exec: {program}: executable file not found in $PATH");
        };
        match context.wait(&child).await.code() {
            0 => Ok(()),
            1 => Err(Error::Exit(1)),
            code => bail!("failed to run {}: exit status {code}", quote(&program)),
        }
    }

    fn command(&self, invocation: &Invocation) -> Vec<String> {
        let directories = [self.live.clone(), self.merged.clone()];
        let chosen = invocation.context.variable(VARIABLE).filter(|value| !value.is_empty());
        let Some(chosen) = chosen else {
            let own = [PROGRAM].into_iter().chain(ARGUMENTS).map(str::to_owned);
            return own.chain(directories).collect();
        };
        let mut words = chosen.split(' ').map(str::to_owned);
        let program = words.next();
        let is_plain = |word: &String| {
            !word.is_empty()
                && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '='))
        };
        program.into_iter().chain(directories).chain(words.filter(is_plain)).collect()
    }

    /// Removes the directories.
    pub(super) fn remove(&self, invocation: &Invocation) {
        let context = &invocation.context;
        for directory in [&self.live, &self.merged] {
            // Nobody needs to know that a temporary directory stays.
            let _ = context.machine().files_mut().remove_all(&context.caller(), directory);
        }
    }
}

fn create_directory(invocation: &Invocation, name: &str) -> Result<String> {
    const MODE: u16 = 0o700;
    let context = &invocation.context;
    let directory = context.variable("TMPDIR").filter(|path| !path.is_empty());
    let directory = directory.as_deref().unwrap_or("/tmp");
    let path = format!("{directory}/{name}-{}", context.machine().random());
    context
        .machine()
        .files_mut()
        .create_directory(&context.caller(), &path, MODE)
        .map_err(|why| error!("mkdir {path}: {}", go_errno(why)))?;
    Ok(path)
}

/// `apps.v1.Deployment.default.web`
fn file_name(info: &Info) -> String {
    let mapping = &info.mapping;
    let group = match mapping.group.as_str() {
        "" => String::new(),
        group => format!("{group}."),
    };
    format!("{group}{}.{}.{}.{}", mapping.version, mapping.kind, info.namespace, info.name)
}
