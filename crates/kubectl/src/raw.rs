//! `--raw`: bodies as they stand on the wire.

use crate::client::Client;
use crate::errors::Result;
use crate::print::typed_json;
use apiserver::{Response, ResponseBody};

/// The bytes of a body.
pub(crate) async fn body(client: &Client, response: Response, path: &str) -> Result<Vec<u8>> {
    if response.code >= 400 {
        return Err(client.failure(response));
    }
    Ok(match response.body {
        ResponseBody::Text(text) => text.into_bytes(),
        // The server writes this one for people.
        ResponseBody::Value(value) if path == "/version" => {
            api::json::to_string_pretty(&value).replace("    ", "  ").into_bytes()
        }
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
