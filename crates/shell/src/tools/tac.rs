//! `tac`

use super::{Options, Tool, input::or_stdin};
use crate::context::Context;

pub(crate) const TOOL: Tool = Tool {
    name: "tac",
    usage: "[FILE]...",
    about: "Concatenate FILEs and print them in reverse",
    options: "!b,before !r,regex !s,separator:",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut status = 0;
    for path in or_stdin(&options.operands) {
        let read = match context.open_input(&path) {
            Ok(stream) => context.read_to_end(&stream).await,
            Err(error) => Err(error),
        };
        match read {
            Ok(bytes) => {
                for line in bytes.split_inclusive(|byte| *byte == b'\n').rev() {
                    context.put(line);
                }
            }
            Err(error) if context.is_busybox() => {
                context.cannot_open(&path, error);
                status = 1;
            }
            Err(error) => {
                context.fail(format!("failed to open '{path}' for reading: {error}"));
                status = 1;
            }
        }
    }
    status
}
