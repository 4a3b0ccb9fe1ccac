//! Signals, and how processes end.

use super::Machine;
use crate::errno::Errno;
use crate::process::{Pid, Process, Status};
use crate::signal::Signal;
use std::rc::Rc;

impl Machine {
    /// Sends a signal to a process from outside of the machine.
    pub fn signal(&self, pid: Pid, signal: Signal) -> Result<(), Errno> {
        let process = self.process(pid).ok_or(Errno::ESRCH)?;
        self.deliver(&process, signal, true);
        Ok(())
    }

    /// Sends a signal to every process of a group; says whether there was one.
    pub(crate) fn signal_group(&self, group: Pid, signal: Signal, from_outside: bool) -> bool {
        let members: Vec<_> =
            self.processes().into_iter().filter(|process| process.group.get() == group).collect();
        for process in &members {
            self.deliver(process, signal, from_outside);
        }
        !members.is_empty()
    }

    /// Kills every process at this instant: the power goes out.
    pub fn kill_all(&self) {
        for process in self.processes() {
            self.terminate(&process, Status::Signalled(Signal::KILL));
        }
    }

    pub(crate) fn deliver(&self, process: &Rc<Process>, signal: Signal, from_outside: bool) {
        let is_init = process.pid == 1;
        let signals = &process.signals;
        if signal == Signal::KILL {
            if from_outside || !is_init {
                self.terminate(process, Status::Signalled(signal));
            }
        } else if signal.is_forced() || signals.ignored.get() & signal.bit() != 0 {
        } else if signals.handled.get() & signal.bit() != 0 {
            signals.pending.set(signals.pending.get() | signal.bit());
            signals.bell.ring();
        } else if signal.is_deadly() && !is_init {
            // The kernel spares pid 1 what it has not asked for.
            self.terminate(process, Status::Signalled(signal));
        }
    }

    /// Ends a process: its task is dropped, its descriptors are closed, whoever waits is told.
    pub(crate) fn terminate(&self, process: &Rc<Process>, status: Status) {
        if process.status.get().is_some() {
            return;
        }
        process.status.set(Some(status));
        self.0.processes.borrow_mut().remove(&process.pid);
        for orphan in self.processes() {
            if orphan.parent.get() == process.pid {
                orphan.parent.set(if process.pid == 1 { 0 } else { 1 });
            }
        }
        if let Some(task) = process.task.get() {
            self.sim().abort(task);
        }
        let descriptors = process.descriptors.take();
        drop(descriptors);
        process.unwritten.take();
        process.exited.ring();
        if let Some(parent) = self.process(process.parent.get()) {
            self.deliver(&parent, Signal::CHLD, false);
        }
        if process.pid == 1 {
            self.kill_all();
        }
    }

    /// Sets how much memory a process uses and kills the largest if that is too much.
    pub(crate) fn set_memory(&self, process: &Rc<Process>, bytes: u64) {
        process.memory_bytes.set(bytes);
        let Some(limit) = self.0.config.borrow().memory_limit_bytes else {
            return;
        };
        while self.memory_bytes() > limit {
            let processes = self.processes();
            let Some(largest) = processes.iter().max_by_key(|one| one.memory_bytes.get()) else {
                return;
            };
            largest.was_out_of_memory.set(true);
            self.terminate(largest, Status::Signalled(Signal::KILL));
        }
    }
}
