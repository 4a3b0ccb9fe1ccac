//! `expand`, `unexpand`

use super::{Options, Tool, input::each_line};
use crate::context::Context;

pub(crate) const EXPAND: Tool = Tool {
    name: "expand",
    usage: "[-i] [-t N] [FILE]...",
    about: "Convert tabs to spaces, writing to stdout",
    options: "i,initial t,tabs:",
    run: |context| Box::pin(expand(context)),
    ..super::TOOL
};

pub(crate) const UNEXPAND: Tool = Tool {
    name: "unexpand",
    usage: "[-fa][-t N] [FILE]...",
    about: "Convert spaces to tabs, writing to stdout",
    options: "a,all f,first-only t,tabs:",
    run: |context| Box::pin(unexpand(context)),
    ..super::TOOL
};

fn tab_size(options: &Options) -> usize {
    let size = options.value("t").and_then(|text| text.split(',').next()?.parse().ok());
    size.filter(|size| *size > 0).unwrap_or(8)
}

async fn expand(context: Context) -> i32 {
    let options = match Options::parse(&context, &EXPAND) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let size = tab_size(&options);
    each_line(&context, &options.operands, |line| {
        let mut text = String::new();
        let (mut column, mut initial) = (0, true);
        for character in crate::text::decode(line).chars() {
            if character == '\t' && (initial || !options.has("i")) {
                let count = size - column % size;
                text.push_str(&" ".repeat(count));
                column += count;
                continue;
            }
            initial &= character == ' ' || character == '\t';
            text.push(character);
            column += 1;
        }
        context.put(text);
    })
    .await
}

async fn unexpand(context: Context) -> i32 {
    let options = match Options::parse(&context, &UNEXPAND) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let size = tab_size(&options);
    let all = (options.has("a") || options.has("t")) && !options.has("f");
    each_line(&context, &options.operands, |line| {
        let mut text = String::new();
        let (mut column, mut blanks, mut initial) = (0, 0, true);
        for character in crate::text::decode(line).chars() {
            if character == ' ' && (initial || all) {
                column += 1;
                blanks += 1;
                if column % size == 0 {
                    // A single blank stays what it is.
                    text.push(if blanks > 1 || initial { '\t' } else { ' ' });
                    blanks = 0;
                }
                continue;
            }
            if character == '\t' {
                blanks = 0;
                column = (column / size + 1) * size;
            } else {
                text.push_str(&" ".repeat(blanks));
                blanks = 0;
                column += 1;
                initial = false;
            }
            text.push(character);
        }
        text.push_str(&" ".repeat(blanks));
        context.put(text);
    })
    .await
}
