//! Compound commands: `if`, `while`, `for`, `case`, groups, functions, `[[ ]]`.

use super::ast::{Arm, ArmEnd, Command, Compound, Conditional, Function, List, Part, Word};
use super::brace;
use super::lexer::{Kind, Lexeme, Parsed, Quoting, is_meta, push_literal};
use super::parser::Parser;
use super::substitution::is_name;
use super::syntax_error::{Opening, SyntaxErrorKind, Token};
use std::rc::Rc;

/// What a list between keywords must be followed by.
const CONDITIONAL_UNARY: &str = "abcdefghknoprstuvwxzGLNORS";
const CONDITIONAL_BINARY: [&str; 15] = [
    "=", "==", "!=", "=~", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef",
];

impl Parser<'_> {
    /// A compound command or function definition, if one begins here.
    pub(super) fn compound(&mut self) -> Parsed<Option<Command>> {
        let lexeme = self.peek()?.clone();
        let bash = self.lexer.dialect.is_bash();
        if lexeme.is("(") {
            if bash
                && self.lexer.peek() == Some('(')
                && let Some(word) = self.double_parentheses(&lexeme)?
            {
                return self.with_redirects(Compound::Arithmetic(word), lexeme.line).map(Some);
            }
            self.advance()?;
            let list = self.body(Some(")"))?;
            self.demand(")")?;
            return self.with_redirects(Compound::Subshell(list), lexeme.line).map(Some);
        }
        let compound = match lexeme.literal() {
            Some("{") => self.group()?,
            Some("if") => self.if_command()?,
            Some(word @ ("while" | "until")) => self.while_command(word == "until")?,
            Some("for") => self.for_command()?,
            Some("select") if bash => self.select_command()?,
            Some("case") => self.case_command()?,
            Some("[[") if self.lexer.dialect.has_bash_words() => self.conditional_command()?,
            Some("function") if self.lexer.dialect.has_bash_words() => {
                return self.function_keyword().map(Some);
            }
            Some("then" | "else" | "elif" | "fi" | "do" | "done" | "esac" | "}") => {
                return Err(self.unexpected(None));
            }
            _ => return Ok(None),
        };
        self.with_redirects(compound, lexeme.line).map(Some)
    }

    fn with_redirects(&mut self, compound: Compound, line: u32) -> Parsed<Command> {
        let redirects = self.redirects()?;
        Ok(Command::Compound(compound, redirects, line))
    }

    fn group(&mut self) -> Parsed<Compound> {
        self.advance()?;
        let list = self.body(Some("}"))?;
        self.demand_keyword("}")?;
        Ok(Compound::Group(list))
    }

    fn if_command(&mut self) -> Parsed<Compound> {
        let mut branches = Vec::new();
        let mut otherwise = None;
        loop {
            // `if` or `elif`.
            self.advance()?;
            let condition = self.body(Some("then"))?;
            self.demand_keyword("then")?;
            let body = self.body(Some("fi"))?;
            branches.push((condition, body));
            if self.peek()?.literal() == Some("elif") {
                continue;
            }
            if self.accept_keyword("else")? {
                otherwise = Some(self.body(Some("fi"))?);
            }
            self.demand_keyword("fi")?;
            return Ok(Compound::If { branches, otherwise });
        }
    }

    fn while_command(&mut self, until: bool) -> Parsed<Compound> {
        self.advance()?;
        let condition = self.body(Some("do"))?;
        let body = self.do_group()?;
        Ok(Compound::While { condition, until, body })
    }

    fn do_group(&mut self) -> Parsed<List> {
        self.demand_keyword("do")?;
        let body = self.body(Some("done"))?;
        self.demand_keyword("done")?;
        Ok(body)
    }

    fn for_command(&mut self) -> Parsed<Compound> {
        self.advance()?;
        let lexeme = self.peek()?.clone();
        if lexeme.is("(") && self.lexer.dialect.is_bash() && self.lexer.peek() == Some('(') {
            return self.counting_loop();
        }
        let (name, words) = self.loop_head()?;
        let body = self.loop_body()?;
        Ok(Compound::For { name, words, body })
    }

    fn select_command(&mut self) -> Parsed<Compound> {
        self.advance()?;
        let (name, words) = self.loop_head()?;
        let body = self.loop_body()?;
        Ok(Compound::Select { name, words: words.map(|(words, _)| words), body })
    }

    /// The body of a `for` loop: bash also takes braces.
    fn loop_body(&mut self) -> Parsed<List> {
        if self.lexer.dialect.is_bash() && self.accept_keyword("{")? {
            let body = self.body(Some("}"))?;
            self.demand_keyword("}")?;
            return Ok(body);
        }
        self.do_group()
    }

    fn loop_head(&mut self) -> Parsed<(Rc<str>, Option<(Vec<Word>, Rc<str>)>)> {
        let lexeme = self.peek()?.clone();
        let bash = self.lexer.dialect.is_bash();
        // bash finds out when it runs the loop.
        let Some(name) = lexeme.literal().filter(|name| bash || is_name(name)) else {
            if bash && !matches!(lexeme.kind, Kind::Word(_)) {
                return Err(self.unexpected(None));
            }
            return Err(self.lexer.error_at(
                SyntaxErrorKind::BadLoopVariable,
                lexeme.start,
                lexeme.line,
            ));
        };
        let name = name.into();
        self.advance()?;
        if self.accept(";")? {
            self.skip_newlines()?;
            return Ok((name, None));
        }
        self.skip_newlines()?;
        if !self.accept_keyword("in")? {
            // What comes next must be `do`.
            return Ok((name, None));
        }
        let mut words = Vec::new();
        let start = self.start_of_next()?;
        while let Kind::Word(word) = &self.peek()?.kind {
            let word = word.clone();
            self.advance()?;
            if self.lexer.dialect.is_bash() {
                words.extend(brace::expand(&word));
            } else {
                words.push(word);
            }
        }
        let text = if words.is_empty() { "".into() } else { self.text_since(start) };
        if !self.accept(";")? && !matches!(self.peek()?.kind, Kind::Newline) {
            return Err(self.unexpected(None));
        }
        self.skip_newlines()?;
        Ok((name, Some((words, text))))
    }

    /// `((..; ..; ..))` and its body.
    fn counting_loop(&mut self) -> Parsed<Compound> {
        let lexeme = self.peek()?.clone();
        let Some(word) = self.double_parentheses(&lexeme)? else {
            return Err(self.unexpected(None));
        };
        let mut pieces: Vec<Vec<Part>> = vec![Vec::new()];
        for part in word.0 {
            match part {
                Part::Literal(text) => {
                    for (number, piece) in text.split(';').enumerate() {
                        if number > 0 {
                            pieces.push(Vec::new());
                        }
                        if let Some(last) = pieces.last_mut()
                            && !piece.is_empty()
                        {
                            last.push(Part::Literal(piece.to_owned()));
                        }
                    }
                }
                other => {
                    if let Some(last) = pieces.last_mut() {
                        last.push(other);
                    }
                }
            }
        }
        let mut pieces = pieces.into_iter().map(Word);
        let (Some(start), Some(test), Some(step), None) =
            (pieces.next(), pieces.next(), pieces.next(), pieces.next())
        else {
            let token = Token::Word("((".to_owned());
            let kind = SyntaxErrorKind::Unexpected { token, expecting: None };
            return Err(self.lexer.error_at(kind, lexeme.start, lexeme.line));
        };
        self.accept(";")?;
        self.skip_newlines()?;
        let body = self.loop_body()?;
        Ok(Compound::Count { start, test, step, body })
    }

    /// The arithmetic between `((` and `))`; `None`, and nothing read, if it is not that.
    fn double_parentheses(&mut self, lexeme: &Lexeme) -> Parsed<Option<Word>> {
        let depth = self.lexer.depth;
        self.rewind();
        self.lexer.accept("((");
        let word = self.lexer.arithmetic_word().unwrap_or(None);
        self.lexer.depth = depth;
        if word.is_none() {
            self.lexer.position = lexeme.start;
            self.lexer.line = lexeme.line;
        } else {
            self.resume();
        }
        self.peek()?;
        Ok(word)
    }

    fn case_command(&mut self) -> Parsed<Compound> {
        self.advance()?;
        let lexeme = self.peek()?.clone();
        let Kind::Word(word) = lexeme.kind else {
            return Err(self.unexpected(None));
        };
        self.advance()?;
        self.skip_newlines()?;
        self.demand_keyword("in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.accept_keyword("esac")? {
                return Ok(Compound::Case { word, arms });
            }
            let (arm, is_last) = self.case_arm()?;
            arms.push(arm);
            if is_last {
                self.skip_newlines()?;
                self.demand_keyword("esac")?;
                return Ok(Compound::Case { word, arms });
            }
        }
    }

    fn case_arm(&mut self) -> Parsed<(Arm, bool)> {
        self.accept("(")?;
        let mut patterns = Vec::new();
        loop {
            let pattern = match self.peek()?.kind.clone() {
                Kind::Word(pattern) => pattern,
                // dash and ash find out only when the parenthesis is missing.
                Kind::Operator(_) if !self.lexer.dialect.is_bash() => Word::default(),
                _ => return Err(self.unexpected(None)),
            };
            self.advance()?;
            patterns.push(pattern);
            if !self.accept("|")? {
                break;
            }
        }
        self.demand_closing()?;
        let body = self.list(false)?;
        let end = if self.accept(";;")? {
            ArmEnd::Leave
        } else if self.accept(";&")? {
            ArmEnd::FallThrough
        } else if self.accept(";;&")? {
            ArmEnd::TestNext
        } else if self.peek()?.literal() == Some("esac") {
            return Ok((Arm { patterns, body, end: ArmEnd::Leave }, true));
        } else {
            return Err(self.unexpected(Some(";;")));
        };
        Ok((Arm { patterns, body, end }, false))
    }

    /// `function name [()] body`
    fn function_keyword(&mut self) -> Parsed<Command> {
        let start = self.start_of_next()?;
        self.advance()?;
        let lexeme = self.peek()?.clone();
        let Some(name) = lexeme.literal() else {
            return Err(self.unexpected(None));
        };
        self.advance()?;
        if self.accept("(")? {
            self.demand(")")?;
        }
        self.function(name, start)
    }

    /// The body of a function whose name and parentheses have been read.
    pub(super) fn function(&mut self, name: &str, start: usize) -> Parsed<Command> {
        self.skip_newlines()?;
        let line = self.peek()?.line;
        self.lexer.enter()?;
        let body = match self.compound()? {
            Some(body) => body,
            // dash and ash take any command, bash wants a compound one.
            None if !self.lexer.dialect.is_bash() => {
                let list = self.list(true)?;
                Command::Compound(Compound::Group(list), Vec::new(), line)
            }
            None => return Err(self.unexpected(None)),
        };
        self.lexer.leave();
        let text = self.text_since(start);
        Ok(Command::Function(name.into(), Rc::new(Function { body, text })))
    }
}

/// `[[ .. ]]`
impl Parser<'_> {
    fn conditional_command(&mut self) -> Parsed<Compound> {
        self.advance()?;
        let before = std::mem::replace(&mut self.lexer.extended_patterns, true);
        let parsed = self.conditional_or();
        self.lexer.extended_patterns = before;
        let conditional = parsed?;
        if !self.accept_keyword("]]")? {
            return Err(self.conditional_error(""));
        }
        Ok(Compound::Conditional(conditional))
    }

    fn conditional_error(&mut self, text: &str) -> super::syntax_error::SyntaxError {
        match self.peek().cloned() {
            Ok(lexeme) => {
                let token = self.lexer.describe(&lexeme);
                let kind = SyntaxErrorKind::Conditional(text.to_owned(), token);
                self.lexer.error_at(kind, lexeme.start, lexeme.line)
            }
            Err(error) => error,
        }
    }

    fn conditional_or(&mut self) -> Parsed<Conditional> {
        let mut left = self.conditional_and()?;
        self.skip_newlines()?;
        while self.accept("||")? {
            let right = self.conditional_and()?;
            left = Conditional::Or(Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn conditional_and(&mut self) -> Parsed<Conditional> {
        let mut left = self.conditional_term()?;
        self.skip_newlines()?;
        while self.accept("&&")? {
            let right = self.conditional_term()?;
            left = Conditional::And(Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn conditional_term(&mut self) -> Parsed<Conditional> {
        self.lexer.enter()?;
        let term = self.conditional_primary();
        self.lexer.leave();
        term
    }

    fn conditional_primary(&mut self) -> Parsed<Conditional> {
        self.skip_newlines()?;
        if self.accept_keyword("!")? {
            return Ok(Conditional::Not(Box::new(self.conditional_term()?)));
        }
        if self.accept("(")? {
            let inner = self.conditional_or()?;
            self.demand(")")?;
            return Ok(inner);
        }
        let lexeme = self.peek()?.clone();
        let Kind::Word(word) = &lexeme.kind else {
            return Err(self.conditional_error(""));
        };
        if word.as_literal() == Some("]]") {
            return Err(self.conditional_error(""));
        }
        let word = word.clone();
        self.advance()?;
        let unary = word.as_literal().filter(|text| {
            text.len() == 2
                && text.starts_with('-')
                && text.chars().nth(1).is_some_and(|c| CONDITIONAL_UNARY.contains(c))
        });
        let next = self.peek()?.clone();
        if let (Some(operator), Kind::Word(operand)) = (unary, &next.kind) {
            if operand.as_literal() == Some("]]") {
                return Err(self.conditional_error("unary"));
            }
            let (operator, operand) = (operator.into(), operand.clone());
            self.advance()?;
            return Ok(Conditional::Unary(operator, operand));
        }
        let operator = next.operator().or(next.literal());
        let Some(operator) = operator.filter(|text| CONDITIONAL_BINARY.contains(text)) else {
            if matches!(next.kind, Kind::Word(_)) && next.literal() != Some("]]") {
                return Err(self.conditional_error("binary"));
            }
            return Ok(Conditional::Word(word));
        };
        let operator: Rc<str> = operator.into();
        self.advance()?;
        let operand = if &*operator == "=~" { self.regex_word()? } else { self.operand_word()? };
        Ok(Conditional::Binary(word, operator, operand))
    }

    fn operand_word(&mut self) -> Parsed<Word> {
        let lexeme = self.peek()?.clone();
        let Kind::Word(word) = lexeme.kind else {
            return Err(self.conditional_error("operand"));
        };
        self.advance()?;
        Ok(word)
    }

    /// The word after `=~`, in which parentheses and `|` are characters.
    fn regex_word(&mut self) -> Parsed<Word> {
        self.peek()?;
        self.rewind();
        let lexer = &mut *self.lexer;
        let mut parts = Vec::new();
        let mut open = 0;
        while let Some(character) = lexer.peek() {
            match character {
                '(' => open += 1,
                ')' => open -= 1,
                '|' => {}
                ' ' | '\t' if open > 0 => {}
                _ if is_meta(character) => break,
                _ => {
                    lexer.part(&mut parts, Quoting::None)?;
                    continue;
                }
            }
            if open < 0 {
                break;
            }
            push_literal(&mut parts, lexer.next());
        }
        if parts.is_empty() {
            return Err(lexer.unterminated(Opening::Parenthesis, lexer.line));
        }
        self.resume();
        Ok(Word(parts))
    }
}
