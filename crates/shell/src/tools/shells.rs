//! The shells as programs, and busybox itself.

use super::{Home, Tool, find};
use crate::context::Context;
use crate::interpreter::{Dialect, main};

pub(crate) const BASH: Tool = Tool {
    name: "bash",
    home: Home::Gnu,
    directory: "/bin",
    run: |context| Box::pin(main(context, Dialect::Bash)),
    ..super::TOOL
};

pub(crate) const DASH: Tool = Tool {
    name: "dash",
    aliases: &["sh"],
    home: Home::Gnu,
    directory: "/bin",
    run: |context| Box::pin(main(context, Dialect::Dash)),
    ..super::TOOL
};

pub(crate) const ASH: Tool = Tool {
    name: "ash",
    aliases: &["sh"],
    home: Home::Busybox,
    run: |context| Box::pin(main(context, Dialect::Ash)),
    ..super::TOOL
};

pub(crate) const BUSYBOX: Tool = Tool {
    name: "busybox",
    home: Home::Busybox,
    run: |context| Box::pin(busybox(context)),
    ..super::TOOL
};

/// `busybox NAME ARG...`: the applet called `NAME`.
async fn busybox(context: Context) -> i32 {
    let words = context.operands();
    let Some(name) = words.first().cloned() else {
        context.put(format!("{}\n", super::options::BUSYBOX_BANNER));
        return 0;
    };
    match find(&name).filter(|tool| tool.home != Home::Gnu) {
        Some(tool) => {
            *context.process().arguments.borrow_mut() = words.into();
            (tool.run)(context).await
        }
        None => {
            context.complain(format!("{name}: applet not found\n"));
            127
        }
    }
}
