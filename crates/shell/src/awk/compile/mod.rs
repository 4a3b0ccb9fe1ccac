//! Programs: patterns, actions, functions and statements into instructions.

mod statement;

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
