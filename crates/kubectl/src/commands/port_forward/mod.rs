//! `kubectl port-forward`

mod ports;
mod serve;

use crate::client::Call;
use crate::command::{Command, run};
use crate::errors::{Result, bail, error};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::polymorphic::attachable;
use crate::remote::{self, pod_path};
use ports::Address;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "port-forward",
    short: "Forward one or more local ports to a pod",
    long: include_str!("../../../help/port-forward.txt"),
    usage: "port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT \
            [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
    flags: &[&[
        shared::POD_RUNNING_TIMEOUT,
        Flag::string_slice(
            "address",
            "localhost",
            "Addresses to listen on (comma separated). Only accepts IP addresses or localhost as \
            a value. When localhost is supplied, kubectl will try to bind on both 127.0.0.1 and \
            ::1 and will fail if neither of these addresses are available to bind.",
        ),
    ]],
    run: run!(port_forward),
    ..Command::EMPTY
};

async fn port_forward(invocation: Rc<Invocation>) -> Result {
    let Some((name, wanted)) =
        invocation.arguments.split_first().filter(|(_, more)| !more.is_empty())
    else {
        let message = "TYPE/NAME and list of ports are required for port-forward";
        return Err(invocation.usage_error(message));
    };
    let timeout = remote::pod_running_timeout(&invocation)?;
    let object = attachable::object(&invocation, std::slice::from_ref(name)).await?;
    let pod = attachable::pod(&invocation, &object, timeout).await?;
    let wanted = match object.mapping.is_kind("", "Service") {
        true => ports::of_service(wanted, &object.object, &pod)?,
        false => ports::of_pod(wanted, &pod)?,
    };
    let client = invocation.client()?;
    let pod = client.value(Call::get(pod_path(&pod, ""))).await?;
    let phase = pod["status"]["phase"].as_str().unwrap_or_default();
    if phase != "Running" {
        bail!("unable to forward port because pod is not running. Current status={phase}");
    }
    let addresses = addresses(invocation.flags.strings("address"))?;
    let ports = ports::parse(&wanted)?;
    let forwarder = client.forward(Call::upgrade(pod_path(&pod, "portforward"))).await?;
    serve::serve(&invocation, forwarder, &addresses, ports).await
}

fn addresses(texts: &[String]) -> Result<Vec<Address>> {
    if texts.is_empty() {
        bail!("you must specify at least 1 address");
    }
    let mut addresses: Vec<Address> = Vec::new();
    let mut add = |address: Address| {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    };
    for text in texts {
        if text == "localhost" {
            add(Address { text: "127.0.0.1".to_owned(), is_optional: true });
            add(Address { text: "::1".to_owned(), is_optional: true });
        } else if text.parse::<std::net::IpAddr>().is_ok() {
            add(Address { text: text.clone(), is_optional: false });
        } else {
            return Err(error!("{text} is not a valid IP"));
        }
    }
    Ok(addresses)
}
