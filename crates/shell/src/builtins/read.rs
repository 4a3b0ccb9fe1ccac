//! `read`

use super::{ALL, Builtin, Outcome, options};
use crate::interpreter::{Dialect, Shell, is_name};
use crate::notify::{Either, race};
use crate::stream::Handle;
use crate::tools::duration;

pub(super) const BUILTINS: &[Builtin] = &[Builtin {
    name: "read",
    special: false,
    dialects: ALL,
    run: |shell, words| Box::pin(read(shell, words)),
}];

#[derive(Default)]
struct Request {
    raw: bool,
    prompt: Option<String>,
    descriptor: u32,
    end: u8,
    count: Option<usize>,
    exact: bool,
    seconds: Option<sim::Duration>,
    array: Option<String>,
}

/// What was read: characters, each with whether a backslash quoted it.
struct Line {
    characters: Vec<(char, bool)>,
    /// The end of the line was there.
    complete: bool,
    timed_out: bool,
}

async fn read(shell: &mut Shell, words: Vec<String>) -> Outcome {
    let letters = match shell.dialect {
        Dialect::Dash => "p:r",
        Dialect::Bash => "ersa:d:i:n:N:p:t:u:",
        Dialect::Ash => "rsd:n:p:t:u:",
    };
    let (flags, names) = match options(&words, letters) {
        Ok(parsed) => parsed,
        Err(letter) => {
            let usage = "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]";
            return shell.bad_option("read", letter, usage);
        }
    };
    let mut request = Request { end: b'\n', ..Request::default() };
    for (letter, value) in flags {
        match letter {
            'r' => request.raw = true,
            'p' => request.prompt = Some(value),
            'u' => request.descriptor = value.parse().unwrap_or(0),
            'd' => request.end = value.bytes().next().unwrap_or(0),
            'n' => request.count = value.parse().ok(),
            'N' => (request.count, request.exact) = (value.parse().ok(), true),
            't' => request.seconds = duration::parse_seconds(&value),
            'a' => request.array = Some(value),
            _ => {}
        }
    }
    if names.is_empty() && shell.dialect == Dialect::Dash {
        shell.complain_as("read", "arg count");
        return shell.fatal("read", 2);
    }
    for name in &names {
        if !is_name(name.split('[').next().unwrap_or_default()) {
            return Ok(match shell.dialect {
                Dialect::Bash => {
                    shell.complain_as("read", format!("`{name}': not a valid identifier"));
                    1
                }
                Dialect::Dash => {
                    shell.complain_as("read", format!("{name}: bad variable name"));
                    2
                }
                Dialect::Ash => {
                    let own = shell.name.clone();
                    shell.context.complain(format!("{own}: read: '{name}': bad variable name\n"));
                    1
                }
            });
        }
    }
    let stream = match shell.context.stream(request.descriptor) {
        Ok(stream) => stream,
        Err(error) => {
            let number = request.descriptor;
            if shell.dialect.is_bash() {
                shell.complain_as("read", format!("{number}: invalid file descriptor: {error}"));
            }
            return Ok(1);
        }
    };
    if let Some(prompt) = &request.prompt
        && stream.terminal().is_some()
    {
        shell.context.complain(prompt.as_str());
    }
    let line = read_characters(shell, &stream, &request).await;
    let status = match (line.complete, line.timed_out) {
        (_, true) if shell.dialect.is_bash() => 142,
        (true, false) => 0,
        _ => 1,
    };
    assign(shell, &request, &names, line.characters)?;
    Ok(status)
}

async fn read_characters(shell: &Shell, stream: &Handle, request: &Request) -> Line {
    let gather = gather(shell, stream, request);
    match request.seconds {
        None => gather.await,
        Some(seconds) => match race(gather, shell.context.sim().sleep(seconds)).await {
            Either::First(line) => line,
            Either::Second(()) => Line { characters: Vec::new(), complete: false, timed_out: true },
        },
    }
}

async fn gather(shell: &Shell, stream: &Handle, request: &Request) -> Line {
    let context = &shell.context;
    let mut line = Line { characters: Vec::new(), complete: false, timed_out: false };
    loop {
        let mut bytes = match request.count {
            Some(count) => read_count(shell, stream, count, request).await,
            None => context.read_line(stream, request.end).await.unwrap_or_default(),
        };
        let ended = bytes.last() == Some(&request.end) && !request.exact;
        if ended {
            bytes.pop();
        }
        let text = crate::text::decode(&bytes);
        let mut characters = text.chars();
        let mut continues = false;
        while let Some(character) = characters.next() {
            if character == '\\' && !request.raw {
                match characters.next() {
                    Some('\n') => {}
                    Some(next) => line.characters.push((next, true)),
                    None => continues = ended,
                }
            } else if character != '\0' {
                line.characters.push((character, false));
            }
        }
        if !continues {
            let enough = request.count.is_some_and(|count| line.characters.len() >= count);
            line.complete = ended || enough;
            return line;
        }
    }
}

/// Up to so many characters, less if the line ends before.
async fn read_count(shell: &Shell, stream: &Handle, count: usize, request: &Request) -> Vec<u8> {
    let mut bytes = Vec::new();
    while crate::text::decode(&bytes).chars().count() < count {
        let more = shell.context.read_stream(stream, 1).await.unwrap_or_default();
        let Some(byte) = more.first() else {
            break;
        };
        bytes.push(*byte);
        if *byte == request.end && !request.exact {
            break;
        }
        // The rest of a character that has begun.
        let rest = match *byte {
            0xc0..0xe0 => 1,
            0xe0..0xf0 => 2,
            0xf0.. => 3,
            _ => 0,
        };
        for _ in 0..rest {
            bytes.extend(shell.context.read_stream(stream, 1).await.unwrap_or_default());
        }
    }
    bytes
}

fn assign(
    shell: &mut Shell,
    request: &Request,
    names: &[String],
    characters: Vec<(char, bool)>,
) -> Outcome {
    let all: String = characters.iter().map(|(character, _)| *character).collect();
    if names.is_empty() && request.array.is_none() {
        let separators = shell.variables.text("IFS").unwrap_or(" \t\n").to_owned();
        // bash leaves REPLY as it was typed, busybox trims it.
        let reply = match shell.dialect {
            Dialect::Bash => all,
            _ => all.trim_matches(|c| " \t\n".contains(c) && separators.contains(c)).to_owned(),
        };
        return set(shell, "REPLY", reply);
    }
    if request.exact {
        for (number, name) in names.iter().enumerate() {
            set(shell, name, if number == 0 { all.clone() } else { String::new() })?;
        }
        return Ok(0);
    }
    let separators = shell.variables.text("IFS").unwrap_or(" \t\n").to_owned();
    if let Some(array) = &request.array {
        let fields = split(&characters, &separators, usize::MAX);
        let elements = fields.into_iter().map(|field| (None, field)).collect();
        if shell.assign_list(array, elements, false).is_err() {
            return Err(shell.complain_read_only(array));
        }
        return Ok(0);
    }
    let mut fields = split(&characters, &separators, names.len()).into_iter();
    for name in names {
        set(shell, name, fields.next().unwrap_or_default())?;
    }
    Ok(0)
}

fn set(shell: &mut Shell, name: &str, value: String) -> Outcome {
    let element = name.strip_suffix(']').and_then(|name| name.split_once('['));
    let done = match element {
        Some((array, index)) => match shell.key(array, index) {
            Ok(key) => shell.assign_element(array, &key, value),
            Err(_) => Ok(()),
        },
        None => shell.assign(name, value),
    };
    match done {
        Ok(()) => Ok(0),
        Err(_) => Err(shell.complain_read_only(name)),
    }
}

/// Splits into at most `count` fields; the last one takes the rest.
fn split(characters: &[(char, bool)], separators: &str, count: usize) -> Vec<String> {
    let separates = |(c, quoted): &(char, bool)| !quoted && separators.contains(*c);
    let is_blank = |one: &(char, bool)| separates(one) && " \t\n".contains(one.0);
    let text = |part: &[(char, bool)]| part.iter().map(|(c, _)| *c).collect::<String>();
    let mut fields = Vec::new();
    let mut rest = characters;
    let trim_start = |mut rest: &[(char, bool)]| -> usize {
        let before = rest.len();
        while let Some((first, more)) = rest.split_first() {
            if !is_blank(first) {
                break;
            }
            rest = more;
        }
        before - rest.len()
    };
    rest = rest.get(trim_start(rest)..).unwrap_or_default();
    while !rest.is_empty() {
        let end = rest.iter().position(separates).unwrap_or(rest.len());
        if fields.len() + 1 == count {
            let mut last = rest;
            while let Some((one, before)) = last.split_last() {
                if !is_blank(one) {
                    break;
                }
                last = before;
            }
            // A single separator at the very end does not belong to the last field.
            let ends_once = last.iter().filter(|one| separates(one)).count() == 1;
            if ends_once && last.last().is_some_and(separates) {
                last = last.get(..last.len() - 1).unwrap_or_default();
            }
            fields.push(text(last));
            return fields;
        }
        fields.push(text(rest.get(..end).unwrap_or_default()));
        let mut after = end + trim_start(rest.get(end..).unwrap_or_default());
        if rest.get(after).is_some_and(separates) {
            after += 1;
            after += trim_start(rest.get(after..).unwrap_or_default());
        }
        rest = rest.get(after..).unwrap_or_default();
    }
    fields
}
