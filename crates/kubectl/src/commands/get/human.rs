//! `kubectl get` as tables.

use super::{builder, relevant};
use crate::discovery::Mapping;
use crate::errors::{Error, Result};
use crate::invocation::Invocation;
use crate::print::{TabWriter, TableOptions, TablePrinter, kind_prefix, sort};
use crate::resource::Info;
use api::Value;
use std::rc::Rc;

/// What the rows of tables have to carry.
pub(super) fn included(invocation: &Invocation) -> &'static str {
    if invocation.flags.string("sort-by").is_empty() { "" } else { "Object" }
}

/// How the objects of a resource are printed.
pub(super) fn table_options(
    invocation: &Invocation,
    mapping: &Mapping,
    with_kind: bool,
) -> TableOptions {
    let flags = &invocation.flags;
    TableOptions {
        wide: flags.string("output") == "wide",
        no_headers: flags.bool("no-headers"),
        with_namespace: flags.bool("all-namespaces") && mapping.is_namespaced,
        kind: (with_kind || flags.bool("show-kind")).then(|| kind_prefix(mapping)),
        show_labels: flags.bool("show-labels"),
        label_columns: flags.strings("label-columns").to_vec(),
        now: invocation.context.now(),
    }
}

fn are_of_several_kinds(infos: &[Info]) -> bool {
    infos.windows(2).any(|pair| pair[0].mapping.kind_text() != pair[1].mapping.kind_text())
}

/// Reads everything and prints it.
pub(super) async fn print(invocation: &Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let mut wanted = builder(invocation);
    if flags.bool("server-print") {
        wanted = wanted.in_tables(included(invocation));
    }
    let (infos, errors) = wanted.build().await?.all().await;
    let errors = relevant(invocation, errors);
    let with_kind = are_of_several_kinds(&infos);
    let mut objects: Vec<Value> = infos.iter().map(|info| info.object.clone()).collect();
    let has_several_tables = objects.len() > 1;
    match sort::sort(invocation, &mut objects, flags.string("sort-by")) {
        // With one table, a path that leads nowhere is not complained of: nothing is to be seen.
        Err(Error::Other(_)) if !has_several_tables => objects.clear(),
        sorted => sorted?,
    }

    let mut out = String::new();
    let mut writer = TabWriter::for_tables();
    let mut current: Option<(Rc<Mapping>, TablePrinter)> = None;
    let mut wants_separator = false;
    for (info, object) in infos.iter().zip(&objects) {
        let is_new = current.as_ref().is_none_or(|(mapping, _)| *mapping != info.mapping);
        if is_new {
            append(&mut out, &mut wants_separator, &writer.flush());
            writer.forget();
            wants_separator = current.is_some() && !flags.bool("no-headers") && !out.is_empty();
            let options = table_options(invocation, &info.mapping, with_kind);
            current = Some((info.mapping.clone(), TablePrinter::new(options)));
        }
        if let Some((_, printer)) = &mut current {
            printer.print(&mut writer, object);
        }
    }
    append(&mut out, &mut wants_separator, &writer.flush());
    invocation.context.put(&out);
    if out.is_empty() && errors.is_empty() && !flags.bool("ignore-not-found") {
        let is_in_namespace =
            !flags.bool("all-namespaces") && infos.iter().all(|info| info.mapping.is_namespaced);
        invocation.complain(match is_in_namespace {
            true => format!("No resources found in {} namespace.", invocation.namespace()?),
            false => "No resources found".to_owned(),
        });
    }
    Error::all(errors)
}

/// An empty line stands between tables, but not for tables that print nothing.
fn append(out: &mut String, wants_separator: &mut bool, text: &str) {
    if text.is_empty() {
        return;
    }
    if std::mem::take(wants_separator) {
        out.push('\n');
    }
    out.push_str(text);
}
