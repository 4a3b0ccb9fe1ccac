//! What a session begins with and what people do in it.

use serde::{Deserialize, Serialize};
use shell::Errno;

/// What a session begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The cluster's profile by name: `kind`, `recorded`.
    pub profile: String,
    /// The kind configuration that the cluster was made from; one node if empty.
    pub kind_config: String,
    /// All randomness comes from here.
    pub seed: u64,
    /// The instant at which the cluster is ready and the session begins, in seconds of Unix time.
    pub begin_seconds: u64,
    /// Where the kubeconfig file is on the learner's machine.
    pub kubeconfig: String,
    /// Columns that programs without a terminal take a line to have.
    pub columns: u32,
}

/// Something that a person did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// Started `bash -c line` in the home directory.
    Command {
        /// The line.
        line: String,
        /// Variables beside the usual environment.
        variables: Vec<(String, String)>,
    },
    /// Interrupted a command, as `^C` does.
    Interrupt {
        /// The number of the command, counted from 0.
        command: u32,
    },
    /// Saved a file.
    WriteFile {
        /// Its path, absolute or below the home directory.
        path: String,
        /// Its content.
        bytes: Vec<u8>,
    },
    /// Opened a terminal.
    OpenTerminal {
        /// Columns of its window.
        columns: u32,
        /// Rows of its window.
        rows: u32,
    },
    /// Typed into a terminal.
    Type {
        /// The number of the terminal, counted from 0.
        terminal: u32,
        /// What the keys send.
        bytes: Vec<u8>,
    },
    /// Changed the size of a terminal's window.
    ResizeTerminal {
        /// The number of the terminal.
        terminal: u32,
        /// Columns of its window.
        columns: u32,
        /// Rows of its window.
        rows: u32,
    },
    /// Closed a terminal.
    CloseTerminal {
        /// The number of the terminal.
        terminal: u32,
    },
    /// Stopped the kubelet of a node; its containers go on.
    StopKubelet {
        /// The node's name.
        node: String,
    },
    /// Started the kubelet of a node again.
    StartKubelet {
        /// The node's name.
        node: String,
    },
    /// Closed the editor of a file that a program waits for.
    CloseEditor {
        /// The file's path, absolute.
        path: String,
        /// What it is to hold; nothing if it is left as it is.
        bytes: Option<Vec<u8>>,
    },
}

/// Why an input is refused. It is not in the log then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// There is no command or terminal of that number.
    #[error("there is no {0} number {1}")]
    Missing(&'static str, u32),
    /// No program waits for this file to be edited.
    #[error("nothing waits for {0:?} to be edited")]
    NotEdited(String),
    /// There is no such node.
    #[error("there is no node {0:?}")]
    NoNode(String),
    /// As many terminals are open as can be.
    #[error("{0} terminals are open already")]
    TooManyTerminals(usize),
    /// The session holds as many inputs as it can.
    #[error("a session can hold {0} inputs")]
    TooManyInputs(usize),
    /// The learner's machine refuses.
    #[error("{0}")]
    Machine(Errno),
}
