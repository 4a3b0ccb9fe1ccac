//! The logs of containers, as the API server asks for them.

use crate::Kubelets;
use crate::container::LogLine;
use api::{Status, Value, View};
use sim::{Receiver, Time};

/// Which part of a log is wanted.
#[derive(Clone, Debug, Default)]
pub struct LogOptions {
    /// The container.
    pub container: String,
    /// Whether the attempt before the present one is meant.
    pub previous: bool,
    /// Whether lines are wanted as they come.
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

/// A log: what there is, and what will come if that was asked for.
pub struct LogSource {
    /// What has been printed.
    pub lines: Vec<LogLine>,
    /// What is printed from now on.
    pub following: Option<Receiver<LogLine>>,
}

impl Kubelets {
    /// The log of a container of a Pod as bytes, and what will come if that was asked for.
    pub fn log_bytes(
        &self,
        pod: &Value,
        options: &LogOptions,
    ) -> Result<(Vec<u8>, Option<Receiver<Vec<u8>>>), Status> {
        let source = self.log(pod, options)?;
        let mut lines: Vec<&LogLine> = source.lines.iter().collect();
        if let Some(since) = options.since {
            lines.retain(|line| line.time >= since);
        }
        if let Some(count) = options.tail_lines {
            lines.drain(..lines.len().saturating_sub(count));
        }
        let mut bytes: Vec<u8> =
            lines.into_iter().flat_map(|line| print(line, options.timestamps)).collect();
        if let Some(limit) = options.limit_bytes {
            bytes.truncate(limit);
        }
        let following = source.following.map(|mut lines| {
            let (sender, receiver) = sim::channel();
            let timestamps = options.timestamps;
            self.shared.sim.spawn(async move {
                while let Some(line) = lines.recv().await {
                    if sender.send(print(&line, timestamps)).is_err() {
                        break;
                    }
                }
            });
            receiver
        });
        Ok((bytes, following))
    }

    /// The log of a container of a Pod.
    pub fn log(&self, pod: &Value, options: &LogOptions) -> Result<LogSource, Status> {
        let view = api::core::v1::Pod::of(pod);
        let none = || LogSource { lines: Vec::new(), following: None };
        let node = self.by_name.get(view.spec().node_name()).and_then(|i| self.nodes.get(*i));
        let Some(node) = node else { return Ok(none()) };
        let name = view.metadata().name();
        let container = &options.container;
        let Some(worker) = node.workers.get(&crate::uid_of(pod)) else {
            return Ok(none());
        };
        let count = worker.containers.len();
        let index = (0..count).find(|index| worker.spec_of(*index).name() == container);
        let Some(state) = index.map(|index| &worker.containers[index]) else {
            return Ok(none());
        };
        if options.previous {
            let before = match &state.current {
                Some(current) if current.exit.is_some() => Some(current),
                _ => state.previous.as_ref(),
            };
            return match before {
                Some(before) => Ok(LogSource { lines: before.log.lines(), following: None }),
                None => Err(Status::bad_request(format!(
                    "previous terminated container \"{container}\" in pod \"{name}\" not found"
                ))),
            };
        }
        let Some(current) = &state.current else {
            let why = match &state.waiting {
                Some(("ErrImagePull", _)) => "image can't be pulled",
                Some(("ImagePullBackOff", _)) => "trying and failing to pull image",
                Some((reason, _)) => reason,
                None if worker.init_count() > 0 => "PodInitializing",
                None => "ContainerCreating",
            };
            return Err(Status::bad_request(format!(
                "container \"{container}\" in pod \"{name}\" is waiting to start: {why}"
            )));
        };
        let follows = options.follow && current.exit.is_none();
        Ok(LogSource {
            lines: current.log.lines(),
            following: follows.then(|| current.log.follow()),
        })
    }
}

/// A line, with its time before it if that is wanted.
fn print(line: &LogLine, with_time: bool) -> Vec<u8> {
    if !with_time {
        return line.text.to_vec();
    }
    let mut out = timestamp(line.time).into_bytes();
    out.push(b' ');
    out.extend_from_slice(&line.text);
    out
}

/// `2026-11-23T12:46:12.345678901Z`: nanoseconds, without zeros at the end.
fn timestamp(time: Time) -> String {
    let seconds = time.rfc3339();
    let nanos = time.nanos() % 1_000_000_000;
    if nanos == 0 {
        return seconds;
    }
    let fraction = format!("{nanos:09}");
    format!("{}.{}Z", seconds.trim_end_matches('Z'), fraction.trim_end_matches('0'))
}
