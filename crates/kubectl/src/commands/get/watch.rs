//! `kubectl get --watch`

use super::human::{included, table_options};
use super::{Format, builder};
use crate::client::{Call, resource_path};
use crate::errors::{Result, bail};
use crate::invocation::Invocation;
use crate::print::{Order, TabWriter, TablePrinter, is_table};
use crate::resource::Info;
use api::{Status, Value};
use std::rc::Rc;

/// Prints what there is, then what changes, until interrupted.
pub(super) async fn watch(invocation: &Rc<Invocation>, format: Format) -> Result {
    let flags = &invocation.flags;
    let is_human = matches!(format, Format::Human);
    let with_tables = is_human && flags.bool("server-print");
    let mut wanted = builder(invocation).single_type();
    if with_tables {
        wanted = wanted.in_tables(included(invocation));
    }
    if !is_human {
        wanted = wanted.without_flattening();
    }
    if !flags.string("sort-by").is_empty() {
        invocation
            .complain("warning: --watch or --watch-only requested, --sort-by will be ignored");
        wanted = wanted.chunks(flags.int("chunk-size"));
    }
    let visitor = wanted.build().await?;
    let is_single = visitor.is_single();
    let infos = visitor.infos().await?;
    let Some(first) = infos.first() else { return Ok(()) };
    if infos.iter().any(|info| info.mapping != first.mapping) {
        bail!(
            "watch is only supported on individual resources and resource collections - more than \
             1 resource was found"
        );
    }
    let has_several = infos.len() > 1 && !first.name.is_empty();
    let mut printer = EventPrinter::new(invocation, format, first);
    let is_object = !first.name.is_empty() || is_single;
    if !flags.bool("watch-only") {
        for info in &infos {
            printer.print_initial(&info.object)?;
        }
    }
    printer.flush();
    if has_several && flags.strings("filename").len() == 1 {
        bail!(
            "watch is only supported on individual resources and resource collections - {} \
             resources were found",
            infos.len()
        );
    }
    if has_several {
        bail!("you may only watch a single resource or type of resource at a time");
    }
    let mut stream =
        invocation.client()?.watch(call(invocation, first, is_object, with_tables)).await?;
    // A watch of a single object begins with the object itself.
    let mut skips_first = is_object;
    loop {
        // What has been printed is seen while we wait.
        let _ = invocation.context.flush().await;
        let Some(event) = stream.next().await else { return Ok(()) };
        if event.ty == "ERROR" {
            return Err(Status::from_value(500, &event.object).into());
        }
        if event.ty == "BOOKMARK" || std::mem::take(&mut skips_first) {
            continue;
        }
        printer.print(&event.ty, &event.object)?;
        printer.flush();
    }
}

/// The request of the watch.
fn call(invocation: &Invocation, info: &Info, is_object: bool, with_tables: bool) -> Call {
    let flags = &invocation.flags;
    let mut call = Call::get(resource_path(&info.mapping, &info.namespace, "", ""));
    if is_object {
        call = call
            .query("fieldSelector", format!("metadata.name={}", info.name))
            .query("resourceVersion", "0");
    } else {
        let version = info.object["metadata"]["resourceVersion"].as_str().unwrap_or("0");
        call = call
            .query_if("labelSelector", flags.string("selector"))
            .query_if("fieldSelector", flags.string("field-selector"))
            .query("resourceVersion", version);
    }
    if with_tables {
        call = call.in_table();
        if !included(invocation).is_empty() {
            call = call.query("includeObject", included(invocation));
        }
    }
    call
}

/// Prints objects and changes of them.
struct EventPrinter<'a> {
    invocation: &'a Invocation,
    format: Format,
    table: TablePrinter,
    writer: TabWriter,
    shows_events: bool,
    has_printed: bool,
}

impl<'a> EventPrinter<'a> {
    fn new(invocation: &'a Invocation, format: Format, info: &Info) -> EventPrinter<'a> {
        EventPrinter {
            table: TablePrinter::new(table_options(invocation, &info.mapping, false)),
            writer: TabWriter::for_tables(),
            shows_events: invocation.flags.bool("output-watch-events"),
            has_printed: false,
            invocation,
            format,
        }
    }

    /// Prints what there is at the beginning: a table, an object, or a list.
    fn print_initial(&mut self, object: &Value) -> Result {
        let is_list = !is_table(object) && matches!(object["items"], Value::List(_));
        if !is_list {
            return self.print("ADDED", object);
        }
        for item in object["items"].items() {
            let mut item = item.clone();
            let list_kind = object["kind"].as_str().unwrap_or_default();
            item.set_default(&"kind".into(), list_kind.trim_end_matches("List").to_owned());
            item.set_default(&"apiVersion".into(), object["apiVersion"].clone());
            self.print("ADDED", &item)?;
        }
        Ok(())
    }

    fn print(&mut self, event: &str, object: &Value) -> Result {
        let shown = self.shows_events.then_some(event);
        match &mut self.format {
            Format::Human => {
                self.table.print_event(&mut self.writer, shown, object);
            }
            Format::Objects(printer) => {
                let context = &self.invocation.context;
                match shown {
                    Some(event) => printer.print_event(context, event, object)?,
                    None => printer.print(context, object, Order::ByName)?,
                }
            }
            Format::Columns(columns) => {
                columns.print_more(&mut self.writer, &[object], !self.has_printed)?;
                self.has_printed = true;
            }
        }
        Ok(())
    }

    fn flush(&mut self) {
        let text = self.writer.flush();
        self.invocation.context.put(text);
    }
}
