//! Signals: their numbers, names and default actions.

use std::fmt;

/// A signal by its Linux number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signal(u8);

/// Number by position; the empty name is not a signal.
const NAMES: [&str; 32] = [
    "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// What `strsignal` says of the signals that end a process; by number.
const DESCRIPTIONS: [&str; 16] = [
    "",
    "Hangup",
    "Interrupt",
    "Quit",
    "Illegal instruction",
    "Trace/breakpoint trap",
    "Aborted",
    "Bus error",
    "Floating point exception",
    "Killed",
    "User defined signal 1",
    "Segmentation fault",
    "User defined signal 2",
    "Broken pipe",
    "Alarm clock",
    "Terminated",
];

#[allow(missing_docs)]
impl Signal {
    pub const HUP: Signal = Signal(1);
    pub const INT: Signal = Signal(2);
    pub const QUIT: Signal = Signal(3);
    pub const ABRT: Signal = Signal(6);
    pub const KILL: Signal = Signal(9);
    pub const USR1: Signal = Signal(10);
    pub const SEGV: Signal = Signal(11);
    pub const USR2: Signal = Signal(12);
    pub const PIPE: Signal = Signal(13);
    pub const ALRM: Signal = Signal(14);
    pub const TERM: Signal = Signal(15);
    pub const CHLD: Signal = Signal(17);
    pub const CONT: Signal = Signal(18);
    pub const STOP: Signal = Signal(19);
    pub const WINCH: Signal = Signal(28);
}

impl Signal {
    /// The signal with this number.
    pub fn from_number(number: u32) -> Option<Signal> {
        (1..32).contains(&number).then_some(Signal(number as u8))
    }

    /// Reads `TERM`, `SIGTERM`, `sigterm` or `15`.
    pub fn parse(text: &str) -> Option<Signal> {
        if let Ok(number) = text.parse() {
            return Signal::from_number(number);
        }
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let number = NAMES.iter().position(|known| !known.is_empty() && *known == name)?;
        Signal::from_number(number as u32)
    }

    /// All signals by number.
    pub fn all() -> impl Iterator<Item = Signal> {
        (1..32).map(Signal)
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// Its name without `SIG`.
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0)).copied().unwrap_or("")
    }

    /// What `strsignal` calls it.
    pub fn description(self) -> &'static str {
        DESCRIPTIONS.get(usize::from(self.0)).copied().unwrap_or("Unknown signal")
    }

    /// Whether a process that has said nothing about it ends by it. Stopping is not simulated:
    /// signals that stop a process are ignored.
    pub fn is_deadly(self) -> bool {
        !matches!(self.0, 17..=23 | 28)
    }

    /// Whether a process may neither handle nor ignore it.
    pub fn is_forced(self) -> bool {
        matches!(self, Signal::KILL | Signal::STOP)
    }

    pub(crate) fn bit(self) -> u32 {
        1 << self.0
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIG{}", self.name())
    }
}
