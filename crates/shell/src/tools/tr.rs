//! `tr`

use super::{Options, Tool, options::misuse};
use crate::context::Context;
use crate::pattern::Class;

pub(crate) const TOOL: Tool = Tool {
    name: "tr",
    usage: "[-cds] STRING1 [STRING2]",
    about: "Translate, squeeze, or delete characters from stdin, writing to stdout",
    options: "+ c,complement C d,delete s,squeeze-repeats t,truncate-set1",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// How large a set may become.
const LIMIT_SET: usize = 100_000;

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let complement = options.has("c") || options.has("C");
    let (deletes, squeezes) = (options.has("d"), options.has("s"));
    let (first, second) = match options.operands.as_slice() {
        [] if context.is_busybox() => return misuse(&context, &TOOL, ""),
        [] => return misuse(&context, &TOOL, "missing operand"),
        [first] if deletes != squeezes => (first, None),
        [first] if deletes => return two_needed(&context, first, "deleting and squeezing repeats"),
        [first] => return two_needed(&context, first, "translating"),
        [first, second] => (first, Some(second)),
        [_, _, extra, ..] => {
            let message = format!("extra operand {}", context.quoted(extra));
            return misuse(&context, &TOOL, &message);
        }
    };
    let first_set = expand(first);
    let mut second_set = second.map(|text| expand(text)).unwrap_or_default();
    let in_first = |c: char| first_set.contains(&c) != complement;
    // The last character of the second set stands for all that are missing.
    if let Some(last) = second_set.last().copied()
        && !options.has("t")
        && !deletes
    {
        while second_set.len() < first_set.len() {
            second_set.push(last);
        }
    }
    let squeezed = |c: char| match (squeezes, second.is_some()) {
        (false, _) => false,
        (true, true) => second_set.contains(&c),
        (true, false) => in_first(c),
    };
    let translate = |c: char| {
        if second_set.is_empty() || deletes {
            return c;
        }
        if complement {
            return if in_first(c) { second_set.last().copied().unwrap_or(c) } else { c };
        }
        let place = first_set.iter().rposition(|member| *member == c);
        place.and_then(|place| second_set.get(place)).copied().unwrap_or(c)
    };
    let Ok(stdin) = context.stream(0) else {
        context.fail("read error: Bad file descriptor");
        return 1;
    };
    let mut before = None;
    let mut held: Vec<u8> = Vec::new();
    loop {
        let bytes = match context.read_stream(&stdin, 65_536).await {
            Ok(bytes) => bytes,
            Err(error) => {
                context.fail(format!("read error: {error}"));
                return 1;
            }
        };
        let is_over = bytes.is_empty();
        held.extend(bytes);
        let rest = if is_over { Vec::new() } else { split_character(&mut held) };
        let mut output = String::with_capacity(held.len());
        for character in crate::text::decode(&held).chars() {
            if deletes && in_first(character) {
                continue;
            }
            let character = translate(character);
            if before == Some(character) && squeezed(character) {
                continue;
            }
            before = Some(character);
            output.push(character);
        }
        context.put(output);
        if is_over {
            return 0;
        }
        held = rest;
    }
}

/// Takes the beginning of a character off the end of a chunk.
fn split_character(bytes: &mut Vec<u8>) -> Vec<u8> {
    let from = bytes.len().saturating_sub(3);
    let cut = (from..bytes.len()).find(|at| {
        let lead = bytes.get(*at).copied().unwrap_or(0);
        let length = match lead {
            0xc2..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0..0xf5 => 4,
            _ => 1,
        };
        at + length > bytes.len()
    });
    cut.map(|cut| bytes.split_off(cut)).unwrap_or_default()
}

fn two_needed(context: &Context, first: &str, when: &str) -> i32 {
    if context.is_busybox() {
        return misuse(context, &TOOL, "");
    }
    context.fail(format!("missing operand after {}", context.quoted(first)));
    context.complain(format!("Two strings must be given when {when}.\n"));
    misuse(context, &TOOL, "")
}

/// The characters of a set: escapes, ranges, classes, `[=x=]`, `[x*3]`.
fn expand(text: &str) -> Vec<char> {
    let mut chars: Vec<(char, bool)> = Vec::new();
    let mut source = text.chars().peekable();
    while let Some(character) = source.next() {
        if character != '\\' {
            chars.push((character, false));
            continue;
        }
        match crate::escapes::read(&mut source, crate::escapes::Style::FORMAT) {
            crate::escapes::Escape::Text(text) => chars.extend(text.chars().map(|c| (c, true))),
            _ => chars.push((source.next().unwrap_or('\\'), true)),
        }
    }
    let plain: String = chars.iter().map(|(c, _)| *c).collect();
    let plain: Vec<char> = plain.chars().collect();
    let mut set = Vec::new();
    let mut at = 0;
    while let Some(character) = plain.get(at).copied() {
        if set.len() > LIMIT_SET {
            break;
        }
        if character == '['
            && let Some((members, after)) = bracketed(&plain, at)
        {
            set.extend(members);
            at = after;
        } else if plain.get(at + 1) == Some(&'-')
            && chars.get(at + 1).is_some_and(|(_, escaped)| !escaped)
            && let Some(last) = plain.get(at + 2).copied()
        {
            set.extend((character..=last).take(LIMIT_SET));
            at += 3;
        } else {
            set.push(character);
            at += 1;
        }
    }
    set
}

fn bracketed(chars: &[char], at: usize) -> Option<(Vec<char>, usize)> {
    let kind = *chars.get(at + 1)?;
    if kind == ':' || kind == '=' {
        let rest = chars.get(at + 2..)?;
        let end = rest.windows(2).position(|pair| pair == [kind, ']'])?;
        let name: String = rest.get(..end)?.iter().collect();
        let after = at + 2 + end + 2;
        if kind == '=' {
            return Some((vec![name.chars().next()?], after));
        }
        let class = Class::parse(&name)?;
        let members = (0..=255_u32).filter_map(char::from_u32);
        let members = members.filter(|c| c.is_ascii() && class.contains(*c));
        return Some((members.collect(), after));
    }
    // `[x*n]`
    if chars.get(at + 2) == Some(&'*') {
        let rest = chars.get(at + 3..)?;
        let end = rest.iter().position(|c| *c == ']')?;
        let digits: String = rest.get(..end)?.iter().collect();
        let count = if digits.is_empty() { 256 } else { digits.parse().ok()? };
        return Some((vec![kind; usize::min(count, LIMIT_SET)], at + 3 + end + 1));
    }
    None
}
