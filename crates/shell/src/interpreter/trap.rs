//! What to do when a signal comes or the shell ends.

use super::{Flow, Shell, Unwind};
use crate::signal::Signal;
use std::collections::BTreeMap;
use std::rc::Rc;

/// When a trap runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trap {
    /// The shell ends.
    Exit,
    Signal(Signal),
    /// A command failed where `set -e` would end the shell.
    Err,
    /// Kept and shown, but never run.
    Debug,
    /// Kept and shown, but never run.
    Return,
}

impl Trap {
    pub(crate) fn parse(text: &str, bash: bool) -> Option<Trap> {
        match text.to_ascii_uppercase().as_str() {
            "EXIT" | "0" => Some(Trap::Exit),
            "ERR" if bash => Some(Trap::Err),
            "DEBUG" if bash => Some(Trap::Debug),
            "RETURN" if bash => Some(Trap::Return),
            upper if !bash && upper.starts_with("SIG") => None,
            upper => Signal::parse(upper).map(Trap::Signal),
        }
    }

    /// Its name as `trap` lists it.
    pub(crate) fn name(self, bash: bool) -> String {
        match self {
            Trap::Exit => "EXIT".to_owned(),
            Trap::Err => "ERR".to_owned(),
            Trap::Debug => "DEBUG".to_owned(),
            Trap::Return => "RETURN".to_owned(),
            Trap::Signal(signal) if bash => format!("SIG{}", signal.name()),
            Trap::Signal(signal) => signal.name().to_owned(),
        }
    }
}

/// The traps that are set; an empty action ignores the signal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traps {
    actions: BTreeMap<Trap, Rc<str>>,
    /// In a subshell: what `trap` without arguments still shows.
    is_inherited: bool,
}

impl Traps {
    /// What a subshell begins with: it shows its parent's traps and runs none of them.
    pub(crate) fn inherited(&self) -> Traps {
        Traps { actions: self.actions.clone(), is_inherited: true }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Trap, &Rc<str>)> {
        self.actions.iter().map(|(trap, action)| (*trap, action))
    }

    /// The action to run.
    pub(crate) fn get(&self, trap: Trap) -> Option<&Rc<str>> {
        self.actions.get(&trap).filter(|_| !self.is_inherited)
    }

    fn forget_inherited(&mut self) {
        if std::mem::take(&mut self.is_inherited) {
            self.actions.retain(|_, action| action.is_empty());
        }
    }

    /// Whether nothing would run, so that the shell may become another program.
    pub(crate) fn are_idle(&self) -> bool {
        self.is_inherited || self.actions.values().all(|action| action.is_empty())
    }
}

impl Shell {
    /// Sets or (`None`) takes away a trap.
    pub(crate) fn set_trap(&mut self, trap: Trap, action: Option<&str>) {
        self.traps.forget_inherited();
        if let Trap::Signal(signal) = trap {
            match action {
                None => self.context.reset(signal),
                Some("") => self.context.ignore(signal),
                Some(_) => self.context.handle(signal),
            }
        }
        match action {
            Some(action) => self.traps.actions.insert(trap, action.into()),
            None => self.traps.actions.remove(&trap),
        };
    }

    /// Runs the traps of signals that have come.
    pub(crate) async fn run_traps(&mut self) -> Flow {
        while let Some(signal) = self.context.take_signal() {
            match self.traps.get(Trap::Signal(signal)).cloned() {
                Some(action) => self.run_trap(&action).await?,
                None if signal == Signal::INT && self.is_interactive() => {
                    self.status = 130;
                    return Err(Unwind::Interrupt);
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Runs an action; `$?` is as before afterwards.
    pub(crate) async fn run_trap(&mut self, action: &str) -> Flow {
        let status = self.status;
        let line = self.line;
        Box::pin(self.run_lines(action)).await?;
        self.status = status;
        self.line = line;
        Ok(())
    }

    /// Runs the EXIT trap once.
    pub(crate) async fn run_exit_trap(&mut self) {
        let Some(action) = self.traps.get(Trap::Exit).cloned() else {
            return;
        };
        self.traps.actions.remove(&Trap::Exit);
        let status = self.status;
        self.frames.clear();
        match Box::pin(self.run_lines(&action)).await {
            Err(Unwind::Exit) => {}
            _ => self.status = status,
        }
    }
}
