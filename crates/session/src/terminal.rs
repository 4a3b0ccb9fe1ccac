//! A terminal that a person has opened.

use crate::digest::Digester;
use shell::{Child, Tty};
use std::collections::VecDeque;

/// How much of what a terminal has shown is kept.
const SHOWN_BYTES_MAX: usize = 1024 * 1024;

/// A terminal and what it has shown so far.
pub struct Terminal {
    pub(crate) tty: Tty,
    pub(crate) shell: Child,
    shown: VecDeque<u8>,
    /// How many bytes it has shown in all.
    total: u64,
}

impl Terminal {
    pub(crate) fn new(tty: Tty, shell: Child) -> Terminal {
        Terminal { tty, shell, shown: VecDeque::new(), total: 0 }
    }

    /// Takes over what programs have written. The session does so after every event, so that no
    /// program ever waits for somebody to look.
    pub(crate) fn collect(&mut self) {
        let output = self.tty.take_output();
        self.total += output.len() as u64;
        self.shown.extend(output);
        let surplus = self.shown.len().saturating_sub(SHOWN_BYTES_MAX);
        self.shown.drain(..surplus);
    }

    /// Whether its shell runs.
    pub fn is_open(&self) -> bool {
        self.shell.status().is_none()
    }

    /// Whether its program wants every key as it is pressed, and does its own echo.
    pub fn is_raw(&self) -> bool {
        self.tty.is_raw()
    }

    /// How many bytes it has shown so far.
    pub fn shown_bytes(&self) -> u64 {
        self.total
    }

    /// What it has shown since it had shown `seen` bytes, as far as that is still known.
    pub fn shown_since(&self, seen: u64) -> Vec<u8> {
        let first = self.total - self.shown.len() as u64;
        let skip = seen.saturating_sub(first).min(self.shown.len() as u64);
        self.shown.iter().skip(skip as usize).copied().collect()
    }

    pub(crate) fn digest(&self, digester: &mut Digester) {
        digester.number(self.total);
        let (front, back) = self.shown.as_slices();
        digester.piece(&[front, back].concat());
    }
}
