//! `awk`
//!
//! A program is compiled to instructions for a small stack machine, so that it can stop anywhere
//! to wait for input, a command or virtual time.
//!
//! Deliberately missing: the transcendental functions, whose last digits differ between
//! machines.

mod compile;
mod expression;
mod format;
mod functions;
mod input;
mod lexer;
mod machine;
mod value;

use crate::context::Context;
use crate::tools::{Options, TOOL as DEFAULTS, Tool};
use machine::Machine;

pub(crate) const TOOL: Tool = Tool {
    name: "awk",
    aliases: &["mawk"],
    usage: "[-F SEP] [-v VAR=VAL]... [-f FILE]... [AWK_PROGRAM] [FILE]...",
    about: "",
    options: "+ F,field-separator: v,assign: f,file: !W:",
    misuse: 2,
    run: |context| Box::pin(run(context)),
    ..DEFAULTS
};

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let mut operands = options.operands.clone();
    let mut source = String::new();
    for path in options.values("f") {
        match context.read_operand_quietly(path).await {
            Ok(bytes) => {
                source.push_str(&crate::text::decode(&bytes));
                source.push('\n');
            }
            Err(error) => {
                context.fail(match context.is_busybox() {
                    true => format!("can't open '{path}': {error}"),
                    false => format!("couldn't open file {path}: {error}"),
                });
                return 2;
            }
        }
    }
    if !options.has("f") {
        if operands.is_empty() {
            if context.is_busybox() {
                context.complain(crate::tools::usage_text("awk"));
                return 1;
            }
            context.complain("Usage: mawk [Options] [Program] [file ...]\n");
            return 2;
        }
        source = operands.remove(0);
    }
    let program = match compile::compile(&source) {
        Ok(program) => program,
        Err(error) => {
            context.fail(match context.is_busybox() {
                true => format!("cmd. line:{}: {}", error.line, error.busybox_text()),
                false => format!("line {}: {}", error.line, error.text()),
            });
            return if context.is_busybox() { 1 } else { 2 };
        }
    };
    let mut machine = Machine::new(context.clone(), program, operands);
    if let Some(separator) = options.value("F") {
        let separator = if separator == "t" && context.is_busybox() { "\t" } else { separator };
        machine.assign_text("FS", separator);
    }
    for assignment in options.values("v") {
        match assignment.split_once('=') {
            Some((name, value)) => machine.assign_text(name, value),
            None => {
                context.fail(format!("improper assignment: -v {assignment}"));
                return 2;
            }
        }
    }
    machine.run().await
}
