//! The editor that a person has chosen, and the file that it is given.

use crate::errors::{Result, bail, error};
use crate::invocation::{Invocation, go_errno};

/// Where the choice is kept.
const VARIABLES: [&str; 2] = ["KUBE_EDITOR", "EDITOR"];
/// The editor of those who have not chosen.
const DEFAULT: &str = "vi";

/// Writes the text to a new file and lets it be edited; the path is that of the file.
pub(super) async fn edit(
    invocation: &Invocation,
    text: &str,
    suffix: &str,
) -> Result<(String, String)> {
    let context = &invocation.context;
    let directory = context.variable("TMPDIR").filter(|path| !path.is_empty());
    let directory = directory.as_deref().unwrap_or("/tmp");
    let path = format!("{directory}/kubectl-edit-{}{suffix}", context.machine().random());
    context
        .write_file(&path, text.as_bytes())
        .map_err(|why| error!("open {path}: {}", go_errno(why)))?;
    launch(invocation, &path).await?;
    let bytes = context.read_file(&path).map_err(|why| error!("open {path}: {}", go_errno(why)))?;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), path))
}

/// The words of the command; an editor with quotes is left to the shell to read.
fn command(invocation: &Invocation) -> (Vec<String>, bool) {
    let context = &invocation.context;
    let chosen =
        VARIABLES.iter().filter_map(|name| context.variable(name)).find(|value| !value.is_empty());
    let editor = chosen.as_deref().unwrap_or(DEFAULT);
    if !editor.contains(['"', '\'', '\\']) || !editor.contains(' ') {
        return (editor.split(' ').map(str::to_owned).collect(), false);
    }
    let shell = context.variable("SHELL").filter(|shell| !shell.is_empty());
    let shell = shell.as_deref().unwrap_or("/bin/bash").to_owned();
    (vec![shell, "-c".to_owned(), editor.to_owned()], true)
}

async fn launch(invocation: &Invocation, path: &str) -> Result {
    let context = &invocation.context;
    let (words, by_shell) = command(invocation);
    let name = words.join(" ");
    let mut arguments = words;
    match arguments.last_mut() {
        Some(last) if by_shell => *last = format!("{last} {}", crate::errors::quote(path)),
        _ => arguments.push(path.to_owned()),
    }
    // What has been said so far comes before what the editor says.
    let _ = context.flush().await;
    let Ok(child) = context.spawn(arguments) else {
        bail!("unable to launch the editor {}", crate::errors::quote(&name));
    };
    match context.wait(&child).await.code() {
        0 => Ok(()),
        _ => bail!("there was a problem with the editor {}", crate::errors::quote(&name)),
    }
}
