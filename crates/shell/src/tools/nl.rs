//! `nl`

use super::{Options, Tool, input::each_line};
use crate::context::Context;
use crate::regex::{Regex, Syntax};

pub(crate) const TOOL: Tool = Tool {
    name: "nl",
    usage: "[OPTIONS] [FILE]...",
    about: "Write FILEs to standard output with line numbers added",
    options: "b,body-numbering: i,line-increment: l,join-blank-lines: n,number-format: p,no-renumber s,number-separator: v,starting-line-number: w,number-width: !d: !f,footer-numbering: !h,header-numbering:",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let number_of = |key: &str, default: i64| {
        options.value(key).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let style = options.value("b").unwrap_or("t").to_owned();
    let regex = style.strip_prefix('p').and_then(|text| Regex::new(text, Syntax::default()).ok());
    let format = options.value("n").unwrap_or("rn").to_owned();
    let separator = options.value("s").unwrap_or("\t").to_owned();
    let (mut number, step) = (number_of("v", 1), number_of("i", 1));
    let width = number_of("w", 6).clamp(1, 1000) as usize;
    each_line(&context, &options.operands, |line| {
        let text = super::input::chomp(line);
        let numbered = match &regex {
            Some(regex) => regex.is_match(&crate::text::decode(text)),
            None => style == "a" || (style == "t" && !text.is_empty()),
        };
        let head = if numbered {
            let shown = match format.as_str() {
                "ln" => format!("{number:<width$}"),
                "rz" => format!("{number:0width$}"),
                _ => format!("{number:width$}"),
            };
            number = number.saturating_add(step);
            format!("{shown}{separator}")
        } else {
            " ".repeat(width + separator.chars().count())
        };
        context.put(head);
        context.put(text);
        context.put("\n");
    })
    .await
}
