//! Printing objects: `-o json|yaml|name|jsonpath|go-template|custom-columns|wide`.

pub(crate) mod columns;
mod object;
pub mod sort;
mod tab_writer;
mod table;
pub(crate) mod template;

pub use object::{Order, Printer, without_managed_fields};
pub use tab_writer::TabWriter;
pub use table::{TableOptions, TablePrinter, is_table, kind_prefix};

use crate::errors::{Result, bail, quote};
use crate::invocation::Invocation;
use api::Value;
pub(crate) use apiserver::typed_json;

/// The formats that templates come in.
const TEMPLATE_FORMATS: [&str; 7] = [
    "go-template",
    "go-template-file",
    "template",
    "templatefile",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
];

/// What a command says after it has done something: `deployment.apps/web created (dry run)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DryRun {
    /// For good.
    #[default]
    None,
    /// Nothing is sent.
    Client,
    /// The server does everything but store.
    Server,
}

impl DryRun {
    /// Reads `--dry-run`, with its complaints about old values.
    pub fn read(invocation: &Invocation) -> Result<DryRun> {
        let log = |place: &str, text: &str| invocation.log('W', place, text);
        let value = invocation.flags.string("dry-run");
        Ok(match value {
            "" | "none" => DryRun::None,
            "client" => DryRun::Client,
            "server" => DryRun::Server,
            "unchanged" => {
                log(
                    "helpers.go:704",
                    "--dry-run is deprecated and can be replaced with --dry-run=client.",
                );
                DryRun::Client
            }
            "1" | "t" | "T" | "true" | "TRUE" | "True" => {
                log(
                    "helpers.go:718",
                    &format!(
                        "--dry-run={} is deprecated (boolean value) and can be replaced with \
                     --dry-run=client.",
                        "true"
                    ),
                );
                DryRun::Client
            }
            "0" | "f" | "F" | "false" | "FALSE" | "False" => {
                log(
                    "helpers.go:718",
                    &format!(
                        "--dry-run={} is deprecated (boolean value) and can be replaced with \
                     --dry-run=none.",
                        "false"
                    ),
                );
                DryRun::None
            }
            other => bail!(
                "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
            ),
        })
    }

    /// What is added to the message.
    pub fn suffix(self) -> &'static str {
        match self {
            DryRun::None => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        }
    }

    /// Whether nothing is sent.
    pub fn is_client(self) -> bool {
        self == DryRun::Client
    }

    /// The value of the parameter `dryRun`.
    pub fn parameter(self) -> &'static str {
        if self == DryRun::Server { "All" } else { "" }
    }
}

/// The format of `-o`: its name and what stands behind `=`.
pub fn split_format(output: &str) -> (&str, Option<&str>) {
    for format in TEMPLATE_FORMATS.iter().chain(&["custom-columns", "custom-columns-file"]) {
        if let Some(argument) = output.strip_prefix(format).and_then(|rest| rest.strip_prefix('='))
        {
            return (format, Some(argument));
        }
    }
    (output, None)
}

/// The printer that `-o` and `--template` ask for, or `None` if they ask for none.
pub fn printer(invocation: &Invocation) -> Result<Option<Printer>> {
    printer_with(invocation, &[])
}

/// The same for a command that knows formats of its own, which give `None` too.
pub fn printer_with(invocation: &Invocation, own: &[&str]) -> Result<Option<Printer>> {
    let flags = &invocation.flags;
    let (output, template) = (flags.string("output"), flags.string("template"));
    if output.is_empty() && template.is_empty() {
        return Ok(None);
    }
    let (format, argument) = split_format(output);
    if own.contains(&format) {
        return Ok(None);
    }
    // A template alone is a Go template.
    let format = if format.is_empty() { "go-template" } else { format };
    let allow_missing =
        !flags.has("allow-missing-template-keys") || flags.bool("allow-missing-template-keys");
    let managed_fields = flags.bool("show-managed-fields");
    match format {
        "json" => return Ok(Some(Printer::json(managed_fields))),
        "yaml" => return Ok(Some(Printer::yaml(managed_fields))),
        "name" => return Ok(Some(Printer::name())),
        _ => {}
    }
    if !TEMPLATE_FORMATS.contains(&format) {
        return Err(no_printer(output, own));
    }
    let text = match argument {
        Some(argument) => argument,
        None => template,
    };
    if text.is_empty() {
        bail!("template format specified but no template given");
    }
    let text = match format {
        "go-template-file" | "templatefile" | "jsonpath-file" => {
            let bytes = invocation.read_file(text).map_err(|error| {
                crate::errors::error!("error reading --template {text}, {error}")
            })?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => text.to_owned(),
    };
    let printer = match format {
        "jsonpath" | "jsonpath-file" => template::json_path(&text, allow_missing, false)?,
        "jsonpath-as-json" => template::json_path(&text, allow_missing, true)?,
        _ => template::go_template(&text, allow_missing)?,
    };
    Ok(Some(Printer::template(printer)))
}

/// The error of a format that the command does not know.
pub(crate) fn no_printer(output: &str, own: &[&str]) -> crate::errors::Error {
    let mut allowed: Vec<&str> =
        TEMPLATE_FORMATS.iter().chain(&["json", "name", "yaml"]).chain(own).copied().collect();
    allowed.sort_unstable();
    crate::errors::error!(
        "unable to match a printer suitable for the output format {}, allowed formats are: {}",
        quote(output),
        allowed.join(",")
    )
}

/// Prints objects after something was done with them: in the format of `-o`, or with a message.
pub struct Reporter {
    printer: Option<Printer>,
    operation: String,
    dry_run: DryRun,
}

impl Reporter {
    /// A reporter that says `operation`.
    pub fn new(invocation: &Invocation, operation: &str, dry_run: DryRun) -> Result<Reporter> {
        Ok(Reporter { printer: printer(invocation)?, operation: operation.to_owned(), dry_run })
    }

    /// Whether `-o` asks for the objects themselves.
    pub fn prints_objects(&self) -> bool {
        self.printer.is_some()
    }

    /// Says something else from now on.
    pub fn set_operation(&mut self, operation: &str) {
        operation.clone_into(&mut self.operation);
    }

    /// Reports about an object, whose fields are in Go's order.
    pub fn report(&mut self, invocation: &Invocation, object: &Value) -> Result {
        self.report_in(invocation, object, Order::Typed)
    }

    /// Reports about an object.
    pub fn report_in(&mut self, invocation: &Invocation, object: &Value, order: Order) -> Result {
        let context = &invocation.context;
        match &mut self.printer {
            Some(printer) => printer.print(context, object, order),
            None => {
                let name = object::name_of(object);
                context.put(format!("{name} {}{}\n", self.operation, self.dry_run.suffix()));
                Ok(())
            }
        }
    }
}
