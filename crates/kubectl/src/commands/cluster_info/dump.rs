//! `kubectl cluster-info dump`

use crate::client::Call;
use crate::command::{Command, run};
use crate::errors::Result;
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{self, Order, Printer};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "dump",
    short: "Dump relevant information for debugging and diagnosis",
    long: include_str!("../../../help/cluster-info-dump.txt"),
    usage: "dump [flags]",
    flags: &[
        shared::PRINT,
        &[
            Flag::bool(
                "all-namespaces",
                "false",
                "If true, dump all namespaces.  If true, --namespaces is ignored.",
            )
            .short('A'),
            Flag::string_slice("namespaces", "", "A comma separated list of namespaces to dump."),
        ],
    ],
    run: run!(dump),
    ..Command::EMPTY
};

/// What is dumped of a namespace.
const RESOURCES: [&str; 7] = [
    "/api/v1/namespaces/NAMESPACE/events",
    "/api/v1/namespaces/NAMESPACE/replicationcontrollers",
    "/api/v1/namespaces/NAMESPACE/services",
    "/apis/apps/v1/namespaces/NAMESPACE/daemonsets",
    "/apis/apps/v1/namespaces/NAMESPACE/deployments",
    "/apis/apps/v1/namespaces/NAMESPACE/replicasets",
    "/api/v1/namespaces/NAMESPACE/pods",
];

async fn dump(invocation: Rc<Invocation>) -> Result {
    let client = invocation.client()?;
    let mut printer = match print::printer(&invocation)? {
        Some(printer) => printer,
        None => Printer::json(false),
    };
    let nodes = client.value(Call::get("/api/v1/nodes")).await?;
    printer.print(&invocation.context, &nodes, Order::Typed)?;
    for namespace in namespaces(&invocation).await? {
        let mut pods = api::Value::Null;
        for path in RESOURCES {
            pods = client.value(Call::get(path.replace("NAMESPACE", &namespace))).await?;
            printer.print(&invocation.context, &pods, Order::Typed)?;
        }
        for pod in pods["items"].items() {
            dump_logs(&invocation, &namespace, pod).await?;
        }
    }
    Ok(())
}

async fn namespaces(invocation: &Invocation) -> Result<Vec<String>> {
    if invocation.flags.bool("all-namespaces") {
        let all = invocation.client()?.value(Call::get("/api/v1/namespaces")).await?;
        let names =
            all["items"].items().iter().filter_map(|item| item["metadata"]["name"].as_str());
        return Ok(names.map(str::to_owned).collect());
    }
    let given = invocation.flags.strings("namespaces");
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    let mut names = vec!["kube-system".to_owned()];
    let own = invocation.namespace()?;
    if !names.contains(&own) {
        names.push(own);
    }
    Ok(names)
}

async fn dump_logs(invocation: &Invocation, namespace: &str, pod: &api::Value) -> Result {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    for container in pod["spec"]["containers"].items() {
        let container = container["name"].as_str().unwrap_or_default();
        let title = format!("logs for container {container} of pod {namespace}/{name}");
        invocation.print(format!("==== START {title} ===="));
        let path = format!("/api/v1/namespaces/{namespace}/pods/{name}/log");
        let call = Call::get(path).query("container", container);
        match invocation.client()?.text(call).await {
            Ok((text, _)) => invocation.context.put(text),
            Err(error) => invocation.print(format!("Request log error: {error}")),
        }
        invocation.print(format!("==== END {title} ===="));
    }
    Ok(())
}
