//! A server to send requests to.

#![allow(dead_code)] // Each test file uses a part of it.

use api::{Text, Value, json, object};
use apiserver::store::StoreLimits;
use apiserver::{ApiServer, Body, Credentials, HttpRequest, Method, Response, ResponseBody, User};
use sim::{Cause, Sim, Time};

/// A request, as far as it differs from a plain `GET` by the administrator.
pub struct Call<'a> {
    pub method: Method,
    pub path: &'a str,
    pub content_type: &'a str,
    pub accept: &'a str,
    pub body: Option<Vec<u8>>,
    pub credentials: Credentials,
}

impl<'a> Call<'a> {
    pub fn new(method: Method, path: &'a str) -> Call<'a> {
        Call {
            method,
            path,
            content_type: "application/json",
            accept: "application/json",
            body: None,
            credentials: administrator().into(),
        }
    }

    pub fn with(method: Method, path: &'a str, body: &Value) -> Call<'a> {
        let body = Some(json::to_string(body).into_bytes());
        Call { body, ..Call::new(method, path) }
    }
}

pub fn administrator() -> User {
    User::new("kubernetes-admin", &["system:masters", "system:authenticated"])
}

pub struct TestServer {
    pub sim: Sim,
    pub server: ApiServer,
}

impl TestServer {
    /// A server with the namespace `default` and its service account.
    pub fn new() -> TestServer {
        let sim = Sim::new(1, Time::from_seconds(1_795_000_000));
        let server = ApiServer::new(&sim, StoreLimits::default());
        let mut server = TestServer { sim, server };
        let default = object! { "metadata": object! { "name": "default" } };
        for path in ["/api/v1/namespaces", "/api/v1/namespaces/default/serviceaccounts"] {
            let created = server.send(&Call::with(Method::Post, path, &default));
            assert_eq!(created.code, 201, "{path}");
        }
        server
    }

    pub fn send(&mut self, call: &Call<'_>) -> Response {
        self.server.handle_http(HttpRequest {
            method: call.method,
            path: call.path.to_owned(),
            body: call.body.clone().map_or(Body::None, |bytes| Body::Bytes(bytes.into())),
            content_type: call.content_type.to_owned(),
            accept: call.accept.to_owned(),
            credentials: call.credentials.clone(),
            user_agent: Text::from("test/v1"),
            cause: Cause::Setup,
        })
    }

    /// The code and the document of the answer.
    pub fn document(&mut self, call: &Call<'_>) -> (u16, Value) {
        let response = self.send(call);
        match response.body {
            ResponseBody::Value(value) => (response.code, value),
            ResponseBody::Text(text) => (response.code, text.into()),
            other => panic!("{}: {other:?}", call.path),
        }
    }

    /// The document of an answer that tells of success.
    pub fn success(&mut self, call: &Call<'_>) -> Value {
        let (code, value) = self.document(call);
        let (method, path) = (call.method.as_str(), call.path);
        assert!(code < 300, "{method} {path}: {code} {}", json::to_string(&value));
        value
    }

    pub fn get(&mut self, path: &str) -> Value {
        self.success(&Call::new(Method::Get, path))
    }
}
