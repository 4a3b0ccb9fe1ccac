//! One line after the other: which commands apply to it, and what they do.

use super::{Appended, Editor, Next, Range};
use crate::tools::sed::substitute::LIMIT_BYTES;
use crate::tools::sed::{Action, Address, Command};

impl Editor {
    pub(super) fn complete_line(&mut self) {
        if std::mem::take(&mut self.pending_end) {
            let end = char::from(self.settings.end).to_string();
            self.put(&end);
        }
    }

    /// Runs the script over all lines of the files; the exit status if it quits.
    pub(super) async fn cycles(&mut self) -> Option<i32> {
        let mut restart = false;
        loop {
            if !restart {
                self.space = self.next_line().await?;
            }
            restart = false;
            if self.context.flush_some().await.is_err() {
                return Some(4);
            }
            match self.cycle().await {
                Next::Restart => {
                    self.finish_cycle(false).await;
                    restart = true;
                }
                Next::Quit { print, status } => {
                    self.finish_cycle(print).await;
                    return Some(status);
                }
                Next::EndCycle { print } => self.finish_cycle(print).await,
                Next::Continue | Next::Jump(_) => self.finish_cycle(true).await,
            }
        }
    }

    async fn finish_cycle(&mut self, print: bool) {
        if print && !self.settings.quiet {
            let space = std::mem::take(&mut self.space);
            self.put_line(&space);
            self.space = space;
        }
        for appended in std::mem::take(&mut self.appended) {
            match appended {
                Appended::Text(text) => {
                    self.complete_line();
                    self.put(&text);
                }
                Appended::File(path) => {
                    if let Ok(bytes) = self.context.read_operand_quietly(&path).await {
                        self.complete_line();
                        let text = crate::text::decode(&bytes);
                        self.put(&text);
                    }
                }
            }
        }
    }

    async fn cycle(&mut self) -> Next {
        let commands = self.commands.clone();
        let mut at = 0;
        self.substituted = false;
        while let Some(command) = commands.get(at) {
            self.context.work(1).await;
            if self.selects(at, command).await == command.negated {
                at = match command.action {
                    Action::Block(end) => end,
                    _ => at + 1,
                };
                continue;
            }
            match self.perform(command, at).await {
                Next::Continue => at += 1,
                Next::Jump(to) => at = to,
                other => return other,
            }
            if self.space.len() > LIMIT_BYTES || self.hold.len() > LIMIT_BYTES {
                self.context.fail("memory exhausted");
                return Next::Quit { print: false, status: 4 };
            }
        }
        Next::EndCycle { print: true }
    }

    /// Whether a command's addresses select the present line.
    async fn selects(&mut self, at: usize, command: &Command) -> bool {
        let Some(first) = &command.first else {
            return true;
        };
        let Some(second) = &command.second else {
            return self.matches(first).await;
        };
        match self.ranges.get(at).copied().unwrap_or(Range::Closed) {
            Range::Closed => {
                if !self.matches(first).await {
                    return false;
                }
                let range = match second {
                    Address::Line(line) if *line <= self.line => Range::Closed,
                    Address::Line(line) => Range::Until(*line),
                    Address::After(0) => Range::Closed,
                    Address::After(count) => Range::Until(self.line + count),
                    Address::Multiple(0) => Range::Closed,
                    Address::Multiple(unit) if self.line.is_multiple_of(*unit) => Range::Closed,
                    Address::Multiple(unit) => Range::Until(self.line.div_ceil(*unit) * unit),
                    Address::Last if self.is_last().await => Range::Closed,
                    _ => Range::Open,
                };
                self.set_range(at, range);
                true
            }
            Range::Open => {
                if self.matches(second).await {
                    self.set_range(at, Range::Closed);
                }
                true
            }
            Range::Until(line) => {
                if self.line >= line {
                    self.set_range(at, Range::Closed);
                }
                // The script may have passed the line that ends the range.
                self.line <= line || self.matches(first).await
            }
        }
    }

    fn set_range(&mut self, at: usize, range: Range) {
        if let Some(place) = self.ranges.get_mut(at) {
            *place = range;
        }
    }

    async fn matches(&mut self, address: &Address) -> bool {
        match address {
            Address::Line(line) => self.line == *line,
            Address::Last => self.is_last().await,
            Address::Step(first, 0) => self.line == *first,
            Address::Step(first, step) => {
                self.line >= *first && (self.line - first).is_multiple_of(*step)
            }
            Address::Match(regex) => {
                let regex = regex.clone().or(self.last_regex.clone());
                self.last_regex = regex.clone();
                regex.is_some_and(|regex| regex.is_match(&self.space))
            }
            Address::After(_) | Address::Multiple(_) => false,
        }
    }

    async fn perform(&mut self, command: &Command, at: usize) -> Next {
        match &command.action {
            Action::Block(_) | Action::BlockEnd | Action::Nothing => {}
            Action::Append(text) => self.appended.push(Appended::Text(text.clone())),
            Action::Read(path) => self.appended.push(Appended::File(path.clone())),
            Action::Insert(text) => {
                self.complete_line();
                self.put(text);
            }
            Action::Change(text) => {
                // At the end of a range, or for every line if negated.
                let in_range = command.second.is_some()
                    && !command.negated
                    && self.ranges.get(at) != Some(&Range::Closed);
                if !in_range {
                    self.complete_line();
                    self.put(text);
                }
                return Next::EndCycle { print: false };
            }
            Action::Branch(to) => return jump(*to),
            Action::BranchIf(to) if std::mem::take(&mut self.substituted) => return jump(*to),
            Action::BranchUnless(to) if !std::mem::take(&mut self.substituted) => return jump(*to),
            Action::BranchIf(_) | Action::BranchUnless(_) => {}
            Action::Delete => return Next::EndCycle { print: false },
            Action::DeleteFirst => match self.space.find('\n') {
                Some(end) => {
                    self.space.drain(..=end);
                    return Next::Restart;
                }
                None => return Next::EndCycle { print: false },
            },
            Action::Number => {
                let text = format!("{}\n", self.line);
                self.complete_line();
                self.put(&text);
            }
            Action::FileName => {
                let name = self.current.as_ref().map_or("-", |(path, _)| path).to_owned();
                self.complete_line();
                self.put(&(name + "\n"));
            }
            Action::Get => self.space.clone_from(&self.hold),
            Action::GetAppend => {
                self.space.push('\n');
                self.space.push_str(&self.hold);
            }
            Action::Hold => self.hold.clone_from(&self.space),
            Action::HoldAppend => {
                self.hold.push('\n');
                self.hold.push_str(&self.space);
            }
            Action::Exchange => std::mem::swap(&mut self.space, &mut self.hold),
            Action::List => {
                let shown = listed(&self.space);
                self.complete_line();
                self.put(&shown);
            }
            Action::Next => {
                if self.is_last().await {
                    // GNU prints the space even so, unless POSIX is asked for.
                    return Next::Quit { print: true, status: self.status };
                }
                if !self.settings.quiet {
                    let space = std::mem::take(&mut self.space);
                    self.put_line(&space);
                }
                self.finish_cycle(false).await;
                self.space = self.next_line().await.unwrap_or_default();
            }
            Action::NextAppend => {
                if self.is_last().await {
                    return Next::Quit { print: true, status: self.status };
                }
                self.finish_cycle(false).await;
                let line = self.next_line().await.unwrap_or_default();
                self.space.push('\n');
                self.space.push_str(&line);
            }
            Action::Print => {
                let space = self.space.clone();
                self.put_line(&space);
            }
            Action::PrintFirst => {
                let first = self.space.split('\n').next().unwrap_or_default().to_owned();
                self.put_line(&first);
            }
            Action::Quit(status) => return Next::Quit { print: true, status: *status },
            Action::QuitSilently(status) => {
                return Next::Quit { print: false, status: *status };
            }
            Action::Write(path) => self.write_to(path).await,
            Action::Translate(pairs) => {
                let translate = |character: char| {
                    let found = pairs.iter().find(|(from, _)| *from == character);
                    found.map_or(character, |(_, to)| *to)
                };
                self.space = self.space.chars().map(translate).collect();
            }
            Action::Zap => self.space.clear(),
            Action::Substitute(substitution) => {
                let regex = substitution.regex.clone().or(self.last_regex.clone());
                let Some(regex) = regex else {
                    self.context.fail("no previous regular expression");
                    return Next::Quit { print: false, status: 1 };
                };
                self.last_regex = Some(regex.clone());
                if let Some(text) = substitution.apply(&regex, &self.space) {
                    self.space = text;
                    self.substituted = true;
                    if substitution.print {
                        let space = self.space.clone();
                        self.put_line(&space);
                    }
                    if let Some(path) = &substitution.write {
                        self.write_to(path).await;
                    }
                }
            }
        }
        Next::Continue
    }

    async fn write_to(&mut self, path: &str) {
        let line = format!("{}\n", self.space);
        if path == "/dev/stdout" {
            self.complete_line();
            return self.put(&line);
        }
        let found = self.writers.iter().find(|(known, _)| known == path);
        if let Some((_, stream)) = found.cloned() {
            let _ = self.context.write_stream(&stream, &crate::text::encode(&line)).await;
        }
    }
}

fn jump(to: Option<usize>) -> Next {
    match to {
        Some(at) => Next::Jump(at),
        None => Next::EndCycle { print: true },
    }
}

/// `l`: unambiguously, in lines of at most 70 columns.
fn listed(text: &str) -> String {
    let mut shown = String::new();
    let mut column = 0;
    for character in text.chars() {
        let piece = match character {
            '\\' => "\\\\".to_owned(),
            '\u{7}' => "\\a".to_owned(),
            '\u{8}' => "\\b".to_owned(),
            '\u{c}' => "\\f".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            '\u{b}' => "\\v".to_owned(),
            ' '..='~' => character.to_string(),
            other => {
                let mut buffer = [0; 4];
                let bytes = crate::text::encode(other.encode_utf8(&mut buffer)).into_owned();
                bytes.iter().map(|byte| format!("\\{byte:03o}")).collect()
            }
        };
        if column + piece.len() > 69 {
            shown.push_str("\\\n");
            column = 0;
        }
        column += piece.len();
        shown.push_str(&piece);
    }
    shown.push_str("$\n");
    shown
}
