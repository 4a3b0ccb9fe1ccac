//! `kubectl top node`

use super::{METRICS, Usage, metrics, name};
use crate::client::Call;
use crate::command::{Command, run};
use crate::errors::{Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::TabWriter;
use api::Quantity;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "node",
    aliases: &["nodes", "no"],
    short: "Display resource (CPU/memory) usage of nodes",
    long: include_str!("../../../help/top-node.txt"),
    usage: "node [NAME | -l label]",
    flags: &[&[
        shared::NO_HEADERS.with_usage("If present, print output without headers"),
        shared::SELECTOR,
        shared::USE_PROTOCOL_BUFFERS,
        Flag::bool(
            "show-capacity",
            "false",
            "Print node resources based on Capacity instead of Allocatable(default) of the nodes.",
        ),
        Flag::string(
            "sort-by",
            "",
            "If non-empty, sort nodes list using specified field. The field can be either 'cpu' \
             or 'memory'.",
        ),
    ]],
    run: run!(top),
    ..Command::EMPTY
};

async fn top(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let mut found = metrics(&invocation, &format!("{METRICS}/nodes")).await?;
    if found.is_empty() {
        bail!("metrics not available yet");
    }
    let by = flags.string("sort-by");
    found.sort_by_key(|node| (Usage::of(node).order(by), name(node).to_owned()));
    let nodes = invocation.client()?.value(Call::get("/api/v1/nodes")).await?;
    let amounts = if flags.bool("show-capacity") { "capacity" } else { "allocatable" };
    let mut writer = TabWriter::for_tables();
    if !flags.bool("no-headers") {
        writer.row(["NAME", "CPU(cores)", "CPU%", "MEMORY(bytes)", "MEMORY%"]);
    }
    for metric in &found {
        let usage = Usage::of(metric);
        let node = nodes["items"].items().iter().find(|node| name(node) == name(metric));
        let whole = |resource: &str| {
            let text = node.and_then(|node| node["status"][amounts][resource].as_str());
            text.and_then(|text| text.parse().ok()).unwrap_or(Quantity::ZERO)
        };
        let percent = |part: i64, whole: i64| match whole {
            0 => "<unknown>".to_owned(),
            whole => format!("{}%", (part as f64 / whole as f64 * 100.0) as i64),
        };
        writer.row([
            name(metric).to_owned(),
            usage.cpu_cell(),
            percent(usage.cpu.milli_value(), whole("cpu").milli_value()),
            usage.memory_cell(),
            percent(usage.memory.value(), whole("memory").value()),
        ]);
    }
    invocation.context.put(writer.flush());
    Ok(())
}
