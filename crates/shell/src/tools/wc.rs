//! `wc`

use super::{Options, Tool, input::or_stdin};
use crate::context::Context;

pub(crate) const TOOL: Tool = Tool {
    name: "wc",
    usage: "[-cmlwL] [FILE]...",
    about: "Count lines, words, and bytes for FILEs (or stdin)",
    options: "c,bytes m,chars l,lines w,words L,max-line-length",
    run: |context| Box::pin(run(context)),
    ..super::TOOL
};

#[derive(Clone, Copy, Default)]
struct Counts {
    lines: u64,
    words: u64,
    chars: u64,
    bytes: u64,
    longest: u64,
}

async fn run(context: Context) -> i32 {
    let options = match Options::parse(&context, &TOOL) {
        Ok(options) => options,
        Err(status) => return status,
    };
    let keys = ["l", "w", "m", "c", "L"];
    let any = keys.iter().any(|key| options.has(key));
    let shows = |key: &str| if any { options.has(key) } else { matches!(key, "l" | "w" | "c") };
    let shown: Vec<&str> = keys.into_iter().filter(|key| shows(key)).collect();
    let mut results = Vec::new();
    let mut status = 0;
    let mut total = Counts::default();
    // GNU makes room for the size of the files, or for seven digits if it cannot know.
    let mut size = 0;
    let mut is_unknown = false;
    for path in or_stdin(&options.operands) {
        match count(&context, &path).await {
            Ok(counts) => {
                let metadata = match path.as_str() {
                    "-" => context.descriptor_metadata(0),
                    path => context.metadata(path, true),
                };
                match metadata {
                    Ok(metadata) if metadata.is_file() => size += metadata.size,
                    _ => is_unknown = true,
                }
                total = add(total, counts);
                results.push(Ok((counts, path)));
            }
            Err(error) => {
                status = 1;
                let is_directory = error == crate::Errno::EISDIR;
                is_unknown |= is_directory;
                results.push(Err((path.clone(), error)));
                if is_directory {
                    results.push(Ok((Counts::default(), path)));
                }
            }
        }
    }
    if options.operands.len() > 1 {
        results.push(Ok((total, "total".to_owned())));
    }
    let single = shown.len() == 1 && results.len() == 1;
    let width = match (context.is_busybox(), single) {
        (_, true) => 1,
        (true, _) => 9,
        (false, _) if is_unknown => 7,
        (false, _) => size.to_string().len(),
    };
    for result in results {
        let (counts, path) = match result {
            Ok(counted) => counted,
            Err((path, error)) => {
                context.cannot_open(&path, error);
                continue;
            }
        };
        let numbers: Vec<String> =
            shown.iter().map(|key| format!("{:width$}", counts.get(key))).collect();
        let name = match path.as_str() {
            "-" if options.operands.is_empty() => String::new(),
            path => format!(" {path}"),
        };
        context.put(format!("{}{name}\n", numbers.join(" ")));
    }
    status
}

async fn count(context: &Context, path: &str) -> Result<Counts, crate::Errno> {
    let stream = context.open_input(path)?;
    let mut counts = Counts::default();
    let (mut in_word, mut column) = (false, 0);
    loop {
        let bytes = context.read_stream(&stream, 65_536).await?;
        if bytes.is_empty() {
            break;
        }
        counts.bytes += bytes.len() as u64;
        for byte in bytes {
            // Bytes that go on a character do not count.
            if byte & 0xc0 == 0x80 {
                continue;
            }
            counts.chars += 1;
            let is_space = matches!(byte, b' ' | b'\t'..=b'\r');
            counts.words += u64::from(!is_space && !in_word);
            in_word = !is_space;
            match byte {
                b'\n' => {
                    counts.lines += 1;
                    column = 0;
                }
                b'\t' => column = (column / 8 + 1) * 8,
                b'\r' | 0xc => column = 0,
                _ => column += 1,
            }
            counts.longest = counts.longest.max(column);
        }
    }
    Ok(counts)
}

fn add(a: Counts, b: Counts) -> Counts {
    Counts {
        lines: a.lines + b.lines,
        words: a.words + b.words,
        chars: a.chars + b.chars,
        bytes: a.bytes + b.bytes,
        longest: a.longest.max(b.longest),
    }
}

impl Counts {
    fn get(&self, key: &str) -> u64 {
        match key {
            "l" => self.lines,
            "w" => self.words,
            "m" => self.chars,
            "c" => self.bytes,
            _ => self.longest,
        }
    }
}
