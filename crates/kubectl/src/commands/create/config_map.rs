//! `kubectl create configmap`

use super::sources::{Sources, encode};
use super::typed::{Creation, Kind, named};
use crate::command::{Command, run};
use crate::commands::common::one_name;
use crate::errors::Result;
use crate::flags::{Flag, shared};
use crate::hash;
use crate::invocation::Invocation;
use api::{Map, Value, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "configmap",
    aliases: &["cm"],
    short: "Create a config map from a local file, directory or literal value",
    long: include_str!("../../../help/create-configmap.txt"),
    usage: "configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] \
            [--dry-run=server|client|none]",
    flags: &[
        shared::PRINT,
        &[
            shared::DRY_RUN,
            shared::FIELD_MANAGER_CREATE,
            shared::SAVE_CONFIG,
            shared::VALIDATE,
            Flag::bool("append-hash", "false", "Append a hash of the configmap to its name."),
            Flag::string_slice(
                "from-env-file",
                "",
                "Specify the path to a file to read lines of key=val pairs to create a configmap.",
            ),
            Flag::string_slice(
                "from-file",
                "",
                "Key file can be specified using its file path, in which case file basename will \
            be used as configmap key, or optionally with a key and file path, in which case \
            the given key will be used.  Specifying a directory will iterate each named file \
            in the directory whose basename is a valid configmap key.",
            ),
            Flag::string_array(
                "from-literal",
                "",
                "Specify a key and literal value to insert in configmap (i.e. mykey=somevalue)",
            ),
        ],
    ],
    run: run!(create),
    ..Command::EMPTY
};

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let creation = Creation::begin(&invocation)?;
    let mut sources = Sources::new("ConfigMap", &name);
    sources.read(&invocation)?;
    let (mut data, mut binary) = (Map::EMPTY, Map::EMPTY);
    for (key, bytes) in sources.entries {
        match String::from_utf8(bytes) {
            Ok(text) => data.insert(key, text),
            Err(error) => binary.insert(key, encode(error.as_bytes())),
        };
    }
    let mut object = object! { "kind": "ConfigMap", "metadata": named(&name) };
    for (field, map) in [("data", data), ("binaryData", binary)] {
        if !map.is_empty() {
            object.make_map().insert(field, Value::Map(map));
        }
    }
    if invocation.flags.bool("append-hash") {
        let name = format!("{name}-{}", hash::of_object(&object));
        object.make_map().insert("metadata", named(&name));
    }
    let kind = Kind::core("ConfigMap", "failed to create configmap: ");
    creation.finish(&invocation, kind, object).await
}
