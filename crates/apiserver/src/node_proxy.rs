//! The way from the API server to the nodes: what a real one asks a kubelet for.

use api::{Status, Value};
use sim::{Receiver, Sender, Time};

/// Which part of a container's log is wanted.
#[derive(Clone, Debug, Default)]
pub struct LogRequest {
    /// The container.
    pub container: String,
    /// Whether the attempt before the present one is meant.
    pub previous: bool,
    /// Whether more is wanted as it comes.
    pub follow: bool,
    /// Whether each line begins with its time.
    pub timestamps: bool,
    /// Only so many lines at the end.
    pub tail_lines: Option<usize>,
    /// Only lines that are not older.
    pub since: Option<Time>,
    /// Only so many bytes.
    pub limit_bytes: Option<usize>,
}

/// A program to be run in a container, or the one to be attached to.
#[derive(Clone, Debug, Default)]
pub struct ExecRequest {
    /// The container.
    pub container: String,
    /// The program and its arguments; empty to attach to the container's own.
    pub command: Vec<String>,
    /// Whether it gets an input.
    pub stdin: bool,
    /// Whether it runs on a terminal.
    pub tty: bool,
}

/// The streams of a program in a container. Dropping a sender closes that stream.
#[derive(Debug)]
pub struct ExecStreams {
    /// To its standard input.
    pub stdin: Sender<Vec<u8>>,
    /// From its standard output.
    pub stdout: Receiver<Vec<u8>>,
    /// From its standard error; nothing comes when it runs on a terminal.
    pub stderr: Receiver<Vec<u8>>,
    /// One `Status` document at the end.
    pub status: Receiver<Value>,
    /// Columns and rows of its terminal.
    pub resize: Sender<(usize, usize)>,
}

/// Why a kubelet does not open the streams.
#[derive(Clone, Debug)]
pub enum ExecRefusal {
    /// A failure that is passed on as it is.
    Status(Box<Status>),
    /// A text, which the client shows as the reason why it could not switch protocols.
    Text(String),
}

/// What the API server asks the kubelet of a Pod's node for.
pub trait NodeProxy {
    /// A log as it is, and what will come if that was asked for.
    fn log(
        &self,
        pod: &Value,
        request: &LogRequest,
    ) -> Result<(Vec<u8>, Option<Receiver<Vec<u8>>>), Status>;

    /// Runs a program in a container or attaches to the one that runs.
    fn exec(&self, pod: &Value, request: &ExecRequest) -> Result<ExecStreams, ExecRefusal>;
}
