//! What pipes, commands and their operands are worth.

use super::datum::Datum;
use super::execute::{Executed, Place, Run};
use super::format::quote;
use super::functions::{FUNCTIONS, Function, Parameter};
use super::node::{Command, Number, Operand, Pipe, Word};
use crate::Value;
use crate::jsonpath::Missing;

impl<'a> Run<'a> {
    pub(super) fn pipe(&mut self, dot: &Datum, pipe: &'a Pipe) -> Executed<Datum> {
        self.descend()?;
        self.node = Place::Pipe(pipe);
        let mut last = None;
        for command in &pipe.commands {
            self.step()?;
            let value = self.command(dot, command, last)?;
            last = Some(value.unboxed());
        }
        let value = last.unwrap_or(Datum::Missing);
        for name in &pipe.variables {
            if pipe.assigns {
                self.assign(name, value.clone())?;
            } else {
                self.variables.push((name.clone(), value.clone()));
            }
        }
        self.depth -= 1;
        Ok(value)
    }

    /// Executes a command; `last` is what the command before it gave.
    fn command(
        &mut self,
        dot: &Datum,
        command: &'a Command,
        last: Option<Datum>,
    ) -> Executed<Datum> {
        let word = &command.words[0];
        let has_arguments = command.words.len() > 1 || last.is_some();
        match &word.operand {
            Operand::Function(name) => {
                let arguments = &command.words[1..];
                self.function(dot, word, name, Place::Command(command), arguments, last)
            }
            Operand::Field(_) | Operand::Variable(_) | Operand::Chain(..) => {
                self.named(dot, word, has_arguments)
            }
            Operand::Pipe(pipe) => {
                self.refuse_arguments(word, has_arguments)?;
                self.pipe(dot, pipe)
            }
            operand => {
                self.node = Place::Word(word);
                self.refuse_arguments(word, has_arguments)?;
                match operand {
                    Operand::Nil => self.fail("nil is not a command"),
                    Operand::Dot => Ok(dot.clone()),
                    _ => self.constant(word),
                }
            }
        }
    }

    fn refuse_arguments(&self, word: &Word, has_arguments: bool) -> Executed<()> {
        if !has_arguments {
            return Ok(());
        }
        let shown = match &word.operand {
            Operand::Pipe(pipe) => pipe.to_string(),
            operand => operand.to_string(),
        };
        self.fail(format_args!("can't give argument to non-function {shown}"))
    }

    fn constant(&mut self, word: &'a Word) -> Executed<Datum> {
        self.node = Place::Word(word);
        Ok(match &word.operand {
            Operand::Bool(flag) => Datum::known(*flag),
            Operand::Text(_, text) => Datum::known(text.clone()),
            Operand::Number(_, Number::Int(number)) => Datum::Int(*number),
            Operand::Number(_, Number::Float(number)) => Datum::known(*number),
            Operand::Number(text, Number::Overflow) => {
                return self.fail(format_args!("{text} overflows int"));
            }
            _ => Datum::Missing,
        })
    }

    /// A field, a variable or a chain of fields.
    fn named(&mut self, dot: &Datum, word: &'a Word, has_arguments: bool) -> Executed<Datum> {
        self.node = Place::Word(word);
        match &word.operand {
            Operand::Field(names) => self.fields(dot.clone(), names, has_arguments),
            Operand::Variable(names) => {
                let known = self.variables.iter().rev().find(|(known, _)| *known == names[0]);
                let Some((_, value)) = known else {
                    return self.fail(format_args!("undefined variable: {}", names[0]));
                };
                let value = value.clone();
                if names.len() == 1 {
                    self.refuse_arguments(word, has_arguments)?;
                    return Ok(value);
                }
                self.fields(value, &names[1..], has_arguments)
            }
            Operand::Chain(first, names) => {
                let value = self.argument(dot, first, Parameter::Any)?;
                self.fields(value, names, has_arguments)
            }
            _ => Ok(Datum::Missing),
        }
    }

    fn fields(&mut self, value: Datum, names: &[String], has_arguments: bool) -> Executed<Datum> {
        let last = names.len() - 1;
        let mut value = value;
        for (at, name) in names.iter().enumerate() {
            value = self.field(value, name, has_arguments && at == last)?;
        }
        Ok(value)
    }

    fn field(&mut self, value: Datum, name: &str, has_arguments: bool) -> Executed<Datum> {
        let type_name = value.static_type_name();
        let map = match &value {
            Datum::Missing if self.missing == Missing::Refused => {
                let name = quote(name);
                return self.fail(format_args!("nil data; no entry for key {name}"));
            }
            Datum::Missing => return Ok(Datum::Missing),
            Datum::Value { value: Value::Null, .. } => {
                return self.fail(format_args!("nil pointer evaluating {type_name}.{name}"));
            }
            Datum::Value { value: Value::Map(map), .. } => map,
            _ => {
                let problem = format_args!("can't evaluate field {name} in type {type_name}");
                return self.fail(problem);
            }
        };
        if has_arguments {
            return self.fail(format_args!("{name} is not a method but has arguments"));
        }
        match (map.get_str(name), self.missing) {
            (Some(value), _) => Ok(Datum::boxed(value)),
            (None, Missing::Allowed) => Ok(Datum::Missing),
            (None, Missing::Refused) => {
                self.fail(format_args!("map has no entry for key {}", quote(name)))
            }
        }
    }

    /// Calls a function; an error of its own is about `whole`.
    fn function(
        &mut self,
        dot: &Datum,
        word: &'a Word,
        name: &str,
        whole: Place<'a>,
        arguments: &'a [Word],
        last: Option<Datum>,
    ) -> Executed<Datum> {
        self.node = Place::Word(word);
        let Some(function) = FUNCTIONS.iter().find(|function| function.name == name) else {
            return self.fail(format_args!("{} is not a defined function", quote(name)));
        };
        self.check_count(function, arguments.len() + usize::from(last.is_some()))?;
        if matches!(name, "and" | "or") {
            return self.short_circuit(dot, name == "or", arguments, last);
        }
        let parameter = |at: usize| function.fixed.get(at).copied().unwrap_or(Parameter::Any);
        let mut values = Vec::with_capacity(arguments.len() + 1);
        for (at, argument) in arguments.iter().enumerate() {
            values.push(self.argument(dot, argument, parameter(at))?);
        }
        if let Some(last) = last {
            values.push(self.checked(last, parameter(values.len()))?);
        }
        (function.call)(&values).or_else(|problem| {
            self.node = whole;
            self.fail(format_args!("error calling {name}: {problem}"))
        })
    }

    fn check_count(&self, function: &Function, count: usize) -> Executed<()> {
        let wanted = function.fixed.len();
        let name = function.name;
        if function.variadic && count < wanted {
            return self.fail(format_args!(
                "wrong number of args for {name}: want at least {wanted} got {count}"
            ));
        }
        if !function.variadic && count != wanted {
            return self
                .fail(format_args!("wrong number of args for {name}: want {wanted} got {count}"));
        }
        Ok(())
    }

    /// `and` stops at what is false, `or` at what is true.
    fn short_circuit(
        &mut self,
        dot: &Datum,
        stops_at: bool,
        arguments: &'a [Word],
        last: Option<Datum>,
    ) -> Executed<Datum> {
        let mut value = Datum::Missing;
        for argument in arguments {
            value = self.argument(dot, argument, Parameter::Any)?;
            if value.is_true() == stops_at {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    fn argument(&mut self, dot: &Datum, word: &'a Word, parameter: Parameter) -> Executed<Datum> {
        self.node = Place::Word(word);
        let value = match &word.operand {
            Operand::Dot => dot.clone(),
            Operand::Nil if parameter == Parameter::Any => return Ok(Datum::Missing),
            Operand::Nil => return self.fail("cannot assign nil to string"),
            Operand::Field(_) | Operand::Variable(_) | Operand::Chain(..) => {
                self.named(dot, word, false)?
            }
            Operand::Pipe(pipe) => self.pipe(dot, pipe)?,
            Operand::Function(name) => {
                self.function(dot, word, name, Place::Word(word), &[], None)?
            }
            operand => {
                let is_text = matches!(operand, Operand::Text(..));
                if parameter == Parameter::Text && !is_text {
                    return self.fail(format_args!("expected string; found {operand}"));
                }
                return self.constant(word);
            }
        };
        self.checked(value, parameter)
    }

    /// Refuses what is no string where a string is wanted.
    fn checked(&mut self, value: Datum, parameter: Parameter) -> Executed<Datum> {
        if parameter == Parameter::Any || value.as_text().is_some() {
            return Ok(value);
        }
        let type_name = match &value {
            Datum::Missing => return self.fail("invalid value; expected string"),
            Datum::Value { value: Value::Null, .. } => "interface {}",
            other => other.type_name(),
        };
        self.fail(format_args!("wrong type for value; expected string; got {type_name}"))
    }
}
