//! What begins with `$` or a back quote.

use super::ast::{Operation, Parameter, Part, Subscript, Substitution, Which, Word};
use super::dialect::Dialect;
use super::lexer::{Lexer, Parsed, Quoting, push_literal};
use super::parser::Parser;
use super::syntax_error::{Opening, SyntaxErrorKind, Token};

pub(crate) fn is_name_start(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_'
}

pub(crate) fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Whether `text` can be a variable's name.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(is_name_start) && text.chars().all(is_name_character)
}

const SPECIAL: &str = "@*#?-$!";

impl Lexer {
    pub(super) fn dollar(&mut self, parts: &mut Vec<Part>, quoting: Quoting) -> Parsed<()> {
        self.next();
        let extended = self.dialect.has_bash_words() && quoting == Quoting::None;
        match self.peek() {
            Some('{') => {
                self.next();
                parts.push(self.braced_parameter(quoting)?);
            }
            Some('(') if self.peek_at(1) == Some('(') => parts.push(self.double_parenthesis()?),
            Some('(') => {
                self.next();
                parts.push(Part::Command(self.substitution()?));
            }
            Some('\'') if extended => {
                self.next();
                parts.push(Part::Quoted(self.dollar_quoted()?));
            }
            // A translated string: there are no translations.
            Some('"') if extended && self.dialect.is_bash() => {}
            Some(character) if is_name_start(character) => {
                let start = self.position;
                while self.peek().is_some_and(is_name_character) {
                    self.next();
                }
                let name = self.slice(start, self.position);
                parts.push(simple_parameter(name));
            }
            Some(character) if character.is_ascii_digit() || SPECIAL.contains(character) => {
                self.next();
                parts.push(simple_parameter(character.to_string()));
            }
            _ => push_literal(parts, Some('$')),
        }
        Ok(())
    }

    /// The commands up to `)`; the `(` has been read.
    pub(super) fn substitution(&mut self) -> Parsed<Substitution> {
        self.enter()?;
        let list = Parser::within(self, |parser| parser.list_in_parentheses());
        let list = list.map_err(|error| match error.kind {
            // bash looks for the parenthesis rather than for what the grammar wants.
            SyntaxErrorKind::Unexpected { token: Token::End, .. } if self.dialect.is_bash() => {
                self.unterminated(Opening::Parenthesis, self.line)
            }
            _ => error,
        })?;
        self.leave();
        Ok(Substitution(list))
    }

    pub(super) fn process_substitution(&mut self) -> Parsed<Part> {
        let is_output = self.next() == Some('>');
        self.next();
        Ok(Part::Process(self.substitution()?, is_output))
    }

    /// `$((..))`, or `$( (..) ..)` if it turns out so.
    fn double_parenthesis(&mut self) -> Parsed<Part> {
        let (start, line, depth) = (self.position, self.line, self.depth);
        self.accept("((");
        match self.arithmetic_word() {
            Ok(Some(word)) => return Ok(Part::Arithmetic(word)),
            Err(error) if !self.dialect.is_bash() => return Err(error),
            Ok(None) if !self.dialect.is_bash() => {
                return Err(self.unterminated(Opening::Arithmetic, line));
            }
            Ok(None) | Err(_) => {}
        }
        (self.position, self.line, self.depth) = (start + 1, line, depth);
        Ok(Part::Command(self.substitution()?))
    }

    /// The text up to the matching `))`; `None` if a single `)` comes first.
    pub(super) fn arithmetic_word(&mut self) -> Parsed<Option<Word>> {
        let line = self.line;
        self.enter()?;
        let mut parts = Vec::new();
        let mut open = 0;
        loop {
            match self.peek() {
                None => return Err(self.unterminated(Opening::Arithmetic, line)),
                Some('(') => {
                    open += 1;
                    push_literal(&mut parts, self.next());
                }
                Some(')') if open > 0 => {
                    open -= 1;
                    push_literal(&mut parts, self.next());
                }
                Some(')') => {
                    self.leave();
                    return Ok(self.accept("))").then_some(Word(parts)));
                }
                Some('"') => {
                    self.next();
                }
                Some(_) => self.part(&mut parts, Quoting::Arithmetic)?,
            }
        }
    }

    /// A command between back quotes, the first of which has been read.
    pub(super) fn back_quoted(&mut self, in_double_quotes: bool) -> Parsed<Part> {
        let line = self.line;
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(self.unterminated(Opening::BackQuote, line)),
                Some('`') => break,
                Some('\\') => match self.peek() {
                    Some(character @ ('$' | '`' | '\\')) => {
                        self.next();
                        text.push(character);
                    }
                    Some('"') if in_double_quotes => {
                        self.next();
                        text.push('"');
                    }
                    _ => text.push('\\'),
                },
                Some(character) => text.push(character),
            }
        }
        let mut inner = Lexer::new(&text, self.dialect);
        inner.depth = self.depth;
        inner.line = line;
        inner.enter()?;
        let list = Parser::within(&mut inner, |parser| parser.list_to_end())?;
        Ok(Part::Command(Substitution(list)))
    }

    /// `$'..'` with its escapes.
    fn dollar_quoted(&mut self) -> Parsed<String> {
        let line = self.line;
        let start = self.position;
        loop {
            match self.next() {
                None => return Err(self.unterminated(Opening::SingleQuote, line)),
                Some('\'') => break,
                Some('\\') => {
                    self.next();
                }
                Some(_) => {}
            }
        }
        let text = self.slice(start, self.position - 1);
        Ok(crate::escapes::ansi_quoted(&text))
    }

    /// `${..}`; `${` has been read.
    fn braced_parameter(&mut self, quoting: Quoting) -> Parsed<Part> {
        let (start, line) = (self.position, self.line);
        self.enter()?;
        let mut parameter = Parameter {
            name: String::new(),
            subscript: None,
            indirect: false,
            operation: Operation::Value,
            text: String::new(),
        };
        let wants_length = self.peek() == Some('#') && self.is_length();
        if wants_length {
            self.next();
        } else if self.dialect.is_bash() && self.peek() == Some('!') && self.is_indirect() {
            self.next();
            parameter.indirect = true;
        }
        parameter.name = self.parameter_name();
        if self.dialect.is_bash() && self.peek() == Some('[') && is_name(&parameter.name) {
            parameter.subscript = Some(self.subscript()?);
        }
        parameter.operation = if parameter.name.is_empty() {
            Operation::Bad
        } else if wants_length {
            Operation::Length
        } else {
            self.operation(&mut parameter, quoting)?
        };
        if self.peek() != Some('}') {
            parameter.operation = Operation::Bad;
            self.skip_to_brace(line, quoting)?;
        }
        parameter.text = format!("{{{}}}", self.slice(start, self.position));
        self.next();
        self.leave();
        if parameter.operation == Operation::Bad && self.dialect == Dialect::Ash {
            return Err(self.error(SyntaxErrorKind::BadSubstitution));
        }
        Ok(Part::Parameter(Box::new(parameter)))
    }

    /// Whether the `#` here asks for a length, and is not the parameter `$#` itself.
    fn is_length(&self) -> bool {
        match self.peek_at(1) {
            Some('}') | None => false,
            Some(':' | '=' | '+' | '%' | '/') => false,
            Some('-' | '?' | '#') => self.peek_at(2) == Some('}'),
            Some(_) => true,
        }
    }

    fn is_indirect(&self) -> bool {
        self.peek_at(1).is_some_and(|next| is_name_character(next) || "@*#".contains(next))
    }

    fn parameter_name(&mut self) -> String {
        let start = self.position;
        match self.peek() {
            Some(character) if character.is_ascii_digit() => {
                while self.peek().is_some_and(|character| character.is_ascii_digit()) {
                    self.next();
                }
            }
            Some(character) if is_name_start(character) => {
                while self.peek().is_some_and(is_name_character) {
                    self.next();
                }
            }
            Some(character) if SPECIAL.contains(character) => {
                self.next();
            }
            _ => {}
        }
        self.slice(start, self.position)
    }

    fn subscript(&mut self) -> Parsed<Subscript> {
        self.next();
        if self.accept("@]") {
            return Ok(Subscript::Each);
        }
        if self.accept("*]") {
            return Ok(Subscript::Joined);
        }
        Ok(Subscript::Index(self.bracketed_word()?))
    }

    /// A word up to the matching `]`, which is passed over.
    pub(super) fn bracketed_word(&mut self) -> Parsed<Word> {
        let line = self.line;
        let mut parts = Vec::new();
        let mut open = 0;
        loop {
            match self.peek() {
                None => return Err(self.unterminated(Opening::Brace, line)),
                Some('[') => {
                    open += 1;
                    push_literal(&mut parts, self.next());
                }
                Some(']') if open == 0 => {
                    self.next();
                    return Ok(Word(parts));
                }
                Some(']') => {
                    open -= 1;
                    push_literal(&mut parts, self.next());
                }
                Some(_) => self.part(&mut parts, Quoting::None)?,
            }
        }
    }

    fn operation(&mut self, parameter: &mut Parameter, quoting: Quoting) -> Parsed<Operation> {
        let extended = self.dialect.has_bash_words();
        let colon =
            self.peek() == Some(':') && matches!(self.peek_at(1), Some('-' | '=' | '?' | '+'));
        if colon {
            self.next();
        }
        let Some(operator) = self.peek() else {
            return Ok(Operation::Value);
        };
        match operator {
            '}' => Ok(self.plain_operation(parameter)),
            '-' | '=' | '?' | '+' => {
                self.next();
                let word = self.operand(quoting, &['}'])?;
                Ok(match operator {
                    '-' => Operation::Default { colon, word },
                    '=' => Operation::Assign { colon, word },
                    '?' => Operation::Demand { colon, word },
                    _ => Operation::Alternative { colon, word },
                })
            }
            '#' | '%' => {
                self.next();
                let longest = self.peek() == Some(operator);
                if longest {
                    self.next();
                }
                let pattern = self.operand(Quoting::None, &['}'])?;
                Ok(if operator == '#' {
                    Operation::RemovePrefix { longest, pattern }
                } else {
                    Operation::RemoveSuffix { longest, pattern }
                })
            }
            ':' if extended => {
                self.next();
                let offset = self.operand(Quoting::Arithmetic, &[':', '}'])?;
                let length = if self.peek() == Some(':') {
                    self.next();
                    Some(self.operand(Quoting::Arithmetic, &['}'])?)
                } else {
                    None
                };
                Ok(Operation::Substring { offset, length })
            }
            '/' if extended => self.replacement(),
            '^' | ',' if self.dialect.is_bash() => {
                self.next();
                let all = self.peek() == Some(operator);
                if all {
                    self.next();
                }
                let pattern = self.operand(Quoting::None, &['}'])?;
                Ok(Operation::ChangeCase { upper: operator == '^', all, pattern })
            }
            '@' if self.dialect.is_bash() && self.peek_at(2) == Some('}') => {
                self.next();
                let transformation = self.next().unwrap_or('Q');
                Ok(Operation::Transform(transformation))
            }
            '@' | '*' if parameter.indirect && self.peek_at(1) == Some('}') => {
                self.next();
                Ok(Operation::Names)
            }
            _ => Ok(Operation::Bad),
        }
    }

    fn plain_operation(&self, parameter: &mut Parameter) -> Operation {
        let lists = matches!(parameter.subscript, Some(Subscript::Each | Subscript::Joined));
        if parameter.indirect && lists {
            parameter.indirect = false;
            return Operation::Keys;
        }
        Operation::Value
    }

    fn replacement(&mut self) -> Parsed<Operation> {
        self.next();
        let which = match self.peek() {
            Some('/') => Which::All,
            Some('#') => Which::AtStart,
            Some('%') => Which::AtEnd,
            _ => Which::First,
        };
        if which != Which::First {
            self.next();
        }
        let pattern = self.operand(Quoting::None, &['/', '}'])?;
        let replacement = if self.peek() == Some('/') {
            self.next();
            self.operand(Quoting::None, &['}'])?
        } else {
            Word::default()
        };
        Ok(Operation::Replace { pattern, replacement, which })
    }

    /// The word after an operator, up to one of `ends`, which stays.
    fn operand(&mut self, quoting: Quoting, ends: &[char]) -> Parsed<Word> {
        let line = self.line;
        let mut parts = Vec::new();
        loop {
            match self.peek() {
                None => return Err(self.unterminated(Opening::Brace, line)),
                Some(character) if ends.contains(&character) => return Ok(Word(parts)),
                Some(_) => self.part(&mut parts, quoting)?,
            }
        }
    }

    fn skip_to_brace(&mut self, line: u32, quoting: Quoting) -> Parsed<()> {
        let mut ignored = Vec::new();
        loop {
            match self.peek() {
                None => return Err(self.unterminated(Opening::Brace, line)),
                Some('}') => return Ok(()),
                Some(_) => self.part(&mut ignored, quoting)?,
            }
        }
    }
}

fn simple_parameter(name: String) -> Part {
    Part::Parameter(Box::new(Parameter {
        text: name.clone(),
        name,
        subscript: None,
        indirect: false,
        operation: Operation::Value,
    }))
}
