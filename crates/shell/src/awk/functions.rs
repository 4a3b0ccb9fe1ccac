//! The functions that awk brings.

use super::compile::regex_text;
use super::format::sprintf;
use super::machine::{Item, Machine};
use super::value::Value;
use crate::regex::{Regex, Syntax};
use std::rc::Rc;

pub(super) const BUILTINS: [&str; 17] = [
    "length", "substr", "index", "split", "sub", "gsub", "match", "tolower", "toupper", "int",
    "sprintf", "sqrt", "rand", "srand", "system", "close", "fflush",
];

/// A text that has grown longer than this is not substituted any further.
const RESULT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What `sub` and `gsub` do to a text: the new text and how often.
pub(super) fn substitute(
    regex: &Regex,
    replacement: &str,
    text: &str,
    global: bool,
) -> (String, usize) {
    let mut result = String::new();
    let (mut at, mut count, mut is_after_match) = (0, 0, false);
    while let Some(found) = regex.find(text, at) {
        let (start, end) = (found.start(), found.end());
        let is_empty = start == end;
        result.push_str(text.get(at..start).unwrap_or_default());
        // An empty match right after a match of something is none.
        if !(is_empty && is_after_match && start == at) {
            count += 1;
            push_replacement(replacement, text.get(start..end).unwrap_or_default(), &mut result);
        }
        (at, is_after_match) = (end, !is_empty);
        if !global || result.len() > RESULT_BYTES_MAX {
            break;
        }
        if is_empty {
            let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                break;
            };
            result.push(character);
            at += character.len_utf8();
        }
    }
    result.push_str(text.get(at..).unwrap_or_default());
    (result, count)
}

/// `&` stands for the match, `\&` for itself.
fn push_replacement(replacement: &str, matched: &str, result: &mut String) {
    let mut chars = replacement.chars().peekable();
    while let Some(character) = chars.next() {
        match character {
            '&' => result.push_str(matched),
            '\\' if matches!(chars.peek(), Some('&' | '\\')) => result.extend(chars.next()),
            other => result.push(other),
        }
    }
}

impl Machine {
    /// The regular expression that a value is.
    pub(super) fn regex_of(&mut self, item: &Item) -> Option<Rc<Regex>> {
        if let Item::Regex(regex, _) = item {
            return Some(regex.clone());
        }
        let text = self.item_text(item);
        if let Some(regex) = self.regexes.get(&text) {
            return Some(regex.clone());
        }
        let syntax = Syntax { extended: true, ignore_case: false };
        match Regex::new(&regex_text(&text), syntax) {
            Ok(regex) => {
                let regex = Rc::new(regex);
                if self.regexes.len() > 200 {
                    self.regexes.clear();
                }
                self.regexes.insert(text, regex.clone());
                Some(regex)
            }
            Err(error) => {
                let message = format!("regular expression compile failed ({error})\n{text}");
                self.fail(&message);
                None
            }
        }
    }

    /// Calls a function that needs nothing from outside.
    pub(super) fn builtin(&mut self, name: &str, arguments: &[Item]) -> Value {
        let convert = self.convert_format();
        let text = |number: usize| match arguments.get(number) {
            Some(item) => item.text(&convert),
            None => "".into(),
        };
        let number = |place: usize| arguments.get(place).map_or(0.0, Item::number);
        match name {
            "length" => match arguments.first() {
                Some(Item::Array(array)) => Value::Number(array.borrow().len() as f64),
                Some(item) => Value::Number(item.text(&convert).chars().count() as f64),
                None => Value::Number(self.record().chars().count() as f64),
            },
            "substr" => {
                let length = arguments.get(2).map(Item::number);
                Value::text(&substring(&text(0), number(1), length))
            }
            "index" => {
                let (whole, part) = (text(0), text(1));
                let found = whole.find(&*part).map(|at| whole.get(..at).unwrap_or_default());
                Value::Number(found.map_or(0.0, |before| before.chars().count() as f64 + 1.0))
            }
            "tolower" => Value::text(&text(0).to_lowercase()),
            "toupper" => Value::text(&text(0).to_uppercase()),
            "int" => Value::Number(number(0).trunc()),
            "sqrt" => Value::Number(number(0).sqrt()),
            "sprintf" => {
                let values: Vec<Value> =
                    arguments.iter().skip(1).map(|item| item.value()).collect();
                Value::text(&sprintf(&text(0), &values, &convert))
            }
            "rand" => Value::Number(f64::from(self.random.next_u32()) / 4_294_967_296.0),
            "srand" => {
                let seed = match arguments.first() {
                    Some(item) => item.number(),
                    None => self.context.now().seconds() as f64,
                };
                self.random = sim::Rng::new(seed as u64);
                Value::Number(std::mem::replace(&mut self.seed, seed))
            }
            "match" => self.match_function(&text(0), arguments.get(1)),
            "split" => self.split(&text(0), arguments),
            _ => Value::Number(0.0),
        }
    }

    fn match_function(&mut self, text: &str, expression: Option<&Item>) -> Value {
        let regex = expression.and_then(|item| self.regex_of(item));
        let found = regex.and_then(|regex| regex.find(text, 0));
        let count = |from: usize, to: usize| text.get(from..to).unwrap_or_default().chars().count();
        let (start, length) = match &found {
            Some(found) => {
                (count(0, found.start()) as f64 + 1.0, count(found.start(), found.end()) as f64)
            }
            None => (0.0, -1.0),
        };
        self.set_global("RSTART", Value::Number(start));
        self.set_global("RLENGTH", Value::Number(length));
        Value::Number(start)
    }

    fn split(&mut self, text: &str, arguments: &[Item]) -> Value {
        let pieces = match arguments.get(2) {
            None => {
                let separator = self.global_text("FS");
                self.split_by_text(text, &separator)
            }
            Some(item @ Item::Regex(_, source)) => {
                if &**source == " " {
                    self.split_by_text(text, "[ ]")
                } else {
                    match self.regex_of(item) {
                        Some(regex) => split_by_regex(text, &regex),
                        None => Vec::new(),
                    }
                }
            }
            Some(item) => {
                let separator = self.item_text(item);
                self.split_by_text(text, &separator)
            }
        };
        if let Some(Item::Array(array)) = arguments.get(1) {
            let mut array = array.borrow_mut();
            array.clear();
            for (number, piece) in pieces.iter().enumerate() {
                array.insert((number + 1).to_string().into(), Value::input(piece));
            }
        }
        Value::Number(pieces.len() as f64)
    }

    /// Splits as fields are split by `FS`.
    pub(super) fn split_by_text(&mut self, text: &str, separator: &str) -> Vec<String> {
        if text.is_empty() {
            return Vec::new();
        }
        let mut chars = separator.chars();
        match (chars.next(), chars.next()) {
            (Some(' '), None) => text.split_whitespace().map(str::to_owned).collect(),
            (None, _) => text.chars().map(String::from).collect(),
            (Some(only), None) if only != '\\' => {
                // A single character is no expression, whatever it is.
                text.split(only).map(str::to_owned).collect()
            }
            _ => match self.regex_of(&Item::Value(Value::text(separator))) {
                Some(regex) => split_by_regex(text, &regex),
                None => vec![text.to_owned()],
            },
        }
    }
}

fn split_by_regex(text: &str, regex: &Regex) -> Vec<String> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(found) = regex.find(text, at) {
        if found.end() == found.start() {
            // An empty separator separates nothing.
            match text.get(found.end()..).and_then(|rest| rest.chars().next()) {
                Some(character) => at = found.end() + character.len_utf8(),
                None => break,
            }
            continue;
        }
        pieces.push(text.get(start..found.start()).unwrap_or_default().to_owned());
        start = found.end();
        at = start;
    }
    pieces.push(text.get(start..).unwrap_or_default().to_owned());
    pieces
}

/// `substr`, with POSIX's rounding.
fn substring(text: &str, start: f64, length: Option<f64>) -> String {
    let round = |number: f64| {
        let floor = number.floor();
        let fraction = number - floor;
        let up = fraction > 0.5 || (fraction == 0.5 && floor % 2.0 != 0.0);
        if up { floor + 1.0 } else { floor }
    };
    let first = round(start);
    let end = match length {
        Some(length) if length.is_nan() => return String::new(),
        Some(length) => round(start + length),
        None => f64::INFINITY,
    };
    if first.is_nan() || end <= first {
        return String::new();
    }
    let skip = (first - 1.0).clamp(0.0, 1e9) as usize;
    let take = (end - first.max(1.0)).clamp(0.0, 1e9) as usize;
    text.chars().skip(skip).take(take).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substrings() {
        let check = |start: f64, length: Option<f64>, expected: &str| {
            assert_eq!(substring("hello", start, length), expected);
        };
        check(2.0, Some(3.0), "ell");
        check(0.0, Some(2.0), "h");
        check(-1.0, None, "hello");
        check(4.0, Some(100.0), "lo");
        check(2.0, Some(0.0), "");
    }

    #[test]
    fn substitutions() {
        let check = |regex: &str, to: &str, text: &str, global: bool, expected: &str, n: usize| {
            let regex = Regex::new(regex, Syntax { extended: true, ignore_case: false }).unwrap();
            assert_eq!(substitute(&regex, to, text, global), (expected.to_owned(), n), "{text}");
        };
        check("o", "0", "foo boo", true, "f00 b00", 4);
        check("o", "[&]", "foo", false, "f[o]o", 1);
        check("x*", "-", "abc", true, "-a-b-c-", 4);
        check("b*", "X", "abc", true, "XaXcX", 3);
        check("a", "\\&", "a", true, "&", 1);
    }
}
