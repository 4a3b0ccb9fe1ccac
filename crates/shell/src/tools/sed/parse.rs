//! Scripts into commands.

use super::substitute::{parse_replacement, regex_text};
use super::{Action, Address, Command, Substitution};
use crate::regex::{Regex, Syntax};
use std::rc::Rc;

/// How many commands a script may have.
const LIMIT_COMMANDS: usize = 20_000;

struct Parser {
    chars: Vec<char>,
    position: usize,
    extended: bool,
    busybox: bool,
    /// Where each `-e` begins.
    starts: Vec<usize>,
    commands: Vec<Command>,
    blocks: Vec<usize>,
    labels: Vec<(String, usize)>,
    jumps: Vec<(usize, String)>,
}

/// The commands, and whether the script begins with `#n`.
pub(super) fn parse(
    scripts: &[String],
    extended: bool,
    busybox: bool,
) -> Result<(Vec<Command>, bool), String> {
    let mut starts = Vec::new();
    let mut text = String::new();
    for script in scripts {
        if !starts.is_empty() {
            text.push('\n');
        }
        starts.push(text.chars().count());
        text.push_str(script);
    }
    let quiet = text == "#n" || text.starts_with("#n\n");
    let mut parser = Parser {
        chars: text.chars().collect(),
        position: 0,
        extended,
        busybox,
        starts,
        commands: Vec::new(),
        blocks: Vec::new(),
        labels: Vec::new(),
        jumps: Vec::new(),
    };
    parser.script()?;
    Ok((parser.commands, quiet))
}

type Parsed<T> = Result<T, String>;

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.position).copied()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek();
        self.position += 1;
        character
    }

    fn skip(&mut self, blanks: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&blanks) {
            self.position += 1;
        }
    }

    fn skip_blanks(&mut self) {
        self.skip(|c| c == ' ' || c == '\t');
    }

    /// A message that says where, in GNU's words.
    fn error(&self, gnu: &str) -> String {
        let part = self.starts.iter().rposition(|start| *start < self.position.max(1)).unwrap_or(0);
        let start = self.starts.get(part).copied().unwrap_or(0);
        let at = self.position.min(self.chars.len()) - start.min(self.chars.len());
        format!("-e expression #{}, char {at}: {gnu}", part + 1)
    }

    fn fail<T>(&self, gnu: &str, busybox: &str) -> Parsed<T> {
        Err(if self.busybox { busybox.to_owned() } else { self.error(gnu) })
    }

    fn script(&mut self) -> Parsed<()> {
        loop {
            self.skip(|c| c.is_whitespace() || c == ';');
            if self.peek().is_none() {
                break;
            }
            self.command()?;
            if self.commands.len() > LIMIT_COMMANDS {
                return Err("script too long".to_owned());
            }
        }
        if !self.blocks.is_empty() {
            self.position = 0;
            return self.fail("unmatched `{'", "unterminated {");
        }
        for (at, label) in std::mem::take(&mut self.jumps) {
            let target = if label.is_empty() {
                None
            } else {
                let found = self.labels.iter().find(|(known, _)| *known == label);
                let Some((_, target)) = found else {
                    return Err(match self.busybox {
                        true => format!("can't find label for jump to '{label}'"),
                        false => format!("can't find label for jump to `{label}'"),
                    });
                };
                Some(*target)
            };
            if let Some(command) = self.commands.get_mut(at) {
                command.action = match command.action {
                    Action::BranchIf(_) => Action::BranchIf(target),
                    Action::BranchUnless(_) => Action::BranchUnless(target),
                    _ => Action::Branch(target),
                };
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Parsed<()> {
        let first = self.address()?;
        let mut second = None;
        self.skip_blanks();
        if first.is_some() && self.peek() == Some(',') {
            self.next();
            self.skip_blanks();
            second = match self.peek() {
                Some('+') => {
                    self.next();
                    Some(Address::After(self.number()))
                }
                Some('~') => {
                    self.next();
                    Some(Address::Multiple(self.number()))
                }
                _ => self.address()?,
            };
            if second.is_none() {
                return self.fail("unexpected `,'", "no address after comma");
            }
        }
        let is_zero = |address: &Option<Address>| matches!(address, Some(Address::Line(0)));
        if is_zero(&first) && !matches!(second, Some(Address::Match(_))) {
            self.skip_blanks();
            self.next();
            return self.fail("invalid usage of line address 0", "invalid usage of line address 0");
        }
        self.skip_blanks();
        let mut negated = false;
        while self.peek() == Some('!') {
            self.next();
            negated = true;
            self.skip_blanks();
        }
        let Some(letter) = self.next() else {
            return self.fail("missing command", "missing command");
        };
        if letter == '\n' || letter == ';' {
            return self.fail("missing command", "missing command");
        }
        let has_address = first.is_some();
        let action = self.action(letter, has_address)?;
        self.commands.push(Command { first, second, negated, action });
        Ok(())
    }

    fn number(&mut self) -> u64 {
        let mut number = 0_u64;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            number = number.saturating_mul(10).saturating_add(u64::from(digit));
            self.position += 1;
        }
        number
    }

    fn address(&mut self) -> Parsed<Option<Address>> {
        match self.peek() {
            Some('0'..='9') => {
                let line = self.number();
                if self.peek() == Some('~') {
                    self.next();
                    return Ok(Some(Address::Step(line, self.number())));
                }
                Ok(Some(Address::Line(line)))
            }
            Some('$') => {
                self.next();
                Ok(Some(Address::Last))
            }
            Some('/') => {
                self.next();
                self.match_address('/').map(Some)
            }
            Some('\\') => {
                self.next();
                match self.next() {
                    Some(delimiter) => self.match_address(delimiter).map(Some),
                    None => self.fail("unexpected `,'", "bad format in substitution expression"),
                }
            }
            _ => Ok(None),
        }
    }

    fn match_address(&mut self, delimiter: char) -> Parsed<Address> {
        let Some(text) = self.delimited(delimiter, true) else {
            self.position = self.chars.len();
            let busybox = format!("unmatched '{delimiter}'");
            return self.fail("unterminated address regex", &busybox);
        };
        let mut ignore_case = false;
        while let Some(flag @ ('I' | 'M')) = self.peek() {
            ignore_case |= flag == 'I';
            self.next();
        }
        Ok(Address::Match(self.regex(&text, ignore_case)?))
    }

    fn regex(&self, text: &str, ignore_case: bool) -> Parsed<Option<Rc<Regex>>> {
        if text.is_empty() {
            return Ok(None);
        }
        let syntax = Syntax { extended: self.extended, ignore_case };
        match Regex::new(&regex_text(text), syntax) {
            Ok(regex) => Ok(Some(Rc::new(regex))),
            Err(error) if self.busybox => Err(format!("bad regex '{text}': {error}")),
            Err(error) => Err(self.error(&error.to_string())),
        }
    }

    /// The text up to a delimiter that is not escaped nor, in an expression, in brackets.
    fn delimited(&mut self, delimiter: char, is_regex: bool) -> Option<String> {
        let mut text = String::new();
        let mut in_brackets = false;
        loop {
            let character = self.next()?;
            if character == '\\' {
                let next = self.next()?;
                if next == delimiter && delimiter != '\\' {
                    // An escaped delimiter is the plain character.
                    let is_special = is_regex && ".*[]^$+?(){}|".contains(delimiter);
                    if is_special {
                        text.push('\\');
                    }
                } else {
                    text.push('\\');
                }
                text.push(next);
                continue;
            }
            if in_brackets {
                let begun = text.ends_with('[') || text.ends_with("[^");
                in_brackets = character != ']' || begun;
            } else if character == delimiter {
                return Some(text);
            } else if is_regex && character == '[' {
                in_brackets = self.bracket_closes();
            } else if character == '\n' && is_regex {
                return None;
            }
            text.push(character);
        }
    }

    /// Whether the bracket just passed is closed at all.
    fn bracket_closes(&self) -> bool {
        let rest = self.chars.get(self.position..).unwrap_or_default();
        let rest = match rest {
            ['^', rest @ ..] => rest,
            rest => rest,
        };
        rest.iter().skip(1).take_while(|c| **c != '\n').any(|c| *c == ']')
    }

    fn action(&mut self, letter: char, has_address: bool) -> Parsed<Action> {
        let action = match letter {
            '{' => {
                self.blocks.push(self.commands.len());
                return Ok(Action::Block(0));
            }
            '}' => {
                let Some(open) = self.blocks.pop() else {
                    return self.fail("unexpected `}'", "unexpected '}'");
                };
                if has_address {
                    return self
                        .fail("} doesn't want any addresses", "} doesn't want any addresses");
                }
                let end = self.commands.len();
                if let Some(command) = self.commands.get_mut(open) {
                    command.action = Action::Block(end);
                }
                Action::BlockEnd
            }
            '#' => {
                self.skip(|c| c != '\n');
                return Ok(Action::Nothing);
            }
            ':' => {
                if has_address {
                    return self
                        .fail(": doesn't want any addresses", ": doesn't want any addresses");
                }
                let label = self.label();
                if label.is_empty() {
                    return self.fail("\":\" lacks a label", "\":\" lacks a label");
                }
                self.labels.push((label, self.commands.len()));
                return Ok(Action::Nothing);
            }
            'a' | 'i' | 'c' => {
                let text = self.text()?;
                return Ok(match letter {
                    'a' => Action::Append(text),
                    'i' => Action::Insert(text),
                    _ => Action::Change(text),
                });
            }
            'b' | 't' | 'T' => {
                let label = self.label();
                self.jumps.push((self.commands.len(), label));
                return Ok(match letter {
                    'b' => Action::Branch(None),
                    't' => Action::BranchIf(None),
                    _ => Action::BranchUnless(None),
                });
            }
            'r' | 'w' | 'R' | 'W' => {
                let name = self.file_name()?;
                return Ok(match letter {
                    'r' | 'R' => Action::Read(name),
                    _ => Action::Write(name),
                });
            }
            's' => self.substitution()?,
            'y' => self.translation()?,
            'q' | 'Q' => {
                self.skip_blanks();
                let status = (self.number() & 0xff) as i32;
                if letter == 'q' { Action::Quit(status) } else { Action::QuitSilently(status) }
            }
            'l' => {
                self.skip_blanks();
                self.number();
                Action::List
            }
            '=' => Action::Number,
            'd' => Action::Delete,
            'D' => Action::DeleteFirst,
            'F' => Action::FileName,
            'g' => Action::Get,
            'G' => Action::GetAppend,
            'h' => Action::Hold,
            'H' => Action::HoldAppend,
            'n' => Action::Next,
            'N' => Action::NextAppend,
            'p' => Action::Print,
            'P' => Action::PrintFirst,
            'x' => Action::Exchange,
            'z' => Action::Zap,
            other => {
                let gnu = format!("unknown command: `{other}'");
                return self.fail(&gnu, &format!("unsupported command {other}"));
            }
        };
        self.end_of_command()?;
        Ok(action)
    }

    fn end_of_command(&mut self) -> Parsed<()> {
        self.skip_blanks();
        match self.peek() {
            None | Some('\n' | ';' | '}' | '#') => Ok(()),
            Some(_) => {
                self.position += 1;
                self.fail("extra characters after command", "extra characters after command")
            }
        }
    }

    fn label(&mut self) -> String {
        self.skip_blanks();
        let start = self.position;
        self.skip(|c| c != '\n' && c != ';' && c != '}');
        let text: String =
            self.chars.get(start..self.position).unwrap_or_default().iter().collect();
        text.trim_end().to_owned()
    }

    fn file_name(&mut self) -> Parsed<String> {
        self.skip_blanks();
        let start = self.position;
        self.skip(|c| c != '\n');
        let name: String =
            self.chars.get(start..self.position).unwrap_or_default().iter().collect();
        if name.is_empty() {
            return self.fail("missing filename in r/R/w/W commands", "empty filename");
        }
        Ok(name)
    }

    /// The text of `a`, `i`, `c`: on the next lines, or in GNU's way on the same.
    fn text(&mut self) -> Parsed<String> {
        self.skip_blanks();
        if self.peek().is_none() {
            return self.fail("expected \\ after `a', `c' or `i'", "expected \\ after a, c, i");
        }
        if self.peek() == Some('\\') {
            let after = self.position + 1;
            let rest = self.chars.get(after..).unwrap_or_default();
            let blanks = rest.iter().take_while(|c| matches!(c, ' ' | '\t')).count();
            if rest.get(blanks) == Some(&'\n') {
                self.position = after + blanks + 1;
            } else if rest.is_empty() {
                self.position = after;
                return self.fail("expected \\ after `a', `c' or `i'", "expected \\ after a, c, i");
            } else {
                self.position = after;
            }
        }
        let mut text = String::new();
        while let Some(character) = self.next() {
            match character {
                '\n' => break,
                '\\' => match self.next() {
                    Some('t') => text.push('\t'),
                    Some(next) => text.push(next),
                    None => {}
                },
                other => text.push(other),
            }
        }
        text.push('\n');
        Ok(text)
    }

    fn substitution(&mut self) -> Parsed<Action> {
        let unterminated = "unterminated `s' command";
        let Some(delimiter) = self.next().filter(|c| *c != '\n' && *c != '\\') else {
            return self.fail(unterminated, "bad format in substitution expression");
        };
        let busybox = format!("unmatched '{delimiter}'");
        let Some(pattern) = self.delimited(delimiter, true) else {
            self.position = self.chars.len();
            return self.fail(unterminated, &busybox);
        };
        let Some(replacement) = self.delimited(delimiter, false) else {
            self.position = self.chars.len();
            return self.fail(unterminated, &busybox);
        };
        let (mut global, mut print, mut number, mut ignore_case) = (false, false, 1, false);
        let mut write = None;
        loop {
            match self.peek() {
                Some('g') => global = true,
                Some('p') => print = true,
                Some('i' | 'I') => ignore_case = true,
                Some('m' | 'M' | 'e') => {}
                Some('0') => {
                    self.next();
                    return self.fail(
                        "number option to `s' command may not be zero",
                        "bad option in substitution expression",
                    );
                }
                Some('1'..='9') => {
                    number = self.number() as usize;
                    continue;
                }
                Some('w') => {
                    self.next();
                    write = Some(self.file_name()?);
                    break;
                }
                None | Some('\n' | ';' | '}' | '#' | ' ' | '\t') => break,
                Some(_) => {
                    self.next();
                    return self
                        .fail("unknown option to `s'", "bad option in substitution expression");
                }
            }
            self.next();
        }
        let regex = self.regex(&pattern, ignore_case)?;
        let replacement = parse_replacement(&replacement);
        let groups = regex.as_ref().map_or(10, |regex| regex.groups());
        let highest = super::substitute::highest_group(&replacement);
        if highest >= groups {
            let gnu = format!("invalid reference \\{highest} on `s' command's RHS");
            return self.fail(&gnu, &format!("invalid reference \\{highest} on s command's RHS"));
        }
        Ok(Action::Substitute(Rc::new(Substitution {
            regex,
            replacement,
            global,
            print,
            number,
            write,
        })))
    }

    fn translation(&mut self) -> Parsed<Action> {
        let unterminated = "unterminated `y' command";
        let Some(delimiter) = self.next() else {
            return self.fail(unterminated, "bad format in substitution expression");
        };
        let (from, to) = (self.delimited(delimiter, false), self.delimited(delimiter, false));
        let (Some(from), Some(to)) = (from, to) else {
            return self.fail(unterminated, &format!("unmatched '{delimiter}'"));
        };
        let plain = |text: &str| {
            let mut chars = Vec::new();
            let mut source = text.chars();
            while let Some(character) = source.next() {
                match character {
                    '\\' => match source.next() {
                        Some('n') => chars.push('\n'),
                        Some('t') => chars.push('\t'),
                        Some(other) => chars.push(other),
                        None => chars.push('\\'),
                    },
                    other => chars.push(other),
                }
            }
            chars
        };
        let (from, to) = (plain(&from), plain(&to));
        if from.len() != to.len() {
            return self.fail(
                "strings for `y' command are different lengths",
                "strings for y command are different lengths",
            );
        }
        Ok(Action::Translate(from.into_iter().zip(to).collect()))
    }
}
