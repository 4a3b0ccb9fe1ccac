//! `kubectl cluster-info`

mod dump;

use crate::client::Call;
use crate::command::{Alone, Command, run};
use crate::errors::Result;
use crate::invocation::Invocation;
use api::Value;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "cluster-info",
    short: "Display cluster information",
    long: "Display addresses of the control plane and services with label \
           kubernetes.io/cluster-service=true. To further debug and diagnose cluster problems, use \
           'kubectl cluster-info dump'.\n\nExamples:\n  \
           # Print the address of the control plane and cluster services\n  kubectl cluster-info",
    usage: "cluster-info [flags]",
    subcommands: &[&dump::COMMAND],
    alone: Alone::Fails,
    run: run!(cluster_info),
    ..Command::EMPTY
};

const GREEN: &str = "\u{1b}[0;32m";
const YELLOW: &str = "\u{1b}[0;33m";
const PLAIN: &str = "\u{1b}[0m";

async fn cluster_info(invocation: Rc<Invocation>) -> Result {
    let client = invocation.client()?;
    let services = Call::get("/api/v1/namespaces/kube-system/services")
        .query("labelSelector", "kubernetes.io/cluster-service=true");
    let services = client.value(services).await?;
    let server = client.server().trim_end_matches('/').to_owned();
    print_line(&invocation, "Kubernetes control plane", &server);
    for service in services["items"].items() {
        print_line(&invocation, &title(service), &address(&server, service));
    }
    invocation.print("");
    invocation
        .print("To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
    Ok(())
}

fn print_line(invocation: &Invocation, name: &str, address: &str) {
    invocation.print(format!("{GREEN}{name}{PLAIN} is running at {YELLOW}{address}{PLAIN}"));
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The name by which people know a service.
fn title(service: &Value) -> String {
    let metadata = &service["metadata"];
    match text(&metadata["labels"]["kubernetes.io/name"]) {
        "" => text(&metadata["name"]).to_owned(),
        name => name.to_owned(),
    }
}

/// Through the API server's proxy, by the name of the first port.
fn address(server: &str, service: &Value) -> String {
    let port = service["spec"]["ports"].items().first().cloned().unwrap_or_default();
    let mut name = text(&service["metadata"]["name"]).to_owned();
    if port["name"] != "https" && port["port"].as_i64() != Some(443) {
        let port_name = text(&port["name"]);
        if !port_name.is_empty() {
            name = format!("{name}:{port_name}");
        }
    } else {
        name = format!("https:{name}:{}", text(&port["name"]));
    }
    format!("{server}/api/v1/namespaces/kube-system/services/{name}/proxy")
}
