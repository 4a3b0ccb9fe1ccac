//! nginx: a web server.

use crate::debian;
use crate::service::{HttpRequest, HttpResponse, Service, ServiceContext, Start};
use crate::{Image, NetworkTools};
use shell::{Context, Userland};

const ROOT: &str = "/usr/share/nginx/html";
const INDEX: &str = "/usr/share/nginx/html/index.html";
const CONFIGURATION: &str = "/etc/nginx/nginx.conf";

pub(crate) static IMAGE: Image = Image {
    repository: "docker.io/library/nginx",
    tags: TAGS,
    size_bytes: 70_481_000,
    entrypoint: &["/docker-entrypoint.sh"],
    command: &["nginx", "-g", "daemon off;"],
    tag_variable: Some(("NGINX_VERSION", version_of)),
    stop_signal: "SIGQUIT",
    userland: Userland::gnu,
    files: &[
        debian::RELEASE,
        (CONFIGURATION, include_str!("../files/nginx.conf")),
        ("/etc/nginx/conf.d/default.conf", include_str!("../files/nginx-default.conf")),
        (INDEX, WELCOME),
        ("/usr/share/nginx/html/50x.html", ERROR_PAGE),
        ("/var/log/nginx/access.log", ""),
        ("/var/log/nginx/error.log", ""),
        ("/docker-entrypoint.sh", "#!/bin/sh\nexec \"$@\"\n"),
    ],
    programs: &[("/usr/sbin/nginx", |context| Box::pin(command(context)))],
    network_tools: NetworkTools::Curl,
    service: Some(|tag| Box::new(Nginx { version: version_of(tag) })),
    ..Image::BASE
};

/// Versions that the public registry has.
#[rustfmt::skip]
const TAGS: &[&str] = &[
    "latest", "stable", "mainline", "alpine", "stable-alpine", "mainline-alpine", "1", "1-alpine",
    "1.7", "1.7.1", "1.7.2", "1.7.3", "1.7.4", "1.7.5", "1.7.6", "1.7.7", "1.7.8", "1.7.9",
    "1.7.10", "1.7.11", "1.7.12", "1.8", "1.8.0", "1.8.1", "1.9", "1.9.0", "1.9.1", "1.9.2",
    "1.9.3", "1.9.4", "1.9.5", "1.9.6", "1.9.7", "1.9.8", "1.9.9", "1.9.10", "1.9.11", "1.9.12",
    "1.9.13", "1.9.14", "1.9.15", "1.10", "1.10.0", "1.10.1", "1.10.2", "1.10.3", "1.11", "1.11.0",
    "1.11.1", "1.11.2", "1.11.3", "1.11.4", "1.11.5", "1.11.6", "1.11.7", "1.11.8", "1.11.9",
    "1.11.10", "1.11.11", "1.11.12", "1.11.13", "1.12", "1.12.0", "1.12.1", "1.12.2", "1.13",
    "1.13.0", "1.13.1", "1.13.2", "1.13.3", "1.13.4", "1.13.5", "1.13.6", "1.13.7", "1.13.8",
    "1.13.9", "1.13.10", "1.13.11", "1.13.12", "1.14", "1.14.0", "1.14.1", "1.14.2", "1.15",
    "1.15.0", "1.15.1", "1.15.2", "1.15.3", "1.15.4", "1.15.5", "1.15.6", "1.15.7", "1.15.8",
    "1.15.9", "1.15.10", "1.15.11", "1.15.12", "1.16", "1.16.0", "1.16.1", "1.17", "1.17.0",
    "1.17.1", "1.17.2", "1.17.3", "1.17.4", "1.17.5", "1.17.6", "1.17.7", "1.17.8", "1.17.9",
    "1.17.10", "1.18", "1.18.0", "1.19", "1.19.0", "1.19.1", "1.19.2", "1.19.3", "1.19.4", "1.19.5",
    "1.19.6", "1.19.7", "1.19.8", "1.19.9", "1.19.10", "1.19-alpine", "1.19.10-alpine", "1.20",
    "1.20.0", "1.20.1", "1.20.2", "1.20-alpine", "1.20.2-alpine", "1.21", "1.21.0", "1.21.1",
    "1.21.2", "1.21.3", "1.21.4", "1.21.5", "1.21.6", "1.21-alpine", "1.21.6-alpine", "1.22",
    "1.22.0", "1.22.1", "1.22-alpine", "1.22.1-alpine", "1.23", "1.23.0", "1.23.1", "1.23.2",
    "1.23.3", "1.23.4", "1.23-alpine", "1.23.4-alpine", "1.24", "1.24.0", "1.24-alpine",
    "1.24.0-alpine", "1.25", "1.25.0", "1.25.1", "1.25.2", "1.25.3", "1.25.4", "1.25.5",
    "1.25-alpine", "1.25.5-alpine", "1.26", "1.26.0", "1.26.1", "1.26.2", "1.26.3", "1.26-alpine",
    "1.26.3-alpine", "1.27", "1.27.0", "1.27.1", "1.27.2", "1.27.3", "1.27.4", "1.27.5",
    "1.27-alpine", "1.27.5-alpine",
];

fn version_of(tag: &str) -> String {
    let number = tag.split('-').next().unwrap_or_default();
    match number.split('.').count() {
        3 => number.to_owned(),
        2 => format!("{number}.0"),
        _ => "1.25.3".to_owned(),
    }
}

struct Nginx {
    version: String,
}

impl Service for Nginx {
    fn start(&self, context: &ServiceContext<'_>) -> Start {
        let notice = |text: &str| format!("{} [notice] 1#1: {text}", context.log_time);
        let log = vec![
            "/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration".into(),
            "/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/".into(),
            "/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh".into(),
            "10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf".into(),
            "10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf".into(),
            "/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh".into(),
            "/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh".into(),
            "/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh".into(),
            "/docker-entrypoint.sh: Configuration complete; ready for start up".into(),
            notice("using the \"epoll\" event method"),
            notice(&format!("nginx/{}", self.version)),
            notice("built by gcc 12.2.0 (Debian 12.2.0-14) "),
            notice("start worker processes"),
            notice("start worker process 29"),
            notice("start worker process 30"),
        ];
        Start::Listening { ports: vec![80], log }
    }

    fn respond(&self, request: &HttpRequest, context: &ServiceContext<'_>) -> Option<HttpResponse> {
        let path = request.path.split('?').next().unwrap_or("/");
        let is_directory = path.ends_with('/');
        let file = if is_directory { format!("{path}index.html") } else { path.to_owned() };
        let found = (context.read_file)(&format!("{ROOT}{file}"));
        let (code, body) = match found {
            Some(body) => (200, body),
            None if path == "/" => (403, failure("403 Forbidden", &self.version)),
            None => (404, failure("404 Not Found", &self.version)),
        };
        let server = format!("nginx/{}", self.version);
        let content_type = if code == 200 { media_type(&file) } else { "text/html" };
        let log = context.logs_requests.then(|| access(request, code, body.len(), context.now));
        Some(HttpResponse { code, server, content_type, body, log })
    }

    fn exit_code_on(&self, signal: i32) -> Option<i32> {
        // SIGINT and SIGTERM end it at once, SIGQUIT when its requests are served.
        matches!(signal, 2 | 3 | 15).then_some(0)
    }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html" | "htm") => "text/html",
        Some("css") => "text/css",
        Some("js") => "application/javascript",
        Some("json") => "application/json",
        Some("txt") => "text/plain",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

/// A line of the access log in the form `main` of the image's configuration.
fn access(request: &HttpRequest, code: u16, body_bytes: usize, now: sim::Time) -> String {
    let date = now.to_utc();
    let month = date.month().to_string();
    format!(
        "{} - - [{:02}/{}/{}:{:02}:{:02}:{:02} +0000] \"{} {} HTTP/1.1\" {code} {body_bytes} \"-\" \
         \"{}\" \"-\"",
        request.from,
        date.day(),
        month.get(..3).unwrap_or(&month),
        date.year(),
        date.hour(),
        date.minute(),
        date.second(),
        request.method,
        request.path,
        request.user_agent,
    )
}

/// `nginx`, as it is called in a container that it serves already.
async fn command(context: Context) -> i32 {
    let words = context.operands();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let check = || {
        context.complain(format!(
            "nginx: the configuration file {CONFIGURATION} syntax is ok\n\
             nginx: configuration file {CONFIGURATION} test is successful\n"
        ));
    };
    match words.as_slice() {
        ["-v" | "-V"] => {
            let version = context.variable("NGINX_VERSION");
            context.complain(format!("nginx version: nginx/{}\n", version.unwrap_or_default()));
            0
        }
        ["-t"] => {
            check();
            0
        }
        ["-T"] => {
            check();
            if let Ok(text) = context.read_file(CONFIGURATION) {
                context.put(format!("# configuration file {CONFIGURATION}:\n"));
                context.put(text.as_slice());
            }
            0
        }
        ["-s", "reload" | "reopen"] => 0,
        ["-s", other] => {
            context.complain(format!("nginx: invalid option: \"-s {other}\"\n"));
            1
        }
        ["-h" | "-?"] => {
            context.complain("Usage: nginx [-?hvVtT] [-s signal]\n");
            0
        }
        [] | ["-g", ..] => {
            context.complain(
                "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\n",
            );
            1
        }
        [other, ..] => {
            context.complain(format!("nginx: invalid option: \"{other}\"\n"));
            1
        }
    }
}

const WELCOME: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n\
    <body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n";
const ERROR_PAGE: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Error</title>\n</head>\n<body>\n\
    <h1>An error occurred.</h1>\n</body>\n</html>\n";

fn failure(title: &str, version: &str) -> Vec<u8> {
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1>\
         </center>\r\n<hr><center>nginx/{version}</center>\r\n</body>\r\n</html>\r\n"
    )
    .into_bytes()
}
