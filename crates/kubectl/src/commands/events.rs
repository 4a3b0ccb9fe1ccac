//! `kubectl events`

use crate::client::{Call, encode};
use crate::command::{Command, run};
use crate::errors::{Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{Order, Printer, TabWriter, printer};
use api::core::v1::Event;
use api::{Value, View, object};
use sim::Time;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "events",
    short: "List events",
    long: include_str!("../../help/events.txt"),
    usage: "events [(-o|--output=)json|yaml|name|go-template|go-template-file|template|\
            templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] \
            [--types=Normal,Warning]",
    flags: &[
        shared::PRINT,
        &[
            shared::ALL_NAMESPACES,
            shared::CHUNK_SIZE,
            shared::NO_HEADERS
                .with_usage("When using the default output format, don't print headers."),
            Flag::string(
                "for",
                "",
                "Filter events to only those pertaining to the specified resource.",
            ),
            Flag::string_slice("types", "", "Output only events of given types."),
            Flag::bool(
                "watch",
                "false",
                "After listing the requested events, watch for more events.",
            )
            .short('w'),
        ],
    ],
    arguments: crate::command::Arguments::None,
    run: run!(events),
    ..Command::EMPTY
};

/// How many events are read at once.
const CHUNK_SIZE: &str = "500";

async fn events(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let is_unknown = |ty: &String| !matches!(ty.to_lowercase().as_str(), "normal" | "warning");
    if flags.strings("types").iter().any(is_unknown) {
        bail!("valid --types are Normal or Warning");
    }
    let namespace = invocation.namespace()?;
    let path = match flags.bool("all-namespaces") {
        true => "/api/v1/events".to_owned(),
        false => format!("/api/v1/namespaces/{}/events", encode(&namespace)),
    };
    let call = Call::get(path).query_if("fieldSelector", &subject(&invocation).await?);
    let mut out = Output {
        invocation: &invocation,
        printer: printer(&invocation)?,
        writer: TabWriter::for_tables(),
        has_headings: false,
    };
    if flags.bool("watch") {
        return watch(call, &mut out).await;
    }
    let mut found = list(&invocation, &call).await?;
    found.retain(|event| is_wanted(&invocation, event));
    if found.is_empty() {
        invocation.complain(match flags.bool("all-namespaces") {
            true => "No events found.".to_owned(),
            false => format!("No events found in {namespace} namespace."),
        });
        return Ok(());
    }
    found.sort_by_key(|event| last_seen(Event::of(event)));
    out.print_list(found)
}

/// The field selector of `--for`.
async fn subject(invocation: &Invocation) -> Result<String> {
    let text = invocation.flags.string("for");
    if text.is_empty() {
        return Ok(String::new());
    }
    let (resource, name) = match text.split('/').collect::<Vec<_>>().as_slice() {
        [resource, name] if !resource.is_empty() && !name.is_empty() => (*resource, *name),
        [_] => bail!("--for must be in resource/name form"),
        [_, _] => bail!("arguments in resource/name form must have a single resource and name"),
        _ => bail!("arguments in resource/name form may not have more than one slash"),
    };
    let mapping = invocation.resource(&resource.to_lowercase()).await?;
    Ok(format!(
        "involvedObject.apiVersion={},involvedObject.kind={},involvedObject.name={name}",
        mapping.api_version(),
        mapping.kind
    ))
}

async fn list(invocation: &Invocation, call: &Call) -> Result<Vec<Value>> {
    let client = invocation.client()?;
    let (mut items, mut token) = (Vec::new(), String::new());
    loop {
        let call = call.clone().query("limit", CHUNK_SIZE).query_if("continue", &token);
        let list = client.value(call).await?;
        items.extend(list["items"].items().iter().cloned());
        match list["metadata"]["continue"].as_str() {
            Some(more) if !more.is_empty() => more.clone_into(&mut token),
            _ => return Ok(items),
        }
    }
}

async fn watch(call: Call, out: &mut Output<'_>) -> Result {
    let mut stream = out.invocation.client()?.watch(call).await?;
    loop {
        // What has been printed is seen while we wait.
        let _ = out.invocation.context.flush().await;
        let Some(event) = stream.next().await else { return Ok(()) };
        match event.ty.as_str() {
            "ERROR" => return Err(api::Status::from_value(500, &event.object).into()),
            "ADDED" | "MODIFIED" if is_wanted(out.invocation, &event.object) => {
                out.print(&event.object)?;
            }
            _ => {}
        }
    }
}

fn is_wanted(invocation: &Invocation, event: &Value) -> bool {
    let types = invocation.flags.strings("types");
    let ty = Event::of(event).type_();
    types.is_empty() || types.iter().any(|wanted| wanted.eq_ignore_ascii_case(ty))
}

fn last_seen(event: Event<'_>) -> Option<Time> {
    let series = event.series().map(|series| series.last_observed_time());
    series.unwrap_or(event.last_timestamp().or(event.event_time()))
}

/// Prints events, as a table or in a format of the user's choice.
struct Output<'a> {
    invocation: &'a Invocation,
    printer: Option<Printer>,
    writer: TabWriter,
    has_headings: bool,
}

impl Output<'_> {
    fn print_list(&mut self, events: Vec<Value>) -> Result {
        // Lists of Events have no names that kubectl could print.
        if self.invocation.flags.string("output") == "name" {
            return Ok(());
        }
        if let Some(printer) = &mut self.printer {
            let typed = |mut event: Value| {
                event.set_default(&"kind".into(), "Event");
                event.set_default(&"apiVersion".into(), "v1");
                event
            };
            let list = object! {
                "apiVersion": "v1",
                "kind": "EventList",
                "metadata": object! {},
                "items": events.into_iter().map(typed).collect::<Vec<_>>(),
            };
            return printer.print(&self.invocation.context, &list, Order::Typed);
        }
        events.iter().for_each(|event| self.add(event));
        self.flush();
        Ok(())
    }

    fn print(&mut self, event: &Value) -> Result {
        if let Some(printer) = &mut self.printer {
            return printer.print(&self.invocation.context, event, Order::Typed);
        }
        self.add(event);
        self.flush();
        Ok(())
    }

    fn add(&mut self, event: &Value) {
        let flags = &self.invocation.flags;
        let with_namespace = flags.bool("all-namespaces");
        if !flags.bool("no-headers") && !std::mem::replace(&mut self.has_headings, true) {
            let namespace = if with_namespace { "NAMESPACE\t" } else { "" };
            self.writer.write(&format!("{namespace}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n"));
        }
        let event = Event::of(event);
        let subject = event.involved_object();
        let mut cells = vec![
            crate::describe::interval(event, self.invocation.context.now()),
            event.type_().to_owned(),
            event.reason().to_owned(),
            format!("{}/{}", subject.kind(), subject.name()),
            event.message().trim().to_owned(),
        ];
        if with_namespace {
            cells.insert(0, event.metadata().namespace().to_owned());
        }
        self.writer.row(cells);
    }

    fn flush(&mut self) {
        let text = self.writer.flush().replace('\u{1b}', "^[");
        self.invocation.context.put(text);
    }
}
