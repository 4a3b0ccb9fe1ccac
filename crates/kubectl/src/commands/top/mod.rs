//! `kubectl top`: what nodes and Pods use, as a metrics server tells it.

mod node;
mod pod;

use crate::client::Call;
use crate::command::{Alone, Command};
use crate::errors::{Result, bail};
use crate::invocation::Invocation;
use api::{Quantity, Value, names};

pub static COMMAND: Command = Command {
    name: "top",
    short: "Display resource (CPU/memory) usage",
    long: include_str!("../../../help/top.txt"),
    usage: "top [flags]",
    subcommands: &[&node::COMMAND, &pod::COMMAND],
    alone: Alone::FailsOnOutput,
    ..Command::EMPTY
};

/// What the metrics server serves.
const METRICS: &str = "/apis/metrics.k8s.io/v1beta1";

/// What something uses.
#[derive(Clone, Copy, Debug)]
struct Usage {
    cpu: Quantity,
    memory: Quantity,
}

impl Usage {
    const NOTHING: Usage = Usage { cpu: Quantity::ZERO, memory: Quantity::ZERO };

    /// Reads the field `usage`.
    fn of(document: &Value) -> Usage {
        let amount = |name: &str| {
            let text = document["usage"][name].as_str().unwrap_or_default();
            text.parse().unwrap_or(Quantity::ZERO)
        };
        Usage { cpu: amount("cpu"), memory: amount("memory") }
    }

    fn plus(self, other: Usage) -> Usage {
        Usage { cpu: self.cpu + other.cpu, memory: self.memory + other.memory }
    }

    /// `12m`
    fn cpu_cell(self) -> String {
        format!("{}m", self.cpu.milli_value())
    }

    /// `34Mi`
    fn memory_cell(self) -> String {
        format!("{}Mi", self.memory.value() / (1024 * 1024))
    }

    /// What `--sort-by` sorts by: the largest first.
    fn order(self, by: &str) -> i64 {
        match by {
            "cpu" => -self.cpu.milli_value(),
            "memory" => -self.memory.value(),
            _ => 0,
        }
    }
}

/// Reads what is asked for: all, or the one that the argument names.
async fn metrics(invocation: &Invocation, collection: &str) -> Result<Vec<Value>> {
    let flags = &invocation.flags;
    if !matches!(flags.string("sort-by"), "" | "cpu" | "memory") {
        bail!("--sort-by accepts only cpu or memory");
    }
    let name = match invocation.arguments.as_slice() {
        [] => "",
        [name] => name.as_str(),
        _ => return Err(invocation.usage_error(invocation.command().usage)),
    };
    if !name.is_empty() && !flags.string("selector").is_empty() {
        bail!("only one of NAME or --selector can be provided");
    }
    let discovery = invocation.fresh_discovery().await?;
    if !discovery.groups.iter().any(|group| group.name == "metrics.k8s.io") {
        bail!("Metrics API not available");
    }
    let client = invocation.client()?;
    if !name.is_empty() {
        return Ok(vec![client.value(Call::get(format!("{collection}/{name}"))).await?]);
    }
    let call = Call::get(collection)
        .query_if("labelSelector", flags.string("selector"))
        .query_if("fieldSelector", flags.string("field-selector"));
    let list = client.value(call).await?;
    let items = list["items"].items().to_vec();
    Ok(items)
}

/// The name of an object.
fn name(object: &Value) -> &str {
    object.get(&names::METADATA).get(&names::NAME).as_str().unwrap_or_default()
}
