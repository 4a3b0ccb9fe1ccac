//! redis: a store of keys and values.

use crate::Image;
use crate::service::{HttpRequest, HttpResponse, Service, ServiceContext, Start};
use shell::Userland;

pub(crate) static IMAGE: Image = Image {
    repository: "docker.io/library/redis",
    tags: &["latest", "6", "6.2", "7", "7.0", "7.2", "7.2.4", "alpine", "7-alpine", "5.0.4"],
    size_bytes: 51_000_000,
    entrypoint: &["docker-entrypoint.sh"],
    command: &["redis-server"],
    working_directory: "/data",
    userland: Userland::gnu,
    service: Some(|_| Box::new(Redis)),
    ..Image::BASE
};

struct Redis;

impl Service for Redis {
    fn start(&self, context: &ServiceContext<'_>) -> Start {
        let line = |mark: &str, text: &str| format!("1:M {} {mark} {text}", context.log_time);
        let log = vec![
            line("*", "Running mode=standalone, port=6379."),
            line("*", "Server initialized"),
            line("*", "Ready to accept connections tcp"),
        ];
        Start::Listening { ports: vec![6379], log }
    }

    fn respond(&self, _: &HttpRequest, _: &ServiceContext<'_>) -> Option<HttpResponse> {
        // It does not speak HTTP, and closes the connection without an answer.
        None
    }

    fn exit_code_on(&self, signal: i32) -> Option<i32> {
        matches!(signal, 2 | 15).then_some(0)
    }
}
