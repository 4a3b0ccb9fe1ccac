//! `rev`

use super::{Options, Tool, input::each_line};
use crate::context::Context;

pub(crate) const TOOL: Tool = Tool {
    name: "rev",
    usage: "[FILE]...",
    about: "Reverse lines of FILE",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    each_line(&context, &options.operands, |line| {
        let ended = line.ends_with(b"\n");
        let text = crate::text::decode(super::input::chomp(line));
        let turned: String = text.chars().rev().collect();
        context.put(if ended { turned + "\n" } else { turned });
    })
    .await
}
