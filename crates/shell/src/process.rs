//! Processes.

use crate::environment::Environment;
use crate::errno::Errno;
use crate::fs::{Caller, User};
use crate::notify::Notify;
use crate::signal::Signal;
use crate::stream::Handle;
use crate::tty::Tty;
use sim::{TaskId, Time};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A process's number.
pub type Pid = u32;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It returned, with this status (0 to 255).
    Exited(i32),
    /// A signal ended it.
    Signalled(Signal),
}

impl Status {
    /// What a shell calls it: 128 and the signal's number for a signal.
    pub fn code(self) -> i32 {
        match self {
            Status::Exited(code) => code,
            Status::Signalled(signal) => 128 + i32::from(signal.number()),
        }
    }
}

/// What a process does about signals, as bit sets by number.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    pub(crate) handled: Cell<u32>,
    pub(crate) ignored: Cell<u32>,
    pub(crate) pending: Cell<u32>,
    pub(crate) bell: Notify,
}

/// File descriptors: few, hence a list in order of their numbers.
#[derive(Clone, Default)]
pub(crate) struct Descriptors(Vec<(u32, Handle)>);

/// As many as Linux allows by default.
const LIMIT_DESCRIPTORS: u32 = 1024;

impl Descriptors {
    pub(crate) fn get(&self, number: u32) -> Result<Handle, Errno> {
        let found = self.0.iter().find(|(known, _)| *known == number);
        found.map(|(_, handle)| handle.clone()).ok_or(Errno::EBADF)
    }

    /// Puts a stream in place; gives back what was there so that the caller drops it.
    pub(crate) fn set(&mut self, number: u32, handle: Handle) -> Result<Option<Handle>, Errno> {
        if number >= LIMIT_DESCRIPTORS {
            return Err(Errno::EBADF);
        }
        match self.0.binary_search_by_key(&number, |(known, _)| *known) {
            Ok(at) => Ok(self.0.get_mut(at).map(|entry| std::mem::replace(&mut entry.1, handle))),
            Err(at) => {
                self.0.insert(at, (number, handle));
                Ok(None)
            }
        }
    }

    pub(crate) fn close(&mut self, number: u32) -> Option<Handle> {
        let at = self.0.iter().position(|(known, _)| *known == number)?;
        Some(self.0.remove(at).1)
    }

    /// The lowest free number that is not below `minimum`.
    pub(crate) fn free_number(&self, minimum: u32) -> u32 {
        let mut number = minimum;
        for (known, _) in &self.0 {
            if *known == number {
                number += 1;
            }
        }
        number
    }

    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.0.iter().map(|(number, _)| *number).collect()
    }
}

/// A process. Other crates hold it as a [`Child`](crate::Child).
pub(crate) struct Process {
    pub(crate) pid: Pid,
    pub(crate) parent: Cell<Pid>,
    pub(crate) group: Cell<Pid>,
    pub(crate) arguments: RefCell<Rc<[String]>>,
    pub(crate) environment: RefCell<Environment>,
    pub(crate) directory: RefCell<Rc<str>>,
    pub(crate) umask: Cell<u16>,
    pub(crate) user: Cell<User>,
    pub(crate) terminal: Option<Tty>,
    pub(crate) descriptors: RefCell<Descriptors>,
    pub(crate) signals: Signals,
    pub(crate) status: Cell<Option<Status>>,
    pub(crate) exited: Notify,
    pub(crate) task: Cell<Option<TaskId>>,
    pub(crate) started: Time,
    /// Resident memory in bytes, as far as somebody said so.
    pub(crate) memory_bytes: Cell<u64>,
    pub(crate) was_out_of_memory: Cell<bool>,
    /// What was put but not yet written, by descriptor.
    pub(crate) unwritten: RefCell<Vec<(u32, Vec<u8>)>>,
    pub(crate) write_error: Cell<Option<Errno>>,
}

impl Process {
    pub(crate) fn caller(&self) -> Caller {
        Caller {
            user: self.user.get(),
            directory: self.directory.borrow().clone(),
            umask: self.umask.get(),
        }
    }

    /// Its command line's first word without the path.
    pub(crate) fn name(&self) -> String {
        let arguments = self.arguments.borrow();
        let name = arguments.first().map_or("", |name| crate::fs::base_name(name));
        name.trim_start_matches('-').to_owned()
    }

    pub(crate) fn descriptor(&self, number: u32) -> Result<Handle, Errno> {
        self.descriptors.borrow().get(number)
    }

    pub(crate) fn set_descriptor(&self, number: u32, handle: Handle) -> Result<(), Errno> {
        // What was there is dropped after the borrow ends: closing it may ring bells.
        let old = self.descriptors.borrow_mut().set(number, handle)?;
        drop(old);
        Ok(())
    }

    pub(crate) fn close_descriptor(&self, number: u32) {
        let old = self.descriptors.borrow_mut().close(number);
        drop(old);
    }
}
