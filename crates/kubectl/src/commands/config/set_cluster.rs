//! `kubectl config set-cluster`

use super::{put, put_file, unexpected_arguments};
use crate::command::{Command, run};
use crate::errors::{Result, bail, quote};
use crate::flags::Flag;
use crate::invocation::Invocation;
use crate::kubeconfig::{Origin, Stanza};
use api::Value;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "set-cluster",
    short: "Set a cluster entry in kubeconfig",
    long: include_str!("../../../help/config-set-cluster.txt"),
    usage: "set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/\
            authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]",
    flags: &[&[
        Flag::string(
            "certificate-authority",
            "",
            "Path to certificate-authority file for the cluster entry in kubeconfig",
        ),
        Flag::bool("embed-certs", "false", "embed-certs for the cluster entry in kubeconfig"),
        Flag::bool(
            "insecure-skip-tls-verify",
            "false",
            "insecure-skip-tls-verify for the cluster entry in kubeconfig",
        ),
        Flag::string("proxy-url", "", "proxy-url for the cluster entry in kubeconfig"),
        Flag::string("server", "", "server for the cluster entry in kubeconfig").short('s'),
        Flag::string("tls-server-name", "", "tls-server-name for the cluster entry in kubeconfig"),
    ]],
    run: run!(set_cluster),
    ..Command::EMPTY
};

async fn set_cluster(invocation: Rc<Invocation>) -> Result {
    let [name] = invocation.arguments.as_slice() else {
        return Err(unexpected_arguments(&invocation));
    };
    if name.is_empty() {
        bail!("you must specify a non-empty cluster name");
    }
    let flags = &invocation.flags;
    let is_insecure = flags.bool("insecure-skip-tls-verify");
    if is_insecure && !flags.string("certificate-authority").is_empty() {
        bail!("you cannot specify a certificate authority and insecure mode at the same time");
    }
    if flags.bool("embed-certs") && flags.string("certificate-authority").is_empty() {
        bail!("you must specify a --certificate-authority to embed");
    }
    let files = invocation.kubeconfig()?;
    let mut cluster = files.merged().clusters.get(name).cloned().unwrap_or(Value::EMPTY_MAP);
    for field in ["server", "tls-server-name", "proxy-url"] {
        if flags.is_changed(field) {
            put(&mut cluster, field, flags.string(field));
        }
    }
    if flags.is_changed("insecure-skip-tls-verify") {
        cluster.make_map().insert("insecure-skip-tls-verify", is_insecure);
        if is_insecure {
            put(&mut cluster, "certificate-authority", "");
            put(&mut cluster, "certificate-authority-data", "");
        }
    }
    let (field, data_field) = ("certificate-authority", "certificate-authority-data");
    put_file(&invocation, &mut cluster, field, data_field)?;
    let origin = Origin::Item(Stanza::Cluster, name.clone());
    files.modify(&invocation.context, &origin, |config| {
        config.clusters.insert(name.clone(), cluster);
    })?;
    invocation.print(format!("Cluster {} set.", quote(name)));
    Ok(())
}
