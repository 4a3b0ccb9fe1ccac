//! `kubectl set env`

use super::env_references::{Resolver, reference_text};
use super::{Sender, is_without_resources, objects, refuse_server_dry_run};
use crate::command::{Command, run};
use crate::errors::{Result, bail, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::polymorphic::pod_spec::{self, is_selected};
use crate::print::DryRun;
use crate::resource::{Builder, Info};
use api::{List, Value, object, validation};
use std::collections::BTreeMap;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "env",
    short: "Update environment variables on a pod template",
    long: include_str!("../../../help/set-env.txt"),
    usage: "env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_SET,
            shared::KUSTOMIZE,
            shared::RECURSIVE,
            shared::SELECTOR,
            Flag::bool(
                "all",
                "false",
                "If true, select all resources in the namespace of the specified resource types",
            ),
            Flag::string(
                "containers",
                "*",
                "The names of containers in the selected pod templates to change - may use \
                wildcards",
            )
            .short('c'),
            Flag::string_array(
                "env",
                "",
                "Specify a key-value pair for an environment variable to set into each container.",
            )
            .short('e'),
            Flag::string_slice(
                "filename",
                "",
                "Filename, directory, or URL to files the resource to update the env",
            )
            .short('f'),
            Flag::string(
                "from",
                "",
                "The name of a resource from which to inject environment variables",
            ),
            Flag::string_slice(
                "keys",
                "",
                "Comma-separated list of keys to import from specified resource",
            ),
            Flag::bool(
                "list",
                "false",
                "If true, display the environment and any changes in the standard format. this \
                flag will removed when we have kubectl view env.",
            ),
            Flag::bool(
                "local",
                "false",
                "If true, set env will NOT contact api-server but run locally.",
            ),
            Flag::bool(
                "overwrite",
                "true",
                "If true, allow environment to be overwritten, otherwise reject updates that \
                overwrite existing environment.",
            ),
            Flag::string("prefix", "", "Prefix to append to variable names"),
            Flag::bool(
                "resolve",
                "false",
                "If true, show secret or configmap references when listing variables",
            ),
        ],
    ],
    run: run!(env),
    ..Command::EMPTY
};

/// What is to become of environments.
#[derive(Default)]
struct Update {
    variables: Vec<Value>,
    removed: Vec<String>,
}

async fn env(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let dry_run = DryRun::read(&invocation)?;
    let (resources, arguments) = split(&invocation.arguments)?;
    let failure = "failed to patch env update to pod template: ";
    let mut sender = Sender::new(&invocation, "env updated", dry_run, failure)?;
    check(&invocation, resources, dry_run)?;
    let mut update = parse(&invocation, arguments).await?;
    import(&invocation, &mut update).await?;
    prefix(&mut update, flags.string("prefix"));
    for info in objects(&invocation, resources).await? {
        let mut listed = Vec::new();
        let change = sender.compute(info, |object| {
            let kind_and_name = kind_and_name(object);
            pod_spec::update(object, |spec| {
                listed = update_all(&invocation, spec, &kind_and_name, &update)?;
                Ok(())
            })
        });
        let Some(change) = change else { continue };
        if flags.bool("list") {
            list(&invocation, &change.info, &listed).await;
        } else if !change.is_empty() {
            sender.send(&change).await;
        }
    }
    if flags.bool("list") { Ok(()) } else { sender.finish() }
}

/// Separates resources from variables.
fn split(arguments: &[String]) -> Result<(&[String], &[String])> {
    let is_variable = |argument: &String| argument.contains('=') || argument.ends_with('-');
    let first = arguments.iter().position(is_variable).unwrap_or(arguments.len());
    let (resources, variables) = arguments.split_at(first);
    if !variables.iter().all(is_variable) {
        let words = arguments.join(" ");
        bail!("all resources must be specified before environment changes: {words}");
    }
    Ok((resources, variables))
}

fn check(invocation: &Invocation, resources: &[String], dry_run: DryRun) -> Result {
    let flags = &invocation.flags;
    if flags.bool("all") && !flags.string("selector").is_empty() {
        bail!("cannot set --all and --selector at the same time");
    }
    if is_without_resources(invocation, resources) {
        bail!("one or more resources must be specified as <resource> <name> or <resource>/<name>");
    }
    if flags.bool("list") && !flags.string("output").is_empty() {
        bail!("--list and --output may not be specified together");
    }
    if !flags.strings("keys").is_empty() && flags.string("from").is_empty() {
        bail!("when specifying --keys, a configmap or secret must be provided with --from");
    }
    refuse_server_dry_run(invocation, dry_run)
}

/// Reads `KEY=value`, `KEY-`, and `-` for standard input.
async fn parse(invocation: &Invocation, arguments: &[String]) -> Result<Update> {
    let mut update = Update::default();
    for argument in invocation.flags.strings("env").iter().chain(arguments) {
        if argument == "-" {
            let text = invocation.read_stdin().await?;
            for line in String::from_utf8_lossy(&text).lines() {
                // Comments may stand behind a value. Names are taken as they are.
                let line = line.split('#').next().unwrap_or_default();
                if let Some((name, value)) = line.split_once('=') {
                    update.variables.push(variable(name, value));
                }
            }
        } else if let Some((name, value)) = argument.split_once('=') {
            let problems = validation::env_var_name(name);
            if !problems.is_empty() {
                bail!("{} is not a valid key name: {}", quote(name), problems.join(";"));
            }
            update.variables.push(variable(name, value));
        } else if let Some(name) = argument.strip_suffix('-') {
            update.removed.push(name.to_owned());
        } else {
            bail!("unknown environment variable: {argument}");
        }
    }
    let is_set =
        |name: &String| update.variables.iter().any(|known| known["name"] == name.as_str());
    if update.removed.iter().any(is_set) {
        bail!("can not both modify and remove the same environment variable in the same command");
    }
    Ok(update)
}

fn variable(name: &str, value: &str) -> Value {
    let mut variable = object! { "name": name.to_owned() };
    if !value.is_empty() {
        variable.make_map().insert("value", value.to_owned());
    }
    variable
}

/// `--from`: a variable for each key of a ConfigMap or Secret.
async fn import(invocation: &Rc<Invocation>, update: &mut Update) -> Result {
    let flags = &invocation.flags;
    let from = flags.string("from");
    if from.is_empty() {
        return Ok(());
    }
    if flags.bool("local") {
        bail!("unsupported resource specified in --from");
    }
    let builder = Builder::new(invocation).without_files().latest().flatten();
    let builder = builder.all(flags.bool("all")).arguments(&[from.to_owned()]);
    for info in builder.build().await?.infos().await? {
        let reference = match info.mapping.kind.as_str() {
            "ConfigMap" => "configMapKeyRef",
            "Secret" => "secretKeyRef",
            _ => bail!("unsupported resource specified in --from"),
        };
        let keys = info.object["data"].as_map().cloned().unwrap_or_default();
        for (key, _) in keys.iter() {
            let wanted = flags.strings("keys");
            if !wanted.is_empty() && !wanted.iter().any(|name| name == key.as_str()) {
                continue;
            }
            let selector = object! { "name": info.name.clone(), "key": key.as_str().to_owned() };
            let mut source = Value::EMPTY_MAP;
            source.make_map().insert(reference, selector);
            update.variables.push(object! {
                "name": variable_name(invocation, key.as_str()),
                "valueFrom": source,
            });
        }
    }
    Ok(())
}

/// The variable that a key becomes.
fn variable_name(invocation: &Invocation, key: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let name: String = key.chars().map(letter).collect();
    if name != key {
        invocation.warn(&format!("key {key} transferred to {name}"));
    }
    name
}

fn prefix(update: &mut Update, prefix: &str) {
    for variable in update.variables.iter_mut().filter(|_| !prefix.is_empty()) {
        let name = format!("{prefix}{}", variable["name"].as_str().unwrap_or_default());
        variable.make_map().insert("name", name);
    }
}

fn kind_and_name(object: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&object["kind"]), text(&object["metadata"]["name"]))
}

/// Changes the environments of the containers that are meant, and gives these containers.
fn update_all(
    invocation: &Invocation,
    spec: &mut Value,
    (kind, name): &(String, String),
    update: &Update,
) -> Result<Vec<Value>> {
    let pattern = invocation.flags.string("containers");
    let overwrites = invocation.flags.bool("overwrite");
    let (mut touched, mut problem) = (Vec::new(), None);
    pod_spec::each_container(spec, |container| {
        if problem.is_some()
            || !is_selected(container["name"].as_str().unwrap_or_default(), pattern)
        {
            return;
        }
        if !overwrites {
            problem = overwritten(&container["env"], update).err();
        }
        if problem.is_none() {
            set(container, update);
            touched.push(container.clone());
        }
    });
    if let Some(problem) = problem {
        return Err(problem);
    }
    if touched.is_empty() {
        let pattern = quote(pattern);
        invocation.warn(&format!("{kind}/{name} does not have any containers matching {pattern}"));
    }
    Ok(touched)
}

/// The complaint about a variable that has a value already.
fn overwritten(held: &Value, update: &Update) -> Result {
    for variable in &update.variables {
        if let Some(known) = held.items().iter().find(|known| known["name"] == variable["name"]) {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let (name, value) = (text(&known["name"]), text(&known["value"]));
            bail!("'{name}' already has a value ({value}), and --overwrite is false");
        }
    }
    Ok(())
}

fn set(container: &mut Value, update: &Update) {
    let held = container["env"].clone();
    let mut environment = List::EMPTY;
    let mut covered = update.removed.clone();
    let named = |variable: &Value| variable["name"].as_str().unwrap_or_default().to_owned();
    let newest = |name: &str| update.variables.iter().find(|new| new["name"] == name);
    for variable in held.items() {
        let name = named(variable);
        if covered.contains(&name) {
            continue;
        }
        match newest(&name) {
            Some(newer) => {
                environment.push(newer.clone());
                covered.push(name);
            }
            None => environment.push(variable.clone()),
        }
    }
    for variable in &update.variables {
        let name = named(variable);
        if !covered.contains(&name) {
            environment.push(variable.clone());
            covered.push(name);
        }
    }
    if environment.is_empty() {
        container.make_map().remove_str("env");
    } else {
        container.make_map().insert("env", Value::List(environment));
    }
}

/// `--list`
async fn list(invocation: &Rc<Invocation>, info: &Info, containers: &[Value]) {
    let mut resolver = Resolver::new(invocation, info);
    let kind = &info.mapping.kind;
    for container in containers {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        invocation.print(format!("# {kind} {}, container {}", info.name, text(&container["name"])));
        let mut problems: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for variable in container["env"].items() {
            let (name, source) = (text(&variable["name"]), &variable["valueFrom"]);
            if source.is_null() {
                invocation.print(format!("{name}={}", text(&variable["value"])));
                continue;
            }
            if invocation.flags.bool("resolve") {
                match resolver.value(source, container).await {
                    Ok(value) => {
                        invocation.print(format!("{name}={value}"));
                        continue;
                    }
                    Err(why) => problems.entry(why.to_string()).or_default().push(name.clone()),
                }
            }
            invocation.print(format!("# {name} from {}", reference_text(source)));
        }
        for (why, mut names) in problems {
            names.sort();
            let names = names.join(", ");
            invocation.complain(format!("error retrieving reference for {names}: {why}"));
        }
    }
}
