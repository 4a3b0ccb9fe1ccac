//! Parts of a cluster that run as containers themselves: they print what they print when they
//! start, answer whoever asks after their health, and have no shell.

use crate::service::{HttpRequest, HttpResponse, Service, ServiceContext, Start};

/// A part of a cluster.
pub(crate) struct Component {
    /// The ports it listens at.
    pub(crate) ports: &'static [u16],
    /// Those of them that want TLS.
    pub(crate) tls_ports: &'static [u16],
    /// What it prints when it starts.
    pub(crate) log: fn(&ServiceContext<'_>) -> Vec<String>,
}

impl Service for Component {
    fn start(&self, context: &ServiceContext<'_>) -> Start {
        Start::Listening { ports: self.ports.to_vec(), log: (self.log)(context) }
    }

    fn respond(&self, request: &HttpRequest, _: &ServiceContext<'_>) -> Option<HttpResponse> {
        let path = request.path.split('?').next().unwrap_or_default();
        let is_well = matches!(path, "/health" | "/healthz" | "/livez" | "/ready" | "/readyz");
        let (code, body) = if is_well { (200, "OK") } else { (404, "404 page not found\n") };
        let content_type = "text/plain; charset=utf-8";
        let server = String::new();
        Some(HttpResponse { code, server, content_type, body: body.into(), log: None })
    }

    fn speaks_tls(&self, port: u16) -> bool {
        self.tls_ports.contains(&port)
    }

    fn is_steady(&self) -> bool {
        true
    }

    fn exit_code_on(&self, signal: i32) -> Option<i32> {
        matches!(signal, 2 | 15).then_some(0)
    }
}

/// A line as klog prints it: `I1123 12:46:12.000000       1 server.go:154] "Version info"`.
pub(crate) fn klog(context: &ServiceContext<'_>, place: &str, text: &str) -> String {
    let (date, time) = context.log_time.split_once(' ').unwrap_or_default();
    let day: String = date.split('/').skip(1).collect();
    format!("I{day} {time}.000000       1 {place}] {text}")
}

/// The time as loggers of JSON and logfmt print it: `2026-11-23T12:46:12Z`.
pub(crate) fn log_time_iso(context: &ServiceContext<'_>) -> String {
    format!("{}Z", context.log_time.replace('/', "-").replace(' ', "T"))
}
