//! `kubectl create ingress`

use super::typed::{Creation, Kind, named};
use crate::command::{Command, run};
use crate::commands::common::one_name;
use crate::errors::{Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use api::{List, Map, Value, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "ingress",
    aliases: &["ing"],
    short: "Create an ingress with the specified name",
    long: include_str!("../../../help/create-ingress.txt"),
    usage: "ingress NAME --rule=host/path=service:port[,tls[=secret]] ",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            Flag::string_array(
                "annotation",
                "",
                "Annotation to insert in the ingress object, in the format annotation=value",
            ),
            Flag::string("class", "", "Ingress Class to be used"),
            Flag::string(
                "default-backend",
                "",
                "Default service for backend, in format of svcname:port",
            ),
            Flag::string_array(
                "rule",
                "",
                "Rule in format host/path=service:port[,tls=secretname]. Paths containing the \
            leading character '*' are considered pathType=Prefix. tls argument is optional.",
            ),
        ],
    ],
    run: run!(create),
    ..Command::EMPTY
};

const KIND: Kind = Kind {
    group: "networking.k8s.io",
    version: "v1",
    kind: "Ingress",
    failure: "failed to create ingress: ",
};

/// `host/path=service:port,tls=secret`
struct Rule {
    host: String,
    path: String,
    is_prefix: bool,
    backend: Value,
    /// The secret's name, empty for the default one; `None` without TLS.
    tls: Option<String>,
}

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let flags = &invocation.flags;
    let (rules, default) = (flags.strings("rule"), flags.string("default-backend"));
    if rules.is_empty() && default.is_empty() {
        bail!(
            "not enough information provided: every ingress has to either specify a \
             default-backend (which catches all traffic) or a list of rules (which catch specific \
             paths)"
        );
    }
    let rules = rules.iter().map(|rule| parse(rule)).collect::<Result<Vec<Rule>>>()?;
    let mut metadata = named(&name);
    let annotations = annotations(flags.strings("annotation"))?;
    if !annotations.is_empty() {
        metadata.make_map().insert("annotations", annotations);
    }
    let mut spec = Value::EMPTY_MAP;
    if !default.is_empty() {
        match default.split(':').collect::<Vec<_>>().as_slice() {
            [service, port] if !service.is_empty() && !port.is_empty() => {
                spec.make_map().insert("defaultBackend", backend(service, port));
            }
            _ => bail!("default-backend should be in format servicename:serviceport"),
        }
    }
    if !flags.string("class").is_empty() {
        spec.make_map().insert("ingressClassName", flags.string("class").to_owned());
    }
    if !rules.is_empty() {
        spec.make_map().insert("rules", rules_of(&rules));
        let tls = tls_of(&rules);
        if !tls.is_empty() {
            spec.make_map().insert("tls", tls);
        }
    }
    let object = object! { "metadata": metadata, "spec": spec };
    creation.finish(&invocation, KIND, object).await
}

fn annotations(texts: &[String]) -> Result<Map> {
    let mut annotations = Map::EMPTY;
    for text in texts {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                annotations.insert(key, value.to_owned());
            }
            _ => bail!("annotation {text} is invalid and should be in format key=[value]"),
        }
    }
    Ok(annotations)
}

fn parse(text: &str) -> Result<Rule> {
    let read = || -> Option<Rule> {
        let (rule, tls) = match text.split_once(',') {
            Some((rule, tls)) => {
                let secret = match tls.split_once('=') {
                    Some(("tls", secret)) => secret.to_owned(),
                    None if tls == "tls" => String::new(),
                    _ => return None,
                };
                (rule, Some(secret))
            }
            None => (text, None),
        };
        let (place, service) = rule.split_once('=')?;
        let (host, path) = place.split_once('/')?;
        let (service, port) = service.split_once(':')?;
        if service.is_empty() || port.is_empty() || port.contains(':') {
            return None;
        }
        let path = format!("/{path}");
        let exact = path.strip_suffix('*');
        Some(Rule {
            host: host.to_owned(),
            is_prefix: exact.is_some(),
            path: exact.unwrap_or(&path).to_owned(),
            backend: backend(service, port),
            tls,
        })
    };
    match read() {
        Some(rule) => Ok(rule),
        None => bail!(
            "rule {text} is invalid and should be in format \
             host/path=svcname:svcport[,tls[=secret]]"
        ),
    }
}

fn backend(service: &str, port: &str) -> Value {
    let port = match port.parse::<i64>() {
        Ok(number) => object! { "number": number },
        Err(_) => object! { "name": port.to_owned() },
    };
    object! { "service": object! { "name": service.to_owned(), "port": port } }
}

/// Paths of one host come together, at the place of the first.
fn rules_of(rules: &[Rule]) -> Value {
    let mut hosts: Vec<(&str, List)> = Vec::new();
    for rule in rules {
        let path = object! {
            "path": rule.path.clone(),
            "pathType": if rule.is_prefix { "Prefix" } else { "Exact" },
            "backend": rule.backend.clone(),
        };
        match hosts.iter_mut().find(|(host, _)| *host == rule.host) {
            Some((_, paths)) => paths.push(path),
            None => hosts.push((&rule.host, List::from(vec![path]))),
        }
    }
    let rule = |(host, paths): (&str, List)| {
        let http = object! { "paths": Value::List(paths) };
        object! { "host": host.to_owned(), "http": http }
    };
    Value::List(hosts.into_iter().map(rule).collect())
}

/// Hosts that use one secret come together.
fn tls_of(rules: &[Rule]) -> List {
    let mut secrets: Vec<(&str, Vec<String>)> = Vec::new();
    for rule in rules {
        let Some(secret) = rule.tls.as_deref() else { continue };
        match secrets.iter_mut().find(|(known, _)| *known == secret) {
            Some((_, hosts)) if hosts.contains(&rule.host) => {}
            Some((_, hosts)) => hosts.push(rule.host.clone()),
            None => secrets.push((secret, vec![rule.host.clone()])),
        }
    }
    let entry = |(secret, hosts): (&str, Vec<String>)| {
        let hosts: List = hosts.into_iter().filter(|host| !host.is_empty()).collect();
        let mut entry = Value::EMPTY_MAP;
        if !hosts.is_empty() {
            entry.make_map().insert("hosts", hosts);
        }
        if !secret.is_empty() {
            entry.make_map().insert("secretName", secret.to_owned());
        }
        entry
    };
    secrets.into_iter().map(entry).collect()
}
