//! `kubectl create secret`: generic, docker-registry, tls.

use super::sources::{Sources, encode};
use super::typed::{Creation, Kind, named};
use crate::command::{Command, run};
use crate::commands::common::one_name;
use crate::errors::{Result, bail, error};
use crate::flags::{Flag, shared};
use crate::hash;
use crate::invocation::{Invocation, open_error};
use api::{Map, Value, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "secret",
    short: "Create a secret using a specified subcommand",
    long: include_str!("../../../help/create-secret.txt"),
    usage: "secret (docker-registry | generic | tls)",
    subcommands: &[&DOCKER_REGISTRY, &GENERIC, &TLS],
    ..Command::EMPTY
};

static GENERIC: Command = Command {
    name: "generic",
    short: "Create a secret from a local file, directory, or literal value",
    long: include_str!("../../../help/create-secret-generic.txt"),
    usage: "generic NAME [--type=string] [--from-file=[key=]source] \
            [--from-literal=key1=value1] [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::APPEND_HASH,
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::FROM_FILE,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            Flag::string_slice(
                "from-env-file",
                "",
                "Specify the path to a file to read lines of key=val pairs to create a secret.",
            ),
            Flag::string_array(
                "from-literal",
                "",
                "Specify a key and literal value to insert in secret (i.e. mykey=somevalue)",
            ),
            Flag::string("type", "", "The type of secret to create"),
        ],
    ],
    run: run!(generic),
    ..Command::EMPTY
};

static DOCKER_REGISTRY: Command = Command {
    name: "docker-registry",
    short: "Create a secret for use with a Docker registry",
    long: include_str!("../../../help/create-secret-docker-registry.txt"),
    usage: "docker-registry NAME --docker-username=user --docker-password=password \
            --docker-email=email [--docker-server=string] [--from-file=[key=]source] \
            [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::APPEND_HASH,
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::FROM_FILE,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            Flag::string("docker-email", "", "Email for Docker registry"),
            Flag::string("docker-password", "", "Password for Docker registry authentication"),
            Flag::string(
                "docker-server",
                "https://index.docker.io/v1/",
                "Server location for Docker registry",
            ),
            Flag::string("docker-username", "", "Username for Docker registry authentication"),
        ],
    ],
    run: run!(docker_registry),
    ..Command::EMPTY
};

static TLS: Command = Command {
    name: "tls",
    short: "Create a TLS secret",
    long: include_str!("../../../help/create-secret-tls.txt"),
    usage: "tls NAME --cert=path/to/cert/file --key=path/to/key/file \
            [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::APPEND_HASH,
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            Flag::string("cert", "", "Path to PEM encoded public key certificate."),
            Flag::string("key", "", "Path to private key associated with given certificate."),
        ],
    ],
    run: run!(tls),
    ..Command::EMPTY
};

async fn generic(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let mut sources = Sources::new("Secret", &name);
    sources.read(&invocation)?;
    let object = secret(&invocation, &name, invocation.flags.string("type"), sources.entries);
    let kind = Kind::core("Secret", "failed to create secret ");
    creation.finish(&invocation, kind, object).await
}

async fn docker_registry(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let flags = &invocation.flags;
    let (user, password) = (flags.string("docker-username"), flags.string("docker-password"));
    let (server, email) = (flags.string("docker-server"), flags.string("docker-email"));
    let files = flags.strings("from-file");
    if files.is_empty() && (user.is_empty() || password.is_empty() || server.is_empty()) {
        bail!(
            "either --from-file or the combination of --docker-username, --docker-password and \
             --docker-server is required"
        );
    }
    let mut sources = Sources::new("Secret", &name);
    for file in files {
        sources.file(&invocation, file)?;
    }
    if files.is_empty() {
        let content = docker_config(server, user, password, email);
        sources.entries.push((".dockerconfigjson".to_owned(), content.into_bytes()));
    }
    let ty = "kubernetes.io/dockerconfigjson";
    let object = secret(&invocation, &name, ty, sources.entries);
    let kind = Kind::core("Secret", "failed to create secret ");
    creation.finish(&invocation, kind, object).await
}

/// The content of a Docker configuration file, in the order of Go's struct.
fn docker_config(server: &str, user: &str, password: &str, email: &str) -> String {
    let text = |text: &str| api::json::to_string(&Value::from(text.to_owned()));
    let mut fields = vec![("username", user.to_owned()), ("password", password.to_owned())];
    if !email.is_empty() {
        fields.push(("email", email.to_owned()));
    }
    fields.push(("auth", encode(format!("{user}:{password}").as_bytes())));
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("\"{name}\":{}", text(value))).collect();
    format!("{{\"auths\":{{{}:{{{}}}}}}}", text(server), fields.join(","))
}

async fn tls(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let (cert, key) = (invocation.flags.string("cert"), invocation.flags.string("key"));
    if cert.is_empty() || key.is_empty() {
        bail!("key and cert must be specified");
    }
    let read = |path: &str| {
        let bytes = invocation.context.read_file(path);
        bytes.map_err(|why| error!("Cannot read file {path}, {}", open_error(path, why)))
    };
    let (cert, key) = (read(cert)?, read(key)?);
    if !is_pem(&cert) {
        bail!("tls: failed to find any PEM data in certificate input");
    }
    if !is_pem(&key) {
        bail!("tls: failed to find any PEM data in key input");
    }
    let entries = vec![("tls.crt".to_owned(), cert.to_vec()), ("tls.key".to_owned(), key.to_vec())];
    let object = secret(&invocation, &name, "kubernetes.io/tls", entries);
    let kind = Kind::core("Secret", "failed to create secret ");
    creation.finish(&invocation, kind, object).await
}

fn is_pem(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).contains("-----BEGIN ")
}

fn secret(invocation: &Invocation, name: &str, ty: &str, entries: Vec<(String, Vec<u8>)>) -> Value {
    let data: Map = entries.into_iter().map(|(key, bytes)| (key, encode(&bytes))).collect();
    let mut object = object! { "kind": "Secret", "metadata": named(name) };
    if !ty.is_empty() {
        object.make_map().insert("type", ty.to_owned());
    }
    if !data.is_empty() {
        object.make_map().insert("data", data);
    }
    if invocation.flags.bool("append-hash") {
        let name = format!("{name}-{}", hash::of_object(&object));
        object.make_map().insert("metadata", named(&name));
    }
    object
}
