//! Programs: patterns, actions, functions and statements into instructions.

use super::lexer::{AwkError, ErrorKind, Lexer, Token};
use crate::regex::{Regex, Syntax};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How deep statements and expressions may be nested.
const LIMIT_DEPTH: u32 = 60;
/// How many instructions a program may become.
const LIMIT_INSTRUCTIONS: usize = 200_000;

/// A variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Global(usize),
    Local(usize),
}

/// Where output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redirection {
    None,
    File,
    Append,
    Pipe,
}

/// Where `getline` reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Main,
    File,
    Command,
}

/// What `sub` changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changed {
    Record,
    Variable(Slot),
    /// The field's number is on the stack.
    Field,
    /// The subscript is on the stack.
    Element(Slot),
    /// A value on the stack that cannot be assigned to.
    Nothing,
}

#[derive(Clone, Debug)]
pub(super) enum Instruction {
    Number(f64),
    Text(Rc<str>),
    /// Matches `$0`.
    MatchRecord(Rc<Regex>),
    /// As an argument: the expression itself.
    Regex(Rc<Regex>, Rc<str>),
    Load(Slot),
    LoadArray(Slot),
    /// For `length`: whichever it is.
    LoadEither(Slot),
    Store(Slot),
    Field,
    StoreField,
    Element(Slot),
    StoreElement(Slot),
    /// Joins so many subscripts.
    Subscript(usize),
    In(Slot),
    Delete(Slot),
    DeleteAll(Slot),
    Increment(Slot, f64, bool),
    IncrementField(f64, bool),
    IncrementElement(Slot, f64, bool),
    Binary(&'static str),
    Compare(&'static str),
    Concatenate,
    /// `~`, or `!~`.
    Match(bool),
    Not,
    Negate,
    ToNumber,
    ToBoolean,
    Duplicate,
    Drop,
    Jump(usize),
    JumpIfFalse(usize),
    JumpIfTrue(usize),
    /// Begins a loop over the keys of an array.
    Each(Slot),
    /// The next key, or where to go on if there is none.
    NextKey(usize),
    EndEach,
    Print(usize, Redirection),
    Printf(usize, Redirection),
    /// Reads a line into a variable or `$0`, and leaves the status.
    Getline(Origin, Option<Slot>),
    Builtin(&'static str, usize),
    /// `sub`, or `gsub` if the flag is set; leaves the count.
    Substitute(bool, Changed),
    /// Function number and arguments.
    Call(usize, usize),
    Return,
    Next,
    NextFile,
    Exit,
}

#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) parameters: Vec<String>,
    pub(super) arrays: Vec<bool>,
    pub(super) start: Option<usize>,
}

/// What a rule's pattern is.
#[derive(Debug)]
pub(super) enum Pattern {
    Always,
    /// Instructions that leave a value.
    When(usize),
    /// From one to another.
    Range(usize, usize),
}

#[derive(Debug)]
pub(super) struct Rule {
    pub(super) pattern: Pattern,
    /// Where its action begins; `None`: print the record.
    pub(super) action: Option<usize>,
}

#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) instructions: Vec<Instruction>,
    pub(super) globals: BTreeMap<String, usize>,
    pub(super) functions: Vec<Function>,
    pub(super) begin: Vec<usize>,
    pub(super) rules: Vec<Rule>,
    pub(super) end: Vec<usize>,
}

/// Instructions that stand for a call's argument that is a bare name.
struct BareArgument {
    function: usize,
    number: usize,
    at: usize,
    slot: Slot,
    /// The function that the call is in.
    within: Option<usize>,
}

pub(super) struct Compiler {
    lexer: Lexer,
    pub(super) token: Token,
    pub(super) program: Program,
    locals: Vec<String>,
    within: Option<usize>,
    loops: Vec<Loop>,
    bare: Vec<BareArgument>,
    pub(super) depth: u32,
    /// In `print` without parentheses `>` is a redirection.
    pub(super) no_greater: bool,
    pub(super) no_in: bool,
}

#[derive(Default)]
struct Loop {
    breaks: Vec<usize>,
    continues: Vec<usize>,
}

pub(super) type Compiled<T> = Result<T, AwkError>;

/// Compiles a program.
pub(super) fn compile(source: &str) -> Compiled<Program> {
    let mut compiler = Compiler {
        lexer: Lexer::new(source),
        token: Token::End,
        program: Program::default(),
        locals: Vec::new(),
        within: None,
        loops: Vec::new(),
        bare: Vec::new(),
        depth: 0,
        no_greater: false,
        no_in: false,
    };
    compiler.token = compiler.lexer.next(true)?;
    compiler.whole()?;
    compiler.finish_arrays();
    if let Some(missing) = compiler.program.functions.iter().find(|f| f.start.is_none()) {
        let kind = ErrorKind::UnknownFunction(missing.name.clone());
        return Err(AwkError { line: compiler.lexer.line, kind });
    }
    Ok(compiler.program)
}

/// Tokens and instructions.
impl Compiler {
    pub(super) fn error<T>(&self) -> Compiled<T> {
        let kind = match &self.token {
            Token::End => ErrorKind::End,
            Token::Newline => ErrorKind::Syntax("end of line".to_owned()),
            Token::Mark(text) | Token::Keyword(text) => ErrorKind::Syntax((*text).to_owned()),
            Token::Number(number) => ErrorKind::Syntax(number.to_string()),
            Token::Text(text) => ErrorKind::Syntax(format!("\"{text}\"")),
            Token::Regex(text) => ErrorKind::Syntax(format!("/{text}/")),
            Token::Name(text) | Token::Call(text) => ErrorKind::Syntax(text.clone()),
        };
        Err(AwkError { line: self.lexer.line, kind })
    }

    pub(super) fn fail<T>(&self, kind: ErrorKind) -> Compiled<T> {
        Err(AwkError { line: self.lexer.line, kind })
    }

    /// Goes to the next token. After an operand a `/` divides.
    pub(super) fn advance(&mut self) -> Compiled<Token> {
        let is_operand = matches!(
            &self.token,
            Token::Number(_)
                | Token::Text(_)
                | Token::Regex(_)
                | Token::Name(_)
                | Token::Mark(")" | "]" | "$" | "++" | "--")
        );
        let next = self.lexer.next(!is_operand)?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    pub(super) fn is(&self, mark: &str) -> bool {
        matches!(&self.token, Token::Mark(text) | Token::Keyword(text) if *text == mark)
    }

    pub(super) fn accept(&mut self, mark: &str) -> Compiled<bool> {
        let found = self.is(mark);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn demand(&mut self, mark: &str) -> Compiled<()> {
        if self.accept(mark)? { Ok(()) } else { self.error() }
    }

    pub(super) fn skip_newlines(&mut self) -> Compiled<()> {
        while self.token == Token::Newline {
            self.advance()?;
        }
        Ok(())
    }

    fn skip_ends(&mut self) -> Compiled<()> {
        while self.token == Token::Newline || self.is(";") {
            self.advance()?;
        }
        Ok(())
    }

    pub(super) fn here(&self) -> usize {
        self.program.instructions.len()
    }

    pub(super) fn emit(&mut self, instruction: Instruction) -> usize {
        if self.here() < LIMIT_INSTRUCTIONS {
            self.program.instructions.push(instruction);
        }
        self.here().saturating_sub(1)
    }

    pub(super) fn patch(&mut self, at: usize) {
        let here = self.here();
        if let Some(
            Instruction::Jump(target)
            | Instruction::JumpIfFalse(target)
            | Instruction::JumpIfTrue(target)
            | Instruction::NextKey(target),
        ) = self.program.instructions.get_mut(at)
        {
            *target = here;
        }
    }

    pub(super) fn enter(&mut self) -> Compiled<()> {
        self.depth += 1;
        if self.depth > LIMIT_DEPTH || self.here() >= LIMIT_INSTRUCTIONS {
            return self.fail(ErrorKind::TooDeep);
        }
        Ok(())
    }

    pub(super) fn regex(&self, text: &str) -> Compiled<Rc<Regex>> {
        let syntax = Syntax { extended: true, ignore_case: false };
        match Regex::new(&regex_text(text), syntax) {
            Ok(regex) => Ok(Rc::new(regex)),
            Err(error) => self.fail(ErrorKind::Regex(text.to_owned(), error.to_string())),
        }
    }

    pub(super) fn slot(&mut self, name: &str) -> Slot {
        if let Some(number) = self.locals.iter().position(|local| local == name) {
            return Slot::Local(number);
        }
        let next = self.program.globals.len();
        Slot::Global(*self.program.globals.entry(name.to_owned()).or_insert(next))
    }

    /// Notes that a variable is used as an array: a parameter then takes one.
    pub(super) fn use_as_array(&mut self, slot: Slot) {
        if let (Slot::Local(number), Some(function)) = (slot, self.within)
            && let Some(is_array) = self
                .program
                .functions
                .get_mut(function)
                .and_then(|function| function.arrays.get_mut(number))
        {
            *is_array = true;
        }
    }

    pub(super) fn function_number(&mut self, name: &str) -> usize {
        let functions = &mut self.program.functions;
        if let Some(number) = functions.iter().position(|function| function.name == name) {
            return number;
        }
        functions.push(Function {
            name: name.to_owned(),
            parameters: Vec::new(),
            arrays: Vec::new(),
            start: None,
        });
        functions.len() - 1
    }

    pub(super) fn note_bare_argument(
        &mut self,
        function: usize,
        number: usize,
        at: usize,
        slot: Slot,
    ) {
        self.bare.push(BareArgument { function, number, at, slot, within: self.within });
    }

    /// Finds out which arguments are arrays, through calls of calls.
    fn finish_arrays(&mut self) {
        loop {
            let mut changed = false;
            for bare in &self.bare {
                let takes_array = self
                    .program
                    .functions
                    .get(bare.function)
                    .and_then(|function| function.arrays.get(bare.number))
                    .copied()
                    .unwrap_or(false);
                if !takes_array {
                    continue;
                }
                if let Some(instruction) = self.program.instructions.get_mut(bare.at) {
                    *instruction = Instruction::LoadArray(bare.slot);
                }
                if let (Slot::Local(number), Some(within)) = (bare.slot, bare.within)
                    && let Some(is_array) = self
                        .program
                        .functions
                        .get_mut(within)
                        .and_then(|function| function.arrays.get_mut(number))
                {
                    changed |= !*is_array;
                    *is_array = true;
                }
            }
            if !changed {
                return;
            }
        }
    }
}

/// Regular expressions in awk know the escapes of strings.
pub(super) fn regex_text(text: &str) -> String {
    let mut result = String::new();
    let mut chars = text.chars();
    while let Some(character) = chars.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        match chars.next() {
            Some('n') => result.push('\n'),
            Some('t') => result.push('\t'),
            Some('r') => result.push('\r'),
            Some('"') => result.push('"'),
            Some('/') => result.push('/'),
            // Back references are not awk's.
            Some(digit @ '0'..='9') => result.push(digit),
            Some(other) => {
                result.push('\\');
                result.push(other);
            }
            None => result.push_str("\\\\"),
        }
    }
    result
}

/// Rules and statements.
impl Compiler {
    fn whole(&mut self) -> Compiled<()> {
        loop {
            self.skip_ends()?;
            match self.token {
                Token::End => return Ok(()),
                Token::Keyword("function") => self.function()?,
                _ => self.rule()?,
            }
        }
    }

    fn function(&mut self) -> Compiled<()> {
        self.advance()?;
        let name = match self.advance()? {
            Token::Name(name) | Token::Call(name) => name,
            _ => return self.error(),
        };
        self.demand("(")?;
        let mut parameters = Vec::new();
        while let Token::Name(parameter) = self.token.clone() {
            self.advance()?;
            parameters.push(parameter);
            if !self.accept(",")? {
                break;
            }
            self.skip_newlines()?;
        }
        self.demand(")")?;
        self.skip_newlines()?;
        let number = self.function_number(&name);
        let start = self.here();
        if let Some(function) = self.program.functions.get_mut(number) {
            function.arrays = vec![false; parameters.len()];
            function.parameters.clone_from(&parameters);
            function.start = Some(start);
        }
        self.locals = parameters;
        self.within = Some(number);
        self.block()?;
        self.emit(Instruction::Text("".into()));
        self.emit(Instruction::Return);
        self.locals.clear();
        self.within = None;
        Ok(())
    }

    fn rule(&mut self) -> Compiled<()> {
        if self.accept("BEGIN")? {
            let start = self.here();
            self.program.begin.push(start);
            return self.action();
        }
        if self.accept("END")? {
            let start = self.here();
            self.program.end.push(start);
            return self.action();
        }
        let pattern = if self.is("{") {
            Pattern::Always
        } else {
            let first = self.here();
            self.expression()?;
            self.emit(Instruction::Return);
            if self.accept(",")? {
                self.skip_newlines()?;
                let second = self.here();
                self.expression()?;
                self.emit(Instruction::Return);
                Pattern::Range(first, second)
            } else {
                Pattern::When(first)
            }
        };
        let action = if self.is("{") {
            let start = self.here();
            self.action()?;
            Some(start)
        } else {
            if !matches!(self.token, Token::Newline | Token::End | Token::Mark(";")) {
                return self.error();
            }
            None
        };
        self.program.rules.push(Rule { pattern, action });
        Ok(())
    }

    fn action(&mut self) -> Compiled<()> {
        if !self.is("{") {
            return self.error();
        }
        self.block()?;
        self.emit(Instruction::Text("".into()));
        self.emit(Instruction::Return);
        Ok(())
    }

    fn block(&mut self) -> Compiled<()> {
        self.enter()?;
        self.demand("{")?;
        loop {
            self.skip_ends()?;
            if self.accept("}")? {
                break;
            }
            self.statement()?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// The body of a loop or condition.
    fn body(&mut self) -> Compiled<()> {
        self.skip_newlines()?;
        if self.accept(";")? {
            return Ok(());
        }
        self.statement()
    }

    fn end_of_statement(&mut self) -> Compiled<()> {
        match self.token {
            Token::Mark(";") | Token::Newline => {
                self.advance()?;
                Ok(())
            }
            Token::Mark("}") | Token::End => Ok(()),
            _ => self.error(),
        }
    }

    fn statement(&mut self) -> Compiled<()> {
        self.enter()?;
        match &self.token {
            Token::Mark("{") => self.block()?,
            Token::Keyword("if") => self.if_statement()?,
            Token::Keyword("while") => self.while_statement()?,
            Token::Keyword("do") => self.do_statement()?,
            Token::Keyword("for") => self.for_statement()?,
            _ => {
                self.simple_statement()?;
                self.end_of_statement()?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn if_statement(&mut self) -> Compiled<()> {
        self.advance()?;
        self.demand("(")?;
        self.expression()?;
        self.demand(")")?;
        let skip = self.emit(Instruction::JumpIfFalse(0));
        self.body()?;
        // The `else` may come after newlines and one semicolon.
        while self.token == Token::Newline || self.is(";") {
            self.advance()?;
        }
        if self.accept("else")? {
            let end = self.emit(Instruction::Jump(0));
            self.patch(skip);
            self.body()?;
            self.patch(end);
        } else {
            self.patch(skip);
        }
        Ok(())
    }

    fn loop_body(&mut self, body: impl FnOnce(&mut Self) -> Compiled<()>) -> Compiled<Loop> {
        self.loops.push(Loop::default());
        body(self)?;
        Ok(self.loops.pop().unwrap_or_default())
    }

    fn patch_all(&mut self, places: &[usize]) {
        for place in places {
            self.patch(*place);
        }
    }

    fn while_statement(&mut self) -> Compiled<()> {
        self.advance()?;
        let start = self.here();
        self.demand("(")?;
        self.expression()?;
        self.demand(")")?;
        let exit = self.emit(Instruction::JumpIfFalse(0));
        let inner = self.loop_body(|compiler| compiler.body())?;
        self.patch_all(&inner.continues);
        self.emit(Instruction::Jump(start));
        self.patch(exit);
        self.patch_all(&inner.breaks);
        Ok(())
    }

    fn do_statement(&mut self) -> Compiled<()> {
        self.advance()?;
        let start = self.here();
        let inner = self.loop_body(|compiler| compiler.body())?;
        self.skip_ends()?;
        self.patch_all(&inner.continues);
        self.demand("while")?;
        self.demand("(")?;
        self.expression()?;
        self.demand(")")?;
        self.emit(Instruction::JumpIfTrue(start));
        self.patch_all(&inner.breaks);
        self.end_of_statement()
    }

    fn for_statement(&mut self) -> Compiled<()> {
        self.advance()?;
        self.demand("(")?;
        if !self.is(";") {
            if let Token::Name(name) = self.token.clone() {
                // `for (key in array)`, if that is what it turns out to be.
                let before = (self.here(), self.lexer_state());
                self.advance()?;
                if self.accept("in")? {
                    if let Token::Name(array) = self.token.clone() {
                        self.advance()?;
                        if self.accept(")")? {
                            return self.for_in(&name, &array);
                        }
                    }
                }
                self.restore(before.1);
                self.program.instructions.truncate(before.0);
            }
            self.simple_statement()?;
        }
        self.demand(";")?;
        self.skip_newlines()?;
        let start = self.here();
        let mut exit = None;
        if !self.is(";") {
            self.expression()?;
            exit = Some(self.emit(Instruction::JumpIfFalse(0)));
        }
        self.demand(";")?;
        self.skip_newlines()?;
        let to_body = self.emit(Instruction::Jump(0));
        let step = self.here();
        if !self.is(")") {
            self.simple_statement()?;
        }
        self.demand(")")?;
        self.emit(Instruction::Jump(start));
        self.patch(to_body);
        let inner = self.loop_body(|compiler| compiler.body())?;
        for place in inner.continues {
            if let Some(Instruction::Jump(target)) = self.program.instructions.get_mut(place) {
                *target = step;
            }
        }
        self.emit(Instruction::Jump(step));
        if let Some(exit) = exit {
            self.patch(exit);
        }
        self.patch_all(&inner.breaks);
        Ok(())
    }

    pub(super) fn lexer_state(&self) -> (Token, usize, usize) {
        let (position, line) = self.lexer.place();
        (self.token.clone(), position, line)
    }

    pub(super) fn restore(&mut self, (token, position, line): (Token, usize, usize)) {
        self.token = token;
        self.lexer.go_to(position, line);
    }

    fn for_in(&mut self, name: &str, array: &str) -> Compiled<()> {
        let array = self.slot(array);
        self.use_as_array(array);
        let variable = self.slot(name);
        self.emit(Instruction::Each(array));
        let next = self.emit(Instruction::NextKey(0));
        self.emit(Instruction::Store(variable));
        self.emit(Instruction::Drop);
        let inner = self.loop_body(|compiler| compiler.body())?;
        for place in inner.continues {
            if let Some(Instruction::Jump(target)) = self.program.instructions.get_mut(place) {
                *target = next;
            }
        }
        self.emit(Instruction::Jump(next));
        self.patch_all(&inner.breaks);
        self.patch(next);
        self.emit(Instruction::EndEach);
        Ok(())
    }

    fn simple_statement(&mut self) -> Compiled<()> {
        match self.token.clone() {
            Token::Keyword("print") => self.print(false),
            Token::Keyword("printf") => self.print(true),
            Token::Keyword(word @ ("break" | "continue")) => {
                self.advance()?;
                let jump = self.emit(Instruction::Jump(0));
                match self.loops.last_mut() {
                    Some(inner) if word == "break" => inner.breaks.push(jump),
                    Some(inner) => inner.continues.push(jump),
                    None => {
                        return self.fail(ErrorKind::BadUse("break or continue outside of a loop"));
                    }
                }
                Ok(())
            }
            Token::Keyword("next") => {
                self.advance()?;
                self.emit(Instruction::Next);
                Ok(())
            }
            Token::Keyword("nextfile") => {
                self.advance()?;
                self.emit(Instruction::NextFile);
                Ok(())
            }
            Token::Keyword(word @ ("exit" | "return")) => {
                self.advance()?;
                if matches!(self.token, Token::Mark(";" | "}") | Token::Newline | Token::End) {
                    // An exit without a status leaves the one before.
                    self.emit(match word {
                        "exit" => Instruction::Number(-1.0),
                        _ => Instruction::Text("".into()),
                    });
                } else {
                    self.expression()?;
                }
                self.emit(if word == "exit" { Instruction::Exit } else { Instruction::Return });
                Ok(())
            }
            Token::Keyword("delete") => {
                self.advance()?;
                let Token::Name(name) = self.advance()? else {
                    return self.error();
                };
                let slot = self.slot(&name);
                self.use_as_array(slot);
                if self.accept("[")? {
                    self.subscript()?;
                    self.emit(Instruction::Delete(slot));
                } else {
                    self.emit(Instruction::DeleteAll(slot));
                }
                Ok(())
            }
            _ => {
                self.expression()?;
                self.emit(Instruction::Drop);
                Ok(())
            }
        }
    }

    /// Subscripts up to `]`, joined.
    pub(super) fn subscript(&mut self) -> Compiled<()> {
        let mut count = 0;
        loop {
            self.expression()?;
            count += 1;
            if !self.accept(",")? {
                break;
            }
        }
        self.demand("]")?;
        self.emit(Instruction::Subscript(count));
        Ok(())
    }

    fn print(&mut self, formatted: bool) -> Compiled<()> {
        self.advance()?;
        let outer = std::mem::replace(&mut self.no_greater, true);
        let mut count = 0;
        let ends = |compiler: &Compiler| {
            matches!(
                compiler.token,
                Token::Mark(";" | "}" | ">" | ">>" | "|") | Token::Newline | Token::End
            )
        };
        if self.is("(") {
            count = self.parenthesised_list(&ends)?;
        } else if !ends(self) {
            loop {
                self.expression()?;
                count += 1;
                if !self.accept(",")? {
                    break;
                }
                self.skip_newlines()?;
            }
        }
        let redirection = match &self.token {
            Token::Mark(">") => Redirection::File,
            Token::Mark(">>") => Redirection::Append,
            Token::Mark("|") => Redirection::Pipe,
            _ => Redirection::None,
        };
        if redirection != Redirection::None {
            self.advance()?;
            self.concatenation()?;
        }
        self.no_greater = outer;
        self.emit(match formatted {
            true => Instruction::Printf(count, redirection),
            false => Instruction::Print(count, redirection),
        });
        Ok(())
    }

    /// `print (a, b)` and `print (a) b` begin alike.
    fn parenthesised_list(&mut self, ends: &dyn Fn(&Compiler) -> bool) -> Compiled<usize> {
        let before = (self.here(), self.lexer_state(), self.bare.len());
        self.advance()?;
        let outer = std::mem::replace(&mut self.no_greater, false);
        let mut count = 0;
        let mut is_list = true;
        loop {
            if self.expression().is_err() {
                is_list = false;
                break;
            }
            count += 1;
            if !self.accept(",")? {
                break;
            }
            self.skip_newlines()?;
        }
        self.no_greater = outer;
        if is_list && self.accept(")")? && ends(self) {
            return Ok(count);
        }
        self.restore(before.1);
        self.program.instructions.truncate(before.0);
        self.bare.truncate(before.2);
        count = 0;
        loop {
            self.expression()?;
            count += 1;
            if !self.accept(",")? {
                return Ok(count);
            }
            self.skip_newlines()?;
        }
    }
}
