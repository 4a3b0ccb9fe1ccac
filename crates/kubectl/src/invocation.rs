//! One run of a command: its flags and arguments, and the way to everything it needs.

use crate::client::Client;
use crate::command::{Called, Command};
use crate::discovery::{Cache, Discovery, Mapping, fetch};
use crate::errors::{Error, Result, bail};
use crate::flags::{Flags, Parsed, parse_duration};
use crate::klog;
use crate::kubeconfig::{Files, Overrides, Selection};
use crate::transport::Api;
use shell::{Context, Errno};
use sim::Duration;
use std::cell::{Cell, OnceCell};
use std::rc::Rc;

/// A command that runs.
pub struct Invocation {
    /// The process.
    pub context: Context,
    /// The command that was called.
    pub called: Called,
    /// Its flags.
    pub flags: Flags,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// How many arguments stand before `--`.
    pub dash: Option<usize>,
    /// The flags and their values, in the order in which they were given.
    pub given: Vec<(&'static str, String)>,
    api: Rc<dyn Api>,
    cache: Rc<Cache>,
    selection: OnceCell<Selection>,
    client: OnceCell<Rc<Client>>,
    discovery_is_fresh: Cell<bool>,
}

impl Invocation {
    pub(crate) fn new(
        context: Context,
        api: Rc<dyn Api>,
        cache: Rc<Cache>,
        called: Called,
        parsed: Parsed,
    ) -> Invocation {
        Invocation {
            context,
            called,
            flags: parsed.flags,
            arguments: parsed.arguments,
            dash: parsed.dash,
            given: parsed.given,
            api,
            cache,
            selection: OnceCell::new(),
            client: OnceCell::new(),
            discovery_is_fresh: Cell::new(false),
        }
    }

    /// The command that was called.
    pub fn command(&self) -> &'static Command {
        self.called.command()
    }

    /// The way to the server and to the machine's own network.
    pub fn api(&self) -> &Rc<dyn Api> {
        &self.api
    }

    /// Prints a line.
    pub fn print(&self, line: impl AsRef<str>) {
        self.context.put(line.as_ref());
        self.context.put("\n");
    }

    /// Prints a line to standard error.
    pub fn complain(&self, line: impl AsRef<str>) {
        self.context.complain(line.as_ref());
        self.context.complain("\n");
    }

    /// Prints a warning of kubectl's own.
    pub fn warn(&self, text: &str) {
        let prefix = crate::client::warning_prefix(&self.context);
        self.complain(format!("{prefix} {text}"));
    }

    /// Prints a line of the logger.
    pub fn log(&self, severity: char, place: &str, message: &str) {
        self.context.complain(klog::line(&self.context, severity, place, message));
    }

    /// An error that points to the command's help.
    pub fn usage_error(&self, message: impl AsRef<str>) -> Error {
        crate::command::usage_error(&self.called, message.as_ref())
    }

    /// The argument at a position; empty if there is none.
    pub fn argument(&self, at: usize) -> &str {
        self.arguments.get(at).map_or("", String::as_str)
    }

    /// The kubeconfig files.
    pub fn kubeconfig(&self) -> Result<Files> {
        Files::load(&self.context, self.flags.string("kubeconfig"))
    }

    /// What the command talks to.
    pub fn selection(&self) -> Result<&Selection> {
        if let Some(selection) = self.selection.get() {
            return Ok(selection);
        }
        let files = self.kubeconfig()?;
        files.check_explicit()?;
        let selection = Selection::choose(&files.merged(), &Overrides::from_flags(&self.flags))?;
        self.request_timeout()?;
        Ok(self.selection.get_or_init(|| selection))
    }

    /// How long an answer may go on; 0 means for ever.
    fn request_timeout(&self) -> Result<Duration> {
        let text = self.flags.string("request-timeout");
        let seconds = text.parse::<i64>().ok().map(|seconds| seconds.saturating_mul(1_000_000_000));
        let nanos = seconds.or_else(|| parse_duration(text).ok());
        match nanos.and_then(|nanos| u64::try_from(nanos).ok()) {
            Some(nanos) => Ok(Duration::from_nanos(nanos)),
            None => bail!(
                "Invalid timeout value. Timeout must be a single integer in seconds, or an integer \
                 followed by a corresponding time unit (e.g. 1s | 2m | 3h)"
            ),
        }
    }

    /// The namespace of the command.
    pub fn namespace(&self) -> Result<String> {
        Ok(self.selection()?.namespace.clone())
    }

    /// Whether `-n` named the namespace.
    pub fn is_namespace_explicit(&self) -> bool {
        !self.flags.string("namespace").is_empty()
    }

    /// The way to the server.
    pub fn client(&self) -> Result<Rc<Client>> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let selection = self.selection()?;
        let client = Client::new(
            &self.context,
            &self.api,
            &selection.server,
            selection.host(),
            selection.credentials(&self.context)?,
            self.flags.int("v"),
            Some(self.request_timeout()?).filter(|timeout| !timeout.is_zero()),
        );
        client.trace_configuration(self.kubeconfig()?.loaded());
        Ok(self.client.get_or_init(|| Rc::new(client)).clone())
    }

    /// How many different warnings the server has sent so far.
    pub(crate) fn warning_count(&self) -> usize {
        self.client.get().map_or(0, |client| client.warning_count())
    }

    /// What the server serves.
    pub async fn discovery(&self) -> Result<Rc<Discovery>> {
        match self.cache.get(self.context.now()) {
            Some(discovery) => Ok(discovery),
            None => self.fresh_discovery().await,
        }
    }

    /// What the server serves, asked anew unless this command has done so already.
    pub async fn fresh_discovery(&self) -> Result<Rc<Discovery>> {
        if self.discovery_is_fresh.get()
            && let Some(discovery) = self.cache.get(self.context.now())
        {
            return Ok(discovery);
        }
        let client = self.client()?;
        let discovery = match fetch(&client).await {
            Ok(discovery) => Rc::new(discovery),
            Err(error) => {
                self.complain_of_discovery(&client, &error);
                return Err(error);
            }
        };
        self.discovery_is_fresh.set(true);
        self.cache.put(self.context.now(), discovery.clone());
        Ok(discovery)
    }

    /// The real kubectl tries five times and logs each failure.
    fn complain_of_discovery(&self, client: &Client, error: &Error) {
        const ATTEMPTS: usize = 5;
        let why = match error {
            Error::Connection(crate::transport::ConnectionError::Refused(host)) => {
                let host = host.replace("localhost", "127.0.0.1");
                format!("dial tcp {host}: connect: connection refused")
            }
            Error::Connection(crate::transport::ConnectionError::Failed(why)) => why.clone(),
            other => other.to_string(),
        };
        let url = format!("{}/api?timeout=32s", client.server());
        for _ in 0..ATTEMPTS {
            self.log(
                'E',
                "memcache.go:265",
                &format!("couldn't get current server API group list: Get \"{url}\": {why}"),
            );
        }
    }

    /// The resource that an argument names.
    pub async fn find_resource(&self, argument: &str) -> Result<Option<Rc<Mapping>>> {
        let found = self.discovery().await?.find(argument);
        match found {
            Some(mapping) => Ok(Some(mapping)),
            None => Ok(self.fresh_discovery().await?.find(argument)),
        }
    }

    /// The same, with the error that there is none.
    pub async fn resource(&self, argument: &str) -> Result<Rc<Mapping>> {
        let name = argument.split('.').next().unwrap_or_default();
        let missing = || {
            let name = crate::errors::quote(name);
            Error::Other(format!("the server doesn't have a resource type {name}"))
        };
        self.find_resource(argument).await?.ok_or_else(missing)
    }

    /// The resource of a kind.
    pub async fn kind(&self, group: &str, version: &str, kind: &str) -> Result<Rc<Mapping>> {
        match self.discovery().await?.kind(group, version, kind) {
            Ok(mapping) => Ok(mapping),
            Err(_) => self.fresh_discovery().await?.kind(group, version, kind),
        }
    }

    /// Reads a file as text; the error is Go's.
    pub fn read_file(&self, path: &str) -> Result<Vec<u8>> {
        self.context
            .read_file(path)
            .map(|bytes| bytes.to_vec())
            .map_err(|why| Error::Other(open_error(path, why)))
    }

    /// Reads standard input to its end.
    pub async fn read_stdin(&self) -> Result<Vec<u8>> {
        let stdin = self.context.stream(0).map_err(stdin_error)?;
        self.context.read_to_end(&stdin).await.map_err(stdin_error)
    }

    /// The first word of the first line of standard input that is not blank; empty at its end.
    ///
    /// # Errors
    /// Standard input cannot be read.
    pub async fn read_word(&self) -> Result<String> {
        let stdin = self.context.stream(0).map_err(stdin_error)?;
        loop {
            let line = self.context.read_line(&stdin, b'\n').await.map_err(stdin_error)?;
            let word = line.trim_ascii_start().split(u8::is_ascii_whitespace).next();
            match word {
                Some(word) if !word.is_empty() => return Ok(String::from_utf8_lossy(word).into()),
                _ if line.is_empty() => return Ok(String::new()),
                _ => {}
            }
        }
    }
}

fn stdin_error(why: Errno) -> Error {
    Error::Other(format!("read /dev/stdin: {}", go_errno(why)))
}

/// `open x: no such file or directory`
pub(crate) fn open_error(path: &str, why: Errno) -> String {
    let verb = if why == Errno::EISDIR { "read" } else { "open" };
    format!("{verb} {path}: {}", go_errno(why))
}

/// An error number as Go prints it.
pub(crate) fn go_errno(why: Errno) -> String {
    let text = why.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => text,
    }
}
