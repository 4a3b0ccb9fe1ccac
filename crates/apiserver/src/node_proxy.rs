//! The way from the API server to the nodes: what a real one asks a kubelet for.

use api::{Status, Value};
use sim::{Receiver, Time};

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

/// What the API server asks the kubelet of a Pod's node for.
pub trait NodeProxy {
    /// A log as it is, and what will come if that was asked for.
    fn log(
        &self,
        pod: &Value,
        request: &LogRequest,
    ) -> Result<(Vec<u8>, Option<Receiver<Vec<u8>>>), Status>;
}
