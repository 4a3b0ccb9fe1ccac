//! `sleep`, `usleep`

use super::{Home, Options, Tool, duration, options::misuse};
use crate::context::Context;
use sim::Duration;

pub(crate) const SLEEP: Tool = Tool {
    name: "sleep",
    directory: "/bin",
    usage: "[N]...",
    about: "Pause for a time equal to the total of the args given, where each arg can have an optional suffix of (s)econds, (m)inutes, (h)ours, or (d)ays",
    options: "+",
    run: |context| Box::pin(sleep(context)),
    ..super::TOOL
};

pub(crate) const USLEEP: Tool = Tool {
    name: "usleep",
    home: Home::Busybox,
    usage: "N",
    about: "Pause for N microseconds",
    run: |context| Box::pin(usleep(context)),
    ..super::TOOL
};

async fn sleep(context: Context) -> i32 {
    let options = match Options::parse(&context, &SLEEP) {
        Ok(options) => options,
        Err(status) => return status,
    };
    if options.operands.is_empty() {
        return misuse(&context, &SLEEP, if context.is_busybox() { "" } else { "missing operand" });
    }
    let mut total = Duration::ZERO;
    let mut wrong = false;
    for text in &options.operands {
        match duration::parse(text) {
            Some(pause) => total = total.saturating_add(pause),
            None if context.is_busybox() => {
                context.fail(format!("invalid number '{text}'"));
                return 1;
            }
            None => {
                context.fail(format!("invalid time interval {}", context.quoted(text)));
                wrong = true;
            }
        }
    }
    if wrong {
        return misuse(&context, &SLEEP, "");
    }
    context.sleep(total).await;
    0
}

async fn usleep(context: Context) -> i32 {
    let micros = context.operands().first().and_then(|text| text.parse().ok());
    context.sleep(Duration::from_micros(micros.unwrap_or(0))).await;
    0
}
