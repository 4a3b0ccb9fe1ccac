//! Applying a template to a document.

use super::datum::Datum;
use super::format::quote;
use super::node::{Branch, Command, List, Node, Pipe, Word};
use super::parse::Tree;
use crate::Value;
use crate::jsonpath::Missing;
use std::fmt;

/// Lists, pipes and calls may be nested so deeply. Go allows templates to call each other 100,000
/// times and says so; who gets here would get there.
const DEEPEST: usize = 250;
/// So many nodes may be executed.
const MOST_STEPS: usize = 5_000_000;
/// So many bytes may be written.
const LONGEST: usize = 32 << 20;

/// Executes a template. Returns what was written and, if it failed, Go's message.
pub(super) fn execute(
    tree: &Tree,
    text: &str,
    missing: Missing,
    document: &Value,
) -> (String, Option<String>) {
    let root = Datum::known(document.clone());
    let mut run = Run {
        tree,
        text,
        missing,
        out: String::new(),
        name: "output",
        node: Place::Text,
        variables: vec![("$".to_owned(), root.clone())],
        depth: 0,
        steps: 0,
    };
    let failure = run.list(&root, &tree.main).err();
    (run.out, failure)
}

/// The node that an error is about: always the one that was looked at last.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Text,
    Pipe(&'a Pipe),
    Command(&'a Command),
    Word(&'a Word),
    Template { at: usize, name: &'a str, pipe: Option<&'a Pipe> },
}

impl Place<'_> {
    fn at(&self) -> usize {
        match self {
            Place::Text => 0,
            Place::Pipe(pipe) => pipe.at,
            Place::Command(command) => command.at,
            Place::Word(word) => word.at,
            Place::Template { at, .. } => *at,
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Text => Ok(()),
            Place::Pipe(pipe) => pipe.fmt(f),
            Place::Command(command) => command.fmt(f),
            Place::Word(word) => word.operand.fmt(f),
            Place::Template { name, pipe, .. } => {
                write!(f, "{{{{template {}", quote(name))?;
                if let Some(pipe) = pipe {
                    write!(f, " {pipe}")?;
                }
                f.write_str("}}")
            }
        }
    }
}

/// How a list of nodes ended.
#[derive(Clone, Copy, PartialEq)]
enum Flow {
    Next,
    Break,
    Continue,
}

pub(super) type Executed<T> = Result<T, String>;

pub(super) struct Run<'a> {
    tree: &'a Tree,
    text: &'a str,
    pub(super) missing: Missing,
    out: String,
    /// The name of the template that is executed.
    name: &'a str,
    pub(super) node: Place<'a>,
    /// Later variables hide earlier ones of the same name.
    pub(super) variables: Vec<(String, Datum)>,
    pub(super) depth: usize,
    steps: usize,
}

impl<'a> Run<'a> {
    pub(super) fn fail<T>(&self, problem: impl fmt::Display) -> Executed<T> {
        let before = &self.text[..self.node.at()];
        let line = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.len() - line_start;
        let name = quote(self.name);
        Err(format!(
            "template: output:{line}:{column}: executing {name} at <{}>: {problem}",
            self.node
        ))
    }

    pub(super) fn step(&mut self) -> Executed<()> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return self.fail(format_args!("more than {MOST_STEPS} steps"));
        }
        if self.out.len() > LONGEST {
            return self.fail(format_args!("more than {LONGEST} bytes of output"));
        }
        Ok(())
    }

    /// Goes one level deeper; whoever succeeds comes back.
    pub(super) fn descend(&mut self) -> Executed<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.fail("exceeded maximum template depth (100000)");
        }
        Ok(())
    }

    fn list(&mut self, dot: &Datum, list: &'a List) -> Executed<Flow> {
        self.descend()?;
        let mut flow = Flow::Next;
        for node in list {
            self.step()?;
            flow = self.node(dot, node)?;
            if flow != Flow::Next {
                break;
            }
        }
        self.depth -= 1;
        Ok(flow)
    }

    fn node(&mut self, dot: &Datum, node: &'a Node) -> Executed<Flow> {
        match node {
            Node::Text(text) => self.out.push_str(text),
            Node::Action(pipe) => {
                let value = self.pipe(dot, pipe)?;
                if pipe.variables.is_empty() {
                    self.out.push_str(&value.print());
                }
            }
            Node::If(branch) => return self.condition(dot, branch, false),
            Node::With(branch) => return self.condition(dot, branch, true),
            Node::Range(branch) => {
                let known = self.variables.len();
                let flow = self.range(dot, branch)?;
                self.variables.truncate(known);
                return Ok(flow);
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
            Node::Template { name, pipe, at } => self.template(dot, name, pipe.as_ref(), *at)?,
        }
        Ok(Flow::Next)
    }

    fn condition(&mut self, dot: &Datum, branch: &'a Branch, is_with: bool) -> Executed<Flow> {
        let known = self.variables.len();
        let value = self.pipe(dot, &branch.pipe)?;
        let flow = if !value.is_true() {
            self.list(dot, &branch.otherwise)?
        } else if is_with {
            self.list(&value, &branch.list)?
        } else {
            self.list(dot, &branch.list)?
        };
        self.variables.truncate(known);
        Ok(flow)
    }

    fn range(&mut self, dot: &Datum, branch: &'a Branch) -> Executed<Flow> {
        let value = self.pipe(dot, &branch.pipe)?;
        let items: Vec<(Datum, Datum)> = match value.value() {
            Value::Null => Vec::new(),
            Value::List(list) => {
                let numbered = list.iter().enumerate();
                numbered.map(|(at, item)| (Datum::Int(at as i64), Datum::boxed(item))).collect()
            }
            Value::Map(map) => {
                let entry = |(key, value): (&crate::Key, &Value)| {
                    (Datum::known(key.as_str().to_owned()), Datum::boxed(value))
                };
                map.iter().map(entry).collect()
            }
            other => {
                let other = super::format::plain(&other);
                return self.fail(format_args!("range can't iterate over {other}"));
            }
        };
        if items.is_empty() {
            return self.list(dot, &branch.otherwise);
        }
        let known = self.variables.len();
        for (index, item) in items {
            self.step()?;
            self.set_loop_variables(&branch.pipe, index, &item)?;
            let flow = self.list(&item, &branch.list)?;
            self.variables.truncate(known);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::Next)
    }

    /// One variable is the item, two are the index and the item.
    fn set_loop_variables(&mut self, pipe: &Pipe, index: Datum, item: &Datum) -> Executed<()> {
        let values = match pipe.variables.len() {
            0 => return Ok(()),
            1 => vec![item.clone()],
            _ => vec![index, item.clone()],
        };
        let top = self.variables.len();
        for (at, value) in values.into_iter().enumerate() {
            if pipe.assigns {
                self.assign(&pipe.variables[at], value)?;
            } else {
                self.variables[top - pipe.variables.len() + at].1 = value;
            }
        }
        Ok(())
    }

    fn template(
        &mut self,
        dot: &Datum,
        name: &'a str,
        pipe: Option<&'a Pipe>,
        at: usize,
    ) -> Executed<()> {
        self.node = Place::Template { at, name, pipe };
        let Some((name, list)) = self.tree.defined.get_key_value(name) else {
            return self.fail(format_args!("template {} not defined", quote(name)));
        };
        self.descend()?;
        let dot = match pipe {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Datum::Missing,
        };
        let variables = vec![("$".to_owned(), dot.clone())];
        let variables = std::mem::replace(&mut self.variables, variables);
        let outer_name = std::mem::replace(&mut self.name, name);
        self.list(&dot, list)?;
        self.depth -= 1;
        self.name = outer_name;
        self.variables = variables;
        Ok(())
    }

    pub(super) fn assign(&mut self, name: &str, value: Datum) -> Executed<()> {
        match self.variables.iter_mut().rev().find(|(known, _)| known == name) {
            Some((_, variable)) => {
                *variable = value;
                Ok(())
            }
            None => self.fail(format_args!("undefined variable: {name}")),
        }
    }
}
