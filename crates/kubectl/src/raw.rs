//! `--raw`: bodies as they stand on the wire.

use crate::client::Client;
use crate::errors::Result;
use apiserver::{Response, ResponseBody, wire};

/// The bytes of a body.
pub(crate) async fn body(client: &Client, response: Response, path: &str) -> Result<Vec<u8>> {
    if response.code >= 400 {
        return Err(client.failure(response));
    }
    Ok(match response.body {
        ResponseBody::Text(text) => text.into_bytes(),
        ResponseBody::Bytes { bytes, .. } => bytes,
        ResponseBody::Value(value) => wire::document(path, &value).into_bytes(),
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
                bytes.extend(wire::event(&event).bytes());
            }
            bytes
        }
    })
}
