//! Rules, functions and statements.

use super::{Compiled, Compiler, Instruction, Loop, Pattern, Redirection, Rule};
use crate::awk::lexer::{ErrorKind, Token};

impl Compiler {
    pub(super) fn whole(&mut self) -> Compiled<()> {
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
                if self.accept("in")?
                    && let Token::Name(array) = self.token.clone()
                {
                    self.advance()?;
                    if self.accept(")")? {
                        return self.for_in(&name, &array);
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

    pub(in crate::awk) fn lexer_state(&self) -> (Token, usize, usize) {
        let (position, line) = self.lexer.place();
        (self.token.clone(), position, line)
    }

    pub(in crate::awk) fn restore(&mut self, (token, position, line): (Token, usize, usize)) {
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
    pub(in crate::awk) fn subscript(&mut self) -> Compiled<()> {
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
