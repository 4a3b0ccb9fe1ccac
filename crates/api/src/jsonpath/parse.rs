//! From text to nodes.

use super::unquote::unquote;
use crate::Value;

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Text, a number, `true` or `false`: always found.
    Literal(Value),
    /// The steps of an action, one after the other.
    Steps(Vec<Node>),
    /// `.name`
    Field(String),
    /// `.*`
    Wildcard,
    /// `..`
    Recursive,
    /// `[1:3]`
    Slice(Slice),
    /// `[0,2]`
    Union(Vec<Vec<Node>>),
    /// `[?(@.name=="web")]`
    Filter {
        left: Vec<Node>,
        /// As it was written; none asks whether the left side finds anything.
        operator: Option<String>,
        right: Vec<Node>,
    },
    /// A name without a dot: `range`, `end`, or an error.
    Identifier(String),
}

/// What stands between brackets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slice {
    pub(super) start: Option<i64>,
    pub(super) end: End,
    pub(super) step: Option<i64>,
}

/// Where a slice ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    /// `[3]` is the item 3 alone.
    AfterStart,
    /// `[1:]`
    Last,
    /// `[1:3]`
    Before(i64),
}

type Parsed<T> = Result<T, String>;

/// Parses a whole template: text, and actions in braces.
pub(super) fn template(text: &str) -> Parsed<Vec<Node>> {
    let mut nodes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            nodes.push(Node::Literal(before.to_owned().into()));
        }
        let mut action = Action { text: after, at: 0, steps: Vec::new() };
        action.parse()?;
        nodes.push(Node::Steps(action.steps));
        rest = &after[action.at..];
    }
    if !rest.is_empty() {
        nodes.push(Node::Literal(rest.to_owned().into()));
    }
    Ok(nodes)
}

/// Parses steps that stand in the middle of another action.
fn inner_steps(text: &str) -> Parsed<Vec<Node>> {
    let wrapped = format!("{{{text}}}");
    match template(&wrapped)?.into_iter().next() {
        Some(Node::Steps(steps)) => Ok(steps),
        _ => Ok(Vec::new()),
    }
}

/// The inside of a pair of braces.
struct Action<'a> {
    text: &'a str,
    at: usize,
    steps: Vec<Node>,
}

impl<'a> Action<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn skip(&mut self, prefix: &str) -> bool {
        let found = self.rest().starts_with(prefix);
        if found {
            self.at += prefix.len();
        }
        found
    }

    /// Parses up to the closing brace and takes it.
    fn parse(&mut self) -> Parsed<()> {
        loop {
            if self.skip("}") {
                return Ok(());
            }
            if self.skip("[?(") {
                self.filter()?;
                continue;
            }
            if self.skip("..") {
                self.recursive()?;
                continue;
            }
            let Some(c) = self.next().filter(|c| !matches!(c, '\n' | '\r')) else {
                return Err("unclosed action".to_owned());
            };
            match c {
                ' ' | '@' | '$' => {}
                '[' => self.brackets()?,
                '"' | '\'' => self.quoted(c)?,
                '.' => self.field(),
                '+' | '-' => self.number(c)?,
                c if c.is_numeric() => self.number(c)?,
                c if is_alphanumeric(c) => self.identifier(c),
                c => {
                    return Err(format!("unrecognized character in action: {}", character(c)));
                }
            }
        }
    }

    fn recursive(&mut self) -> Parsed<()> {
        if self.steps.last() == Some(&Node::Recursive) {
            return Err("invalid multiple recursive descent".to_owned());
        }
        self.steps.push(Node::Recursive);
        if self.peek().is_some_and(is_alphanumeric) {
            self.field();
        }
        Ok(())
    }

    /// Takes a name, in which a backslash lets the next character belong to it.
    fn field(&mut self) {
        let start = self.at;
        while let Some(c) = self.peek().filter(|c| !is_terminator(*c)) {
            self.next();
            if c == '\\' {
                self.next();
            }
        }
        let name = &self.text[start..self.at];
        self.steps.push(match name {
            "*" => Node::Wildcard,
            name => Node::Field(name.replace('\\', "")),
        });
    }

    fn identifier(&mut self, first: char) {
        let start = self.at - first.len_utf8();
        while self.peek().is_some_and(|c| !is_terminator(c)) {
            self.next();
        }
        self.steps.push(match &self.text[start..self.at] {
            "true" => Node::Literal(Value::Bool(true)),
            "false" => Node::Literal(Value::Bool(false)),
            name => Node::Identifier(name.to_owned()),
        });
    }

    fn number(&mut self, first: char) -> Parsed<()> {
        let start = self.at - first.len_utf8();
        while self.peek().is_some_and(|c| c == '.' || c.is_numeric()) {
            self.next();
        }
        let text = &self.text[start..self.at];
        let value = match text.parse::<i64>() {
            Ok(number) => Value::Int(number),
            Err(_) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Value::Float(number),
                _ => return Err(format!("cannot parse number {text}")),
            },
        };
        self.steps.push(Node::Literal(value));
        Ok(())
    }

    fn quoted(&mut self, quote: char) -> Parsed<()> {
        let start = self.at - 1;
        loop {
            match self.next() {
                None | Some('\n' | '\r') => return Err("unterminated quoted string".to_owned()),
                Some('\\') => {
                    self.next();
                }
                Some(c) if c == quote => break,
                Some(_) => {}
            }
        }
        let text = &self.text[start..self.at];
        let Some(unquoted) = unquote(&text[1..text.len() - 1], quote) else {
            return Err(format!("unquote string {text} error invalid syntax"));
        };
        self.steps.push(Node::Literal(unquoted.into()));
        Ok(())
    }

    /// `[...]`, the opening bracket being taken.
    fn brackets(&mut self) -> Parsed<()> {
        let start = self.at;
        loop {
            match self.next() {
                None | Some('\n' | '\r') => return Err("unterminated array".to_owned()),
                Some(']') => break,
                Some(_) => {}
            }
        }
        let text = &self.text[start..self.at - 1];
        if text.contains(',') {
            let parts = text.split(',');
            let parts = parts.map(|part| inner_steps(&format!("[{}]", part.trim_matches(' '))));
            self.steps.push(Node::Union(parts.collect::<Parsed<_>>()?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        match key {
            // What stands in quotes is a path of its own: dots need a backslash there, too.
            Some(key) if !key.contains('\'') => {
                let steps = inner_steps(&format!(".{key}"))?;
                self.steps.extend(steps);
            }
            _ => self.steps.push(Node::Slice(slice(text)?)),
        }
        Ok(())
    }

    /// `[?(...)]`, the opening being taken.
    fn filter(&mut self) -> Parsed<()> {
        let start = self.at;
        let mut opened = None;
        let mut is_closed = false;
        let mut before = ' ';
        loop {
            let Some(c) = self.next().filter(|c| *c != '\n') else {
                return Err("unterminated filter".to_owned());
            };
            match c {
                '"' | '\'' if opened.is_none() => opened = Some(c),
                '"' | '\'' if before != '\\' && opened == Some(c) => is_closed = true,
                // One string is looked for; behind it nothing hides a parenthesis any more.
                ')' if opened.is_some() == is_closed => break,
                _ => {}
            }
            before = c;
        }
        let text = &self.text[start..self.at - 1];
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".to_owned());
        }
        self.steps.push(match comparison(text) {
            None => Node::Filter { left: inner_steps(text)?, operator: None, right: Vec::new() },
            Some((left, operator, right)) => Node::Filter {
                left: inner_steps(left)?,
                operator: Some(operator.to_owned()),
                right: inner_steps(right)?,
            },
        });
        Ok(())
    }
}

/// Splits a filter at its first run of `<`, `=`, `>` and `!`; something must stand on both sides.
fn comparison(text: &str) -> Option<(&str, &str, &str)> {
    let is_sign = |c: char| matches!(c, '<' | '=' | '>' | '!');
    let start = text.find(is_sign).filter(|&start| start > 0)?;
    let signs = &text[start..];
    let length = signs.find(|c| !is_sign(c)).unwrap_or(signs.len());
    // A run at the end gives its last sign to the right side.
    let length = if length == signs.len() { length - 1 } else { length };
    let (operator, right) = signs.split_at(length);
    (!operator.is_empty() && !right.is_empty()).then(|| (&text[..start], operator, right))
}

/// `*`, `3`, `1:`, `1:3`, `::2`
fn slice(text: &str) -> Parsed<Slice> {
    let text = if text == "*" { ":" } else { text };
    let invalid = || format!("invalid array index {text}");
    let mut parts = text.split(':');
    let mut next = || -> Parsed<Option<&str>> {
        let Some(part) = parts.next() else {
            return Ok(None);
        };
        let digits = part.strip_prefix('-').unwrap_or(part);
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some(Some(part)).ok_or_else(invalid)
    };
    let (start, end, step) = (next()?, next()?, next()?);
    if next()?.is_some() {
        return Err(invalid());
    }
    let number = |part: &str| match part {
        "" => Ok(None),
        part => {
            let number = part.parse().map(Some);
            number.map_err(|_| format!("array index {part} is not a number"))
        }
    };
    Ok(Slice {
        start: number(start.unwrap_or_default())?,
        end: match end {
            None => End::AfterStart,
            Some(end) => number(end)?.map_or(End::Last, End::Before),
        },
        step: number(step.unwrap_or_default())?,
    })
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn is_terminator(c: char) -> bool {
    matches!(c, ' ' | '\n' | '\r' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

/// `U+0026 '&'`
fn character(c: char) -> String {
    let code = u32::from(c);
    if crate::gotemplate::format::is_visible(c) {
        format!("U+{code:04X} '{c}'")
    } else {
        format!("U+{code:04X}")
    }
}
