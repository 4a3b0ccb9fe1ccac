//! What machines are made of.

use crate::process::Pid;
use sim::{Duration, Time};
use std::rc::Rc;

/// What a machine is made of.
#[derive(Clone, Debug)]
pub struct MachineConfig {
    /// What `hostname` prints.
    pub hostname: Rc<str>,
    /// The pid of the first process. Pid 1 has init's privileges and duties.
    pub first_pid: Pid,
    /// Virtual time it takes to start a program.
    pub process_cost: Duration,
    /// How many processes may exist at once.
    pub process_limit: usize,
    /// Memory of all processes together past which the largest is killed.
    pub memory_limit_bytes: Option<u64>,
    /// What `/proc` and the tools that read it tell about the hardware.
    pub hardware: Rc<Hardware>,
}

/// The computer that a machine runs on. Containers of one node share it.
#[derive(Clone, Debug)]
pub struct Hardware {
    /// Number of processors.
    pub processors: u32,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// `uname -r`
    pub kernel_release: String,
    /// `uname -v`
    pub kernel_version: String,
    /// `uname -m`
    pub architecture: String,
    /// When it was switched on.
    pub booted: Time,
}

impl Default for Hardware {
    fn default() -> Hardware {
        Hardware {
            processors: 2,
            memory_bytes: 8 * 1024 * 1024 * 1024,
            kernel_release: "6.1.0".to_owned(),
            kernel_version: "#1 SMP PREEMPT_DYNAMIC".to_owned(),
            architecture: "x86_64".to_owned(),
            booted: Time::EPOCH,
        }
    }
}

impl Default for MachineConfig {
    fn default() -> MachineConfig {
        MachineConfig {
            hostname: "localhost".into(),
            first_pid: 1,
            process_cost: Duration::from_millis(5),
            process_limit: 512,
            memory_limit_bytes: None,
            hardware: Rc::default(),
        }
    }
}
