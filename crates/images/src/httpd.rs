//! httpd: Apache's web server.

use crate::debian;
use crate::service::{HttpRequest, HttpResponse, Service, ServiceContext, Start};
use crate::{Image, NetworkTools};
use shell::Userland;

const ROOT: &str = "/usr/local/apache2/htdocs";
const WELCOME: &str = "<html><body><h1>It works!</h1></body></html>\n";

pub(crate) static IMAGE: Image = Image {
    repository: "docker.io/library/httpd",
    tags: &["latest", "2", "2.4", "2.4.57", "2.4.58", "2.4.59", "alpine", "2.4-alpine"],
    size_bytes: 59_000_000,
    command: &["httpd-foreground"],
    working_directory: "/usr/local/apache2",
    stop_signal: "SIGWINCH",
    userland: Userland::gnu,
    files: &[debian::RELEASE, ("/usr/local/apache2/htdocs/index.html", WELCOME)],
    network_tools: NetworkTools::Curl,
    service: Some(|_| Box::new(Httpd)),
    ..Image::BASE
};

struct Httpd;

impl Service for Httpd {
    fn start(&self, _: &ServiceContext<'_>) -> Start {
        let log = vec![
            "AH00558: httpd: Could not reliably determine the server's fully qualified domain \
             name. Set the 'ServerName' directive globally to suppress this message"
                .to_owned(),
        ];
        Start::Listening { ports: vec![80], log }
    }

    fn respond(&self, request: &HttpRequest, context: &ServiceContext<'_>) -> Option<HttpResponse> {
        let path = request.path.split('?').next().unwrap_or("/");
        let file = if path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
        let found = (context.read_file)(&format!("{ROOT}{file}"));
        let (code, body) = match found {
            Some(body) => (200, body),
            None => (404, b"<h1>Not Found</h1>\n".to_vec()),
        };
        let server = "Apache/2.4.58 (Unix)".to_owned();
        Some(HttpResponse { code, server, content_type: "text/html", body, log: None })
    }

    fn exit_code_on(&self, signal: i32) -> Option<i32> {
        // SIGWINCH ends it when its requests are served.
        matches!(signal, 15 | 28).then_some(0)
    }
}
