//! `tail`

use super::head::{modern, title};
use super::{Options, Tool, count, duration, input::or_stdin};
use crate::context::Context;
use crate::errno::Errno;
use crate::stream::Handle;
use sim::Duration;
use std::collections::VecDeque;

pub(crate) const TOOL: Tool = Tool {
    name: "tail",
    usage: "[OPTIONS] [FILE]...",
    about: "Print last 10 lines of FILEs (or stdin) to. With more than one FILE, precede each with a filename header.",
    options: "n,lines: c,bytes: q,quiet,silent v,verbose f,follow:: F s,sleep-interval: !,retry !,pid: !z,zero-terminated",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

/// How much is kept of lines that never end; more only counts as memory.
const LIMIT_KEPT_BYTES: usize = 16 * 1024 * 1024;

/// Where to begin.
#[derive(Clone, Copy)]
enum From {
    /// So many from the end.
    End(u64),
    /// From this one, counted from 1.
    Start(u64),
}

struct Followed {
    path: String,
    stream: Handle,
    /// How much of the file was printed.
    seen: u64,
}

async fn run(context: Context) -> i32 {
    let words = modern(&context.operands());
    // `tail +5` likewise.
    let words: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(number, word)| match word.strip_prefix('+') {
            Some(digits) if number == 0 && digits.parse::<u64>().is_ok() => format!("-n+{digits}"),
            _ => word.clone(),
        })
        .collect();
    let options = match Options::parse_words(&context, &TOOL, &words) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let in_bytes = options.last_of(&["n", "c"]) == Some("c");
    let text = options.value(if in_bytes { "c" } else { "n" }).unwrap_or("10");
    let parsed = match text.strip_prefix('+') {
        Some(digits) => count::parse(digits).map(From::Start),
        None => count::parse(text.strip_prefix('-').unwrap_or(text)).map(From::End),
    };
    let Some(from) = parsed else {
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
    let (mut status, mut first) = (0, true);
    let mut followed = Vec::new();
    for path in &paths {
        match one(&context, path, from, in_bytes, titled, &mut first).await {
            Ok(stream) => {
                let seen = stream.file().map_or(0, |file| file.offset());
                followed.push(Followed { path: path.clone(), stream, seen });
            }
            Err(()) => status = 1,
        }
    }
    if context.is_busybox() && followed.is_empty() && !options.has("F") {
        context.fail("no files");
        return 1;
    }
    if options.has("f") || options.has("F") {
        let pause = options.value("s").and_then(duration::parse);
        let pause = pause.unwrap_or(Duration::from_secs(1)).max(Duration::from_millis(10));
        follow(&context, &paths, followed, pause, options.has("F"), titled).await;
    }
    status
}

async fn one(
    context: &Context,
    path: &str,
    from: From,
    in_bytes: bool,
    titled: bool,
    first: &mut bool,
) -> Result<Handle, ()> {
    let stream = match context.open_input(path) {
        Ok(stream) => stream,
        Err(error) => {
            match context.is_busybox() {
                true => context.cannot_open(path, error),
                false => context.fail(format!("cannot open '{path}' for reading: {error}")),
            }
            return Err(());
        }
    };
    if titled {
        title(context, path, first);
    }
    let done = match from {
        From::Start(start) => from_start(context, &stream, start, in_bytes).await,
        From::End(amount) if in_bytes => last_bytes(context, &stream, amount).await,
        From::End(amount) => last_lines(context, &stream, amount).await,
    };
    match done {
        Ok(()) => Ok(stream),
        Err(error) => {
            match context.is_busybox() {
                true => context.cannot_open(path, error),
                false => context.fail(format!("error reading '{path}': {error}")),
            }
            Err(())
        }
    }
}

async fn from_start(
    context: &Context,
    stream: &Handle,
    start: u64,
    in_bytes: bool,
) -> Result<(), Errno> {
    let mut skip = start.saturating_sub(1);
    loop {
        let bytes = context.read_stream(stream, 65_536).await?;
        if bytes.is_empty() {
            return Ok(());
        }
        let mut rest: &[u8] = &bytes;
        if in_bytes {
            let skipped = skip.min(rest.len() as u64);
            rest = rest.get(skipped as usize..).unwrap_or_default();
            skip -= skipped;
        } else {
            while skip > 0 && !rest.is_empty() {
                match rest.iter().position(|byte| *byte == b'\n') {
                    Some(end) => {
                        rest = rest.get(end + 1..).unwrap_or_default();
                        skip -= 1;
                    }
                    None => rest = &[],
                }
            }
        }
        context.put(rest);
    }
}

async fn last_bytes(context: &Context, stream: &Handle, amount: u64) -> Result<(), Errno> {
    let amount = usize::try_from(amount).unwrap_or(usize::MAX);
    let mut kept: VecDeque<u8> = VecDeque::new();
    loop {
        let bytes = context.read_stream(stream, 65_536).await?;
        if bytes.is_empty() {
            break;
        }
        kept.extend(bytes);
        let extra = kept.len().saturating_sub(amount.min(LIMIT_KEPT_BYTES));
        kept.drain(..extra);
    }
    context.put(Vec::from(kept));
    Ok(())
}

/// Keeps the last lines. A line that never ends, such as that of `/dev/zero`, grows until the
/// machine runs out of memory.
async fn last_lines(context: &Context, stream: &Handle, amount: u64) -> Result<(), Errno> {
    let amount = usize::try_from(amount).unwrap_or(usize::MAX);
    let mut lines: VecDeque<Vec<u8>> = VecDeque::new();
    let mut held = 0_u64;
    loop {
        let bytes = context.read_stream(stream, 65_536).await?;
        if bytes.is_empty() {
            break;
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            held += piece.len() as u64;
            match lines.back_mut() {
                Some(last) if !last.ends_with(b"\n") => {
                    if last.len() < LIMIT_KEPT_BYTES {
                        last.extend_from_slice(piece);
                    }
                }
                _ => lines.push_back(piece.to_vec()),
            }
            while lines.len() > amount {
                held -= lines.pop_front().map_or(0, |line| (line.len() as u64).min(held));
            }
        }
        context.set_memory(1024 * 1024 + held).await;
    }
    for line in lines {
        context.put(line);
    }
    Ok(())
}

/// Prints what is added to the files, for ever.
async fn follow(
    context: &Context,
    paths: &[String],
    mut followed: Vec<Followed>,
    pause: Duration,
    by_name: bool,
    titled: bool,
) {
    let mut last_title = followed.last().map(|last| last.path.clone()).unwrap_or_default();
    loop {
        context.sleep(pause).await;
        if by_name {
            reopen(context, paths, &mut followed);
        }
        for file in &mut followed {
            if let Some(open) = file.stream.file()
                && open.len() < file.seen
            {
                context.fail(format!("{}: file truncated", file.path));
                open.seek(0);
                file.seen = 0;
            }
            while let Ok(bytes) = file.stream.read(65_536) {
                if bytes.is_empty() {
                    break;
                }
                file.seen += bytes.len() as u64;
                if titled && last_title != file.path {
                    last_title.clone_from(&file.path);
                    title(context, &file.path, &mut false);
                }
                context.put(bytes);
                if context.flush_some().await.is_err() {
                    return;
                }
            }
        }
    }
}

/// `-F`: a file of the same name that is another one now is read from its start.
fn reopen(context: &Context, paths: &[String], followed: &mut Vec<Followed>) {
    for path in paths {
        let Ok(stream) = context.open_input(path) else {
            continue;
        };
        let old = followed.iter_mut().find(|file| file.path == *path);
        match old {
            None => {
                context.fail(format!("'{path}' has appeared;  following new file"));
                followed.push(Followed { path: path.clone(), stream, seen: 0 });
            }
            Some(old) => {
                let is_same = match (old.stream.file(), stream.file()) {
                    (Some(old), Some(new)) => old.is_same(new),
                    _ => true,
                };
                if !is_same {
                    context.fail(format!("'{path}' has been replaced;  following new file"));
                    (old.stream, old.seen) = (stream, 0);
                }
            }
        }
    }
}
