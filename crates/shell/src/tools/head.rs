//! `head`

use super::{Options, Tool, count, input::Lines, input::or_stdin};
use crate::context::Context;
use crate::errno::Errno;
use crate::stream::Handle;

pub(crate) const TOOL: Tool = Tool {
    name: "head",
    usage: "[OPTIONS] [FILE]...",
    about: "Print first 10 lines of FILEs (or stdin). With more than one FILE, precede each with a filename header.",
    options: "n,lines: c,bytes: q,quiet,silent v,verbose !z,zero-terminated",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// `head -5` and `tail -5` are old ways of saying `-n 5`.
pub(super) fn modern(words: &[String]) -> Vec<String> {
    let mut words = words.to_vec();
    if let Some(first) = words.first_mut() {
        let digits = first.strip_prefix('-').unwrap_or_default();
        if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) {
            *first = format!("-n{digits}");
        }
    }
    words
}

async fn run(context: Context) -> i32 {
    let words = modern(&context.operands());
    let options = match Options::parse_words(&context, &TOOL, &words) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let in_bytes = options.last_of(&["n", "c"]) == Some("c");
    let text = options.value(if in_bytes { "c" } else { "n" }).unwrap_or("10");
    let (drops, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let Some(amount) = count::parse(digits) else {
        if context.is_busybox() {
            context.fail(format!("invalid number '{text}'"));
            return 1;
        }
        let what = if in_bytes { "bytes" } else { "lines" };
        context.fail(format!("invalid number of {what}: {}", context.quoted(text)));
        return 1;
    };
    let paths = or_stdin(&options.operands);
    let titled = match options.last_of(&["q", "v"]) {
        Some("q") => false,
        Some(_) => true,
        None => paths.len() > 1,
    };
    let mut status = 0;
    let mut first = true;
    for path in &paths {
        let stream = match context.open_input(path) {
            Ok(stream) => stream,
            Err(error) => {
                match context.is_busybox() {
                    true => context.fail(format!("{path}: {error}")),
                    false => context.fail(format!("cannot open '{path}' for reading: {error}")),
                }
                status = 1;
                continue;
            }
        };
        if titled {
            title(&context, path, &mut first);
        }
        let done = match (in_bytes, drops) {
            (_, true) => all_but(&context, stream, amount, in_bytes).await,
            (true, _) => bytes(&context, &stream, amount).await,
            (false, _) => lines(&context, stream, amount).await,
        };
        match done {
            Ok(()) => {}
            Err(error) if context.is_busybox() => {
                context.fail(format!("{path}: {error}"));
                status = 1;
            }
            Err(error) => {
                context.fail(format!("error reading '{path}': {error}"));
                status = 1;
            }
        }
    }
    status
}

/// `==> file <==`
pub(super) fn title(context: &Context, path: &str, first: &mut bool) {
    let gap = if std::mem::take(first) { "" } else { "\n" };
    let name = if path == "-" { "standard input" } else { path };
    context.put(format!("{gap}==> {name} <==\n"));
}

async fn bytes(context: &Context, stream: &Handle, amount: u64) -> Result<(), Errno> {
    let mut left = amount;
    while left > 0 {
        let piece = context.read_stream(stream, left.min(65_536) as usize).await?;
        if piece.is_empty() {
            break;
        }
        left -= piece.len() as u64;
        context.put(piece);
    }
    Ok(())
}

async fn lines(context: &Context, stream: Handle, amount: u64) -> Result<(), Errno> {
    let mut lines = Lines::new(context, stream);
    for _ in 0..amount {
        match lines.next().await? {
            Some(line) => context.put(line),
            None => break,
        }
    }
    // What was read too much goes back, so that the next program finds it.
    lines.give_back();
    Ok(())
}

async fn all_but(
    context: &Context,
    stream: Handle,
    amount: u64,
    in_bytes: bool,
) -> Result<(), Errno> {
    let bytes = context.read_to_end(&stream).await?;
    let amount = usize::try_from(amount).unwrap_or(usize::MAX);
    if in_bytes {
        context.put(bytes.get(..bytes.len().saturating_sub(amount)).unwrap_or_default());
        return Ok(());
    }
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for line in lines.iter().take(lines.len().saturating_sub(amount)) {
        context.put(*line);
    }
    Ok(())
}
