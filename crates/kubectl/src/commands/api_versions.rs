//! `kubectl api-versions`

use crate::command::{Arguments, Command, run};
use crate::discovery::join_version;
use crate::errors::Result;
use crate::invocation::Invocation;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "api-versions",
    short: "Print the supported API versions on the server, in the form of \"group/version\"",
    long: "Print the supported API versions on the server, in the form of \"group/version\".\n\n\
           Examples:\n  # Print the supported API versions\n  kubectl api-versions",
    usage: "api-versions",
    arguments: Arguments::None,
    run: run!(api_versions),
    ..Command::EMPTY
};

async fn api_versions(invocation: Rc<Invocation>) -> Result {
    let discovery = invocation.fresh_discovery().await?;
    let mut versions: Vec<String> = discovery
        .groups
        .iter()
        .flat_map(|group| group.versions.iter().map(|version| join_version(&group.name, version)))
        .collect();
    versions.sort();
    versions.iter().for_each(|version| invocation.print(version));
    Ok(())
}
