//! `date`

use super::calendar::{Zone, parse_date, strftime};
use super::{Options, Tool};
use crate::context::Context;

pub(crate) const TOOL: Tool = Tool {
    name: "date",
    directory: "/bin",
    usage: "[OPTIONS] [+FMT] [[-s] TIME]",
    about: "Display time (using +FMT), or set time",
    options: "u,utc,universal d,date: I,iso-8601:: R,rfc-email !,rfc-3339: r,reference: s,set: ^D: !f,file:",
    run: |context| Box::pin(async move { run(&context) }),
    ..super::TOOL
};

/// The time zone that the process's environment names.
pub(super) fn zone(context: &Context) -> Zone {
    context.variable("TZ").map_or(Zone::UTC, |name| Zone::parse(&name))
}

fn run(context: &Context) -> i32 {
    let options = match Options::parse(context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let zone = if options.has("u") { Zone::UTC } else { zone(context) };
    let time = if let Some(text) = options.value("d") {
        match parse_date(text, context.now(), &zone) {
            Some(time) => time,
            None => {
                match context.is_busybox() {
                    true => context.fail(format!("invalid date '{text}'")),
                    false => context.fail(format!("invalid date {}", context.quoted(text))),
                }
                return 1;
            }
        }
    } else if let Some(path) = options.value("r") {
        match context.metadata(path, true) {
            Ok(metadata) => metadata.modified,
            Err(error) => {
                context.fail(format!("{path}: {error}"));
                return 1;
            }
        }
    } else {
        context.now()
    };
    if options.has("s") {
        context.fail("cannot set date: Operation not permitted");
        return 1;
    }
    let iso = options.iter().find(|(key, _)| *key == "I").map(|(_, value)| value.unwrap_or("date"));
    let operand = options.operands.first().map(String::as_str);
    let format = match (operand, iso, options.has("R"), options.value("rfc-3339")) {
        (Some(text), ..) => match text.strip_prefix('+') {
            Some(format) => format,
            None => {
                match context.is_busybox() {
                    true => context.fail("cannot set date: Operation not permitted"),
                    false => context.fail(format!("invalid date {}", context.quoted(text))),
                }
                return 1;
            }
        },
        (_, Some(precision), ..) => match (precision, context.is_busybox()) {
            ("hours", false) => "%Y-%m-%dT%H%:z",
            ("hours", true) => "%Y-%m-%dT%H%z",
            ("minutes", false) => "%Y-%m-%dT%H:%M%:z",
            ("minutes", true) => "%Y-%m-%dT%H:%M%z",
            ("s" | "seconds", false) => "%Y-%m-%dT%H:%M:%S%:z",
            ("s" | "seconds", true) => "%Y-%m-%dT%H:%M:%S%z",
            ("ns", _) => "%Y-%m-%dT%H:%M:%S,%N%:z",
            _ => "%Y-%m-%d",
        },
        (_, _, true, _) => "%a, %d %b %Y %H:%M:%S %z",
        (_, _, _, Some("date")) => "%Y-%m-%d",
        (_, _, _, Some("ns")) => "%Y-%m-%d %H:%M:%S.%N%:z",
        (_, _, _, Some(_)) => "%Y-%m-%d %H:%M:%S%:z",
        _ => "%a %b %e %H:%M:%S %Z %Y",
    };
    context.put(strftime(format, time, &zone) + "\n");
    0
}
