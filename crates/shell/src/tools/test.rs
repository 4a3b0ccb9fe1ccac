//! `test`, `[`

use crate::context::Context;
use crate::fs::Kind;
use crate::pattern::Pattern;

pub(crate) const TOOL: super::Tool = super::Tool {
    name: "test",
    aliases: &["["],
    usage: "EXPRESSION",
    about: "Check file types, compare values etc. Return a 0/1 exit code",
    run: |context| Box::pin(async move { run(&context) }),
    ..super::TOOL
};

/// What `=` and `==` compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Equality {
    Text,
    /// busybox's `[[`.
    Pattern,
}

/// Why an expression has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    NotAnInteger(String),
    /// Two words, the first of which is no operator.
    UnaryExpected(String, String),
    /// Three words, the second of which is no operator.
    BinaryExpected(String, String),
    ArgumentExpected(String),
    MissingParenthesis,
    TooMany(String),
}

impl Failure {
    pub(crate) fn busybox_text(&self) -> String {
        match self {
            Failure::NotAnInteger(text) => format!("{text}: bad number"),
            Failure::UnaryExpected(_, second) if is_binary(second) => {
                format!("{second}: argument expected")
            }
            Failure::UnaryExpected(_, text)
            | Failure::BinaryExpected(_, text)
            | Failure::TooMany(text) => format!("{text}: unknown operand"),
            Failure::ArgumentExpected(text) if !text.is_empty() => {
                format!("{text}: argument expected")
            }
            Failure::ArgumentExpected(_) => "argument expected".to_owned(),
            Failure::MissingParenthesis => "closing paren expected".to_owned(),
        }
    }

    fn gnu_text(&self) -> String {
        match self {
            Failure::NotAnInteger(text) => format!("invalid integer '{text}'"),
            Failure::UnaryExpected(text, _) => format!("'{text}': unary operator expected"),
            Failure::BinaryExpected(_, text) => format!("'{text}': binary operator expected"),
            Failure::ArgumentExpected(text) => format!("missing argument after '{text}'"),
            Failure::MissingParenthesis => "')' expected".to_owned(),
            Failure::TooMany(text) => format!("extra argument '{text}'"),
        }
    }
}

fn run(context: &Context) -> i32 {
    let name = context.name();
    let mut words = context.operands();
    if name == "[" && words.pop().as_deref() != Some("]") {
        context.fail(if context.is_busybox() { "missing ]" } else { "missing ']'" });
        return 2;
    }
    match evaluate(context, &words, Equality::Text, &mut |_, _| None) {
        Ok(holds) => i32::from(!holds),
        Err(failure) => {
            let busybox = context.is_busybox();
            context.fail(if busybox { failure.busybox_text() } else { failure.gnu_text() });
            2
        }
    }
}

const UNARY: &str = "bcdefghknoprstuvwxzGLNOSR";
const BINARY: [&str; 16] = [
    "=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "=~",
    "-nothing",
];

fn is_unary(word: &str) -> bool {
    word.len() == 2
        && word.starts_with('-')
        && word.chars().nth(1).is_some_and(|letter| UNARY.contains(letter))
}

pub(crate) fn is_binary(word: &str) -> bool {
    BINARY.contains(&word)
}

/// Evaluates an expression. `more` answers unary operators that only a shell can.
pub(crate) fn evaluate(
    context: &Context,
    words: &[String],
    equality: Equality,
    more: &mut dyn FnMut(&str, &str) -> Option<bool>,
) -> Result<bool, Failure> {
    let mut evaluator = Evaluator { context, words, position: 0, equality, more, depth: 0 };
    evaluator.whole()
}

struct Evaluator<'a> {
    context: &'a Context,
    words: &'a [String],
    position: usize,
    equality: Equality,
    more: &'a mut dyn FnMut(&str, &str) -> Option<bool>,
    depth: u32,
}

type Answer = Result<bool, Failure>;

impl Evaluator<'_> {
    fn word(&self, number: usize) -> &str {
        self.words.get(number).map_or("", String::as_str)
    }

    /// POSIX says what up to four words mean; more are parsed.
    fn whole(&mut self) -> Answer {
        match self.words {
            [] => Ok(false),
            [only] => Ok(!only.is_empty()),
            [not, _] if not == "!" => Ok(self.word(1).is_empty()),
            [operator, operand] if is_unary(operator) => {
                let (operator, operand) = (operator.clone(), operand.clone());
                self.unary(&operator, &operand)
            }
            [first, second] => Err(Failure::UnaryExpected(first.clone(), second.clone())),
            [left, operator, right] if is_binary(operator) => {
                let (left, operator, right) = (left.clone(), operator.clone(), right.clone());
                self.binary(&left, &operator, &right)
            }
            [left, operator, right] if operator == "-a" || operator == "-o" => {
                let (left, right) = (!left.is_empty(), !right.is_empty());
                Ok(if operator == "-a" { left && right } else { left || right })
            }
            [not, rest @ ..] if not == "!" && rest.len() <= 3 => {
                let mut inner = Evaluator {
                    context: self.context,
                    words: rest,
                    position: 0,
                    equality: self.equality,
                    more: self.more,
                    depth: 0,
                };
                inner.whole().map(|holds| !holds)
            }
            [open, middle, close] if open == "(" && close == ")" => Ok(!middle.is_empty()),
            [first, operator, _] if !is_unary(self.word(0)) => {
                Err(Failure::BinaryExpected(first.clone(), operator.clone()))
            }
            _ => {
                let answer = self.or()?;
                match self.words.get(self.position) {
                    None => Ok(answer),
                    Some(extra) => Err(Failure::TooMany(extra.clone())),
                }
            }
        }
    }

    fn accept(&mut self, word: &str) -> bool {
        let found = self.words.get(self.position).is_some_and(|next| next == word);
        if found {
            self.position += 1;
        }
        found
    }

    fn or(&mut self) -> Answer {
        let mut answer = self.and()?;
        while self.accept("-o") || (self.equality == Equality::Pattern && self.accept("||")) {
            answer |= self.and()?;
        }
        Ok(answer)
    }

    fn and(&mut self) -> Answer {
        let mut answer = self.term()?;
        while self.accept("-a") || (self.equality == Equality::Pattern && self.accept("&&")) {
            answer &= self.term()?;
        }
        Ok(answer)
    }

    fn term(&mut self) -> Answer {
        self.depth += 1;
        if self.depth > 100 {
            return Err(Failure::TooMany(self.word(self.position).to_owned()));
        }
        let answer = self.primary();
        self.depth -= 1;
        answer
    }

    fn primary(&mut self) -> Answer {
        if self.accept("!") {
            return self.term().map(|holds| !holds);
        }
        let Some(word) = self.words.get(self.position).cloned() else {
            let before = self.word(self.position.wrapping_sub(1)).to_owned();
            return Err(Failure::ArgumentExpected(before));
        };
        let next = self.words.get(self.position + 1).cloned();
        if let (Some(operator), Some(right)) = (
            next.clone().filter(|next| is_binary(next)),
            self.words.get(self.position + 2).cloned(),
        ) {
            self.position += 3;
            return self.binary(&word, &operator, &right);
        }
        if word == "(" {
            self.position += 1;
            let answer = self.or()?;
            return if self.accept(")") { Ok(answer) } else { Err(Failure::MissingParenthesis) };
        }
        if is_unary(&word)
            && let Some(operand) = next
        {
            self.position += 2;
            return self.unary(&word, &operand);
        }
        self.position += 1;
        Ok(!word.is_empty())
    }

    fn unary(&mut self, operator: &str, operand: &str) -> Answer {
        match operator {
            "-n" => Ok(!operand.is_empty()),
            "-z" => Ok(operand.is_empty()),
            "-t" => Ok(self.context.is_terminal(integer(operand)? as u32)),
            operator => Ok((self.more)(operator, operand)
                .unwrap_or_else(|| test_file(self.context, operator, operand))),
        }
    }

    fn binary(&mut self, left: &str, operator: &str, right: &str) -> Answer {
        Ok(match operator {
            "=" | "==" | "!=" => {
                let holds = match self.equality {
                    Equality::Text => left == right,
                    Equality::Pattern => Pattern::new(right, false, false).matches(left),
                };
                holds == (operator != "!=")
            }
            "<" => left < right,
            ">" => left > right,
            "-nt" | "-ot" | "-ef" => compare_files(self.context, left, operator, right),
            "=~" => {
                let syntax = crate::regex::Syntax { extended: true, ignore_case: false };
                let regex = crate::regex::Regex::new(right, syntax);
                regex.is_ok_and(|regex| regex.find(left, 0).is_some())
            }
            _ => {
                let (left, right) = (integer(left)?, integer(right)?);
                match operator {
                    "-eq" => left == right,
                    "-ne" => left != right,
                    "-lt" => left < right,
                    "-le" => left <= right,
                    "-gt" => left > right,
                    _ => left >= right,
                }
            }
        })
    }
}

fn integer(text: &str) -> Result<i64, Failure> {
    let trimmed = text.trim();
    let trimmed = trimmed.strip_prefix('+').unwrap_or(trimmed);
    trimmed.parse().map_err(|_| Failure::NotAnInteger(text.to_owned()))
}

/// The unary operators about files.
pub(crate) fn test_file(context: &Context, operator: &str, path: &str) -> bool {
    let may = |wanted: u16| {
        context.prepare_proc(path);
        context.machine().files().may(&context.caller(), path, wanted).is_ok()
    };
    match operator {
        "-t" => path.parse().is_ok_and(|number| context.is_terminal(number)),
        "-r" => may(4),
        "-w" => may(2),
        "-x" => may(1),
        "-h" | "-L" => context.metadata(path, false).is_ok_and(|metadata| metadata.is_link()),
        _ => {
            let Ok(metadata) = context.metadata(path, true) else {
                return false;
            };
            match operator {
                "-e" | "-a" => true,
                "-f" => metadata.is_file(),
                "-d" => metadata.is_directory(),
                "-s" => metadata.size > 0,
                "-c" => matches!(metadata.kind, Kind::Device(_)),
                "-p" => metadata.kind == Kind::Stream,
                "-g" => metadata.mode & 0o2000 != 0,
                "-u" => metadata.mode & 0o4000 != 0,
                "-k" => metadata.mode & 0o1000 != 0,
                "-O" => metadata.uid == context.caller().user.uid,
                "-G" => metadata.gid == context.caller().user.gid,
                _ => false,
            }
        }
    }
}

/// `-nt`, `-ot`, `-ef`
pub(crate) fn compare_files(context: &Context, left: &str, operator: &str, right: &str) -> bool {
    let left = context.metadata(left, true).ok();
    let right = context.metadata(right, true).ok();
    match (operator, left, right) {
        ("-nt", Some(left), Some(right)) => left.modified > right.modified,
        ("-nt", Some(_), None) => true,
        ("-ot", Some(left), Some(right)) => left.modified < right.modified,
        ("-ot", None, Some(_)) => true,
        ("-ef", Some(left), Some(right)) => {
            (left.device, left.inode) == (right.device, right.inode)
        }
        _ => false,
    }
}
