//! `true`, `false`, `sync`, `clear`: those that do next to nothing.

use super::Tool;

pub(crate) const TRUE: Tool =
    Tool { name: "true", directory: "/bin", run: |_| Box::pin(async { 0 }), ..super::TOOL };

pub(crate) const FALSE: Tool =
    Tool { name: "false", directory: "/bin", run: |_| Box::pin(async { 1 }), ..super::TOOL };

pub(crate) const SYNC: Tool =
    Tool { name: "sync", directory: "/bin", run: |_| Box::pin(async { 0 }), ..super::TOOL };

pub(crate) const CLEAR: Tool = Tool {
    name: "clear",
    about: "Clear screen",
    run: |context| {
        Box::pin(async move {
            context.put("\u{1b}[H\u{1b}[2J\u{1b}[3J");
            0
        })
    },
    ..super::TOOL
};
