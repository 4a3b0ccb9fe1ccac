//! `kubectl proxy`: not here, for want of a network of real sockets.

use crate::command::{Command, run};
use crate::errors::{Result, bail};
use crate::flags::Flag;
use crate::invocation::Invocation;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "proxy",
    short: "Run a proxy to the Kubernetes API server",
    long: include_str!("../../help/proxy.txt"),
    usage: "proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]",
    flags: &[&[
        Flag::string("address", "127.0.0.1", "The IP address on which to serve on."),
        Flag::string("api-prefix", "/", "Prefix to serve the proxied API under."),
        Flag::int(
            "port",
            "8001",
            "The port on which to run the proxy. Set to 0 to pick a random port.",
        )
        .short('p'),
    ]],
    run: run!(proxy),
    ..Command::EMPTY
};

async fn proxy(_: Rc<Invocation>) -> Result {
    bail!("kubectl proxy is not simulated; use kubectl get --raw PATH to reach the API server")
}
