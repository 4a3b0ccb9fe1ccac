//! The session itself.

use crate::digest::{Digest, Digester};
use crate::input::{Input, InputError, Start};
use crate::log::{Entry, INPUTS_MAX, Log, VERSION};
use crate::terminal::Terminal;
use apiserver::{Descriptions, HttpRequest, Response};
use cluster::{Cluster, ClusterConfig, ConfigError, Profile};
use shell::{Capture, Child, Errno, Signal, Status, Tty};
use sim::{Cause, Duration, Time};
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use workstation::{Desk, Workstation};

/// How much of the output of one command is kept.
const OUTPUT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How many terminals may be open at once.
const TERMINALS_MAX: usize = 8;

/// A command that was started with [`Input::Command`].
pub struct Command {
    child: Child,
    capture: Rc<Capture>,
    output: RefCell<Vec<u8>>,
}

impl Command {
    /// How it ended, if it has.
    pub fn status(&self) -> Option<Status> {
        self.child.status()
    }

    /// What it has printed so far, on both streams.
    pub fn output(&self) -> Vec<u8> {
        let mut output = self.output.borrow_mut();
        output.extend(self.capture.take());
        output.clone()
    }
}

/// Why a log cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// No profile of that name exists.
    #[error("there is no cluster profile {0:?}")]
    Profile(String),
    /// The cluster's configuration is wrong.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// An input does not fit to what came before.
    #[error("input {0}: {1}")]
    Input(usize, InputError),
}

/// A cluster, the learner's machine beside it, and all that was done to them.
pub struct Session {
    start: Start,
    entries: Vec<Entry>,
    cluster: Cluster,
    workstation: Workstation,
    commands: Vec<Command>,
    terminals: Vec<Terminal>,
}

impl Session {
    /// A session at its beginning.
    ///
    /// # Errors
    /// If no cluster can be made from what `start` says.
    pub fn new(start: Start) -> Result<Session, ReplayError> {
        let profile = Profile::find(&start.profile)
            .ok_or_else(|| ReplayError::Profile(start.profile.clone()))?;
        let begin = Time::from_seconds(start.begin_seconds);
        let mut config = ClusterConfig::single_node(profile, start.seed, begin);
        if !start.kind_config.is_empty() {
            config = config.with_kind_config(&start.kind_config)?;
        }
        let desk = Desk {
            cluster: config.name.clone(),
            kubeconfig: start.kubeconfig.clone(),
            columns: start.columns as usize,
        };
        let cluster = Cluster::new(config);
        let workstation =
            Workstation::new(cluster.sim(), cluster.server(), cluster.network(), &desk);
        Ok(Session {
            start,
            entries: Vec::new(),
            cluster,
            workstation,
            commands: Vec::new(),
            terminals: Vec::new(),
        })
    }

    /// Computes a session again.
    ///
    /// # Errors
    /// If the log is inconsistent in itself.
    pub fn replay(log: &Log) -> Result<Session, ReplayError> {
        let mut session = Session::new(log.start.clone())?;
        for (number, entry) in log.entries.iter().enumerate() {
            session.run_until(session.instant(entry.at_ns));
            session.input(entry.input.clone()).map_err(|why| ReplayError::Input(number, why))?;
        }
        session.run_until(session.instant(log.end_ns));
        Ok(session)
    }

    /// The log so far, with the digest of what has come of it.
    pub fn log(&self) -> Log {
        Log { digest: Some(self.digest()), ..self.log_without_digest() }
    }

    /// The log so far: what is kept often, for which a digest would take too long.
    pub fn log_without_digest(&self) -> Log {
        Log {
            version: VERSION.to_owned(),
            start: self.start.clone(),
            entries: self.entries.clone(),
            end_ns: self.elapsed_ns(),
            digest: None,
        }
    }

    /// The instant at which the session began.
    pub fn begin(&self) -> Time {
        Time::from_seconds(self.start.begin_seconds)
    }

    fn instant(&self, at_ns: u64) -> Time {
        self.begin() + Duration::from_nanos(at_ns)
    }

    fn elapsed_ns(&self) -> u64 {
        let elapsed = self.now().since(self.begin());
        u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
    }

    /// The present instant.
    pub fn now(&self) -> Time {
        self.cluster.sim().now()
    }

    /// Lets the API server say what fields are for. `load` gives the text when somebody asks.
    pub fn set_descriptions(&self, load: impl Fn() -> Option<Cow<'static, str>> + 'static) {
        let descriptions = Descriptions::loaded_by(load);
        self.cluster.server().borrow_mut().set_descriptions(descriptions);
    }

    /// The cluster, to look at.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The learner's machine, to look at.
    pub fn workstation(&self) -> &Workstation {
        &self.workstation
    }

    /// The file that a program waits for somebody to edit: its path and what it holds.
    pub fn editing(&self) -> Option<(String, String)> {
        let path = self.workstation.editors().waiting()?;
        let files = self.workstation.machine().files();
        let bytes = files.root().read_file(&path).unwrap_or_default();
        Some((path, String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The inputs so far.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The command of that number.
    pub fn command(&self, number: u32) -> Option<&Command> {
        self.commands.get(number as usize)
    }

    /// The number that the next command gets.
    pub fn next_command(&self) -> u32 {
        self.commands.len() as u32
    }

    /// The terminal of that number.
    pub fn terminal(&self, number: u32) -> Option<&Terminal> {
        self.terminals.get(number as usize)
    }

    /// All terminals that were ever opened, in order of their numbers.
    pub fn terminals(&self) -> &[Terminal] {
        &self.terminals
    }

    /// One number for everything that has come of the session so far.
    pub fn digest(&self) -> Digest {
        let mut digester = Digester::new();
        digester.number(self.elapsed_ns());
        digester.server(&self.cluster.server().borrow());
        for command in &self.commands {
            digester.piece(&command.output());
            digester.number(command.status().map_or(u64::MAX, |status| status.code() as u64));
        }
        for terminal in &self.terminals {
            terminal.digest(&mut digester);
        }
        digester.finish()
    }
}

/// Time.
impl Session {
    /// Lets the next thing happen, if it is due by `limit`; false if nothing is.
    pub fn step(&mut self, limit: Time) -> bool {
        let happened = self.cluster.step(limit);
        self.collect();
        happened
    }

    /// Lets everything happen that is due by `limit`, then moves the clock there.
    pub fn run_until(&mut self, limit: Time) {
        while self.step(limit) {}
        self.cluster.run_until(limit);
    }

    /// Lets time pass until the command has ended, at most until `limit`.
    pub fn run_command(&mut self, number: u32, limit: Time) -> Option<Status> {
        loop {
            let status = self.command(number).and_then(Command::status);
            if status.is_some() || !self.step(limit) {
                return status;
            }
        }
    }

    fn collect(&mut self) {
        for terminal in &mut self.terminals {
            terminal.collect();
        }
    }
}

/// Inputs.
impl Session {
    /// Takes an input at the present instant.
    ///
    /// # Errors
    /// If it does not fit to what is there; then nothing has happened.
    pub fn input(&mut self, input: Input) -> Result<(), InputError> {
        if self.entries.len() >= INPUTS_MAX {
            return Err(InputError::TooManyInputs(INPUTS_MAX));
        }
        // What is due at this instant comes before the input, as it does when the log is replayed.
        self.run_until(self.now());
        let number = self.entries.len() as u32;
        self.workstation.set_cause(Cause::Input(number));
        self.apply(&input)?;
        self.collect();
        self.entries.push(Entry { at_ns: self.elapsed_ns(), input });
        Ok(())
    }

    /// Answers a request of a real client at the present instant. It is no input: a session that was
    /// driven so cannot be computed again.
    pub fn request(&mut self, request: HttpRequest) -> Response {
        self.cluster.handle(request)
    }

    fn apply(&mut self, input: &Input) -> Result<(), InputError> {
        match input {
            Input::Command { line, variables } => self.start_command(line, variables),
            Input::Interrupt { command } => {
                let target =
                    self.command(*command).ok_or(InputError::Missing("command", *command))?;
                target.child.signal_group(Signal::INT);
                Ok(())
            }
            Input::WriteFile { path, bytes } => {
                self.workstation.write_file(path, bytes).map_err(InputError::Machine)
            }
            Input::OpenTerminal { columns, rows } => self.open_terminal(*columns, *rows),
            Input::Type { terminal, bytes } => {
                self.open(*terminal)?.tty.input(bytes);
                Ok(())
            }
            Input::ResizeTerminal { terminal, columns, rows } => {
                self.open(*terminal)?.tty.resize(*columns as usize, *rows as usize);
                Ok(())
            }
            Input::CloseTerminal { terminal } => {
                let terminal = self.open(*terminal)?;
                terminal.tty.hang_up();
                terminal.shell.signal(Signal::HUP);
                Ok(())
            }
            Input::StopKubelet { node } => self.run_kubelet(node, false),
            Input::StartKubelet { node } => self.run_kubelet(node, true),
            Input::CloseEditor { path, bytes } => self.close_editor(path, bytes.as_deref()),
        }
    }

    fn close_editor(&self, path: &str, bytes: Option<&[u8]>) -> Result<(), InputError> {
        let editors = self.workstation.editors();
        if editors.waiting().as_deref() != Some(path) {
            return Err(InputError::NotEdited(path.to_owned()));
        }
        if let Some(bytes) = bytes {
            self.workstation.write_file(path, bytes)?;
        }
        editors.close(path);
        Ok(())
    }

    fn open(&self, number: u32) -> Result<&Terminal, InputError> {
        let terminal = self.terminal(number).filter(|terminal| terminal.is_open());
        terminal.ok_or(InputError::Missing("open terminal", number))
    }

    fn start_command(
        &mut self,
        line: &str,
        variables: &[(String, String)],
    ) -> Result<(), InputError> {
        let capture = Capture::new(OUTPUT_BYTES_MAX);
        let child = self
            .workstation
            .start_line(line, variables, capture.clone())
            .map_err(InputError::Machine)?;
        self.commands.push(Command { child, capture, output: RefCell::default() });
        Ok(())
    }

    fn open_terminal(&mut self, columns: u32, rows: u32) -> Result<(), InputError> {
        let open = self.terminals.iter().filter(|terminal| terminal.is_open()).count();
        if open >= TERMINALS_MAX {
            return Err(InputError::TooManyTerminals(open));
        }
        let tty = Tty::new(columns.clamp(1, 1_000) as usize, rows.clamp(1, 1_000) as usize);
        let shell = self.workstation.start_shell(&tty).map_err(InputError::Machine)?;
        self.terminals.push(Terminal::new(tty, shell));
        Ok(())
    }

    fn run_kubelet(&mut self, node: &str, runs: bool) -> Result<(), InputError> {
        match self.cluster.set_kubelet_running(node, runs) {
            true => Ok(()),
            false => Err(InputError::NoNode(node.to_owned())),
        }
    }
}

impl From<Errno> for InputError {
    fn from(errno: Errno) -> InputError {
        InputError::Machine(errno)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let start = Start {
            profile: "kind".to_owned(),
            kind_config: String::new(),
            seed: 1,
            begin_seconds: 1_795_000_000,
            kubeconfig: "/home/learner/.kube/config".to_owned(),
            columns: 80,
        };
        let mut session = Session::new(start).expect("a session");
        session.input(Input::OpenTerminal { columns: 80, rows: 24 }).expect("a terminal");
        session
    }

    fn enter(session: &mut Session, line: &str) {
        let bytes = format!("{line}\n").into_bytes();
        session.input(Input::Type { terminal: 0, bytes }).expect("it is open");
        session.run_until(session.now() + Duration::from_secs(3));
    }

    fn shown(session: &Session) -> String {
        let bytes = session.terminal(0).expect("it is open").shown_since(0);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn an_editor_waits_until_it_is_closed() {
        let mut session = session();
        enter(&mut session, "kubectl create configmap a --from-literal=k=old; kubectl edit cm a");
        let (path, text) = session.editing().expect("kubectl waits");
        assert!(text.contains("k: old"), "{text}");
        let other = Input::CloseEditor { path: "/tmp/other".to_owned(), bytes: None };
        assert!(matches!(session.input(other), Err(InputError::NotEdited(_))));

        let bytes = Some(text.replace("k: old", "k: new").into_bytes());
        session.input(Input::CloseEditor { path, bytes }).expect("it waits");
        enter(&mut session, "kubectl get cm a -o jsonpath={.data.k}; kubectl edit cm a");
        assert!(shown(&session).contains("configmap/a edited"), "{}", shown(&session));
        assert!(shown(&session).contains("new"), "{}", shown(&session));

        let (path, _) = session.editing().expect("kubectl waits again");
        session.input(Input::CloseEditor { path, bytes: None }).expect("it waits");
        enter(&mut session, "vi notes.txt");
        assert!(
            shown(&session).contains("Edit cancelled, no changes made."),
            "{}",
            shown(&session)
        );
        assert_eq!(session.editing(), Some(("/home/learner/notes.txt".to_owned(), String::new())));

        session.input(Input::Type { terminal: 0, bytes: vec![3] }).expect("it is open");
        session.run_until(session.now() + Duration::from_secs(1));
        assert_eq!(session.editing(), None);

        let again = Session::replay(&session.log()).expect("it can be computed again");
        assert_eq!(again.digest(), session.digest());
    }
}
