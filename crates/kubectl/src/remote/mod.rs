//! Programs in containers, seen from kubectl: which container is meant, and the streams of `exec`
//! and `attach`.

mod container;
mod pod_state;
mod session;

pub(crate) use container::{container_or_default, find_container};
pub(crate) use pod_state::{logs, pod_path, watch_pod};
pub(crate) use session::{Terminal, exchange, run};

use crate::errors::Result;
use crate::invocation::Invocation;
use sim::Duration;

/// `--pod-running-timeout`
pub(crate) fn pod_running_timeout(invocation: &Invocation) -> Result<Duration> {
    match invocation.flags.int("pod-running-timeout") {
        nanos if nanos > 0 => Ok(Duration::from_nanos(nanos.unsigned_abs())),
        _ => Err(invocation.usage_error("--pod-running-timeout must be higher than zero")),
    }
}
