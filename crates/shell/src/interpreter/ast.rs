//! The syntax tree of the shell language.
//!
//! Whatever may run in a process of its own is behind an `Rc`, so that a subshell takes its part
//! of the tree along without copying it.

use std::cell::OnceCell;
use std::rc::Rc;

/// Commands one after another.
#[derive(Clone, Debug, Default)]
pub(crate) struct List(pub(crate) Rc<[Item]>);

#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) and_or: Rc<AndOr>,
    pub(crate) background: bool,
    /// The source, as `jobs` shows it.
    pub(crate) text: Rc<str>,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Debug)]
pub(crate) struct AndOr {
    pub(crate) first: Pipeline,
    pub(crate) rest: Vec<(Join, Pipeline)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    And,
    Or,
}

#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) negated: bool,
    pub(crate) timed: bool,
    /// At least one; the flag says that its standard error goes into the pipe too (`|&`).
    pub(crate) commands: Vec<(Rc<Command>, bool)>,
    pub(crate) text: Rc<str>,
}

#[derive(Debug)]
pub(crate) enum Command {
    Simple(Simple),
    Compound(Compound, Vec<Redirect>, u32),
    Function(Rc<str>, Rc<Function>),
}

/// A function's body, and its source for `type`.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) body: Command,
    pub(crate) text: Rc<str>,
}

#[derive(Debug, Default)]
pub(crate) struct Simple {
    pub(crate) line: u32,
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) words: Vec<Word>,
    /// Arrays that are assigned by a declaration (`declare a=(1 2)`).
    pub(crate) arrays: Vec<Assignment>,
    pub(crate) redirects: Vec<Redirect>,
    /// The source.
    pub(crate) text: Rc<str>,
}

#[derive(Debug)]
pub(crate) enum Compound {
    Group(List),
    Subshell(List),
    If {
        branches: Vec<(List, List)>,
        otherwise: Option<List>,
    },
    While {
        condition: List,
        until: bool,
        body: List,
    },
    /// The words come with their source, which `set -x` shows.
    For {
        name: Rc<str>,
        words: Option<(Vec<Word>, Rc<str>)>,
        body: List,
    },
    /// `for ((a; b; c))`
    Count {
        start: Word,
        test: Word,
        step: Word,
        body: List,
    },
    Select {
        name: Rc<str>,
        words: Option<Vec<Word>>,
        body: List,
    },
    Case {
        word: Word,
        arms: Vec<Arm>,
    },
    Arithmetic(Word),
    Conditional(Conditional),
}

#[derive(Debug)]
pub(crate) struct Arm {
    pub(crate) patterns: Vec<Word>,
    pub(crate) body: List,
    pub(crate) end: ArmEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArmEnd {
    /// `;;`
    Leave,
    /// `;&`
    FallThrough,
    /// `;;&`
    TestNext,
}

/// What stands between `[[` and `]]`.
#[derive(Debug)]
pub(crate) enum Conditional {
    Word(Word),
    Unary(Rc<str>, Word),
    Binary(Word, Rc<str>, Word),
    Not(Box<Conditional>),
    And(Box<Conditional>, Box<Conditional>),
    Or(Box<Conditional>, Box<Conditional>),
}

#[derive(Debug)]
pub(crate) struct Assignment {
    pub(crate) name: Rc<str>,
    pub(crate) subscript: Option<Word>,
    /// `+=`
    pub(crate) append: bool,
    pub(crate) value: Value,
}

#[derive(Debug)]
pub(crate) enum Value {
    Word(Word),
    /// `(a [1]=b c)`
    Array(Vec<(Option<Word>, Word)>),
}

#[derive(Debug)]
pub(crate) struct Redirect {
    /// The descriptor before the operator.
    pub(crate) descriptor: Option<u32>,
    /// bash's `{name}` before it: the variable that gets the descriptor's number.
    pub(crate) variable: Option<Rc<str>>,
    pub(crate) kind: RedirectKind,
    pub(crate) target: Word,
}

#[derive(Clone, Debug)]
pub(crate) enum RedirectKind {
    /// `<`
    Read,
    /// `>`, and `>|` which does not mind `noclobber`.
    Write { clobber: bool },
    /// `>>`
    Append,
    /// `<>`
    ReadWrite,
    /// `<&`
    CopyInput,
    /// `>&`
    CopyOutput,
    /// `&>` and `&>>`
    Both { append: bool },
    /// `<<`: the text comes after the line.
    HereDocument(Rc<OnceCell<Word>>),
    /// `<<<`
    HereString,
}

/// A word before expansion.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Word(pub(crate) Vec<Part>);

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    /// Unquoted text; within double quotes, text that is quoted by them.
    Literal(String),
    /// Text quoted by `'` or `\`.
    Quoted(String),
    DoubleQuoted(Vec<Part>),
    Parameter(Box<Parameter>),
    Command(Substitution),
    Arithmetic(Word),
    /// `<(..)`, or `>(..)` if the flag is set.
    Process(Substitution, bool),
}

/// The commands of a substitution. Two are equal if they are the same.
#[derive(Clone, Debug)]
pub(crate) struct Substitution(pub(crate) List);

impl PartialEq for Substitution {
    fn eq(&self, other: &Substitution) -> bool {
        Rc::ptr_eq(&self.0.0, &other.0.0)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) subscript: Option<Subscript>,
    /// `${!name}`
    pub(crate) indirect: bool,
    pub(crate) operation: Operation,
    /// The source between the braces, for messages.
    pub(crate) text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Subscript {
    /// `[@]`
    Each,
    /// `[*]`
    Joined,
    Index(Word),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operation {
    Value,
    Length,
    /// `:-` and its kin; `colon`: an empty value counts as unset.
    Default {
        colon: bool,
        word: Word,
    },
    Assign {
        colon: bool,
        word: Word,
    },
    Demand {
        colon: bool,
        word: Word,
    },
    Alternative {
        colon: bool,
        word: Word,
    },
    RemovePrefix {
        longest: bool,
        pattern: Word,
    },
    RemoveSuffix {
        longest: bool,
        pattern: Word,
    },
    Substring {
        offset: Word,
        length: Option<Word>,
    },
    Replace {
        pattern: Word,
        replacement: Word,
        which: Which,
    },
    ChangeCase {
        upper: bool,
        all: bool,
        pattern: Word,
    },
    /// `${!prefix*}`, `${!prefix@}`
    Names,
    /// `${!array[@]}`
    Keys,
    /// `${name@Q}`
    Transform(char),
    /// What the dialect does not know; complained about when it is expanded.
    Bad,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    First,
    All,
    AtStart,
    AtEnd,
}

impl Word {
    pub(crate) fn literal(text: impl Into<String>) -> Word {
        Word(vec![Part::Literal(text.into())])
    }

    /// Its text if nothing in it is quoted or expanded.
    pub(crate) fn as_literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether any of it is quoted.
    pub(crate) fn is_quoted(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Quoted(_) | Part::DoubleQuoted(_)))
    }

    /// If it is `name=value`: both, so that the value is expanded as in an assignment.
    pub(crate) fn split_assignment(&self) -> Option<(String, Word)> {
        let Some(Part::Literal(text)) = self.0.first() else {
            return None;
        };
        let (name, value) = text.split_once('=')?;
        if !super::substitution::is_name(name.strip_suffix('+').unwrap_or(name)) {
            return None;
        }
        let mut parts = self.0.clone();
        match parts.first_mut() {
            Some(first) if !value.is_empty() => *first = Part::Literal(value.to_owned()),
            _ => drop(parts.remove(0)),
        }
        Some((format!("{name}="), Word(parts)))
    }

    /// Its text with the quotes removed and nothing expanded: a here-document's delimiter.
    pub(crate) fn unquoted(&self) -> String {
        fn collect(parts: &[Part], text: &mut String) {
            for part in parts {
                match part {
                    Part::Literal(literal) | Part::Quoted(literal) => text.push_str(literal),
                    Part::DoubleQuoted(inner) => collect(inner, text),
                    Part::Parameter(parameter) => {
                        text.push('$');
                        text.push_str(&parameter.text);
                    }
                    _ => {}
                }
            }
        }
        let mut text = String::new();
        collect(&self.0, &mut text);
        text
    }
}
