//! What goes out.

use crate::watch::WatchStream;
use api::{Status, Value};
use sim::Receiver;

/// The answer of the API server.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status code.
    pub code: u16,
    /// What comes with it.
    pub body: ResponseBody,
    /// What the client should tell its user (the `Warning` headers).
    pub warnings: Vec<String>,
}

/// What comes with an answer.
#[derive(Debug)]
pub enum ResponseBody {
    /// A document.
    Value(Value),
    /// A text that is no document, such as a log.
    Text(String),
    /// A document in a form of its own.
    Bytes {
        /// What it is.
        content_type: &'static str,
        /// It.
        bytes: Vec<u8>,
    },
    /// Changes, as they happen.
    Watch(WatchStream),
    /// Bytes, as they come: a log that is followed.
    Stream(Receiver<Vec<u8>>),
}

impl Response {
    /// Success with a document.
    pub fn ok(value: Value) -> Response {
        Response { code: 200, body: ResponseBody::Value(value), warnings: Vec::new() }
    }

    /// A document with another status code.
    pub fn with_code(code: u16, value: Value) -> Response {
        Response { code, ..Response::ok(value) }
    }

    /// What Go's web server says of a path that leads nowhere.
    pub(crate) fn page_not_found() -> Response {
        let body = ResponseBody::Text("404 page not found\n".to_owned());
        Response { code: 404, body, warnings: Vec::new() }
    }

    /// The document, or the failure it tells of.
    pub fn into_result(self) -> Result<Value, Status> {
        let is_success = self.code < 400;
        match self.body {
            ResponseBody::Value(value) if is_success => Ok(value),
            ResponseBody::Value(value) => Err(Status::from_value(self.code, &value)),
            ResponseBody::Text(text) if is_success => Ok(text.into()),
            ResponseBody::Text(_) => Err(Status { code: self.code, ..Status::unknown_path() }),
            ResponseBody::Watch(_) | ResponseBody::Stream(_) | ResponseBody::Bytes { .. } => {
                Ok(Value::Null)
            }
        }
    }
}

impl From<Status> for Response {
    fn from(status: Status) -> Response {
        Response::with_code(status.code, status.to_value())
    }
}

impl From<Result<Response, Status>> for Response {
    fn from(result: Result<Response, Status>) -> Response {
        result.unwrap_or_else(Response::from)
    }
}
