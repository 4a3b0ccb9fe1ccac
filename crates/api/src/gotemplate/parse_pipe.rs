//! Pipes: commands, their operands, and the variables they set.

use super::format::quote;
use super::lex::Kind;
use super::literal;
use super::node::{Command, Operand, Pipe, Word};
use super::parse::{DEEPEST, Parsed, Parser};

impl Parser<'_> {
    pub(super) fn pipe(&mut self, place: &str, end: Kind) -> Parsed<Pipe> {
        let mut pipe = Pipe {
            at: self.peek_non_space().at,
            variables: Vec::new(),
            assigns: false,
            commands: Vec::new(),
        };
        self.declarations(&mut pipe, place)?;
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::Character
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParenthesis => {
                    self.backup();
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                _ => return self.unexpected(&token, place),
            }
        }
        check(&pipe, place)?;
        Ok(pipe)
    }

    /// `$x :=`, `$x =` or, in a range, `$i, $x :=`
    fn declarations(&mut self, pipe: &mut Pipe, place: &str) -> Parsed<()> {
        while self.peek_non_space().kind == Kind::Variable {
            let variable_at = self.at;
            let variable = self.next();
            let token = self.peek_non_space().clone();
            let is_comma = token.kind == Kind::Sign && token.text == ",";
            if !is_comma && !matches!(token.kind, Kind::Assign | Kind::Declare) {
                self.at = variable_at;
                return Ok(());
            }
            self.next_non_space();
            pipe.variables.push(variable.text.clone());
            self.variables.push(variable.text);
            if !is_comma {
                pipe.assigns = token.kind == Kind::Assign;
                return Ok(());
            }
            if place != "range" || pipe.variables.len() >= 2 {
                return Err(format!("too many declarations in {place}"));
            }
            let is_list_end = matches!(
                self.peek_non_space().kind,
                Kind::Variable | Kind::RightDelimiter | Kind::RightParenthesis
            );
            if !is_list_end {
                return Err("range can only initialize variables".to_owned());
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Parsed<Command> {
        let mut command = Command { at: self.peek_non_space().at, words: Vec::new() };
        loop {
            self.peek_non_space();
            if let Some(word) = self.operand()? {
                command.words.push(word);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelimiter | Kind::RightParenthesis => self.backup(),
                Kind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        if command.words.is_empty() {
            return Err("empty command".to_owned());
        }
        Ok(command)
    }

    /// A term and the fields behind it.
    fn operand(&mut self) -> Parsed<Option<Word>> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        let chain_at = self.peek().at;
        let mut names = Vec::new();
        while self.peek().kind == Kind::Field {
            names.push(self.next().text[1..].to_owned());
        }
        if names.is_empty() {
            return Ok(Some(term));
        }
        let at = chain_at;
        let operand = match term.operand {
            Operand::Field(mut first) => {
                first.extend(names);
                Operand::Field(first)
            }
            Operand::Variable(mut first) => {
                first.extend(names);
                Operand::Variable(first)
            }
            Operand::Pipe(_) | Operand::Function(_) | Operand::Chain(..) => {
                Operand::Chain(Box::new(term), names)
            }
            operand => {
                let term = quote(&operand.to_string());
                return Err(format!("unexpected . after term {term}"));
            }
        };
        Ok(Some(Word { at, operand }))
    }

    fn term(&mut self) -> Parsed<Option<Word>> {
        let token = self.next_non_space();
        let at = token.at;
        let operand = match token.kind {
            Kind::Identifier => {
                if !self.functions.contains(&token.text.as_str()) {
                    return Err(format!("function {} not defined", quote(&token.text)));
                }
                Operand::Function(token.text)
            }
            Kind::Dot => Operand::Dot,
            Kind::Nil => Operand::Nil,
            Kind::Variable => {
                if !self.variables.contains(&token.text) {
                    return Err(format!("undefined variable {}", quote(&token.text)));
                }
                Operand::Variable(vec![token.text])
            }
            Kind::Field => Operand::Field(vec![token.text[1..].to_owned()]),
            Kind::Bool => Operand::Bool(token.text == "true"),
            Kind::Character => {
                let number = literal::character(&token.text)?;
                Operand::Number(token.text, number)
            }
            Kind::Number => {
                let number = literal::number(&token.text)?;
                Operand::Number(token.text, number)
            }
            Kind::LeftParenthesis => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(format!("parentheses are nested more than {DEEPEST} deep"));
                }
                let pipe = self.pipe("parenthesized pipeline", Kind::RightParenthesis)?;
                self.depth -= 1;
                Operand::Pipe(pipe)
            }
            Kind::String | Kind::RawString => {
                let value = literal::string(&token.text)?;
                Operand::Text(token.text, value)
            }
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        Ok(Some(Word { at, operand }))
    }
}

/// A pipe has commands, and those behind the first one are functions.
fn check(pipe: &Pipe, place: &str) -> Parsed<()> {
    if pipe.commands.is_empty() {
        return Err(format!("missing value for {place}"));
    }
    let is_constant = |command: &Command| {
        matches!(
            command.words[0].operand,
            Operand::Bool(_)
                | Operand::Dot
                | Operand::Nil
                | Operand::Number(..)
                | Operand::Text(..)
        )
    };
    match pipe.commands.iter().skip(1).position(is_constant) {
        Some(at) => Err(format!("non executable command in pipeline stage {}", at + 2)),
        None => Ok(()),
    }
}
