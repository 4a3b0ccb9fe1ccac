//! `kubectl get`

mod human;
mod watch;

use crate::client::Call;
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail, error, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::columns::CustomColumns;
use crate::print::{self, Order, Printer, sort};
use crate::resource::{Builder, Info};
use api::{Value, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "get",
    short: "Display one or many resources",
    long: include_str!("../../../help/get.txt"),
    usage: "get [(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|\
            jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] \
            (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
    flags: &[&[
        shared::ALL_NAMESPACES,
        shared::ALLOW_MISSING_TEMPLATE_KEYS,
        shared::CHUNK_SIZE,
        shared::FIELD_SELECTOR,
        shared::FILENAME_GET,
        shared::KUSTOMIZE,
        shared::NO_HEADERS,
        shared::RECURSIVE,
        shared::SELECTOR,
        shared::SHOW_MANAGED_FIELDS,
        shared::TEMPLATE,
        Flag::bool(
            "ignore-not-found",
            "false",
            "If the requested object does not exist the command will return exit code 0.",
        ),
        Flag::string_slice(
            "label-columns",
            "",
            "Accepts a comma separated list of labels that are going to be presented as \
            columns. Names are case-sensitive. You can also use multiple flag options like \
            -L label1 -L label2...",
        )
        .short('L'),
        Flag::string(
            "output",
            "",
            "Output format. One of: (json, yaml, name, go-template, go-template-file, \
            template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file, \
            custom-columns, custom-columns-file, wide). See custom columns \
            [https://kubernetes.io/docs/reference/kubectl/#custom-columns], golang template \
            [http://golang.org/pkg/text/template/#pkg-overview] and jsonpath template \
            [https://kubernetes.io/docs/reference/kubectl/jsonpath/].",
        )
        .short('o'),
        Flag::bool(
            "output-watch-events",
            "false",
            "Output watch event objects when --watch or --watch-only is used. Existing \
            objects are output as initial ADDED events.",
        ),
        Flag::string(
            "raw",
            "",
            "Raw URI to request from the server.  Uses the transport specified by the \
            kubeconfig file.",
        ),
        Flag::bool(
            "server-print",
            "true",
            "If true, have the server return the appropriate table output. Supports \
            extension APIs and CRDs.",
        ),
        Flag::bool(
            "show-kind",
            "false",
            "If present, list the resource type for the requested object(s).",
        ),
        Flag::bool(
            "show-labels",
            "false",
            "When printing, show all labels as the last column (default hide labels column)",
        ),
        Flag::string(
            "sort-by",
            "",
            "If non-empty, sort list types using this field specification.  The field \
            specification is expressed as a JSONPath expression (e.g. '{.metadata.name}'). \
            The field in the API resource specified by this JSONPath expression must be an \
            integer or a string.",
        ),
        Flag::string(
            "subresource",
            "",
            "If specified, gets the subresource of the requested object. Must be one of \
            [status scale]. This flag is beta and may change in the future.",
        ),
        Flag::bool(
            "watch",
            "false",
            "After listing/getting the requested object, watch for changes.",
        )
        .short('w'),
        Flag::bool(
            "watch-only",
            "false",
            "Watch for changes to the requested object(s), without listing/getting first.",
        ),
    ]],
    run: run!(get),
    ..Command::EMPTY
};

/// The formats that other commands do not know.
pub(crate) const OWN_FORMATS: [&str; 3] = ["custom-columns", "custom-columns-file", "wide"];

/// How the objects are printed.
enum Format {
    /// As tables.
    Human,
    /// One by one.
    Objects(Printer),
    /// In columns of the user's choice.
    Columns(CustomColumns),
}

async fn get(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    if !flags.string("raw").is_empty() {
        return raw(&invocation).await;
    }
    check(&invocation)?;
    if flags.bool("watch") || flags.bool("watch-only") {
        return watch::watch(&invocation, read_format(&invocation)?).await;
    }
    match (flags.string("output"), flags.string("template")) {
        ("" | "wide", "") => human::print(&invocation).await,
        _ => generic(&invocation).await,
    }
}

fn check(invocation: &Invocation) -> Result {
    let flags = &invocation.flags;
    let output = flags.string("output");
    if flags.bool("show-labels") && !output.is_empty() && output != "wide" {
        bail!("--show-labels option cannot be used with {output} printer");
    }
    if flags.bool("output-watch-events") && !(flags.bool("watch") || flags.bool("watch-only")) {
        bail!("--output-watch-events option can only be used with --watch or --watch-only");
    }
    check_subresource(flags.string("subresource"))?;
    let has_files = !flags.strings("filename").is_empty() || !flags.string("kustomize").is_empty();
    if invocation.arguments.is_empty() && !has_files {
        invocation.complain(
            "You must specify the type of resource to get. Use \"kubectl api-resources\" for a \
             complete list of supported resources.\n",
        );
        return Err(invocation.usage_error(
            "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed \
             description of that resource (e.g. kubectl explain pods).",
        ));
    }
    Ok(())
}

/// Only two subresources can be asked for.
pub(crate) fn check_subresource(subresource: &str) -> Result {
    match subresource {
        "" | "status" | "scale" => Ok(()),
        other => Err(error!(
            "invalid subresource value: {}. Must be one of [status scale]",
            quote(other)
        )),
    }
}

fn read_format(invocation: &Invocation) -> Result<Format> {
    let flags = &invocation.flags;
    let output = flags.string("output");
    let no_headers = flags.bool("no-headers");
    if let Some(printer) = print::printer_with(invocation, &OWN_FORMATS)? {
        return Ok(Format::Objects(printer));
    }
    let (name, argument) = print::split_format(output);
    let argument = argument.unwrap_or(flags.string("template"));
    match name {
        "custom-columns" => Ok(Format::Columns(CustomColumns::parse(argument, no_headers)?)),
        "custom-columns-file" => {
            if argument.is_empty() {
                bail!("custom-columns format specified but no custom columns given");
            }
            let bytes = invocation
                .read_file(argument)
                .map_err(|why| error!("error reading template {argument}, {why}\n"))?;
            let text = String::from_utf8_lossy(&bytes);
            Ok(Format::Columns(CustomColumns::parse_file(&text, no_headers)?))
        }
        _ => Ok(Format::Human),
    }
}

/// What the command line asks for.
fn builder(invocation: &Rc<Invocation>) -> Builder {
    let flags = &invocation.flags;
    Builder::new(invocation)
        .selectors(flags)
        .arguments(&invocation.arguments)
        .everything_by_default()
        .subresource(flags.string("subresource"))
        .chunks(if flags.string("sort-by").is_empty() { flags.int("chunk-size") } else { 0 })
        .latest()
        .flatten()
}

/// Failures without those that `--ignore-not-found` hides.
fn relevant(invocation: &Invocation, errors: Vec<Error>) -> Vec<Error> {
    let ignores = invocation.flags.bool("ignore-not-found");
    errors.into_iter().filter(|error| !(ignores && error.is_not_found())).collect()
}

/// Prints objects as they are. A format that makes no sense is found when they are there.
async fn generic(invocation: &Rc<Invocation>) -> Result {
    let visitor = builder(invocation).build().await?;
    let is_single = visitor.is_single();
    let (infos, errors) = visitor.all().await;
    let errors = relevant(invocation, errors);
    if is_single && !errors.is_empty() {
        return Error::collect(errors);
    }
    if infos.is_empty() && (is_single || invocation.flags.bool("ignore-not-found")) {
        return Error::collect(errors);
    }
    let mut objects: Vec<Value> = infos.into_iter().map(|info: Info| info.object).collect();
    let format = read_format(invocation)?;
    sort::sort(invocation, &mut objects, invocation.flags.string("sort-by"))?;
    let context = &invocation.context;
    match format {
        Format::Columns(columns) => {
            context.put(columns.print(&objects.iter().collect::<Vec<_>>())?);
        }
        Format::Objects(mut printer) => {
            let printed = match objects.as_slice() {
                [one] if is_single => one.clone(),
                _ => list_of(objects),
            };
            printer.print(context, &printed, Order::ByName)?;
        }
        Format::Human => {}
    }
    Error::collect(errors)
}

fn list_of(objects: Vec<Value>) -> Value {
    object! {
        "apiVersion": "v1",
        "kind": "List",
        "metadata": object! { "resourceVersion": "" },
        "items": objects,
    }
}

/// `--raw`: whatever the server says.
async fn raw(invocation: &Rc<Invocation>) -> Result {
    let path = invocation.flags.string("raw");
    if !invocation.arguments.is_empty() {
        bail!("arguments may not be passed when --raw is specified");
    }
    if !invocation.flags.string("output").is_empty() {
        bail!("--raw and --output are mutually exclusive");
    }
    let client = invocation.client()?;
    let response = client.send(Call::get(path)).await?;
    let bytes = crate::raw::body(&client, response, path).await?;
    invocation.context.put(bytes);
    Ok(())
}
