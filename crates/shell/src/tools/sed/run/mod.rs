//! Running commands over lines.

mod cycle;

use super::{Action, Address, Command};
use crate::context::Context;
use crate::errno::Errno;
use crate::fs::OpenOptions;
use crate::regex::Regex;
use crate::stream::Handle;
use crate::tools::input::Lines;
use std::collections::VecDeque;
use std::rc::Rc;

pub(super) struct Settings {
    pub(super) quiet: bool,
    /// The suffix of the backup; empty for none.
    pub(super) in_place: Option<String>,
    /// Every file has line numbers and a last line of its own.
    pub(super) separate: bool,
    pub(super) end: u8,
}

/// What to do after a command.
enum Next {
    Continue,
    /// Go on at this command.
    Jump(usize),
    /// The cycle is over; print the pattern space unless told not to.
    EndCycle {
        print: bool,
    },
    /// Begin a cycle without reading a line.
    Restart,
    Quit {
        print: bool,
        status: i32,
    },
}

pub(super) struct Editor {
    context: Context,
    commands: Rc<[Command]>,
    settings: Settings,
    space: String,
    hold: String,
    line: u64,
    /// The last line read had an end.
    ended: bool,
    /// A line was put without its end: it comes if anything follows.
    pending_end: bool,
    substituted: bool,
    last_regex: Option<Rc<Regex>>,
    /// For each command with two addresses: the line up to which its range reaches.
    ranges: Vec<Range>,
    appended: Vec<Appended>,
    files: VecDeque<String>,
    current: Option<(String, Lines)>,
    ahead: Option<(String, bool)>,
    output: Vec<u8>,
    writers: Vec<(String, Handle)>,
    status: i32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Range {
    Closed,
    /// Until a line matches.
    Open,
    /// Up to this line.
    Until(u64),
}

enum Appended {
    Text(String),
    File(String),
}

impl Editor {
    pub(super) fn new(context: Context, commands: Vec<Command>, settings: Settings) -> Editor {
        let ranges = commands
            .iter()
            .map(|command| match command.first {
                // `0,/x/` is in its range from the start.
                Some(Address::Line(0)) => Range::Open,
                _ => Range::Closed,
            })
            .collect();
        Editor {
            context,
            commands: commands.into(),
            settings,
            space: String::new(),
            hold: String::new(),
            line: 0,
            ended: true,
            pending_end: false,
            substituted: false,
            last_regex: None,
            ranges,
            appended: Vec::new(),
            files: VecDeque::new(),
            current: None,
            ahead: None,
            output: Vec::new(),
            writers: Vec::new(),
            status: 0,
        }
    }

    pub(super) async fn run(mut self, operands: Vec<String>) -> i32 {
        if !self.open_writers() {
            return 4;
        }
        self.files = operands.into();
        if self.files.is_empty() {
            self.files.push_back("-".to_owned());
        }
        if let Some(suffix) = self.settings.in_place.clone() {
            return self.run_in_place(&suffix).await;
        }
        if self.settings.separate {
            for file in std::mem::take(&mut self.files) {
                self.files = VecDeque::from([file]);
                if let Some(status) = self.cycles().await {
                    return status;
                }
            }
            return self.status;
        }
        match self.cycles().await {
            Some(status) => status,
            None => self.status,
        }
    }

    async fn run_in_place(&mut self, suffix: &str) -> i32 {
        for path in std::mem::take(&mut self.files) {
            let metadata = match self.context.metadata(&path, true) {
                Ok(metadata) if metadata.is_file() => metadata,
                Ok(_) => {
                    self.context.fail(match self.context.is_busybox() {
                        true => format!("couldn't edit '{path}': not a regular file"),
                        false => format!("couldn't edit {path}: not a regular file"),
                    });
                    self.status = 4;
                    continue;
                }
                Err(error) => {
                    self.cannot_read(&path, error);
                    continue;
                }
            };
            self.files = VecDeque::from([path.clone()]);
            self.line = 0;
            let quit = self.cycles().await;
            if quit.is_some() {
                // What was not read stays as it is.
                if let Some((_, mut lines)) = self.current.take() {
                    while let Ok(Some(line)) = lines.next().await {
                        self.output.extend_from_slice(&line);
                    }
                }
            }
            let output = std::mem::take(&mut self.output);
            if !suffix.is_empty() {
                let backup = match suffix.contains('*') {
                    true => suffix.replace('*', &path),
                    false => format!("{path}{suffix}"),
                };
                let old = self.context.read_file(&path).unwrap_or_default();
                let _ = self.context.write_file(&backup, &old);
            }
            if let Err(error) = self.replace(&path, &output, metadata.mode) {
                self.context.fail(format!("couldn't edit {path}: {error}"));
                self.status = 4;
            }
            if let Some(status) = quit {
                return status;
            }
        }
        self.status
    }

    /// As sed does, the new text comes in a new file under the old name.
    fn replace(&self, path: &str, bytes: &[u8], mode: u16) -> Result<(), Errno> {
        let caller = self.context.caller();
        let files = self.context.machine().files();
        let temporary = format!("{path}.sed{}", self.context.pid());
        files.write_file(&caller, &temporary, bytes)?;
        files.set_mode(&caller, &temporary, mode)?;
        files.rename(&caller, &temporary, path)
    }

    fn open_writers(&mut self) -> bool {
        let commands = self.commands.clone();
        for command in commands.iter() {
            let path = match &command.action {
                Action::Write(path) => path,
                Action::Substitute(substitution) => match &substitution.write {
                    Some(path) => path,
                    None => continue,
                },
                _ => continue,
            };
            if self.writers.iter().any(|(known, _)| known == path) {
                continue;
            }
            match self.context.open(path, OpenOptions::WRITE) {
                Ok(stream) => self.writers.push((path.clone(), stream)),
                Err(error) => {
                    self.context.fail(format!("couldn't open file {path}: {error}"));
                    return false;
                }
            }
        }
        true
    }

    fn cannot_read(&mut self, path: &str, error: Errno) {
        self.context.fail(match (self.context.is_busybox(), error) {
            (true, _) => format!("{path}: {error}"),
            (false, _) => format!("can't read {path}: {error}"),
        });
        self.status = if self.context.is_busybox() { 1 } else { 2 };
    }
}

/// Input and output.
impl Editor {
    /// The next line; `None` at the end of the last file.
    async fn read(&mut self) -> Option<(String, bool)> {
        if let Some(line) = self.ahead.take() {
            return Some(line);
        }
        loop {
            if self.current.is_none() {
                let path = self.files.pop_front()?;
                match self.context.open_input(&path) {
                    Ok(stream) => {
                        let lines = Lines::ending(&self.context, stream, self.settings.end);
                        self.current = Some((path, lines));
                    }
                    Err(error) => {
                        self.cannot_read(&path, error);
                        continue;
                    }
                }
            }
            let Some((path, lines)) = &mut self.current else {
                return None;
            };
            match lines.text().await {
                Ok(Some(line)) => return Some(line),
                Ok(None) => self.current = None,
                Err(error) => {
                    let path = path.clone();
                    self.current = None;
                    self.context.fail(match self.context.is_busybox() {
                        true => format!("{path}: {error}"),
                        false => format!("read error on {path}: {error}"),
                    });
                    self.status = if self.context.is_busybox() { 1 } else { 4 };
                }
            }
        }
    }

    async fn is_last(&mut self) -> bool {
        if self.ahead.is_none() {
            self.ahead = self.read().await;
        }
        self.ahead.is_none()
    }

    async fn next_line(&mut self) -> Option<String> {
        let (line, ended) = self.read().await?;
        self.line += 1;
        self.ended = ended;
        Some(line)
    }

    fn put(&mut self, text: &str) {
        let bytes = crate::text::encode(text);
        if self.settings.in_place.is_some() {
            self.output.extend_from_slice(&bytes);
        } else {
            self.context.put(&*bytes);
        }
    }

    /// A line of output: its end is missing only where it was missing in the input.
    fn put_line(&mut self, text: &str) {
        self.complete_line();
        self.put(text);
        let end = char::from(self.settings.end).to_string();
        if self.ended {
            self.put(&end);
        } else {
            self.pending_end = true;
        }
    }
}
