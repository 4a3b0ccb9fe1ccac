//! Containers as the runtime has them.

use images::{Image, Service};
use shell::{Child, Machine, Tty};
use sim::{Sender, Time};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exit {
    pub(crate) code: i32,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    pub(crate) at: Time,
}

/// What runs in a container.
pub(crate) enum Process {
    /// A server that is described, not run.
    Service {
        service: Box<dyn Service>,
        ports: Vec<u16>,
        /// Its files and whatever was started beside it, once somebody has looked inside.
        machine: Option<Machine>,
    },
    /// A process of a machine.
    Running { machine: Machine, child: Child },
    /// Nothing: it could not be started, or has ended.
    None,
}

/// The input of a container's own program.
#[derive(Clone, Default)]
pub(crate) enum Console {
    /// It has none.
    #[default]
    None,
    /// A pipe.
    Pipe(Sender<Vec<u8>>),
    /// A terminal.
    Terminal(Tty),
}

/// One attempt to run a container of a Pod.
pub(crate) struct Container {
    /// 64 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) image: Option<&'static Image>,
    /// The image in full, as the runtime reports it.
    pub(crate) image_name: Rc<str>,
    pub(crate) image_id: Rc<str>,
    /// The image as the spec named it when the container was created.
    pub(crate) spec_image: api::Text,
    pub(crate) started: Time,
    pub(crate) process: Process,
    pub(crate) environment: Rc<BTreeMap<String, String>>,
    /// Variables that name Services.
    pub(crate) links: Rc<BTreeMap<String, String>>,
    pub(crate) exit: Option<Exit>,
    pub(crate) log: LogBuffer,
    /// What a client can attach to.
    pub(crate) console: Console,
    /// Whether a published status has shown it running.
    pub(crate) is_published: bool,
    /// Whether it was told to stop, and must be gone by then.
    pub(crate) kill_at: Option<Time>,
}

impl Container {
    pub(crate) fn is_running(&self) -> bool {
        self.exit.is_none()
    }
}

/// What a container has printed.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogBuffer(Rc<std::cell::RefCell<LogLines>>);

#[derive(Debug, Default)]
struct LogLines {
    lines: Vec<LogLine>,
    bytes: usize,
    readers: Vec<sim::Sender<LogLine>>,
}

/// A line of a log.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// When it was printed.
    pub time: Time,
    /// The line, with its line break if it had one.
    pub text: Rc<[u8]>,
}

/// `containerLogMaxSize`: a real kubelet rotates at 10 MiB; here the oldest lines go.
const LOG_BYTES_MAX: usize = 1 << 20;

impl LogBuffer {
    pub(crate) fn append(&self, time: Time, text: &[u8]) {
        let mut lines = self.0.borrow_mut();
        for part in text.split_inclusive(|byte| *byte == b'\n') {
            let line = LogLine { time, text: part.into() };
            lines.bytes += part.len();
            lines.readers.retain(|reader| reader.send(line.clone()).is_ok());
            lines.lines.push(line);
        }
        let mut dropped = 0;
        while lines.bytes > LOG_BYTES_MAX && dropped < lines.lines.len() {
            lines.bytes -= lines.lines[dropped].text.len();
            dropped += 1;
        }
        lines.lines.drain(..dropped);
    }

    pub(crate) fn lines(&self) -> Vec<LogLine> {
        self.0.borrow().lines.clone()
    }

    /// Lets a reader have every line from now on.
    pub(crate) fn follow(&self) -> sim::Receiver<LogLine> {
        let (sender, receiver) = sim::channel();
        self.0.borrow_mut().readers.push(sender);
        receiver
    }

    /// Lets readers know that nothing more will come.
    pub(crate) fn close(&self) {
        self.0.borrow_mut().readers.clear();
    }
}
