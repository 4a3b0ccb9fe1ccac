//! Tokens into commands.
//!
//! A script is parsed line by line, as shells do: what stands before a syntax error has run by
//! the time it is found.

mod redirect;

use super::ast::{
    AndOr, Assignment, Command, Item, Join, List, Pipeline, Redirect, Simple, Value, Word,
};
use super::brace;
use super::lexer::{Kind, Lexeme, Lexer, Parsed, REDIRECTIONS};
use super::substitution::{is_name_character, is_name_start};
use super::syntax_error::{SyntaxError, SyntaxErrorKind, Token};
use std::cell::OnceCell;
use std::rc::Rc;

/// Words that end a list when they stand where a command would begin.
const CLOSING: [&str; 8] = ["then", "else", "elif", "fi", "do", "done", "esac", "}"];

/// Builtins whose arguments may be assignments of arrays.
const DECLARING: [&str; 5] = ["declare", "typeset", "local", "export", "readonly"];

/// A here-document that the end of the text cut off.
pub(crate) struct CutOff {
    /// Where it was begun.
    pub(crate) line: u32,
    /// Where the text ended.
    pub(crate) last_line: u32,
    pub(crate) delimiter: String,
}

struct HereDocument {
    delimiter: Word,
    strip_tabs: bool,
    body: Rc<OnceCell<Word>>,
    line: u32,
}

pub(crate) struct Parser<'p> {
    pub(super) lexer: &'p mut Lexer,
    current: Option<Lexeme>,
    here_documents: Vec<HereDocument>,
    /// Where the token ended that was passed last.
    last_end: usize,
    pub(super) cut_off: Vec<CutOff>,
}

impl<'p> Parser<'p> {
    pub(crate) fn new(lexer: &'p mut Lexer) -> Parser<'p> {
        Parser {
            lexer,
            current: None,
            here_documents: Vec::new(),
            last_end: 0,
            cut_off: Vec::new(),
        }
    }

    /// Parses something that stands within what `lexer` reads.
    pub(super) fn within<T>(
        lexer: &'p mut Lexer,
        parse: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        let mut parser = Parser::new(lexer);
        let parsed = parse(&mut parser)?;
        parser.finish_here_documents();
        Ok(parsed)
    }

    /// The next line's commands, blank lines passed over; `None` at the end.
    pub(crate) fn line(&mut self) -> Parsed<Option<List>> {
        self.skip_newlines()?;
        if matches!(self.peek()?.kind, Kind::End) {
            return Ok(None);
        }
        let list = self.list(true)?;
        match self.peek()?.kind {
            Kind::Newline => {
                self.advance()?;
            }
            Kind::End => self.finish_here_documents(),
            _ => return Err(self.unexpected(None)),
        }
        Ok(Some(list))
    }

    /// Goes back to what follows what was parsed: nothing was looked at for good.
    pub(crate) fn finish(mut self) -> Vec<CutOff> {
        self.rewind();
        self.cut_off
    }

    /// All commands up to `)`, which is passed over.
    pub(super) fn list_in_parentheses(&mut self) -> Parsed<List> {
        let list = self.list(false)?;
        self.demand(")")?;
        Ok(list)
    }

    pub(super) fn list_to_end(&mut self) -> Parsed<List> {
        let list = self.list(false)?;
        match self.peek()?.kind {
            Kind::End => Ok(list),
            _ => Err(self.unexpected(None)),
        }
    }
}

/// Tokens.
impl Parser<'_> {
    pub(super) fn peek(&mut self) -> Parsed<&Lexeme> {
        let lexeme = match self.current.take() {
            Some(lexeme) => lexeme,
            None => self.lexer.lexeme()?,
        };
        Ok(self.current.insert(lexeme))
    }

    pub(super) fn advance(&mut self) -> Parsed<Lexeme> {
        let lexeme = match self.current.take() {
            Some(lexeme) => lexeme,
            None => self.lexer.lexeme()?,
        };
        if matches!(lexeme.kind, Kind::Newline) && !self.here_documents.is_empty() {
            self.finish_here_documents();
        } else {
            self.last_end = lexeme.end;
        }
        Ok(lexeme)
    }

    /// Goes back to where the token begins that was peeked, to read it in another way.
    pub(super) fn rewind(&mut self) {
        if let Some(lexeme) = self.current.take() {
            self.lexer.position = lexeme.start;
            self.lexer.line = lexeme.line;
        }
    }

    /// Says that the lexer was used directly.
    pub(super) fn resume(&mut self) {
        self.last_end = self.lexer.position;
    }

    pub(super) fn accept(&mut self, operator: &str) -> Parsed<bool> {
        let found = self.peek()?.is(operator);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn demand(&mut self, operator: &'static str) -> Parsed<()> {
        if self.accept(operator)? { Ok(()) } else { Err(self.unexpected(Some(operator))) }
    }

    /// `)` where keywords are not looked for: any word is just a word in messages.
    pub(super) fn demand_closing(&mut self) -> Parsed<()> {
        if self.accept(")")? {
            return Ok(());
        }
        let mut error = self.unexpected(Some(")"));
        if let SyntaxErrorKind::Unexpected { token: Token::Word(text), .. } = &mut error.kind {
            text.push(' ');
        }
        Err(error)
    }

    pub(super) fn accept_keyword(&mut self, keyword: &str) -> Parsed<bool> {
        let found = self.peek()?.literal() == Some(keyword);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn demand_keyword(&mut self, keyword: &'static str) -> Parsed<()> {
        if self.accept_keyword(keyword)? { Ok(()) } else { Err(self.unexpected(Some(keyword))) }
    }

    pub(super) fn skip_newlines(&mut self) -> Parsed<()> {
        while matches!(self.peek()?.kind, Kind::Newline) {
            self.advance()?;
        }
        Ok(())
    }

    /// The error that the present token cannot stand here.
    pub(super) fn unexpected(&mut self, expecting: Option<&'static str>) -> SyntaxError {
        let Some(lexeme) = self.current.clone() else {
            return self.lexer.error(SyntaxErrorKind::TooDeep);
        };
        let token = self.lexer.describe(&lexeme);
        let kind = SyntaxErrorKind::Unexpected { token, expecting };
        self.lexer.error_at(kind, lexeme.start, lexeme.line)
    }

    /// The text of everything since `start`.
    pub(super) fn text_since(&self, start: usize) -> Rc<str> {
        self.lexer.slice(start, self.last_end.max(start)).trim().into()
    }

    pub(super) fn start_of_next(&mut self) -> Parsed<usize> {
        Ok(self.peek()?.start)
    }
}

/// Lists and pipelines.
impl Parser<'_> {
    /// Commands up to something that cannot begin one; `one_line`: up to the end of the line.
    pub(super) fn list(&mut self, one_line: bool) -> Parsed<List> {
        let mut items = Vec::new();
        loop {
            if !one_line {
                self.skip_newlines()?;
            }
            if !self.begins_command()? {
                break;
            }
            let start = self.start_of_next()?;
            let and_or = Rc::new(self.and_or()?);
            let text = self.text_since(start);
            let background = self.accept("&")?;
            items.push(Item { and_or, background, text });
            let separated = background || self.accept(";")?;
            let newline = matches!(self.peek()?.kind, Kind::Newline);
            if (one_line && newline) || (!separated && (one_line || !newline)) {
                break;
            }
        }
        Ok(List(items.into()))
    }

    fn begins_command(&mut self) -> Parsed<bool> {
        let lexeme = self.peek()?;
        Ok(match &lexeme.kind {
            Kind::End | Kind::Newline => false,
            Kind::Operator(operator) => *operator == "(" || REDIRECTIONS.contains(operator),
            Kind::Descriptor(_) | Kind::NamedDescriptor(_) => true,
            Kind::Word(_) => !lexeme.literal().is_some_and(|word| CLOSING.contains(&word)),
        })
    }

    /// A list that must not be empty.
    pub(super) fn body(&mut self, expecting: Option<&'static str>) -> Parsed<List> {
        let list = self.list(false)?;
        if list.0.is_empty() {
            self.peek()?;
            let at_end = matches!(self.current.as_ref().map(|l| &l.kind), Some(Kind::End));
            return Err(self.unexpected(expecting.filter(|_| at_end)));
        }
        Ok(list)
    }

    fn and_or(&mut self) -> Parsed<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            let join = if self.accept("&&")? {
                Join::And
            } else if self.accept("||")? {
                Join::Or
            } else {
                return Ok(AndOr { first, rest });
            };
            self.skip_newlines()?;
            rest.push((join, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        let start = self.start_of_next()?;
        let mut negated = false;
        let mut timed = false;
        loop {
            if self.accept_keyword("!")? {
                negated = !negated;
            } else if self.lexer.dialect.is_bash() && self.is_time_keyword()? {
                self.advance()?;
                self.accept_keyword("-p")?;
                timed = true;
            } else {
                break;
            }
        }
        let mut commands = Vec::new();
        let is_empty = matches!(self.peek()?.kind, Kind::Newline | Kind::End | Kind::Operator(";"));
        if negated && is_empty && self.lexer.dialect.is_bash() {
            // bash takes a `!` alone for the negation of nothing.
            commands.push((Rc::new(Command::Simple(Simple::default())), false));
            return Ok(Pipeline { negated, timed, commands, text: self.text_since(start) });
        }
        loop {
            let command = Rc::new(self.command()?);
            let with_errors = self.accept("|&")?;
            let more = with_errors || self.accept("|")?;
            commands.push((command, with_errors));
            if !more {
                break;
            }
            self.skip_newlines()?;
        }
        Ok(Pipeline { negated, timed, commands, text: self.text_since(start) })
    }

    /// `time` before a pipeline is a word of the language, before an option a program.
    fn is_time_keyword(&mut self) -> Parsed<bool> {
        Ok(self.peek()?.literal() == Some("time"))
    }

    fn command(&mut self) -> Parsed<Command> {
        self.lexer.enter()?;
        loop {
            let lexeme = self.peek()?.clone();
            if self.lexer.expand_alias(&lexeme) {
                self.current = None;
            } else {
                break;
            }
        }
        let command = match self.compound()? {
            Some(command) => command,
            None => self.simple()?,
        };
        self.lexer.leave();
        Ok(command)
    }

    /// Redirections after a compound command.
    pub(super) fn redirects(&mut self) -> Parsed<Vec<Redirect>> {
        let mut redirects = Vec::new();
        while let Some(redirect) = self.redirect()? {
            redirects.push(redirect);
        }
        Ok(redirects)
    }
}

/// Simple commands.
impl Parser<'_> {
    fn simple(&mut self) -> Parsed<Command> {
        let start = self.start_of_next()?;
        let line = self.peek()?.line;
        let mut simple = Simple { line, ..Simple::default() };
        loop {
            if let Some(redirect) = self.redirect()? {
                simple.redirects.push(redirect);
                continue;
            }
            let lexeme = self.peek()?.clone();
            if let Kind::Word(word) = &lexeme.kind {
                self.simple_word(&mut simple, word)?;
                continue;
            }
            if lexeme.is("(") && simple.words.len() == 1 && simple.assignments.is_empty() {
                return self.function_after_name(&simple, start);
            }
            break;
        }
        if simple.words.is_empty() && simple.assignments.is_empty() && simple.redirects.is_empty() {
            return Err(self.unexpected(None));
        }
        simple.text = self.text_since(start);
        Ok(Command::Simple(simple))
    }

    fn simple_word(&mut self, simple: &mut Simple, word: &Word) -> Parsed<()> {
        let bash = self.lexer.dialect.is_bash();
        let first = simple.words.first().and_then(Word::as_literal);
        let declares = first.is_some_and(|name| DECLARING.contains(&name));
        if simple.words.is_empty() {
            if let Some(assignment) = self.assignment()? {
                simple.assignments.push(assignment);
                return Ok(());
            }
        } else if bash && declares && self.is_array_ahead(word) {
            // `declare a=(..)`: the builtin sees the name, the value is assigned after it.
            if let Some(assignment) = self.assignment()? {
                simple.words.push(Word::literal(&*assignment.name));
                simple.arrays.push(assignment);
                return Ok(());
            }
        }
        self.advance()?;
        if bash && !declares {
            simple.words.extend(brace::expand(word));
        } else {
            simple.words.push(word.clone());
        }
        Ok(())
    }

    /// Whether the word just peeked is `name=` right before a parenthesis.
    fn is_array_ahead(&self, word: &Word) -> bool {
        self.lexer.peek() == Some('(') && word.as_literal().is_some_and(|text| text.ends_with('='))
    }

    fn function_after_name(&mut self, simple: &Simple, start: usize) -> Parsed<Command> {
        let name = simple.words.first().map(Word::unquoted).unwrap_or_default();
        self.advance()?;
        self.demand_closing()?;
        let is_plain = simple.words.first().is_some_and(|word| word.as_literal().is_some());
        if !is_plain {
            return Err(self.lexer.error(SyntaxErrorKind::BadFunctionName(name)));
        }
        self.function(&name, start)
    }

    /// Reads the word ahead as an assignment, if it is one.
    fn assignment(&mut self) -> Parsed<Option<Assignment>> {
        let Some(lexeme) = self.current.clone() else {
            return Ok(None);
        };
        self.rewind();
        let parsed = self.assignment_here();
        match parsed {
            Ok(Some(assignment)) => {
                self.resume();
                Ok(Some(assignment))
            }
            Ok(None) => {
                self.lexer.position = lexeme.end;
                self.current = Some(lexeme);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn assignment_here(&mut self) -> Parsed<Option<Assignment>> {
        let lexer = &mut *self.lexer;
        let start = lexer.position;
        if !lexer.peek().is_some_and(is_name_start) {
            return Ok(None);
        }
        while lexer.peek().is_some_and(is_name_character) {
            lexer.next();
        }
        let name = lexer.slice(start, lexer.position).into();
        let bash = lexer.dialect.is_bash();
        let subscript = if bash && lexer.peek() == Some('[') {
            lexer.next();
            match lexer.bracketed_word() {
                Ok(word) => Some(word),
                // An unmatched bracket is only a character.
                Err(_) => return Ok(None),
            }
        } else {
            None
        };
        let append = bash && lexer.peek() == Some('+') && lexer.peek_at(1) == Some('=');
        if append {
            lexer.next();
        }
        if lexer.peek() != Some('=') {
            return Ok(None);
        }
        lexer.next();
        let value = if bash && subscript.is_none() && lexer.peek() == Some('(') {
            lexer.next();
            Value::Array(self.array()?)
        } else {
            Value::Word(self.lexer.word()?)
        };
        Ok(Some(Assignment { name, subscript, append, value }))
    }

    /// The elements of an array up to `)`.
    fn array(&mut self) -> Parsed<Vec<(Option<Word>, Word)>> {
        let mut elements = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.accept(")")? {
                return Ok(elements);
            }
            let lexeme = self.peek()?.clone();
            let Kind::Word(word) = lexeme.kind else {
                return Err(self.unexpected(Some(")")));
            };
            self.rewind();
            if self.lexer.peek() == Some('[') {
                self.lexer.next();
                let key = self.lexer.bracketed_word()?;
                if self.lexer.peek() == Some('=') {
                    self.lexer.next();
                    elements.push((Some(key), self.lexer.word()?));
                    continue;
                }
                self.lexer.position = lexeme.start;
            }
            self.lexer.word()?;
            elements.extend(brace::expand(&word).into_iter().map(|word| (None, word)));
        }
    }
}
