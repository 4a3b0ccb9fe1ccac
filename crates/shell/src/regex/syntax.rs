//! From text to tree.

use super::RegexError;
use crate::pattern::{Set, has_unknown_class};

/// How deep groups may be nested.
const LIMIT_DEPTH: u32 = 50;
/// How often something may be repeated; the C library allows more.
const LIMIT_REPEAT: u32 = 1000;

#[derive(Clone, Debug)]
pub(super) enum Node {
    Empty,
    Character(char),
    Any,
    Set(Set),
    /// `\w`, or not.
    Word(bool),
    /// `\s`, or not.
    Space(bool),
    Assert(Assertion),
    Group(Box<Node>, usize),
    Sequence(Vec<Node>),
    Choice(Vec<Node>),
    Repeat(Box<Node>, u32, Option<u32>),
    BackReference(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assertion {
    Start,
    End,
    WordStart,
    WordEnd,
    Boundary,
    NoBoundary,
}

impl Node {
    /// Its text if it is nothing but characters.
    pub(super) fn literal(&self) -> Option<String> {
        match self {
            Node::Character(character) => Some(character.to_string()),
            Node::Sequence(nodes) => nodes.iter().map(Node::literal).collect(),
            _ => None,
        }
    }
}

struct Parser {
    chars: Vec<char>,
    position: usize,
    extended: bool,
    groups: usize,
    closed: Vec<usize>,
    depth: u32,
}

/// The tree of an expression, and how many groups it has.
pub(super) fn parse(expression: &str, extended: bool) -> Result<(Node, usize), RegexError> {
    let chars = expression.chars().collect();
    let mut parser =
        Parser { chars, position: 0, extended, groups: 0, closed: Vec::new(), depth: 0 };
    let node = parser.choice()?;
    match parser.peek() {
        None => Ok((node, parser.groups)),
        Some(_) => Err(RegexError::CloseParenthesis),
    }
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.position).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.position + ahead).copied()
    }

    /// Whether an operator stands here: bare in extended, after a backslash in basic syntax.
    fn at(&self, operator: char) -> bool {
        if self.extended {
            self.peek() == Some(operator)
        } else {
            self.peek() == Some('\\') && self.peek_at(1) == Some(operator)
        }
    }

    fn accept(&mut self, operator: char) -> bool {
        let found = self.at(operator);
        if found {
            self.position += if self.extended { 1 } else { 2 };
        }
        found
    }

    fn choice(&mut self) -> Result<Node, RegexError> {
        self.depth += 1;
        if self.depth > LIMIT_DEPTH {
            return Err(RegexError::TooBig);
        }
        let mut choices = vec![self.sequence()?];
        while self.accept('|') {
            choices.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(match choices.len() {
            1 => choices.remove(0),
            _ => Node::Choice(choices),
        })
    }

    fn sequence(&mut self) -> Result<Node, RegexError> {
        let mut nodes: Vec<Node> = Vec::new();
        while self.peek().is_some() && !self.at('|') {
            if self.at(')') && (self.depth > 1 || !self.extended) {
                break;
            }
            if self.at(')') {
                return Err(RegexError::CloseParenthesis);
            }
            let at_start = nodes.iter().all(|node| matches!(node, Node::Assert(Assertion::Start)));
            let node = self.atom(at_start)?;
            let node = self.repeats(node)?;
            nodes.push(node);
        }
        Ok(match nodes.len() {
            0 => Node::Empty,
            1 => nodes.remove(0),
            _ => Node::Sequence(nodes),
        })
    }

    fn repeats(&mut self, node: Node) -> Result<Node, RegexError> {
        let mut node = node;
        loop {
            // In basic syntax a star that nothing stands before is a character.
            let is_anchored = !self.extended && matches!(node, Node::Assert(Assertion::Start));
            let (least, most) = if self.peek() == Some('*') && !is_anchored {
                self.position += 1;
                (0, None)
            } else if self.accept('+') {
                (1, None)
            } else if self.accept('?') {
                (0, Some(1))
            } else if self.at('{') {
                match self.interval()? {
                    Some(bounds) => bounds,
                    None => return Ok(node),
                }
            } else {
                return Ok(node);
            };
            // `^*`: an assertion repeated is the assertion.
            if !matches!(node, Node::Assert(_)) {
                node = Node::Repeat(Box::new(node), least, most);
            }
        }
    }

    /// `{2,3}`; `None`: in extended syntax a brace that begins no interval is a character.
    fn interval(&mut self) -> Result<Option<(u32, Option<u32>)>, RegexError> {
        let start = self.position;
        self.accept('{');
        let least = self.number();
        let comma = self.peek() == Some(',');
        let most = if comma {
            self.position += 1;
            self.number()
        } else {
            least
        };
        let closed = self.accept('}');
        if !closed || (least.is_none() && !comma) {
            if self.extended {
                self.position = start;
                return Ok(None);
            }
            return Err(if self.peek().is_none() {
                RegexError::Brace
            } else {
                RegexError::Interval
            });
        }
        let least = least.unwrap_or(0);
        if most.is_some_and(|most| most < least) {
            return Err(RegexError::Interval);
        }
        if least.max(most.unwrap_or(0)) > LIMIT_REPEAT {
            return Err(RegexError::TooBig);
        }
        Ok(Some((least, most)))
    }

    fn number(&mut self) -> Option<u32> {
        let mut value = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            self.position += 1;
            let grown = value.unwrap_or(0_u32).saturating_mul(10).saturating_add(digit);
            value = Some(grown);
        }
        value
    }

    fn atom(&mut self, at_start: bool) -> Result<Node, RegexError> {
        if self.accept('(') {
            return self.group();
        }
        let Some(character) = self.peek() else {
            return Ok(Node::Empty);
        };
        self.position += 1;
        match character {
            '\\' => self.escape(),
            '.' => Ok(Node::Any),
            '[' => {
                let parsed = Set::parse(&self.chars, self.position, false);
                let (set, after) = parsed.ok_or_else(|| self.set_error())?;
                self.position = after;
                Ok(Node::Set(set))
            }
            '^' if self.extended || at_start => Ok(Node::Assert(Assertion::Start)),
            '$' if self.extended || self.is_at_end() => Ok(Node::Assert(Assertion::End)),
            '*' if at_start => Ok(Node::Character('*')),
            '+' | '?' if self.extended && at_start => Ok(Node::Character(character)),
            other => Ok(Node::Character(other)),
        }
    }

    /// Why the set at this place cannot be read.
    fn set_error(&self) -> RegexError {
        match has_unknown_class(&self.chars, self.position) {
            true => RegexError::Class,
            false => RegexError::Bracket,
        }
    }

    /// Whether a `$` here is an anchor in basic syntax.
    fn is_at_end(&self) -> bool {
        self.peek().is_none() || self.at(')') || self.at('|')
    }

    fn group(&mut self) -> Result<Node, RegexError> {
        self.groups += 1;
        let number = self.groups;
        let inner = self.choice()?;
        if !self.accept(')') {
            return Err(RegexError::OpenParenthesis);
        }
        self.closed.push(number);
        Ok(Node::Group(Box::new(inner), number))
    }

    fn escape(&mut self) -> Result<Node, RegexError> {
        let character = self.peek().ok_or(RegexError::TrailingBackslash)?;
        self.position += 1;
        Ok(match character {
            '<' => Node::Assert(Assertion::WordStart),
            '>' => Node::Assert(Assertion::WordEnd),
            'b' => Node::Assert(Assertion::Boundary),
            'B' => Node::Assert(Assertion::NoBoundary),
            '`' => Node::Assert(Assertion::Start),
            '\'' => Node::Assert(Assertion::End),
            'w' => Node::Word(true),
            'W' => Node::Word(false),
            's' => Node::Space(true),
            'S' => Node::Space(false),
            '1'..='9' => {
                let number = character.to_digit(10).unwrap_or(0) as usize;
                if !self.closed.contains(&number) {
                    return Err(RegexError::BackReference);
                }
                Node::BackReference(number)
            }
            '{' if !self.extended => return Err(RegexError::Preceding),
            other => Node::Character(other),
        })
    }
}
