//! The tree of a template, and how error texts show its parts.

use std::fmt;

/// A list of what follows one another.
pub(super) type List = Vec<Node>;

/// A part of a template.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(String),
    /// `{{.name}}`, `{{$x := .name}}`
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    Break,
    Continue,
    /// `{{template "name" .}}`
    Template {
        name: String,
        pipe: Option<Pipe>,
        at: usize,
    },
}

/// A condition and what it decides about.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) pipe: Pipe,
    pub(super) list: List,
    pub(super) otherwise: List,
}

/// Commands that hand on their results.
#[derive(Clone, Debug)]
pub(super) struct Pipe {
    pub(super) at: usize,
    /// The names of variables that are set.
    pub(super) variables: Vec<String>,
    /// Whether they exist already.
    pub(super) assigns: bool,
    pub(super) commands: Vec<Command>,
}

/// A function or a value, and what it is applied to.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) at: usize,
    /// At least one.
    pub(super) words: Vec<Word>,
}

/// An operand and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) at: usize,
    pub(super) operand: Operand,
}

#[derive(Clone, Debug)]
pub(super) enum Operand {
    Dot,
    Nil,
    Bool(bool),
    /// The text, and what it means.
    Number(String, Number),
    /// The text with its quotes, and what it means.
    Text(String, String),
    /// A function.
    Function(String),
    /// `.a.b`
    Field(Vec<String>),
    /// `$x.a.b`: the variable comes first.
    Variable(Vec<String>),
    /// `(...)`
    Pipe(Pipe),
    /// `(...).a.b`
    Chain(Box<Word>, Vec<String>),
}

/// A number literal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
    /// A whole number beyond `int`.
    Overflow,
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            let sign = if self.assigns { "=" } else { ":=" };
            write!(f, "{} {sign} ", self.variables.join(", "))?;
        }
        for (at, command) in self.commands.iter().enumerate() {
            if at > 0 {
                f.write_str(" | ")?;
            }
            command.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.words.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            match &word.operand {
                Operand::Pipe(pipe) => write!(f, "({pipe})")?,
                operand => operand.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::Dot => f.write_str("."),
            Operand::Nil => f.write_str("nil"),
            Operand::Bool(flag) => flag.fmt(f),
            Operand::Number(text, _) | Operand::Text(text, _) => f.write_str(text),
            Operand::Function(name) => f.write_str(name),
            Operand::Field(names) => names.iter().try_for_each(|name| write!(f, ".{name}")),
            Operand::Variable(names) => f.write_str(&names.join(".")),
            Operand::Pipe(pipe) => pipe.fmt(f),
            Operand::Chain(word, names) => {
                match &word.operand {
                    Operand::Pipe(pipe) => write!(f, "({pipe})")?,
                    operand => operand.fmt(f)?,
                }
                names.iter().try_for_each(|name| write!(f, ".{name}"))
            }
        }
    }
}
