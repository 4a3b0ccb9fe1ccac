//! `expr`

use super::{Tool, options::misuse};
use crate::context::Context;
use crate::regex::{Regex, Syntax};
use std::cmp::Ordering;

pub(crate) const TOOL: Tool = Tool {
    name: "expr",
    usage: "EXPRESSION",
    about: "Print the value of EXPRESSION",
    misuse: 2,
    run: |context| Box::pin(async move { run(&context) }),
    ..super::TOOL
};

struct Evaluator<'a> {
    context: &'a Context,
    words: &'a [String],
    position: usize,
    depth: u32,
}

type Value = Result<String, String>;

fn run(context: &Context) -> i32 {
    let words = context.operands();
    if words.is_empty() {
        if context.is_busybox() {
            context.fail("too few arguments");
            return 2;
        }
        return misuse(context, &TOOL, "missing operand");
    }
    let mut evaluator = Evaluator { context, words: &words, position: 0, depth: 0 };
    let result = evaluator.or().and_then(|value| match evaluator.peek() {
        None => Ok(value),
        Some(_) if context.is_busybox() => Err("syntax error".to_owned()),
        Some(extra) => Err(format!("syntax error: unexpected argument {}", context.quoted(extra))),
    });
    match result {
        Ok(value) => {
            let is_null = value.is_empty() || value.parse::<i64>() == Ok(0);
            context.put(value + "\n");
            i32::from(is_null)
        }
        Err(message) => {
            context.fail(message);
            2
        }
    }
}

impl Evaluator<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.position).map(String::as_str)
    }

    fn accept(&mut self, words: &[&'static str]) -> Option<&'static str> {
        let found = words.iter().find(|word| self.peek() == Some(word))?;
        self.position += 1;
        Some(found)
    }

    fn or(&mut self) -> Value {
        let mut left = self.and()?;
        while self.accept(&["|"]).is_some() {
            let right = self.and()?;
            left = match (is_null(&left), is_null(&right)) {
                (false, _) => left,
                (true, false) => right,
                (true, true) => "0".to_owned(),
            };
        }
        Ok(left)
    }

    fn and(&mut self) -> Value {
        let mut left = self.comparison()?;
        while self.accept(&["&"]).is_some() {
            let right = self.comparison()?;
            if is_null(&left) || is_null(&right) {
                left = "0".to_owned();
            }
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Value {
        let mut left = self.sum()?;
        while let Some(operator) = self.accept(&["<", "<=", "=", "==", "!=", ">=", ">"]) {
            let right = self.sum()?;
            let ordering = match (left.parse::<i64>(), right.parse::<i64>()) {
                (Ok(left), Ok(right)) => left.cmp(&right),
                _ => left.cmp(&right),
            };
            let holds = match operator {
                "<" => ordering == Ordering::Less,
                "<=" => ordering != Ordering::Greater,
                "=" | "==" => ordering == Ordering::Equal,
                "!=" => ordering != Ordering::Equal,
                ">=" => ordering != Ordering::Less,
                _ => ordering == Ordering::Greater,
            };
            left = u8::from(holds).to_string();
        }
        Ok(left)
    }

    fn sum(&mut self) -> Value {
        let mut left = self.product()?;
        while let Some(operator) = self.accept(&["+", "-"]) {
            let right = self.product()?;
            let (a, b) = (self.integer(&left)?, self.integer(&right)?);
            let value = if operator == "+" { a.checked_add(b) } else { a.checked_sub(b) };
            left = value.ok_or("integer result too large")?.to_string();
        }
        Ok(left)
    }

    fn product(&mut self) -> Value {
        let mut left = self.matching()?;
        while let Some(operator) = self.accept(&["*", "/", "%"]) {
            let right = self.matching()?;
            let (a, b) = (self.integer(&left)?, self.integer(&right)?);
            if b == 0 && operator != "*" {
                return Err("division by zero".to_owned());
            }
            let value = match operator {
                "*" => a.checked_mul(b),
                "/" => a.checked_div(b),
                _ => a.checked_rem(b),
            };
            left = value.ok_or("integer result too large")?.to_string();
        }
        Ok(left)
    }

    fn integer(&self, text: &str) -> Result<i64, String> {
        text.parse().map_err(|_| match self.context.is_busybox() {
            true => "non-numeric argument".to_owned(),
            false => "non-integer argument".to_owned(),
        })
    }

    fn matching(&mut self) -> Value {
        let mut left = self.primary()?;
        while self.accept(&[":"]).is_some() {
            let right = self.primary()?;
            left = match_at_start(&left, &right)?;
        }
        Ok(left)
    }

    fn missing(&self) -> String {
        let before = self.words.get(self.position.wrapping_sub(1)).cloned().unwrap_or_default();
        match self.context.is_busybox() {
            true => "syntax error".to_owned(),
            false => {
                format!("syntax error: missing argument after {}", self.context.quoted(&before))
            }
        }
    }

    fn primary(&mut self) -> Value {
        self.depth += 1;
        if self.depth > 100 {
            return Err("syntax error".to_owned());
        }
        let Some(word) = self.words.get(self.position).cloned() else {
            return Err(self.missing());
        };
        self.position += 1;
        let value = match word.as_str() {
            "(" => {
                let value = self.or()?;
                if self.accept(&[")"]).is_none() {
                    let before = self.words.get(self.position.wrapping_sub(1)).cloned();
                    return Err(match self.context.is_busybox() {
                        true => "syntax error".to_owned(),
                        false => format!(
                            "syntax error: expecting ')' after {}",
                            self.context.quoted(&before.unwrap_or_default())
                        ),
                    });
                }
                value
            }
            ")" if !self.context.is_busybox() => {
                return Err("syntax error: unexpected ')'".to_owned());
            }
            "+" | "quote" if self.peek().is_some() => {
                let word = self.peek().unwrap_or_default().to_owned();
                self.position += 1;
                word
            }
            "length" if self.peek().is_some() => self.primary()?.chars().count().to_string(),
            "match" if self.peek().is_some() => {
                let (text, pattern) = (self.primary()?, self.primary()?);
                match_at_start(&text, &pattern)?
            }
            "index" if self.peek().is_some() => {
                let (text, set) = (self.primary()?, self.primary()?);
                let found = text.chars().position(|character| set.contains(character));
                found.map_or(0, |found| found + 1).to_string()
            }
            "substr" if self.peek().is_some() => {
                let text = self.primary()?;
                let (start, length) = (self.primary()?, self.primary()?);
                match (start.parse::<usize>(), length.parse::<usize>()) {
                    (Ok(start), Ok(length)) if start > 0 => {
                        text.chars().skip(start - 1).take(length).collect()
                    }
                    _ => String::new(),
                }
            }
            _ => word,
        };
        self.depth -= 1;
        Ok(value)
    }
}

fn is_null(value: &str) -> bool {
    value.is_empty() || value.trim_start_matches('-').chars().all(|c| c == '0')
}

/// The first group, or how many characters match, at the start of the text.
fn match_at_start(text: &str, pattern: &str) -> Value {
    let regex = Regex::new(&format!("^{}", pattern.trim_start_matches('^')), Syntax::default());
    let regex = regex.map_err(|error| error.to_string())?;
    let found = regex.find(text, 0);
    let has_group = regex.groups() > 1;
    Ok(match found {
        Some(found) if has_group => found.text(text, 1).unwrap_or_default().to_owned(),
        Some(found) => {
            let matched = text.get(..found.end()).unwrap_or_default();
            matched.chars().count().to_string()
        }
        None if has_group => String::new(),
        None => "0".to_owned(),
    })
}
