//! `sort`

use super::{Options, Tool, input::or_stdin, options::misuse};
use crate::context::Context;
use std::cmp::Ordering;

pub(crate) const TOOL: Tool = Tool {
    name: "sort",
    usage: "[-nrughMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]...",
    about: "Sort lines of text",
    options: "b,ignore-leading-blanks c,check:: !C d,dictionary-order f,ignore-case g,general-numeric-sort h,human-numeric-sort i,ignore-nonprinting k,key: m,merge M,month-sort n,numeric-sort o,output: r,reverse !R,random-sort s,stable t,field-separator: u,unique V,version-sort z,zero-terminated S,buffer-size: T,temporary-directory: !,parallel:",
    misuse: 2,
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// How texts are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Manner {
    #[default]
    Text,
    Numeric,
    General,
    Human,
    Version,
    Month,
}

#[derive(Clone, Copy, Debug, Default)]
struct Rules {
    manner: Manner,
    reverse: bool,
    fold: bool,
    dictionary: bool,
    blanks: bool,
}

impl Rules {
    fn set(&mut self, letter: char) -> bool {
        match letter {
            'n' => self.manner = Manner::Numeric,
            'g' => self.manner = Manner::General,
            'h' => self.manner = Manner::Human,
            'V' => self.manner = Manner::Version,
            'M' => self.manner = Manner::Month,
            'r' => self.reverse = true,
            'f' => self.fold = true,
            'd' | 'i' => self.dictionary = true,
            'b' => self.blanks = true,
            _ => return false,
        }
        true
    }
}

/// `-k START[.OFFSET][OPTIONS][,END[.OFFSET][OPTIONS]]`
#[derive(Clone, Debug)]
struct Key {
    start: (usize, usize),
    end: Option<(usize, usize)>,
    rules: Option<Rules>,
}

struct Sorter {
    keys: Vec<Key>,
    rules: Rules,
    separator: Option<char>,
    stable: bool,
    unique: bool,
}

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut rules = Rules::default();
    for (key, _) in options.iter() {
        if let (Some(letter), 1) = (key.chars().next(), key.len()) {
            rules.set(letter);
        }
    }
    let mut keys = Vec::new();
    for text in options.values("k") {
        match parse_key(text) {
            Some(key) => keys.push(key),
            None if context.is_busybox() => return misuse(&context, &TOOL, "unknown key option"),
            None => {
                let message = match text.split(['.', ',']).next().map(str::parse::<usize>) {
                    Some(Ok(0)) => format!(
                        "field number is zero: invalid field specification {}",
                        context.quoted(text)
                    ),
                    Some(Err(_)) => format!(
                        "invalid number at field start: invalid count at start of {}",
                        context.quoted(text)
                    ),
                    _ => format!(
                        "stray character in field spec: invalid field specification {}",
                        context.quoted(text)
                    ),
                };
                context.fail(message);
                return 2;
            }
        }
    }
    let separator = match options.value("t") {
        Some("\\0") => Some('\0'),
        Some(text) if text.chars().count() == 1 || context.is_busybox() => text.chars().next(),
        Some("") => {
            context.fail("empty tab");
            return 2;
        }
        Some(text) => {
            context.fail(format!("multi-character tab {}", context.quoted(text)));
            return 2;
        }
        None => None,
    };
    let end = if options.has("z") { b'\0' } else { b'\n' };
    let sorter =
        Sorter { keys, rules, separator, stable: options.has("s"), unique: options.has("u") };
    let mut lines = Vec::new();
    for path in or_stdin(&options.operands) {
        let read = match context.open_input(&path) {
            Ok(stream) => context.read_to_end(&stream).await,
            Err(error) if context.is_busybox() => {
                context.fail(format!("{path}: {error}"));
                return 2;
            }
            Err(error) => {
                context.fail(format!("cannot read: {path}: {error}"));
                return 2;
            }
        };
        match read {
            Ok(bytes) => {
                let mut pieces: Vec<&[u8]> = bytes.split(|byte| *byte == end).collect();
                if pieces.last().is_some_and(|last| last.is_empty()) {
                    pieces.pop();
                }
                lines.extend(pieces.into_iter().map(crate::text::decode));
            }
            Err(error) => {
                context.fail(format!("read failed: {path}: {error}"));
                return 2;
            }
        }
    }
    if options.has("c") || options.has("C") {
        return check(&context, &sorter, &lines, &options);
    }
    let count = lines.len() as u32;
    context.work(count / 10).await;
    lines.sort_by(|a, b| sorter.compare(a, b));
    if sorter.unique {
        lines.dedup_by(|a, b| sorter.compare_keys(a, b) == Ordering::Equal);
    }
    let mut output = Vec::new();
    for line in &lines {
        output.extend_from_slice(&crate::text::encode(line));
        output.push(end);
    }
    match options.value("o") {
        Some(path) => {
            if let Err(error) = context.write_file(path, &output) {
                let verb = if context.is_busybox() { "" } else { "open failed: " };
                context.fail(format!("{verb}{path}: {error}"));
                return 2;
            }
        }
        None => context.put(output),
    }
    0
}

fn check(context: &Context, sorter: &Sorter, lines: &[String], options: &Options) -> i32 {
    let out_of_order = |pair: &[String]| match pair {
        [a, b] => match sorter.compare_keys(a, b) {
            Ordering::Greater => true,
            Ordering::Equal => {
                sorter.unique || (!sorter.stable && sorter.compare(a, b) == Ordering::Greater)
            }
            Ordering::Less => false,
        },
        _ => false,
    };
    let Some(found) = lines.windows(2).position(out_of_order) else {
        return 0;
    };
    if !options.has("C") && !context.is_busybox() {
        let path = options.operands.first().map_or("-", String::as_str);
        let line = lines.get(found + 1).map_or("", String::as_str);
        context.fail(format!("{path}:{}: disorder: {line}", found + 2));
    }
    1
}

fn parse_key(text: &str) -> Option<Key> {
    let mut rules = Rules::default();
    let mut has_rules = false;
    let mut position = |text: &str| -> Option<(usize, usize)> {
        let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (place, letters) = text.split_at(end);
        for letter in letters.chars() {
            has_rules = true;
            if !rules.set(letter) {
                return None;
            }
        }
        match place.split_once('.') {
            Some((field, offset)) => Some((field.parse().ok()?, offset.parse().ok()?)),
            None => Some((place.parse().ok()?, 0)),
        }
    };
    let (start, end) = match text.split_once(',') {
        Some((start, end)) => (position(start)?, Some(position(end)?)),
        None => (position(text)?, None),
    };
    if start.0 == 0 || end.is_some_and(|end| end.0 == 0) {
        return None;
    }
    Some(Key { start, end, rules: has_rules.then_some(rules) })
}

impl Sorter {
    fn compare(&self, a: &str, b: &str) -> Ordering {
        let by_keys = self.compare_keys(a, b);
        if by_keys != Ordering::Equal || self.stable || self.unique {
            return by_keys;
        }
        let whole = crate::text::encode(a).cmp(&crate::text::encode(b));
        if self.rules.reverse { whole.reverse() } else { whole }
    }

    fn compare_keys(&self, a: &str, b: &str) -> Ordering {
        if self.keys.is_empty() {
            let ordering = compare_by(self.rules, a, b);
            return if self.rules.reverse { ordering.reverse() } else { ordering };
        }
        for key in &self.keys {
            let rules = key.rules.unwrap_or(self.rules);
            let ordering = compare_by(rules, self.part(key, rules, a), self.part(key, rules, b));
            let ordering = if rules.reverse { ordering.reverse() } else { ordering };
            if ordering != Ordering::Equal {
                return ordering;
            }
        }
        Ordering::Equal
    }

    /// The part of a line that a key means.
    fn part<'l>(&self, key: &Key, rules: Rules, line: &'l str) -> &'l str {
        let start = self.field_start(line, key.start.0, rules.blanks);
        let start = advance(line, start, key.start.1.saturating_sub(1));
        let end = match key.end {
            None => line.len(),
            Some((field, 0)) => self.field_end(line, field),
            Some((field, offset)) => {
                let from = self.field_start(line, field, rules.blanks);
                advance(line, from, offset)
            }
        };
        line.get(start..end.max(start)).unwrap_or_default()
    }

    /// Where a field begins. Without a separator the blanks before a field belong to it.
    fn field_start(&self, line: &str, number: usize, skip_blanks: bool) -> usize {
        let mut at = 0;
        for _ in 1..number {
            at = match self.separator {
                Some(separator) => match line.get(at..).and_then(|rest| rest.find(separator)) {
                    Some(found) => at + found + separator.len_utf8(),
                    None => return line.len(),
                },
                None => blank_field_end(line, at),
            };
        }
        if skip_blanks {
            let rest = line.get(at..).unwrap_or_default();
            at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
        }
        at
    }

    fn field_end(&self, line: &str, number: usize) -> usize {
        let start = self.field_start(line, number, false);
        match self.separator {
            Some(separator) => {
                let rest = line.get(start..).unwrap_or_default();
                rest.find(separator).map_or(line.len(), |found| start + found)
            }
            None => blank_field_end(line, start),
        }
    }
}

fn blank_field_end(line: &str, start: usize) -> usize {
    let rest = line.get(start..).unwrap_or_default();
    let text = rest.trim_start_matches([' ', '\t']);
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    start + (rest.len() - text.len()) + end
}

fn advance(line: &str, start: usize, count: usize) -> usize {
    let rest = line.get(start..).unwrap_or_default();
    rest.char_indices().nth(count).map_or(line.len(), |(at, _)| start + at)
}

fn compare_by(rules: Rules, a: &str, b: &str) -> Ordering {
    let trim = |text: &'_ str| -> usize {
        if rules.blanks { text.len() - text.trim_start_matches([' ', '\t']).len() } else { 0 }
    };
    let a = a.get(trim(a)..).unwrap_or_default();
    let b = b.get(trim(b)..).unwrap_or_default();
    match rules.manner {
        Manner::Numeric => compare_numbers(a, b),
        Manner::General => {
            let number = |text: &str| {
                let text = text.trim_start();
                let end = text.find(|c: char| !"0123456789+-.eE".contains(c)).unwrap_or(text.len());
                text.get(..end)
                    .and_then(|text| text.parse::<f64>().ok())
                    .unwrap_or(f64::NEG_INFINITY)
            };
            number(a).partial_cmp(&number(b)).unwrap_or(Ordering::Equal)
        }
        Manner::Human => {
            let unit = |text: &str| {
                let text = text.trim_start();
                let rest = text.trim_start_matches(['-', '+']);
                let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
                let order =
                    rest.chars().next().and_then(|c| "KMGTPEZY".find(c.to_ascii_uppercase()));
                let order = order.map_or(0, |order| order as i32 + 1);
                if text.starts_with('-') { -order } else { order }
            };
            unit(a).cmp(&unit(b)).then_with(|| compare_numbers(a, b))
        }
        Manner::Version => compare_versions(a, b),
        Manner::Month => month(a).cmp(&month(b)),
        Manner::Text => {
            if !rules.fold && !rules.dictionary {
                return crate::text::encode(a).cmp(&crate::text::encode(b));
            }
            let shaped = |text: &str| {
                let kept =
                    text.chars().filter(|c| !rules.dictionary || c.is_alphanumeric() || *c == ' ');
                let kept: String = kept.collect();
                if rules.fold { kept.to_uppercase() } else { kept }
            };
            shaped(a).cmp(&shaped(b))
        }
    }
}

fn month(text: &str) -> usize {
    const MONTHS: [&str; 12] =
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let text: String = text.trim_start().chars().take(3).collect();
    MONTHS.iter().position(|month| *month == text.to_uppercase()).map_or(0, |found| found + 1)
}

/// Compares the decimal numbers at the start of two texts, however long they are.
pub(super) fn compare_numbers(a: &str, b: &str) -> Ordering {
    fn split(text: &str) -> (bool, &str, &str) {
        let text = text.trim_start_matches([' ', '\t']);
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (whole, rest) = text.split_at(digits(text));
        let fraction = rest.strip_prefix('.').map_or("", |rest| rest.split_at(digits(rest)).0);
        (negative, whole.trim_start_matches('0'), fraction.trim_end_matches('0'))
    }
    let (a, b) = (split(a), split(b));
    let is_zero = |number: &(bool, &str, &str)| number.1.is_empty() && number.2.is_empty();
    let negative = |number: &(bool, &str, &str)| number.0 && !is_zero(number);
    match (negative(&a), negative(&b)) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (both, _) => {
            let size =
                a.1.len().cmp(&b.1.len()).then_with(|| a.1.cmp(b.1)).then_with(|| a.2.cmp(b.2));
            if both { size.reverse() } else { size }
        }
    }
}

/// Compares texts in which runs of digits count as numbers.
pub(super) fn compare_versions(a: &str, b: &str) -> Ordering {
    let order = |c: Option<char>| match c {
        Some('~') => -1,
        None => 0,
        Some(c) if c.is_ascii_digit() => 0,
        Some(c) if c.is_ascii_alphabetic() => u32::from(c) as i32,
        Some(c) => u32::from(c) as i32 + 256,
    };
    let (mut a, mut b) = (a.chars().peekable(), b.chars().peekable());
    while a.peek().is_some() || b.peek().is_some() {
        while a.peek().is_some_and(|c| !c.is_ascii_digit())
            || b.peek().is_some_and(|c| !c.is_ascii_digit())
        {
            let ordering = order(a.peek().copied()).cmp(&order(b.peek().copied()));
            if ordering != Ordering::Equal {
                return ordering;
            }
            a.next();
            b.next();
        }
        let digits = |text: &mut std::iter::Peekable<std::str::Chars>| {
            let mut number = String::new();
            while let Some(digit) = text.peek().copied().filter(char::is_ascii_digit) {
                number.push(digit);
                text.next();
            }
            number.trim_start_matches('0').to_owned()
        };
        let (x, y) = (digits(&mut a), digits(&mut b));
        let ordering = x.len().cmp(&y.len()).then_with(|| x.cmp(&y));
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}
