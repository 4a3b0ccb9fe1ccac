//! `kubectl top pod`

use super::{METRICS, Usage, metrics, name};
use crate::client::encode;
use crate::command::{Command, run};
use crate::errors::Result;
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::TabWriter;
use api::Value;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "pod",
    aliases: &["pods", "po"],
    short: "Display resource (CPU/memory) usage of pods",
    long: include_str!("../../../help/top-pod.txt"),
    usage: "pod [NAME | -l label]",
    flags: &[&[
        shared::ALL_NAMESPACES,
        shared::FIELD_SELECTOR,
        shared::NO_HEADERS.with_usage("If present, print output without headers."),
        shared::SELECTOR,
        shared::USE_PROTOCOL_BUFFERS,
        Flag::bool("containers", "false", "If present, print usage of containers within a pod."),
        Flag::string(
            "sort-by",
            "",
            "If non-empty, sort pods list using specified field. The field can be either 'cpu' or \
             'memory'.",
        ),
        Flag::bool("sum", "false", "Print the sum of the resource usage"),
    ]],
    run: run!(top),
    ..Command::EMPTY
};

async fn top(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let all = flags.bool("all-namespaces");
    let collection = match all {
        true => format!("{METRICS}/pods"),
        false => format!("{METRICS}/namespaces/{}/pods", encode(&invocation.namespace()?)),
    };
    let mut found = metrics(&invocation, &collection).await?;
    if found.is_empty() {
        invocation.complain(match all {
            true => "No resources found".to_owned(),
            false => format!("No resources found in {} namespace.", invocation.namespace()?),
        });
        return Ok(());
    }
    let by = flags.string("sort-by");
    found
        .sort_by_key(|pod| (total(pod).order(by), namespace(pod).to_owned(), name(pod).to_owned()));
    let mut writer = TabWriter::for_tables();
    if !flags.bool("no-headers") {
        let namespace = all.then_some("NAMESPACE").into_iter();
        let pod = flags.bool("containers").then_some("POD");
        writer.row(namespace.chain(pod).chain(["NAME", "CPU(cores)", "MEMORY(bytes)"]));
    }
    let mut sum = Usage::NOTHING;
    for pod in &found {
        sum = sum.plus(total(pod));
        let row = |names: &[&str], usage: Usage| {
            let mut cells: Vec<String> = Vec::new();
            cells.extend(all.then(|| namespace(pod).to_owned()));
            cells.extend(names.iter().map(|name| (*name).to_owned()));
            cells.extend([usage.cpu_cell(), usage.memory_cell()]);
            cells
        };
        if !flags.bool("containers") {
            writer.row(row(&[name(pod)], total(pod)));
            continue;
        }
        for container in pod["containers"].items() {
            let container_name = container["name"].as_str().unwrap_or_default();
            writer.row(row(&[name(pod), container_name], Usage::of(container)));
        }
    }
    if flags.bool("sum") {
        let before = 1 + usize::from(all) + usize::from(flags.bool("containers"));
        let empty = vec![String::new(); before];
        writer.row(empty.iter().map(String::as_str).chain(["________", "________"]));
        writer.row(empty.into_iter().chain([sum.cpu_cell(), sum.memory_cell()]));
    }
    invocation.context.put(writer.flush());
    Ok(())
}

fn namespace(pod: &Value) -> &str {
    pod["metadata"]["namespace"].as_str().unwrap_or_default()
}

/// What all containers of a Pod use.
fn total(pod: &Value) -> Usage {
    let containers = pod["containers"].items().iter().map(Usage::of);
    containers.fold(Usage::NOTHING, Usage::plus)
}
