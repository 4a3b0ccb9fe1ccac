//! `fold`

use super::{Options, Tool, input::each_line};
use crate::context::Context;

pub(crate) const TOOL: Tool = Tool {
    name: "fold",
    usage: "[-bs] [-w WIDTH] [FILE]...",
    about: "Wrap input lines in FILEs (or stdin), writing to stdout",
    options: "b,bytes s,spaces w,width:",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

async fn run(context: Context) -> i32 {
    let words = super::head::modern(&context.operands());
    let words: Vec<String> = words.iter().map(|word| word.replacen("-n", "-w", 1)).collect();
    let options = match Options::parse_words(&context, &TOOL, &words) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let width = options.value("w").unwrap_or("80");
    let Some(width) = width.parse::<usize>().ok().filter(|width| *width > 0) else {
        match context.is_busybox() {
            true => context.fail(format!("invalid number '{width}'")),
            false => context.fail(format!("invalid number of columns: {}", context.quoted(width))),
        }
        return 1;
    };
    each_line(&context, &options.operands, |line| {
        let mut text = crate::text::decode(line);
        let ended = text.ends_with('\n');
        if ended {
            text.pop();
        }
        let mut chars: Vec<char> = text.chars().collect();
        while columns(&chars) > width {
            let mut cut = fitting(&chars, width);
            if options.has("s") {
                let blank = chars.iter().take(cut).rposition(|c| *c == ' ' || *c == '\t');
                cut = blank.map_or(cut, |blank| blank + 1);
            }
            let rest = chars.split_off(cut.max(1));
            context.put(chars.iter().collect::<String>() + "\n");
            chars = rest;
        }
        let last: String = chars.iter().collect();
        context.put(if ended { last + "\n" } else { last });
    })
    .await
}

fn advance(column: usize, character: char) -> usize {
    match character {
        '\t' => (column / 8 + 1) * 8,
        '\u{8}' => column.saturating_sub(1),
        '\r' => 0,
        _ => column + 1,
    }
}

fn columns(chars: &[char]) -> usize {
    chars.iter().fold(0, |column, character| advance(column, *character))
}

fn fitting(chars: &[char], width: usize) -> usize {
    let mut column = 0;
    for (number, character) in chars.iter().enumerate() {
        column = advance(column, *character);
        if column > width {
            return number;
        }
    }
    chars.len()
}
