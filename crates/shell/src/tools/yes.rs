//! `yes`

use super::Tool;
use crate::context::Context;

pub(crate) const TOOL: Tool = Tool {
    name: "yes",
    usage: "[STRING]",
    about: "Repeatedly print a line with STRING, or 'y'",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

async fn run(context: Context) -> i32 {
    let words = context.operands();
    let line = if words.is_empty() { "y".to_owned() } else { words.join(" ") } + "\n";
    let many = line.repeat(8192 / line.len().min(8192) + 1);
    loop {
        context.put(many.as_str());
        if let Err(error) = context.flush().await {
            context.fail(format!("standard output: {error}"));
            return 1;
        }
    }
}
