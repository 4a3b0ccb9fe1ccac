//! `cut`

use super::{Options, Tool, input::each_line, options::misuse};
use crate::context::Context;

pub(crate) const TOOL: Tool = Tool {
    name: "cut",
    usage: "{-b|c LIST | -f LIST [-d SEP] [-s]} [--output-delimiter SEP] [FILE]...",
    about: "Print selected fields from FILEs to stdout",
    options: "b,bytes: c,characters: f,fields: d,delimiter: s,only-delimited n !,output-delimiter: !,complement",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// Positions from 1; open ends reach as far as there is.
struct List(Vec<(usize, usize)>);

impl List {
    fn parse(text: &str) -> Option<List> {
        let mut ranges = Vec::new();
        for part in text.split([',', ' ']).filter(|part| !part.is_empty()) {
            let range = match part.split_once('-') {
                None => {
                    let only = part.parse().ok()?;
                    (only, only)
                }
                Some(("", "")) => return None,
                Some((first, last)) => {
                    let first = if first.is_empty() { 1 } else { first.parse().ok()? };
                    let last = if last.is_empty() { usize::MAX } else { last.parse().ok()? };
                    (first, last)
                }
            };
            if range.0 == 0 || range.1 < range.0 {
                return None;
            }
            ranges.push(range);
        }
        ranges.sort_unstable();
        (!ranges.is_empty()).then_some(List(ranges))
    }

    fn contains(&self, position: usize) -> bool {
        self.0.iter().any(|(first, last)| (*first..=*last).contains(&position))
    }
}

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(kind) = options.last_of(&["b", "c", "f"]) else {
        let message = if context.is_busybox() {
            "expected a list of bytes, characters, or fields"
        } else {
            "you must specify a list of bytes, characters, or fields"
        };
        return misuse(&context, &TOOL, message);
    };
    let text = options.value(kind).unwrap_or_default();
    let Some(list) = List::parse(text) else {
        return bad_list(&context, text, kind);
    };
    let delimiter = options.value("d").unwrap_or("\t").to_owned();
    if delimiter.chars().count() > 1 && !context.is_busybox() {
        return misuse(&context, &TOOL, "the delimiter must be a single character");
    }
    let only_delimited = options.has("s");
    let joint = options.value("output-delimiter").map(str::to_owned);
    let chosen = |position: usize| list.contains(position) != options.has("complement");
    let delimiter: String = delimiter.chars().take(1).collect();
    let delimiter = if delimiter.is_empty() { "\0".to_owned() } else { delimiter };
    each_line(&context, &options.operands, |line| {
        let text = crate::text::decode(super::input::chomp(line));
        if kind == "f" {
            if !text.contains(&delimiter) {
                if !only_delimited {
                    context.put(text + "\n");
                }
                return;
            }
            let fields = text.split(&delimiter).zip(1..);
            let kept: Vec<&str> =
                fields.filter(|(_, position)| chosen(*position)).map(|(field, _)| field).collect();
            context.put(kept.join(joint.as_deref().unwrap_or(&delimiter)) + "\n");
        } else if kind == "c" && context.is_busybox() {
            let kept: String =
                text.chars().zip(1..).filter(|(_, at)| chosen(*at)).map(|(c, _)| c).collect();
            context.put(kept + "\n");
        } else {
            // GNU's -c is still -b.
            let bytes = super::input::chomp(line);
            let mut kept = Vec::new();
            let mut before = 0;
            for (byte, position) in bytes.iter().zip(1..) {
                if !chosen(position) {
                    continue;
                }
                if let Some(joint) =
                    joint.as_ref().filter(|_| before != 0 && before + 1 != position)
                {
                    kept.extend_from_slice(joint.as_bytes());
                }
                before = position;
                kept.push(*byte);
            }
            kept.push(b'\n');
            context.put(kept);
        }
    })
    .await
}

fn bad_list(context: &Context, text: &str, kind: &str) -> i32 {
    if context.is_busybox() {
        context.fail(format!("invalid range '{text}'"));
        return 1;
    }
    let is_field = kind == "f";
    let has_zero = text.split([',', '-']).any(|part| part.parse::<usize>() == Ok(0));
    let message = if has_zero && is_field {
        "fields are numbered from 1".to_owned()
    } else if has_zero {
        "byte/character positions are numbered from 1".to_owned()
    } else if text.split(',').any(|part| part.chars().any(|c| !c.is_ascii_digit() && c != '-')) {
        let what = if is_field { "field value" } else { "byte or character position" };
        format!("invalid {what} {}", context.quoted(text))
    } else if text.contains("--") || text == "-" {
        "invalid range with no endpoint: -".to_owned()
    } else {
        "invalid decreasing range".to_owned()
    };
    misuse(context, &TOOL, &message)
}
