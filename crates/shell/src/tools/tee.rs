//! `tee`

use super::{Options, Tool};
use crate::context::Context;
use crate::fs::OpenOptions;

pub(crate) const TOOL: Tool = Tool {
    name: "tee",
    usage: "[-ai] [FILE]...",
    about: "Copy stdin to each FILE, and also to stdout",
    options: "a,append i,ignore-interrupts !p",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mode = if options.has("a") { OpenOptions::APPEND } else { OpenOptions::WRITE };
    let mut status = 0;
    let mut files = Vec::new();
    for path in &options.operands {
        match context.open(path, mode) {
            Ok(stream) => files.push((path.clone(), stream)),
            Err(error) => {
                context.cannot_open(path, error);
                status = 1;
            }
        }
    }
    loop {
        let bytes = context.read(0, 65_536).await.unwrap_or_default();
        if bytes.is_empty() {
            return status;
        }
        context.put(bytes.as_slice());
        let mut kept = Vec::new();
        for (path, stream) in files {
            match context.write_stream(&stream, &bytes).await {
                Ok(()) => kept.push((path, stream)),
                Err(error) => {
                    context.fail(format!("{path}: {error}"));
                    status = 1;
                }
            }
        }
        files = kept;
    }
}
