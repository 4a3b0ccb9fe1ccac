//! The machine itself.

use crate::connection::Connection;
use crate::editor::{self, Editors};
use crate::kubeconfig::{introduce, kubeconfig};
use apiserver::ApiServer;
use network::{Host, Network};
use shell::fs::User;
use shell::{
    Child, Environment, Errno, Handle, Launch, Machine, MachineConfig, Null, Tty, Userland,
};
use sim::{Cause, Duration, Sim};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The learner's home directory, in which every command runs.
pub const HOME: &str = "/home/learner";

const LEARNER: User = User { uid: 1000, gid: 1000 };
const KUBECTL: &str = "/usr/local/bin/kubectl";
/// What starting kubectl takes, its requests not counted: a Go program of 50 MB that reads its
/// configuration and its discovery cache. A small command took 80 ms on the recordings' machine.
const KUBECTL_COST: Duration = Duration::from_millis(72);

/// What a desk is set up with.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The name of the cluster, as kind has it.
    pub cluster: String,
    /// The kubeconfig file, from the root.
    pub kubeconfig: String,
    /// Columns that programs without a terminal take a line to have.
    pub columns: usize,
}

impl Default for Desk {
    fn default() -> Desk {
        Desk {
            cluster: "kind".to_owned(),
            kubeconfig: format!("{HOME}/.kube/config"),
            columns: 200,
        }
    }
}

/// The learner's machine.
pub struct Workstation {
    machine: Machine,
    environment: Environment,
    editors: Editors,
    cause: Rc<Cell<Cause>>,
}

impl Workstation {
    /// Sets a machine up beside this API server.
    pub fn new(
        sim: &Sim,
        server: &Rc<RefCell<ApiServer>>,
        network: &Network,
        desk: &Desk,
    ) -> Workstation {
        let cause = Rc::new(Cell::new(Cause::Setup));
        let config =
            MachineConfig { hostname: "kobako".into(), first_pid: 100, ..MachineConfig::default() };
        let machine = Machine::new(sim, &Userland::gnu(sim), config);
        let api = Rc::new(Connection::new(sim, server, network, &cause));
        // Nothing of this can fail on an empty disk.
        let _ = machine.install_with_cost(KUBECTL, KUBECTL_COST, kubectl::program(api));
        let _ = machine.install("/usr/bin/curl", network::curl(network.clone(), Host::Desk));
        let editors = Editors::default();
        for name in editor::NAMES {
            let _ = machine.install(&format!("/usr/bin/{name}"), editors.program());
        }
        introduce(&mut server.borrow_mut());
        let environment = environment(desk);
        let workstation = Workstation { environment, machine, editors, cause };
        let _ = workstation.machine.files().root().create_directories(HOME);
        let _ = workstation.machine.files().root().set_owner(HOME, LEARNER);
        let _ = workstation.write_file(&desk.kubeconfig, kubeconfig(&desk.cluster).as_bytes());
        workstation
    }

    /// The machine.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The files that programs wait for somebody to edit.
    pub fn editors(&self) -> &Editors {
        &self.editors
    }

    /// What the programs of a new shell find in their environment.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Says what causes the requests that programs send from now on.
    pub fn set_cause(&self, cause: Cause) {
        self.cause.set(cause);
    }

    /// Writes a file as the learner's editor does. `path` is absolute or below the home directory;
    /// missing directories are made.
    ///
    /// # Errors
    /// The file system's, such as no space left.
    pub fn write_file(&self, path: &str, bytes: &[u8]) -> Result<(), Errno> {
        let path = shell::fs::join(HOME, path);
        let files = self.machine.files();
        let root = files.root();
        for (at, _) in path.match_indices('/').skip(1) {
            let directory = &path[..at];
            if root.metadata(directory).is_err() {
                root.create_directories(directory)?;
                root.set_owner(directory, LEARNER)?;
            }
        }
        root.write_file(&path, bytes, 0o644)?;
        root.set_owner(&path, LEARNER)
    }

    /// The visible text files of the home directory, by their paths below it: what an editor
    /// shows. At most `count_max`, none longer than `bytes_max`.
    pub fn text_files(&self, count_max: usize, bytes_max: usize) -> Vec<(String, String)> {
        let files = self.machine.files();
        let root = files.root();
        let mut found = Vec::new();
        let mut directories = vec![String::new()];
        while let Some(directory) = directories.pop() {
            for name in root.names(&shell::fs::join(HOME, &directory)).unwrap_or_default() {
                let is_hidden = name.starts_with('.');
                let path = if directory.is_empty() {
                    name.to_string()
                } else {
                    format!("{directory}/{name}")
                };
                let absolute = shell::fs::join(HOME, &path);
                let Ok(metadata) = root.metadata(&absolute) else { continue };
                if is_hidden || found.len() >= count_max {
                    continue;
                }
                if metadata.is_directory() {
                    directories.push(path);
                } else if metadata.is_file()
                    && metadata.size <= bytes_max as u64
                    && let Ok(bytes) = root.read_file(&absolute)
                    && let Ok(text) = String::from_utf8(bytes.to_vec())
                {
                    found.push((path, text));
                }
            }
        }
        found.sort();
        found
    }

    /// Starts `bash -c LINE` in the home directory, with these variables beside the usual ones and
    /// both outputs going to `output`. Standard input is empty.
    ///
    /// # Errors
    /// The kernel's: too many processes, too long a line.
    pub fn start_line(
        &self,
        line: &str,
        variables: &[(String, String)],
        output: Handle,
    ) -> Result<Child, Errno> {
        let mut environment = self.environment.clone();
        for (name, value) in variables {
            environment.set(name, value);
        }
        let mut launch = Launch::new(["bash", "-c", line])
            .environment(environment)
            .directory(HOME)
            .streams(Rc::new(Null), output.clone(), output);
        launch.user = LEARNER;
        self.machine.spawn(launch)
    }

    /// Starts an interactive shell on a terminal.
    ///
    /// # Errors
    /// The kernel's: too many processes.
    pub fn start_shell(&self, terminal: &Tty) -> Result<Child, Errno> {
        let mut environment = self.environment.clone();
        environment.remove("COLUMNS");
        environment.set("TERM", "xterm-256color");
        environment.set("PS1", r"\$ ");
        let mut launch =
            Launch::new(["bash"]).environment(environment).directory(HOME).on_terminal(terminal);
        launch.user = LEARNER;
        self.machine.spawn(launch)
    }
}

fn environment(desk: &Desk) -> Environment {
    let columns = desk.columns.to_string();
    Environment::from_iter([
        ("COLUMNS", columns.as_str()),
        ("HOME", HOME),
        ("KUBECONFIG", &desk.kubeconfig),
        ("LANG", "C.UTF-8"),
        ("LOGNAME", "learner"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("PWD", HOME),
        ("SHELL", "/bin/bash"),
        ("TZ", "UTC"),
        ("USER", "learner"),
    ])
}
