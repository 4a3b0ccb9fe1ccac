//! postgres: a database, which does not start without a password.

use crate::Image;
use crate::service::{HttpRequest, HttpResponse, Service, ServiceContext, Start};
use shell::Userland;

pub(crate) static IMAGE: Image = Image {
    repository: "docker.io/library/postgres",
    tags: &["latest", "13", "14", "15", "16", "16.1", "16.2", "alpine", "16-alpine"],
    size_bytes: 154_000_000,
    entrypoint: &["docker-entrypoint.sh"],
    command: &["postgres"],
    stop_signal: "SIGINT",
    userland: Userland::gnu,
    service: Some(|_| Box::new(Postgres)),
    ..Image::BASE
};

const NO_PASSWORD: &str = "\
Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\".

       You may also use \"POSTGRES_HOST_AUTH_METHOD=trust\" to allow all
       connections without a password. This is *not* recommended.

       See PostgreSQL documentation about \"trust\":
       https://www.postgresql.org/docs/current/auth-trust.html";

struct Postgres;

impl Service for Postgres {
    fn start(&self, context: &ServiceContext<'_>) -> Start {
        let is_set =
            |name: &str| context.environment.get(name).is_some_and(|text| !text.is_empty());
        let trusts = context
            .environment
            .get("POSTGRES_HOST_AUTH_METHOD")
            .is_some_and(|method| method == "trust");
        if !is_set("POSTGRES_PASSWORD") && !is_set("POSTGRES_PASSWORD_FILE") && !trusts {
            let log = NO_PASSWORD.lines().map(str::to_owned).collect();
            return Start::Exit { code: 1, log };
        }
        let time = context.log_time.replace('/', "-");
        let line = |text: &str| format!("{time}.000 UTC [1] LOG:  {text}");
        let log = vec![
            "PostgreSQL init process complete; ready for start up.".to_owned(),
            line("listening on IPv4 address \"0.0.0.0\", port 5432"),
            line("database system is ready to accept connections"),
        ];
        Start::Listening { ports: vec![5432], log }
    }

    fn respond(&self, _: &HttpRequest, _: &ServiceContext<'_>) -> Option<HttpResponse> {
        // It does not speak HTTP, and closes the connection without an answer.
        None
    }

    fn exit_code_on(&self, signal: i32) -> Option<i32> {
        matches!(signal, 2 | 3 | 15).then_some(0)
    }
}
