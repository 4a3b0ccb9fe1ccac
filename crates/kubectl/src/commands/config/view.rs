//! `kubectl config view`

use crate::command::{Command, run};
use crate::errors::{Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::kubeconfig::{Config, Stanza};
use crate::print::{self, Order, Printer};
use api::Value;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "view",
    short: "Display merged kubeconfig settings or a specified kubeconfig file",
    long: "Display merged kubeconfig settings or a specified kubeconfig file.\n\n You can use \
           --output jsonpath={...} to extract specific values using a jsonpath \
           expression.\n\nExamples:\n  # Show merged kubeconfig settings\n  kubectl config \
           view\n  \n  # Show merged kubeconfig settings, raw certificate data, and exposed \
           secrets\n  kubectl config view --raw\n  \n  # Get the password for the e2e user\n  \
           kubectl config view -o jsonpath='{.users[?(@.name == \"e2e\")].user.password}'",
    usage: "view [flags]",
    flags: &[
        &[
            shared::ALLOW_MISSING_TEMPLATE_KEYS,
            shared::OUTPUT.with_default("yaml"),
            shared::SHOW_MANAGED_FIELDS,
            shared::TEMPLATE,
        ],
        &[
            Flag::bool(
                "flatten",
                "false",
                "Flatten the resulting kubeconfig file into self-contained output (useful for \
                 creating portable kubeconfig files)",
            ),
            Flag::bool("merge", "true", "Merge the full hierarchy of kubeconfig files"),
            Flag::bool(
                "minify",
                "false",
                "Remove all information not used by current-context from the output",
            ),
            Flag::bool("raw", "false", "Display raw byte data and sensitive data"),
        ],
    ],
    run: run!(view),
    ..Command::EMPTY
};

async fn view(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    if !invocation.arguments.is_empty() {
        bail!("unexpected arguments: [{}]", invocation.arguments.join(" "));
    }
    if !flags.bool("merge") && flags.string("kubeconfig").is_empty() {
        bail!("if merge==false a precise file must be specified");
    }
    let mut printer = match print::printer(&invocation)? {
        Some(printer) => printer,
        None => Printer::yaml(true),
    };
    let files = invocation.kubeconfig()?;
    files.check_explicit()?;
    let mut config = files.merged();
    if flags.is_changed("context") {
        flags.string("context").clone_into(&mut config.current_context);
    }
    if flags.bool("minify") {
        minify(&mut config)?;
    }
    if flags.bool("flatten") {
        flatten(&invocation, &mut config)?;
    } else if !flags.bool("raw") {
        redact(&mut config);
    }
    printer.print(&invocation.context, &config.to_value(), Order::Typed)
}

/// Leaves the context in use, and what it names.
fn minify(config: &mut Config) -> Result {
    if config.current_context.is_empty() {
        bail!("current-context must exist in order to minify");
    }
    let current = config.current_context.clone();
    let Some(context) = config.contexts.get(&current).cloned() else {
        bail!("cannot locate context {current}");
    };
    for (stanza, name) in [
        (Stanza::Context, current.as_str()),
        (Stanza::Cluster, context["cluster"].as_str().unwrap_or_default()),
        (Stanza::User, context["user"].as_str().unwrap_or_default()),
    ] {
        if !name.is_empty() && !config.stanza(stanza).contains_key(name) {
            bail!("cannot locate {} {name}", stanza.item());
        }
        config.stanza_mut(stanza).retain(|known, _| known == name);
    }
    Ok(())
}

/// Puts the content of files where their names stand.
fn flatten(invocation: &Invocation, config: &mut Config) -> Result {
    for (stanza, field, data_field) in [
        (Stanza::Cluster, "certificate-authority", "certificate-authority-data"),
        (Stanza::User, "client-certificate", "client-certificate-data"),
        (Stanza::User, "client-key", "client-key-data"),
    ] {
        for item in config.stanza_mut(stanza).values_mut() {
            let path = item[field].as_str().unwrap_or_default().to_owned();
            if !path.is_empty() {
                let bytes = invocation.read_file(&path)?;
                super::put(item, field, "");
                super::put(item, data_field, &super::encoded(&bytes));
            }
        }
    }
    Ok(())
}

/// Hides what is not for everybody's eyes.
fn redact(config: &mut Config) {
    for stanza in [Stanza::Cluster, Stanza::User] {
        for item in config.stanza_mut(stanza).values_mut() {
            for field in stanza.fields() {
                let shown = match *field {
                    "token" | "password" => "REDACTED",
                    field if field.ends_with("-data") => "DATA+OMITTED",
                    _ => continue,
                };
                if item[*field].as_str().is_some_and(|text| !text.is_empty()) {
                    item.make_map().insert(*field, Value::from(shown));
                }
            }
        }
    }
}
