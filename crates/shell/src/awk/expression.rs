//! Expressions into instructions, the loosest operator first.

use super::compile::{Changed, Compiled, Compiler, Instruction, Origin, Slot};
use super::functions::BUILTINS;
use super::lexer::{ErrorKind, Token};

/// Something that can be assigned to, and the instructions that name it.
enum Target {
    Variable(Slot),
    /// The field's number is on the stack.
    Field,
    /// The subscript is on the stack.
    Element(Slot),
}

const ASSIGNMENTS: [(&str, &str); 7] =
    [("=", ""), ("+=", "+"), ("-=", "-"), ("*=", "*"), ("/=", "/"), ("%=", "%"), ("^=", "^")];

impl Compiler {
    pub(super) fn expression(&mut self) -> Compiled<()> {
        self.enter()?;
        self.ternary()?;
        self.depth -= 1;
        Ok(())
    }

    fn ternary(&mut self) -> Compiled<()> {
        self.or()?;
        if !self.accept("?")? {
            return Ok(());
        }
        self.skip_newlines()?;
        let otherwise = self.emit(Instruction::JumpIfFalse(0));
        self.expression()?;
        self.skip_newlines()?;
        self.demand(":")?;
        self.skip_newlines()?;
        let end = self.emit(Instruction::Jump(0));
        self.patch(otherwise);
        self.expression()?;
        self.patch(end);
        Ok(())
    }

    fn or(&mut self) -> Compiled<()> {
        self.and()?;
        while self.accept("||")? {
            self.skip_newlines()?;
            self.emit(Instruction::ToBoolean);
            self.emit(Instruction::Duplicate);
            let end = self.emit(Instruction::JumpIfTrue(0));
            self.emit(Instruction::Drop);
            self.and()?;
            self.emit(Instruction::ToBoolean);
            self.patch(end);
        }
        Ok(())
    }

    fn and(&mut self) -> Compiled<()> {
        self.membership()?;
        while self.accept("&&")? {
            self.skip_newlines()?;
            self.emit(Instruction::ToBoolean);
            self.emit(Instruction::Duplicate);
            let end = self.emit(Instruction::JumpIfFalse(0));
            self.emit(Instruction::Drop);
            self.membership()?;
            self.emit(Instruction::ToBoolean);
            self.patch(end);
        }
        Ok(())
    }

    fn membership(&mut self) -> Compiled<()> {
        self.matching()?;
        while !self.no_in && self.is("in") {
            self.advance()?;
            let Token::Name(name) = self.advance()? else {
                return self.error();
            };
            let slot = self.slot(&name);
            self.use_as_array(slot);
            self.emit(Instruction::In(slot));
        }
        Ok(())
    }

    fn matching(&mut self) -> Compiled<()> {
        self.comparison()?;
        while let Token::Mark(mark @ ("~" | "!~")) = self.token {
            self.advance()?;
            self.regex_operand()?;
            self.emit(Instruction::Match(mark == "~"));
        }
        Ok(())
    }

    /// An operand of `~`, where `/../` is the expression and no match of `$0`.
    fn regex_operand(&mut self) -> Compiled<()> {
        if let Token::Regex(text) = self.token.clone() {
            self.advance()?;
            let regex = self.regex(&text)?;
            self.emit(Instruction::Regex(regex, text.into()));
            return Ok(());
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Compiled<()> {
        self.concatenation()?;
        while let Token::Mark(mark @ ("<" | "<=" | "==" | "!=" | ">" | ">=")) = self.token {
            if mark == ">" && self.no_greater {
                return Ok(());
            }
            self.advance()?;
            self.concatenation()?;
            self.emit(Instruction::Compare(mark));
        }
        if self.is("|") && self.pipes_to_getline()? {
            self.getline_target(Origin::Command)?;
            return self.comparison_after_getline();
        }
        Ok(())
    }

    fn comparison_after_getline(&mut self) -> Compiled<()> {
        while let Token::Mark(mark @ ("<" | "<=" | "==" | "!=" | ">" | ">=")) = self.token {
            if mark == ">" && self.no_greater {
                return Ok(());
            }
            self.advance()?;
            self.concatenation()?;
            self.emit(Instruction::Compare(mark));
        }
        Ok(())
    }

    /// Passes over `| getline`; after `print` a `|` may also lead to a command.
    fn pipes_to_getline(&mut self) -> Compiled<bool> {
        let before = self.lexer_state();
        self.advance()?;
        if self.accept("getline")? {
            return Ok(true);
        }
        if !self.no_greater {
            return self.error();
        }
        self.restore(before);
        Ok(false)
    }

    pub(super) fn concatenation(&mut self) -> Compiled<()> {
        self.additive()?;
        while self.begins_operand() {
            self.additive()?;
            self.emit(Instruction::Concatenate);
        }
        Ok(())
    }

    fn begins_operand(&self) -> bool {
        match &self.token {
            Token::Number(_)
            | Token::Text(_)
            | Token::Regex(_)
            | Token::Name(_)
            | Token::Call(_) => true,
            Token::Mark(mark) => matches!(*mark, "$" | "!" | "(" | "-" | "+" | "++" | "--"),
            _ => false,
        }
    }

    fn additive(&mut self) -> Compiled<()> {
        self.multiplicative()?;
        while let Token::Mark(mark @ ("+" | "-")) = self.token {
            self.advance()?;
            self.multiplicative()?;
            self.emit(Instruction::Binary(mark));
        }
        Ok(())
    }

    fn multiplicative(&mut self) -> Compiled<()> {
        self.unary()?;
        while let Token::Mark(mark @ ("*" | "/" | "%")) = self.token {
            self.advance()?;
            self.unary()?;
            self.emit(Instruction::Binary(mark));
        }
        Ok(())
    }

    fn unary(&mut self) -> Compiled<()> {
        self.enter()?;
        match self.token {
            Token::Mark("!") => {
                self.advance()?;
                self.unary()?;
                self.emit(Instruction::Not);
            }
            Token::Mark("-") => {
                self.advance()?;
                self.unary()?;
                self.emit(Instruction::Negate);
            }
            Token::Mark("+") => {
                self.advance()?;
                self.unary()?;
                self.emit(Instruction::ToNumber);
            }
            _ => self.power()?,
        }
        self.depth -= 1;
        Ok(())
    }

    fn power(&mut self) -> Compiled<()> {
        self.postfix()?;
        if self.accept("^")? {
            // To the right, and a sign may follow.
            self.unary()?;
            self.emit(Instruction::Binary("^"));
        }
        Ok(())
    }

    fn postfix(&mut self) -> Compiled<()> {
        if let Token::Mark(mark @ ("++" | "--")) = self.token {
            self.advance()?;
            let step = if mark == "++" { 1.0 } else { -1.0 };
            return match self.target()? {
                Some(target) => {
                    self.increment(&target, step, false);
                    Ok(())
                }
                None => self.error(),
            };
        }
        let Some(target) = self.target()? else {
            return self.primary();
        };
        if let Token::Mark(mark @ ("++" | "--")) = self.token {
            self.advance()?;
            self.increment(&target, if mark == "++" { 1.0 } else { -1.0 }, true);
            return Ok(());
        }
        let assignment = ASSIGNMENTS.iter().find(|(mark, _)| self.is(mark));
        match assignment {
            Some((_, operator)) => {
                self.advance()?;
                self.skip_newlines()?;
                self.assignment(&target, operator)
            }
            None => {
                self.load(&target);
                Ok(())
            }
        }
    }

    fn increment(&mut self, target: &Target, step: f64, after: bool) {
        self.emit(match target {
            Target::Variable(slot) => Instruction::Increment(*slot, step, after),
            Target::Field => Instruction::IncrementField(step, after),
            Target::Element(slot) => Instruction::IncrementElement(*slot, step, after),
        });
    }

    fn load(&mut self, target: &Target) {
        self.emit(match target {
            Target::Variable(slot) => Instruction::Load(*slot),
            Target::Field => Instruction::Field,
            Target::Element(slot) => Instruction::Element(*slot),
        });
    }

    fn assignment(&mut self, target: &Target, operator: &'static str) -> Compiled<()> {
        if !operator.is_empty() {
            if !matches!(target, Target::Variable(_)) {
                self.emit(Instruction::Duplicate);
            }
            self.load(target);
        }
        self.expression()?;
        if !operator.is_empty() {
            self.emit(Instruction::Binary(operator));
        }
        self.emit(match target {
            Target::Variable(slot) => Instruction::Store(*slot),
            Target::Field => Instruction::StoreField,
            Target::Element(slot) => Instruction::StoreElement(*slot),
        });
        Ok(())
    }

    /// A variable, field or element, if one comes next.
    fn target(&mut self) -> Compiled<Option<Target>> {
        match self.token.clone() {
            Token::Mark("$") => {
                self.advance()?;
                self.enter()?;
                // `$i++` is `($i)++`; `$++i` and `$-1` take an operand.
                match self.token {
                    Token::Mark("++" | "--" | "-" | "+" | "!") => self.unary()?,
                    _ => match self.target()? {
                        Some(inner) => self.load(&inner),
                        None => self.primary()?,
                    },
                }
                self.depth -= 1;
                Ok(Some(Target::Field))
            }
            Token::Name(name) => {
                // `length` without parentheses is a function all the same.
                if BUILTINS.contains(&name.as_str()) {
                    return Ok(None);
                }
                self.advance()?;
                let slot = self.slot(&name);
                if self.accept("[")? {
                    self.use_as_array(slot);
                    self.subscript()?;
                    return Ok(Some(Target::Element(slot)));
                }
                Ok(Some(Target::Variable(slot)))
            }
            _ => Ok(None),
        }
    }

    fn primary(&mut self) -> Compiled<()> {
        match self.token.clone() {
            Token::Number(number) => {
                self.advance()?;
                self.emit(Instruction::Number(number));
            }
            Token::Text(text) => {
                self.advance()?;
                self.emit(Instruction::Text(text.into()));
            }
            Token::Regex(text) => {
                self.advance()?;
                let regex = self.regex(&text)?;
                self.emit(Instruction::MatchRecord(regex));
            }
            Token::Mark("(") => self.parenthesised()?,
            Token::Keyword("getline") => {
                self.advance()?;
                self.getline_target(Origin::Main)?;
            }
            Token::Name(name) => {
                // A builtin without parentheses.
                self.advance()?;
                let name = BUILTINS.iter().find(|builtin| **builtin == name).copied();
                self.emit(Instruction::Builtin(name.unwrap_or("length"), 0));
            }
            Token::Call(name) => {
                self.advance()?;
                self.call(&name)?;
            }
            _ => return self.error(),
        }
        Ok(())
    }

    fn parenthesised(&mut self) -> Compiled<()> {
        self.advance()?;
        let outer = (self.no_greater, self.no_in);
        (self.no_greater, self.no_in) = (false, false);
        let mut count = 0;
        loop {
            self.expression()?;
            count += 1;
            if !self.accept(",")? {
                break;
            }
            self.skip_newlines()?;
        }
        (self.no_greater, self.no_in) = outer;
        self.demand(")")?;
        if count > 1 {
            // `(i, j) in array`
            if !self.is("in") {
                return self.error();
            }
            self.emit(Instruction::Subscript(count));
        }
        Ok(())
    }

    /// What follows `getline`: a variable to read into, and a file.
    fn getline_target(&mut self, origin: Origin) -> Compiled<()> {
        let target = match self.token {
            Token::Name(_) | Token::Mark("$") => self.target()?,
            _ => None,
        };
        let mut origin = origin;
        if origin == Origin::Main && self.accept("<")? {
            self.additive_operand()?;
            origin = Origin::File;
        }
        let slot = match target {
            None => None,
            Some(Target::Variable(slot)) => Some(slot),
            Some(_) => {
                return self.fail(ErrorKind::BadUse("getline into a field or an element"));
            }
        };
        self.emit(Instruction::Getline(origin, slot));
        Ok(())
    }

    /// The file of `getline < file`: no concatenation without parentheses.
    fn additive_operand(&mut self) -> Compiled<()> {
        match self.target()? {
            Some(target) => {
                self.load(&target);
                Ok(())
            }
            None => self.primary(),
        }
    }

    fn call(&mut self, name: &str) -> Compiled<()> {
        self.demand("(")?;
        let outer = (self.no_greater, self.no_in);
        (self.no_greater, self.no_in) = (false, false);
        if let Some(builtin) = BUILTINS.iter().find(|builtin| **builtin == name) {
            self.builtin(builtin)?;
            (self.no_greater, self.no_in) = outer;
            return Ok(());
        }
        let function = self.function_number(name);
        let mut count = 0;
        while !self.is(")") {
            let start = self.here();
            self.expression()?;
            // Whether a bare name is an array is only known at the end.
            if self.here() == start + 1
                && let Some(Instruction::Load(slot)) = self.program.instructions.get(start)
            {
                let slot = *slot;
                self.note_bare_argument(function, count, start, slot);
            }
            count += 1;
            if !self.accept(",")? {
                break;
            }
            self.skip_newlines()?;
        }
        self.demand(")")?;
        (self.no_greater, self.no_in) = outer;
        self.emit(Instruction::Call(function, count));
        Ok(())
    }

    fn builtin(&mut self, name: &'static str) -> Compiled<()> {
        let mut count = 0;
        let mut changed = Changed::Record;
        while !self.is(")") {
            let is_regex_place = matches!(
                (name, count),
                ("sub" | "gsub" | "gensub", 0) | ("match", 1) | ("split", 2)
            );
            if is_regex_place {
                self.regex_operand_or_expression()?;
            } else if name == "split" && count == 1 {
                let Token::Name(array) = self.advance()? else {
                    return self.error();
                };
                let slot = self.slot(&array);
                self.use_as_array(slot);
                self.emit(Instruction::LoadArray(slot));
            } else if name == "length" && count == 0 {
                self.length_operand()?;
            } else if matches!(name, "sub" | "gsub") && count == 2 {
                changed = match self.target()? {
                    Some(Target::Variable(slot)) => Changed::Variable(slot),
                    Some(Target::Field) => Changed::Field,
                    Some(Target::Element(slot)) => Changed::Element(slot),
                    None => {
                        self.expression()?;
                        Changed::Nothing
                    }
                };
            } else {
                self.expression()?;
            }
            count += 1;
            if !self.accept(",")? {
                break;
            }
            self.skip_newlines()?;
        }
        self.demand(")")?;
        self.emit(match name {
            "sub" => Instruction::Substitute(false, changed),
            "gsub" => Instruction::Substitute(true, changed),
            _ => Instruction::Builtin(name, count),
        });
        Ok(())
    }

    fn regex_operand_or_expression(&mut self) -> Compiled<()> {
        if let Token::Regex(text) = self.token.clone() {
            self.advance()?;
            let regex = self.regex(&text)?;
            self.emit(Instruction::Regex(regex, text.into()));
            return Ok(());
        }
        self.expression()
    }

    /// `length(array)` is known only at run time.
    fn length_operand(&mut self) -> Compiled<()> {
        let start = self.here();
        self.expression()?;
        if self.here() == start + 1
            && let Some(Instruction::Load(slot)) = self.program.instructions.get(start)
        {
            let slot = *slot;
            if let Some(instruction) = self.program.instructions.get_mut(start) {
                *instruction = Instruction::LoadEither(slot);
            }
        }
        Ok(())
    }
}
