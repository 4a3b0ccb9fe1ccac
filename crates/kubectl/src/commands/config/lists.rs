//! `kubectl config get-clusters`, `get-users`, `delete-cluster`, `delete-user`

use super::one_argument;
use crate::command::{Command, run};
use crate::errors::{Result, bail};
use crate::invocation::Invocation;
use crate::kubeconfig::{Origin, Stanza};
use std::rc::Rc;

pub static GET_CLUSTERS: Command = Command {
    name: "get-clusters",
    short: "Display clusters defined in the kubeconfig",
    long: "Display clusters defined in the kubeconfig.\n\nExamples:\n  \
           # List the clusters that kubectl knows about\n  kubectl config get-clusters",
    usage: "get-clusters [flags]",
    run: run!(get_clusters),
    ..Command::EMPTY
};

pub static GET_USERS: Command = Command {
    name: "get-users",
    short: "Display users defined in the kubeconfig",
    long: "Display users defined in the kubeconfig.\n\nExamples:\n  \
           # List the users that kubectl knows about\n  kubectl config get-users",
    usage: "get-users [flags]",
    run: run!(get_users),
    ..Command::EMPTY
};

pub static DELETE_CLUSTER: Command = Command {
    name: "delete-cluster",
    short: "Delete the specified cluster from the kubeconfig",
    long: "Delete the specified cluster from the kubeconfig.\n\nExamples:\n  \
           # Delete the minikube cluster\n  kubectl config delete-cluster minikube",
    usage: "delete-cluster NAME",
    run: run!(delete_cluster),
    ..Command::EMPTY
};

pub static DELETE_USER: Command = Command {
    name: "delete-user",
    short: "Delete the specified user from the kubeconfig",
    long: "Delete the specified user from the kubeconfig.\n\nExamples:\n  \
           # Delete the minikube user\n  kubectl config delete-user minikube",
    usage: "delete-user NAME",
    run: run!(delete_user),
    ..Command::EMPTY
};

async fn get_clusters(invocation: Rc<Invocation>) -> Result {
    names(&invocation, Stanza::Cluster)
}

async fn get_users(invocation: Rc<Invocation>) -> Result {
    names(&invocation, Stanza::User)
}

fn names(invocation: &Invocation, stanza: Stanza) -> Result {
    let config = invocation.kubeconfig()?.merged();
    invocation.print("NAME");
    config.stanza(stanza).keys().for_each(|name| invocation.print(name));
    Ok(())
}

async fn delete_cluster(invocation: Rc<Invocation>) -> Result {
    let Some(name) = one_argument(&invocation) else { return Ok(()) };
    delete(&invocation, Stanza::Cluster, name)
}

async fn delete_user(invocation: Rc<Invocation>) -> Result {
    match invocation.arguments.as_slice() {
        [name] => delete(&invocation, Stanza::User, name.clone()),
        _ => Err(invocation.usage_error("user to delete is required")),
    }
}

fn delete(invocation: &Invocation, stanza: Stanza, name: String) -> Result {
    let files = invocation.kubeconfig()?;
    let origin = Origin::Item(stanza, name.clone());
    let path = files.path_for(&origin).to_owned();
    let noun = stanza.item();
    if !files.merged().stanza(stanza).contains_key(&name) {
        bail!("cannot delete {noun} {name}, not in {path}");
    }
    files.modify(&invocation.context, &origin, |config| {
        config.stanza_mut(stanza).remove(&name);
    })?;
    invocation.print(format!("deleted {noun} {name} from {path}"));
    Ok(())
}
