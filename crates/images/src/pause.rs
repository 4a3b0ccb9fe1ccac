//! pause: does nothing, for ever.

use crate::Image;
use crate::service::{HttpRequest, HttpResponse, Service, ServiceContext, Start};

pub(crate) static IMAGE: Image = Image {
    repository: "registry.k8s.io/pause",
    tags: &["3.1", "3.2", "3.5", "3.6", "3.7", "3.8", "3.9", "latest"],
    size_bytes: 319_000,
    entrypoint: &["/pause"],
    service: Some(|_| Box::new(Pause)),
    ..Image::BASE
};

struct Pause;

impl Service for Pause {
    fn start(&self, _: &ServiceContext<'_>) -> Start {
        Start::Listening { ports: Vec::new(), log: Vec::new() }
    }

    fn respond(&self, _: &HttpRequest, _: &ServiceContext<'_>) -> Option<HttpResponse> {
        None
    }

    fn exit_code_on(&self, signal: i32) -> Option<i32> {
        matches!(signal, 2 | 15).then_some(0)
    }
}
