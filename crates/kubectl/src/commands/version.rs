//! `kubectl version`

use crate::client::Call;
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail};
use crate::flags::Flag;
use crate::invocation::Invocation;
use api::{Value, object};
use apiserver::wire::VERSION_FIELDS;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "version",
    short: "Print the client and server version information",
    long: "Print the client and server version information for the current context.\n\n\
           Examples:\n  # Print the client and server versions for the current context\n  kubectl \
           version",
    usage: "version [flags]",
    flags: &[&[
        Flag::bool("client", "false", "If true, shows client version only (no server required)."),
        Flag::string("output", "", "One of 'yaml' or 'json'.").short('o'),
    ]],
    run: run!(version),
    ..Command::EMPTY
};

/// Which kubectl this is.
const VERSION: &str = "v1.29.4";
/// Which kustomize is in it.
const KUSTOMIZE_VERSION: &str = "v5.0.4-0.20230601165947-6ce0bf390ce3";
/// By how much the minor versions of kubectl and the server may differ.
const SKEW_MAX: i64 = 1;

fn client_version() -> Value {
    object! {
        "major": "1",
        "minor": "29",
        "gitVersion": VERSION,
        "gitCommit": "55019c83b0fd51ef4ced8c29eec2c4847f896e74",
        "gitTreeState": "clean",
        "buildDate": "2024-04-16T15:07:16Z",
        "goVersion": "go1.21.9",
        "compiler": "gc",
        "platform": "linux/amd64",
    }
}

async fn version(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    if !invocation.arguments.is_empty() {
        bail!("extra arguments: [{}]", invocation.arguments.join(" "));
    }
    let output = flags.string("output");
    if !matches!(output, "" | "yaml" | "json") {
        bail!("--output must be 'yaml' or 'json'");
    }
    // What the client knows is shown even if the server does not answer.
    let (server, failure) = match flags.bool("client") {
        true => (None, None),
        false => match server_version(&invocation).await {
            Ok(server) => (Some(server), None),
            Err(error) => (None, Some(error)),
        },
    };
    match output {
        "yaml" => invocation.context.put(api::yaml::to_string(&document(server.as_ref()))),
        "json" => invocation.print(json(server.as_ref())),
        _ => {
            invocation.print(format!("Client Version: {VERSION}"));
            invocation.print(format!("Kustomize Version: {KUSTOMIZE_VERSION}"));
            if let Some(server) = &server {
                let version = server["gitVersion"].as_str().unwrap_or_default();
                invocation.print(format!("Server Version: {version}"));
            }
        }
    }
    if let Some(server) = &server {
        warn_of_skew(&invocation, server);
    }
    failure.map_or(Ok(()), Err)
}

async fn server_version(invocation: &Invocation) -> Result<Value, Error> {
    invocation.client()?.value(Call::get("/version").query("timeout", "32s")).await
}

fn document(server: Option<&Value>) -> Value {
    let mut document = object! {
        "clientVersion": client_version(),
        "kustomizeVersion": KUSTOMIZE_VERSION,
    };
    if let Some(server) = server {
        document.make_map().insert("serverVersion", server.clone());
    }
    document
}

fn json(server: Option<&Value>) -> String {
    let block = |name: &str, version: &Value| {
        let field = |field: &&str| {
            let text = version[*field].as_str().unwrap_or_default().to_owned();
            format!("    \"{field}\": {}", api::json::to_string(&text.into()))
        };
        let fields: Vec<String> = VERSION_FIELDS.iter().map(field).collect();
        format!("  \"{name}\": {{\n{}\n  }}", fields.join(",\n"))
    };
    let mut parts = vec![
        block("clientVersion", &client_version()),
        format!("  \"kustomizeVersion\": \"{KUSTOMIZE_VERSION}\""),
    ];
    parts.extend(server.map(|server| block("serverVersion", server)));
    format!("{{\n{}\n}}", parts.join(",\n"))
}

/// A server that is much older or newer is warned of.
fn warn_of_skew(invocation: &Invocation, server: &Value) {
    let version = server["gitVersion"].as_str().unwrap_or_default();
    let mut parts = version.trim_start_matches('v').split('.').map(str::parse::<i64>);
    let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) else { return };
    if major != 1 || (minor - 29).abs() > SKEW_MAX {
        invocation.complain(format!(
            "WARNING: version difference between client (1.29) and server ({major}.{minor}) \
             exceeds the supported minor version skew of +/-{SKEW_MAX}"
        ));
    }
}
