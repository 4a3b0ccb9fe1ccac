//! blux2/hello-server: the small server of the book "make, break, fix", one Go binary without a
//! shell.

use crate::Image;
use crate::service::{HttpRequest, HttpResponse, Service, ServiceContext, Start};

pub(crate) static IMAGE: Image = Image {
    repository: "docker.io/blux2/hello-server",
    tags: &[
        "1.0", "1.2", "1.4", "1.5", "1.6", "1.7", "1.8", "2.0", "2.0.1", "2.1", "2.1.1", "2.2",
        "2.3", "2.4", "2.4.1", "2.5",
    ],
    size_bytes: 7_300_000,
    entrypoint: &["/hello"],
    service: Some(|tag| Box::new(HelloServer::of(tag))),
    ..Image::BASE
};

const CONFIG_FILE: &str = "/etc/config/myconfig.txt";
const HELLO: &str = "Hello, world!";
const LEARN: &str = "Hello, world! Let's learn Kubernetes!";
const BUILD: &str = "Hello, world! Let's build, break and fix!";

struct HelloServer {
    text: &'static str,
    /// Whether the port comes from the environment.
    reads_port: bool,
    /// Whether the answer is the content of a file, where there is one.
    reads_config: bool,
    /// The path that tells whether it is well.
    health: Option<&'static str>,
    /// Whether a request for `/` eats memory and is never answered.
    leaks: bool,
    has_metrics: bool,
}

impl HelloServer {
    fn of(tag: &str) -> HelloServer {
        let base = HelloServer {
            text: LEARN,
            reads_port: true,
            reads_config: false,
            health: Some("/healthz"),
            leaks: false,
            has_metrics: false,
        };
        match tag {
            "1.0" => HelloServer { text: HELLO, reads_port: false, health: None, ..base },
            "1.2" => HelloServer { reads_port: false, health: None, ..base },
            "1.4" => HelloServer { health: None, ..base },
            "1.5" => HelloServer { health: None, reads_config: true, ..base },
            "1.6" | "1.8" => HelloServer { health: Some("/health"), ..base },
            "1.7" => HelloServer { health: Some("/health"), leaks: true, ..base },
            "2.0.1" => HelloServer { text: BUILD, ..base },
            "2.1" | "2.3" | "2.5" => HelloServer { has_metrics: true, ..base },
            "2.1.1" | "2.2" | "2.4" | "2.4.1" => {
                HelloServer { has_metrics: true, leaks: true, ..base }
            }
            _ => base,
        }
    }
}

fn answer(code: u16, text: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse {
        code,
        server: String::new(),
        content_type: "text/plain; charset=utf-8",
        body: text.into(),
        log: None,
    }
}

impl Service for HelloServer {
    fn start(&self, context: &ServiceContext<'_>) -> Start {
        let given =
            context.environment.get("PORT").filter(|port| self.reads_port && !port.is_empty());
        let port = given.map_or("8080", String::as_str);
        let log = vec![format!("{} Starting server on port {port}", context.log_time)];
        match port.parse::<u16>() {
            Ok(number) => Start::Listening { ports: vec![number], log },
            Err(_) => {
                let error =
                    format!("{} listen tcp: lookup tcp/{port}: unknown port", context.log_time);
                Start::Exit { code: 1, log: log.into_iter().chain([error]).collect() }
            }
        }
    }

    fn respond(&self, request: &HttpRequest, context: &ServiceContext<'_>) -> Option<HttpResponse> {
        let path = request.path.split('?').next().unwrap_or("/");
        if Some(path) == self.health {
            let log = format!("{} Health Status OK", context.log_time);
            return Some(HttpResponse { log: Some(log), ..answer(200, "OK") });
        }
        if path == "/metrics" && self.has_metrics {
            return Some(answer(
                200,
                "# HELP go_goroutines Number of goroutines that currently exist.\n# TYPE go_goroutines gauge\ngo_goroutines 8\n",
            ));
        }
        // The first versions answer every path alike.
        if path != "/" && self.health.is_some() {
            return Some(answer(404, "404 page not found\n"));
        }
        if self.leaks {
            return None;
        }
        let configured = self.reads_config.then(|| (context.read_file)(CONFIG_FILE)).flatten();
        Some(answer(200, configured.unwrap_or_else(|| self.text.into())))
    }

    fn leak_bytes_per_second(&self, request: &HttpRequest) -> Option<u64> {
        // 50 MiB every 10 ms.
        let leaks = self.leaks && request.path.split('?').next() == Some("/");
        leaks.then_some(50 * 1024 * 1024 * 100)
    }

    fn exit_code_on(&self, signal: i32) -> Option<i32> {
        // Go ends on SIGINT, SIGTERM and SIGHUP; nothing catches them.
        matches!(signal, 1 | 2 | 15).then_some(2)
    }
}
