//! `kubectl kustomize`

use crate::command::{Command, run};
use crate::errors::{Result, bail, error};
use crate::flags::Flag;
use crate::invocation::{Invocation, go_errno};
use crate::kustomize;
use api::yaml;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "kustomize",
    short: "Build a kustomization target from a directory or URL",
    long: include_str!("../../help/kustomize.txt"),
    usage: "kustomize DIR [flags]",
    flags: &[&[
        Flag::bool(
            "as-current-user",
            "false",
            "use the uid and gid of the command executor to run the function in the container",
        ),
        Flag::bool("enable-alpha-plugins", "false", "enable kustomize plugins"),
        Flag::bool("enable-helm", "false", "Enable use of the Helm chart inflator generator."),
        Flag::string_array("env", "", "a list of environment variables to be used by functions")
            .short('e'),
        Flag::string("helm-command", "helm", "helm command (path to executable)"),
        Flag::string(
            "load-restrictor",
            "LoadRestrictionsRootOnly",
            "if set to 'LoadRestrictionsNone', local kustomizations may load files from outside \
            their root. This does, however, break the relocatability of the kustomization.",
        ),
        Flag::string_array("mount", "", "a list of storage options read from the filesystem"),
        Flag::bool("network", "false", "enable network access for functions that declare it"),
        Flag::string("network-name", "bridge", "the docker network to run the container in"),
        Flag::string("output", "", "If specified, write output to this path.").short('o'),
    ]],
    run: run!(build),
    ..Command::EMPTY
};

async fn build(invocation: Rc<Invocation>) -> Result {
    let context = &invocation.context;
    let path = match invocation.arguments.as_slice() {
        [] => ".",
        [path] => path,
        _ => bail!("specify one path to kustomization.yaml"),
    };
    let objects = kustomize::build(context, path)?;
    let texts: Vec<String> = objects.iter().map(yaml::to_string).collect();
    let text = texts.join("---\n");
    match invocation.flags.string("output") {
        "" => context.put(text),
        file if context.is_directory(file) => {
            for object in &objects {
                write(&invocation, &file_name(file, object), &yaml::to_string(object))?;
            }
        }
        file => write(&invocation, file, &text)?,
    }
    Ok(())
}

fn write(invocation: &Invocation, path: &str, text: &str) -> Result {
    let written = invocation.context.write_file(path, text.as_bytes());
    written.map_err(|why| error!("open {path}: {}", go_errno(why)))
}

/// `apps_v1_deployment_web.yaml`
fn file_name(directory: &str, object: &api::Value) -> String {
    let text = |value: &api::Value| value.as_str().unwrap_or_default().to_lowercase();
    let version = text(&object["apiVersion"]).replace('/', "_");
    let (kind, name) = (text(&object["kind"]), text(&object["metadata"]["name"]));
    format!("{}/{version}_{kind}_{name}.yaml", directory.trim_end_matches('/'))
}
