//! `kubectl config get-contexts`, `current-context`, `use-context`, `rename-context`,
//! `delete-context`

use super::{one_argument, unexpected_arguments};
use crate::command::{Arguments, Command, run};
use crate::errors::{Error, Result, bail, error, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::kubeconfig::{Config, Origin, Stanza};
use crate::print::TabWriter;
use std::rc::Rc;

pub static CURRENT_CONTEXT: Command = Command {
    name: "current-context",
    short: "Display the current-context",
    long: include_str!("../../../help/config-current-context.txt"),
    usage: "current-context [flags]",
    arguments: Arguments::Any,
    run: run!(current_context),
    ..Command::EMPTY
};

pub static GET_CONTEXTS: Command = Command {
    name: "get-contexts",
    short: "Describe one or many contexts",
    long: "Display one or many contexts from the kubeconfig file.\n\nExamples:\n  \
           # List all the contexts in your kubeconfig file\n  kubectl config get-contexts\n  \n  \
           # Describe one context in your kubeconfig file\n  \
           kubectl config get-contexts my-context",
    usage: "get-contexts [(-o|--output=)name)]",
    flags: &[&[
        shared::NO_HEADERS,
        Flag::string("output", "", "Output format. One of: (name).").short('o'),
    ]],
    run: run!(get_contexts),
    ..Command::EMPTY
};

pub static USE_CONTEXT: Command = Command {
    name: "use-context",
    aliases: &["use"],
    short: "Set the current-context in a kubeconfig file",
    long: "Set the current-context in a kubeconfig file.\n\nExamples:\n  \
           # Use the context for the minikube cluster\n  kubectl config use-context minikube",
    usage: "use-context CONTEXT_NAME",
    run: run!(use_context),
    ..Command::EMPTY
};

pub static RENAME_CONTEXT: Command = Command {
    name: "rename-context",
    short: "Rename a context from the kubeconfig file",
    long: "Renames a context from the kubeconfig file.\n\n CONTEXT_NAME is the context name that \
           you want to change.\n\n NEW_NAME is the new name you want to set.\n\n Note: If the \
           context being renamed is the 'current-context', this field will also be \
           updated.\n\nExamples:\n  \
           # Rename the context 'old-name' to 'new-name' in your kubeconfig file\n  \
           kubectl config rename-context old-name new-name",
    usage: "rename-context CONTEXT_NAME NEW_NAME",
    run: run!(rename_context),
    ..Command::EMPTY
};

pub static DELETE_CONTEXT: Command = Command {
    name: "delete-context",
    short: "Delete the specified context from the kubeconfig",
    long: "Delete the specified context from the kubeconfig.\n\nExamples:\n  \
           # Delete the context for the minikube cluster\n  \
           kubectl config delete-context minikube",
    usage: "delete-context NAME",
    run: run!(delete_context),
    ..Command::EMPTY
};

async fn current_context(invocation: Rc<Invocation>) -> Result {
    let config = invocation.kubeconfig()?.merged();
    if config.current_context.is_empty() {
        bail!("current-context is not set");
    }
    invocation.print(&config.current_context);
    Ok(())
}

async fn get_contexts(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let output = flags.string("output");
    if !matches!(output, "" | "name") {
        bail!("output must be one of '' or 'name': {output}");
    }
    let config = invocation.kubeconfig()?.merged();
    let mut names: Vec<&String> = config.contexts.keys().collect();
    let mut missing = Vec::new();
    if !invocation.arguments.is_empty() {
        names.retain(|name| invocation.arguments.contains(name));
        let is_missing = |name: &&String| !config.contexts.contains_key(*name);
        missing.extend(invocation.arguments.iter().filter(is_missing));
    }
    if output == "name" {
        names.iter().for_each(|name| invocation.print(name));
    } else {
        invocation.context.put(table(&config, &names, !flags.bool("no-headers")));
    }
    Error::collect(missing.into_iter().map(|name| error!("context {name} not found")).collect())
}

fn table(config: &Config, names: &[&String], has_headers: bool) -> String {
    let mut writer = TabWriter::for_tables();
    if has_headers {
        writer.row(["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]);
    }
    for name in names {
        let context = config.contexts.get(*name).cloned().unwrap_or_default();
        let text = |field: &'static str| context[field].as_str().unwrap_or_default().to_owned();
        let star = if **name == config.current_context { "*" } else { "" };
        let (cluster, user, namespace) = (text("cluster"), text("user"), text("namespace"));
        writer.row([star, name.as_str(), &cluster, &user, &namespace]);
    }
    writer.flush()
}

async fn use_context(invocation: Rc<Invocation>) -> Result {
    let [name] = invocation.arguments.as_slice() else {
        return Err(unexpected_arguments(&invocation));
    };
    let files = invocation.kubeconfig()?;
    if !files.merged().contexts.contains_key(name) {
        bail!("no context exists with the name: {}", quote(name));
    }
    files.modify(&invocation.context, &Origin::CurrentContext, |config| {
        config.current_context.clone_from(name);
    })?;
    invocation.print(format!("Switched to context {}.", quote(name)));
    Ok(())
}

async fn rename_context(invocation: Rc<Invocation>) -> Result {
    let [old, new] = invocation.arguments.as_slice() else {
        return Err(unexpected_arguments(&invocation));
    };
    let files = invocation.kubeconfig()?;
    let config = files.merged();
    let origin = Origin::Item(Stanza::Context, old.clone());
    let path = files.path_for(&origin).to_owned();
    let Some(context) = config.contexts.get(old).cloned() else {
        bail!("cannot rename the context {}, it's not in {path}", quote(old));
    };
    if config.contexts.contains_key(new) {
        bail!(
            "cannot rename the context {}, the context {} already exists in {path}",
            quote(old),
            quote(new)
        );
    }
    files.modify(&invocation.context, &origin, |config| {
        config.contexts.remove(old);
        config.contexts.insert(new.clone(), context);
        if config.current_context == *old {
            config.current_context.clone_from(new);
        }
    })?;
    invocation.print(format!("Context {} renamed to {}.", quote(old), quote(new)));
    Ok(())
}

async fn delete_context(invocation: Rc<Invocation>) -> Result {
    let Some(name) = one_argument(&invocation) else { return Ok(()) };
    let files = invocation.kubeconfig()?;
    let config = files.merged();
    let origin = Origin::Item(Stanza::Context, name.clone());
    let path = files.path_for(&origin).to_owned();
    if !config.contexts.contains_key(&name) {
        bail!("cannot delete context {name}, not in {path}");
    }
    if config.current_context == name {
        invocation.complain(
            "warning: this removed your active context, use \"kubectl config use-context\" to \
             select a different one",
        );
    }
    files.modify(&invocation.context, &origin, |config| {
        config.contexts.remove(&name);
    })?;
    invocation.print(format!("deleted context {name} from {path}"));
    Ok(())
}
