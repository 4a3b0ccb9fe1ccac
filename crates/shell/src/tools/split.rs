//! `split`

use super::{Options, Tool, count};
use crate::context::Context;

pub(crate) const TOOL: Tool = Tool {
    name: "split",
    usage: "[OPTIONS] [INPUT [PREFIX]]",
    about: "Split a file into pieces",
    options: "b,bytes: l,lines: a,suffix-length: d,numeric-suffixes:: n,number: !,additional-suffix: !,verbose",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// How many files one call may make.
const LIMIT_FILES: usize = 10_000;

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let path = options.operands.first().map_or("-", String::as_str);
    let prefix = options.operands.get(1).map_or("x", String::as_str);
    let bytes = match context.read_operand_quietly(path).await {
        Ok(bytes) => bytes,
        Err(error) => {
            context.fail(match context.is_busybox() {
                true => format!("can't open '{path}': {error}"),
                false => format!("cannot open '{path}' for reading: {error}"),
            });
            return 1;
        }
    };
    let number = |key: &str| options.value(key).and_then(count::parse).filter(|size| *size > 0);
    let pieces: Vec<Vec<u8>> = if let Some(size) = number("b") {
        bytes.chunks(size as usize).map(<[u8]>::to_vec).collect()
    } else if let Some(parts) = number("n") {
        let size = bytes.len().div_ceil(parts as usize).max(1);
        bytes.chunks(size).map(<[u8]>::to_vec).collect()
    } else {
        let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        lines.chunks(number("l").unwrap_or(1000) as usize).map(<[&[u8]]>::concat).collect()
    };
    let length = number("a").unwrap_or(2).min(10) as usize;
    if pieces.len() > LIMIT_FILES {
        context.fail("output file suffixes exhausted");
        return 1;
    }
    let radix = if options.has("d") { 10 } else { 26 };
    for (number, piece) in pieces.iter().enumerate() {
        let mut rest = number;
        let mut suffix = String::new();
        for _ in 0..length {
            let digit = (rest % radix) as u8;
            suffix.insert(0, char::from(if radix == 10 { b'0' + digit } else { b'a' + digit }));
            rest /= radix;
        }
        if rest > 0 {
            context.fail("output file suffixes exhausted");
            return 1;
        }
        let more = options.value("additional-suffix").unwrap_or_default();
        let name = format!("{prefix}{suffix}{more}");
        if let Err(error) = context.write_file(&name, piece) {
            context.fail(format!("{name}: {error}"));
            return 1;
        }
    }
    0
}
