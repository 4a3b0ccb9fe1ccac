//! Shell arithmetic: C's integer expressions over variables.

use super::lookup::Key;
use super::substitution::{is_name_character, is_name_start};
use super::{Dialect, Shell};

/// How deep expressions, and variables whose values are expressions, may be nested.
const LIMIT_DEPTH: u32 = 100;

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ArithmeticError {
    DivisionByZero,
    OperandExpected,
    /// Something follows that belongs to nothing.
    Trailing,
    NotAVariable,
    MissingParenthesis,
    ColonExpected,
    ExpressionExpected,
    NegativeExponent,
    BadNumber,
    BadBase,
    TooDeep,
    ReadOnly(String),
    Unset(String),
}

/// An error with where it was found.
pub(crate) struct Failure {
    error: ArithmeticError,
    expression: String,
    token: String,
}

type Value = Result<i64, ArithmeticError>;

impl Shell {
    /// Evaluates an expression; complaints are made by the caller.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Result<i64, Failure> {
        evaluate_at(self, expression, 0)
    }

    /// The text of a failure in this shell's words.
    pub(crate) fn arithmetic_message(&self, failure: &Failure) -> String {
        let Failure { error, expression, token } = failure;
        match error {
            ArithmeticError::ReadOnly(name) if self.dialect.is_bash() => {
                return format!("{name}: readonly variable");
            }
            ArithmeticError::ReadOnly(name) => return format!("{name}: is read only"),
            ArithmeticError::Unset(name) => return self.unset_message(name),
            _ => {}
        }
        match self.dialect {
            Dialect::Bash => {
                format!("{expression}: {} (error token is \"{token}\")", bash_text(error))
            }
            Dialect::Dash => {
                format!("arithmetic expression: {}: \"{expression}\"", dash_text(error))
            }
            Dialect::Ash => ash_text(error).to_owned(),
        }
    }

    pub(crate) fn unset_message(&self, name: &str) -> String {
        match self.dialect {
            Dialect::Bash => format!("{name}: unbound variable"),
            _ => format!("{name}: parameter not set"),
        }
    }
}

fn bash_text(error: &ArithmeticError) -> &'static str {
    match error {
        ArithmeticError::DivisionByZero => "division by 0",
        ArithmeticError::OperandExpected => "syntax error: operand expected",
        ArithmeticError::NotAVariable => "attempted assignment to non-variable",
        ArithmeticError::MissingParenthesis => "missing `)'",
        ArithmeticError::ColonExpected => "`:' expected for conditional expression",
        ArithmeticError::ExpressionExpected => "expression expected",
        ArithmeticError::NegativeExponent => "exponent less than 0",
        ArithmeticError::BadNumber => "value too great for base",
        ArithmeticError::BadBase => "invalid arithmetic base",
        ArithmeticError::TooDeep => "expression recursion level exceeded",
        _ => "syntax error in expression",
    }
}

fn dash_text(error: &ArithmeticError) -> &'static str {
    match error {
        ArithmeticError::DivisionByZero => "division by zero",
        ArithmeticError::Trailing | ArithmeticError::NotAVariable => "expecting EOF",
        ArithmeticError::MissingParenthesis => "expecting ')'",
        ArithmeticError::ColonExpected => "expecting ':'",
        _ => "expecting primary",
    }
}

fn ash_text(error: &ArithmeticError) -> &'static str {
    match error {
        ArithmeticError::DivisionByZero => "divide by zero",
        ArithmeticError::NegativeExponent => "exponent less than 0",
        ArithmeticError::TooDeep => "expression recursion loop detected",
        ArithmeticError::ColonExpected => "malformed ?: operator",
        _ => "arithmetic syntax error",
    }
}

fn evaluate_at(shell: &mut Shell, expression: &str, depth: u32) -> Result<i64, Failure> {
    let chars: Vec<char> = expression.trim_start().chars().collect();
    let mut evaluator = Evaluator { shell, chars, position: 0, token: 0, depth, skipping: false };
    if evaluator.peek().is_none() {
        return Ok(0);
    }
    let result = evaluator.comma().and_then(|value| match evaluator.peek() {
        None => Ok(value),
        Some(_) => {
            evaluator.token = evaluator.position;
            Err(if evaluator.is_assignment_ahead() {
                ArithmeticError::NotAVariable
            } else {
                ArithmeticError::Trailing
            })
        }
    });
    result.map_err(|error| {
        let token = evaluator.chars.get(evaluator.token..).unwrap_or_default().iter().collect();
        Failure { error, expression: expression.trim_start().to_owned(), token }
    })
}

struct Evaluator<'a> {
    shell: &'a mut Shell,
    chars: Vec<char>,
    position: usize,
    /// Where the token begins that was read last, for messages.
    token: usize,
    depth: u32,
    /// Within the part of `&&`, `||` or `?:` that is not evaluated.
    skipping: bool,
}

/// Something that can be assigned to.
struct Place {
    name: String,
    index: Option<String>,
}

/// Binary operators by how tightly they bind, the loosest first.
const LEVELS: [&[&str]; 8] = [
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];
const ASSIGNMENTS: [&str; 11] = ["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|="];

impl Evaluator<'_> {
    fn peek(&mut self) -> Option<char> {
        while self.chars.get(self.position).is_some_and(|c| c.is_whitespace()) {
            self.position += 1;
        }
        self.chars.get(self.position).copied()
    }

    fn starts_with(&mut self, text: &str) -> bool {
        self.peek();
        text.chars().enumerate().all(|(n, c)| self.chars.get(self.position + n) == Some(&c))
    }

    fn accept(&mut self, text: &str) -> bool {
        let found = self.starts_with(text);
        if found {
            self.token = self.position;
            self.position += text.len();
        }
        found
    }

    fn is_assignment_ahead(&mut self) -> bool {
        ASSIGNMENTS.iter().any(|operator| self.starts_with(operator)) && !self.starts_with("==")
    }

    fn enter(&mut self) -> Result<(), ArithmeticError> {
        self.depth += 1;
        if self.depth > LIMIT_DEPTH { Err(ArithmeticError::TooDeep) } else { Ok(()) }
    }

    fn comma(&mut self) -> Value {
        let mut value = self.assignment()?;
        while self.accept(",") {
            value = self.assignment()?;
        }
        Ok(value)
    }

    fn assignment(&mut self) -> Value {
        self.enter()?;
        let start = self.position;
        let value = match self.assigned_place()? {
            Some((place, operator)) => {
                let right = self.assignment()?;
                let value = if operator == "=" {
                    right
                } else {
                    let left = self.read(&place)?;
                    self.binary(operator.trim_end_matches('='), left, right)?
                };
                self.write(&place, value)?;
                value
            }
            None => {
                self.position = start;
                self.conditional()?
            }
        };
        self.depth -= 1;
        Ok(value)
    }

    /// `name =` or the like, if that comes next.
    fn assigned_place(&mut self) -> Result<Option<(Place, &'static str)>, ArithmeticError> {
        let Some(place) = self.place()? else {
            return Ok(None);
        };
        if self.starts_with("==") {
            return Ok(None);
        }
        let operator = ASSIGNMENTS.iter().find(|operator| self.starts_with(operator));
        Ok(operator.map(|operator| {
            self.accept(operator);
            (place, *operator)
        }))
    }

    fn place(&mut self) -> Result<Option<Place>, ArithmeticError> {
        if !self.peek().is_some_and(is_name_start) {
            return Ok(None);
        }
        self.token = self.position;
        let start = self.position;
        while self.chars.get(self.position).copied().is_some_and(is_name_character) {
            self.position += 1;
        }
        let name = self.text(start, self.position);
        let mut index = None;
        if self.shell.dialect.is_bash() && self.chars.get(self.position) == Some(&'[') {
            let open = self.position + 1;
            let mut depth = 0;
            let close = (open..self.chars.len()).find(|at| match self.chars.get(*at) {
                Some('[') => {
                    depth += 1;
                    false
                }
                Some(']') if depth == 0 => true,
                Some(']') => {
                    depth -= 1;
                    false
                }
                _ => false,
            });
            let close = close.ok_or(ArithmeticError::Trailing)?;
            index = Some(self.text(open, close));
            self.position = close + 1;
        }
        Ok(Some(Place { name, index }))
    }

    fn text(&self, start: usize, end: usize) -> String {
        self.chars.get(start..end).unwrap_or_default().iter().collect()
    }

    fn conditional(&mut self) -> Value {
        let condition = self.logical_or()?;
        if !self.accept("?") {
            return Ok(condition);
        }
        let outer = self.skipping;
        self.skipping = outer || condition == 0;
        if self.starts_with(":") {
            self.token = self.position;
            return Err(ArithmeticError::ExpressionExpected);
        }
        let first = self.comma()?;
        if !self.accept(":") {
            return Err(ArithmeticError::ColonExpected);
        }
        self.skipping = outer || condition != 0;
        let second = self.assignment()?;
        self.skipping = outer;
        Ok(if condition != 0 { first } else { second })
    }

    fn logical_or(&mut self) -> Value {
        let mut left = self.logical_and()?;
        while self.accept("||") {
            let outer = self.skipping;
            self.skipping = outer || left != 0;
            let right = self.logical_and()?;
            self.skipping = outer;
            left = i64::from(left != 0 || right != 0);
        }
        Ok(left)
    }

    fn logical_and(&mut self) -> Value {
        let mut left = self.level(0)?;
        while self.accept("&&") {
            let outer = self.skipping;
            self.skipping = outer || left == 0;
            let right = self.level(0)?;
            self.skipping = outer;
            left = i64::from(left != 0 && right != 0);
        }
        Ok(left)
    }

    fn level(&mut self, level: usize) -> Value {
        let Some(operators) = LEVELS.get(level) else {
            return self.power();
        };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.binary_operator(operators) {
            let right = self.level(level + 1)?;
            left = self.binary(operator, left, right)?;
        }
        Ok(left)
    }

    /// Passes over one of `operators`, unless it is the beginning of a longer one.
    fn binary_operator(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        let found = *operators.iter().find(|operator| self.starts_with(operator))?;
        let next = self.chars.get(self.position + found.len()).copied();
        let is_longer = match found {
            "|" => matches!(next, Some('|' | '=')),
            "&" => matches!(next, Some('&' | '=')),
            "*" => matches!(next, Some('*' | '=')),
            "==" | "!=" | "<=" | ">=" => false,
            "<" | ">" => next == found.chars().next(),
            _ => next == Some('='),
        };
        if is_longer {
            return None;
        }
        self.accept(found);
        Some(found)
    }

    fn power(&mut self) -> Value {
        self.enter()?;
        let base = self.unary()?;
        let value = if self.accept("**") {
            let exponent = self.power()?;
            self.binary("**", base, exponent)?
        } else {
            base
        };
        self.depth -= 1;
        Ok(value)
    }

    fn unary(&mut self) -> Value {
        self.enter()?;
        let value = self.unary_operand()?;
        self.depth -= 1;
        Ok(value)
    }

    fn unary_operand(&mut self) -> Value {
        for (operator, step) in [("++", 1), ("--", -1)] {
            if self.starts_with(operator) {
                let start = self.position;
                self.accept(operator);
                if let Some(place) = self.place()? {
                    let value = self.read(&place)?.wrapping_add(step);
                    self.write(&place, value)?;
                    return Ok(value);
                }
                // Two signs in a row.
                self.position = start;
            }
        }
        if self.accept("!") {
            return Ok(i64::from(self.unary()? == 0));
        }
        if self.accept("~") {
            return Ok(!self.unary()?);
        }
        if self.accept("-") {
            return Ok(self.unary()?.wrapping_neg());
        }
        if self.accept("+") {
            return self.unary();
        }
        self.primary()
    }

    fn primary(&mut self) -> Value {
        if self.accept("(") {
            let value = self.comma()?;
            if !self.accept(")") {
                return Err(ArithmeticError::MissingParenthesis);
            }
            return Ok(value);
        }
        if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            return self.number();
        }
        let Some(place) = self.place()? else {
            if self.peek().is_some() {
                self.token = self.position;
            }
            return Err(ArithmeticError::OperandExpected);
        };
        for (operator, step) in [("++", 1), ("--", -1)] {
            if self.accept(operator) {
                let value = self.read(&place)?;
                self.write(&place, value.wrapping_add(step))?;
                return Ok(value);
            }
        }
        self.read(&place)
    }

    fn number(&mut self) -> Value {
        self.token = self.position;
        let start = self.position;
        let belongs = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '#' | '_' | '@');
        while self.chars.get(self.position).is_some_and(belongs) {
            self.position += 1;
        }
        parse_number(&self.text(start, self.position))
    }

    fn binary(&mut self, operator: &str, left: i64, right: i64) -> Value {
        if self.skipping {
            return Ok(0);
        }
        Ok(match operator {
            "|" => left | right,
            "^" => left ^ right,
            "&" => left & right,
            "==" => i64::from(left == right),
            "!=" => i64::from(left != right),
            "<=" => i64::from(left <= right),
            ">=" => i64::from(left >= right),
            "<" => i64::from(left < right),
            ">" => i64::from(left > right),
            "<<" => left.wrapping_shl(right as u32),
            ">>" => left.wrapping_shr(right as u32),
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            "/" | "%" if right == 0 => return Err(ArithmeticError::DivisionByZero),
            "/" => left.wrapping_div(right),
            "%" => left.wrapping_rem(right),
            _ if right < 0 => return Err(ArithmeticError::NegativeExponent),
            _ => left.wrapping_pow(u32::try_from(right).unwrap_or(u32::MAX)),
        })
    }

    /// The element that an index means.
    fn key(&mut self, name: &str, index: &str) -> Result<Key, ArithmeticError> {
        if self.shell.is_map(name) {
            return Ok(Key::Name(index.to_owned()));
        }
        if self.depth >= LIMIT_DEPTH / 2 {
            return Err(ArithmeticError::TooDeep);
        }
        let number = evaluate_at(self.shell, index, self.depth + 4);
        number.map(Key::Number).map_err(|failure| failure.error)
    }

    fn read(&mut self, place: &Place) -> Value {
        if self.skipping {
            return Ok(0);
        }
        let text = match &place.index {
            None => self.shell.variable_text(&place.name),
            Some(index) => {
                let key = self.key(&place.name, index)?;
                self.shell.element_text(&place.name, &key)
            }
        };
        let Some(text) = text else {
            if self.shell.options.nounset {
                return Err(ArithmeticError::Unset(place.name.clone()));
            }
            return Ok(0);
        };
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Ok(0);
        }
        if let Ok(number) = trimmed.parse::<i64>()
            && !(trimmed.len() > 1 && trimmed.starts_with('0'))
        {
            return Ok(number);
        }
        if self.depth >= LIMIT_DEPTH / 2 {
            return Err(ArithmeticError::TooDeep);
        }
        evaluate_at(self.shell, trimmed, self.depth + 4).map_err(|failure| {
            // The message is about the value, which is a text of its own.
            self.chars = failure.expression.chars().collect();
            self.token = self.chars.len().saturating_sub(failure.token.chars().count());
            failure.error
        })
    }

    fn write(&mut self, place: &Place, value: i64) -> Result<(), ArithmeticError> {
        if self.skipping {
            return Ok(());
        }
        let text = value.to_string();
        let done = match &place.index {
            None => self.shell.assign(&place.name, text),
            Some(index) => {
                let key = self.key(&place.name, index)?;
                self.shell.assign_element(&place.name, &key, text)
            }
        };
        done.map_err(|_| ArithmeticError::ReadOnly(place.name.clone()))
    }
}

/// `10`, `0x1f`, `017`, `2#101`.
fn parse_number(text: &str) -> Value {
    let (base, digits) = if let Some((base, digits)) = text.split_once('#') {
        let base = base.parse::<u32>().ok().filter(|base| (2..=64).contains(base));
        (base.ok_or(ArithmeticError::BadBase)?, digits)
    } else if let Some(digits) = text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        (16, digits)
    } else if text.len() > 1 && text.starts_with('0') {
        (8, text.get(1..).unwrap_or_default())
    } else {
        (10, text)
    };
    let mut value = 0_i64;
    for character in digits.chars() {
        let digit = match character {
            '0'..='9' => u32::from(character) - u32::from('0'),
            'a'..='z' => u32::from(character) - u32::from('a') + 10,
            'A'..='Z' if base <= 36 => u32::from(character) - u32::from('A') + 10,
            'A'..='Z' => u32::from(character) - u32::from('A') + 36,
            '@' => 62,
            '_' => 63,
            _ => u32::MAX,
        };
        if digit >= base {
            return Err(ArithmeticError::BadNumber);
        }
        value = value.wrapping_mul(i64::from(base)).wrapping_add(i64::from(digit));
    }
    Ok(value)
}
