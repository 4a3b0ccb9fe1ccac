//! Documents as they stand on the wire.

use crate::typed_json;
use crate::watch::WatchEvent;
use api::Value;

/// The fields of `/version` in the order of the server, which writes this one for people.
pub const VERSION_FIELDS: [&str; 9] = [
    "major",
    "minor",
    "gitVersion",
    "gitCommit",
    "gitTreeState",
    "buildDate",
    "goVersion",
    "compiler",
    "platform",
];

/// The body of an answer to a request for `path`.
pub fn document(path: &str, value: &Value) -> String {
    if path.split('?').next() != Some("/version") || value["gitVersion"].is_null() {
        return typed_json::to_wire(value);
    }
    let line = |name: &str| format!("  \"{name}\": {}", api::json::to_string(&value[name]));
    format!("{{\n{}\n}}", VERSION_FIELDS.map(line).join(",\n"))
}

/// One line of a watch.
pub fn event(event: &WatchEvent) -> String {
    let value = event.to_value();
    let object = typed_json::to_wire(&value["object"]);
    format!(
        "{{\"type\":{},\"object\":{}}}\n",
        api::json::to_string(&value["type"]),
        object.trim_end()
    )
}
