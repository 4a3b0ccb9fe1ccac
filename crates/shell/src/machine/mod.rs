//! One simulated computer: a container, or the learner's desk.

mod config;
mod end;
mod launch;
mod start;

pub use config::{Hardware, MachineConfig};
pub use launch::{Child, Launch, Output};
pub(crate) use start::run_program;

use crate::budget::Budget;
use crate::errno::Errno;
use crate::fs::{FileSystem, Namespace};
use crate::process::{Pid, Process};
use crate::program::{self, Program, Programs};
use crate::userland::{Flavour, Userland};
use sim::{Duration, Rng, Sim};
use std::cell::{Cell, Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

/// Linux's limit on argument list and environment together, scaled to a small machine.
const LIMIT_ARGUMENT_BYTES: usize = 1024 * 1024;
/// How many `#!` lines may lead to one another.
const LIMIT_INTERPRETERS: u32 = 4;
/// A child that a shell forks; the first pid is taken by the first process.
const LIMIT_PID: Pid = 4_194_304;

pub(crate) struct Inner {
    sim: Sim,
    config: RefCell<Rc<MachineConfig>>,
    flavour: Flavour,
    files: RefCell<Namespace>,
    programs: RefCell<Programs>,
    processes: RefCell<BTreeMap<Pid, Rc<Process>>>,
    next_pid: Cell<Pid>,
    rng: RefCell<Rng>,
    budget: Budget,
}

/// A handle to a machine; cloning it gives another handle to the same one.
#[derive(Clone)]
pub struct Machine(Rc<Inner>);

/// A machine that may be gone.
#[derive(Clone)]
pub(crate) struct WeakMachine(Weak<Inner>);

impl WeakMachine {
    pub(crate) fn get(&self) -> Option<Machine> {
        self.0.upgrade().map(Machine)
    }
}

impl Machine {
    /// A machine with the files and programs of `userland`.
    pub fn new(sim: &Sim, userland: &Userland, config: MachineConfig) -> Machine {
        let root = FileSystem::of_image(sim, &userland.image);
        let rng = sim.rng(&config.hostname);
        Machine(Rc::new(Inner {
            sim: sim.clone(),
            next_pid: Cell::new(config.first_pid),
            config: RefCell::new(Rc::new(config)),
            flavour: userland.flavour,
            files: RefCell::new(Namespace::new(root)),
            programs: RefCell::new(userland.programs.clone()),
            processes: RefCell::default(),
            rng: RefCell::new(rng),
            budget: Budget::default(),
        }))
    }

    pub(crate) fn downgrade(&self) -> WeakMachine {
        WeakMachine(Rc::downgrade(&self.0))
    }

    /// Its simulation.
    pub fn sim(&self) -> &Sim {
        &self.0.sim
    }

    /// What it is made of.
    pub fn config(&self) -> Rc<MachineConfig> {
        self.0.config.borrow().clone()
    }

    /// Changes what it is made of while it runs.
    pub fn configure(&self, change: impl FnOnce(&mut MachineConfig)) {
        change(Rc::make_mut(&mut self.0.config.borrow_mut()));
    }

    /// Whose tools it has.
    pub fn flavour(&self) -> Flavour {
        self.0.flavour
    }

    /// Its files; mounts are added here. Do not hold on to it across an await.
    pub fn files(&self) -> Ref<'_, Namespace> {
        self.0.files.borrow()
    }

    /// Its files, to mount and unmount.
    pub fn files_mut(&self) -> RefMut<'_, Namespace> {
        self.0.files.borrow_mut()
    }

    /// Adds a program to this machine alone and, if it has a path, an executable file for it.
    pub fn install(&self, path: &str, program: impl Program + 'static) -> Result<(), Errno> {
        self.0.programs.borrow_mut().add(path, program);
        let root = self.0.files.borrow().root().clone();
        root.write_file(path, &program::executable(path), 0o755)
    }

    /// [`Machine::install`] for a program whose start takes a time of its own.
    pub fn install_with_cost(
        &self,
        path: &str,
        cost: Duration,
        program: impl Program + 'static,
    ) -> Result<(), Errno> {
        self.0.programs.borrow_mut().add_with_cost(path, cost, program);
        let root = self.0.files.borrow().root().clone();
        root.write_file(path, &program::executable(path), 0o755)
    }

    /// Draws from the machine's own random numbers.
    pub fn random(&self) -> u32 {
        self.0.rng.borrow_mut().next_u32()
    }

    pub(crate) fn split_rng(&self) -> Rng {
        Rng::new(self.0.rng.borrow_mut().next_u64())
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.0.budget
    }

    /// Processor time that its programs have used so far.
    pub fn processor_time(&self) -> Duration {
        self.0.budget.busy()
    }

    /// Memory that its processes say they use.
    pub fn memory_bytes(&self) -> u64 {
        self.0.processes.borrow().values().map(|process| process.memory_bytes.get()).sum()
    }

    /// The numbers of all processes.
    pub fn pids(&self) -> Vec<Pid> {
        self.0.processes.borrow().keys().copied().collect()
    }

    pub(crate) fn processes(&self) -> Vec<Rc<Process>> {
        self.0.processes.borrow().values().cloned().collect()
    }

    pub(crate) fn process(&self, pid: Pid) -> Option<Rc<Process>> {
        self.0.processes.borrow().get(&pid).cloned()
    }
}
