//! `cat`

use super::{Options, Tool, input::Lines, input::or_stdin};
use crate::context::Context;
use crate::errno::Errno;
use crate::stream::Handle;

pub(crate) const TOOL: Tool = Tool {
    name: "cat",
    directory: "/bin",
    usage: "[-nbvteA] [FILE]...",
    about: "Print FILEs to stdout",
    options: "A,show-all b,number-nonblank e E,show-ends n,number s,squeeze-blank t T,show-tabs u v,show-nonprinting",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// How lines are shown, and where the numbering is.
#[derive(Default)]
struct Show {
    number: bool,
    number_nonblank: bool,
    ends: bool,
    tabs: bool,
    nonprinting: bool,
    squeeze: bool,
    line: u64,
    blank_before: bool,
    in_line: bool,
}

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let all = options.has("A");
    let mut show = Show {
        number: options.has("n"),
        number_nonblank: options.has("b"),
        ends: all || options.has("e") || options.has("E"),
        tabs: all || options.has("t") || options.has("T"),
        nonprinting: all || options.has("e") || options.has("t") || options.has("v"),
        squeeze: options.has("s"),
        ..Show::default()
    };
    let plain = !show.number
        && !show.number_nonblank
        && !show.ends
        && !show.tabs
        && !show.nonprinting
        && !show.squeeze;
    let mut status = 0;
    for path in or_stdin(&options.operands) {
        let copied = match context.open_input(&path) {
            Ok(stream) if is_own_output(&context, &stream) => {
                context.fail(format!("{path}: input file is output file"));
                status = 1;
                continue;
            }
            Ok(stream) if plain => copy(&context, &stream).await,
            Ok(stream) => show.lines(&context, stream).await,
            Err(error) => Err(error),
        };
        if let Err(error) = copied {
            context.cannot_open(&path, error);
            status = 1;
        }
        if context.flush().await.is_err() {
            return 1;
        }
    }
    status
}

/// Copying a file to its own end would not end.
fn is_own_output(context: &Context, stream: &Handle) -> bool {
    let Ok(output) = context.stream(1) else {
        return false;
    };
    match (stream.file(), output.file()) {
        (Some(input), Some(output)) => {
            input.is_same(output) && !input.is_empty() && input.offset() < output.len()
        }
        _ => false,
    }
}

async fn copy(context: &Context, stream: &Handle) -> Result<(), Errno> {
    loop {
        let bytes = context.read_stream(stream, 64 * 1024).await?;
        if bytes.is_empty() {
            return Ok(());
        }
        context.put(bytes);
    }
}

impl Show {
    async fn lines(&mut self, context: &Context, stream: Handle) -> Result<(), Errno> {
        let mut lines = Lines::new(context, stream);
        while let Some(line) = lines.next().await? {
            self.line(context, &line);
        }
        Ok(())
    }

    fn line(&mut self, context: &Context, line: &[u8]) {
        let (text, ended) = match line.strip_suffix(b"\n") {
            Some(text) => (text, true),
            None => (line, false),
        };
        let is_blank = text.is_empty() && !self.in_line;
        if is_blank && self.squeeze && self.blank_before {
            return;
        }
        self.blank_before = is_blank;
        let numbered = if self.number_nonblank { !is_blank } else { self.number };
        if numbered && !self.in_line {
            self.line += 1;
            context.put(format!("{:6}\t", self.line));
        }
        let mut shown = Vec::with_capacity(text.len());
        for byte in text {
            self.byte(*byte, &mut shown);
        }
        if ended {
            shown.extend_from_slice(if self.ends { b"$\n" } else { b"\n" });
        }
        self.in_line = !ended;
        context.put(shown);
    }

    fn byte(&self, byte: u8, shown: &mut Vec<u8>) {
        if byte == b'\t' {
            shown.extend_from_slice(if self.tabs { b"^I" } else { b"\t" });
            return;
        }
        if !self.nonprinting {
            shown.push(byte);
            return;
        }
        let mut low = byte;
        if byte >= 0x80 {
            shown.extend_from_slice(b"M-");
            low = byte & 0x7f;
        }
        match low {
            0..0x20 => shown.extend_from_slice(&[b'^', low + 0x40]),
            0x7f => shown.extend_from_slice(b"^?"),
            _ => shown.push(low),
        }
    }
}
