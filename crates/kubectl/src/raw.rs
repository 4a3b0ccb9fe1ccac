//! `--raw`: bodies as they stand on the wire.

use crate::client::Client;
use crate::errors::Result;
use crate::print::typed_json;
use api::Value;
use apiserver::{Response, ResponseBody};

/// The bytes of a body.
pub(crate) async fn body(client: &Client, response: Response, path: &str) -> Result<Vec<u8>> {
    if response.code >= 400 {
        return Err(client.failure(response));
    }
    Ok(match response.body {
        ResponseBody::Text(text) => text.into_bytes(),
        ResponseBody::Value(value) if path == "/version" => version(&value).into_bytes(),
        ResponseBody::Value(value) => (typed_json::to_string(&value) + "\n").into_bytes(),
        ResponseBody::Stream(mut stream) => {
            let mut bytes = Vec::new();
            while let Some(more) = stream.recv().await {
                bytes.extend(more);
            }
            bytes
        }
        ResponseBody::Watch(mut stream) => {
            let mut bytes = Vec::new();
            while let Some(event) = stream.try_next() {
                bytes.extend(api::json::to_string(&event.to_value()).bytes());
                bytes.push(b'\n');
            }
            bytes
        }
    })
}

/// The fields of `/version` in the order of the server, which writes this one for people.
const VERSION_FIELDS: [&str; 9] = [
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

fn version(value: &Value) -> String {
    let line = |name: &str| format!("  \"{name}\": {}", api::json::to_string(&value[name]));
    format!("{{\n{}\n}}", VERSION_FIELDS.map(line).join(",\n"))
}
